"""Reading a prompt: text in, what it asks for out. Pure; the words are in `words`.

Emphasis as in other prompt languages: `(word)` 1.1 times, `[word]` 0.9 times,
`(word:1.4)` as stated. `no clouds` and `without clouds` deny.
"""

import re
from functools import lru_cache
from hashlib import blake2b

import msgspec
import numpy as np

from actors.generator.painter.colour import Plane, lab_of_hex
from actors.generator.painter.scene import names
from actors.generator.painter.words import (
    COLOURS,
    HUES,
    LEXICON,
    NEGATING,
    STOP,
    STRONGER,
    WEAKER,
)

Lab = tuple[float, float, float]
Meanings = tuple[tuple[str, float], ...]

SENSES = 16
"""Length of the vector that stands for the meaning of words nobody explained."""

_TOKEN = re.compile(r"[^\W_]+(?:['_-][^\W_]+)*|[()\[\]]|:\d*\.?\d+|[,.;!?\n]")
_PAUSES = frozenset(",.;!?\n")
_LONGEST_PHRASE = 3
_REACH = 3  # words after `no` that are denied, words after a colour that it may colour


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a prompt asks for."""

    strengths: dict[str, float]
    """Element, time, season, mood or trait -> how strongly, 0 to 1.5."""

    denied: frozenset[str]
    """Elements that must not be drawn."""

    colours: tuple[Lab, ...]
    """OKLab colours for the whole picture."""

    bound: dict[str, Lab]
    """Element -> its own OKLab colour."""

    known: tuple[str, ...]
    """Words understood, in the prompt's order, each once."""

    strange: tuple[str, ...]
    """Words not understood."""


def _entry(line: str) -> Meanings:
    pairs = (part.split(":") for part in line.split())
    return tuple((name, float(strength)) for name, strength in pairs)


def _lab(code: str) -> Lab:
    lightness, a, b = lab_of_hex(code).tolist()
    return (lightness, a, b)


def _entries(text: str) -> list[tuple[str, list[str]]]:
    """Cut a table of `words` in lines: what stands before `=`, and the words after it."""
    made: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        head, equals, tail = line.partition(" = ")
        if equals:
            made.append((head, tail.split()))
        elif line.startswith(" "):
            made[-1][1].extend(line.split())
    return made


_MEANINGS: dict[str, Meanings] = {}
for _head, _words in _entries(LEXICON):
    for _word in _words:
        _MEANINGS.setdefault(_word, _entry(_head))
_COLOURS = {word: _lab(code) for code, words in _entries(COLOURS) for word in words}
_HUES = {
    word: (head.split()[0], _lab(head.split()[1]))
    for head, words in _entries(HUES)
    for word in words
}
_STRONGER, _WEAKER = frozenset(STRONGER.split()), frozenset(WEAKER.split())
_NEGATING, _STOP = frozenset(NEGATING.split()), frozenset(STOP.split())
_KNOWN = _MEANINGS.keys() | _COLOURS.keys()
_ENDINGS = tuple(
    tuple(pair.split(">"))
    for pair in names("ies>y ves>f es> s> y> ish> ed> ing> ing>e -like> en> ly>")
)


@lru_cache(maxsize=4096)
def stem(word: str) -> str | None:
    """Find the lexicon's form of a word, or None when it has none."""
    if word in _KNOWN:
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            shorter = word.removesuffix(ending) + instead
            if shorter in _KNOWN:
                return shorter
            if shorter[-1:] == shorter[-2:-1] and shorter[:-1] in _KNOWN:  # foggy, sunny
                return shorter[:-1]
    return None


def _weighed(text: str) -> list[tuple[str, float]]:
    """Cut a text in lower-case words and stops, with the emphasis of brackets."""
    out: list[tuple[str, float]] = []
    open_at: list[int] = []  # where each open bracket began
    stated = False  # the bracket said its own weight
    for mark in _TOKEN.findall(text.lower()):
        start, factor = len(out), 1.0
        if mark in "([":
            open_at.append(len(out))
        elif mark in ")]" and open_at:
            start, factor = open_at.pop(), 1.0 if stated else 1.1 if mark == ")" else 0.9
            stated = False
        elif mark[0] == ":" and open_at:
            start, factor, stated = open_at[-1], min(float(mark[1:]), 2.0), True
        elif mark[0].isalnum() or mark in _PAUSES:
            out += [(word, 1.0) for word in ([mark] if stem(mark) else mark.split("-"))]
        out[start:] = [(word, weight * factor) for word, weight in out[start:]]
    return [(word.removesuffix("'s"), weight) for word, weight in out]


class _Reader:
    """Walks through the words of one prompt once."""

    def __init__(self) -> None:
        self.strengths: dict[str, float] = {}
        self.denied: set[str] = set()
        self.colours: list[Lab] = []
        self.bound: dict[str, Lab] = {}
        self.known: list[str] = []
        self.strange: list[str] = []
        self._weight = 1.0  # of very, slightly ... until the next noun
        self._denying = 0  # words still to deny
        self._pending: list[tuple[Lab, int]] = []  # colours and words left to colour

    def walk(self, words: list[tuple[str, float]]) -> None:
        at = 0
        while at < len(words):
            at += self._take(words[at : at + _LONGEST_PHRASE])
        self._release()

    def _take(self, ahead: list[tuple[str, float]]) -> int:
        """Take the longest phrase that begins here; say how many words it had."""
        for length in range(len(ahead), 0, -1):
            phrase = "_".join(word for word, _ in ahead[:length])
            found = stem(phrase)
            if found is not None:
                self._meet(found, " ".join(phrase.split("_")), ahead[0][1])
                return length
        self._pass(ahead[0][0])
        return 1

    def _pass(self, word: str) -> None:
        if word in _NEGATING:
            self._denying = _REACH + 1
        elif not word[0].isalnum():
            self._denying, self._weight = 0, 1.0
            self._release()
        elif word not in _STOP and not self._modify(word):
            self.strange.append(word)
        self._age()

    def _modify(self, word: str) -> bool:
        if word in _STRONGER:
            self._weight = min(self._weight * 1.25, 1.5)
        elif word in _WEAKER:
            self._weight = max(self._weight * 0.65, 0.3)
        return word in _STRONGER or word in _WEAKER

    def _meet(self, entry: str, word: str, emphasis: float) -> None:
        self._modify(entry)
        if self._denying:
            self.denied.update(
                name for name, strength in _MEANINGS.get(entry, ())[:1] if strength
            )
            self._age()
            return
        if word not in self.known:
            self.known.append(word)
        if entry in _HUES:
            self.bound.setdefault(*_HUES[entry])
        if entry in _COLOURS:
            self._pending.append((_COLOURS[entry], _REACH))
        if entry in _MEANINGS:
            self._ask(_MEANINGS[entry], emphasis)
        self._age()

    def _ask(self, meanings: Meanings, emphasis: float) -> None:
        for name, strength in meanings:
            asked = min(strength * emphasis * self._weight, 1.5)
            self.strengths[name] = max(self.strengths.get(name, 0.0), asked)
        noun = meanings[0][0]
        if noun in COLOURABLE:
            self._weight = 1.0
            for colour, _ in self._pending[-1:]:
                self.bound[noun] = colour
            self.colours += [colour for colour, _ in self._pending[:-1]]
            self._pending = []

    def _age(self) -> None:
        self._denying = max(self._denying - 1, 0)
        for colour, left in self._pending:
            if left <= 0:
                self.colours.append(colour)
        self._pending = [(colour, left - 1) for colour, left in self._pending if left > 0]

    def _release(self) -> None:
        self.colours += [colour for colour, _ in self._pending]
        self._pending = []


COLOURABLE = frozenset(
    names("""
    sky sun moon stars clouds mountains hills dunes meadow ocean lake water flowers trees
    forest fire aurora galaxy mist glow mandala flower_of_life spiral rings polygons crystal
    fields flow marble snow sand grass fireflies lotus
""")
)
"""Elements that a colour before them colours."""


@lru_cache(maxsize=512)
def read(prompt: str) -> Reading:
    """Read a prompt; the same text gives the same (shared, frozen) reading."""
    reader = _Reader()
    reader.walk(_weighed(prompt))
    return Reading(
        strengths=reader.strengths,
        denied=frozenset(reader.denied),
        colours=tuple(reader.colours),
        bound=reader.bound,
        known=tuple(reader.known),
        strange=tuple(reader.strange),
    )


def _sense(word: str) -> Plane:
    """Turn a word into a stable direction, shape (SENSES,), each -1 to 1."""
    digest = blake2b(word.encode(), digest_size=2 * SENSES).digest()
    return (np.frombuffer(digest, "<u2") / 32767.5 - 1).astype(np.float32)


@lru_cache(maxsize=512)
def sense(prompt: str) -> Plane:
    """Place a prompt by its words, shape (SENSES,), each about -1 to 1.

    Texts that share words are near one another; strange words weigh most.
    """
    reading = read(prompt)
    parts = [(word, 1.0) for word in reading.strange]
    parts += [(word, 0.4) for word in reading.known]
    total = _sense("") * np.float32(0.05)
    for word, weight in parts:
        total = total + _sense(word) * np.float32(weight)
    total = total / np.float32(max(np.sqrt(sum(weight**2 for _, weight in parts)), 0.4))
    total.flags.writeable = False
    return total

"""The vocabulary: words with a place in the mood, loads of features and colours.

`vocabulary.toml` beside this module says what a word has. Once read, the words are rows
of matrices, so that weighing all of them costs a few numpy calls; the order of rows is
the file's, one kind after the other.
"""

import functools
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from actors.semantics.palette import oklab_of_hex
from protocols.errors import PhospheneError

FEATURES = ("delta", "theta", "alpha", "beta", "gamma", "asymmetry", "entropy")
"""What can move a word; the first five are `protocols.features.BANDS`, in order."""

KINDS = ("place", "light", "weather", "season", "form", "quality", "colour")

_FIELDS = {
    "word",
    "phrase",
    "arousal",
    "valence",
    "load",
    "colours",
    "family",
    "not_with",
}
_LEAST_OF_A_KIND = {"quality": 4, "colour": 4}
_FREE_FAMILIES = {"light": 1, "quality": 2, "colour": 2}
_MOST_COLOURS = 3


class VocabularyError(PhospheneError):
    """A vocabulary file has mistakes; the text names each with file, entry and field."""


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the vocabulary."""

    word: str
    kind: str
    phrase: str
    """How it stands in a prompt."""

    arousal: float
    valence: float
    load: Mapping[str, float]
    """By feature of `FEATURES`: logits a standard deviation."""

    colours: tuple[str, ...]
    """`#rrggbb`, first the strongest."""

    family: str
    not_with: tuple[str, ...]


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """All words, as rows. Read-only, shared by all sessions."""

    words: tuple[Word, ...]
    kinds: Mapping[str, range]
    """Rows of each kind."""

    mood: npt.NDArray[np.float64]
    """Arousal and valence, shape (words, 2)."""

    loads: npt.NDArray[np.float64]
    """Shape (words, len(FEATURES))."""

    oklab: tuple[npt.NDArray[np.float64], ...]
    """Colours of each word, each of shape (1 to 3, 3)."""

    excludes: tuple[frozenset[int], ...]
    """Rows that each row is never beside; symmetrical."""


def load_vocabulary(path: Path) -> Vocabulary:
    """Read a vocabulary file.

    Raises:
        VocabularyError: the file is missing, is not TOML, or has wrong entries; all
            mistakes at once, a line each, as `file: kind[entry] 'word': field: what`.
    """
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise VocabularyError(f"{path}: {error}") from error
    return vocabulary_of(data, where=str(path))


@functools.cache
def default_vocabulary() -> Vocabulary:
    """Give the vocabulary that comes with the program."""
    return load_vocabulary(Path(__file__).with_name("vocabulary.toml"))


def vocabulary_of(data: Mapping[str, Any], *, where: str) -> Vocabulary:
    """Make a vocabulary of a file's content.

    Args:
        data: lists of entries by kind.
        where: the file's name, for mistakes.

    Raises:
        VocabularyError: see `load_vocabulary`.
    """
    mistakes = [
        f"{where}: {kind}: no such kind; kinds are {', '.join(KINDS)}"
        for kind in data
        if kind not in KINDS
    ]
    words: list[Word] = []
    for kind in KINDS:
        entries = data.get(kind, [])
        least = _LEAST_OF_A_KIND.get(kind, 1)
        if not isinstance(entries, list) or len(entries) < least:
            mistakes.append(f"{where}: {kind}: at least {least} entries are needed")
            continue
        for number, entry in enumerate(entries, start=1):
            name = entry.get("word") if isinstance(entry, dict) else None
            at = f"{where}: {kind}[{number}] {name!r}"
            found = _entry_mistakes(entry)
            mistakes += [f"{at}: {mistake}" for mistake in found]
            if not found:
                words.append(_word_of(kind, entry))
    mistakes += [f"{where}: {mistake}" for mistake in _mistakes_between(words)]
    if mistakes:
        raise VocabularyError("\n".join(mistakes))
    return _as_rows(words)


def _entry_mistakes(entry: object) -> list[str]:
    if not isinstance(entry, dict):
        return ["must be a table"]
    mistakes = [f"{field}: no such field" for field in entry if field not in _FIELDS]
    for field, holds, what in _CHECKS:
        if not holds(entry.get(field)):
            mistakes.append(f"{field}: must be {what}, is {entry.get(field)!r}")
    return mistakes


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and value == value.strip()


def _is_unit(value: object) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and -1 <= value <= 1
    )


def _is_load(value: object) -> bool:
    return value is None or (
        isinstance(value, dict)
        and all(name in FEATURES and _is_unit(load) for name, load in value.items())
    )


def _is_hex(value: object) -> bool:
    if not (isinstance(value, str) and len(value) == len("#rrggbb") and value[0] == "#"):
        return False
    return set(value[1:].lower()) <= set("0123456789abcdef")


def _are_colours(value: object) -> bool:
    return (
        isinstance(value, list)
        and 1 <= len(value) <= _MOST_COLOURS
        and all(_is_hex(colour) for colour in value)
    )


def _are_texts(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(_is_text(v) for v in value))


_CHECKS: tuple[tuple[str, Callable[[object], bool], str], ...] = (
    ("word", _is_text, "a text"),
    ("phrase", lambda value: value is None or _is_text(value), "a text"),
    ("family", lambda value: value is None or _is_text(value), "a text"),
    ("arousal", _is_unit, "a number from -1 to 1"),
    ("valence", _is_unit, "a number from -1 to 1"),
    ("load", _is_load, f"numbers from -1 to 1 by feature ({', '.join(FEATURES)})"),
    ("colours", _are_colours, "one to three colours #rrggbb"),
    ("not_with", _are_texts, "a list of words"),
)


def _word_of(kind: str, entry: Mapping[str, Any]) -> Word:
    word = entry["word"]
    return Word(
        word=word,
        kind=kind,
        phrase=entry.get("phrase", word),
        arousal=float(entry["arousal"]),
        valence=float(entry["valence"]),
        load={name: float(load) for name, load in entry.get("load", {}).items()},
        colours=tuple(entry["colours"]),
        family=entry.get("family", word),
        not_with=tuple(entry.get("not_with", ())),
    )


def _mistakes_between(words: list[Word]) -> list[str]:
    mistakes = []
    seen: dict[str, str] = {}
    for word in words:
        if word.word in seen:
            mistakes.append(
                f"{word.kind} {word.word!r}: word: is already a {seen[word.word]}"
            )
        seen[word.word] = word.kind
    mistakes += [
        f"{word.kind} {word.word!r}: not_with: no word {other!r}"
        for word in words
        for other in word.not_with
        if other not in seen
    ]
    return mistakes + _starved(words)


def _starved(words: list[Word]) -> list[str]:
    """Find kinds of which, beside unlucky other words, nothing could be said."""
    bound = {other for word in words for other in word.not_with}
    mistakes = []
    for kind, least in _FREE_FAMILIES.items():
        families = {
            word.family
            for word in words
            if word.kind == kind and not word.not_with and word.word not in bound
        }
        if len(families) < least:
            mistakes.append(
                f"{kind}: words of at least {least} families must exclude nothing, "
                f"so that there is always one to say; here are {len(families)}"
            )
    return mistakes


def _as_rows(words: list[Word]) -> Vocabulary:
    row = {word.word: number for number, word in enumerate(words)}
    excludes: list[set[int]] = [set() for _ in words]
    for number, word in enumerate(words):
        for other in word.not_with:
            excludes[number].add(row[other])
            excludes[row[other]].add(number)
    kinds = {}
    for kind in KINDS:
        rows = [number for number, word in enumerate(words) if word.kind == kind]
        kinds[kind] = range(rows[0], rows[-1] + 1)
    mood = np.array([(word.arousal, word.valence) for word in words])
    loads = np.array([[word.load.get(name, 0.0) for name in FEATURES] for word in words])
    oklab = tuple(np.array([oklab_of_hex(c) for c in word.colours]) for word in words)
    for array in (mood, loads, *oklab):
        array.flags.writeable = False
    return Vocabulary(
        words=tuple(words),
        kinds=kinds,
        mood=mood,
        loads=loads,
        oklab=oklab,
        excludes=tuple(frozenset(rows) for rows in excludes),
    )

"""Concepts: how strongly every word speaks, which are taken, and why.

The strength of a word is a logistic function of a logit,

    logit = S - |m - p|^2 / (2 s^2) + load . x

with m the word's place in the mood, p the mood, x the deviations: the nearer and the
more its features deviate, the stronger. The mood is itself a sum of features' shares
(`actors.semantics.mood`), and |m - p|^2 can be written over those shares, so the logit's
change from the neutral state (x = 0) is an exact sum over features. A word's change of
weight is that sum times the mean slope of the logistic between both logits: exact again,
and what `Cause` reports. Nothing is fitted and no residual is spread.

Words do not flicker: a word is displaced only by one that leads by `MARGIN`, a noun at
most every `NOUN_S` seconds, a quality or colour at most every `ADJECTIVE_S`.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import msgspec
import numpy as np

from actors.semantics.mood import Deviations, MoodPoint
from actors.semantics.vocabulary import FEATURES, Vocabulary
from protocols.meaning import Cause, Concept

SPREAD2 = 0.35
"""Square of s: how far a word is heard, in units of the mood's axes."""

STRENGTH = 1.5
"""S: logit of a word exactly at the mood, its features as usual."""

MARGIN = 0.5
"""Logits by which a word must lead to displace another."""

NOUN_S = 3.0
ADJECTIVE_S = 2.0

NOUNS = ("place", "light", "weather", "season", "form")
ADJECTIVES = ("quality", "colour")
SILENCE = {"weather": 0.7, "season": 1.3, "form": 1.1}
"""Logit that a word of these kinds must lead, else nothing is said of the kind."""

NOTHING = -1
"""Stands for a row where a kind is silent."""

_SMALL = 1e-9
_NO_CHANGE = 0.01


class Weighing(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """All words, weighed."""

    logits: list[float]
    """By row of the vocabulary."""

    mood: MoodPoint
    """At which they were weighed."""

    x: Deviations
    """Likewise."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The words that are said. Rows of the vocabulary, `NOTHING` for silence."""

    nouns: tuple[int, ...]
    """One for each of `NOUNS`."""

    adjectives: tuple[tuple[int, int], ...]
    """Two for each of `ADJECTIVES`, first the stronger."""

    noun_at: float
    """Clock time of the last change of a noun."""

    adjective_at: tuple[float, ...]
    """The same for each of `ADJECTIVES`."""

    def rows(self) -> list[int]:
        """All rows that are said, nouns first."""
        said = [row for row in self.nouns if row != NOTHING]
        return said + [row for pair in self.adjectives for row in pair]


class Scales:
    """Weighs the words of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        pull = vocabulary.mood / SPREAD2
        distance2 = (vocabulary.mood**2).sum(axis=1)
        neutral = STRENGTH - distance2 / (2.0 * SPREAD2)
        self._neutral_logits: list[float] = neutral.tolist()
        self._neutral_weights = [logistic(logit) for logit in self._neutral_logits]
        # Times mood, deviations, 1 and half the mood's square: the logits of all words.
        ones = np.ones(len(neutral))
        self._table = np.column_stack(
            (pull, vocabulary.loads, neutral, -ones / (2.0 * SPREAD2))
        )
        self._pull: list[tuple[float, float]] = [(a, v) for a, v in pull.tolist()]
        self._loads = [
            [(FEATURES.index(name), load) for name, load in word.load.items()]
            for word in vocabulary.words
        ]

    def weigh(self, mood: MoodPoint, x: Deviations) -> Weighing:
        """Weigh all words at a mood and the deviations that it is made of."""
        arousal, valence = mood.point
        square = arousal * arousal + valence * valence
        of_all = self._table @ np.array([arousal, valence, *x.tolist(), 1.0, square])
        return Weighing(logits=of_all.tolist(), mood=mood, x=x)

    def explain(
        self, choice: Choice, weighing: Weighing, *, unit: str = "SD", x: Deviations
    ) -> tuple[tuple[Concept, ...], tuple[Cause, ...]]:
        """Say how strong the chosen words are and which feature made how much of it.

        Args:
            choice: the words that are said.
            weighing: where their strength comes from.
            unit: what a deviation of 1 is called.
            x: the deviations that were weighed.

        Returns:
            Concepts, strongest first, and causes: for each word, the changes of all its
            features sum to its weight minus its neutral weight.
        """
        logits = weighing.logits
        rows = sorted(choice.rows(), key=logits.__getitem__, reverse=True)
        figures = x.tolist()
        moved = [number for number, value in enumerate(figures) if value != 0.0]
        weights = [logistic(logits[row]) for row in rows]
        changes = self._changes(rows, weights, weighing)
        words = [self._vocabulary.words[row].word for row in rows]
        concepts = [
            Concept(word=word, weight=weight, because=_because(its, figures, unit))
            for word, weight, its in zip(words, weights, changes, strict=True)
        ]
        causes = [
            Cause(feature=FEATURES[number], word=word, change=its[number])
            for word, its in zip(words, changes, strict=True)
            for number in moved
        ]
        return tuple(concepts), tuple(causes)

    def _changes(
        self, rows: list[int], weights: list[float], weighing: Weighing
    ) -> list[list[float]]:
        """Say of each word how far each feature has moved its weight.

        A dozen words are too few for arrays: floats take half of their time.
        """
        arousal, valence = (at / (2.0 * SPREAD2) for at in weighing.mood.point)
        shares, figures = weighing.mood.shares, weighing.x.tolist()
        changes = []
        for row, weight in zip(rows, weights, strict=True):
            slope = self._mean_slope(row, weighing.logits[row], weight)
            to_arousal = (self._pull[row][0] - arousal) * slope
            to_valence = (self._pull[row][1] - valence) * slope
            its = [to_arousal * one + to_valence * other for one, other in shares]
            for number, load in self._loads[row]:
                its[number] += slope * load * figures[number]
            changes.append(its)
        return changes

    def neutral_weight(self, row: int) -> float:
        """Give the weight of a word while every feature is as usual."""
        return self._neutral_weights[row]

    def _mean_slope(self, row: int, logit: float, weight: float) -> float:
        neutral = self._neutral_weights[row]
        run = logit - self._neutral_logits[row]
        if abs(run) > _SMALL:
            return (weight - neutral) / run
        return neutral * (1.0 - neutral)


@lru_cache(maxsize=4)
def scales(vocabulary: Vocabulary) -> Scales:
    """Give the scales of a vocabulary; they have no state and are shared by all."""
    return Scales(vocabulary)


def logistic(logit: float) -> float:
    """Give the weight of a logit, 0 to 1."""
    return 1.0 / (1.0 + math.exp(-logit))


def _because(changes: list[float], figures: list[float], unit: str) -> str:
    best = max(changes)
    if best < _NO_CHANGE:
        return "no feature raises it"
    number = changes.index(best)
    return f"{FEATURES[number]} {figures[number]:+.1f} {unit}"


def choose(
    vocabulary: Vocabulary, logits: Sequence[float], before: Choice | None, at: float
) -> Choice:
    """Choose the words to say.

    Args:
        vocabulary: where the words are.
        logits: by row.
        before: what was said until now; None at the beginning.
        at: clock time, seconds.

    Returns:
        The new choice; `before` itself when nothing changes.
    """
    if before is None:
        nouns = _complete(vocabulary, logits, (None,) * len(NOUNS))
        pairs = tuple(
            _fresh_pair(vocabulary, logits, kind, nouns, ()) for kind in ADJECTIVES
        )
        return Choice(
            nouns=nouns, adjectives=pairs, noun_at=at, adjective_at=(at,) * len(pairs)
        )
    choice = before
    if at - choice.noun_at >= NOUN_S:
        choice = _change_noun(vocabulary, logits, choice, at)
    for number in range(len(ADJECTIVES)):
        choice = _change_adjective(vocabulary, logits, choice, number, at)
    return choice


def _allowed(vocabulary: Vocabulary, row: int, said: Sequence[int]) -> bool:
    excluded = vocabulary.excludes[row]
    return not excluded or excluded.isdisjoint(said)


def _best(
    vocabulary: Vocabulary, logits: Sequence[float], kind: str, said: Sequence[int]
) -> int:
    rows = vocabulary.kinds[kind]
    best = max(rows, key=logits.__getitem__)
    if not _allowed(vocabulary, best, said):
        fit = [row for row in rows if _allowed(vocabulary, row, said)]
        best = max(fit, key=logits.__getitem__, default=NOTHING)
    silence = SILENCE.get(kind)
    if best == NOTHING or (silence is not None and logits[best] < silence):
        return NOTHING
    return best


def _strength(logits: Sequence[float], kind: str, row: int) -> float:
    return SILENCE.get(kind, -math.inf) if row == NOTHING else logits[row]


def _complete(
    vocabulary: Vocabulary, logits: Sequence[float], wanted: Sequence[int | None]
) -> tuple[int, ...]:
    """Fill the nouns that are None with the best that goes with those before them."""
    nouns: list[int] = []
    for kind, row in zip(NOUNS, wanted, strict=True):
        fits = row is not None and (row == NOTHING or _allowed(vocabulary, row, nouns))
        nouns.append(
            row if fits and row is not None else _best(vocabulary, logits, kind, nouns)
        )
    return tuple(nouns)


def _change_noun(
    vocabulary: Vocabulary, logits: Sequence[float], choice: Choice, at: float
) -> Choice:
    """Change the one noun that is furthest behind, if any is by `MARGIN`."""
    widest, change = MARGIN, None
    for slot, (kind, row) in enumerate(zip(NOUNS, choice.nouns, strict=True)):
        best = _best(vocabulary, logits, kind, choice.nouns[:slot])
        lead = _strength(logits, kind, best) - _strength(logits, kind, row)
        if best != row and lead > widest:
            widest, change = lead, (slot, best)
    if change is None:
        return choice
    wanted = list(choice.nouns)
    wanted[change[0]] = change[1]
    nouns = _complete(vocabulary, logits, wanted)
    # What the new noun excludes goes at once: the prompt must not contradict itself.
    pairs = tuple(
        pair
        if all(_allowed(vocabulary, row, nouns) for row in pair)
        else _fresh_pair(vocabulary, logits, kind, nouns, pair)
        for kind, pair in zip(ADJECTIVES, choice.adjectives, strict=True)
    )
    return msgspec.structs.replace(choice, nouns=nouns, adjectives=pairs, noun_at=at)


def _fresh_pair(
    vocabulary: Vocabulary,
    logits: Sequence[float],
    kind: str,
    said: Sequence[int],
    keep: Sequence[int],
) -> tuple[int, int]:
    """Choose two words of different families, keeping those of `keep` that are allowed."""
    words = vocabulary.words
    ranked = sorted(
        (row for row in vocabulary.kinds[kind] if _allowed(vocabulary, row, said)),
        key=lambda row: (row not in keep, -logits[row]),
    )
    first = ranked[0]
    second = next(
        row
        for row in ranked[1:]
        if words[row].family != words[first].family and _allowed(vocabulary, row, (first,))
    )
    return (first, second) if logits[first] >= logits[second] else (second, first)


def _change_adjective(
    vocabulary: Vocabulary, logits: Sequence[float], choice: Choice, number: int, at: float
) -> Choice:
    """Displace the weaker word of a pair, or else the stronger, or swap them."""
    if at - choice.adjective_at[number] < ADJECTIVE_S:
        return choice
    pair = choice.adjectives[number]
    rows = vocabulary.kinds[ADJECTIVES[number]]
    new = _displaced(vocabulary, logits, rows, pair, choice.nouns)
    if logits[new[1]] > logits[new[0]] + MARGIN:
        new = (new[1], new[0])
    if new == pair:
        return choice
    pairs = (*choice.adjectives[:number], new, *choice.adjectives[number + 1 :])
    times = (*choice.adjective_at[:number], at, *choice.adjective_at[number + 1 :])
    return msgspec.structs.replace(choice, adjectives=pairs, adjective_at=times)


def _displaced(
    vocabulary: Vocabulary,
    logits: Sequence[float],
    rows: range,
    pair: tuple[int, int],
    nouns: Sequence[int],
) -> tuple[int, int]:
    words = vocabulary.words
    weaker_first = (1, 0) if logits[pair[1]] <= logits[pair[0]] else (0, 1)
    for slot in weaker_first:
        bar = logits[pair[slot]] + MARGIN
        stay = pair[1 - slot]
        said = (*nouns, stay)
        fit = [
            row
            for row in rows
            if logits[row] > bar
            and row not in pair
            and words[row].family != words[stay].family
            and _allowed(vocabulary, row, said)
        ]
        if fit:
            best = max(fit, key=logits.__getitem__)
            return (pair[0], best) if slot else (best, pair[1])
    return pair

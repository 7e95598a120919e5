"""Concepts: weights and their causes, and words that do not flicker."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from actors.semantics.concepts import (
    ADJECTIVE_S,
    MARGIN,
    NOTHING,
    NOUN_S,
    Choice,
    Scales,
    choose,
)
from actors.semantics.engine import think
from actors.semantics.mood import LIMIT_SD
from actors.semantics.vocabulary import FEATURES, default_vocabulary

WORDS = default_vocabulary()
SCALES = Scales(WORDS)
deviations_of_any_size = st.lists(
    st.floats(-LIMIT_SD, LIMIT_SD), min_size=len(FEATURES), max_size=len(FEATURES)
).map(np.array)


def x_at(arousal: float, valence: float) -> np.ndarray:
    push = np.arctanh(arousal)
    z = {
        "beta": push,
        "alpha": -push,
        "theta": -push,
        "asymmetry": 1.5 * np.arctanh(valence),
    }
    return np.array([float(z.get(name, 0.0)) for name in FEATURES])


def said(choice: Choice) -> set[str]:
    return {WORDS.words[row].word for row in choice.rows()}


def words_at(arousal: float, valence: float) -> set[str]:
    return said(choose(WORDS, logits_of(x_at(arousal, valence)), None, 0.0))


def logits_of(x: np.ndarray) -> list[float]:
    return think(SCALES, x).weighing.logits


def row(word: str) -> int:
    return next(n for n, entry in enumerate(WORDS.words) if entry.word == word)


@settings(max_examples=60, deadline=None)
@given(deviations_of_any_size)
def test_the_causes_of_a_word_sum_to_its_change_of_weight(x: np.ndarray) -> None:
    thought = think(SCALES, x)
    choice = choose(WORDS, thought.weighing.logits, None, 0.0)

    concepts, causes = SCALES.explain(choice, thought.weighing, x=x)

    for concept in concepts:
        changes = [cause.change for cause in causes if cause.word == concept.word]
        change = concept.weight - SCALES.neutral_weight(row(concept.word))
        assert sum(changes) == pytest.approx(change, abs=1e-9)
        assert all(-1.0 <= part <= 1.0 for part in changes)


def test_a_feature_that_is_as_usual_moves_no_word() -> None:
    x = x_at(0.0, 0.6)
    thought = think(SCALES, x)
    choice = choose(WORDS, thought.weighing.logits, None, 0.0)

    concepts, causes = SCALES.explain(choice, thought.weighing, x=x)

    assert {cause.feature for cause in causes} == {"asymmetry"}
    assert any(concept.because.startswith("asymmetry +1.0 SD") for concept in concepts)


def test_the_strongest_word_comes_first() -> None:
    thought = think(SCALES, x_at(0.5, -0.5))
    choice = choose(WORDS, thought.weighing.logits, None, 0.0)

    concepts, _ = SCALES.explain(choice, thought.weighing, x=thought.x)

    weights = [concept.weight for concept in concepts]
    assert weights == sorted(weights, reverse=True)


@pytest.mark.parametrize("feature", [0, 1, 4, 6])
def test_a_feature_outside_the_mood_still_changes_words(feature: int) -> None:
    x = np.zeros(len(FEATURES))
    x[feature] = 2.5

    assert said(choose(WORDS, logits_of(x), None, 0.0)) != words_at(0.0, 0.0)


def test_opposite_moods_share_no_word() -> None:
    for arousal, valence in ((0.7, 0.7), (0.7, -0.7), (0.8, 0.0), (0.0, 0.8)):
        assert not words_at(arousal, valence) & words_at(-arousal, -valence)


def test_two_different_moods_give_visibly_different_words() -> None:
    steps = (-0.8, -0.4, 0.0, 0.4, 0.8)
    grid = {mood: words_at(*mood) for mood in itertools.product(steps, steps)}

    for (mood, words), (other, others) in itertools.combinations(grid.items(), 2):
        apart = float(np.hypot(mood[0] - other[0], mood[1] - other[1]))
        shared = len(words & others) / len(words | others)
        assert words != others
        if apart > 0.75:
            assert shared <= 0.3, (mood, other, words & others)


@settings(max_examples=100, deadline=None)
@given(st.lists(deviations_of_any_size, min_size=2, max_size=4))
def test_what_is_said_never_contradicts_itself(moments: list[np.ndarray]) -> None:
    choice = None
    for number, x in enumerate(moments):
        choice = choose(WORDS, logits_of(x), choice, 5.0 * number)

        rows = choice.rows()
        assert len(set(rows)) == len(rows)
        for one in rows:
            assert WORDS.excludes[one].isdisjoint(rows)
        for first, second in choice.adjectives:
            assert WORDS.words[first].family != WORDS.words[second].family
        assert choice.nouns[0] != NOTHING
        assert choice.nouns[1] != NOTHING


@pytest.mark.parametrize(("lead", "moves"), [(0.9 * MARGIN, False), (1.1 * MARGIN, True)])
def test_only_a_lead_over_the_margin_displaces(lead: float, *, moves: bool) -> None:
    logits = [-5.0] * len(WORDS.words)
    for word in ("lake", "dawn", "calm", "deep", "blue", "silver"):
        logits[row(word)] = 1.0
    before = choose(WORDS, logits, None, 0.0)
    for word in ("ocean", "stars", "luminous", "violet"):
        logits[row(word)] = 1.0 + lead

    after = choose(WORDS, logits, before, 60.0)

    assert (after is not before) is moves


def test_one_noun_changes_at_a_time_and_three_seconds_pass_between() -> None:
    before = choose(WORDS, logits_of(x_at(-0.8, 0.0)), None, 0.0)
    excited = logits_of(x_at(0.8, 0.0))

    changed_at, choice = [], before
    for step in range(1, 400):
        at = step * 0.1
        after = choose(WORDS, excited, choice, at)
        if after.nouns != choice.nouns:
            changed_at.append(at)
        choice = after

    assert changed_at[0] == pytest.approx(NOUN_S)
    assert np.diff(changed_at).min() >= NOUN_S - 1e-6
    assert said(choice) == words_at(0.8, 0.0)


def test_qualities_change_before_the_place_may() -> None:
    before = choose(WORDS, logits_of(x_at(-0.6, 0.4)), None, 0.0)

    after = choose(WORDS, logits_of(x_at(0.8, 0.4)), before, ADJECTIVE_S)

    assert after.nouns == before.nouns
    assert after.adjectives != before.adjectives


def test_a_new_place_takes_away_what_it_excludes() -> None:
    logits = [-5.0] * len(WORDS.words)
    for word in ("glacier", "dawn", "snow", "still", "deep", "blue", "indigo"):
        logits[row(word)] = 1.0
    before = choose(WORDS, logits, None, 0.0)
    logits[row("jungle")] = 9.0

    after = choose(WORDS, logits, before, NOUN_S)

    assert "snow" in said(before)
    assert "jungle" in said(after)
    assert "snow" not in said(after)


def test_nothing_said_of_a_kind_is_better_than_a_weak_word() -> None:
    logits = [-5.0] * len(WORDS.words)

    choice = choose(WORDS, logits, None, 0.0)

    assert choice.nouns[2:] == (NOTHING, NOTHING, NOTHING)

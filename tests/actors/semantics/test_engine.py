"""The engine: steady under noise, smooth under change, the same twice."""

import itertools

import numpy as np
import pytest

from actors.semantics.engine import Engine, waiting
from actors.semantics.vocabulary import FEATURES, default_vocabulary
from protocols.meaning import Meaning
from tests.actors.semantics.windows import deviating, window

CALM, EXCITED = deviating(-0.7, 0.5), deviating(0.7, -0.5)


def engine() -> Engine:
    return Engine(default_vocabulary())


def sitting(moods: list[dict[str, float]]) -> list[Meaning]:
    """Ten windows a second."""
    ours = engine()
    return [ours.meaning_of(window(100.0 + 0.1 * n, z), 0.0) for n, z in enumerate(moods)]


def noisy(mood: dict[str, float], windows: int, seed: int) -> list[dict[str, float]]:
    """Deviations as 2 s windows give them: half an SD of noise, alike over 2 s."""
    rng = np.random.default_rng(seed)
    white = rng.standard_normal((windows + 20, len(FEATURES)))
    box = np.stack([white[n : n + 20].sum(axis=0) for n in range(windows)]) / np.sqrt(20)
    return [
        {name: mood.get(name, 0.0) + 0.5 * float(row[k]) for k, name in enumerate(FEATURES)}
        for row in box
    ]


def words(meaning: Meaning) -> set[str]:
    return {concept.word for concept in meaning.concepts}


@pytest.mark.parametrize("mood", [CALM, EXCITED, {}], ids=["calm", "excited", "usual"])
def test_a_steady_mood_gives_a_steady_prompt_under_noise(mood: dict[str, float]) -> None:
    meanings = sitting(noisy(mood, 400, seed=1))[100:]

    changes = sum(a.prompt != b.prompt for a, b in itertools.pairwise(meanings))
    kept = set.intersection(*(words(meaning) for meaning in meanings))

    assert changes <= 10  # in 30 s, of 300 windows
    assert len(kept) >= 3


def test_the_same_features_twice_mean_the_same() -> None:
    one, other = (sitting(noisy(CALM, 100, 3)) for _ in range(2))

    assert [m.prompt for m in one] == [m.prompt for m in other]
    assert one[-1].palette == other[-1].palette
    assert one[-1].causes == other[-1].causes


def test_two_moods_end_with_no_word_in_common() -> None:
    assert not words(sitting([CALM] * 50)[-1]) & words(sitting([EXCITED] * 50)[-1])


def test_a_sudden_change_moves_everything_smoothly() -> None:
    meanings = sitting([CALM] * 50 + [EXCITED] * 150)

    for before, after in itertools.pairwise(meanings):
        assert abs(after.arousal.value - before.arousal.value) < 0.1
        assert abs(after.motion - before.motion) < 0.08
        step = np.abs(np.array(after.palette) - np.array(before.palette)).max()
        assert step < 0.15
    assert meanings[-1].arousal.value > 0.6
    assert meanings[49].arousal.value < -0.6


def test_a_change_is_seen_in_the_words_within_three_seconds() -> None:
    meanings = sitting([CALM] * 50 + [EXCITED] * 30)

    assert len(words(meanings[49]) - words(meanings[-1])) >= 3


def test_a_minute_of_silence_does_not_jump() -> None:
    ours = engine()
    before = ours.meaning_of(window(100.0, CALM), 0.0)

    after = ours.meaning_of(window(165.0, EXCITED), 0.0)

    assert abs(after.arousal.value - before.arousal.value) < 0.5


def test_calm_is_still_and_excitement_moves() -> None:
    calm, excited = sitting([CALM] * 50)[-1], sitting([EXCITED] * 50)[-1]

    assert 0.0 <= calm.motion < 0.15
    assert 0.6 < excited.motion <= 1.0


def test_before_the_baseline_the_norms_drive_and_say_so() -> None:
    ours = engine()
    strong_alpha = (0.20, 0.10, 0.60, 0.08, 0.02)

    meaning = ours.meaning_of(window(relative=strong_alpha, baseline=0.1), 0.0)

    assert meaning.arousal.value < -0.3
    assert meaning.driven
    assert any(c.because.endswith("SD (norms)") for c in meaning.concepts)


def test_the_end_of_the_baseline_does_not_jump() -> None:
    ours = engine()
    strong_alpha = (0.20, 0.10, 0.60, 0.08, 0.02)
    before = ours.meaning_of(window(100.0, relative=strong_alpha, baseline=0.99), 0.0)

    own = dict.fromkeys(FEATURES, 0.0)
    after = ours.meaning_of(window(100.1, own, relative=strong_alpha), 0.0)

    assert abs(after.arousal.value - before.arousal.value) < 0.05


def test_without_a_frontal_pair_only_valence_is_missing() -> None:
    ours = engine()

    meaning = ours.meaning_of(window(z=EXCITED, asymmetry=None), 0.0)

    assert (meaning.valence.value, meaning.valence.confidence) == (0.0, 0.0)
    assert "no frontal pair" in meaning.valence.formula
    assert meaning.arousal.value > 0.5
    assert "asymmetry" not in {cause.feature for cause in meaning.causes}


def test_stamps_and_provenance_are_carried_through() -> None:
    features = window(100.0, CALM)

    meaning = engine().meaning_of(features, 100.004)

    stamps = (meaning.captured_at, meaning.read_at, meaning.cleaned_at, meaning.encoded_at)
    assert stamps == (100.0, 100.001, 100.002, 100.003)
    assert meaning.meant_at == 100.004
    assert meaning.device == "simulator"
    assert meaning.vector is features.vector
    assert meaning.features["alpha"] == pytest.approx(0.25)
    assert meaning.features["z_alpha"] > 0.5


def test_five_colours_that_a_screen_can_show() -> None:
    palette = sitting([CALM] * 5)[-1].palette

    assert len(palette) == 5
    assert all(0.0 <= value <= 1.0 for colour in palette for value in colour)


def test_waiting_is_driven_by_nothing_and_says_so() -> None:
    meaning = waiting(7.0)

    assert not meaning.driven
    assert meaning.confidence == meaning.arousal.confidence == 0.0
    assert meaning.concepts == ()
    assert "waiting" in meaning.prompt
    assert meaning.motion <= 0.1

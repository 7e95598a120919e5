"""Mood: what drives it, what it is called, and what it does without an electrode."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from actors.semantics.mood import (
    LIMIT_SD,
    NORMS,
    axes,
    deviations,
    measured,
    mood_of,
    pair_quality,
)
from actors.semantics.vocabulary import FEATURES
from protocols.eeg import ChannelQuality, ContactState
from tests.actors.semantics.windows import GOOD, window, with_quality

FLAT = ChannelQuality(state=ContactState.FLAT, index=0.0, reason="flat")
NORMAL = {
    name: float(np.exp(mean)) if name not in {"asymmetry", "entropy"} else mean
    for name, (mean, _) in NORMS.items()
}


def x_of(**z: float) -> np.ndarray:
    return np.array([z.get(name, 0.0) for name in FEATURES])


def test_beta_raises_arousal_and_alpha_and_theta_lower_it() -> None:
    rest = mood_of(x_of()).point[0]

    assert rest == 0.0
    assert mood_of(x_of(beta=1.0)).point[0] > 0.4
    assert mood_of(x_of(alpha=1.0)).point[0] < -0.2
    assert mood_of(x_of(theta=1.0)).point[0] < -0.2


def test_more_alpha_on_the_right_raises_valence_and_only_valence() -> None:
    arousal, valence = mood_of(x_of(asymmetry=1.0)).point

    assert valence > 0.5
    assert arousal == 0.0


@given(st.lists(st.floats(-LIMIT_SD, LIMIT_SD), min_size=7, max_size=7))
def test_the_shares_of_the_features_sum_to_the_mood(z: list[float]) -> None:
    mood = mood_of(np.array(z))

    assert np.sum(mood.shares, axis=0) == pytest.approx(mood.point, abs=1e-12)
    assert np.all(np.abs(mood.point) <= 1.0)


def test_a_person_like_the_norms_deviates_by_nothing() -> None:
    assert deviations(NORMAL, {}, 0.0) == pytest.approx(np.zeros(7), abs=1e-9)


def test_without_a_baseline_the_norms_drive() -> None:
    strong_alpha = {**NORMAL, "alpha": NORMAL["alpha"] * 2.0}

    x = deviations(strong_alpha, {}, 0.0)

    assert x[FEATURES.index("alpha")] > 0.9


def test_own_deviations_take_over_as_the_baseline_fills() -> None:
    strong_alpha = {**NORMAL, "alpha": NORMAL["alpha"] * 2.0}
    own = dict.fromkeys(FEATURES, 0.0)

    sizes = [deviations(strong_alpha, own, b)[2] for b in (0.0, 0.5, 1.0)]

    assert sizes[0] > sizes[1] > sizes[2] == 0.0


def test_an_artefact_of_fifty_deviations_counts_as_two_and_a_half() -> None:
    x = deviations(NORMAL, {"gamma": 50.0}, 1.0)

    assert x[FEATURES.index("gamma")] == pytest.approx(LIMIT_SD, abs=1e-6)


def test_a_flat_channel_takes_no_part_even_if_its_powers_are_not_numbers() -> None:
    features = with_quality(window(), GOOD, FLAT, GOOD, GOOD)
    features.relative[1] = np.nan

    assert measured(features)["alpha"] == pytest.approx(0.25)


def test_no_usable_channel_leaves_only_what_needs_none() -> None:
    features = with_quality(window(), FLAT, FLAT, FLAT, FLAT)

    assert set(measured(features)) == {"entropy", "asymmetry"}


def test_valence_without_a_frontal_pair_is_nothing_and_says_so() -> None:
    x = deviations({**measured(window(asymmetry=None))}, {"asymmetry": 2.0}, 1.0)
    _, valence = axes(mood_of(x), confidence=1.0, pair=None, baseline=1.0)

    assert valence.value == 0.0
    assert valence.confidence == 0.0
    assert "no frontal pair" in valence.formula


def test_valence_is_never_as_sure_as_arousal_and_names_the_doubt() -> None:
    arousal, valence = axes(mood_of(x_of()), confidence=1.0, pair=1.0, baseline=1.0)

    assert 0.0 < valence.confidence < arousal.confidence < 1.0
    assert "weak" in valence.source


def test_confidence_follows_quality_and_baseline() -> None:
    def sure(confidence: float, baseline: float) -> float:
        mood = mood_of(x_of())
        arousal, _ = axes(mood, confidence=confidence, pair=1.0, baseline=baseline)
        return arousal.confidence

    assert sure(0.9, 1.0) > sure(0.9, 0.0) > sure(0.3, 0.0) > sure(0.0, 0.0) == 0.0


def test_the_pair_is_as_good_as_its_worse_half_and_the_best_pair_counts() -> None:
    poor = ChannelQuality(state=ContactState.NOISY, index=0.2, reason="hum")

    assert pair_quality(("Fp1", "Fp2"), (GOOD, poor)) == 0.2
    assert pair_quality(("Fp1", "Fp2", "F3", "F4"), (GOOD, poor, GOOD, GOOD)) == 0.9
    assert pair_quality(("EEG Fp1-REF", "EEG Fp2-REF"), (GOOD, poor)) == 0.2
    assert pair_quality(("O1", "O2"), (GOOD, GOOD)) is None

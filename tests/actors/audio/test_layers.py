"""Layers: the ears differ by what was asked for, and pulses are soft and in time."""

import msgspec
import numpy as np
import pytest

from actors.audio.layers import EDGE_S, other_ear, pulses
from actors.audio.voice import raw_voice
from protocols.sound import SFREQ, SoundConfig
from tests.actors.audio.measuring import strongest_hz, tone

BOWL = SoundConfig(frequency=200.0, duration=10.0)


@pytest.mark.parametrize("difference", [0.5, 4.0, 10.0, 40.0])
def test_the_ears_differ_by_exactly_the_binaural_difference(difference: float) -> None:
    block = raw_voice(tone(200.0, binaural_hz=difference)).render(10 * SFREQ)

    left, right = (strongest_hz(block[:, ear], 150.0, 260.0) for ear in (0, 1))

    assert left == pytest.approx(200.0, abs=1e-3)
    assert right - left == pytest.approx(difference, abs=2e-3)


def test_the_difference_stays_for_an_hour() -> None:
    hour = 3600 * SFREQ
    first, later = (
        raw_voice(tone(200.0, binaural_hz=4.0), at=at).render(4410) for at in (0, hour)
    )

    assert np.abs(first - later).max() < 1e-6


def test_every_overtone_differs_by_the_same() -> None:
    told = tone(200.0, binaural_hz=6.0, harmonic_strength=1.0)
    block = raw_voice(told).render(5 * SFREQ)

    for number in (1, 2, 5):
        low, high = 200.0 * number - 40, 200.0 * number + 40
        left, right = (strongest_hz(block[:, ear], low, high) for ear in (0, 1))
        assert right - left == pytest.approx(6.0, abs=5e-3)


def test_a_bowl_can_be_binaural() -> None:
    told = msgspec.structs.replace(BOWL, binaural_hz=5.0, harmonic_strength=0.0)
    block = raw_voice(told).render(10 * SFREQ)

    left, right = (strongest_hz(block[:, ear], 150.0, 260.0) for ear in (0, 1))
    assert right - left == pytest.approx(5.0, abs=0.05)


def test_at_the_top_of_the_band_the_right_ear_is_the_lower_one() -> None:
    hz = np.array([20_000.0])

    assert other_ear(hz, 40.0) == pytest.approx([20_040.0])
    assert other_ear(hz, 3000.0) == pytest.approx([17_000.0])


@pytest.mark.parametrize("rate", [0.5, 6.0, 10.0, 40.0, 100.0])
def test_pulses_come_at_their_rate_and_reach_from_nothing_to_all(rate: float) -> None:
    gains = pulses(rate, 0, 10 * SFREQ)

    begun = np.count_nonzero((gains[:-1] <= 0.5) & (gains[1:] > 0.5))
    assert begun == 10 * rate
    assert gains.min() == pytest.approx(0.0, abs=1e-4)
    assert gains.max() == pytest.approx(1.0, abs=1e-3)
    assert gains.mean() == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("rate", [0.5, 6.0, 40.0])
def test_pulses_never_step(rate: float) -> None:
    gains = pulses(rate, 0, 4 * SFREQ)

    steepest = np.pi / 2 / (min(EDGE_S, 0.5 / rate) * SFREQ)
    assert np.abs(np.diff(gains)).max() < 1.01 * steepest


def test_pulses_go_on_where_the_block_before_ended() -> None:
    in_one = pulses(7.3, 0, 9000)
    in_parts = np.concatenate([pulses(7.3, at, 1000) for at in range(0, 9000, 1000)])

    assert np.abs(in_one - in_parts).max() < 1e-6


def test_a_pulsed_tone_is_silent_between_its_pulses() -> None:
    block = np.abs(raw_voice(tone(440.0, isochronic_hz=4.0)).render(SFREQ))

    assert block[round(0.20 * SFREQ) : round(0.24 * SFREQ)].max() < 1e-6
    assert block[round(0.05 * SFREQ) : round(0.10 * SFREQ)].max() > 0.99

"""The spectrum: known sines in the right bin, at the right height."""

import numpy as np
import pytest

from actors.audio.spectrum import EDGES, MIDDLES, NARROW, WINDOW, spectrum
from actors.audio.voice import raw_voice
from protocols.sound import SFREQ, SPECTRUM_BINS
from tests.actors.audio.measuring import tone


def sine(hz: float, amplitude: float = 1.0, turn: float = 0.1) -> np.ndarray:
    wave = amplitude * np.sin(2 * np.pi * (hz * np.arange(WINDOW) / SFREQ + turn))
    return np.stack([wave, wave], axis=1).astype(np.float32)


def test_its_bins_are_64_from_20_hz_to_20_khz() -> None:
    assert len(spectrum(sine(440.0))) == SPECTRUM_BINS
    assert (EDGES[0], EDGES[-1]) == pytest.approx((20.0, 20_000.0))
    assert np.diff(np.log(EDGES)) == pytest.approx(np.log(1000.0) / 64)


@pytest.mark.parametrize("number", range(SPECTRUM_BINS))
def test_a_sine_in_the_middle_of_a_bin_is_highest_there(number: int) -> None:
    found = spectrum(sine(float(MIDDLES[number])))

    assert int(found.argmax()) == number
    # From 40 Hz on; below, the sine's own mirror below 0 Hz reaches into its bin.
    assert found[number] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("db", [0.0, -20.0, -40.0, -60.0])
def test_decibels_are_linear_down_to_minus_80(db: float) -> None:
    found = spectrum(sine(1000.0, 10 ** (db / 20)))

    assert found.max() == pytest.approx(1.0 + db / 80.0, abs=0.005)


def test_what_is_below_the_floor_is_zero() -> None:
    assert not spectrum(sine(1000.0, 1e-5)).any()


def test_silence_is_zeros() -> None:
    assert not spectrum(np.zeros((WINDOW, 2), np.float32)).any()
    assert not spectrum(np.zeros((0, 2), np.float32)).any()


def test_figures_are_never_outside_0_to_1() -> None:
    loud = np.sign(sine(300.0)) * 1.0

    found = spectrum(loud.astype(np.float32))
    assert found.min() >= 0.0
    assert found.max() <= 1.0


def test_only_the_last_tenth_of_a_second_counts() -> None:
    long = np.concatenate([sine(5000.0), sine(300.0)])

    assert np.array_equal(spectrum(long), spectrum(sine(300.0)))


def test_one_ear_alone_reads_6_db_less() -> None:
    left = sine(1000.0)
    left[:, 1] = 0.0

    assert spectrum(left).max() == pytest.approx(1.0 - 6.02 / 80.0, abs=0.005)


def test_two_sines_that_are_far_apart_are_two_hills() -> None:
    found = spectrum(sine(60.0, 0.5) + sine(4000.0, 0.5))

    low = int(found[:NARROW].argmax())
    high = NARROW + int(found[NARROW:].argmax())
    assert EDGES[low] <= 60.0 < EDGES[low + 1]
    assert EDGES[high] <= 4000.0 < EDGES[high + 1]
    assert found[40] < 0.2


def test_a_live_tone_is_where_it_sounds() -> None:
    found = spectrum(raw_voice(tone(528.0)).render(WINDOW))

    at = int(found.argmax())
    assert EDGES[at] <= 528.0 < EDGES[at + 1]

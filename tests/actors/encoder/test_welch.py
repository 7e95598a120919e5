"""Welch's method, done once for all, is scipy's."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.signal import welch

from actors.encoder.bands import BandTable, asymmetry, shares
from actors.encoder.welch import Welch
from tests.actors.filters.signals import resting, tone


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    samples=st.integers(60, 2100),
    sfreq=st.sampled_from([100.0, 128.0, 250.0, 256.0, 500.0]),
    channels=st.integers(1, 9),
)
def test_the_density_is_scipys(
    seed: int, samples: int, sfreq: float, channels: int
) -> None:
    uv = 40 + 20 * np.random.default_rng(seed).standard_normal((channels, samples))
    segment = min(samples, int(sfreq))
    hz, theirs = welch(uv, fs=sfreq, nperseg=segment)

    mine = Welch(samples, sfreq, int(sfreq))

    assert np.allclose(mine.hz, hz)
    assert np.abs(mine.density(uv) / theirs - 1).max() <= 1e-6


def test_the_density_of_single_precision_samples_is_scipys_too() -> None:
    uv = resting(2).astype(np.float32)

    mine = Welch(500, 250.0, 250).density(uv.astype(np.float64))

    theirs = welch(uv.astype(np.float64), fs=250.0, nperseg=250)[1]
    assert np.abs(mine / theirs - 1).max() <= 1e-6


@pytest.mark.parametrize("samples", [250, 500, 1000])
def test_a_sliding_window_has_the_density_that_it_would_have_alone(samples: int) -> None:
    uv = np.random.default_rng(5).standard_normal((3, 2500))
    sliding = Welch(samples, 250.0, 250)
    starts = (0, 25, 50, 125, 150, 175, 300, 325, 700, 1225, 1250)

    for first in starts:
        window = uv[:, first : first + samples]
        alone = Welch(samples, 250.0, 250).density(window)
        assert np.array_equal(sliding.density(window, first), alone)


def test_after_a_reset_nothing_of_the_old_signal_is_left() -> None:
    sliding = Welch(500, 250.0, 250)
    sliding.density(np.ones((1, 500)) * np.arange(500.0), 0)
    new = np.random.default_rng(6).standard_normal((1, 500))

    sliding.reset()

    assert np.array_equal(sliding.density(new, 0), Welch(500, 250.0, 250).density(new))


def test_the_density_sums_to_the_variance() -> None:
    white = np.random.default_rng(2).standard_normal((100, 2000))

    meter = Welch(white.shape[1], 250.0, 250)

    sums = meter.density(white).sum(axis=1) * meter.width_hz
    assert sums.mean() == pytest.approx(1.0, rel=0.01)


def measured(uv: np.ndarray, sfreq: float = 250.0) -> tuple[np.ndarray, BandTable]:
    meter = Welch(uv.shape[1], sfreq, int(sfreq))
    return meter.density(uv), BandTable(meter.hz, meter.width_hz)


@pytest.mark.parametrize(
    ("hz", "band"), [(2.5, 0), (6.0, 1), (10.0, 2), (20.0, 3), (40.0, 4)]
)
def test_a_tones_power_is_half_its_amplitude_squared_and_lies_in_its_band(
    hz: float, band: int
) -> None:
    density, table = measured(tone(hz, 2, 20.0))

    absolute = table.absolute(density)

    assert absolute[0, band] == pytest.approx(200.0, rel=0.2 if band == 0 else 0.01)
    assert shares(absolute)[0].argmax() == band
    assert shares(absolute).sum() == pytest.approx(1.0)


def test_neighbouring_bands_share_no_frequency_and_leave_none_out() -> None:
    density, table = measured(np.random.default_rng(1).standard_normal((2, 500)))

    inside = density[:, 1:45].sum(axis=1)

    assert table.absolute(density).sum(axis=1) == pytest.approx(inside)


def test_entropy_is_near_one_for_white_noise_and_low_for_a_tone() -> None:
    white, table = measured(np.random.default_rng(3).standard_normal((1, 2000)))
    pure, _ = measured(tone(10.0, 8))

    assert 0.97 < table.entropy(white)[0] <= 1.0
    assert 0.0 <= table.entropy(pure)[0] < 0.3


def test_a_silent_channel_has_shares_and_entropy_that_are_numbers() -> None:
    density, table = measured(np.zeros((1, 500)))

    assert shares(table.absolute(density))[0] == pytest.approx([0.2] * 5)
    assert table.entropy(density)[0] == 0.0


def test_asymmetry_is_the_logarithm_of_right_over_left() -> None:
    powers = np.ones((4, 5))
    powers[1, 2] = np.e
    powers[3, 2] = np.e**3
    pairs = [(0, 1), (2, 3)]

    assert asymmetry(powers, pairs, np.ones(4, bool)) == pytest.approx(2.0)
    assert asymmetry(powers, pairs, np.array([1, 1, 1, 0], bool)) == pytest.approx(1.0)
    assert asymmetry(powers, pairs, np.array([0, 1, 1, 0], bool)) is None
    assert asymmetry(powers, [], np.ones(4, bool)) is None

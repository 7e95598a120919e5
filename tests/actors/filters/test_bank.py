"""The filter bank: what it lets through, and that cutting does not matter."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import signal

from actors.filters.bank import FilterBank, Samples, checked_sosfilt, gain, limits

SFREQ = 250.0


def bank(*, channels: int = 1, sfreq: float = SFREQ, mains_hz: float = 50.0) -> FilterBank:
    return FilterBank(channels=channels, sfreq=sfreq, mains_hz=mains_hz)


def sine(hz: float, seconds: float, sfreq: float = SFREQ) -> Samples:
    t = np.arange(int(seconds * sfreq)) / sfreq
    tone: Samples = np.sin(2 * np.pi * hz * t)[None, :]
    return tone


def rms(uv: Samples) -> float:
    return float(np.sqrt((uv**2).mean()))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    cuts=st.lists(st.integers(0, 700), max_size=20),
    offset_uv=st.sampled_from([0.0, 40.0, 62_000.0, -187_000.0]),
    sfreq=st.sampled_from([100.0, 128.0, 250.0, 256.0, 500.0]),
    mains_hz=st.sampled_from([50.0, 60.0]),
)
def test_the_output_does_not_depend_on_where_the_signal_was_cut(
    seed: int, cuts: list[int], offset_uv: float, sfreq: float, mains_hz: float
) -> None:
    uv = offset_uv + 20 * np.random.default_rng(seed).standard_normal((3, 700))
    whole = bank(channels=3, sfreq=sfreq, mains_hz=mains_hz).apply(uv)[1]

    cut = bank(channels=3, sfreq=sfreq, mains_hz=mains_hz)
    pieces = np.split(uv, sorted(cuts), axis=1)
    out = np.concatenate([cut.apply(piece)[1] for piece in pieces], axis=1)

    assert np.abs(out - whole).max() <= 1e-9 * np.abs(whole).max()
    assert np.array_equal(out.astype(np.float32), whole.astype(np.float32))


def test_scipys_inner_loop_does_what_its_checked_filter_does() -> None:
    uv = 60_000 + 20 * np.random.default_rng(1).standard_normal((3, 400))
    own = bank(channels=3)
    clean = np.concatenate([own.apply(piece)[1] for piece in np.split(uv, 16, 1)], axis=1)

    steady = signal.sosfilt_zi(own.sections)[:, None, :] * uv[None, :, :1]
    expected, _ = signal.sosfilt(own.sections, uv, zi=steady)
    checked, memory = uv.copy(), np.ascontiguousarray(steady.transpose(1, 0, 2))
    checked_sosfilt(own.sections, checked, memory)

    assert np.array_equal(clean, expected)
    assert np.array_equal(checked, expected)


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
@pytest.mark.parametrize("harmonic", [1, 2])
def test_the_notch_takes_the_mains_and_its_harmonic_away(
    mains_hz: float, harmonic: int
) -> None:
    hum = 100 * sine(harmonic * mains_hz, 6)

    left = bank(mains_hz=mains_hz).apply(hum)[1][:, 750:]

    assert rms(left) < 1e-3 * rms(hum)  # 60 dB, measured


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
@pytest.mark.parametrize("hz", [3.0, 6.0, 10.0, 20.0, 30.0])
def test_the_brain_band_passes(hz: float, mains_hz: float) -> None:
    tone = sine(hz, 8)

    out = bank(mains_hz=mains_hz).apply(tone)[1][:, 1000:]

    assert rms(out) == pytest.approx(rms(tone[:, 1000:]), rel=0.03)


def test_the_edges_are_three_decibels_down_and_drift_is_gone() -> None:
    hz = np.array([0.1, 1.0, 45.0, 80.0])

    drift, low, high, far = gain(bank().sections[:3], SFREQ, hz)

    assert drift < 0.011
    assert low == pytest.approx(2**-0.5, abs=0.01)
    assert high == pytest.approx(2**-0.5, abs=0.01)
    assert far < 0.06


def test_a_computed_gain_is_the_measured_one() -> None:
    tone = sine(40.0, 8)

    out = bank().apply(tone)[1][:, 1000:]

    computed = gain(bank().sections, SFREQ, np.array([40.0]))[0]
    assert rms(out) / rms(tone[:, 1000:]) == pytest.approx(computed, rel=1e-3)


def test_an_offset_of_62_millivolts_does_not_ring() -> None:
    alpha = 10 * sine(10.0, 3)

    plain = bank().apply(alpha)[1]
    offset = bank().apply(62_000.0 + alpha)[1]

    assert np.abs(offset).max() < 20.0
    assert np.abs(offset - plain).max() < 1e-6


def test_a_constant_stays_silent_from_the_first_sample() -> None:
    out = bank().apply(np.full((1, 500), 62_000.0))[1]

    assert np.abs(out).max() < 1e-6


def test_a_reset_forgets_everything() -> None:
    worn, fresh = bank(), bank()
    worn.apply(1e4 * sine(3.0, 2))
    worn.reset()
    tail = 500.0 + sine(10.0, 1)

    assert np.array_equal(worn.apply(tail)[1], fresh.apply(tail)[1])


def test_moving_the_notch_keeps_the_other_sections_memory() -> None:
    moved = bank(mains_hz=50.0)
    signal = 62_000.0 + 10 * sine(10.0, 4)
    moved.apply(signal[:, :500])
    moved.set_mains(60.0)

    out = moved.apply(signal[:, 500:])[1]

    # Lost memory of the high-pass would show as a step of millivolts.
    assert np.abs(out).max() < 12.0
    assert moved.mains_hz == 60.0


def test_after_moving_the_notch_the_other_mains_is_taken_away() -> None:
    moved = bank(mains_hz=50.0)
    hum = 100 * sine(60.0, 8)
    before = moved.apply(hum[:, :1000])[1][:, 750:]
    moved.set_mains(60.0)
    after = moved.apply(hum[:, 1000:])[1][:, 750:]

    assert rms(before) > 10.0
    assert rms(after) < 0.1


def test_a_sample_that_is_not_a_number_harms_only_itself() -> None:
    uv = 300.0 + 10 * sine(10.0, 2)
    holed = uv.copy()
    holed[0, 250:253] = [np.nan, np.inf, np.nan]

    raw, out = bank().apply(holed)

    assert np.isfinite(out).all()
    assert raw[0, 250:253] == pytest.approx(uv[0, 249])
    assert np.abs(out - bank().apply(uv)[1])[:, 450:].max() < 1.0


def test_holes_are_filled_alike_however_the_signal_is_cut() -> None:
    uv = 5.0 + 10 * sine(10.0, 1)
    uv[0, 99:103] = np.nan
    whole = bank().apply(uv)[1]
    cut = bank()

    out = np.concatenate([cut.apply(part)[1] for part in np.split(uv, [100, 101], 1)], 1)

    assert np.array_equal(out, whole)


def test_a_slow_headset_gets_what_its_rate_allows_and_says_the_rest() -> None:
    assert limits(250.0, 50.0) == ()
    assert limits(128.0, 50.0) == ("no notch at 100 Hz: 128 Hz sampling cannot place it",)
    assert len(limits(100.0, 60.0)) == 2
    assert limits(80.0, 50.0)[0].startswith("no low-pass at 45 Hz")
    assert bank(sfreq=80.0).apply(sine(10.0, 2, 80.0))[1].shape == (1, 160)


@pytest.mark.parametrize("sfreq", [0.0, -250.0, 2.0, 1e9, float("nan"), float("inf")])
def test_a_rate_that_no_eeg_has_is_refused(sfreq: float) -> None:
    with pytest.raises(ValueError, match="Hz sampling"):
        bank(sfreq=sfreq)

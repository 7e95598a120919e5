"""Loudness after ITU-R BS.1770-4, on signals whose loudness is known."""

import numpy as np
import pytest
from scipy.signal import sosfilt

from actors.audio.loudness import RUN, LoudnessMeter, k_filters, k_weighting
from protocols.sound import SFREQ

Samples = np.ndarray


def sine(hz: float, seconds: float, dbfs: float) -> Samples:
    wave = np.sin(2 * np.pi * hz * np.arange(round(seconds * SFREQ)) / SFREQ)
    return (10 ** (dbfs / 20) * wave).astype(np.float32)


def stereo(left: Samples, right: Samples | None = None) -> Samples:
    return np.stack([left, left if right is None else right], axis=1)


def loudness(*parts: Samples) -> float | None:
    meter = LoudnessMeter()
    for part in parts:
        meter.add(part)
    return meter.integrated()


def test_the_reference_sine_in_one_channel_is_minus_3_01_lkfs() -> None:
    left = sine(997.0, 5.0, 0.0)

    assert loudness(stereo(left, 0 * left)) == pytest.approx(-3.01, abs=0.01)


def test_in_both_channels_it_is_3_db_louder() -> None:
    assert loudness(stereo(sine(997.0, 5.0, -20.0))) == pytest.approx(-20.0, abs=0.01)


def test_ebu_3341_case_1_is_minus_23_lufs() -> None:
    assert loudness(stereo(sine(1000.0, 20.0, -23.0))) == pytest.approx(-23.0, abs=0.1)


def test_ebu_3341_case_3_leaves_quiet_passages_out() -> None:
    quiet, loud = (stereo(sine(1000.0, s, db)) for s, db in ((10.0, -36.0), (60.0, -23.0)))

    assert loudness(quiet, loud, quiet) == pytest.approx(-23.0, abs=0.1)


def test_ebu_3341_case_4_leaves_silence_out() -> None:
    still, quiet, loud = (
        stereo(sine(1000.0, s, db))
        for s, db in ((10.0, -72.0), (10.0, -36.0), (60.0, -23.0))
    )

    assert loudness(still, quiet, loud, quiet, still) == pytest.approx(-23.0, abs=0.1)


def test_at_48_khz_the_filters_would_be_those_of_the_standard() -> None:
    from actors.audio.loudness import _pass, _shelf  # noqa: PLC0415

    shelf_b, shelf_a = _shelf(48_000.0)
    pass_b, pass_a = _pass(48_000.0)

    assert shelf_b == pytest.approx(
        [1.53512485958697, -2.69169618940638, 1.19839281085285], abs=1e-8
    )
    assert shelf_a == pytest.approx([1.0, -1.69065929318241, 0.73248077421585], abs=1e-8)
    assert pass_b == pytest.approx([1.0, -2.0, 1.0])
    assert pass_a == pytest.approx([1.0, -1.99004745483398, 0.99007225036621], abs=1e-8)


def test_runs_filter_as_the_recursive_filters_do() -> None:
    noise = np.random.default_rng(1).standard_normal((2, 600, RUN)).astype(np.float32) + 0.5
    sos = np.array([np.concatenate(pair) for pair in k_filters()])
    expected = sosfilt(sos, noise.reshape(2, -1).astype(np.float64))

    first, state = k_weighting().filter(noise[:, :77], np.zeros((2, 4)))
    second, _ = k_weighting().filter(noise[:, 77:], state)

    found = np.concatenate([first, second], axis=1).reshape(2, -1)
    assert 20 * np.log10(np.abs(found - expected).max() / np.abs(expected).max()) < -120.0


def test_how_it_is_handed_over_does_not_matter() -> None:
    sound = stereo(sine(150.0, 3.3, -12.0), sine(3000.0, 3.3, -18.0))
    in_parts = [sound[at : at + 1000] for at in range(0, len(sound), 1000)]

    assert loudness(*in_parts) == pytest.approx(loudness(sound), abs=1e-4)


def test_what_is_shorter_than_a_block_has_no_loudness() -> None:
    assert loudness(stereo(sine(997.0, 0.39, -10.0))) is None
    assert loudness(stereo(sine(997.0, 0.4, -10.0))) is not None
    assert loudness() is None


def test_silence_has_no_loudness() -> None:
    assert loudness(np.zeros((2 * SFREQ, 2), np.float32)) is None

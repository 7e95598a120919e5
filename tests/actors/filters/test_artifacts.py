"""The gauge: each figure is what it says."""

import numpy as np
import pytest

from actors.filters.artifacts import Signs, eye_channels, gauge
from actors.filters.bank import FilterBank, Samples
from tests.actors.filters.signals import SFREQ, seconds, tone


def signs(uv: Samples, *, mains_hz: float = 50.0, sfreq: float = SFREQ) -> Signs:
    bank = FilterBank(channels=len(uv), sfreq=sfreq, mains_hz=mains_hz)
    raw, clean = bank.apply(uv)
    need = gauge(sfreq, mains_hz).samples
    return gauge(sfreq, mains_hz).measure(raw[:, -need:], clean[:, -need:])


@pytest.mark.parametrize(("hz", "row"), [(50.0, 0), (60.0, 1)])
def test_hum_is_measured_as_rms_under_a_large_offset(hz: float, row: int) -> None:
    hum = signs(62_000.0 + tone(hz, 5, 100.0)).hum_uv

    assert hum[row, 0] == pytest.approx(100 / np.sqrt(2), rel=1e-3)
    assert hum[1 - row, 0] < 0.1


def test_hum_is_not_looked_for_above_the_nyquist_frequency() -> None:
    slow = signs(tone(40.0, 5, 100.0, sfreq=100.0), sfreq=100.0)

    assert slow.hum_uv[1, 0] == 0.0
    assert np.isfinite(slow.hum_uv).all()


def test_power_above_the_low_pass_is_computed_back() -> None:
    assert signs(tone(80.0, 5, 20.0)).emg_uv[0] == pytest.approx(20 / np.sqrt(2), rel=0.02)


def test_a_mains_is_no_muscle() -> None:
    for hz in (50.0, 60.0):
        assert signs(tone(hz, 6, 100.0), mains_hz=hz).emg_uv[0] < 0.5


def test_an_alpha_wave_is_brain_and_nothing_else() -> None:
    alpha = signs(tone(10.0, 5, 40.0))

    assert alpha.brain_uv[0] == pytest.approx(40 / np.sqrt(2), rel=0.01)
    assert alpha.emg_uv[0] < 0.1
    assert alpha.left_over_uv[0] < 0.1
    assert abs(alpha.slow_uv[0]) < 20.0


def test_a_bump_of_a_blinks_length_is_a_slow_wave() -> None:
    t = seconds(5)
    bump = 200 * np.exp(-0.5 * ((t - 4.9) / 0.06) ** 2)[None, :]

    assert 90.0 < signs(bump).slow_uv[0] < 210.0
    assert -210.0 < signs(-bump).slow_uv[0] < -90.0


def test_swing_and_extremes_are_the_raw_signals() -> None:
    here = signs(-500.0 + tone(10.0, 3, 40.0))

    assert here.swing_uv[0] == pytest.approx(80.0, rel=0.01)
    assert here.low_uv[0] == pytest.approx(-540.0, rel=0.01)
    assert here.high_uv[0] == pytest.approx(-460.0, rel=0.01)


@pytest.mark.parametrize(
    ("names", "eyes"),
    [
        (("Fp1", "Fp2", "C3", "O1"), [True, True, False, False]),
        (("EEG Fp1", "EEG Fp2-REF", "EEG F3"), [True, True, False]),
        (("TP9", "AF7", "AF8", "TP10", "Right AUX"), [False, True, True, False, False]),
        (("EXG Channel 0", "EXG Channel 1"), [True, True]),
        (("ch0", "ch1", "ch2"), [True, True, True]),
        (("C3", "C4"), [False, False]),
    ],
)
def test_blinks_are_looked_for_on_the_forehead_where_names_tell(
    names: tuple[str, ...], eyes: list[bool]
) -> None:
    assert eye_channels(names).tolist() == eyes

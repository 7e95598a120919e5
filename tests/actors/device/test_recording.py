import numpy as np
import pytest

from actors.device.recording import (
    Loss,
    losses_by_time,
    mains_by_hum,
    recording,
    uv_per_unit,
)
from protocols.errors import RecordingError
from tests.actors.device.makers import read_only, waves


@pytest.mark.parametrize(
    ("unit", "scale"),
    [
        (" uV ", 1.0),
        ("µV", 1.0),
        ("\u03bcV", 1.0),
        ("MV", 1e3),
        ("V", 1e6),
        ("g", None),
        ("", None),
    ],
)
def test_units_are_voltages_or_none(unit: str, scale: float | None) -> None:
    assert uv_per_unit(unit) == scale


def test_a_recording_is_read_only_float32() -> None:
    found = recording(name="a", sfreq=250.0, ch_names=["x", "y"], uv=waves())

    assert found.uv.dtype == np.float32
    assert read_only(found.uv)


def test_a_channel_without_samples_goes_and_broken_samples_are_losses() -> None:
    uv = waves(3)
    uv[1] = np.nan
    uv[0, 10:13] = np.nan
    uv[2, -1] = np.inf

    found = recording(
        name="a",
        sfreq=250.0,
        ch_names=["x", "y", "z"],
        uv=uv,
        lost=[Loss(column=11, samples=5), Loss(column=500, samples=7)],
    )

    assert found.ch_names == ("x", "z")
    assert found.uv.shape == (2, 996)
    assert found.lost == (Loss(column=10, samples=8), Loss(column=497, samples=7))


def test_names_that_repeat_get_numbers() -> None:
    found = recording(name="a", sfreq=250.0, ch_names=["x", "x", "x 2"], uv=waves(3))

    assert found.ch_names == ("x", "x 2", "x 2 2")


@pytest.mark.parametrize(
    ("sfreq", "uv", "message"),
    [
        (250.0, np.empty((0, 1000)), "no EEG channel"),
        (250.0, np.full((2, 1000), np.nan), "no EEG channel"),
        (64.0, waves(), "64 Hz is too slow"),
        (float("nan"), waves(), "too slow"),
        (250.0, waves()[:, :249], r"249 samples are 1 s"),
    ],
)
def test_what_is_no_recording_is_refused(
    sfreq: float, uv: np.ndarray, message: str
) -> None:
    with pytest.raises(RecordingError, match=message):
        recording(name="a", sfreq=sfreq, ch_names=["x"] * len(uv), uv=uv)


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_hum_names_the_mains(mains: float) -> None:
    t = np.arange(2500) / 250
    uv = waves(seconds=10) + 20 * np.sin(2 * np.pi * mains * t)

    assert mains_by_hum(uv, 250.0) == mains


def test_without_hum_the_mains_stay_unknown() -> None:
    assert mains_by_hum(waves(seconds=10), 250.0) is None


def test_stamps_with_a_late_burst_and_a_loss_tell_the_loss_only() -> None:
    at = np.arange(2000) / 250
    at[500:520] = at[519] + 0.3  # late, and made up for
    at[520:600] = np.maximum(at[520:600], at[519])
    at[1200:] += 0.8

    assert losses_by_time(at, 250.0) == (Loss(column=1200, samples=200),)

from pathlib import Path

import numpy as np
import pytest

from actors.device.formats.xdf import load_xdf
from protocols.errors import RecordingError
from tests.actors.device.makers import waves, write_xdf


def test_samples_names_and_rate_come_back(tmp_path: Path) -> None:
    uv = waves(3, sfreq=256.0)

    found = load_xdf(write_xdf(tmp_path / "a.xdf", uv))

    assert (found.sfreq, found.ch_names, found.lost) == (256.0, ("CH0", "CH1", "CH2"), ())
    np.testing.assert_allclose(found.uv, uv, atol=1e-4)


def test_volts_become_microvolts(tmp_path: Path) -> None:
    uv = waves(sfreq=256.0)

    found = load_xdf(write_xdf(tmp_path / "a.xdf", uv * 1e-6, unit="volts"))

    np.testing.assert_allclose(found.uv, uv, atol=1e-3)


def test_an_unknown_unit_is_named(tmp_path: Path) -> None:
    file = write_xdf(tmp_path / "a.xdf", waves(sfreq=256.0), unit="furlongs")

    with pytest.raises(RecordingError, match="CH0 has the unknown unit 'furlongs'"):
        load_xdf(file)


def test_a_file_without_eeg_says_what_there_is(tmp_path: Path) -> None:
    file = write_xdf(tmp_path / "a.xdf", waves(sfreq=256.0), kind="PPG")

    with pytest.raises(RecordingError, match="no EEG stream in it; its streams are PPG"):
        load_xdf(file)


def test_a_stream_too_slow_for_eeg_is_refused(tmp_path: Path) -> None:
    file = write_xdf(tmp_path / "a.xdf", waves(sfreq=10.0, seconds=20), sfreq=10.0)

    with pytest.raises(RecordingError, match="10 Hz is too slow"):
        load_xdf(file)


@pytest.mark.parametrize("length", [4, 5, 60, 500, 5000])
def test_a_file_that_breaks_off_is_refused_or_plays_what_is_whole(
    tmp_path: Path, length: int
) -> None:
    file = write_xdf(tmp_path / "a.xdf", waves(sfreq=256.0))
    file.write_bytes(file.read_bytes()[:length])

    with pytest.raises(RecordingError, match=r"a\.xdf"):
        load_xdf(file)


def test_a_count_that_cannot_be_is_refused_before_it_takes_all_memory(
    tmp_path: Path,
) -> None:
    file = write_xdf(tmp_path / "a.xdf", waves(sfreq=256.0))
    count = b"\x04" + (1024).to_bytes(4, "little")
    assert file.read_bytes().count(count) == 1
    lie = b"\x04" + (2**32 - 1).to_bytes(4, "little")
    file.write_bytes(file.read_bytes().replace(count, lie))

    with pytest.raises(RecordingError, match=r"impossible samples at byte \d+"):
        load_xdf(file)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_refused_or_survived(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    file = write_xdf(tmp_path / "a.xdf", waves(sfreq=256.0))
    data = bytearray(file.read_bytes())
    for at in rng.integers(4, 900, 4):
        data[at] = rng.integers(0, 256)
    file.write_bytes(bytes(data))

    try:
        found = load_xdf(file)
    except RecordingError as error:
        assert str(error).startswith("a.xdf")  # noqa: PT017  # either way is right
    else:
        assert np.isfinite(found.uv).all()

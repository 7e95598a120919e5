from pathlib import Path

import numpy as np
import pytest

from actors.device.formats.muse import load_muse
from actors.device.recording import Loss
from protocols.errors import RecordingError
from tests.actors.device.makers import waves, write_muse


def test_samples_and_names_come_back_with_the_headbands_rate(tmp_path: Path) -> None:
    uv = waves(5, sfreq=256.0)

    found = load_muse(write_muse(tmp_path / "a.csv", uv))

    assert found.sfreq == 256.0
    assert found.ch_names == ("TP9", "AF7", "AF8", "TP10", "Right AUX")
    assert found.lost == ()
    np.testing.assert_allclose(found.uv, uv, atol=1e-4)


def test_stamps_that_come_in_bursts_are_no_losses(tmp_path: Path) -> None:
    at = np.floor(np.arange(2048) / 24) * (24 / 256) + 1000.0

    found = load_muse(write_muse(tmp_path / "a.csv", waves(2, 8, 256.0), times_s=at))

    assert found.lost == ()


def test_a_pause_in_the_stamps_is_a_loss(tmp_path: Path) -> None:
    at = np.arange(2048) / 256 + 1000.0
    at[700:] += 1.5

    found = load_muse(write_muse(tmp_path / "a.csv", waves(2, 8, 256.0), times_s=at))

    assert found.sfreq == 256.0
    assert found.lost == (Loss(column=700, samples=384),)


def test_empty_fields_are_lost_samples(tmp_path: Path) -> None:
    file = write_muse(tmp_path / "a.csv", waves(2, 4, 256.0))
    lines = file.read_text().splitlines()
    lines[100] = lines[100].split(",")[0] + ",,,0"
    file.write_text("\n".join(lines))

    found = load_muse(file)

    assert found.lost == (Loss(column=99, samples=1),)
    assert found.uv.shape == (2, 1023)


def test_stamps_that_stand_still_are_refused(tmp_path: Path) -> None:
    file = write_muse(tmp_path / "a.csv", waves(2, 4, 256.0), times_s=np.full(1024, 7.0))

    with pytest.raises(RecordingError, match="do not rise"):
        load_muse(file)


def test_a_table_of_nothing_but_markers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("timestamps,Marker0\n1.0,0\n")

    with pytest.raises(RecordingError, match="names no EEG channel"):
        load_muse(tmp_path / "a.csv")

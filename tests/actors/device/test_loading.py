from pathlib import Path

import numpy as np
import pytest

from actors.device.loading import load_recording, recognise
from protocols.errors import RecordingError
from tests.actors.device.makers import (
    DATA,
    waves,
    write_edf,
    write_muse,
    write_openbci,
    write_xdf,
)


def test_a_format_is_told_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    uv = waves(sfreq=256.0)
    written = {
        "EDF": write_edf(tmp_path / "a.edf", waves()),
        "BDF": write_edf(tmp_path / "b.bdf", waves()),
        "XDF": write_xdf(tmp_path / "c", uv),
        "OpenBCI text": write_openbci(tmp_path / "d", uv),
        "Muse text": write_muse(tmp_path / "e", uv),
    }

    told = {}
    for title, file in written.items():
        renamed = file.rename(tmp_path / f"{title}.dat")
        told[title] = recognise(renamed).title
        assert load_recording(renamed).uv.shape[0] == 2

    assert told == {title: title for title in written}


def test_a_byte_order_mark_before_text_does_no_harm(tmp_path: Path) -> None:
    file = write_muse(tmp_path / "a.csv", waves(sfreq=256.0))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())

    assert load_recording(file).ch_names == ("TP9", "AF7")


def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"none\.edf: there is no such recording"):
        load_recording(tmp_path / "none.edf")


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        load_recording(tmp_path)


def test_an_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "a.mat").write_bytes(b"MATLAB 5.0 MAT-file")

    with pytest.raises(RecordingError, match="EDF, BDF, XDF, OpenBCI text, Muse text"):
        load_recording(tmp_path / "a.mat")


def test_a_name_that_promises_what_the_content_does_not_hold_is_said(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.EDF").write_bytes(b"")

    with pytest.raises(RecordingError, match="its name says EDF, but"):
        load_recording(tmp_path / "a.EDF")


real = pytest.mark.skipif(not DATA.is_dir(), reason=f"no recordings at {DATA}")


@real
@pytest.mark.parametrize(
    ("name", "sfreq", "channels", "seconds", "mains_hz"),
    [
        ("rest_20ch_500hz.edf", 500.0, 20, 182.0, 50.0),
        ("openbci_blinks_jaw_alpha.txt", 250.0, 8, 90.0, 60.0),
        ("muse_ssvep.csv", 256.0, 5, 120.0, 60.0),
        ("muse_over_lsl.xdf", 256.0, 5, 11.0, 50.0),
    ],
)
def test_a_real_recording_is_what_its_readme_says(
    name: str, sfreq: float, channels: int, seconds: float, mains_hz: float
) -> None:
    found = load_recording(DATA / name)

    assert (found.sfreq, len(found.ch_names), found.lost) == (sfreq, channels, ())
    assert found.uv.shape[1] / sfreq == pytest.approx(seconds, abs=0.1)
    assert found.mains_hz == mains_hz
    # Microvolts, not millivolts nor volts: a scalp's fast changes are a few of them
    # (hum and muscle in the OpenBCI file, poor contact in the XDF: some hundreds).
    assert 0.1 < np.median(np.diff(found.uv, axis=1).std(axis=1)) < 300


@real
def test_the_smallest_xdf_is_refused_with_the_reason() -> None:
    with pytest.raises(RecordingError, match=r"minimal\.xdf: 10 Hz is too slow for EEG"):
        load_recording(DATA / "minimal.xdf")


@real
def test_the_ecg_of_the_resting_sitter_is_left_out() -> None:
    names = load_recording(DATA / "rest_20ch_500hz.edf").ch_names

    assert {"Fp1", "Cz", "O2"} < set(names)
    assert "ECG" not in " ".join(names)

"""The list of device types that a server has."""

import os
from pathlib import Path

import pytest

from actors.device.ingest import IngestSource
from actors.device.listing import LISTED, Judge, find_recordings
from actors.device.sources import Devices
from protocols.devices import DeviceRow
from tests.actors.device.makers import DATA, waves, write_edf


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    (folder / "sub").mkdir(parents=True)
    write_edf(folder / "rest.edf", waves())
    write_edf(folder / "sub" / "eyes.edf", waves())
    write_edf(tmp_path / "own.edf", waves())
    return folder


def named(devices: Devices) -> dict[str, DeviceRow]:
    return {row.device_type: row for row in devices.rows()}


def make(folder: Path, default: str = "ingest", *own: Path) -> Devices:
    return Devices(
        recordings=(folder,), supplied={"ingest": IngestSource}, default=default, own=own
    )


def test_every_row_that_is_available_can_be_had_and_no_driver_is(folder: Path) -> None:
    devices = make(folder)
    rows = devices.rows()

    available = [row.device_type for row in rows if row.available]
    assert available == ["ingest", "replay:rest.edf", "replay:sub/eyes.edf"]
    assert all(devices.refusal(device) is None for device in available)
    absent = {row.device_type: row.reason for row in rows if not row.available}
    assert list(absent) == ["muse", "openbci", "lsl", "brainflow:<board>"]
    assert set(absent.values()) == {"no driver is installed for it"}


def test_a_recording_is_told_by_its_content(folder: Path) -> None:
    (folder / "rest.edf").rename(folder / "renamed.dat")
    (folder / "notes.md").write_text("eyes closed")
    (folder / "fake.edf").write_text("eyes closed")
    rows = named(make(folder))

    assert rows["replay:renamed.dat"].reason == "EDF"
    assert not rows["replay:fake.edf"].available
    assert "does not begin like one" in rows["replay:fake.edf"].reason
    assert "replay:notes.md" not in rows


def test_a_small_file_that_nothing_can_play_is_not_offered(folder: Path) -> None:
    write_edf(folder / "slow.edf", waves(sfreq=50), sfreq=50)
    row = named(make(folder))["replay:slow.edf"]

    assert not row.available
    assert "too slow for EEG" in row.reason


def test_a_file_that_changes_is_judged_anew(folder: Path) -> None:
    devices = make(folder)
    assert named(devices)["replay:rest.edf"].available
    (folder / "rest.edf").write_bytes(b"")
    assert not named(devices)["replay:rest.edf"].available


def test_hidden_files_links_out_and_names_that_are_no_text_are_passed_over(
    folder: Path,
) -> None:
    write_edf(folder / ".hidden.edf", waves())
    (folder / "link.edf").symlink_to(folder.parent / "own.edf")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.edf")).write_bytes(b"")
    (folder / "new\nline.edf").write_bytes(b"")

    replays = [device for device in named(make(folder)) if device.startswith("replay:")]
    assert replays == ["replay:rest.edf", "replay:sub/eyes.edf"]


def test_the_first_folder_that_has_a_name_counts(folder: Path) -> None:
    (folder / "sub" / "rest.edf").write_bytes(b"")
    found = find_recordings((folder, folder / "sub"), Judge())

    assert [one.path for one in found if one.name == "rest.edf"] == [folder / "rest.edf"]


def test_the_list_is_bounded(folder: Path) -> None:
    for number in range(LISTED + 5):
        (folder / f"{number}.edf").write_bytes(b"")
    assert len(find_recordings((folder,), Judge())) == LISTED


def test_a_folder_that_is_not_there_has_nothing(tmp_path: Path) -> None:
    assert find_recordings((tmp_path / "none",), Judge()) == []


@pytest.mark.parametrize(
    ("default", "file"),
    [("ingest", ""), ("replay:rest.edf", "rest.edf"), ("muse", "")],
)
def test_the_default_is_the_first_and_the_only_one(
    folder: Path, default: str, file: str
) -> None:
    own = (folder / file,) if file else ()
    rows = make(folder, default, *own).rows()

    assert (rows[0].device_type, rows[0].default) == (default, True)
    assert [row.default for row in rows[1:]] == [False] * (len(rows) - 1)


def test_the_owner_s_file_is_offered_without_its_folder(folder: Path) -> None:
    own = folder.parent / "own.edf"
    devices = make(folder, f"replay:{own}", own)
    first = devices.rows()[0]

    assert (first.device_type, first.default) == ("replay:own.edf", True)
    assert devices.refusal(first.device_type) is None
    assert devices.opener(first.device_type)().open(0.0).device == "replay:own.edf"


def test_the_owner_s_file_does_not_hide_one_of_the_same_name(folder: Path) -> None:
    own = write_edf(folder.parent / "rest.edf", waves(seconds=9))
    devices = make(folder, f"replay:{own}", own)
    rows = named(devices)

    assert rows[f"replay:{own}"].default
    assert not rows["replay:rest.edf"].default
    assert all(devices.refusal(device) is None for device in rows if ".edf" in device)


@pytest.mark.skipif(not DATA.is_dir(), reason="the real recordings are not here")
def test_the_real_recordings_are_found_and_the_one_that_is_no_eeg_is_said_so() -> None:
    rows = named(make(DATA))

    assert rows["replay:rest_20ch_500hz.edf"].reason == "EDF"
    assert rows["replay:openbci_blinks_jaw_alpha.txt"].available
    assert not rows["replay:minimal.xdf"].available
    assert "10 Hz is too slow" in rows["replay:minimal.xdf"].reason

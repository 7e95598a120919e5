from pathlib import Path

import pytest

from actors.device.absent import AbsentSource
from actors.device.ingest import IngestSource
from actors.device.replay import ReplaySource
from actors.device.sources import Devices, Shelf
from protocols.errors import DeviceLostError, DeviceNotFoundError, RecordingError
from tests.actors.device.makers import waves, write_edf


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    write_edf(folder / "rest.edf", waves())
    write_edf(tmp_path / "own.edf", waves())
    return folder


@pytest.fixture
def devices(folder: Path) -> Devices:
    return Devices(recordings=(folder,), supplied={"ingest": IngestSource})


@pytest.mark.parametrize(
    "device", ["ingest", "replay:rest.edf", "muse", "openbci", "lsl", "brainflow:cyton"]
)
def test_what_there_is_can_be_had(devices: Devices, device: str) -> None:
    assert devices.refusal(device) is None


@pytest.mark.parametrize(
    "device", ["", "toaster", "simulator", "brainflow:", "brainflow: ", "replay", "MUSE"]
)
def test_what_there_is_not_is_refused_with_what_there_is(
    devices: Devices, device: str
) -> None:
    refusal = devices.refusal(device)

    assert refusal is not None
    assert "replay:<recording>" in refusal
    with pytest.raises(ValueError, match="no device type"):
        devices.opener(device)


@pytest.mark.parametrize(
    "name", ["none.edf", "../own.edf", "/etc/passwd", "", "a\0b", "x" * 5000]
)
def test_a_recording_outside_the_folders_is_as_good_as_missing(
    devices: Devices, name: str
) -> None:
    refusal = devices.refusal(f"replay:{name}")

    assert refusal is not None
    assert "rest.edf" in refusal
    with pytest.raises(RecordingError):
        devices.opener(f"replay:{name}")().open(0.0)


def test_a_link_out_of_the_folder_is_as_good_as_missing(
    devices: Devices, folder: Path
) -> None:
    (folder / "link.edf").symlink_to(folder.parent / "own.edf")

    assert devices.refusal("replay:link.edf") is not None


def test_a_file_of_no_known_format_is_refused(devices: Devices, folder: Path) -> None:
    (folder / "a.mat").write_bytes(b"MATLAB")

    refusal = devices.refusal("replay:a.mat")

    assert refusal is not None
    assert "of no known format; known are EDF" in refusal


def test_a_file_that_the_owner_named_may_lie_anywhere(folder: Path) -> None:
    own = folder.parent / "own.edf"
    devices = Devices(recordings=(folder,), own=(own,))

    assert devices.refusal(f"replay:{own}") is None
    assert devices.opener(f"replay:{own}")().open(0.0).device == "replay:own.edf"
    assert devices.refusal("replay:/etc/passwd") is not None


def test_a_replay_is_opened_with_its_pace(devices: Devices) -> None:
    source = devices.opener("replay:rest.edf", speed=2.0, loop=False)()

    assert isinstance(source, ReplaySource)
    source.open(0.0)
    assert source.read(1.0)[0].uv.shape == (2, 500)


def test_a_headset_without_a_driver_is_searched_for_and_never_stood_in_for(
    devices: Devices,
) -> None:
    source = devices.opener("muse")()

    assert isinstance(source, AbsentSource)
    with pytest.raises(DeviceNotFoundError, match="muse: no driver is installed"):
        source.open(0.0)
    with pytest.raises(DeviceLostError):
        source.read(0.0)


def test_sessions_that_replay_one_file_share_it_and_let_it_go(folder: Path) -> None:
    shelf = Shelf()

    one, other = shelf.load(folder / "rest.edf"), shelf.load(folder / "rest.edf")
    assert one is other
    del one, other
    assert not shelf._held


def test_a_file_that_was_rewritten_is_read_anew(folder: Path) -> None:
    shelf = Shelf()
    before = shelf.load(folder / "rest.edf")
    write_edf(folder / "rest.edf", waves(seconds=9))

    assert shelf.load(folder / "rest.edf").uv.shape != before.uv.shape


def test_a_file_that_went_is_said_to_be_missing(folder: Path) -> None:
    with pytest.raises(RecordingError, match="there is no such recording"):
        Shelf().load(folder / "gone.edf")

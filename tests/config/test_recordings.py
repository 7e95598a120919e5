from pathlib import Path

import pytest

from config.errors import RecordingMissingError
from config.recordings import find_own_recording, find_recording


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    shelf = tmp_path / "recordings"
    (shelf / "monday").mkdir(parents=True)
    (shelf / "rest.edf").touch()
    (shelf / "monday" / "ssvep.csv").touch()
    (tmp_path / "secret.edf").touch()
    return shelf


def test_a_recording_is_found_by_its_name(shelf: Path) -> None:
    assert find_recording("rest.edf", [shelf / "none", shelf]) == shelf / "rest.edf"
    assert find_recording("monday/ssvep.csv", [shelf]) == shelf / "monday" / "ssvep.csv"


@pytest.mark.parametrize(
    "name",
    ["../secret.edf", "monday/../../secret.edf", ".", "", "monday", "a\0", "a" * 999],
)
def test_no_name_leads_out_of_the_folder_or_to_what_is_no_file(
    shelf: Path, name: str
) -> None:
    with pytest.raises(RecordingMissingError):
        find_recording(name, [shelf])


def test_an_absolute_path_is_for_the_owner_only(shelf: Path) -> None:
    secret = shelf.parent / "secret.edf"

    assert find_own_recording(str(secret), [shelf]) == secret
    with pytest.raises(RecordingMissingError):
        find_recording(str(secret), [shelf])


def test_a_link_does_not_lead_out_either(shelf: Path) -> None:
    (shelf / "link.edf").symlink_to(shelf.parent / "secret.edf")

    with pytest.raises(RecordingMissingError):
        find_recording("link.edf", [shelf])


def test_a_misspelt_recording_names_the_nearest(shelf: Path) -> None:
    with pytest.raises(RecordingMissingError, match=r"did you mean rest\.edf\?"):
        find_recording("rest.efd", [shelf])


def test_a_missing_recording_names_what_there_is(shelf: Path) -> None:
    with pytest.raises(RecordingMissingError, match=r"there are rest\.edf"):
        find_recording("quite different", [shelf])

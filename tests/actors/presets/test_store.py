"""The preset file is there whole, or not at all, and is never written over blindly."""

from pathlib import Path

import pytest

from actors.presets.store import PresetFileError, PresetStore
from protocols.sound import Preset

BELL = Preset(
    name="A bell",
    frequency=432.1,
    description="Of bronze, and \u00fcber alles gro\u00df",
    prayer_bowl_mode=True,
    harmonic_strength=0.25,
    modulation_depth=0.125,
    volume=0.5,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "presets.json"


def test_where_there_is_no_file_there_are_no_presets(path: Path) -> None:
    assert PresetStore(path).load() == {}
    assert not path.parent.exists()


def test_what_was_written_is_read_by_another_process(path: Path) -> None:
    PresetStore(path).write({"a-bell": BELL, "b": BELL})

    assert PresetStore(path).load() == {"a-bell": BELL, "b": BELL}
    assert list(PresetStore(path).load()) == ["a-bell", "b"]


def test_the_file_can_be_read_and_edited_by_people(path: Path) -> None:
    PresetStore(path).write({"a-bell": BELL})

    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("432.1", "256"), encoding="utf-8")

    assert '"A bell"' in text
    assert text.count("\n") > 5
    assert PresetStore(path).load()["a-bell"].frequency == 256.0


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        '{"format": 1}',
        '{"format": 2, "presets": {}}',
        '{"format": 1, "presets": {}, "more": 1}',
        '{"format": 1, "presets": {"a": {"name": "a"}}}',
        "\udcff",
    ],
)
def test_a_file_that_is_not_understood_says_so_and_stays(path: Path, content: str) -> None:
    path.parent.mkdir()
    data = content.encode("utf-8", "surrogateescape")
    path.write_bytes(data)

    with pytest.raises(PresetFileError, match=r"presets\.json"):
        PresetStore(path).load()

    assert path.read_bytes() == data


def test_a_disk_that_takes_nothing_leaves_what_was_there(path: Path) -> None:
    store = PresetStore(path)
    store.write({"a-bell": BELL})
    obstacle = path.with_name(f"{path.name}.part")
    obstacle.mkdir()

    with pytest.raises(PresetFileError):
        store.write({})

    assert store.load() == {"a-bell": BELL}


def test_a_folder_in_the_files_place_is_an_error_of_the_file(path: Path) -> None:
    path.mkdir(parents=True)

    with pytest.raises(PresetFileError):
        PresetStore(path).load()

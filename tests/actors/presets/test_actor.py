"""Presets are given whatever the disk does, and kept only where it takes them."""

from pathlib import Path

import msgspec
import pytest

from actors.presets.actor import MOST, PresetsActor
from actors.presets.documented import documented
from actors.presets.store import PresetStore
from protocols.sound import (
    DeletePreset,
    ListPresets,
    ListRanges,
    Preset,
    PresetDeleted,
    PresetSaved,
    PresetTable,
    PresetUnknown,
    RangeTable,
    SavePreset,
    SoundRefused,
)

BELL = Preset(
    name="A bell",
    frequency=432.0,
    description="",
    prayer_bowl_mode=True,
    harmonic_strength=0.25,
    modulation_depth=0.125,
    volume=0.5,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "presets.json"


@pytest.fixture
def stage(path: Path) -> PresetsActor:
    return PresetsActor(PresetStore(path))


def table(stage: PresetsActor) -> PresetTable:
    told = stage.handle(ListPresets())
    assert isinstance(told, PresetTable)
    return told


def save(stage: PresetsActor, name: str = "a-bell", **other: float) -> object:
    preset = msgspec.structs.replace(BELL, **other)
    return stage.handle(SavePreset(id=name, preset=preset))


def refused(answer: object) -> tuple[str, str]:
    assert isinstance(answer, SoundRefused)
    assert answer.reason
    return answer.code, answer.field


def test_the_documented_presets_are_there(stage: PresetsActor) -> None:
    presets = table(stage).presets

    assert list(presets) == [
        "om-frequency",
        "heart-chakra",
        "earth-resonance",
        "pure-sine",
    ]
    assert not presets["pure-sine"].prayer_bowl_mode
    assert presets["earth-resonance"].frequency == 7.83
    assert table(stage).own == ()
    assert table(stage).trouble == ""


def test_the_documented_ranges_are_there_as_they_are_shown(stage: PresetsActor) -> None:
    told = stage.handle(ListRanges())

    assert isinstance(told, RangeTable)
    assert list(told.ranges) == ["earth_resonance", "healing", "solfeggio", "chakra"]
    chakra = msgspec.to_builtins(told.ranges["chakra"])
    assert set(chakra) == {"name", "frequencies"}
    assert chakra["frequencies"]["heart"] == 341.3
    assert told.ranges["solfeggio"].frequencies == (396, 417, 444, 528, 639, 741, 852)


def test_all_that_is_documented_could_be_generated() -> None:
    for preset in documented().presets.values():
        assert 0.1 <= preset.frequency <= 20_000.0
        shares = preset.harmonic_strength, preset.modulation_depth, preset.volume
        assert all(0.0 <= share <= 1.0 for share in shares)


def test_an_own_preset_outlives_the_actor(stage: PresetsActor, path: Path) -> None:
    assert save(stage) == PresetSaved(id="a-bell", preset=BELL, replaced=False)

    again = table(PresetsActor(PresetStore(path)))

    assert again.presets["a-bell"] == BELL
    assert again.own == ("a-bell",)
    assert list(again.presets)[-1] == "a-bell"


def test_an_own_preset_takes_the_place_of_one_of_the_same_id(stage: PresetsActor) -> None:
    save(stage)

    answer = save(stage, frequency=100.0)

    assert isinstance(answer, PresetSaved)
    assert answer.replaced
    assert table(stage).presets["a-bell"].frequency == 100.0


def test_an_own_preset_can_be_forgotten_once(stage: PresetsActor, path: Path) -> None:
    save(stage)

    assert stage.handle(DeletePreset("a-bell")) == PresetDeleted("a-bell")

    assert stage.handle(DeletePreset("a-bell")) == PresetUnknown("a-bell")
    assert "a-bell" not in table(PresetsActor(PresetStore(path))).presets


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("frequency", 0.0),
        ("frequency", 20_001.0),
        ("frequency", float("nan")),
        ("volume", 1.1),
        ("harmonic_strength", -0.1),
        ("modulation_depth", float("inf")),
    ],
)
def test_a_figure_out_of_range_is_refused_by_its_name(
    stage: PresetsActor, field: str, value: float
) -> None:
    assert refused(save(stage, "a-bell", **{field: value})) == ("INVALID_PARAMETER", field)
    assert table(stage).own == ()


@pytest.mark.parametrize("name", ["", "A", "a b", "-a", "a-", "../a", "a" * 65, "a\n"])
def test_what_is_no_id_is_refused(stage: PresetsActor, name: str) -> None:
    assert refused(save(stage, name)) == ("INVALID_PARAMETER", "id")


def test_an_id_of_64_letters_is_one(stage: PresetsActor) -> None:
    assert isinstance(save(stage, "a" * 64), PresetSaved)


def test_a_documented_preset_stays_as_it_is(stage: PresetsActor) -> None:
    before = table(stage).presets["om-frequency"]

    assert refused(save(stage, "om-frequency")) == ("INVALID_PARAMETER", "id")
    assert refused(stage.handle(DeletePreset("om-frequency")))[1] == "id"

    assert table(stage).presets["om-frequency"] == before


def test_there_is_room_for_so_many_and_no_more(path: Path) -> None:
    PresetStore(path).write({f"bell-{n}": BELL for n in range(MOST)})
    stage = PresetsActor(PresetStore(path))

    assert refused(save(stage, "one-more")) == ("INVALID_PARAMETER", "id")
    assert isinstance(save(stage, "bell-7", volume=0.1), PresetSaved)


def test_a_disk_that_takes_nothing_is_a_state(stage: PresetsActor, path: Path) -> None:
    obstacle = path.with_name("presets.json.part")
    obstacle.mkdir()

    assert refused(save(stage))[0] == "STORAGE_UNAVAILABLE"
    assert table(stage).own == ()
    assert "presets.json" in table(stage).trouble

    obstacle.rmdir()
    assert isinstance(save(stage), PresetSaved)
    assert table(stage).trouble == ""


def test_a_file_that_is_not_understood_is_not_written_over(
    stage: PresetsActor, path: Path
) -> None:
    path.write_text("{")

    assert len(table(stage).presets) == 4
    assert "not understood" in table(stage).trouble
    assert refused(save(stage))[0] == "STORAGE_UNAVAILABLE"
    assert refused(stage.handle(DeletePreset("a-bell")))[0] == "STORAGE_UNAVAILABLE"
    assert path.read_text() == "{"

    path.unlink()
    assert isinstance(save(stage), PresetSaved)

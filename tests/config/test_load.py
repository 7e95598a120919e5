from pathlib import Path

import msgspec
import pytest

from config.catalog import catalog
from config.errors import BadSettingsError, Mistake
from config.load import LoadedSettings, Option, load_settings
from config.schema import Settings


def load(
    tmp_path: Path,
    text: str = "",
    environment: dict[str, str] | None = None,
    options: tuple[Option, ...] = (),
) -> LoadedSettings:
    file = tmp_path / "phosphene.toml"
    file.write_text(text)
    return load_settings(file=file, environment=environment or {}, options=options)


def mistakes(tmp_path: Path, text: str = "", **environment: str) -> list[Mistake]:
    with pytest.raises(BadSettingsError) as caught:
        load(tmp_path, text, environment)
    return list(caught.value.mistakes)


def test_without_a_source_every_setting_is_its_default(tmp_path: Path) -> None:
    loaded = load(tmp_path)

    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {"default"}


def test_every_default_is_inside_its_own_range() -> None:
    for entry in catalog().values():
        value = msgspec.to_builtins(entry.default)
        assert msgspec.convert(value, entry.kind) == entry.default, entry.path


def test_every_setting_says_what_it_does_why_and_what_is_allowed() -> None:
    for entry in catalog().values():
        assert entry.description.endswith("."), entry.path
        assert entry.reason.endswith("."), entry.path
        assert entry.allowed, entry.path


def test_the_environment_overrides_the_file_and_the_command_line_both(
    tmp_path: Path,
) -> None:
    text = "[web]\nport = 1001\nhost = '0.0.0.0'\nmax_body_bytes = 4096\n"
    environment = {"PHOSPHENE_WEB__PORT": "1002", "PHOSPHENE_WEB__HOST": "::1"}
    options = (Option(setting="web.port", name="--port", value="1003"),)

    loaded = load(tmp_path, text, environment, options)

    web = loaded.settings.web
    assert (web.port, web.host, web.max_body_bytes) == (1003, "::1", 4096)
    assert loaded.origins["web.port"] == "--port"
    assert loaded.origins["web.host"] == "PHOSPHENE_WEB__HOST"
    assert loaded.origins["web.max_body_bytes"] == f"{tmp_path / 'phosphene.toml'}:4"


def test_all_mistakes_of_all_sources_come_at_once_each_with_its_place(
    tmp_path: Path,
) -> None:
    text = "[web]\nport = 99999\n\n[device]\nmains_hz = 55\nspede = 1.0\n"
    file = tmp_path / "phosphene.toml"
    file.write_text(text)
    options = (Option(setting="pictures.width", name="--width", value="wide"),)

    with pytest.raises(BadSettingsError) as caught:
        load_settings(
            file=file, environment={"PHOSPHENE_LOG__LEVEL": "loud"}, options=options
        )

    assert [(m.source, m.setting) for m in caught.value.mistakes] == [
        (f"{file}:2", "web.port"),
        (f"{file}:5", "device.mains_hz"),
        (f"{file}:6", "device.spede"),
        ("PHOSPHENE_LOG__LEVEL", "log.level"),
        ("--width", "pictures.width"),
    ]
    assert "a whole number from 0 to 65535" in caught.value.mistakes[0].message
    assert "50 or 60 (hertz)" in caught.value.mistakes[1].message
    assert "did you mean device.speed?" in caught.value.mistakes[2].message
    assert str(caught.value).startswith("5 settings are wrong:\n  ")


def test_a_mistake_counts_even_where_a_later_source_overrides_it(tmp_path: Path) -> None:
    (only,) = mistakes(tmp_path, "[web]\nport = -1\n", PHOSPHENE_WEB__PORT="8008")

    assert only.source.endswith(":2")


def test_a_setting_without_its_section_is_recognised(tmp_path: Path) -> None:
    (only,) = mistakes(tmp_path, "\nport = 8008\n")

    assert only.source.endswith(":2")
    assert "did you mean web.port?" in only.message


def test_a_section_that_is_given_a_value_is_explained(tmp_path: Path) -> None:
    (only,) = mistakes(tmp_path, "web = 8008\n")

    assert "write [web]" in only.message


def test_a_misspelt_section_is_one_mistake_however_much_is_in_it(tmp_path: Path) -> None:
    (only,) = mistakes(tmp_path, "[devise]\nspeed = 2\nloop = false\n")

    assert only.setting == "devise"
    assert "did you mean device?" in only.message


def test_a_file_that_is_not_toml_names_the_line(tmp_path: Path) -> None:
    (only,) = mistakes(tmp_path, "[web]\nport = 8008\nhost = \n")

    assert only.source.endswith("phosphene.toml:3")
    assert "not TOML" in only.message


def test_a_file_that_is_not_text_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "phosphene.toml"
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(BadSettingsError, match="not UTF-8"):
        load_settings(file=file, environment={})


def test_a_named_file_that_is_missing_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(BadSettingsError, match="No such file"):
        load_settings(environment={"PHOSPHENE_CONFIG": str(tmp_path / "none.toml")})


def test_an_unknown_variable_is_a_mistake_with_the_nearest_name(tmp_path: Path) -> None:
    (only,) = mistakes(tmp_path, PHOSPHENE_PORT="1")

    assert only.source == "PHOSPHENE_PORT"
    assert "did you mean PHOSPHENE_WEB__PORT?" in only.message


def test_variables_that_clients_use_are_no_settings(tmp_path: Path) -> None:
    loaded = load(tmp_path, environment={"PHOSPHENE_KEY": "phos_x", "HOME": "/"})

    assert loaded.settings == Settings()


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_a_number_must_be_finite(tmp_path: Path, number: str) -> None:
    (from_file,) = mistakes(tmp_path, f"[device]\nspeed = {number}\n")
    (from_variable,) = mistakes(tmp_path, PHOSPHENE_DEVICE__SPEED=number)

    assert from_file.setting == from_variable.setting == "device.speed"


def test_a_text_in_the_file_is_not_taken_for_a_number(tmp_path: Path) -> None:
    (only,) = mistakes(tmp_path, '[web]\nport = "8008"\n')

    assert "'8008'" in only.message


def test_a_list_in_a_variable_is_parted_by_commas(tmp_path: Path) -> None:
    environment = {"PHOSPHENE_WEB__ORIGINS": "http://a.test, https://b.test:3"}
    loaded = load(tmp_path, environment=environment)

    assert loaded.settings.web.origins == ("http://a.test", "https://b.test:3")


@pytest.mark.parametrize(
    ("text", "said"), [("true", "on"), ("False", "off"), ("1", "on"), ("0", "off")]
)
def test_a_truth_in_a_variable_can_be_written_in_the_usual_ways(
    tmp_path: Path, text: str, said: str
) -> None:
    loaded = load(tmp_path, environment={"PHOSPHENE_DEVICE__LOOP": text})

    assert loaded.settings.device.loop is (said == "on")


def test_settings_that_contradict_each_other_name_both_places(tmp_path: Path) -> None:
    text = "[encoder]\nwindow_s = 0.5\nstep_s = 0.75\n"
    (only,) = mistakes(tmp_path, text)

    assert only.source.endswith(":3")
    assert "encoder.window_s = 0.5" in only.message
    assert "phosphene.toml:2" in only.message


def test_the_home_folder_can_be_written_with_a_tilde(tmp_path: Path) -> None:
    loaded = load(tmp_path, '[storage]\ndata_dir = "~/art"\n')

    assert loaded.settings.data_dir == Path.home() / "art"


def test_without_a_data_dir_the_platform_names_one() -> None:
    assert Settings().data_dir.is_absolute()
    assert "phosphene" in Settings().data_dir.parts

import tomllib
from pathlib import Path

from config.catalog import catalog
from config.load import load_settings
from config.show import file, table


def test_the_file_written_from_settings_gives_the_same_settings_back(
    tmp_path: Path,
) -> None:
    variables = {
        "PHOSPHENE_WEB__ORIGINS": "http://a.test",
        "PHOSPHENE_WEB__BROWSER": "false",
        "PHOSPHENE_STORAGE__DATA_DIR": 'a "quoted" \\ folder',
        "PHOSPHENE_DEVICE__SPEED": "2.5",
    }
    loaded = load_settings(environment=variables)
    written = tmp_path / "phosphene.toml"
    written.write_text(file(loaded))

    assert load_settings(file=written, environment={}).settings == loaded.settings


def test_every_commented_default_of_the_file_is_valid_when_uncommented(
    tmp_path: Path,
) -> None:
    loaded = load_settings(environment={})
    names = {entry.name for entry in catalog().values()}
    lines = [
        line.removeprefix("# ")
        if line.removeprefix("# ").split(" = ")[0] in names
        else line
        for line in file(loaded).splitlines()
    ]
    written = tmp_path / "phosphene.toml"
    written.write_text("\n".join(lines))

    said = [
        name for section in tomllib.loads(written.read_text()).values() for name in section
    ]
    assert len(said) == len(catalog())
    assert load_settings(file=written, environment={}).settings == loaded.settings


def test_the_table_shows_where_each_value_came_from() -> None:
    shown = table(load_settings(environment={"PHOSPHENE_WEB__PORT": "9"}))

    assert "web.port = 9    <- PHOSPHENE_WEB__PORT" in shown
    assert "device.mains_hz = 50 hertz    <- default" in shown

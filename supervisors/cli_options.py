"""Options of the command line that are settings; the schema's own words are their help."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

import click

from config.catalog import Entry, catalog
from config.load import FILE_NAME, LoadedSettings, Option, load_settings

OPTIONS: Final = {
    "device.default": "--device",
    "web.host": "--host",
    "web.port": "--port",
    "storage.data_dir": "--data-dir",
    "web.documented_ports": "--documented-ports/--one-port",
    "web.browser": "--browser/--no-browser",
    "web.public_url": "--public-url",
    "device.speed": "--speed",
    "device.loop": "--loop/--no-loop",
    "device.mains_hz": "--mains",
    "generators.workers": "--workers",
    "log.level": "--log-level",
}
"""Settings that have an option of their own; `--set` reaches all."""

_F = TypeVar("_F", bound=Callable[..., object])

config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help=f"TOML file with settings [{FILE_NAME} here, if it is there].",
)
set_option = click.option(
    "--set",
    "also",
    multiple=True,
    metavar="SECTION.NAME=VALUE",
    help="Any other setting; may be repeated. `phosphene config` lists them all.",
)


def setting_options(*paths: str) -> Callable[[_F], _F]:
    """Give a command options for settings.

    Click checks none of them: `load` reports their mistakes with all others.

    Args:
        *paths: of `OPTIONS`. The command gets each as `web__port`, None if not given.
    """

    def decorate(command: _F) -> _F:
        for path in reversed(paths):
            command = _option(catalog()[path])(command)
        return command

    return decorate


def load(
    config_file: Path | None, given: Mapping[str, object], also: Sequence[str] = ()
) -> LoadedSettings:
    """Load settings with what the command line said.

    Args:
        config_file: of `config_option`.
        given: of `setting_options`.
        also: of `set_option`.

    Raises:
        BadSettingsError: with all mistakes of all sources.
        click.UsageError: a `--set` without `=`.
    """
    options = [
        Option(setting=path, name=OPTIONS[path].split("/")[0], value=value)
        for path in OPTIONS
        if (value := given.get(_parameter(path))) is not None
    ]
    for text in also:
        path, equals, value = text.partition("=")
        if not equals:
            raise click.UsageError(f"--set {text}: write --set section.name=value")
        options.append(Option(setting=path.strip(), name="--set", value=value.strip()))
    return load_settings(file=config_file, options=options)


def _option(entry: Entry) -> Callable[[_F], _F]:
    names = OPTIONS[entry.path]
    is_flag = isinstance(entry.default, bool)
    unit = f" {entry.unit}" if entry.unit else ""
    default = (
        f"{names.split('/')[not entry.default]}" if is_flag else f"{entry.default}{unit}"
    )
    return click.option(
        names,
        _parameter(entry.path),
        default=None,
        metavar=None if is_flag else _metavar(entry.default),
        help=f"{entry.description} [{default or 'none'}]",
    )


def _parameter(path: str) -> str:
    return path.replace(".", "__")


def _metavar(default: object) -> str:
    return "TEXT" if isinstance(default, str) else "NUMBER"

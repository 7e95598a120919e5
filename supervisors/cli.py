"""The command line: `phosphene serve`, `keys`, `config`, `version`.

What the server needs is imported in `serve` only: help and `version` answer at once. A
mistake ends with one clear message and an exit code:

    0  done                            4  a recording is missing or cannot be read
    1  the key was not found           5  the data folder or the key file cannot be used
    2  usage, or settings (all of      70 an error of ours, with its trace
       them at once, with file and
       line)                           130 interrupted
    3  the port is in use
"""

import datetime
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from config.catalog import catalog
from config.errors import DataDirError, StartError
from config.load import FILE_NAME, LoadedSettings, Option, load_settings
from config.version import VERSION
from protocols.errors import RecordingError

if TYPE_CHECKING:
    from actors.keyring.store import KeyStore
    from protocols.keys import KeyHolder

EXIT_NOT_FOUND: Final = 1
EXIT_USAGE: Final = 2
EXIT_RECORDING: Final = 4
EXIT_INTERNAL: Final = 70
EXIT_INTERRUPTED: Final = 130

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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: without the program's name; None: the process's own.

    Returns:
        The exit code, as the module's docstring lists them.
    """
    try:
        code = phosphene.main(arguments, prog_name="phosphene", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # `phosphene config | head`
        sys.stderr.close()
        return 0
    except BaseException as error:
        return _report(error)
    return code if isinstance(code, int) else 0


def _report(error: BaseException) -> int:
    for cause in _leaves(error):
        if isinstance(cause, SystemExit | GeneratorExit):
            raise error
        if isinstance(cause, KeyboardInterrupt):
            return EXIT_INTERRUPTED
        if isinstance(cause, StartError | RecordingError):
            click.echo(f"phosphene: {cause}", err=True)
            return cause.exit_code if isinstance(cause, StartError) else EXIT_RECORDING
    traceback.print_exception(error)
    click.echo(
        "phosphene: this is an error of ours; please report what stands above", err=True
    )
    return EXIT_INTERNAL


def _leaves(error: BaseException) -> Iterator[BaseException]:
    # Trio hands an error of one task up in a group.
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _setting_options(*paths: str) -> Callable[[_F], _F]:
    """Options for settings, whose help is the schema's own words."""

    def decorate(command: _F) -> _F:
        for path in reversed(paths):
            entry, names = catalog()[path], OPTIONS[path]
            unit = f" {entry.unit}" if entry.unit else ""
            default = (
                "" if "/" in names or entry.default == "" else f" [{entry.default}{unit}]"
            )
            command = click.option(
                names,
                path.replace(".", "__"),
                default=None,
                metavar=None if "/" in names else _metavar(entry.default),
                help=f"{entry.description}{default}",
            )(command)
        return command

    return decorate


def _metavar(default: object) -> str:
    return {int: "WHOLE", float: "NUMBER"}.get(type(default), "TEXT")


_config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help=f"TOML file with settings [{FILE_NAME} here, if it is there].",
)
_set_option = click.option(
    "--set",
    "also",
    multiple=True,
    metavar="SECTION.NAME=VALUE",
    help="Any other setting; may be repeated. `phosphene config` lists them all.",
)


def _load(
    config_file: Path | None, given: dict[str, Any], also: Sequence[str] = ()
) -> LoadedSettings:
    options = [
        Option(setting=path, name=OPTIONS[path].split("/")[0], value=value)
        for path in OPTIONS
        if (value := given.get(path.replace(".", "__"))) is not None
    ]
    for text in also:
        path, equals, value = text.partition("=")
        if not equals:
            raise click.UsageError(f"--set {text}: write --set section.name=value")
        options.append(Option(setting=path.strip(), name="--set", value=value.strip()))
    return load_settings(file=config_file, options=options)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 92}
)
def phosphene() -> None:
    """Live neuro-art: brain signals go in, pictures come out.

    \b
    phosphene serve                               a simulated brain, no hardware
    phosphene serve --device replay:rest.edf      a recording
    phosphene keys create --name "my script"      a key for the API
    phosphene config                              every setting, and where it came from
    """


@phosphene.command()
@_setting_options(*OPTIONS)
@_config_option
@_set_option
def serve(config_file: Path | None, also: tuple[str, ...], **given: Any) -> int:  # noqa: ANN401  # as many types as options
    """Start the server; Ctrl-C or SIGTERM ends it in order.

    \b
    phosphene serve
    phosphene serve --device replay:monday.edf --speed 2 --no-loop
    phosphene serve --port 0 --data-dir /tmp/art --no-browser
    phosphene serve --set encoder.window_s=1 --set pictures.jpeg_quality=92

    Settings come from the defaults, then the file, then the environment
    (PHOSPHENE_WEB__PORT=9000), then these options.
    """
    settings = _load(config_file, given, also).settings
    from config.folders import make_data_dir  # noqa: PLC0415  # as all below: see the module

    make_data_dir(settings.data_dir)
    _look_for_recording(settings.device.default, settings.recording_dirs)
    from supervisors.serve import run  # noqa: PLC0415

    return run(settings, announce=click.echo)


def _look_for_recording(device: str, dirs: Sequence[Path]) -> None:
    """Fail at once and not in a session when the recording cannot be replayed."""
    from config.recordings import REPLAY_PREFIX, find_own_recording  # noqa: PLC0415

    if not device.startswith(REPLAY_PREFIX):
        return
    file = find_own_recording(device.removeprefix(REPLAY_PREFIX), dirs)
    from actors.device.loading import recognise  # noqa: PLC0415

    recognise(file)


@phosphene.group()
def keys() -> None:
    """Make, list and revoke keys of the API.

    What is done here counts at once in a running server with the same data folder.
    """


@keys.command("create")
@click.option("--name", default="command line", show_default=True, help="What it is for.")
@click.option("--days", type=float, default=None, help="Days until it expires [never].")
@click.option("--quiet", "-q", is_flag=True, help="Print the key and nothing else.")
@_setting_options("storage.data_dir")
@_config_option
def create_key(
    name: str,
    days: float | None,
    quiet: bool,  # noqa: FBT001  # click's way to hand over a flag
    config_file: Path | None,
    **given: Any,  # noqa: ANN401  # as many types as options
) -> None:
    """Make a key and print it: the only time that it can be seen.

    \b
    KEY=$(phosphene keys create --quiet --name "my script")
    curl -H "Authorization: Bearer $KEY" http://127.0.0.1:8008/...
    """
    from actors.keyring.rules import refusal  # noqa: PLC0415
    from protocols.keys import CreateKey  # noqa: PLC0415

    wish = CreateKey(name=name, days=days)
    if refused := refusal(wish):
        raise click.UsageError(f"--{refused.field}: {refused.reason}")
    made = _with_keys(config_file, given, lambda store: store.create(name, days, _unix()))
    if quiet:
        click.echo(made.key)
        return
    click.echo(f"{made.key}\n")
    click.echo(f"Id {made.id}. Keep the key: only its hash is stored.")
    click.echo("Send it as `Authorization: Bearer …` or `X-API-Key: …`.")


@keys.command("list")
@_setting_options("storage.data_dir")
@_config_option
def list_keys(config_file: Path | None, **given: Any) -> None:  # noqa: ANN401  # as many types as options
    """List the keys, oldest first; the keys themselves are stored nowhere."""
    holders = _with_keys(config_file, given, lambda store: store.all())
    if not holders:
        click.echo("There are no keys. Make one: phosphene keys create")
        return
    rows = [("ID", "KEY", "STATE", "CREATED", "LAST USED", "NAME")]
    rows += [_row(holder, _unix()) for holder in holders]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, strict=True)
        click.echo("  ".join(cell.ljust(width) for cell, width in cells).rstrip())


@keys.command("revoke")
@click.argument("which")
@_setting_options("storage.data_dir")
@_config_option
def revoke_key(which: str, config_file: Path | None, **given: Any) -> int:  # noqa: ANN401  # as many types as options
    """End a key at once. WHICH is its id, the key, or the beginning of either."""
    from protocols.keys import KeyAmbiguous, KeyUnknown  # noqa: PLC0415

    found = _with_keys(config_file, given, lambda store: store.revoke(which, _unix()))
    match found:
        case KeyUnknown():
            click.echo("phosphene: no key begins so; see phosphene keys list", err=True)
            return EXIT_NOT_FOUND
        case KeyAmbiguous(ids=ids):
            click.echo(f"phosphene: several keys begin so: {', '.join(ids)}", err=True)
            return EXIT_NOT_FOUND
        case holder:
            click.echo(f"Revoked {holder.id} ({holder.name}).")
            return 0


_T = TypeVar("_T")


def _with_keys(
    config_file: Path | None, given: dict[str, Any], act: Callable[["KeyStore"], _T]
) -> _T:
    from actors.keyring.store import (  # noqa: PLC0415
        FILE_NAME as KEYS,
        KeyFileError,
        KeyStore,
    )

    data_dir = _load(config_file, given).settings.data_dir
    store = KeyStore(data_dir / KEYS)
    try:
        return act(store)
    except KeyFileError as error:
        raise DataDirError(data_dir, str(error)) from error
    finally:
        store.close()


def _row(holder: "KeyHolder", now: float) -> tuple[str, ...]:
    return (
        holder.id,
        f"{holder.prefix}…",
        _state(holder, now),
        _day(holder.created_at),
        _day(holder.last_used_at),
        holder.name,
    )


def _state(holder: "KeyHolder", now: float) -> str:
    if holder.revoked_at is not None:
        return f"revoked {_day(holder.revoked_at)}"
    if holder.expires_at is None:
        return "valid"
    word = "expired" if holder.expires_at <= now else "valid until"
    return f"{word} {_day(holder.expires_at)}"


def _day(unix: float | None) -> str:
    if unix is None:
        return "never"
    return datetime.datetime.fromtimestamp(unix, datetime.UTC).strftime("%Y-%m-%d %H:%MZ")


def _unix() -> float:
    return datetime.datetime.now(datetime.UTC).timestamp()


@phosphene.command()
@click.option("--toml", is_flag=True, help=f"Write them as a file: … > {FILE_NAME}")
@_setting_options(*OPTIONS)
@_config_option
@_set_option
def config(
    toml: bool,  # noqa: FBT001  # click's way to hand over a flag
    config_file: Path | None,
    also: tuple[str, ...],
    **given: Any,  # noqa: ANN401  # as many types as options
) -> None:
    """Show every setting: value, where it came from, range, unit and reason."""
    from config.show import file, table  # noqa: PLC0415

    loaded = _load(config_file, given, also)
    click.echo(file(loaded) if toml else table(loaded), nl=False)


@phosphene.command()
def version() -> None:
    """Print the version."""
    click.echo(VERSION)

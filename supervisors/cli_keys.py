"""`phosphene keys`: the key file in the hands of whoever owns it.

A running server has the same file open; what is done here counts there at once.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

import click

from actors.keyring.rules import refusal
from actors.keyring.store import FILE_NAME, KeyFileError, KeyStore
from config.errors import DataDirError
from protocols.keys import OPERATOR, CreateKey, KeyAmbiguous, KeyHolder, KeyUnknown
from supervisors.cli_options import config_option, load, setting_options

EXIT_NOT_FOUND: Final = 1
_HEAD: Final = ("ID", "KEY", "ROLE", "STATE", "CREATED", "LAST USED", "NAME")

_T = TypeVar("_T")


@click.group()
def keys() -> None:
    """Make, list and revoke keys of the API.

    What is done here counts at once in a running server with the same data folder.
    """


@keys.command()
@click.option("--name", default="command line", help="What it is for [command line].")
@click.option("--days", type=float, default=None, help="Days until it expires [never].")
@click.option(
    "--operator", is_flag=True, help="May also look inside and give orders, at /ops."
)
@click.option("--quiet", "-q", is_flag=True, help="Print the key and nothing else.")
@setting_options("storage.data_dir")
@config_option
def create(
    name: str,
    days: float | None,
    operator: bool,  # noqa: FBT001  # click's way to hand over a flag
    quiet: bool,  # noqa: FBT001  # as above
    config_file: Path | None,
    **given: object,
) -> None:
    """Make a key and print it: the only time that it can be seen.

    \b
    KEY=$(phosphene keys create --quiet --name "my script")
    curl -H "Authorization: Bearer $KEY" http://127.0.0.1:8008/...
    """  # noqa: D301  # click: \b, these lines as they are
    if refused := refusal(CreateKey(name=name, days=days)):
        raise click.UsageError(f"--{refused.field}: {refused.reason}")
    role = OPERATOR if operator else None
    made = _with_keys(
        config_file, given, lambda store: store.create(name, days, _unix(), role)
    )
    if quiet:
        click.echo(made.key)
        return
    click.echo(f"{made.key}\n")
    click.echo(f"Id {made.id}. Keep the key: only its hash is stored.")
    click.echo("Send it as `Authorization: Bearer ...` or `X-API-Key: ...`.")
    if operator:
        click.echo("It is an operator's: whoever has it sees and stops everything.")


@keys.command("list")
@setting_options("storage.data_dir")
@config_option
def list_keys(config_file: Path | None, **given: object) -> None:
    """List the keys, oldest first; the keys themselves are stored nowhere."""
    holders = _with_keys(config_file, given, lambda store: store.all())
    if not holders:
        click.echo("There are no keys. Make one: phosphene keys create")
        return
    rows = [_HEAD, *(_row(holder, _unix()) for holder in holders)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, strict=True)
        click.echo("  ".join(cell.ljust(width) for cell, width in cells).rstrip())


@keys.command()
@click.argument("which")
@setting_options("storage.data_dir")
@config_option
def revoke(which: str, config_file: Path | None, **given: object) -> int:
    """End a key at once. WHICH is its id, the key, or the beginning of either."""
    found = _with_keys(config_file, given, lambda store: store.revoke(which, _unix()))
    match found:
        case KeyUnknown():
            click.echo("phosphene: there is no such key; see phosphene keys list", err=True)
            return EXIT_NOT_FOUND
        case KeyAmbiguous(ids=ids):
            click.echo(f"phosphene: several keys begin so: {', '.join(ids)}", err=True)
            return EXIT_NOT_FOUND
        case KeyHolder():
            click.echo(f"Revoked {found.id} ({found.name}).")
            return 0


def _with_keys(
    config_file: Path | None, given: Mapping[str, object], act: Callable[[KeyStore], _T]
) -> _T:
    data_dir = load(config_file, given).settings.data_dir
    store = KeyStore(data_dir / FILE_NAME)
    try:
        return act(store)
    except KeyFileError as error:
        raise DataDirError(data_dir, str(error)) from error
    finally:
        store.close()


def _row(holder: KeyHolder, now: float) -> tuple[str, ...]:
    return (
        holder.id,
        f"{holder.prefix}...",
        holder.role or "-",
        _state(holder, now),
        _moment(holder.created_at),
        _moment(holder.last_used_at),
        holder.name,
    )


def _state(holder: KeyHolder, now: float) -> str:
    if holder.revoked_at is not None:
        return f"revoked {_moment(holder.revoked_at)}"
    if holder.expires_at is None:
        return "valid"
    word = "expired" if holder.expires_at <= now else "valid until"
    return f"{word} {_moment(holder.expires_at)}"


def _moment(unix: float | None) -> str:
    if unix is None:
        return "never"
    return dt.datetime.fromtimestamp(unix, dt.UTC).strftime("%Y-%m-%d %H:%MZ")


def _unix() -> float:
    return dt.datetime.now(dt.UTC).timestamp()

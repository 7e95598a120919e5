"""`phosphene journal`: what happened, read from a data folder without a server.

A running server may write there meanwhile; nothing is changed.
"""

import datetime as dt
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click
import msgspec

from actors.journal.folder import FOLDER, journal_files, last_number
from actors.journal.lines import line_of
from actors.journal.reading import BadLine, JournalReader
from config.errors import DataDirError
from protocols.supervision import ChildRow, Entry
from supervisors.cli_options import config_option, load, setting_options
from supervisors.sentences import detail, sentence

EXIT_NOT_FOUND: Final = 1
LOOK_S: Final = 0.25
"""Seconds between two looks at a journal that is followed."""

_HEAD: Final = ("PATH", "STATE", "LIFE", "RESTARTS", "SINCE", "REASON")


@click.command()
@click.option(
    "--since", type=click.IntRange(min=0), default=0, help="Above this number [0]."
)
@click.option("--last", type=click.IntRange(min=1), help="Only so many, the newest.")
@click.option("--follow/--no-follow", "-f", help="Go on with what comes [--no-follow].")
@click.option(
    "--tree-at",
    type=click.IntRange(min=0),
    metavar="NUMBER",
    help="Show the tree as this entry left it, and no entries.",
)
@click.option("--traces", is_flag=True, help="With tracebacks and stacks.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON each.")
@setting_options("storage.data_dir")
@config_option
def journal(config_file: Path | None, **given: object) -> int:
    """Show what happened: births, deaths, restarts, orders.

    \b
    phosphene journal --last 50
    phosphene journal --since 1200 --follow --traces
    phosphene journal --tree-at 1200
    phosphene journal --json > journal.jsonl

    Each line: when (UTC), its number, after "<" the number of what led to it, and what
    happened. Lines that cannot be read are told on the error output.
    """  # noqa: D301  # click: \b, these lines as they are
    data_dir = load(config_file, given).settings.data_dir
    wish = msgspec.convert(given, _Wish)
    try:
        return _show(data_dir / FOLDER, wish)
    except BrokenPipeError:  # `| head` has seen enough
        # Python flushes the output once more at its end; that must have somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        raise DataDirError(data_dir, str(error)) from error


class _Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be shown, as the options say."""

    since: int
    last: int | None
    follow: bool
    tree_at: int | None
    traces: bool
    as_json: bool


def _show(folder: Path, wish: _Wish) -> int:
    if not wish.follow and not journal_files(folder):
        click.echo(f"phosphene: there is no journal in {folder}", err=True)
        return EXIT_NOT_FOUND
    reader = JournalReader(folder, _complain)
    if wish.tree_at is not None:
        return _show_tree(reader.tree_at(wish.tree_at), wish)
    since = wish.since
    if wish.last is not None:
        since = max(since, last_number(folder) - wish.last)
    for entry in _entries(reader, since, follow=wish.follow):
        click.echo(_line(entry, wish), nl=False)
    return 0


def _show_tree(rows: Sequence[ChildRow] | None, wish: _Wish) -> int:
    if rows is None:
        click.echo(
            f"phosphene: the tree at {wish.tree_at} is not known: there is no such entry in"
            " the journal, or entries before it are lost",
            err=True,
        )
        return EXIT_NOT_FOUND
    if wish.as_json:
        for row in rows:
            click.echo(msgspec.json.encode(row))
        return 0
    cells = [_HEAD, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())
    return 0


def _entries(reader: JournalReader, since: int, *, follow: bool) -> Iterator[Entry]:
    never = threading.Event()
    while True:
        for entry in reader.entries(since):
            since = entry.number
            yield entry
        if not follow:
            return
        never.wait(LOOK_S)


def _line(entry: Entry, wish: _Wish) -> str:
    if wish.as_json:
        return line_of(entry).decode()
    cause = "" if entry.cause is None else f"< {entry.cause}"
    told = f"{_moment(entry.at)}  {entry.number:>7} {cause:<9} {sentence(entry.event)}\n"
    more = detail(entry.event) if wish.traces else ""
    return told + "".join(f"    {line}\n" for line in more.splitlines())


def _cells(row: ChildRow) -> tuple[str, ...]:
    marks = [name for name in ("held", "paused") if getattr(row, name)]
    return (
        row.path,
        " ".join([row.state, *marks]),
        str(row.life),
        str(row.restarts),
        _moment(row.since),
        " ".join(row.reason.split()),
    )


def _moment(unix: float) -> str:
    try:
        moment = dt.datetime.fromtimestamp(unix, dt.UTC)
    except (ValueError, OverflowError, OSError):  # what is shown need not be what we wrote
        return f"{unix:g} s"
    return moment.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00") + "Z"


def _complain(bad: BadLine) -> None:
    click.echo(f"phosphene: {bad}", err=True)

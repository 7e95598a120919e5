"""`phosphene audio`: the devices that can play, as `audio.output_2` and `_3` name them."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
import msgspec

EXIT_NO_AUDIO: Final = 9
PATIENCE_S: Final = 20.0
ROOT: Final = Path(__file__).resolve().parents[1]

_HEAD: Final = ("NUMBER", "", "NAME", "SYSTEM", "CHANNELS", "LIKES")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A device, as `actors.audio.output_list` writes it."""

    number: int
    name: str
    host: str
    channels: int
    rate_hz: float
    default: bool


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def audio(*, as_json: bool) -> int:
    """List the devices that can play sound; * marks the system's own choice.

    \b
    phosphene audio
    phosphene serve --set "audio.output_2=Built-in Output"

    A device is named by its name, a part of it, or its number, which changes when others
    are plugged in.
    """  # noqa: D301  # click: \b, these lines as they are
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(  # our own module
            [sys.executable, "-P", "-m", "actors.audio.output_list"],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _refuse(f"the sound system has not answered in {PATIENCE_S:g} s")
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return _refuse(said[-1] if said else f"exit code {done.returncode}")
    if as_json:
        click.echo(done.stdout)
    else:
        _show(msgspec.json.decode(done.stdout, type=list[Row]))
    return 0


def _refuse(why: str) -> int:
    click.echo(f"phosphene: {why}", err=True)
    return EXIT_NO_AUDIO


def _show(rows: Sequence[Row]) -> None:
    if not rows:
        click.echo("There is no device that can play.")
        return
    cells = [_HEAD, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def _cells(row: Row) -> tuple[str, ...]:
    mark = "*" if row.default else ""
    likes = f"{row.rate_hz:g} Hz"
    return str(row.number), mark, row.name, row.host, str(row.channels), likes

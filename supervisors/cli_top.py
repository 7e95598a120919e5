"""`phosphene top`: a server's supervision tree in a terminal, once a second.

    0  done
    2  usage
    6  no server answers there
    7  the key is missing, refused, or no operator's
    8  whoever answers there is no Phosphene server

Without a terminal (a pipe, a file) it prints one screen, as with `--once`.
"""

import os
import sys
import threading
from contextlib import suppress
from typing import Final

import click
import msgspec
from rich.console import Console
from rich.live import Live

from supervisors.ops_client import (
    OpsClient,
    UnreachableError,
    check_key,
    read_address,
)
from supervisors.top import Screen

PERIOD_S: Final = 1.0
EVENTS: Final = 40
"""Newest entries that are asked for; a screen shows as many of them as fit."""

ONCE_EVENTS: Final = 12
PRINTED_WIDTH: Final = 120
_DEFAULT: Final = "http://127.0.0.1:8008"


@click.command()
@click.option("--url", default=_DEFAULT, metavar="URL", help=f"The server [{_DEFAULT}].")
@click.option(
    "--key",
    envvar="PHOSPHENE_KEY",
    default="",
    metavar="KEY",
    help="An operator's key [PHOSPHENE_KEY, which no list of processes shows].",
)
@click.option("--once", is_flag=True, help="Print one screen and end.")
@click.option("--all", "unfold", is_flag=True, help="Fold nothing: every session's actors.")
@click.option("--json", "as_json", is_flag=True, help="What is seen, a line of JSON each.")
def top(
    url: str,
    key: str,
    once: bool,  # noqa: FBT001  # click's way to hand over flags
    unfold: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Watch a server's actors: states, restarts, inboxes, times, and what happened.

    \b
    export PHOSPHENE_KEY=phos_...
    phosphene top
    phosphene top --url http://studio:8008 --all
    phosphene top --once --json | jq .tree.state

    URL may be the whole address that `phosphene serve` prints, with its key. Ctrl-C ends
    it.
    """  # noqa: D301  # click: \b, these lines as they are
    address = read_address(url)
    client = OpsClient(address, check_key(key or address.key))
    try:
        if as_json:
            _print_json(client, once=once)
        elif once or not sys.stdout.isatty():
            seen = client.look(ONCE_EVENTS)
            console = Console(width=_width())
            console.print(_screen(console, unfold=unfold).show(seen, console.width, None))
        else:
            with suppress(KeyboardInterrupt):  # the way to end it
                _watch(client, unfold=unfold)
    except BrokenPipeError:  # `| head` has seen enough
        # Python flushes the output once more at its end; that must have somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        client.close()
    return 0


def _print_json(client: OpsClient, *, once: bool) -> None:
    never = threading.Event()
    while True:
        seen = client.look(EVENTS)
        click.echo(msgspec.json.encode(seen))
        if once:
            return
        never.wait(PERIOD_S)


def _watch(client: OpsClient, *, unfold: bool) -> None:
    console, never = Console(), threading.Event()
    screen = _screen(console, unfold=unfold)
    seen = client.look(EVENTS)  # first: what is wrong is said in the terminal as it was
    lost = ""
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            shown = screen.show(seen, console.width, console.height, lost)
            live.update(shown, refresh=True)
            never.wait(PERIOD_S)
            try:
                seen, lost = client.look(EVENTS), ""
            except UnreachableError as error:
                lost = error.message


def _width() -> int | None:
    """A file has no width: wide enough for every column, unless somebody says otherwise."""
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else PRINTED_WIDTH


def _screen(console: Console, *, unfold: bool) -> Screen:
    return Screen(unfold=unfold, plain=not console.encoding.startswith("utf"))

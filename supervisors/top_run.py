"""What `phosphene top` does, apart from its options."""

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


def run(url: str, key: str, *, once: bool, unfold: bool, as_json: bool) -> int:
    """Show a server's tree, once or until Ctrl-C.

    Args:
        url: the server's address, or all of what `phosphene serve` prints.
        key: an operator's; empty: the address has it.
        once: print one screen and end.
        unfold: fold nothing.
        as_json: print JSON.

    Returns:
        The exit code.

    Raises:
        click.ClickException: with one of the codes of `supervisors.cli_top`.
    """
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

"""Serve: everything at the door, started in order and stopped within a time.

Going down is `web.drain`'s three steps. A part of the door that falls takes the same steps
in haste, so that streams hear why (1012), and then the door falls with that part's error.
"""

import gc
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple

import trio

from web.app import create_app
from web.door import Door
from web.drain import Drain, Stepped, refuse_commands
from web.front import Front
from web.gateway import Gateway
from web.http_side import HttpSide
from web.realtime import Realtime


def _tell_nobody(_phase: str, _took_s: float, _outcome: str) -> None:
    """Steps are reported to whoever asks for it."""


async def serve(  # what begins and what ends it, each by its name
    door: Door,
    listeners: Sequence[socket.socket],
    *,
    ready: Callable[[], object],
    stop: trio.Event,
    hurry: trio.Event | None = None,
    stepped: Stepped = _tell_nobody,
) -> None:
    """Serve until told to stop.

    Args:
        door: what is served, and whom it asks.
        listeners: from `web.sockets.listen`; all serve the same, and are closed at the end.
        ready: called in the Trio thread once connections are taken.
        stop: set it inside this Trio run to go down.
        hurry: set it inside this Trio run to go down faster: 0.2 s for each step.
        stepped: told after each step of going down, in the Trio thread.

    Raises:
        Exception: of the part of the door that fell.
    """
    app = create_app(door)
    refuse_commands(app, door)
    parts = _Parts(door, Gateway(door), HttpSide(app, door))
    fall = _Fall(stop, trio.Event() if hurry is None else hurry)
    try:
        await _run(parts, listeners, ready, fall, Drain(fall.hurry, stepped))
    finally:
        _close(listeners)
    if fall.error is not None:
        raise fall.error


class _Parts(NamedTuple):
    """Of the door."""

    door: Door
    gateway: Gateway
    http: HttpSide


async def _run(
    parts: _Parts,
    listeners: Sequence[socket.socket],
    ready: Callable[[], object],
    fall: "_Fall",
    drain: Drain,
) -> None:
    door, gateway, http = parts
    front = Front(door, gateway, http)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(fall.watch, gateway.run)
        await nursery.start(http.run)
        nursery.start_soon(fall.watch, Realtime(door, gateway.audience).run)
        async with trio.open_nursery() as accepting:
            for listener in listeners:
                accept = partial(front.accept, listener, nursery)
                accepting.start_soon(fall.watch, accept)
            # A full collection would stall the streams; what is here now stays.
            gc.collect()
            gc.freeze()
            ready()
            await fall.stop.wait()
            # In haste another life may have the same sockets by now: whoever comes is its.
            in_haste = fall.hurry.is_set()
            if not in_haste:
                await _end_streams(parts, drain)
            accepting.cancel_scope.cancel()
        _close(listeners)
        if in_haste:
            await _end_streams(parts, drain)
        await drain.step("http", door.limits.grace_s, http.end, http.cut)
        nursery.cancel_scope.cancel()


async def _end_streams(parts: _Parts, drain: Drain) -> None:
    door, gateway, http = parts
    door.draining.set()

    async def notice() -> None:
        with trio.move_on_after(door.limits.notice_s):
            await gateway.left()
            await http.left()

    await drain.step("not_ready", door.limits.notice_s + 1.0, notice, lambda: None)
    await drain.step("streams", door.limits.streams_s, gateway.end, gateway.cut)


def _close(listeners: Sequence[socket.socket]) -> None:
    for listener in listeners:
        listener.close()


class _Fall:
    """Ends the whole when a part of it fails.

    Args:
        stop: as `serve`'s.
        hurry: set when a part fails.
    """

    def __init__(self, stop: trio.Event, hurry: trio.Event) -> None:
        self.stop = stop
        self.hurry = hurry
        self.error: Exception | None = None

    async def watch(self, run: Callable[[], Awaitable[None]]) -> None:
        """Run a part, and note how it fails."""
        try:
            await run()
        except Exception as error:  # noqa: BLE001  # raised again once all have left
            self.error = self.error or error
            self.stop.set()
            self.hurry.set()

"""Serve: everything at the door, started in order and stopped within a time.

Going down: no new connections, then streams closed with 1012, then requests in progress
have `grace_s`, then whatever hangs is cut off.
"""

import gc
import socket
from collections.abc import Callable, Sequence

import trio

from web.app import create_app
from web.door import Door
from web.front import Front
from web.gateway import Gateway
from web.http_side import HttpSide
from web.realtime import Realtime


async def serve(
    door: Door,
    listeners: Sequence[socket.socket],
    *,
    ready: Callable[[], object],
    stop: trio.Event,
) -> None:
    """Serve until told to stop.

    Args:
        door: what is served, and whom it asks.
        listeners: from `web.sockets.listen`; all serve the same, and are closed at the end.
        ready: called in the Trio thread once connections are taken.
        stop: set it inside this Trio run to go down.
    """
    gateway = Gateway(door)
    http = HttpSide(create_app(door), door.limits)
    front = Front(door, gateway, http)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(gateway.run)
        await nursery.start(http.run)
        nursery.start_soon(Realtime(door, gateway).run)
        async with trio.open_nursery() as accepting:
            for listener in listeners:
                accepting.start_soon(front.accept, listener, nursery)
            # A full collection would stall the streams; what is here now stays.
            gc.collect()
            gc.freeze()
            ready()
            await stop.wait()
            accepting.cancel_scope.cancel()
        for listener in listeners:
            listener.close()
        await _go_down(door, gateway, http)
        nursery.cancel_scope.cancel()


async def _go_down(door: Door, gateway: Gateway, http: HttpSide) -> None:
    async with trio.open_nursery() as leaving:
        leaving.start_soon(gateway.close_all, door.limits.grace_s)
        leaving.start_soon(http.close_all, door.limits.grace_s)

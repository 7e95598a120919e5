"""HTTP, by Hypercorn's protocol class and Quart-Trio.

In: connections of which nothing is read yet. Out: answers. Hypercorn's own `serve` makes
its listeners; ours are shared with the stream gateway, so this module drives its parts as
`hypercorn.trio.run.worker_serve` (0.18.0) does. `http_connection` stands in the place of
its connection class.
"""

import logging
import socket
from typing import TYPE_CHECKING, Final, cast

import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.trio.lifespan import Lifespan
from hypercorn.trio.worker_context import WorkerContext
from quart_trio import QuartTrio

from web import wires
from web.door import Door, Limits
from web.errors import Problem
from web.handshake import refusing
from web.head import HEAD_BYTES
from web.http_connection import HttpConnection, Served

if TYPE_CHECKING:
    from hypercorn.typing import ASGIFramework

_LOG: Final = logging.getLogger(__name__)
_FULL: Final = Problem(
    503, "too many requests are in progress", headers={"retry-after": "5"}
)


class HttpSide:
    """Serves HTTP connections with one application; made and used inside one Trio run.

    Args:
        app: the application.
        door: with the limits of time and number.
    """

    def __init__(self, app: QuartTrio, door: Door) -> None:
        self._limits = door.limits
        self._served = Served(
            door=door,
            app=ASGIWrapper(cast("ASGIFramework", app)),
            config=_config(door.limits),
            context=WorkerContext(None),
            state={},
        )
        self._connections: dict[HttpConnection, None] = {}  # the oldest first
        self._changed = trio.Event()

    @property
    def connections(self) -> int:
        """How many there are now."""
        return len(self._connections)

    async def run(
        self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Hold the application's lifespan, until cancelled."""
        served = self._served
        lifespan = Lifespan(served.app, served.config, served.state)
        async with trio.open_nursery() as nursery:
            await nursery.start(lifespan.handle_lifespan)
            await lifespan.wait_for_startup()
            task_status.started()
            try:
                await trio.sleep_forever()
            finally:
                with trio.move_on_after(self._limits.grace_s) as ending:
                    ending.shield = True
                    await lifespan.wait_for_shutdown()

    async def serve(self, sock: socket.socket) -> bytes | None:
        """Serve one connection to its end and close it.

        Returns:
            The head of a request for a WebSocket: then the socket is open, and the rest is
            the gateway's.
        """
        if len(self._connections) >= self._limits.requests and not self.make_room():
            wires.say_last(sock, refusing("/", _FULL, self._served.door.unix()))
            return None
        connection = HttpConnection(self._served, sock)
        self._connections[connection] = None
        try:
            await connection.run()
        except OSError:
            pass  # it is gone
        except Exception:  # noqa: BLE001  # one connection is not the server's end
            _LOG.exception("an HTTP connection ended with an error")
        finally:
            self._forget(connection)
        return connection.wanted

    def make_room(self) -> bool:
        """Cut the connection that has kept us waiting longest, an idle one before all.

        Returns:
            False: there is none; every client waits for us.
        """
        waiting = [
            (not one.is_idle, since, one)
            for one in self._connections
            if (since := one.waits_since) is not None
        ]
        if not waiting:
            return False
        _, _, longest = min(waiting, key=lambda row: row[:2])
        self._forget(longest)
        longest.cut()
        return True

    async def end(self) -> None:
        """End idle connections at once, and the others each with its answer."""
        await self._served.context.terminated.set()
        for connection in list(self._connections):
            connection.end_if_idle()
        await self.left()

    async def left(self) -> None:
        """Wait until there is no connection."""
        while self._connections:
            self._changed = trio.Event()
            await self._changed.wait()

    def cut(self) -> None:
        """End every connection now."""
        for connection in list(self._connections):
            connection.cut()

    def _forget(self, connection: HttpConnection) -> None:
        self._connections.pop(connection, None)
        self._changed.set()


def _config(limits: Limits) -> Config:
    config = Config()
    config.h11_max_incomplete_size = HEAD_BYTES
    config.graceful_timeout = limits.grace_s
    config.shutdown_timeout = limits.grace_s
    config.include_server_header = False
    config.accesslog = None
    config.errorlog = _LOG
    return config

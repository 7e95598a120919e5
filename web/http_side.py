"""HTTP, by Hypercorn's connection class and Quart-Trio.

In: connections of which nothing is read yet. Out: answers. Hypercorn's own `serve` makes
its listeners; ours are shared with the stream gateway, so this module drives its parts as
`hypercorn.trio.run.worker_serve` (0.18.0) does.
"""

import logging
import socket
from typing import Final, cast

import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.trio.lifespan import Lifespan
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ASGIFramework, ConnectionState, LifespanState
from quart_trio import QuartTrio

from web.door import Limits
from web.head import HEAD_BYTES

_LOG: Final = logging.getLogger(__name__)


class HttpSide:
    """Serves HTTP connections with one application; made and used inside one Trio run.

    Args:
        app: the application.
        limits: of time and number.
    """

    def __init__(self, app: QuartTrio, limits: Limits) -> None:
        self._app = ASGIWrapper(cast("ASGIFramework", app))
        self._limits = limits
        self._config = _config(limits)
        self._context = WorkerContext(None)
        self._state: LifespanState = {}
        self._streams: set[trio.SocketStream] = set()
        self._changed = trio.Event()

    async def run(
        self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Hold the application's lifespan, until cancelled."""
        lifespan = Lifespan(self._app, self._config, self._state)
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

    async def serve(self, sock: socket.socket) -> None:
        """Serve one connection to its end and close it."""
        stream = trio.SocketStream(trio.socket.from_stdlib_socket(sock))
        if len(self._streams) >= self._limits.requests:
            await stream.aclose()
            return
        self._streams.add(stream)
        state = ConnectionState(self._state.copy())
        try:
            await _Connection(self._app, self._config, self._context, state, stream).run()  # type: ignore[arg-type]  # it wants TLS in its annotation only
        except Exception:  # noqa: BLE001  # one connection is not the server's end
            _LOG.exception("an HTTP connection ended with an error")
        finally:
            self._streams.discard(stream)
            self._changed.set()
            sock.close()

    async def close_all(self, within_s: float) -> None:
        """End idle connections at once, and the others when they are done or time is up.

        Args:
            within_s: seconds that requests in progress have.
        """
        await self._context.terminated.set()
        with trio.move_on_after(within_s):
            while self._streams:
                self._changed = trio.Event()
                await self._changed.wait()
        for stream in list(self._streams):
            # Hypercorn shields its writes from cancellation; a closed socket ends them.
            stream.socket.close()


class _Connection(TCPServer):
    """Hypercorn's connection, which really closes.

    Quart-Trio cancels the handler that has just sent its answer, and with it the close that
    `Connection: close` asks for; the client would wait for it until it gave up.
    """

    async def _close(self) -> None:
        with trio.CancelScope(shield=True):  # nothing in it waits for the client
            await super()._close()


def _config(limits: Limits) -> Config:
    config = Config()
    config.h11_max_incomplete_size = HEAD_BYTES
    config.keep_alive_timeout = limits.keep_alive_s
    config.graceful_timeout = limits.grace_s
    config.shutdown_timeout = limits.grace_s
    config.include_server_header = False
    config.accesslog = None
    return config

"""One HTTP connection: its bytes, its deadlines, its end.

In: a socket of which nothing is read yet. Out: answers. Hypercorn's own connection class
waits for ever for a client that takes nothing, and for a handler's inbox that nobody
empties any more; so this one stands in its place. Whatever the client does, `run` ends.
"""

import socket
from typing import Final, NamedTuple

import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.trio.task_group import TaskGroup
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ConnectionState, LifespanState

from web import wires
from web.door import Door
from web.http_protocol import Http11, WebSocketWanted
from web.sockets import limit_unsent

_FOREVER: Final = float("inf")


class Served(NamedTuple):
    """What all connections share."""

    door: Door
    app: ASGIWrapper
    config: Config
    context: WorkerContext
    state: LifespanState


class HttpConnection:
    """Serves one client; made and used inside one Trio run.

    Args:
        served: what it is served.
        sock: non-blocking; closed at the end.
    """

    def __init__(self, served: Served, sock: socket.socket) -> None:
        self._served = served
        self._limits = served.door.limits
        self._sock = sock
        self._protocol: Http11 | None = None
        self._life = trio.CancelScope()
        self._reading = trio.CancelScope()
        self._writing = trio.Lock()
        self._write_began: float | None = None
        self._request_began: float | None = None  # None: no request is in progress
        self._idle_since: float | None = trio.current_time()
        self._settled = trio.Event()
        self._over = False
        """Nothing more is written."""

        self.wanted: bytes | None = None
        """Head of the request for a WebSocket that ended it; its socket is open still."""

    @property
    def is_idle(self) -> bool:
        """No request is in progress."""
        return self._idle_since is not None

    @property
    def waits_since(self) -> float | None:
        """Since when we wait for the client (Trio's time); None: it waits for us."""
        if self._idle_since is not None:
            return self._idle_since
        if self._write_began is not None:
            return self._write_began
        reads = self._protocol is not None and self._protocol.reads_body
        return self._request_began if reads else None

    async def run(self) -> None:
        """Serve until either side ends it; then the socket is closed, unless it is wanted.

        Raises:
            OSError: it was gone before we began.
        """
        try:
            with self._life:
                await self._serve()
        finally:
            if self.wanted is None:
                self.cut()

    def end_if_idle(self) -> None:
        """End it now if no request is in progress."""
        if self.is_idle:
            self._end()

    def cut(self) -> None:
        """End it now, whatever it is at."""
        self._end()
        self._life.cancel()
        wires.close(self._sock)

    async def _serve(self) -> None:
        client, server = self._sock.getpeername(), self._sock.getsockname()
        limit_unsent(self._sock, self._limits.unsent_bytes)
        async with TaskGroup() as tasks:
            self._protocol = protocol = Http11(
                self._served.door,
                app=self._served.app,
                config=self._served.config,
                context=self._served.context,
                task_group=tasks,
                connection_state=ConnectionState(self._served.state.copy()),
                ssl=False,
                client=_address(client),
                server=_address(server),
                send=self._send,
            )
            self._reading.deadline = trio.current_time() + self._limits.keep_alive_s
            has_left = False
            with self._reading:
                has_left = await self._read(protocol)
            if has_left:
                # It may have closed one side only, and still wait for its answer.
                with trio.move_on_after(self._limits.half_closed_s):
                    await self._settled.wait()
            elif self.wanted is None:
                await self._take_leave(protocol)
            self._end()
            self._life.cancel()  # with the handler, if there is one still

    async def _take_leave(self, protocol: Http11) -> None:
        # We close: after an answer, an error, or too long a silence.
        if not self._over:
            await protocol.refuse_rest()
        if not protocol.was_heard_out:
            self._idle_since = trio.current_time()
            await wires.part(self._sock, self._limits.linger_s)

    async def _read(self, protocol: Http11) -> bool:
        """Read until the client sends no more; True then."""
        while True:
            try:
                data = await wires.read_some(self._sock)
            except (OSError, trio.ClosedResourceError):
                self._end()
                return True
            if not data:
                if self.is_idle:
                    self._end()
                return True
            await protocol.handle(RawData(data))

    async def _send(self, event: Event) -> None:
        # In the reader's task or the handler's: what the protocol wants done.
        match event:
            case RawData(data=data):
                await self._write(data)
            case Closed():
                self._end()
            case WebSocketWanted(head=head):
                self.wanted = head
                self._end()
            case Updated(idle=True):
                self._rest()
            case Updated():
                self._idle_since, self._request_began = None, trio.current_time()
                self._reading.deadline = _FOREVER
                self._settled = trio.Event()

    def _rest(self) -> None:
        self._idle_since, self._request_began = trio.current_time(), None
        self._reading.deadline = self._idle_since + self._limits.keep_alive_s
        self._settled.set()

    def _end(self) -> None:
        self._over = True
        self._reading.cancel()
        self._settled.set()

    async def _write(self, data: bytes) -> None:
        async with self._writing:
            if self._over:
                return
            self._write_began = trio.current_time()
            time_s = self._limits.stall_s + len(data) / self._limits.least_rate
            was_written = False
            try:
                with trio.move_on_after(time_s):
                    await wires.write_all(self._sock, data)
                    was_written = True
            except (OSError, trio.ClosedResourceError):
                pass
            finally:
                self._write_began = None
                if not was_written:  # too slow, gone, or cancelled amid an answer
                    self._end()


def _address(name: tuple[str, int] | tuple[str, int, int, int]) -> tuple[str, int]:
    return name[0], name[1]

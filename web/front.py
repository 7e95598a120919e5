"""The front: accepts connections and tells what each of them is.

In: listening sockets. Out: WebSocket upgrades to the gateway, everything else, unread, to
HTTP. The first bytes are looked at where they lie, in the kernel (`MSG_PEEK`); a head that
is too long or too slow costs its connection and nothing else. Where there is no room, the
head that is awaited longest goes: who means it well has said it within milliseconds.
"""

import errno
import logging
import socket
from typing import Final

import trio

from web import wires
from web.door import Door
from web.errors import Problem
from web.gateway import Gateway
from web.handshake import refusing
from web.head import HEAD_BYTES, Head, find_head
from web.http_side import HttpSide

_LOG: Final = logging.getLogger(__name__)
_FULL: Final = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)
_PAUSE_S: Final = 0.1
"""Pause after the system had no room for a connection."""

_NO_HEAD: Final = Problem(400, "this is not HTTP; TLS ends before this server")
_SLOW: Final = Problem(408, "the request's head did not come in time")
_LONG: Final = Problem(431, f"the request's head may have {HEAD_BYTES} bytes")
_SHED: Final = Problem(
    503, "too many connections are half open", headers={"retry-after": "1"}
)


class Front:
    """Takes connections in; made and used inside one Trio run."""

    def __init__(self, door: Door, gateway: Gateway, http: HttpSide) -> None:
        self._door = door
        self._gateway = gateway
        self._http = http
        self._awaited: dict[trio.CancelScope, None] = {}  # heads; the oldest first

    async def accept(self, listener: socket.socket, nursery: trio.Nursery) -> None:
        """Accept connections until cancelled.

        Args:
            listener: a non-blocking listening socket.
            nursery: where connections live.
        """
        while True:
            await trio.lowlevel.wait_readable(listener)
            try:
                sock, peer = listener.accept()
            except BlockingIOError:
                continue
            except OSError as error:
                if error.errno in _FULL:
                    _LOG.warning("no room for a connection: %s", error.strerror)
                    if not self._shed():
                        self._http.make_room()
                    await trio.sleep(_PAUSE_S)
                continue  # else it was gone before we took it
            sock.setblocking(False)  # noqa: FBT003  # the socket module's own way
            nursery.start_soon(self._serve, sock, peer[0])

    def _shed(self) -> bool:
        oldest = next(iter(self._awaited), None)
        if oldest is None:
            return False
        del self._awaited[oldest]
        oldest.cancel()
        return True

    async def _serve(self, sock: socket.socket, peer: str) -> None:
        try:
            head = await self._greet(sock)
            if head is None:
                return
            asked = sock.recv(head.size) if head.upgrade else await self._http.serve(sock)
            if asked is not None:
                await self._gateway.converse(sock, asked, peer)
        except OSError:
            pass  # it is gone
        except Exception:  # noqa: BLE001  # one connection is not the server's end
            _LOG.exception("a connection ended with an error")
        finally:
            wires.close(sock)

    async def _greet(self, sock: socket.socket) -> Head | None:
        if len(self._awaited) >= self._door.limits.waiting_heads:
            self._shed()
        scope = trio.CancelScope()
        self._awaited[scope] = None
        try:
            with scope:
                return await self._hear(sock)
        finally:
            self._awaited.pop(scope, None)
        self._door.figures.heads_refused += 1
        wires.say_last(sock, self._refusing(_SHED))
        return None

    async def _hear(self, sock: socket.socket) -> Head | None:
        found: Head | Problem | None = _SLOW
        with trio.move_on_after(self._door.limits.head_s):
            found = await _await_head(sock)
        if isinstance(found, Head):
            return found
        self._door.figures.heads_refused += 1
        if found is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
            sock.send(self._refusing(found))
            await wires.part(sock, self._door.limits.linger_s)
        return None

    def _refusing(self, problem: Problem) -> bytes:
        return refusing("/", problem, self._door.unix())


async def _await_head(sock: socket.socket) -> Head | Problem | None:
    seen = 0
    while True:
        await trio.lowlevel.wait_readable(sock)
        data = sock.recv(HEAD_BYTES, socket.MSG_PEEK)
        head = find_head(data)
        if head is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
            return head
        if len(data) == seen:  # readable without news: the client has closed
            return None
        if len(data) >= HEAD_BYTES:
            return _LONG
        if not data[:1].isalpha():  # no method begins so; TLS, most often
            return _NO_HEAD
        # Wake for more than we have seen: what is peeked at stays readable.
        seen = len(data)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, seen + 1)

"""The front: accepts connections and tells what each of them is.

In: listening sockets. Out: WebSocket upgrades to the gateway, everything else, unread, to
HTTP. The first bytes are looked at where they lie, in the kernel (`MSG_PEEK`); a head that
is too long or too slow costs its connection and nothing else.
"""

import errno
import logging
import socket
from typing import Final

import trio

from web.door import Door
from web.gateway import Gateway
from web.handshake import refusal
from web.head import HEAD_BYTES, Head, find_head
from web.http_side import HttpSide

_LOG: Final = logging.getLogger(__name__)
_FULL: Final = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)
_PAUSE_S: Final = 0.1
"""Pause after the system had no room for a connection."""


class Front:
    """Takes connections in; made and used inside one Trio run."""

    def __init__(self, door: Door, gateway: Gateway, http: HttpSide) -> None:
        self._door = door
        self._gateway = gateway
        self._http = http
        self._heads = 0  # connections whose head is not whole yet

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
                    await trio.sleep(_PAUSE_S)
                continue  # else it was gone before we took it
            sock.setblocking(False)  # noqa: FBT003  # the socket module's own way
            nursery.start_soon(self._serve, sock, peer[0])

    async def _serve(self, sock: socket.socket, peer: str) -> None:
        try:
            head = await self._greet(sock)
            if head is None:
                self._door.figures.heads_refused += 1
            elif head.upgrade:
                await self._gateway.converse(sock, sock.recv(head.size), peer)
            else:
                await self._http.serve(sock)
        except OSError:
            pass  # it is gone
        except Exception:  # noqa: BLE001  # one connection is not the server's end
            _LOG.exception("a connection ended with an error")
        finally:
            if sock.fileno() >= 0:
                trio.lowlevel.notify_closing(sock)
                sock.close()

    async def _greet(self, sock: socket.socket) -> Head | None:
        if self._heads >= self._door.limits.waiting_heads:
            return None
        self._heads += 1
        try:
            with trio.move_on_after(self._door.limits.head_s):
                return await _await_head(sock)
            sock.send(refusal(408, {}, b""))
        finally:
            self._heads -= 1
        return None


async def _await_head(sock: socket.socket) -> Head | None:
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
            sock.send(refusal(431, {}, b""))
            return None
        if not data[:1].isalpha():  # no method begins so; TLS, most often
            sock.send(refusal(400, {}, b""))
            return None
        # Wake for more than we have seen: what is peeked at stays readable.
        seen = len(data)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, seen + 1)

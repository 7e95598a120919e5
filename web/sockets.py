"""Listening sockets, made by ourselves.

What is set here is inherited by every accepted connection (Linux): a client that
acknowledges nothing, or keeps its window shut, for 20 s loses its connection; so does one
that is gone without a word, though nothing is sent to it.
"""

import errno
import resource
import socket
from collections.abc import Sequence
from typing import Final

from protocols.errors import PhospheneError

USER_TIMEOUT_MS: Final = 20_000
KEEP_IDLE_S: Final = 30
"""After so long a silence the kernel asks whether the client is there still."""

KEEP_INTERVAL_S: Final = 5
BACKLOG: Final = 1024
DESCRIPTORS: Final = 16_384
"""WebSockets, requests and waiting heads as in `web.door.Limits`, and as many again."""

_TCP_NOTSENT_LOWAT: Final = 25  # linux/tcp.h; the socket module has no name for it


class PortUsedError(PhospheneError):
    """Another program listens there.

    Args:
        host: as asked.
        port: as asked.
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"{host}:{port} is in use by another program")
        self.host = host
        self.port = port


class AddressUnusableError(PhospheneError):
    """We cannot listen there: no such address here, or not allowed.

    Args:
        host: as asked.
        port: as asked.
        why: in the system's words.
    """

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(f"cannot listen on {host}:{port}: {why}")
        self.host = host
        self.port = port


def allow_descriptors(wanted: int = DESCRIPTORS) -> int:
    """Let this process have as many connections as the door lets in.

    Many systems begin with 1,024 descriptors. Children inherit it.

    Args:
        wanted: descriptors in all; fewer where the system's hard limit is lower.

    Returns:
        How many there may be now.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def listen(host: str, ports: Sequence[int]) -> list[socket.socket]:
    """Listen on one address of this machine, on several ports.

    Args:
        host: a name or an address; of a name its first address is taken.
        ports: 0 takes any free one.

    Returns:
        Non-blocking listening sockets, in the order of `ports`.

    Raises:
        PortUsedError: a port is taken; nothing is left open.
        AddressUnusableError: there is no such address, or it is not allowed.
    """
    opened: list[socket.socket] = []
    try:
        for port in ports:
            opened.append(_listen(host, port))  # noqa: PERF401  # what is open is closed below
    except BaseException:
        for done in opened:
            done.close()
        raise
    return opened


def address(listener: socket.socket) -> tuple[str, int]:
    """Host and port that a socket listens on."""
    name = listener.getsockname()
    return name[0], name[1]


def prepare_stream(
    sock: socket.socket, *, send_buffer: int, unsent_bytes: int, vanished_s: float
) -> None:
    """Keep the kernel from hoarding stale frames for a WebSocket.

    Args:
        sock: an accepted connection.
        send_buffer: bytes it may keep in all.
        unsent_bytes: bytes it may keep that are not on the way.
        vanished_s: seconds in which what it sent must be acknowledged.
    """
    vanished_ms = max(1, round(vanished_s * 1000))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, vanished_ms)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    limit_unsent(sock, unsent_bytes)


def limit_unsent(sock: socket.socket, unsent_bytes: int) -> None:
    """Keep the kernel from hoarding what a client may never take.

    Args:
        sock: an accepted connection.
        unsent_bytes: bytes it may keep that are not on the way.
    """
    sock.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, unsent_bytes)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, proto, _, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise AddressUnusableError(host, port, str(error)) from error
    sock = socket.socket(family, kind, proto)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEP_IDLE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEP_INTERVAL_S)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)  # noqa: FBT003  # the socket module's own way
        sock.bind(where)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise PortUsedError(host, port) from error
        raise AddressUnusableError(host, port, error.strerror or str(error)) from error
    return sock

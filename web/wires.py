"""Non-blocking sockets, awaited in Trio: read, write, part, close."""

import socket
from contextlib import suppress
from typing import Final

import trio

READ_BYTES: Final = 64 * 1024
_ESTABLISHED: Final = 1  # linux/tcp_states.h
PARTING_BYTES: Final = 64 * 1024 * 1024
"""What a client still sends after our last word is thrown away, but not without end."""


async def read_some(sock: socket.socket, size: int = READ_BYTES) -> bytes:
    """Wait for bytes and take them.

    Args:
        sock: non-blocking.
        size: most bytes to take.

    Returns:
        Empty: the client sends no more.

    Raises:
        OSError: the connection is broken.
        trio.ClosedResourceError: we closed the socket meanwhile.
    """
    while True:
        await trio.lowlevel.wait_readable(sock)
        try:
            return sock.recv(size)
        except BlockingIOError:
            continue


async def write_all(sock: socket.socket, data: bytes) -> None:
    """Hand everything to the kernel, waiting for the client where it must.

    Args:
        sock: non-blocking.
        data: bytes.

    Raises:
        OSError: the connection is broken.
        trio.ClosedResourceError: we closed the socket meanwhile.
    """
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[sock.send(rest) :]
        except BlockingIOError:
            await trio.lowlevel.wait_writable(sock)


async def part(sock: socket.socket, within_s: float) -> None:
    """Let a client that still sends read our last words; the caller closes.

    A socket that is closed with bytes unread resets the connection, and what was on its
    way to the client is lost with it (RFC 9112, section 9.6).

    Args:
        sock: non-blocking; nothing is written to it any more.
        within_s: seconds after which the client is not waited for.
    """
    with suppress(OSError, trio.ClosedResourceError), trio.move_on_after(within_s):
        sock.shutdown(socket.SHUT_WR)
        thrown_away = 0
        while thrown_away < PARTING_BYTES and (data := await read_some(sock)):
            thrown_away += len(data)


def has_left(sock: socket.socket) -> bool:
    """Whether the client sends no more, though what it sent is not all read."""
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != _ESTABLISHED


def say_last(sock: socket.socket, data: bytes) -> None:
    """Say something short without waiting, to a client that has said all it will.

    Args:
        sock: non-blocking; the caller closes it.
        data: a short answer.
    """
    with suppress(OSError):
        sock.recv(READ_BYTES)  # unread bytes would reset the connection at its close
    with suppress(OSError):
        sock.send(data)


def close(sock: socket.socket) -> None:
    """Close a socket, once or again; who waits for it is woken by `ClosedResourceError`."""
    if sock.fileno() >= 0:
        trio.lowlevel.notify_closing(sock)
        sock.close()

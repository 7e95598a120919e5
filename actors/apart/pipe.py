"""A pipe for messages: each with its length before it, over a pair of sockets.

The standard library's `Connection` does the same, but takes 25 ms of a child's start to
import, and cannot close one direction only.
"""

import contextlib
import socket
import struct
from threading import Lock
from typing import Final

from actors.apart.errors import ChildError

_LENGTH: Final = struct.Struct("<I")

MOST: Final = 1024**2
"""Bytes of a message; whoever sends more, has written garbage into the pipe."""


class Pipe:
    """One end. One thread receives and closes; any other may send and finish."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        # A descriptor that is closed may be another file's before a sender has used it.
        self._lock = Lock()

    def fileno(self) -> int:
        """For a selector."""
        return self._end.fileno()

    def send(self, message: bytes) -> None:
        """Send a message.

        Raises:
            OSError: the other end is gone.
        """
        with self._lock:
            self._end.sendall(_LENGTH.pack(len(message)) + message)

    def receive(self) -> bytes:
        """Wait for a message.

        Raises:
            EOFError: the other end is gone, or sends no more.
            ChildError: what came is no message.
        """
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        if length > MOST:
            raise ChildError(f"a message of {length} bytes; allowed: up to {MOST}")
        return self._exactly(length)

    def finish(self) -> None:
        """Send no more: the other end reads the end of the pipe."""
        with self._lock, contextlib.suppress(OSError):  # it is gone
            self._end.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Let the descriptor go; safe to call twice."""
        with self._lock:
            self._end.close()

    def _exactly(self, size: int) -> bytes:
        read = bytearray()
        while len(read) < size:
            try:
                part = self._end.recv(size - len(read))
            except ConnectionError as error:
                raise EOFError from error
            if not part:
                raise EOFError
            read += part
        return bytes(read)

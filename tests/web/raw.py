"""A WebSocket client that does what no library lets one do."""

import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

HEAD = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
)


class Raw:
    """A connection, byte by byte."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self._kept = b""

    async def send(self, data: bytes) -> None:
        await self.stream.send_all(data)

    async def flood(self, data: bytes) -> None:
        """Send it again and again."""
        while True:
            await self.stream.send_all(data)

    async def exactly(self, size: int) -> bytes:
        while len(self._kept) < size:
            more = await self.stream.receive_some()
            if not more:
                raise EOFError(self._kept)
            self._kept += more
        data, self._kept = self._kept[:size], self._kept[size:]
        return data

    async def head(self) -> str:
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            data += await self.exactly(1)
        return data.decode()

    async def shake(self, path: str, more: str = "") -> str:
        await self.send(HEAD.format(path=path, host="127.0.0.1", more=more).encode())
        return await self.head()

    async def frame(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame."""
        first, size = await self.exactly(2)
        assert first & 0x80
        assert not first & 0x70
        if size == 126:
            (size,) = struct.unpack(">H", await self.exactly(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", await self.exactly(8))
        return first & 0x0F, await self.exactly(size)

    async def close_code(self) -> int:
        """Pass over frames to the close, and tell its code."""
        while True:
            opcode, payload = await self.frame()
            if opcode == 0x8:
                return int.from_bytes(payload[:2])

    async def rest(self) -> bytes:
        """All that comes until the server closes."""
        data, self._kept = self._kept, b""
        try:
            while more := await self.stream.receive_some():
                data += more
        except trio.BrokenResourceError:
            pass
        return data


def masked(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """A frame as clients must send it, with a mask of zeros."""
    first = (0x80 if final else 0) | opcode
    if len(payload) < 126:
        head = bytes((first, 0x80 | len(payload)))
    elif len(payload) < 1 << 16:
        head = bytes((first, 0x80 | 126)) + struct.pack(">H", len(payload))
    else:
        head = bytes((first, 0x80 | 127)) + struct.pack(">Q", len(payload))
    return head + bytes(4) + payload


@asynccontextmanager
async def connected(port: int, receive_buffer: int | None = None) -> AsyncIterator[Raw]:
    """A connection to this machine.

    Args:
        port: of the server.
        receive_buffer: bytes that the kernel keeps for a client that does not read.
    """
    sock = trio.socket.socket()
    if receive_buffer is not None:
        sock.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_RCVBUF, receive_buffer)
    await sock.connect(("127.0.0.1", port))
    async with trio.SocketStream(sock) as stream:
        yield Raw(stream)

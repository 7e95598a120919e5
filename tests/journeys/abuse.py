"""What hostile clients send at `/ws`, and what somebody else gets meanwhile.

Each abuse opens connections of its own and gives the close codes that came; `Witness` is
the client beside, who wants every beat.
"""

import functools
import json
import re
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeAlias

import numpy as np
import trio

from tests.journeys.server import PATIENCE_S
from tests.web.raw import Raw, connected, masked

TEXT, BINARY, CLOSE, PING = 0x1, 0x2, 0x8, 0x9
PATH: Final = "/ws"
FRAMES: Final = 10_000
AT_ONCE: Final = 4
NOT_CLOSED: Final = 0
"""In place of a code: the server went on, and was right to."""

PROTOCOL, DATA, TEXT_BAD, POLICY, TOO_BIG = 1002, 1003, 1007, 1008, 1009
ALLOWED: Final = frozenset({NOT_CLOSED, 1000, PROTOCOL, DATA, TEXT_BAD, POLICY, TOO_BIG})

Codes: TypeAlias = Counter[int]
Abuse: TypeAlias = Callable[[int], Awaitable[Codes]]
"""Given the port; gives the codes."""

_SEQUENCE: Final = re.compile(rb'"sequence":(\d+)')


class Witness:
    """A client that reads every beat."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self.numbers: list[int] = []
        self.closed = False

    @property
    def longest_stall_s(self) -> float:
        """The longest time between two beats, less the tenth of a second that is right."""
        return max(b - a for a, b in zip(self.at, self.at[1:], strict=False)) - 0.1

    @property
    def lost(self) -> int:
        """Beats that never came."""
        return self.numbers[-1] - self.numbers[0] + 1 - len(self.numbers)

    async def watch(self, raw: Raw) -> None:
        """Read until cancelled, or closed."""
        while True:
            opcode, payload = await raw.frame()
            if opcode == CLOSE:
                self.closed = True
                return
            if opcode == PING:
                await raw.send(masked(0xA, payload))
            found = _SEQUENCE.search(payload)
            if found is not None and b"realtime_data" in payload:
                self.at.append(trio.current_time())
                self.numbers.append(int(found[1]))

    async def sees_another(self, beats: int = 2) -> None:
        """Wait until it has got so many more."""
        until = len(self.numbers) + beats
        with trio.fail_after(PATIENCE_S):
            while len(self.numbers) < until:
                assert not self.closed
                await trio.sleep(0.02)


@asynccontextmanager
async def witnessed(port: int) -> AsyncIterator[Witness]:
    """Have somebody watch."""
    witness = Witness()
    async with connected(port) as raw, trio.open_nursery() as nursery:
        await raw.shake(PATH)
        nursery.start_soon(witness.watch, raw)
        await witness.sees_another()
        yield witness
        nursery.cancel_scope.cancel()


def framed(first: int, payload: bytes) -> bytes:
    """A masked frame with any first byte."""
    frame = bytearray(masked(TEXT, payload))
    frame[0] = first
    return bytes(frame)


async def ends(raw: Raw) -> int:
    """The code with which the server closes."""
    with trio.fail_after(PATIENCE_S):
        return await raw.close_code()


async def said(port: int, *messages: bytes) -> int:
    """Say it, and hear how the server closes."""
    async with connected(port) as raw:
        await raw.shake(PATH)
        for message in messages:
            try:
                await raw.send(message)
            except trio.BrokenResourceError:  # it has closed; the code waits to be read
                break
        return await ends(raw)


async def flooded(port: int, data: bytes) -> int:
    """Say it again and again until the server closes; how it does."""
    async with connected(port) as raw, trio.open_nursery() as nursery:
        await raw.shake(PATH)
        nursery.start_soon(_pour, raw, data)
        code = await ends(raw)
        nursery.cancel_scope.cancel()
    return code


async def _pour(raw: Raw, data: bytes) -> None:
    with suppress(trio.BrokenResourceError):
        await raw.flood(data)


@functools.cache
def packed() -> bytes:
    """64 KB that would inflate to 60 MB; a tenth of a second of work, once."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(bytes(60 * 1024**2)) + packer.flush(zlib.Z_SYNC_FLUSH)


async def bomb(port: int) -> Codes:
    """A deflate bomb."""
    return Counter([await said(port, framed(0xC1, packed()))])


async def crumbs(port: int) -> Codes:
    """A message in fragments of one byte, without an end."""
    crumb = masked(0x0, b"a", final=False)
    first = masked(TEXT, b"a", final=False) + crumb * 70_000
    return Counter([await flooded(port, first)])


async def pings(port: int) -> Codes:
    """More pings than anyone needs."""
    return Counter([await flooded(port, masked(PING, b"") * 1000)])


async def bad_text(port: int) -> Codes:
    """What is no UTF-8."""
    sent = (b"\xff", b"\xed\xa0\x80", b"\xf0\x9f\x92")
    return Counter([await said(port, masked(TEXT, one)) for one in sent])


async def reserved(port: int) -> Codes:
    """Opcodes and bits that mean nothing."""
    return Counter([await said(port, framed(one, b"x")) for one in (0x83, 0x8B, 0xA1)])


async def large(port: int) -> Codes:
    """A message of 17 MB, whose length is said first."""
    head = bytes((0x82, 0xFF)) + (17 * 1024**2).to_bytes(8) + bytes(4)
    return Counter([await flooded(port, head + bytes(17 * 1024**2))])


async def fuzz(port: int, frames: int = FRAMES, seed: int = 7) -> Codes:
    """So many frames of chance, some of them right, over as many connections as needed."""
    codes: Codes = Counter()
    async with trio.open_nursery() as nursery:
        for worker in range(AT_ONCE):
            rng = np.random.default_rng([seed, worker])
            nursery.start_soon(_fuzz, port, frames // AT_ONCE, rng, codes)
    return codes


async def _fuzz(port: int, frames: int, rng: np.random.Generator, codes: Codes) -> None:
    while frames > 0:
        some = int(rng.integers(1, 12))
        frames -= some
        async with connected(port) as raw:
            await raw.shake(PATH)
            data = b"".join(_frame(rng) for _ in range(some))
            with suppress(trio.BrokenResourceError):
                await raw.send(data + masked(CLOSE, (1000).to_bytes(2)))
            codes[await ends(raw)] += 1


def _frame(rng: np.random.Generator) -> bytes:
    kind = rng.random()
    payload = rng.bytes(int(rng.integers(0, 300)))
    if kind < 0.3:  # something that could be a command
        said_type = ("ping", "SUBSCRIBE", "UPDATE_SETTINGS", "STOP_SESSION", "?")
        what = {"type": said_type[int(rng.integers(5))], "rate_hz": int(rng.integers(20))}
        return masked(TEXT, json.dumps(what).encode())
    if kind < 0.5:
        return masked(int(rng.integers(16)), payload[:125])
    if kind < 0.9:
        return framed(int(rng.integers(256)), payload)
    return payload  # not even a frame


EVERY: Final[dict[str, tuple[Abuse, frozenset[int]]]] = {
    "deflate bomb": (bomb, frozenset({PROTOCOL})),
    "fragments of a byte": (crumbs, frozenset({POLICY, TOO_BIG})),
    "ping flood": (pings, frozenset({POLICY})),
    "bad UTF-8": (bad_text, frozenset({TEXT_BAD})),
    "reserved opcodes and bits": (reserved, frozenset({PROTOCOL})),
    "17 MB message": (large, frozenset({TOO_BIG})),
    "fuzzed frames": (fuzz, ALLOWED - {NOT_CLOSED}),
}
"""By name, with the codes that are right."""

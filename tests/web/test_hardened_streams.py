"""The gateway against WebSockets that are broken, endless or hostile.

As in `test_hardened`: the thing is really sent, and the others are served.
"""

import logging
import socket
import struct
import tracemalloc
import zlib

import pytest
import trio
import trio.testing

from protocols.sessions import PushSamples, SamplesTaken
from tests.web.raw import HEAD, Raw, masked
from tests.web.scene import PATH, scene, status_of
from tests.web.stand_ins import KEY
from web.figures import Closed
from web.handshake import Conversation, Said
from web.viewer import RECEIVE_BYTES

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
LONG_PING = masked(PING, bytes(100))
MEGABYTE = 1024 * 1024
INGEST = f"/api/v1/ingest/stream?key={KEY}"
PUSHED = (
    b'{"session_id": "sess_a", "sfreq": 256, "ch_names": ["AF7"], "samples": [[1, 2, 3]]}'
)


def framed(first: int, payload: bytes) -> bytes:
    """A masked frame with any first byte."""
    frame = bytearray(masked(TEXT, payload))
    frame[0] = first
    return bytes(frame)


def rudely(raw: Raw) -> None:
    """Its close will reset the connection."""
    no_linger = struct.pack("ii", 1, 0)
    raw.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)


# -- bombs --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [PATH, "/ws", INGEST])
async def test_a_bomb_is_not_inflated(path: str) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = packer.compress(bytes(60 * MEGABYTE)) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert len(bomb) < 64 * 1024
    offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=15\r\n"
    async with scene() as seen, seen.hostile() as raw:
        head = await raw.shake(path, offer)
        assert head.startswith("HTTP/1.1 101")
        assert "extensions" not in head.lower()
        tracemalloc.start()
        try:
            await raw.send(framed(0xC1, bomb))  # whole, compressed, text
            code = await raw.close_code()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        await seen.is_served()

    assert code == 1002
    assert peak < 10 * MEGABYTE


@pytest.mark.parametrize(
    "claimed", [65_537, 60 * MEGABYTE, 2**62], ids=["over", "60 MB", "2^62"]
)
async def test_a_message_over_the_limit_is_not_waited_for(claimed: int) -> None:
    async with scene() as seen, seen.hostile() as raw:
        await raw.shake(PATH)
        head = bytes((0x82, 0xFF)) + struct.pack(">Q", claimed) + bytes(4)
        await raw.send(head + bytes(65_537))
        assert await raw.close_code() == 1009
        await seen.is_served()


async def test_a_message_is_measured_in_bytes() -> None:
    async with scene() as seen, seen.hostile() as raw:
        await raw.shake(PATH)
        await raw.send(masked(TEXT, "é".encode() * 40_000))
        assert await raw.close_code() == 1009


def test_empty_fragments_without_end_take_no_room() -> None:
    talk = Conversation()
    talk.read_head(HEAD.format(path="/ws", host="x", more="").encode())
    talk.accept()
    assert list(talk.hear(masked(TEXT, b"a", final=False))) == []
    empty = masked(0x0, b"", final=False) * 1000
    tracemalloc.start()
    try:
        for _ in range(20):
            assert list(talk.hear(empty)) == []
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < 20_000
    assert list(talk.hear(masked(0x0, b"b"))) == [Said("ab")]
    assert talk.frames == 20_002


# -- broken rules -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (masked(TEXT, b"\xff"), 1007),
        (masked(TEXT, b"\xc3", final=False) + masked(0x0, b"\x28"), 1007),
        (masked(TEXT, b"\xed\xa0\x80"), 1007),
        (masked(TEXT, b"\xf0\x9f\x92"), 1007),  # cut amid a character
        (masked(CLOSE, (1000).to_bytes(2) + b"\xff"), 1007),
        (masked(PING, b"a", final=False) + masked(0x0, b"b"), 1002),
        (masked(CLOSE, b"", final=False), 1002),
        (masked(PING, b"x" * 126), 1002),
        (masked(PONG, b"x" * 70_000), 1002),
        (bytes((0x81, 1)) + b"x", 1002),  # without a mask
        (bytes((0x89, 0)), 1002),
        (masked(CLOSE, b"\x03"), 1002),
        (framed(0xA1, b"x"), 1002),
        (framed(0x91, b"x"), 1002),
        (framed(0x83, b"x"), 1002),
        (framed(0x8F, b""), 1002),
        (masked(0x0, b"x"), 1002),
        (masked(TEXT, b"a", final=False) + masked(TEXT, b"b"), 1002),
        (bytes((0x82, 0xFE, 0, 5)) + bytes(9), 1002),  # five bytes, said in two
        (bytes((0x82, 0xFF)) + struct.pack(">Q", 2**63) + bytes(4), 1002),
        *(
            (masked(CLOSE, code.to_bytes(2)), 1002)
            for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535)
        ),
    ],
)
async def test_a_broken_rule_is_told_by_its_code(sent: bytes, code: int) -> None:
    async with scene() as seen, seen.hostile() as raw:
        await raw.shake(PATH)
        await raw.send(sent)
        assert await raw.close_code() == code
        await seen.is_served()
        assert await raw.rest() == b""

    assert seen.house.door.figures.closes[Closed.PROTOCOL] == 1


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1013, 3000, 4999])
async def test_a_goodbye_with_a_code_that_is_allowed_is_echoed(code: int) -> None:
    async with scene() as seen, seen.hostile() as raw:
        await raw.shake(PATH)
        await raw.send(masked(CLOSE, code.to_bytes(2) + b"bye"))
        assert await raw.close_code() == code

    assert seen.house.door.figures.closes[Closed.CLIENT] == 1


# -- who leaves ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", [PATH, "/ws", INGEST])
@pytest.mark.parametrize("how", ["goodbye", "close", "half", "reset"])
async def test_who_sends_twenty_messages_and_leaves_is_not_waited_for(
    path: str, how: str
) -> None:
    async with scene() as seen:
        async with seen.hostile() as raw:
            await raw.shake(path)
            await raw.send(masked(TEXT, b'{"type": "ping"}') * 20)
            match how:
                case "goodbye":
                    await raw.send(masked(CLOSE, (1001).to_bytes(2)))
                    assert await raw.close_code() == 1001
                case "half":
                    await raw.stream.send_eof()
                    await raw.rest()
                case "reset":
                    rudely(raw)
        await seen.is_served()
        await seen.is_clean()


async def test_a_handshake_that_is_left_midway_leaves_nothing() -> None:
    head = HEAD.format(path=PATH, host="x", more="").encode()
    async with scene() as seen:
        for at in (1, 20, len(head) - 1, len(head)):
            async with seen.hostile() as raw:
                await raw.send(head[:at])
                rudely(raw)
        await seen.is_clean()


async def test_frames_may_come_with_the_handshake() -> None:
    head = HEAD.format(path="/ws", host="127.0.0.1", more="").encode()
    async with scene() as seen, seen.hostile() as raw:
        await raw.send(head + masked(PING, b"early"))
        await raw.head()
        answers = [await raw.frame(), await raw.frame()]

    assert (PONG, b"early") in answers


async def test_a_head_that_drips_is_answered_408() -> None:
    head = HEAD.format(path=PATH, host="x", more="").encode()
    async with scene(head_s=0.3, linger_s=0.2) as seen, seen.hostile() as raw:
        await raw.send(head[:-2])
        with trio.fail_after(10):
            answer = await raw.rest()

    assert status_of(answer) == 408


# -- who floods ---------------------------------------------------------------------------


async def test_a_flood_of_pings_is_read_slowly_and_the_others_are_served() -> None:
    async with scene(said_hz=1.0) as seen, seen.hostile() as raw:
        await raw.shake(PATH)
        pongs = 0

        async def count() -> None:
            nonlocal pongs
            while True:
                opcode, _ = await raw.frame()
                pongs += opcode == PONG

        async with trio.open_nursery() as nursery:
            nursery.start_soon(count)
            nursery.start_soon(raw.flood, LONG_PING * 100)
            for _ in range(30):
                await seen.is_served()
            nursery.cancel_scope.cancel()
        # It leaves now; its end lies behind hundreds of pings that are not read.

    assert 0 < pongs <= RECEIVE_BYTES // len(LONG_PING) + 1
    assert seen.house.door.figures.closes == {Closed.GONE: 2}  # it, and at last the viewer


@pytest.mark.parametrize("path", [PATH, "/ws", INGEST])
@pytest.mark.parametrize(
    "tiny",
    [masked(PING, b""), masked(PONG, b""), masked(0x0, b"x", final=False)],
    ids=["pings", "pongs", "pieces"],
)
async def test_a_flood_of_tiny_frames_is_closed_with_1008(path: str, tiny: bytes) -> None:
    async with scene() as seen, seen.hostile() as raw:
        await raw.shake(path)
        await raw.send(masked(TEXT, b"x", final=False))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(raw.flood, tiny * 1000)
            assert await raw.close_code() == 1008
            nursery.cancel_scope.cancel()

    assert seen.house.door.figures.closes[Closed.PROTOCOL] == 1


async def test_a_burst_of_messages_is_no_flood() -> None:
    ping = masked(TEXT, b'{"type": "ping"}')
    async with scene() as seen, seen.hostile() as raw:
        await raw.shake("/ws")
        await raw.send(ping * 200 + masked(CLOSE, (1000).to_bytes(2)))
        assert await raw.close_code() == 1000


async def test_who_is_told_and_reads_nothing_goes_and_nothing_is_left() -> None:
    async with (
        scene(stall_s=0.4, send_buffer=4096, unsent_bytes=4096) as seen,
        seen.hostile(receive_buffer=4096) as raw,
    ):
        await raw.shake(PATH)
        sequence = 10
        while not seen.house.door.figures.closes[Closed.SLOW]:
            sequence += 1
            seen.house.picture("sess_a", sequence, f"{sequence} " + "x" * 20_000)
            _, payload = await seen.told()
            assert payload.startswith(f"{sequence} ".encode())
        await seen.is_clean(held=1)


async def test_too_many_who_shake_hands_are_told_to_come_later() -> None:
    async with scene(websockets=2) as seen, seen.hostile() as one, seen.hostile() as more:
        assert (await one.shake(PATH)).startswith("HTTP/1.1 101")
        head = await more.shake(PATH)

    assert head.startswith("HTTP/1.1 503")
    assert "retry-after: 5" in head


# -- we fail ------------------------------------------------------------------------------


async def test_a_failure_of_ours_ends_one_conversation_with_1011(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with scene() as seen, seen.hostile() as raw:
        sessions = seen.house.sessions
        seen.house.asked_sessions.answer = lambda message: (
            SamplesTaken(object())  # type: ignore[arg-type]  # no JSON
            if isinstance(message, PushSamples)
            else sessions(message)
        )
        await raw.shake(INGEST)
        await raw.send(masked(TEXT, PUSHED))
        assert await raw.close_code() == 1011
        assert await raw.rest() == b""
        await seen.is_served()

    assert seen.house.door.figures.closes[Closed.FAILED] == 1
    assert [r.name for r in caplog.records if r.levelno == logging.ERROR] == ["web.gateway"]

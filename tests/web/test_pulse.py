"""Silent clients: who answers pings stays, who does not is gone."""

import socket
import struct

import trio

from tests.web.raw import Raw, connected, masked
from tests.web.stand_ins import House, opened
from web.door import Limits
from web.figures import Closed

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
PATH = "/stream/sess_a"
SO_ATTACH_FILTER = 26  # asm-generic/socket.h; the socket module has no name for it


def quick(ping_s: float, pong_s: float) -> House:
    house = House(limits=Limits(ping_s=ping_s, pong_s=pong_s))
    house.sessions.add("sess_a")
    return house


def vanish(raw: Raw) -> list[object]:
    """Let nothing reach a client any more: as if its cable were cut.

    A socket filter of one instruction, `ret #0`, drops each packet before TCP sees it.
    """
    drop = struct.pack("HBBI", 0x06, 0, 0, 0)
    kept = bytearray(drop)
    import ctypes  # noqa: PLC0415  # here alone

    program = (ctypes.c_char * len(kept)).from_buffer(kept)
    filter_ = struct.pack("HL", 1, ctypes.addressof(program))
    raw.stream.socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filter_)
    return [program, kept]


async def answer_pings(raw: Raw, wanted: int) -> None:
    answered = 0
    while answered < wanted:
        opcode, payload = await raw.frame()
        assert opcode != CLOSE
        if opcode == PING:
            answered += 1
            await raw.send(masked(PONG, payload))


async def test_a_silent_listener_that_answers_pings_stays() -> None:
    house = quick(0.1, 5.0)
    async with opened(house), connected(house.ports[0]) as raw:
        await raw.shake(PATH)
        with trio.fail_after(30):
            await answer_pings(raw, 10)
        house.picture("sess_a", 1)
        while (await raw.frame())[0] == PING:
            pass
        assert house.door.figures.closes == {}


async def test_who_answers_no_ping_is_told_and_gone() -> None:
    house = quick(0.1, 0.3)
    async with opened(house), connected(house.ports[0]) as raw:
        await raw.shake(PATH)
        with trio.fail_after(30):
            assert await raw.close_code() == 1011
            assert await raw.rest() == b""
        await house.left()

    assert house.door.figures.closes == {Closed.SILENT: 1}


async def test_anything_that_is_said_is_a_sign_of_life() -> None:
    house = quick(0.5, 0.5)
    async with opened(house), connected(house.ports[0]) as raw:
        await raw.shake("/ws")
        pings = said = 0
        with trio.fail_after(30):
            while pings < 3:  # asked three times: it is there though it sends no pong
                opcode, _ = await raw.frame()
                assert opcode != CLOSE
                if opcode == PING:
                    pings += 1
                    said += 1
                    await raw.send(masked(TEXT, b'{"type": "ping"}'))

    assert house.door.figures.received == said
    assert house.door.figures.closes[Closed.SILENT] == 0


async def test_who_vanishes_without_a_word_is_gone_though_nothing_is_sent_to_it() -> None:
    house = quick(0.2, 0.5)
    async with opened(house), connected(house.ports[0]) as raw:
        await raw.shake(PATH)
        kept = vanish(raw)
        with trio.fail_after(30):
            await house.left()
        assert kept

    closes = house.door.figures.closes
    assert closes[Closed.SILENT] + closes[Closed.GONE] == 1


async def test_who_vanishes_amid_the_broadcast_is_gone() -> None:
    house = quick(60.0, 0.5)
    async with opened(house), connected(house.ports[0]) as raw:
        await raw.shake("/ws")
        await raw.frame()
        kept = vanish(raw)
        with trio.fail_after(30):
            await house.left()
        assert kept

    assert house.door.figures.closes == {Closed.GONE: 1}

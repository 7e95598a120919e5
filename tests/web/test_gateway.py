"""The gateway against clients that are slow, rude, broken or hostile."""

import json
from collections.abc import AsyncIterator

import pytest
import trio
import trio.testing

from tests.web.raw import connected, masked
from tests.web.stand_ins import House, opened
from web.door import Limits
from web.figures import Closed

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
PATH = "/stream/sess_a"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    house.sessions.add("sess_a")
    async with opened(house):
        yield house


async def test_compression_is_never_agreed_to(house: House) -> None:
    offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    async with connected(house.ports[0]) as raw:
        head = await raw.shake(PATH, offer)

    assert head.startswith("HTTP/1.1 101")
    assert "sec-websocket-extensions" not in head.lower()


async def test_a_compressed_frame_is_a_broken_protocol(house: House) -> None:
    async with connected(house.ports[0]) as raw:
        await raw.shake(PATH, "Sec-WebSocket-Extensions: permessage-deflate\r\n")
        bomb = bytearray(masked(TEXT, b"x"))
        bomb[0] |= 0x40  # "this message is compressed"
        await raw.send(bytes(bomb))
        assert await raw.close_code() == 1002


async def test_a_ping_is_answered_even_between_fragments(house: House) -> None:
    async with connected(house.ports[0]) as raw:
        await raw.shake("/ws")
        await raw.frame()
        await raw.send(masked(TEXT, b'{"type":', final=False) + masked(PING, b"here?"))
        await raw.send(masked(0x0, b' "ping"}'))
        pong, answer = await raw.frame(), await raw.frame()

    assert pong == (PONG, b"here?")
    assert json.loads(answer[1]) == {"type": "pong", "timestamp": house.door.unix()}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (masked(TEXT, b"x" * 65_537), 1009),
        (masked(TEXT, b"x" * 40_000, final=False) + masked(0, b"x" * 40_000), 1009),
        (masked(TEXT, b"\xc3\x28"), 1007),
        (masked(TEXT, b"\xed\xa0\x80"), 1007),
        (masked(0x3, b""), 1002),
        (masked(0x0, b"nothing to go on with"), 1002),
        (masked(PING, b"x" * 126), 1002),
        (masked(CLOSE, b"\x03"), 1002),
        (bytes((0x81, 1)) + b"x", 1002),  # without a mask
    ],
)
async def test_a_broken_rule_closes_with_its_code(
    house: House, sent: bytes, code: int
) -> None:
    async with connected(house.ports[0]) as raw:
        await raw.shake(PATH)
        await raw.send(sent)
        assert await raw.close_code() == code
        assert await raw.rest() == b""

    await house.left()
    assert house.door.figures.closes == {Closed.PROTOCOL: 1}


async def test_a_goodbye_is_echoed_and_the_connection_closed(house: House) -> None:
    async with connected(house.ports[0]) as raw:
        await raw.shake(PATH)
        await raw.send(masked(CLOSE, (3001).to_bytes(2) + b"bye"))
        assert await raw.close_code() == 3001
        assert await raw.rest() == b""

    await house.left()
    assert house.door.figures.closes == {Closed.CLIENT: 1}


async def test_a_long_message_is_framed_with_its_length(house: House) -> None:
    async with connected(house.ports[0]) as raw:
        await raw.shake(PATH)
        for size in (0, 125, 126, 65_535, 65_536, 300_000):
            house.picture("sess_a", size + 1, "x" * size or " ")
            opcode, payload = await raw.frame()
            assert (opcode, len(payload)) == (TEXT, max(size, 1))


async def test_who_reads_nothing_harms_nobody_and_goes() -> None:
    house = House(limits=Limits(stall_s=0.4, send_buffer=4096, unsent_bytes=4096))
    house.sessions.add("sess_a")
    async with (
        opened(house),
        connected(house.ports[0], receive_buffer=4096) as stuck,
        house.watching(PATH) as [viewer],
    ):
        await stuck.shake(PATH)
        sequence = 0
        while not house.door.figures.closes[Closed.SLOW]:
            sequence += 1
            house.picture("sess_a", sequence, f"{sequence} " + "x" * 20_000)
            said = await viewer.get_message()
            assert str(said).startswith(f"{sequence} ")
        assert house.door.figures.active == 1
        assert house.door.figures.dropped > 0


async def test_who_reads_slowly_gets_whole_frames_and_the_newest() -> None:
    house = House(limits=Limits(send_buffer=4096, unsent_bytes=4096))
    house.sessions.add("sess_a")
    async with (
        opened(house),
        connected(house.ports[0], receive_buffer=4096) as slow,
        house.watching(PATH) as [viewer],
    ):
        await slow.shake(PATH)
        for sequence in range(1, 101):
            house.picture("sess_a", sequence, f"{sequence} " + "x" * 20_000)
            await viewer.get_message()
        seen: list[int] = []
        while not seen or seen[-1] != 100:
            _, payload = await slow.frame()
            assert len(payload) >= 20_002
            seen.append(int(payload.split()[0]))

    assert seen == sorted(set(seen))
    assert len(seen) < 20
    assert house.door.figures.dropped == 100 - len(seen)


async def test_who_asks_without_reading_the_answers_is_shown_out() -> None:
    house = House(limits=Limits(send_buffer=4096, unsent_bytes=4096))
    async with opened(house), connected(house.ports[0], receive_buffer=4096) as rude:
        await rude.shake("/ws")
        with trio.fail_after(20), pytest.raises(trio.BrokenResourceError):
            await rude.flood(masked(PING, b"x" * 125) * 100)

    assert house.door.figures.closes == {Closed.SLOW: 1}


async def test_a_head_that_drips_costs_only_its_connection() -> None:
    house = House(limits=Limits(head_s=0.3))
    async with opened(house), connected(house.ports[0]) as raw:
        await raw.send(b"GET / HTTP/1.1\r\nHost: x\r\nX-Drip: ")
        answer = await raw.rest()
        async with house.client() as client:
            assert (await client.get("/health")).status_code == 200

    assert answer.startswith(b"HTTP/1.1 408")


async def test_a_head_that_comes_in_pieces_is_understood(house: House) -> None:
    async with connected(house.ports[0]) as raw:
        for piece in (b"G", b"ET /health HT", b"TP/1.1\r\nHost: x\r\n", b"\r", b"\n"):
            await raw.send(piece)
            await trio.testing.wait_all_tasks_blocked()
        assert (await raw.head()).startswith("HTTP/1.1 200")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000, b"431"),
        (b"\x16\x03\x01\x02\x00\x01\x00", b"400"),
    ],
)
async def test_what_is_no_head_is_refused(house: House, sent: bytes, status: bytes) -> None:
    async with connected(house.ports[0]) as raw:
        await raw.send(sent)
        assert (await raw.rest())[9:12] == status

    assert house.door.figures.heads_refused == 1


@pytest.mark.parametrize("version", ["1.0\r\n", "1.1\r\nConnection: close\r\n"])
async def test_a_connection_is_closed_when_the_client_asks_for_it(
    house: House, version: str
) -> None:
    async with connected(house.ports[0]) as raw:
        await raw.send(f"GET /health HTTP/{version}Host: x\r\n\r\n".encode())
        with trio.fail_after(20):
            assert b"healthy" in await raw.rest()


async def test_of_too_many_waiting_heads_the_oldest_goes() -> None:
    house = House(limits=Limits(waiting_heads=1))
    async with opened(house), connected(house.ports[0]) as first:
        await first.send(b"GET / HTTP/1.1\r\n")
        await trio.testing.wait_all_tasks_blocked()
        async with connected(house.ports[0]) as second:
            assert (await first.rest()).startswith(b"HTTP/1.1 503")
            await second.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await second.head()).startswith("HTTP/1.1 200")

    assert house.door.figures.heads_refused == 1


async def test_too_many_websockets_are_turned_away() -> None:
    house = House(limits=Limits(websockets=1))
    house.sessions.add("sess_a")
    async with opened(house), house.watching(PATH), connected(house.ports[0]) as second:
        head = await second.shake(PATH)

    assert head.startswith("HTTP/1.1 503")
    assert "retry-after" in head


async def test_a_stuck_client_does_not_hold_the_server_up() -> None:
    limits = Limits(grace_s=0.3, send_buffer=4096, unsent_bytes=4096)
    house = House(limits=limits)
    house.sessions.add("sess_a")
    with trio.fail_after(20):
        async with (
            opened(house),
            connected(house.ports[0], receive_buffer=4096) as stuck,
            connected(house.ports[0], receive_buffer=4096) as stuck_too,
        ):
            await stuck.shake(PATH)
            house.picture("sess_a", 1, "x" * 1_000_000)
            name = house.library.put(b"x" * 8_000_000)
            await stuck_too.send(
                f"GET /images/{name}.png HTTP/1.1\r\nHost: x\r\n\r\n".encode()
            )
            await stuck_too.exactly(1)
            house.stop.set()

    assert house.door.figures.active == 0


@pytest.mark.parametrize(
    "head",
    [
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "POST /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n",
        "GET /ws HTTP/9.9\r\nHost: x\r\nUpgrade: websocket\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: xn--a\r\nUpgrade: websocket\r\n\r\n",
        "GET /ws\r\nUpgrade: websocket\r\n\r\n",
        "\r\nGET /ws\nUpgrade: websocket\n\n",
    ],
)
async def test_a_bad_handshake_is_answered_and_closed(house: House, head: str) -> None:
    async with connected(house.ports[0]) as raw:
        await raw.send(head.encode())
        answer = await raw.rest()
        async with house.client() as client:
            assert (await client.get("/health")).status_code == 200

    assert answer[9:10] == b"4"


async def test_a_page_of_another_site_may_not_listen(house: House) -> None:
    async with connected(house.ports[0]) as raw:
        head = await raw.shake("/ws", "Origin: https://elsewhere.example\r\n")

    assert head.startswith("HTTP/1.1 403")

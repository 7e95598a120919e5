"""Streams of sound over real sockets: who hears what, and what the synth is told."""

import json
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing
from trio_websocket import ConnectionClosed, WebSocketConnection

from protocols.sound import MAIN, MAIN_TOPIC, PCM_HEADER, SoundDemand
from tests.web.raw import connected
from tests.web.sound_stand_ins import SoundHouse
from tests.web.stand_ins import KEY, made, opened
from web.audio_stream import WAITING
from web.door import Limits
from web.figures import Closed

SESSION = "/stream/sess_a/audio"
MAIN_STREAM = "/api/v1/audio/stream"
PICTURES = "/stream/sess_a"
BLOCK = 4410


def block(number: int) -> bytes:
    """As the synth makes them."""
    head = struct.pack(PCM_HEADER, b"PHS1", 44_100, number * BLOCK, 1.0e9 + number / 10)
    return head + struct.pack("<hh", number % 100, -1) * BLOCK


def number_of(message: bytes) -> int:
    """Of a block; it must be whole."""
    assert len(message) == 24 + 4 * BLOCK
    magic, sfreq, first, at = struct.unpack_from(PCM_HEADER, message)
    assert (magic, sfreq) == (b"PHS1", 44_100)
    number: int = first // BLOCK
    assert at == 1.0e9 + number / 10
    return number


def play(house: SoundHouse, number: int, topic: str = "sess_a") -> None:
    frame = made(topic, number, block(number), kind="audio", binary=True)
    house.hub.tell(frame)


async def heard(listener: WebSocketConnection) -> int:
    """Number of the next block."""
    message = await listener.get_message()
    assert isinstance(message, bytes)
    return number_of(message)


async def format_of(listener: WebSocketConnection) -> dict[str, Any]:
    """The first message."""
    said: dict[str, Any] = json.loads(await listener.get_message())
    return said


async def demanded(house: SoundHouse, voice: str, listeners: int) -> None:
    """Wait until the synth is told so, as the last word on this voice."""
    with trio.fail_after(20):
        while True:
            told = [
                one
                for one in house.sound.asked
                if isinstance(one, SoundDemand) and one.voice == voice
            ]
            if told and told[-1].listeners == listeners:
                return
            await trio.testing.wait_all_tasks_blocked(0.01)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SoundHouse]:
    house = SoundHouse(tmp_path)
    house.sessions.add("sess_a")
    house.sessions.add("sess_b")
    async with opened(house):
        yield house


async def test_a_stream_says_first_what_follows(house: SoundHouse) -> None:
    async with house.watching(SESSION) as [listener]:
        said = await format_of(listener)
        assert said == {
            "type": "audio_format",
            "server_time": house.door.unix(),
            "sfreq": 44_100,
            "channels": 2,
            "encoding": "s16le",
            "block_samples": 4410,
            "header": "<4sIQd",
            "header_bytes": 24,
            "header_fields": ["magic", "sfreq", "first_sample", "unix_time"],
            "magic": "PHS1",
            "queue_ms": 500,
        }


@pytest.mark.parametrize("path", [SESSION, "/stream/sess_a?format=audio", SESSION + "/"])
async def test_a_session_is_heard_block_by_block(house: SoundHouse, path: str) -> None:
    async with house.watching(path) as [listener]:
        await format_of(listener)
        for number in (7, 8, 9):
            play(house, number)
        assert [await heard(listener) for _ in "789"] == [7, 8, 9]


async def test_two_hear_the_same_and_each_voice_is_apart(house: SoundHouse) -> None:
    paths = (SESSION, SESSION, "/stream/sess_b/audio", MAIN_STREAM)
    async with house.watching(*paths) as listeners:
        for listener in listeners:
            await format_of(listener)
        play(house, 1)
        play(house, 2, "sess_b")
        play(house, 3, MAIN_TOPIC)
        assert [await heard(listener) for listener in listeners] == [1, 1, 2, 3]


async def test_pictures_and_sound_do_not_mix(house: SoundHouse) -> None:
    async with house.watching(SESSION, PICTURES) as [listener, viewer]:
        await format_of(listener)
        play(house, 1)
        house.picture("sess_a", 1)
        assert await viewer.get_message() == "picture 1"
        play(house, 2)
        assert [await heard(listener), await heard(listener)] == [1, 2]


async def test_who_comes_late_hears_nothing_old(house: SoundHouse) -> None:
    async with house.watching(SESSION) as [early]:
        await format_of(early)
        play(house, 1)
        assert await heard(early) == 1
        async with house.watching(SESSION) as [late]:
            await format_of(late)
            play(house, 2)
            assert await heard(late) == 2


async def test_a_gap_of_the_synth_is_seen_by_the_index(house: SoundHouse) -> None:
    async with house.watching(SESSION) as [listener]:
        await format_of(listener)
        play(house, 1)
        play(house, 5)
        assert [await heard(listener), await heard(listener)] == [1, 5]


@pytest.mark.parametrize(("path", "voice"), [(SESSION, "sess_a"), (MAIN_STREAM, MAIN)])
async def test_the_synth_hears_how_many_listen(
    house: SoundHouse, path: str, voice: str
) -> None:
    async with house.watching(path) as [first]:
        await format_of(first)
        await demanded(house, voice, 1)
        async with house.watching(path) as [second]:
            await format_of(second)
            await demanded(house, voice, 2)
        await demanded(house, voice, 1)
    await demanded(house, voice, 0)
    assert house.demands.all() == []  # the broadcaster has no part in it


async def test_a_synth_that_was_raised_anew_is_told_again(tmp_path: Path) -> None:
    house = SoundHouse(tmp_path, limits=Limits(look_s=0.05))
    house.sessions.add("sess_a")
    async with opened(house), house.watching(SESSION) as [listener]:
        await format_of(listener)
        await demanded(house, "sess_a", 1)
        house.sound.asked.clear()
        await demanded(house, "sess_a", 1)


async def test_the_end_of_a_session_ends_its_sound(house: SoundHouse) -> None:
    async with house.watching(SESSION, "/stream/sess_b/audio") as [listener, other]:
        await format_of(listener)
        await format_of(other)
        house.picture("sess_a", 1, "ended", control=True, last=True)
        said = json.loads(await listener.get_message())
        assert (said["type"], said["status"]) == ("status", "ended")
        with pytest.raises(ConnectionClosed) as closed:
            await listener.get_message()
        play(house, 3, "sess_b")
        assert await heard(other) == 3

    assert closed.value.reason is not None
    assert closed.value.reason.code == 1000
    await demanded(house, "sess_a", 0)


async def test_a_session_without_pictures_ends_too(tmp_path: Path) -> None:
    house = SoundHouse(tmp_path, limits=Limits(look_s=0.05))
    house.sessions.add("sess_a")
    async with opened(house), house.watching(SESSION) as [listener]:
        await format_of(listener)
        house.sessions.add("sess_a", status="ended", ended_at=101.0, reason="it is over")
        said = json.loads(await listener.get_message())
        assert (said["status"], said["reason"]) == ("ended", "it is over")
    await house.left()
    assert house.door.figures.closes == {Closed.ENDED: 1}


async def test_who_comes_after_the_end_is_told_so(house: SoundHouse) -> None:
    house.sessions.add("sess_a", status="ended", ended_at=101.0, reason="it is over")
    async with house.watching(SESSION) as [listener]:
        said = json.loads(await listener.get_message())
        assert (said["type"], said["reason"]) == ("status", "it is over")


async def test_who_reads_slowly_loses_the_oldest_and_holds_up_nobody(
    tmp_path: Path,
) -> None:
    limits = Limits(send_buffer=4096, unsent_bytes=4096)
    house = SoundHouse(tmp_path, limits=limits)
    house.sessions.add("sess_a")
    count = 60
    async with (
        opened(house),
        connected(house.ports[0], receive_buffer=4096) as slow,
        house.watching(SESSION) as [listener],
    ):
        await slow.shake(SESSION)
        await slow.frame()
        await format_of(listener)
        for number in range(count):
            play(house, number)
            assert await heard(listener) == number
        seen: list[int] = []
        while not seen or seen[-1] != count - 1:
            _, payload = await slow.frame()
            seen.append(number_of(payload))

    assert seen == sorted(set(seen))
    assert seen[-WAITING:] == list(range(count - WAITING, count))
    assert len(seen) < count
    assert house.door.figures.dropped == count - len(seen)


async def test_a_short_halt_of_a_listener_makes_no_gap(tmp_path: Path) -> None:
    house = SoundHouse(tmp_path, limits=Limits(send_buffer=4096, unsent_bytes=4096))
    house.sessions.add("sess_a")
    async with (
        opened(house),
        connected(house.ports[0], receive_buffer=4096) as halting,
        house.watching(SESSION) as [listener],
    ):
        await halting.shake(SESSION)
        await halting.frame()
        await format_of(listener)
        for first in range(0, 5 * WAITING, WAITING):
            for number in range(first, first + WAITING):
                play(house, number)
                assert await heard(listener) == number
            for number in range(first, first + WAITING):
                _, payload = await halting.frame()
                assert number_of(payload) == number

    assert house.door.figures.dropped == 0


async def test_who_takes_nothing_goes_and_the_others_hear_on(tmp_path: Path) -> None:
    limits = Limits(stall_s=0.3, send_buffer=4096, unsent_bytes=4096)
    house = SoundHouse(tmp_path, limits=limits)
    house.sessions.add("sess_a")
    async with (
        opened(house),
        connected(house.ports[0], receive_buffer=4096) as stuck,
        house.watching(SESSION) as [listener],
    ):
        await stuck.shake(SESSION)
        await format_of(listener)
        number = 0
        while not house.door.figures.closes[Closed.SLOW]:
            number += 1
            play(house, number)
            assert await heard(listener) == number
        await demanded(house, "sess_a", 1)


@pytest.mark.parametrize(
    ("path", "more", "status"),
    [
        ("/stream/sess_nobody/audio", "", 404),
        ("/stream/audio", "", 404),
        ("/stream/sess_a/audio/x", "", 404),
        (SESSION, "Authorization: Bearer nonsense\r\n", 401),
        (MAIN_STREAM, "Authorization: Bearer nonsense\r\n", 401),
        (MAIN_STREAM, "Origin: https://elsewhere.example\r\n", 403),
        (MAIN_STREAM, f"X-API-Key: {KEY}\r\n", 101),
        (MAIN_STREAM, "", 101),
    ],
)
async def test_who_may_listen(house: SoundHouse, path: str, more: str, status: int) -> None:
    async with connected(house.ports[0]) as raw:
        head = await raw.shake(path, more)
    assert int(head[9:12]) == status


async def test_a_door_that_goes_down_tells_the_synth(tmp_path: Path) -> None:
    house = SoundHouse(tmp_path)
    house.sessions.add("sess_a")
    async with opened(house), house.watching(SESSION, MAIN_STREAM) as listeners:
        for listener in listeners:
            await format_of(listener)
        house.stop.set()
        await house.is_down.wait()
        await demanded(house, "sess_a", 0)
        await demanded(house, MAIN, 0)

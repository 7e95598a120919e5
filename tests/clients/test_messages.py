"""What comes over streams, read."""

import json
from typing import get_args

import msgspec
import pytest

from phosphene.client import AnswerError
from phosphene.client.messages import (
    PCM_HEADER,
    PCM_MAGIC,
    LiveReader,
    PictureReader,
    SoundReader,
)
from phosphene.client.patience import Patience
from phosphene.client.place import place
from protocols import live, sound
from protocols.live import LiveMessage, Pong, Subscribe
from tests.clients.said import block, picture, status


def test_a_picture_is_read_and_the_next_opening_goes_on_after_it() -> None:
    reader = PictureReader("sess_1")
    assert reader.path() == "/stream/sess_1?format=binary"

    found = reader.read(picture(7))

    assert found is not None
    assert found.jpeg == b"\xff\xd8jpeg"
    assert (found.about.sequence, found.about.metadata.seed) == (7, 2**40)
    assert reader.path() == "/stream/sess_1?format=binary&since=7"


def test_what_is_said_of_a_source_is_kept_and_no_picture() -> None:
    reader = PictureReader("sess_1")

    assert reader.read(status("frozen")) is None
    assert reader.status is not None
    assert reader.status.status == "frozen"


def test_the_head_of_a_block_is_the_servers() -> None:
    assert PCM_HEADER.format == sound.PCM_HEADER
    assert PCM_MAGIC == sound.PCM_MAGIC


def test_a_block_of_sound_is_read() -> None:
    found = SoundReader().read(block(4410))

    assert found is not None
    assert (found.sfreq, found.first_sample, found.unix_time) == (44_100, 4410, 1234.5)
    assert found.samples == 3
    assert memoryview(found.pcm).cast("h").tolist() == [-3, -2, -1, 0, 1, 2]


@pytest.mark.parametrize("message", [b"", b"PHS1", b"XXXX" + bytes(20), "no json", "[1]"])
def test_what_is_no_sound_is_told(message: str | bytes) -> None:
    with pytest.raises(AnswerError):
        SoundReader().read(message)


@pytest.mark.parametrize("message", [b"", b"\x00\x00\x00\x09abc", "{}"])
def test_what_is_no_picture_is_told(message: str | bytes) -> None:
    with pytest.raises(AnswerError):
        PictureReader("sess_1").read(message)


def test_messages_at_ws_are_the_servers_own_types() -> None:
    told = Pong(timestamp=2.0, ping_timestamp=1.0)

    assert LiveReader().read(msgspec.json.encode(told).decode()) == told
    assert len(get_args(LiveMessage)) == 10


def test_a_message_of_a_newer_server_is_passed_over() -> None:
    assert LiveReader().read(json.dumps({"type": "weather", "rain": 1})) is None


@pytest.mark.parametrize("message", ["{", '{"type": "pong"}', "[]"])
def test_a_message_that_is_broken_is_told(message: str) -> None:
    with pytest.raises(AnswerError):
        LiveReader().read(message)


def test_what_was_subscribed_to_is_said_again() -> None:
    reader = LiveReader(["heartbeat"])
    reader.choose(Subscribe(rate_hz=3))

    (greeting,) = reader.greeting()

    wanted = msgspec.json.decode(greeting, type=live.Subscribe)
    assert wanted == Subscribe(topics=("heartbeat",), rate_hz=3)
    assert list(LiveReader().greeting()) == []


def test_waits_double_and_are_spread_and_end() -> None:
    patience = Patience(tries=6, first_s=1.0, most_s=8.0)

    waits = [patience.wait_s(tried) for tried in range(7)]

    assert waits[6] is None
    for wait_s, whole_s in zip(waits, (1, 2, 4, 8, 8, 8), strict=False):
        assert wait_s is not None
        assert whole_s / 2 <= wait_s <= whole_s
    told_s = patience.wait_s(0, told_s=30.0)
    assert told_s == 30.0


def test_an_address_is_taken_apart() -> None:
    found = place("https://art.example/phosphene/", "secret")

    assert (found.host, found.port, found.prefix) == ("art.example", 443, "/phosphene")
    assert found.url("/health") == "https://art.example/phosphene/health"
    assert found.socket_url("/ws") == "wss://art.example/phosphene/ws"
    assert found.headers == {"Authorization": "Bearer secret"}
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("base", "key"),
    [("localhost:8008", None), ("ftp://here", None), ("http://", None), ("http://a", "ü"),
     ("http://a", "a\r\nb"), ("http://a", " ")],
)  # fmt: skip
def test_what_is_no_address_or_no_key_is_refused(base: str, key: str | None) -> None:
    with pytest.raises(ValueError, match=r"must|has"):
        place(base, key)

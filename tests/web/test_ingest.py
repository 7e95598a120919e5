"""Samples in: one request, or a WebSocket."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import pytest
from trio_websocket import ConnectionClosed, WebSocketConnection

from protocols.sessions import PushSamples, SamplesTaken, SessionRefused
from tests.web.raw import connected
from tests.web.stand_ins import KEY, OTHER_KEY, House, opened
from web.figures import Closed
from web.pushed import from_bytes, from_json, from_lines
from web.pusher import PUSH_BYTES

PATH = "/api/v1/ingest/stream"
SIGNAL = {"session_id": "sess_a", "sfreq": 256, "ch_names": ["TP9", "AF7"]}
QUERY = {"session_id": "sess_a", "sfreq": "256", "ch_names": "TP9,AF7"}
SAMPLES = [[1, 2.5, 3], [4, 5, 6]]
INTERLEAVED = np.array([1, 4, 2.5, 5, 3, 6], "<f4").tobytes()
BODY = SIGNAL | {"samples": SAMPLES}
BYTES = "application/octet-stream"
LINES = "application/x-ndjson"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    house.sessions.add("sess_a")
    house.sessions.add("sess_b", owner="bob")
    sessions = house.sessions

    def take(message: object) -> object:
        if isinstance(message, PushSamples):
            return SamplesTaken(message.uv.shape[1])
        return sessions(message)

    house.asked_sessions.answer = take
    async with opened(house):
        yield house


def pushed(house: House) -> list[PushSamples]:
    return [asked for asked in house.asked_sessions.asked if isinstance(asked, PushSamples)]


async def post(house: House, data: bytes, kind: str, **query: str) -> httpx.Response:
    async with house.client() as client:
        return await client.post(
            PATH, params=query, content=data, headers={"Content-Type": kind}
        )


def lines(*objects: object) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in objects)


# -- over HTTP --------------------------------------------------------------------------


async def test_every_form_brings_the_same_samples(house: House) -> None:
    first = BODY | {"samples": [[1], [4]]}
    rest = BODY | {"samples": [[2.5, 3], [5, 6]]}
    for data, kind, query in (
        (json.dumps(BODY).encode(), "application/json", {}),
        (json.dumps({"samples": SAMPLES}).encode(), "application/json", QUERY),
        (lines(first, rest) + b"\r\n\n", LINES, {}),
        (lines({"samples": SAMPLES}), LINES, QUERY),
        (INTERLEAVED, BYTES, QUERY),
    ):
        got = await post(house, data, kind, **query)
        assert got.json() == {"session_id": "sess_a", "accepted_samples": 3}

    for push in pushed(house):
        assert push.uv.tolist() == SAMPLES
        assert push.uv.dtype == np.float32
        assert (push.session, push.sfreq, push.ch_names) == ("sess_a", 256, ("TP9", "AF7"))
        assert not push.uv.flags.writeable
        assert push.uv.flags.c_contiguous
    assert len(pushed(house)) == 5


async def test_of_lines_all_or_none_are_pushed(house: House) -> None:
    got = await post(house, lines(BODY, BODY, BODY | {"samples": [[1], []]}), LINES)

    assert (got.status_code, got.json()["error"]["details"]["line"]) == (422, 3)
    assert pushed(house) == []


@pytest.mark.parametrize(
    ("data", "status", "line"),
    [
        (lines(BODY) + b"\n{", 400, 2),
        (lines(BODY, [1]), 400, 2),
        (lines(BODY, BODY | {"sfreq": 250}), 422, 2),
        (lines(BODY, BODY | {"session_id": "sess_b"}), 422, 2),
        (lines(BODY, BODY | {"mains_hz": 60}), 422, 2),
        (b"\n \n", 400, None),
        (b"\xff", 400, 1),
    ],
)
async def test_a_wrong_line_is_named(
    house: House, data: bytes, status: int, line: int | None
) -> None:
    got = await post(house, data, LINES)

    assert got.status_code == status
    assert got.json()["error"]["details"].get("line") == line
    assert pushed(house) == []


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", ""])
async def test_another_type_of_body_is_a_415_that_names_them(
    house: House, kind: str
) -> None:
    got = await post(house, b"1", kind)

    assert got.status_code == 415
    assert {LINES, BYTES} < set(got.json()["error"]["details"]["allowed"])


@pytest.mark.parametrize(
    ("data", "kind", "query"),
    [
        (INTERLEAVED, BYTES, QUERY | {"session_id": "sess_b"}),
        (json.dumps(BODY | {"session_id": "sess_b"}).encode(), "application/json", {}),
        (json.dumps(BODY | {"session_id": "sess_b"}).encode(), "application/json", QUERY),
        (lines(BODY | {"session_id": "sess_z"}), LINES, {}),
    ],
)
async def test_nobody_pushes_into_another_s_session(
    house: House, data: bytes, kind: str, query: dict[str, str]
) -> None:
    got = await post(house, data, kind, **query)

    assert (got.status_code, got.json()["error"]["code"]) == (404, "SESSION_NOT_FOUND")
    assert pushed(house) == []


async def test_a_large_body_is_read_as_well(house: House) -> None:
    many = BODY | {"samples": [[0.25] * 20_000, [1] * 20_000]}
    got = await post(house, json.dumps(many).encode(), "application/json")
    assert got.json()["accepted_samples"] == 20_000


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"samples": [[1, 2], [3]]}, "samples"),
        ({"samples": [[1, 2]]}, "samples"),
        ({"samples": [[], []]}, "samples"),
        ({"samples": [[1, 2], [3, "x"]]}, "samples"),
        ({"samples": [[1, 2], [3, True]]}, "samples"),
        ({"samples": [[1, 2], [3, 1e39]]}, "samples"),
        ({"samples": None}, "samples"),
        ({"ch_names": ["A", "A"]}, "ch_names"),
        ({"ch_names": [["A"], "B"]}, "ch_names"),
        ({"sfreq": 0}, "sfreq"),
        ({"mains_hz": 55}, "mains_hz"),
    ],
)
async def test_wrong_samples_are_named(
    house: House, change: dict[str, object], field: str
) -> None:
    got = await post(house, json.dumps(BODY | change).encode(), "application/json")

    assert got.status_code == 422
    named = {one["field"] for one in got.json()["error"]["details"]["mistakes"]}
    assert field in named


@pytest.mark.parametrize(
    ("data", "change", "field"),
    [
        (b"", {}, "samples"),
        (INTERLEAVED[:-4], {}, "samples"),
        (np.array([1, np.nan], "<f4").tobytes(), {}, "samples"),
        (INTERLEAVED, {"sfreq": "nan"}, "sfreq"),
        (INTERLEAVED, {"sfreq": "fast"}, "sfreq"),
        (INTERLEAVED, {"ch_names": ""}, "ch_names"),
        (INTERLEAVED, {"mains_hz": "55"}, "mains_hz"),
    ],
)
async def test_what_the_query_says_wrongly_is_named(
    house: House, data: bytes, change: dict[str, str], field: str
) -> None:
    got = await post(house, data, BYTES, **(QUERY | change))

    assert got.status_code == 422
    named = {one["field"] for one in got.json()["error"]["details"]["mistakes"]}
    assert field in named


def test_all_forms_agree_on_what_the_query_says() -> None:
    query = QUERY | {"mains_hz": "60"}
    data = json.dumps({"samples": SAMPLES}).encode()
    for wish in (
        from_json(data, query),
        from_lines(data, query),
        from_bytes(INTERLEAVED, query),
    ):
        assert (wish.mains_hz, wish.uv.tolist()) == (60, SAMPLES)


# -- over a WebSocket -------------------------------------------------------------------


async def told(client: WebSocketConnection, message: str | bytes) -> dict[str, Any]:
    await client.send_message(message)
    said: dict[str, Any] = json.loads(await client.get_message())
    return said


async def test_each_message_is_answered(house: House) -> None:
    asks = f"{PATH}?key={KEY}&session_id=sess_a&sfreq=256&ch_names=TP9,AF7"
    async with house.watching(asks) as [client]:
        for message in (json.dumps({"samples": SAMPLES}), INTERLEAVED, json.dumps(BODY)):
            assert await told(client, message) == {
                "type": "accepted",
                "session_id": "sess_a",
                "samples": 3,
            }

    assert [push.uv.tolist() for push in pushed(house)] == [SAMPLES] * 3
    assert house.door.figures.received == 3


async def test_a_message_may_say_all_by_itself(house: House) -> None:
    async with house.watching(PATH, Authorization=f"Bearer {KEY}") as [client]:
        said = await told(client, json.dumps(BODY))
        wrong = await told(client, INTERLEAVED)

    assert said["type"] == "accepted"
    fields = [one["field"] for one in wrong["error"]["details"]["mistakes"]]
    assert fields == ["ch_names", "samples", "session_id", "sfreq"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", "INVALID_JSON"),
        ("[]", "INVALID_JSON"),
        ('{"samples": [[NaN]]}', "INVALID_JSON"),
        (json.dumps(BODY | {"samples": []}), "INVALID_PARAMETER"),
        (json.dumps(BODY | {"session_id": "sess_b"}), "SESSION_NOT_FOUND"),
        (b"123", "INVALID_PARAMETER"),
    ],
)
async def test_a_bad_message_is_answered_and_the_connection_stays(
    house: House, message: str | bytes, code: str
) -> None:
    async with house.watching(PATH, X_API_Key=KEY) as [client]:
        said = await told(client, message)
        after = await told(client, json.dumps(BODY))

    assert (said["type"], said["error"]["code"]) == ("error", code)
    assert set(said["error"]) == {"code", "message", "details"}
    assert after["type"] == "accepted"
    assert len(pushed(house)) == 1


async def test_a_session_that_takes_no_samples_says_so(house: House) -> None:
    sessions = house.sessions
    refused = SessionRefused(field="device_type", reason="is not ingest")
    house.asked_sessions.answer = lambda m: (
        refused if isinstance(m, PushSamples) else sessions(m)
    )
    async with house.watching(PATH, X_API_Key=KEY) as [client]:
        said = await told(client, json.dumps(BODY))

    assert said["error"]["message"] == "device_type: is not ingest"


@pytest.mark.parametrize(
    ("query", "more", "status"),
    [
        ("", "", 401),
        ("?key=wrong", "", 401),
        (f"?key={KEY}", "X-API-Key: wrong\r\n", 401),
        (f"?key={OTHER_KEY}&session_id=sess_a", "", 404),
        (f"?key={KEY}&session_id=", "", 404),
        (f"?key={KEY}", "", 101),
    ],
)
async def test_who_may_not_push_is_refused_at_the_handshake(
    house: House, query: str, more: str, status: int
) -> None:
    async with connected(house.ports[0]) as raw:
        head = await raw.shake(PATH + query, more)
    assert head.startswith(f"HTTP/1.1 {status}")


async def test_a_message_may_be_large_but_not_too_large(house: House) -> None:
    size = PUSH_BYTES // 8 * 8
    query = f"{PATH}?key={KEY}&session_id=sess_a&sfreq=256&ch_names=TP9,AF7"
    async with house.watching(query) as [client]:
        assert (await told(client, bytes(size)))["samples"] == size // 8
        await client.send_message(bytes(size + 8))
        with pytest.raises(ConnectionClosed) as closed:
            await client.get_message()
    assert closed.value.reason is not None
    assert closed.value.reason.code == 1009
    assert house.door.figures.closes == {Closed.PROTOCOL: 1}


async def test_who_pushes_hears_1012_when_the_server_goes_down(house: House) -> None:
    async with house.watching(PATH, X_API_Key=KEY) as [client]:
        house.stop.set()
        with pytest.raises(ConnectionClosed) as closed:
            await client.get_message()
    assert closed.value.reason is not None
    assert closed.value.reason.code == 1012

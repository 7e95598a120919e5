"""What a real server says on each of its streams is what `/asyncapi.json` describes."""

import json
import struct
from typing import Any

import msgspec
import pytest
from websockets.sync.client import connect

from protocols.wire import ImageMessage
from tests.journeys.server import MESSAGES, PATIENCE_S, Server
from tests.web.streams_described import Described, meta


@pytest.fixture(scope="module")
def described(server: Server) -> Described:
    with server.client(None) as client:
        return Described(client.get("/asyncapi.json").json())


def heard(
    server: Server,
    path: str,
    channel: str,
    wanted: set[str],
    described: Described,
    *said: str,
) -> None:
    """Listen until every wanted kind came; each message must be as described."""
    seen: set[str] = set()
    url = server.base.replace("http", "ws", 1) + path
    with connect(url, max_size=None, open_timeout=PATIENCE_S) as socket:
        for line in said:
            socket.send(line)
        for _ in range(MESSAGES):
            message = socket.recv(timeout=PATIENCE_S)
            if isinstance(message, str):
                seen.add(described.check(channel, "send", json.loads(message)))
            if wanted <= seen:
                return
    raise AssertionError(f"only {seen} of {wanted}")


def test_it_is_asyncapi_of_the_address_that_was_used(
    server: Server, described: Described
) -> None:
    assert not list(meta().iter_errors(described.document))
    there = described.document["servers"]["this"]
    assert there == {"host": server.base.removeprefix("http://"), "protocol": "ws"}


def test_the_broadcast_is_as_described(server: Server, described: Described) -> None:
    start = {"type": "START_SESSION", "session_name": "Evening", "duration": 60}
    wanted = {"connection_status", "realtime_data", "domain_event", "session_started"}
    heard(server, "/ws", "Live", wanted, described, json.dumps(start))


def test_a_sitting_s_streams_are_as_described(server: Server, described: Described) -> None:
    session = server.sit()["session_id"]
    path = f"/stream/{session}"
    heard(server, path, "Pictures", {"status", "image"}, described)
    heard(server, f"{path}?format=signals", "Pictures", {"signals"}, described)
    with connect(
        server.base.replace("http", "ws", 1) + f"{path}?format=binary",
        max_size=None,
        open_timeout=PATIENCE_S,
    ) as socket:
        while isinstance(message := socket.recv(timeout=PATIENCE_S), str):
            described.check("Pictures", "send", json.loads(message))
        (size,) = struct.unpack(">I", message[:4])
        head = msgspec.msgpack.decode(message[4 : 4 + size])
        described.fits(ImageMessage.__name__, head)


def test_streams_of_sound_begin_as_described(server: Server, described: Described) -> None:
    session = server.sit()["session_id"]
    heard(server, f"/stream/{session}/audio", "SessionSound", {"audio_format"}, described)
    heard(server, "/api/v1/audio/stream", "Sound", {"audio_format"}, described)


def test_what_operators_see_is_as_described(server: Server, described: Described) -> None:
    path = f"/ops/stream?since=0&key={server.key}"
    heard(server, path, "Operators", {"tree", "events", "state"}, described)


def test_receipts_of_samples_are_as_described(server: Server, described: Described) -> None:
    session = server.sit("ingest")["session_id"]
    message: dict[str, Any] = {
        "session_id": session,
        "sfreq": 256,
        "ch_names": ["TP9", "AF7", "AF8", "TP10"],
        "samples": [[1.0, 2.0]] * 4,
    }
    described.check("Samples", "receive", message)
    path = f"/api/v1/ingest/stream?key={server.key}"
    said = (json.dumps(message), "{")
    heard(server, path, "Samples", {"accepted", "error"}, described, *said)

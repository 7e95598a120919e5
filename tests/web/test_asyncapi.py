"""`/asyncapi.json`: well formed, whole, and true of what is really said at `/ws`."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import trio

from protocols.live import LiveCommand, LiveMessage
from tests.web.stand_ins import House, StandIn, opened
from tests.web.streams_described import Described, meta
from tests.web.test_audience import event, sounding, with_practices
from web.commands import read_command
from web.describe.asyncapi import Message, asyncapi
from web.describe.channels import CHANNELS
from web.door import Limits
from web.live_events import LiveEvents

DOCUMENT = asyncapi(CHANNELS, "http://127.0.0.1:8008")


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    for channel in CHANNELS:
        for said in (*channel.sends, *channel.hears):
            if isinstance(said, Message):
                for example in said.examples:
                    yield said.type.__name__, example


def references(node: object) -> Iterator[str]:
    match node:
        case {"$ref": str(there)}:
            yield there
        case dict():
            for inner in node.values():
                yield from references(inner)
        case list() | tuple():
            for inner in node:
                yield from references(inner)


def test_it_is_valid_asyncapi_3() -> None:
    document = json.loads(json.dumps(DOCUMENT))
    assert document["asyncapi"] == "3.0.0"
    assert [error.message for error in meta().iter_errors(document)] == []


def test_a_document_that_is_none_is_found_out() -> None:
    broken = json.loads(json.dumps(DOCUMENT))
    broken["operations"]["tellLive"]["action"] = "shout"
    assert list(meta().iter_errors(broken))


def test_every_reference_leads_somewhere() -> None:
    for there in references(DOCUMENT):
        found: Any = DOCUMENT
        for step in there.removeprefix("#/").split("/"):
            found = found[step]
        assert found


@pytest.mark.parametrize(("schema", "example"), list(examples()))
def test_every_example_is_as_described(schema: str, example: dict[str, Any]) -> None:
    Described(DOCUMENT).fits(schema, json.loads(json.dumps(example)))


def test_every_message_and_every_command_of_ws_is_there() -> None:
    described = Described(DOCUMENT)
    said = {kind.__name__ for kind in get_args(LiveMessage)}
    heard = {kind.__name__ for kind in get_args(LiveCommand)}

    assert set(described.names("Live", "send").values()) == said
    assert set(described.names("Live", "receive").values()) == heard


def test_every_command_that_is_shown_can_be_read() -> None:
    shown = [
        example
        for name, example in examples()
        if name in {kind.__name__ for kind in get_args(LiveCommand)}
    ]
    assert len(shown) == len(get_args(LiveCommand))
    for example in shown:
        read_command(json.dumps(example))


async def test_it_is_served_with_the_address_that_was_used() -> None:
    house = House()
    async with opened(house), house.client(None) as client:
        answer = await client.get("/asyncapi.json")

    assert answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert said["servers"]["this"] == {"host": house.at, "protocol": "ws"}
    assert said["channels"].keys() == DOCUMENT["channels"].keys()


async def test_every_kind_of_message_that_is_sent_at_ws_is_as_described() -> None:
    synth: StandIn[Any] = StandIn(sounding)
    house = with_practices(limits=Limits(heartbeat_s=0.1, grace_s=1.0), sound=synth)
    house.sessions.add("sess_a")
    events = LiveEvents(house.hub, house.clock)
    commands: list[dict[str, object]] = [
        {"type": "START_SESSION", "session_name": "x", "duration": 60, "intention": "y"},
        {"type": "STOP_SESSION", "session_id": "sess_p"},
        {"type": "UPDATE_SETTINGS", "settings": {"volume": 0.5}},
        {"type": "UPDATE_SETTINGS", "settings": {"frequency": -1}},
        {"type": "ping"},
        {"type": "ping", "timestamp": 2.5},
        {"type": "SUBSCRIBE", "rate_hz": 5},
        {"type": "dance"},
    ]
    described = Described(DOCUMENT)
    seen: set[str] = set()
    async with opened(house), house.watching("/ws") as [viewer]:
        for command in commands:
            await viewer.send_message(json.dumps(command))
        events.tell(event(1))
        wanted = set(described.names("Live", "send"))
        with trio.fail_after(20):
            while seen != wanted:
                said = json.loads(await viewer.get_message())
                seen.add(described.check("Live", "send", said))

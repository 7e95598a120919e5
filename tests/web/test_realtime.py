"""`/ws`, `/ws-stats`, `/health` and `/`, as document 003 shows them."""

import json
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from trio_websocket import WebSocketConnection

from protocols.errors import RefusedError
from protocols.supervision import ChildState
from tests.web.stand_ins import House, StandIn, opened


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    async with opened(house):
        yield house


async def next_of(viewer: WebSocketConnection, kind: str) -> dict[str, Any]:
    while True:
        said: dict[str, Any] = json.loads(await viewer.get_message())
        if said["type"] == kind:
            return said


async def test_a_listener_is_greeted_and_kept_up_to_date(house: House) -> None:
    house.sessions.add("sess_a")
    async with house.watching("/ws", "/ws") as [viewer, other]:
        first = json.loads(await viewer.get_message())
        said = await next_of(viewer, "realtime_data")
        while not said["sessions"]:
            said = await next_of(viewer, "realtime_data")
        greeted = json.loads(await other.get_message())

    assert first["type"] == "connection_status"
    assert first["status"] == "connected"
    assert first["server_time"] == house.door.unix()
    assert first["connection_id"] != greeted["connection_id"]
    assert said["audio_spectrum"] == [0.0] * 64
    assert said["system_status"]["websocket_connections"] == 2
    [row] = said["sessions"].values()
    assert (row["status"], row["elapsed"]) == ("running", 7)


async def test_the_broadcast_gives_no_session_away(house: House) -> None:
    house.sessions.add("sess_a")
    async with house.watching("/ws") as [viewer]:
        said = await next_of(viewer, "realtime_data")
        while not said["sessions"]:
            said = await next_of(viewer, "realtime_data")

    assert "sess_a" not in json.dumps(said)


async def test_a_bad_command_is_answered_and_the_connection_stays(house: House) -> None:
    async with house.watching("/ws") as [viewer]:
        for wrong in ("{", '{"type": "dance"}', '{"type": "START_SESSION"}'):
            await viewer.send_message(wrong)
            said = await next_of(viewer, "error")
            assert said["status"] == "error"
        await viewer.send_message('{"type": "ping", "timestamp": 1.5}')
        assert await next_of(viewer, "pong")

    assert house.door.figures.received == 4


async def test_connections_and_messages_are_counted(house: House) -> None:
    house.sessions.add("sess_a")
    async with house.client() as client:
        async with house.watching("/stream/sess_a") as [viewer]:
            house.picture("sess_a", 1)
            await viewer.get_message()
            during = (await client.get("/ws-stats")).json()
            alive = (await client.get("/health")).json()
        await house.left()
        after = (await client.get("/ws-stats")).json()
        house.clock.at += 10
        later = (await client.get("/health")).json()

    assert during["active_connections"] == during["total_connections"] == 1
    assert during["total_messages_sent"] == 1
    assert during["broadcast_rate_hz"] == 10
    assert during["last_broadcast_time"] == house.clock.unix(100.0)
    assert (after["active_connections"], after["closes"]) == (0, {"client": 1})
    assert (alive["streaming_active"], later["streaming_active"]) == (True, False)
    assert later["uptime_seconds"] == 10.0


async def test_health_names_what_is_down(house: House) -> None:
    async with house.client(None) as client:
        well = (await client.get("/health")).json()

    ill = House()
    ill.operators.add("output/broadcaster", state=ChildState.WAITING)
    ill.operators.add("output/hub")
    async with opened(ill), ill.client(None) as client:
        said = (await client.get("/health")).json()

    assert (well["status"], well["service"]) == ("healthy", "phosphene")
    assert (said["status"], said["down"]) == ("degraded", ["output/broadcaster"])


async def test_health_says_when_the_disk_takes_nothing(house: House) -> None:
    house.library.degraded = "No space left on device"
    async with house.client(None) as client:
        said = (await client.get("/health")).json()

    assert said["status"] == "degraded"
    assert said["storage"]["degraded"] == "No space left on device"


async def test_health_answers_though_the_library_does_not() -> None:
    ill = House(library=StandIn(lambda _: RefusedError("library")))
    async with opened(ill), ill.client(None) as client:
        said = (await client.get("/health")).json()

    assert said["status"] == "degraded"
    assert "silent" in said["storage"]["degraded"]
    assert said["down"] == ["library"]


async def test_health_does_not_wait_for_who_hangs(house: House) -> None:
    mended = threading.Event()
    ill = House(broadcaster=StandIn(lambda _: mended.wait(20)))
    try:
        async with opened(ill), ill.client(None) as client:
            said = (await client.get("/health")).json()
    finally:
        mended.set()
    async with house.client(None) as client:
        well = (await client.get("/health")).json()

    assert (said["down"], said["tick_late_p99_ms"]) == (["broadcaster"], None)
    assert (well["down"], well["tick_late_p99_ms"]) == ([], 1.25)


async def test_health_gives_no_session_away() -> None:
    path = "root/sessions/houses/sess_aB-1/reader"
    ill = House()
    ill.operators.add(path, state=ChildState.WAITING)
    async with opened(ill), ill.client(None) as client:
        [down] = (await client.get("/health")).json()["down"]
    assert "sess_" not in down
    assert down.endswith("/reader")


async def test_the_root_is_json_for_a_program(house: House) -> None:
    async with house.client(None) as client:
        any_kind = await client.get("/", headers={"Accept": "*/*"})
        json_kind = await client.get("/", headers={"Accept": "application/json"})

    assert any_kind.json()["status"] == "active"
    assert set(json_kind.json()["websocket_stats"]) == {
        "total_connections",
        "active_connections",
        "total_messages_sent",
        "uptime_seconds",
    }

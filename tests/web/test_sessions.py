"""Sessions over HTTP, as document 000 shows them."""

from collections.abc import AsyncIterator

import pytest

from protocols.eeg import Phase
from protocols.sessions import (
    CommandBrain,
    CreateSession,
    SessionRefused,
)
from protocols.simulation import (
    Blink,
    BrainCommand,
    ClenchJaw,
    LoosenElectrode,
    RunScript,
    SetBrainState,
    Unplug,
)
from tests.web.stand_ins import OTHER_KEY, House, opened

CREATE = "/api/v1/session/create"
WISH = {
    "user_id": "user_12345",
    "device_type": "muse",
    "session_config": {"duration_minutes": 30, "model": "sdxl-turbo"},
}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    async with opened(house):
        yield house


async def test_a_session_is_made_shown_and_ended_as_documented(house: House) -> None:
    async with house.client() as client:
        made = (await client.post(CREATE, json=WISH)).json()
        shown = (await client.get(f"/api/v1/session/{made['session_id']}")).json()
        ended = (await client.post(f"/api/v1/session/{made['session_id']}/end")).json()
        again = await client.post(f"/api/v1/session/{made['session_id']}/end")

    wish = house.asked_sessions.asked[0]
    assert isinstance(wish, CreateSession)
    assert (wish.settings.device_type, wish.settings.duration_s) == ("muse", 1800)
    assert wish.settings.owner == "ada"
    assert made["status"] == "active"
    assert made["created_at"] == "2023-11-14T22:15:00.000Z"
    assert made["websocket_url"] == f"ws://{house.at}/stream/{made['session_id']}"
    assert (shown["images_generated"], shown["duration_seconds"]) == (42, 7)
    assert shown["last_activity"].endswith("Z")
    assert ended == {
        "session_id": made["session_id"],
        "status": "ended",
        "summary": {"total_images": 42, "duration_seconds": 7, "avg_latency_ms": 87.1},
    }
    assert again.json() == ended


async def test_another_s_session_answers_as_none(house: House) -> None:
    house.sessions.add("sess_a")
    verbs = ["", "/end", "/pause", "/brain"]
    async with house.client(OTHER_KEY) as client:
        for verb in verbs:
            method = "POST" if verb else "GET"
            theirs = await client.request(method, f"/api/v1/session/sess_a{verb}")
            none = await client.request(method, f"/api/v1/session/sess_z{verb}")
            assert theirs.status_code == none.status_code == 404
            assert theirs.json() == none.json()
        listed = (await client.get("/api/v1/session")).json()

    assert listed == {"sessions": [], "total": 0}


async def test_own_sessions_are_listed(house: House) -> None:
    house.sessions.add("sess_a")
    house.sessions.add("sess_b", owner="bob")
    async with house.client() as client:
        listed = (await client.get("/api/v1/session")).json()

    assert [one["session_id"] for one in listed["sessions"]] == ["sess_a"]


@pytest.mark.parametrize("key", [None, "wrong"])
async def test_every_route_needs_a_key(house: House, key: str | None) -> None:
    house.sessions.add("sess_a")
    async with house.client(key) as client:
        for method, path in (
            ("POST", CREATE),
            ("GET", "/api/v1/session"),
            ("GET", "/api/v1/session/sess_a"),
            ("POST", "/api/v1/session/sess_a/end"),
            ("POST", "/api/v1/session/sess_a/pause"),
            ("POST", "/api/v1/session/sess_a/brain"),
            ("POST", "/api/v1/ingest/stream"),
        ):
            got = await client.request(method, path, json={})
            assert (path, got.status_code) == (path, 401)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"user_id": None}, "user_id"),
        ({"user_id": 7}, "user_id"),
        ({"device_type": "toaster"}, "device_type"),
        ({"device_type": "replay:"}, "device_type"),
        ({"session_config": 3}, "session_config"),
        ({"session_config": {"duration_minutes": 0}}, "session_config.duration_minutes"),
        ({"session_config": {"duration_minutes": 1e9}}, "session_config.duration_minutes"),
        ({"session_config": {"mains_hz": 55}}, "session_config.mains_hz"),
        ({"session_config": {"window_s": 9}}, "session_config.window_s"),
        ({"session_config": {"loop": 1}}, "session_config.loop"),
        ({"session_config": {"width": 1}}, "session_config.width"),
    ],
)
async def test_a_wrong_wish_names_the_field(
    house: House, change: dict[str, object], field: str
) -> None:
    async with house.client() as client:
        got = await client.post(CREATE, json=WISH | change)

    assert got.status_code == 422
    named = [one["field"] for one in got.json()["error"]["details"]["mistakes"]]
    assert named == [field]


@pytest.mark.parametrize(
    ("refused", "status", "code"),
    [
        (SessionRefused(field="device_type", reason="not here"), 422, "INVALID_PARAMETER"),
        (SessionRefused(field="", reason="full", full=True), 503, "TOO_MANY_SESSIONS"),
    ],
)
async def test_a_refusal_says_why(
    house: House, refused: SessionRefused, status: int, code: str
) -> None:
    house.asked_sessions.answer = lambda _: refused
    async with house.client() as client:
        got = await client.post(CREATE, json=WISH)

    assert (got.status_code, got.json()["error"]["code"]) == (status, code)
    assert ("retry-after" in got.headers) is refused.full


async def test_a_session_is_paused_and_goes_on_until_it_has_ended(house: House) -> None:
    house.sessions.add("sess_a")
    async with house.client() as client:
        paused = (await client.post("/api/v1/session/sess_a/pause")).json()
        resumed = (await client.post("/api/v1/session/sess_a/resume")).json()
        await client.post("/api/v1/session/sess_a/end")
        late = await client.post("/api/v1/session/sess_a/pause")

    assert (paused["status"], resumed["status"]) == ("paused", "active")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "SESSION_ENDED")
    assert house.sessions.views["sess_a"].phase is Phase.ENDED


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ({"command": "blink"}, Blink()),
        ({"command": "clench_jaw"}, ClenchJaw(2.0)),
        ({"command": "unplug", "unplugged": False}, Unplug(unplugged=False)),
        ({"command": "run_script", "name": "rest"}, RunScript("rest")),
        ({"command": "run_script", "name": ""}, RunScript("")),
        (
            {"command": "loosen_electrode", "channel": "AF7"},
            LoosenElectrode("AF7", loose=True),
        ),
        (
            {"command": "set_state", "eyes_closed": True, "pleasure": -1},
            SetBrainState(eyes_closed=True, pleasure=-1.0),
        ),
    ],
)
async def test_the_sitter_is_commanded(
    house: House, said: dict[str, object], command: BrainCommand
) -> None:
    house.sessions.add("sess_a")
    async with house.client() as client:
        got = await client.post("/api/v1/session/sess_a/brain", json=said)

    assert got.status_code == 200
    assert house.asked_sessions.asked[-1] == CommandBrain("sess_a", command)


@pytest.mark.parametrize(
    "said", [{}, {"command": "jump"}, {"command": ["blink"]}, {"command": "run_script"}]
)
async def test_what_is_no_command_is_a_422(house: House, said: dict[str, object]) -> None:
    house.sessions.add("sess_a")
    async with house.client() as client:
        got = await client.post("/api/v1/session/sess_a/brain", json=said)
    assert got.status_code == 422

"""Named sessions over HTTP, as document 003 shows them, with the real session manager."""

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from config.schema import Settings
from protocols.sound import StartVoice, StopVoice
from tests.web.practice_desk import PracticeDesk
from tests.web.stand_ins import KEY, OTHER_KEY, House, opened
from web.errors import Problem
from web.practice_wish import practice_list, practice_settings

Read = TypeVar("Read")

BASE = "/api/v1/sessions"
WISH = {
    "name": "Morning Meditation",
    "duration": 1800,
    "intention": "Peace and healing for all beings",
    "frequency": 136.1,
    "modalities": ["scalar_waves", "radionics", "blessing"],
}
SITTING = {"user_id": "u", "device_type": "simulator"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


class Desk(House):
    def __init__(self, *, most: int = 50) -> None:
        super().__init__()
        self.desk = PracticeDesk(self.clock, most=most)
        self.asked_sessions.answer = self.desk.answer

    async def made(self, client: httpx.AsyncClient, **changes: Any) -> str:  # noqa: ANN401  # JSON
        answer = await client.post(f"{BASE}/create", json=WISH | changes)
        assert answer.status_code == 200, answer.text
        session: str = answer.json()["session_id"]
        return session


@pytest.fixture
async def house() -> AsyncIterator[Desk]:
    house = Desk()
    async with opened(house):
        yield house


def code(answer: httpx.Response) -> tuple[int, str]:
    said = answer.json()
    assert said["status"] == "error"
    assert said["timestamp"].endswith("Z")
    return answer.status_code, said["error_code"]


async def test_a_session_is_made_started_shown_and_stopped_as_documented(
    house: Desk,
) -> None:
    async with house.client(None) as client:
        made = (await client.post(f"{BASE}/create", json=WISH)).json()
        path = f"{BASE}/{made['session_id']}"
        started = (await client.post(f"{path}/start")).json()
        house.clock.at += 600.4
        shown = (await client.get(f"{path}/status")).json()
        same = (await client.get(path)).json()
        stopped = (await client.post(f"{path}/stop")).json()

    documented = {
        "status": "success",
        "session_id": "sess_p0",
        "name": "Morning Meditation",
        "created_at": "2023-11-14T22:15:00Z",
        "duration": 1800,
    }
    assert made.items() >= documented.items()
    assert (
        started.items()
        >= {
            "status": "success",
            "message": "Session started",
            "session_id": "sess_p0",
            "started_at": "2023-11-14T22:15:00Z",
        }.items()
    )
    assert same == shown
    assert (
        shown["session"].items()
        >= {
            "id": "sess_p0",
            "name": "Morning Meditation",
            "status": "running",
            "started_at": "2023-11-14T22:15:00Z",
            "duration": 1800,
            "elapsed": 600,
            "remaining": 1200,
        }.items()
    )
    assert (
        stopped.items()
        >= {
            "message": "Session stopped",
            "stopped_at": "2023-11-14T22:25:00Z",
            "duration_actual": 600,
        }.items()
    )


async def test_what_a_session_does_is_said_of_each_modality(house: Desk) -> None:
    async with house.client(None) as client:
        session = await house.made(client, modalities=["audio", "visualization", "rng"])
        await client.post(f"{BASE}/{session}/start")
        shown = (await client.get(f"{BASE}/{session}/status")).json()["session"]

    states = {one["name"]: one["state"] for one in shown["modalities"]}
    assert states == {
        "audio": "running",
        "visualization": "running",
        "rng": "not_available",
    }
    assert shown["websocket_url"] == f"ws://{house.at}/stream/{session}"
    assert shown["audio_url"] == f"ws://{house.at}/stream/{session}/audio"
    assert house.desk.synth.next() == StartVoice(session=session, config=None)


async def test_a_name_is_enough(house: Desk) -> None:
    async with house.client(None) as client:
        answer = await client.post(f"{BASE}/create", json={"name": "x"})

    made = answer.json()
    assert (made["duration"], made["frequency"], made["intention"]) == (1800, 136.1, "")
    assert [one["name"] for one in made["modalities"]] == ["sound"]


async def test_what_does_not_fit_the_state_is_409(house: Desk) -> None:
    async with house.client(None) as client:
        path = f"{BASE}/{await house.made(client)}"
        assert code(await client.post(f"{path}/stop")) == (409, "SESSION_NOT_RUNNING")
        await client.post(f"{path}/start")
        assert code(await client.post(f"{path}/start")) == (409, "SESSION_ALREADY_RUNNING")
        await client.post(f"{path}/stop")
        assert code(await client.post(f"{path}/start")) == (409, "SESSION_ENDED")


@pytest.mark.parametrize("session", ["sess_nowhere", "a.b", "%00", "x" * 200])
async def test_what_is_not_there_is_404(house: Desk, session: str) -> None:
    unknown = (404, "SESSION_NOT_FOUND")
    async with house.client(None) as client:
        path = f"{BASE}/{session}"
        assert code(await client.get(f"{path}/status")) == unknown
        assert code(await client.post(f"{path}/start")) == unknown
        assert code(await client.post(f"{path}/stop")) == unknown
        assert code(await client.delete(path)) == unknown


async def test_a_deleted_session_is_silent_and_gone(house: Desk) -> None:
    async with house.client(None) as client:
        session = await house.made(client, modalities=["sound"])
        await client.post(f"{BASE}/{session}/start")
        gone = await client.delete(f"{BASE}/{session}")
        again = await client.delete(f"{BASE}/{session}")

    assert gone.json()["message"] == "Session deleted"
    assert code(again) == (404, "SESSION_NOT_FOUND")
    assert house.desk.synth.until(StopVoice) == StopVoice(session)


async def test_what_a_key_made_is_that_keys_alone(house: Desk) -> None:
    async with (
        house.client(KEY) as ada,
        house.client(OTHER_KEY) as bob,
        house.client(None) as somebody,
    ):
        session, common = await house.made(ada), await house.made(somebody)
        for client in (bob, somebody):
            path = f"{BASE}/{session}"
            nowhere = await client.get(f"{BASE}/sess_nowhere")
            assert (await client.get(path)).status_code == 404
            assert (await client.get(path)).json()["message"] == nowhere.json()["message"]
            assert (await client.post(f"{path}/start")).status_code == 404
            assert (await client.delete(path)).status_code == 404
            listed = (await client.get(BASE)).json()
            assert [one["id"] for one in listed["sessions"]] == [common]
        assert (await ada.get(BASE)).json()["total"] == 2
        assert (await ada.post(f"{BASE}/{session}/start")).is_success


async def test_a_wrong_key_is_refused(house: Desk) -> None:
    async with house.client("wrong") as client:
        assert (await client.get(BASE)).status_code == 401
        assert (await client.post(f"{BASE}/create", json=WISH)).status_code == 401


async def test_the_list_is_cut_and_chosen(house: Desk) -> None:
    async with house.client(None) as client:
        made = [await house.made(client, name=f"n{n}") for n in range(5)]
        await client.post(f"{BASE}/{made[2]}/start")
        page = (await client.get(BASE, params={"limit": 2, "offset": 1})).json()
        running = (await client.get(BASE, params={"status": "running"})).json()
        wrong = await client.get(BASE, params={"status": "tired", "limit": 0})

    assert (len(page["sessions"]), page["total"], page["limit"]) == (2, 5, 2)
    assert page["storage"] == "memory"  # this manager was given no file
    assert [one["id"] for one in running["sessions"]] == [made[2]]
    assert code(wrong) == (422, "INVALID_PARAMETER")


async def test_a_wrong_frequency_is_said_as_documented(house: Desk) -> None:
    async with house.client(None) as client:
        answer = await client.post(f"{BASE}/create", json=WISH | {"frequency": -5.0})

    assert code(answer) == (422, "INVALID_FREQUENCY")
    assert (
        answer.json()["details"].items()
        >= {
            "provided_value": -5.0,
            "min_value": 0.1,
            "max_value": 20000.0,
        }.items()
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", None),
        ("duration", 0.5),
        ("duration", 86_401),
        ("duration", "long"),
        ("duration", True),
        ("intention", "x" * 2001),
        ("modalities", "sound"),
        ("modalities", [1]),
        ("modalities", ["spoon"]),
        ("modalities", ["sound"] * 33),
    ],
)
async def test_a_wrong_field_is_named(house: Desk, field: str, value: object) -> None:
    async with house.client(None) as client:
        answer = await client.post(f"{BASE}/create", json=WISH | {field: value})

    assert code(answer) == (422, "INVALID_PARAMETER")
    assert field in {one["field"] for one in answer.json()["details"]["mistakes"]}


async def test_too_many_at_once_is_503_with_a_time_to_wait() -> None:
    house = Desk(most=1)
    async with opened(house), house.client(None) as client:
        first, second = await house.made(client), await house.made(client)
        await client.post(f"{BASE}/{first}/start")
        refused = await client.post(f"{BASE}/{second}/start")
        assert code(refused) == (503, "TOO_MANY_SESSIONS")
        assert int(refused.headers["retry-after"]) > 0
        await client.post(f"{BASE}/{first}/stop")
        assert (await client.post(f"{BASE}/{second}/start")).is_success


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_a_sitting_is_let_sound_and_be_silent(house: Desk, method: str) -> None:
    async with house.client() as client:
        made = (await client.post("/api/v1/session/create", json=SITTING)).json()
        session = made["session_id"]
        path = f"/api/v1/session/{session}/sound"
        on = (await client.request(method, path, json={"sound": True})).json()
        off = (await client.request(method, path, json={"sound": False})).json()
        wrong = await client.request(method, path, json={"sound": "loud"})
        await client.post(f"/api/v1/session/{session}/end")
        late = await client.request(method, path, json={"sound": True})

    assert made["session_config"]["sound"] is False
    assert (on["session_config"]["sound"], off["session_config"]["sound"]) == (True, False)
    assert house.desk.synth.all() == [
        StartVoice(session=session, config=None),
        StopVoice(session),
    ]
    assert (wrong.status_code, late.status_code) == (422, 409)


async def test_a_session_without_pictures_has_a_stream_of_sound_alone(house: Desk) -> None:
    async with house.client(None) as client:
        session = await house.made(client, modalities=["sound"])
        await client.post(f"{BASE}/{session}/start")
        path, upgrade = f"/stream/{session}", {"connection": "upgrade"}
        assert (await client.get(path, headers=upgrade)).status_code != 101
    async with house.watching(f"/stream/{session}/audio") as viewers:
        assert viewers[0].closed is None


def told_or_read(read: Callable[[], Read]) -> tuple[Problem | None, Read | None]:
    """What is wrong with a wish, or the wish."""
    try:
        return None, read()
    except Problem as problem:
        return problem, None


@given(body=st.dictionaries(st.sampled_from([*WISH, "x"]), JSON))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_wish_is_read_or_said_to_be_wrong(body: dict[str, Any]) -> None:
    problem, wish = told_or_read(lambda: practice_settings(body, Settings(), ""))
    if problem is not None:
        assert problem.status == 422
        assert problem.details["mistakes"]
    if wish is not None:
        assert 1 <= len(wish.name) <= 200
        assert 1.0 <= wish.duration_s <= 86_400.0
        assert 0.1 <= wish.frequency <= 20_000.0
        assert len(wish.intention) <= 2000


@given(
    query=st.dictionaries(
        st.sampled_from(["status", "limit", "offset"]), st.text(max_size=12)
    )
)
def test_any_query_is_read_or_said_to_be_wrong(query: dict[str, str]) -> None:
    problem, asked = told_or_read(lambda: practice_list(query, "ada"))
    if problem is not None:
        assert problem.status == 422
    if asked is not None:
        assert 1 <= asked.limit <= 100
        assert asked.offset >= 0

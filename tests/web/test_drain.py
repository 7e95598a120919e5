"""Going down: in steps, each in its time, whatever the clients do."""

import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
import pytest
import trio
import trio.testing

from protocols.generation import Painted, PaintOnce
from protocols.sessions import GetSession, ListSessions, ReadOverview
from tests.web.raw import Raw, connected, masked
from tests.web.stand_ins import KEY, OPERATOR_KEY, House, opened, paint
from web.door import Limits
from web.drain import DONE, HURRIED, HURRIED_S, LATE, Drain
from web.figures import Closed

PATH = "/stream/sess_a"
CREATE = "/api/v1/session/create"
WISH = {"prompt": "a red sun", "width": 64, "height": 64}
PUSHED = {"session_id": "sess_a", "sfreq": 256, "ch_names": ["AF7"], "samples": [[1]]}
LONG_S = 60.0
CLOSE = 0x8


class Slow:
    """Answers once it may."""

    def __init__(self) -> None:
        self.was_asked = threading.Event()
        self.may_answer = threading.Event()

    def paint(self, message: PaintOnce) -> Painted:
        self.wait()
        return paint(message)

    def wait(self) -> None:
        self.was_asked.set()
        assert self.may_answer.wait(20)


@pytest.fixture
def slow() -> Slow:
    return Slow()


def made(**limits: Any) -> House:  # noqa: ANN401  # of its own types
    house = House(limits=Limits(**limits))
    house.sessions.add("sess_a")
    return house


async def heard_close(raw: Raw) -> tuple[int, str]:
    """Code and reason of the close frame; what comes before it is passed over."""
    while True:
        opcode, payload = await raw.frame()
        if opcode == CLOSE:
            return int.from_bytes(payload[:2]), payload[2:].decode()


async def asked_for(slow: Slow) -> None:
    assert await trio.to_thread.run_sync(slow.was_asked.wait, 20)


@asynccontextmanager
async def deaf(house: House) -> AsyncIterator[Raw]:
    """A viewer that reads nothing, and so much for it that nothing more fits."""
    async with connected(house.ports[0], receive_buffer=4096) as raw:
        await raw.shake(PATH)
        house.picture("sess_a", 1, "x" * 2_000_000)
        while not house.door.figures.last_broadcast_at:
            await trio.testing.wait_all_tasks_blocked()
        yield raw


# -- the steps of any drain ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("work_s", "hurried", "took_s", "outcome"),
    [
        (0.5, False, 0.5, DONE),
        (5.0, False, 1.0, LATE),
        (5.0, True, HURRIED_S, HURRIED),
        (0.1, True, 0.1, DONE),
    ],
)
async def test_a_step_takes_its_time_and_no_more(
    autojump_clock: trio.testing.MockClock,
    work_s: float,
    hurried: bool,  # noqa: FBT001
    took_s: float,
    outcome: str,
) -> None:
    hurry, told, cuts = trio.Event(), list[tuple[str, float, str]](), list[str]()
    if hurried:
        hurry.set()
    drain = Drain(hurry, lambda *step: told.append(step))

    await drain.step("x", 1.0, partial(trio.sleep, work_s), lambda: cuts.append("x"))

    [(phase, seconds, how)] = told
    assert (phase, how) == ("x", outcome)
    assert seconds == pytest.approx(took_s)
    assert cuts == ([] if outcome == DONE else ["x"])
    assert autojump_clock.current_time() == pytest.approx(took_s)


async def test_a_step_is_hurried_while_it_runs(
    autojump_clock: trio.testing.MockClock,
) -> None:
    hurry, told = trio.Event(), list[tuple[str, float, str]]()
    drain = Drain(hurry, lambda *step: told.append(step))

    async def urge() -> None:
        await trio.sleep(3.0)
        hurry.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(urge)
        await drain.step("x", LONG_S, trio.sleep_forever, lambda: None)

    [(_, seconds, how)] = told
    assert how == HURRIED
    assert seconds == pytest.approx(3.0 + HURRIED_S)
    assert autojump_clock.current_time() == pytest.approx(3.0 + HURRIED_S)


# -- not ready ----------------------------------------------------------------------------


async def test_while_streams_run_on_new_work_is_refused_and_health_says_why() -> None:
    house = made(notice_s=LONG_S)
    async with opened(house), house.client() as client, connected(house.ports[0]) as raw:
        assert (await client.get("/health/ready")).json() == {
            "status": "ready",
            "waiting_for": [],
        }
        await raw.shake(PATH)
        house.stop.set()
        await house.door.draining.wait()
        asked = len(house.asked_sessions.asked)

        health, ready = await client.get("/health"), await client.get("/health/ready")
        refused = await client.post(CREATE, json={"user_id": "u"})
        shown = await client.get("/api/v1/session")
        async with connected(house.ports[0]) as late:
            handshake = await late.shake(PATH)
        house.picture("sess_a", 1, "still here")
        assert (await raw.frame())[1] == b"still here"

        house.hurry.set()
        assert await heard_close(raw) == (1012, "the server goes down")

    assert (health.status_code, health.json()["status"]) == (503, "draining")
    assert health.json()["websocket_connections"] == 1
    assert (ready.status_code, ready.json()["status"]) == (503, "draining")
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "DRAINING"
    assert {r.headers["retry-after"] for r in (health, ready, refused)} == {"5"}
    assert shown.status_code == 200
    assert {type(message) for message in house.asked_sessions.asked[asked:]} == {
        GetSession,  # /health/ready
        ListSessions,
    }
    assert handshake.startswith("HTTP/1.1 503")
    assert "retry-after: 5" in handshake
    assert house.steps == {"not_ready": HURRIED, "streams": DONE, "http": DONE}


async def test_readiness_names_who_does_not_answer() -> None:
    house = made()
    async with opened(house), house.client(None) as client:
        house.asked_sessions.answer = lambda _: ValueError("dead")
        unready = await client.get("/health/ready")

    assert (unready.status_code, unready.headers["retry-after"]) == (503, "1")
    assert unready.json() == {"status": "not_ready", "waiting_for": ["sessions"]}


async def test_where_nobody_is_connected_nobody_is_given_notice() -> None:
    house = made(notice_s=LONG_S)
    with trio.fail_after(20):
        async with opened(house):
            house.stop.set()

    assert house.steps == {"not_ready": DONE, "streams": DONE, "http": DONE}


async def test_a_handshake_that_was_let_in_too_late_is_refused(slow: Slow) -> None:
    house = made()

    def answer(message: Any) -> Any:  # noqa: ANN401  # as the stand-in's
        slow.wait()
        return house.sessions(message)

    house.asked_sessions.answer = answer
    heads: list[str] = []

    async def shake(raw: Raw) -> None:
        heads.append(await raw.shake(PATH))

    async with (
        opened(house),
        connected(house.ports[0]) as raw,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(shake, raw)
        await asked_for(slow)
        house.stop.set()
        await house.door.draining.wait()
        slow.may_answer.set()

    assert heads[0].startswith("HTTP/1.1 503")
    assert house.door.figures.total == 0


# -- streams ------------------------------------------------------------------------------


async def test_every_kind_of_stream_is_closed_with_1012() -> None:
    house = made(notice_s=0.0)
    async with (
        opened(house),
        connected(house.ports[0]) as viewer,
        connected(house.ports[0]) as listener,
        connected(house.ports[0]) as pusher,
        connected(house.ports[0]) as operator,
    ):
        await viewer.shake(f"{PATH}?format=binary")
        await listener.shake("/ws")
        await pusher.shake(f"/api/v1/ingest/stream?key={KEY}")
        await operator.shake(f"/ops/stream?key={OPERATOR_KEY}")
        house.stop.set()
        for raw in (viewer, listener, pusher, operator):
            assert await heard_close(raw) == (1012, "the server goes down")
            await raw.send(masked(CLOSE, (1012).to_bytes(2)))
            assert await raw.rest() == b""

    assert house.steps == {"not_ready": DONE, "streams": DONE, "http": DONE}
    assert house.door.figures.closes == {Closed.SHUTDOWN: 4}


async def test_who_reads_nothing_is_cut_and_the_others_hear_why() -> None:
    house = made(
        notice_s=0.0, streams_s=0.3, stall_s=LONG_S, send_buffer=4096, unsent_bytes=4096
    )
    with trio.fail_after(20):
        async with opened(house), deaf(house), connected(house.ports[0]) as viewer:
            await viewer.shake("/ws")
            house.stop.set()
            assert await heard_close(viewer) == (1012, "the server goes down")
            await house.is_down.wait()

    assert house.steps == {"not_ready": DONE, "streams": LATE, "http": DONE}
    assert house.door.figures.active == 0


async def test_a_client_whose_message_is_still_being_answered_is_closed_too(
    slow: Slow,
) -> None:
    house = made(notice_s=0.0, streams_s=0.3)

    def answer(message: Any) -> Any:  # noqa: ANN401  # as the stand-in's
        slow.wait()
        return house.sessions(message)

    async with opened(house), connected(house.ports[0]) as pusher:
        await pusher.shake(f"/api/v1/ingest/stream?key={KEY}")
        house.asked_sessions.answer = answer
        await pusher.send(masked(0x1, json.dumps(PUSHED).encode()))
        await asked_for(slow)
        house.stop.set()
        assert await heard_close(pusher) == (1012, "the server goes down")
        assert await pusher.rest() == b""
        slow.may_answer.set()

    assert house.steps["streams"] == LATE


# -- http ---------------------------------------------------------------------------------


async def test_a_request_in_progress_is_answered_and_an_idle_connection_closed(
    slow: Slow,
) -> None:
    house = made(notice_s=0.0, grace_s=LONG_S)
    house.pool.answer = slow.paint
    answers: list[httpx.Response] = []
    with trio.fail_after(20):
        async with opened(house), connected(house.ports[0]) as idle:
            await idle.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await idle.head()).startswith("HTTP/1.1 200")

            async def generate() -> None:
                async with house.client() as client:
                    answers.append(await client.post("/api/v1/generate", json=WISH))

            async with trio.open_nursery() as nursery:
                nursery.start_soon(generate)
                await asked_for(slow)
                house.stop.set()
                assert b"healthy" in await idle.rest()  # it is closed while we wait
                assert "http" not in house.steps
                slow.may_answer.set()

    assert answers[0].status_code == 200
    assert answers[0].headers["connection"] == "close"
    assert house.steps == {"not_ready": DONE, "streams": DONE, "http": DONE}


async def test_a_request_that_does_not_end_is_cut(slow: Slow) -> None:
    house = made(notice_s=0.0, grace_s=0.3)
    house.pool.answer = slow.paint
    with trio.fail_after(20):
        async with opened(house), house.client() as client:
            async with trio.open_nursery() as nursery:

                async def generate() -> None:
                    with pytest.raises(httpx.RemoteProtocolError):
                        await client.post("/api/v1/generate", json=WISH)

                nursery.start_soon(generate)
                await asked_for(slow)
                house.stop.set()
            slow.may_answer.set()

    assert house.steps == {"not_ready": DONE, "streams": DONE, "http": LATE}


async def test_who_hurries_waits_for_nobody(slow: Slow) -> None:
    house = made(
        notice_s=0.0,
        streams_s=LONG_S,
        grace_s=LONG_S,
        stall_s=LONG_S,
        send_buffer=4096,
        unsent_bytes=4096,
    )
    house.pool.answer = slow.paint
    with trio.fail_after(20):
        async with opened(house), deaf(house), house.client() as client:
            async with trio.open_nursery() as nursery:

                async def generate() -> None:
                    with pytest.raises(httpx.RemoteProtocolError):
                        await client.post("/api/v1/generate", json=WISH)

                nursery.start_soon(generate)
                await asked_for(slow)
                house.stop.set()
                await house.door.draining.wait()
                house.hurry.set()
            slow.may_answer.set()
            await house.is_down.wait()

    assert house.steps == {"not_ready": DONE, "streams": HURRIED, "http": HURRIED}


# -- falls --------------------------------------------------------------------------------


async def test_a_part_that_falls_takes_the_door_down_in_steps_with_its_error() -> None:
    house = made()
    house.asked_sessions.answer = lambda message: (
        42 if isinstance(message, ReadOverview) else house.sessions(message)
    )

    async def fall() -> None:
        async with opened(house), connected(house.ports[0]) as viewer:
            await viewer.shake(PATH)
            async with connected(house.ports[0]) as listener:
                await listener.shake("/ws")  # the list of sessions is asked for now
                assert await heard_close(listener) == (1012, "the server goes down")
            assert await heard_close(viewer) == (1012, "the server goes down")

    with pytest.raises(BaseExceptionGroup) as fell:
        await fall()

    assert fell.group_contains(TypeError)
    assert not fell.group_contains(AssertionError)
    assert set(house.steps) == {"not_ready", "streams", "http"}


async def test_streams_of_a_run_that_is_torn_down_hear_why() -> None:
    house = made()
    async with trio.open_nursery() as nursery:
        is_open = trio.Event()
        scope = trio.CancelScope()

        async def run() -> None:
            with scope:
                async with opened(house):
                    is_open.set()
                    await trio.sleep_forever()

        nursery.start_soon(run)
        await is_open.wait()
        async with connected(house.ports[0]) as viewer:
            await viewer.shake(PATH)
            house.picture("sess_a", 1)
            assert await viewer.frame() == (0x1, b"picture 1")
            scope.cancel()
            assert await heard_close(viewer) == (1012, "the server goes down")
            assert await viewer.rest() == b""

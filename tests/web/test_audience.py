"""Listeners at `/ws`: what they are told, and what their commands do."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
import trio
from trio_websocket import WebSocketConnection

from protocols.errors import RefusedError
from protocols.sessions import (
    CreatePractice,
    GetPractice,
    PracticeSettings,
    PracticeView,
    SessionConflict,
    SessionUnknown,
    StopPractice,
)
from protocols.sound import ChangeSound, SoundConfig, SoundRefused, SoundView, SpectrumHeard
from protocols.supervision import DomainEvent
from tests.web.raw import connected, masked
from tests.web.stand_ins import KEY, OTHER_KEY, House, StandIn, opened
from web.door import Limits
from web.ear import Ear
from web.live_events import LiveEvents

PING, PONG, TEXT = 0x9, 0xA, 0x1


def practice(settings: PracticeSettings, **changes: Any) -> PracticeView:  # noqa: ANN401  # of their types
    fields: dict[str, Any] = {
        "session": "sess_p",
        "settings": settings,
        "status": "running",
        "reason": "",
        "created_at": 100.0,
        "started_at": 100.0,
        "ended_at": None,
        "elapsed_s": 2.5,
        "remaining_s": settings.duration_s,
        "modalities": (),
        "stream": False,
        "sound": True,
        "kept": True,
    }
    return PracticeView(**(fields | changes))


class Practices:
    """A session manager with at most one practice."""

    def __init__(self, house: House) -> None:
        self._else = house.sessions
        self.kept: PracticeView | None = None

    def __call__(self, message: object) -> object:
        match message:
            case CreatePractice(settings=settings, start=True):
                self.kept = practice(settings)
                return self.kept
            case GetPractice(session=name):
                return self.kept or SessionUnknown(name)
            case StopPractice(session=name):
                return self._stop(name)
            case _:
                return self._else(message)

    def _stop(self, name: str) -> object:
        if self.kept is None or self.kept.status != "running":
            return SessionConflict(
                session=name, status="stopped", code="SESSION_NOT_RUNNING", reason="over"
            )
        self.kept = practice(self.kept.settings, status="stopped")
        return self.kept


def sounding(message: ChangeSound) -> SoundView | SoundRefused:
    """A synth that sounds at 136.1 Hz until it is told otherwise."""
    return SoundView(
        clip=None,
        playing=True,
        position_s=0.0,
        config=SoundConfig(
            frequency=message.frequency or 136.1,
            duration=30.0,
            volume=0.8 if message.volume is None else message.volume,
        ),
        spectrum=(),
        outputs=(),
        voices=(),
    )


def with_practices(**given: Any) -> House:  # noqa: ANN401  # of their types
    house = House(**given)
    house.asked_sessions.answer = Practices(house)
    return house


async def next_of(viewer: WebSocketConnection, kind: str) -> dict[str, Any]:
    with trio.fail_after(20):
        while True:
            said: dict[str, Any] = json.loads(await viewer.get_message())
            if said["type"] == kind:
                return said


async def say(viewer: WebSocketConnection, **fields: object) -> None:
    await viewer.send_message(json.dumps(fields))


def event(number: int, **changes: Any) -> DomainEvent:  # noqa: ANN401  # of their types
    fields: dict[str, Any] = {
        "name": "SESSION_STARTED",
        "payload": {"session_id": "sess_p", "number": number},
        "at": 100.0,
        "owner": "",
    }
    return DomainEvent(**(fields | changes))


# -- sound --------------------------------------------------------------------------------


async def test_settings_really_go_to_the_synth() -> None:
    synth: StandIn[Any] = StandIn(sounding)
    house = House(sound=synth)
    async with opened(house), house.watching("/ws") as [viewer]:
        settings = {"frequency": 432.0, "volume": 0.0, "prayer_bowl_mode": True, "x": 1}
        await say(viewer, type="UPDATE_SETTINGS", settings=settings)
        told = await next_of(viewer, "settings_updated")

    assert synth.asked == [ChangeSound(frequency=432.0, volume=0.0, prayer_bowl_mode=True)]
    assert (told["settings"]["frequency"], told["settings"]["volume"]) == (432.0, 0.0)
    assert told["changed"] == ["frequency", "volume", "prayer_bowl_mode"]
    assert (told["ignored"], told["playing"]) == (["x"], True)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (
            SoundRefused(code="AUDIO_UNAVAILABLE", reason="no synth"),
            "AUDIO_UNAVAILABLE",
        ),
        (
            SoundRefused(code="INVALID_PARAMETER", reason="r", field="volume"),
            "INVALID_PARAMETER",
        ),
        (RefusedError("synth"), "UNAVAILABLE"),
    ],
)
async def test_what_the_synth_refuses_is_an_error_and_the_connection_stays(
    reply: object, code: str
) -> None:
    house = House(sound=StandIn(lambda _: reply))
    async with opened(house), house.watching("/ws") as [viewer]:
        await say(viewer, type="UPDATE_SETTINGS", settings={"volume": 1})
        told = await next_of(viewer, "error")
        await say(viewer, type="ping")
        await next_of(viewer, "pong")

    assert (told["error_code"], told["command"]) == (code, "UPDATE_SETTINGS")


async def test_the_spectrum_is_of_what_sounds_now() -> None:
    house = House()
    async with opened(house), house.watching("/ws") as [viewer]:
        bins = tuple(at / 64 for at in range(64))
        house.door.ear.tell(SpectrumHeard(bins, house.clock.at))
        heard = await next_of(viewer, "realtime_data")
        while not heard["audio_spectrum"][1]:
            heard = await next_of(viewer, "realtime_data")
        house.clock.at += 0.31
        after = await next_of(viewer, "realtime_data")
        while after["audio_spectrum"][1]:
            after = await next_of(viewer, "realtime_data")

    assert heard["audio_spectrum"] == [round(one, 4) for one in bins]
    assert after["audio_spectrum"] == [0.0] * 64


def test_what_was_heard_long_ago_is_silence() -> None:
    ear = Ear()
    assert ear.bins(0.0) == (0.0,) * 64
    ear.tell(SpectrumHeard((0.5,) * 64, 7.0))
    assert ear.bins(7.25)[0] == 0.5
    assert ear.bins(7.5) == (0.0,) * 64


# -- sessions -----------------------------------------------------------------------------


async def test_a_session_is_started_and_stopped() -> None:
    house = with_practices()
    async with opened(house), house.watching("/ws") as [viewer]:
        await say(
            viewer,
            type="START_SESSION",
            session_name="Evening Meditation",
            duration=1800,
            intention="Peace and clarity",
        )
        started = await next_of(viewer, "session_started")
        await say(viewer, type="STOP_SESSION", session_id=started["session_id"])
        stopped = await next_of(viewer, "session_stopped")
        await say(viewer, type="STOP_SESSION", session_id=started["session_id"])
        again = await next_of(viewer, "error")

    [made] = [m for m in house.asked_sessions.asked if isinstance(m, CreatePractice)]
    assert (made.start, made.settings.owner) == (True, "")
    assert (started["name"], started["duration"]) == ("Evening Meditation", 1800)
    assert started["intention"] == "Peace and clarity"
    assert (stopped["status"], stopped["elapsed"]) == ("stopped", 2.5)
    assert (again["error_code"], again["command"]) == (
        "SESSION_NOT_RUNNING",
        "STOP_SESSION",
    )


async def test_anothers_session_is_as_one_that_is_not_there() -> None:
    house = with_practices()
    mine, others = f"Bearer {KEY}", f"Bearer {OTHER_KEY}"
    async with (
        opened(house),
        house.watching("/ws", authorization=mine) as [viewer],
        house.watching("/ws", authorization=others) as [other],
    ):
        await say(viewer, type="START_SESSION", session_name="x")
        await next_of(viewer, "session_started")
        await say(other, type="STOP_SESSION", session_id="sess_p")
        refused = await next_of(other, "error")
        await say(viewer, type="STOP_SESSION", session_id="sess_p")
        await next_of(viewer, "session_stopped")

    assert refused["error_code"] == "SESSION_NOT_FOUND"
    [made] = [m for m in house.asked_sessions.asked if isinstance(m, CreatePractice)]
    assert made.settings.owner == "ada"


async def test_who_calls_from_elsewhere_sends_a_key_also_in_the_address() -> None:
    house = with_practices()
    async with opened(house), house.watching(f"/ws?key={KEY}") as [viewer]:
        await say(viewer, type="START_SESSION", session_name="x")
        await next_of(viewer, "session_started")

    [made] = [m for m in house.asked_sessions.asked if isinstance(m, CreatePractice)]
    assert made.settings.owner == "ada"


@contextmanager
def held() -> Iterator[tuple[threading.Event, House]]:
    """A house whose session manager does not answer until it is let go."""
    go = threading.Event()
    house = House()
    others = house.sessions

    def answer(message: object) -> object:
        if isinstance(message, CreatePractice):
            go.wait(20)
            return practice(message.settings)
        return others(message)

    house.asked_sessions.answer = answer
    try:
        yield go, house
    finally:
        go.set()


async def test_while_an_order_waits_the_client_is_heard_and_the_others_too() -> None:
    with held() as (go, house):
        async with (
            opened(house),
            connected(house.ports[0]) as raw,
            house.watching("/ws") as [other],
        ):
            await raw.shake("/ws")
            start = {"type": "START_SESSION", "session_name": "x"}
            await raw.send(masked(TEXT, json.dumps(start).encode()))
            await raw.send(masked(PING, b"there?") + masked(TEXT, b'{"type": "ping"}'))
            seen: set[str] = set()
            with trio.fail_after(20):
                while not {"protocol", "pong"} <= seen:
                    opcode, payload = await raw.frame()
                    is_pong = opcode == PONG and payload == b"there?"
                    seen.add("protocol" if is_pong else json.loads(payload)["type"])
            assert "session_started" not in seen
            await say(other, type="ping")
            await next_of(other, "pong")
            go.set()
            with trio.fail_after(20):
                while "session_started" not in seen:
                    seen.add(json.loads((await raw.frame())[1])["type"])


async def test_who_leaves_while_an_order_waits_leaves_nothing() -> None:
    with held() as (_, house):
        async with opened(house):
            async with house.watching("/ws") as [viewer]:
                await say(viewer, type="START_SESSION", session_name="x")
            await house.left()


async def test_an_actor_that_does_not_answer_is_an_error_in_time() -> None:
    with held() as (_, house):
        slow = House(limits=Limits(answer_s=0.1), sessions=house.asked_sessions)
        async with opened(slow), slow.watching("/ws") as [viewer]:
            await say(viewer, type="START_SESSION", session_name="x")
            told = await next_of(viewer, "error")

    assert (told["error_code"], told["command"]) == ("TIMEOUT", "START_SESSION")


# -- events -------------------------------------------------------------------------------


async def test_everyone_hears_every_event_in_order() -> None:
    house = House()
    events = LiveEvents(house.hub, house.clock)
    async with opened(house), house.watching("/ws", "/ws", "/ws") as viewers:
        for viewer in viewers:
            await next_of(viewer, "connection_status")

        def tell() -> None:
            for number in range(300):
                events.tell(event(number))

        teller = threading.Thread(target=tell)
        teller.start()
        for viewer in viewers:
            heard = [await next_of(viewer, "domain_event") for _ in range(300)]
            assert [one["payload"]["number"] for one in heard] == list(range(300))
            assert heard[0]["event_name"] == "SESSION_STARTED"
            assert heard[0]["timestamp"] == house.clock.unix(100.0)
        teller.join()


async def test_two_events_that_are_alike_are_two() -> None:
    house = House()
    events = LiveEvents(house.hub, house.clock)
    async with opened(house), house.watching("/ws") as [viewer]:
        await next_of(viewer, "connection_status")
        events.tell(event(1))
        events.tell(event(1))
        assert await next_of(viewer, "domain_event") == await next_of(
            viewer, "domain_event"
        )


async def test_the_id_of_what_is_not_everybodys_is_not_told() -> None:
    house = House()
    events = LiveEvents(house.hub, house.clock)
    async with opened(house), house.watching("/ws") as [viewer]:
        await next_of(viewer, "connection_status")
        events.tell(event(1))
        events.tell(event(2, owner="ada"))
        events.tell(event(3, payload={"what": "else"}))
        told = [await next_of(viewer, "domain_event") for _ in range(3)]

    assert told[0]["payload"]["session_id"] == "sess_p"
    assert told[1]["payload"]["session_id"].startswith("view_")
    assert told[2]["payload"] == {"what": "else"}


# -- subscriptions ------------------------------------------------------------------------


async def test_a_client_gets_what_it_subscribed_to_as_often_as_it_wants() -> None:
    house = House()
    async with opened(house), house.watching("/ws", "/ws") as [viewer, other]:
        await say(viewer, type="SUBSCRIBE", rate_hz=2)
        told = await next_of(viewer, "subscribed")
        beats = [(await next_of(viewer, "realtime_data"))["sequence"] for _ in range(4)]
        all_beats = [(await next_of(other, "realtime_data"))["sequence"] for _ in range(15)]

    assert told["rate_hz"] == 2
    assert told["topics"] == ["realtime_data", "heartbeat", "domain_event"]
    steps = [after - before for before, after in pairwise(beats)]
    assert all(step % 5 == 0 for step in steps[1:])
    assert all_beats == sorted(set(all_beats))


async def test_who_wants_events_alone_gets_nothing_else() -> None:
    house = House()
    events = LiveEvents(house.hub, house.clock)
    async with opened(house), house.watching("/ws", "/ws") as [viewer, other]:
        await say(viewer, type="SUBSCRIBE", topics=["domain_event"])
        await next_of(viewer, "subscribed")
        for _ in range(5):
            await next_of(other, "realtime_data")
        events.tell(event(1))
        after = json.loads(await viewer.get_message())
        while after["type"] == "realtime_data":  # a beat before it said so
            after = json.loads(await viewer.get_message())

    assert after["type"] == "domain_event"


async def test_a_binary_message_is_no_command() -> None:
    house = House()
    async with opened(house), house.watching("/ws") as [viewer]:
        await viewer.send_message(b"\x00\x01")
        told = await next_of(viewer, "error")
    assert told["error_code"] == "WEBSOCKET_ERROR"

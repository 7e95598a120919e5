"""The audience, built and not started; the session manager is a stand-in of some lines."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from actors.answer import Answer
from protocols.eeg import Phase
from protocols.keys import CreateKey, KeyCreated
from protocols.sessions import (
    CreateSession,
    EndSession,
    ListSessions,
    PauseSession,
    SessionRefused,
    SessionView,
)
from protocols.streams import Demand
from sim.audience import Audience, Habits, Heard, LookAround
from sim.questions import NO_SESSION, Curiosity, Offices
from sim.runtime.clock import VirtualClock, VirtualTimers
from sim.viewing import Seen
from tests.probe import Probe


@dataclass
class Office:
    """Answers what it knows; keeps what it was asked."""

    asked: list[Any] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)
    views: list[SessionView] = field(default_factory=list)
    refuses: bool = False

    def tell(self, message: object, /) -> None:
        self.told.append(message)

    def ask(self, message: Any, /, *, timeout_s: float) -> Answer:  # noqa: ANN401, ARG002
        answer = Answer()
        self.asked.append(message)
        match message:
            case ListSessions():
                answer.set(tuple(self.views))
            case CreateSession() if self.refuses:
                answer.set(SessionRefused(field="session", reason="full", full=True))
            case CreateSession(settings=settings):
                self.views.append(
                    SessionView(
                        session=f"sess_{len(self.views) + 1}",
                        settings=settings,
                        status="active",
                        phase=Phase.SEARCHING,
                        reason="",
                        created_at=0.0,
                        ended_at=None,
                        images=0,
                        last_activity_at=0.0,
                        duration_s=0.0,
                        mean_latency_s=None,
                    )
                )
                answer.set(self.views[-1])
            case CreateKey():
                answer.set(KeyCreated(id="key_1", key="phos_1"))
            case _:
                answer.fail(RuntimeError("whoever was asked died of it"))
        return answer

    def of(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.asked if isinstance(message, kind)]


class Hall:
    """An audience, and whom it deals with."""

    def __init__(self, *, sessions: int = 2, meddles: bool = True, **habits: Any) -> None:  # noqa: ANN401
        self.clock = VirtualClock()
        self.timers = VirtualTimers(self.clock)
        self.own: Probe[Any] = Probe()
        self.demands = Probe[Demand]()
        self.office = Office()
        self.seen = Seen()
        every = dict.fromkeys(Offices.__dataclass_fields__, self.office)
        self.curiosity = Curiosity(
            Offices(**every), np.random.default_rng(1), meddles=meddles
        )
        self.habits = Habits(sessions=sessions, **{"asks_hz": 0.0, "signals": 0.0} | habits)
        self.audience = self.begin()

    def begin(self) -> Audience:
        audience = Audience(
            self.clock,
            self.timers,
            self.own,
            sessions=self.office,
            demands=self.demands,
            habits=self.habits,
            curiosity=self.curiosity,
            seen=self.seen,
        )
        audience.setup()
        return audience

    def look(self, times: int = 1) -> None:
        """Look around, and hear all answers."""
        for _ in range(times):
            self.audience.handle(LookAround())
            while told := self.own.all():
                for message in told:
                    assert isinstance(message, Heard)
                    self.audience.handle(message)

    def end(self, place: int) -> None:
        view = self.office.views[place]
        self.office.views[place] = msgspec.structs.replace(
            view, status="ended", ended_at=1.0
        )


def test_it_makes_as_many_sessions_as_it_wants_and_has_them_watched() -> None:
    hall = Hall(sessions=2)
    hall.look(3)
    assert len(hall.office.of(CreateSession)) == 2
    assert [(d.session, d.kind, d.watchers) for d in hall.demands.all()] == [
        ("sess_1", "binary", 1),
        ("sess_2", "binary", 1),
    ]


def test_its_sitters_are_all_different() -> None:
    hall = Hall(sessions=5)
    hall.look(2)
    assert len({wish.settings.seed for wish in hall.office.of(CreateSession)}) == 5


def test_a_session_that_ends_makes_place_for_another() -> None:
    hall = Hall(sessions=2)
    hall.look(2)
    hall.end(0)
    hall.look(2)
    assert len(hall.office.views) == 3
    assert hall.seen.sessions["sess_1"].status == "ended"
    assert hall.seen.sessions["sess_3"].status == "active"


def test_who_is_refused_tries_again() -> None:
    hall = Hall(sessions=1)
    hall.office.refuses = True
    hall.look(3)
    assert len(hall.office.of(CreateSession)) == 3
    hall.office.refuses = False
    hall.look(2)
    assert list(hall.seen.sessions) == ["sess_1"]


def test_a_new_life_tells_anew_who_watches_and_makes_no_session_twice() -> None:
    hall = Hall(sessions=2)
    hall.look(2)
    hall.demands.all()
    hall.audience.teardown()
    hall.audience = hall.begin()
    hall.look(2)
    assert sorted(d.session for d in hall.demands.all()) == ["sess_1", "sess_2"]
    assert len(hall.office.of(CreateSession)) == 2


def test_signals_are_watched_now_and_then() -> None:
    hall = Hall(sessions=1, signals=1.0)
    hall.look(4)
    watchers = [d.watchers for d in hall.demands.all() if d.kind == "signals"]
    assert watchers == [1, 0, 1]


def test_it_asks_as_often_as_it_is_told_and_bears_any_answer() -> None:
    hall = Hall(sessions=1, asks_hz=20.0)
    hall.look(40)
    others = len(hall.office.asked) - 40 - 1
    assert 300 < others <= 400  # ten a look; some are to create a session
    kinds = {type(message).__name__ for message in hall.office.asked}
    assert {"GetSession", "CommandBrain", "KeepPicture", "CheckKey", "PaintOnce"} <= kinds
    assert {"PromptOfVector", "PoolStatus", "ReadEntries", "EndSession"} <= kinds
    assert hall.curiosity.key == "phos_1"


def test_who_does_not_meddle_ends_and_pauses_nothing() -> None:
    hall = Hall(sessions=1, meddles=False, asks_hz=20.0)
    hall.look(40)
    assert hall.office.of(EndSession) == hall.office.of(PauseSession) == []


def test_without_sessions_it_asks_about_one_that_nobody_knows() -> None:
    hall = Hall(sessions=0, asks_hz=20.0)
    hall.look(10)
    about = {m.session for m in hall.office.asked if hasattr(m, "session")}
    assert about == {NO_SESSION}


def test_its_looks_end_with_it() -> None:
    hall = Hall()
    assert hall.timers.next_at() is not None
    hall.audience.teardown()
    assert hall.timers.next_at() is None

"""The session manager: its ledger and its course; built, not started."""

import numpy as np
import pytest
from msgspec.structs import replace

from actors.answer import Answer
from actors.sessions.actor import SessionManager
from actors.sessions.ledger import Given, Ledger
from actors.sessions.state import KEPT_ENDED, Sitting, forget_oldest
from protocols.eeg import Phase, SourceState
from protocols.sessions import (
    CommandBrain,
    CreateSession,
    EndSession,
    FrameSent,
    FrameWritten,
    GetSession,
    ListSessions,
    PauseSession,
    PushSamples,
    SamplesTaken,
    SessionRefused,
    SessionSettings,
    SessionUnknown,
    SessionView,
    SourceSeen,
)
from protocols.simulation import Blink, BrainCommand
from protocols.supervision import ChildEnded, ChildStarted
from protocols.time import Tick
from tests.started import Started
from tests.time_stand_ins import VirtualClock

SETTINGS = SessionSettings(
    user_id="u", device_type="simulator", duration_s=60.0, model="painter"
)


class Houses:
    """Writes down what it is told; fills `protocols.houses.Houses`."""

    def __init__(self) -> None:
        self.did: list[tuple[str, ...]] = []
        self.answer = Answer()
        self.wrong: str | None = None

    def open(self, session: str, settings: SessionSettings) -> None:
        self.did.append(("open", session, settings.device_type))

    def close(self, session: str, reason: str) -> None:
        self.did.append(("close", session, reason))

    def pause(self, session: str, *, paused: bool) -> None:
        self.did.append(("pause", session, str(paused)))

    def command(self, session: str, command: BrainCommand) -> Answer:
        self.did.append(("command", session, type(command).__name__))
        return self.answer

    def push(self, push: PushSamples) -> str | None:
        self.did.append(("push", push.session))
        return self.wrong

    def session_of(self, path: str) -> str | None:
        return path.removeprefix("root/houses/") if path.count("/") == 2 else None


class Bench:
    def __init__(self, most: int = 3) -> None:
        self.clock = VirtualClock()
        self.houses = Houses()
        self.ledger = Ledger()
        self._ids = iter(f"sess_{n}" for n in range(10))
        self.most = most
        self.stage = self.life()

    def life(self) -> SessionManager:
        return SessionManager(
            self.clock,
            self.ledger,
            Given(
                houses=self.houses,
                new_id=lambda: next(self._ids),
                check_device=lambda device: "there is none" if device == "spoon" else None,
                most=self.most,
            ),
        )

    def create(self, **changes: object) -> SessionView:
        view = self.stage.handle(CreateSession(replace(SETTINGS, **changes)))
        assert isinstance(view, SessionView)
        return view

    def view(self, session: str) -> SessionView:
        view = self.stage.handle(GetSession(session))
        assert isinstance(view, SessionView)
        return view


@pytest.fixture
def bench() -> Bench:
    return Bench()


def frame(session: str, latency_s: float, *, driven: bool = True) -> FrameSent:
    return FrameSent(
        session=session, sequence=1, latency_s=latency_s, sent_at=5.0, driven=driven
    )


def test_a_session_begins_active_and_searching(bench: Bench) -> None:
    view = bench.create()

    assert (view.status, view.phase, view.images) == ("active", Phase.SEARCHING, 0)
    assert bench.houses.did == [("open", "sess_0", "simulator")]
    assert bench.view("sess_0") == view


def test_pictures_are_counted_and_only_driven_ones_have_a_latency(bench: Bench) -> None:
    bench.create()
    bench.stage.handle(frame("sess_0", 99.0, driven=False))
    assert bench.view("sess_0").mean_latency_s is None

    bench.stage.handle(frame("sess_0", 0.040))
    bench.stage.handle(frame("sess_0", 0.060))

    view = bench.view("sess_0")
    assert (view.images, view.last_activity_at) == (3, 5.0)
    assert view.mean_latency_s == pytest.approx(0.050)


def test_where_somebody_watched_the_latency_is_until_the_sockets(bench: Bench) -> None:
    bench.create()
    bench.stage.handle(frame("sess_0", 0.040))
    for latency_s in (0.050, 0.060):
        bench.stage.handle(FrameWritten(session="sess_0", latency_s=latency_s))

    assert bench.view("sess_0").mean_latency_s == pytest.approx(0.055)


def test_a_session_ends_by_itself_when_its_time_is_up(bench: Bench) -> None:
    bench.create()
    bench.clock.advance(59.9)
    bench.stage.handle(Tick(bench.clock.now(), 1))
    assert bench.view("sess_0").status == "active"

    bench.clock.advance(0.2)
    bench.stage.handle(Tick(bench.clock.now(), 2))

    view = bench.view("sess_0")
    assert (view.status, view.reason) == ("ended", "its 1 minutes are over")
    assert bench.houses.did[-1] == ("close", "sess_0", "its 1 minutes are over")
    bench.clock.advance(100.0)
    assert bench.view("sess_0").duration_s == pytest.approx(60.1)


def test_an_end_may_be_repeated_and_changes_nothing_more(bench: Bench) -> None:
    bench.create()
    first = bench.stage.handle(EndSession("sess_0"))
    bench.clock.advance(5.0)

    assert bench.stage.handle(EndSession("sess_0")) == first
    assert [did[0] for did in bench.houses.did] == ["open", "close"]


@pytest.mark.parametrize(
    "message",
    [
        GetSession("x"),
        EndSession("x"),
        PauseSession("x", paused=True),
        CommandBrain("x", Blink()),
        PushSamples(
            session="x", sfreq=250.0, ch_names=("a",), uv=np.zeros((1, 1), np.float32)
        ),
    ],
)
def test_an_unknown_session_is_said_to_be_unknown(
    bench: Bench, message: GetSession
) -> None:
    assert bench.stage.handle(message) == SessionUnknown("x")


def test_a_device_that_cannot_be_had_is_refused(bench: Bench) -> None:
    refused = bench.stage.handle(CreateSession(replace(SETTINGS, device_type="spoon")))

    assert refused == SessionRefused(field="device_type", reason="there is none")
    assert bench.houses.did == []


def test_one_session_too_many_is_refused_until_another_ends(bench: Bench) -> None:
    for _ in range(3):
        bench.create()
    refused = bench.stage.handle(CreateSession(SETTINGS))
    assert isinstance(refused, SessionRefused)
    assert refused.full

    bench.stage.handle(EndSession("sess_1"))
    assert bench.create().status == "active"


def test_a_house_that_fell_for_good_is_a_session_that_failed(bench: Bench) -> None:
    bench.create()
    bench.create()
    fell = ChildEnded(path="root/houses/sess_0", life=1, normal=False, reason="gave up")
    inner = replace(fell, path="root/houses/sess_1/filters")
    for event in (ChildStarted(path="root/houses/sess_0", life=1), inner, fell):
        bench.stage.handle(event)

    assert bench.view("sess_0").status == "failed"
    assert "gave up" in bench.view("sess_0").reason
    assert bench.view("sess_1").status == "active"


def test_a_crash_of_the_manager_ends_no_session(bench: Bench) -> None:
    bench.create()
    bench.stage.handle(frame("sess_0", 0.040))
    bench.stage = bench.life()

    assert (bench.view("sess_0").status, bench.view("sess_0").images) == ("active", 1)


def test_a_recording_that_was_played_to_its_end_ends_its_session(bench: Bench) -> None:
    bench.create(device_type="replay:rest.edf")
    over = SourceState(phase=Phase.ENDED, reason="the recording is over", at=3.0)
    bench.stage.handle(SourceSeen(session="sess_0", state=over))
    bench.stage.handle(Tick(3.1, 1))

    assert (bench.view("sess_0").status, bench.view("sess_0").reason) == (
        "ended",
        "the recording is over",
    )


def test_a_session_pauses_and_goes_on(bench: Bench) -> None:
    bench.create()
    paused = bench.stage.handle(PauseSession("sess_0", paused=True))
    assert isinstance(paused, SessionView)
    assert paused.status == "paused"

    bench.stage.handle(PauseSession("sess_0", paused=False))
    assert bench.view("sess_0").status == "active"
    assert bench.houses.did[1:] == [
        ("pause", "sess_0", "True"),
        ("pause", "sess_0", "False"),
    ]


def test_only_a_simulated_sitter_takes_commands(bench: Bench) -> None:
    bench.create(device_type="muse")
    refused = bench.stage.handle(CommandBrain("sess_0", Blink()))

    assert isinstance(refused, SessionRefused)
    assert "muse" in refused.reason


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        (None, SessionView),
        (SessionRefused(field="channel", reason="no channel XX"), SessionRefused),
    ],
)
def test_the_sitters_answer_becomes_the_doors(
    bench: Bench, started: Started, said: SessionRefused | None, answers: type
) -> None:
    manager = started(bench.stage)
    manager.ask(CreateSession(SETTINGS), timeout_s=5.0).get(timeout=5.0)
    reply = manager.ask(CommandBrain("sess_0", Blink()), timeout_s=5.0)
    manager.ask(GetSession("sess_0"), timeout_s=5.0).get(timeout=5.0)
    assert not reply.is_done()  # the sitter has not answered, and nobody waits for it

    bench.houses.answer.set(said)
    assert isinstance(reply.get(timeout=5.0), answers)


def test_pushed_samples_go_to_sessions_that_take_them(bench: Bench) -> None:
    bench.create(device_type="ingest")
    bench.create()
    push = PushSamples(
        session="sess_0", sfreq=250.0, ch_names=("Fp1",), uv=np.zeros((1, 25), np.float32)
    )
    assert bench.stage.handle(push) == SamplesTaken(25)

    wrong = bench.stage.handle(replace(push, session="sess_1"))
    assert isinstance(wrong, SessionRefused)
    bench.houses.wrong = "a sample is not a finite number"
    assert bench.stage.handle(push) == SessionRefused(
        field="samples", reason="a sample is not a finite number"
    )


def test_the_oldest_ended_sessions_are_forgotten_first() -> None:
    sittings = {
        f"s{n}": Sitting(
            session=f"s{n}",
            settings=SETTINGS,
            created_at=0.0,
            last_activity_at=0.0,
            ended_at=float(n) if n else None,
        )
        for n in range(KEPT_ENDED + 3)
    }
    kept = forget_oldest(sittings)

    assert "s0" in kept  # it lives
    assert {"s1", "s2"}.isdisjoint(kept)
    assert len(kept) == KEPT_ENDED + 1


def test_all_sessions_are_listed(bench: Bench) -> None:
    bench.create()
    bench.create()
    views = bench.stage.handle(ListSessions())

    assert isinstance(views, tuple)
    found = [view.session for view in views if isinstance(view, SessionView)]
    assert found == ["sess_0", "sess_1"]

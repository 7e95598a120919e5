"""The session manager: the door's wishes in, houses opened and closed, views out.

The course of a session is in `state`. What it knows stands in a ledger that outlives the
actor, so that a crash here ends no session and forgets no picture; only the message
that it died of is lost.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from msgspec.structs import replace
from pykka import ActorDeadError

from actors.answer import Answer
from actors.sessions.state import (
    Sitting,
    count_frame,
    count_written,
    due,
    end,
    forget_oldest,
    is_over,
    see_source,
)
from actors.stage import Stage
from protocols import ports
from protocols.eeg import Phase
from protocols.errors import PhospheneError
from protocols.houses import Houses
from protocols.ports import Clock
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
    SessionsInput,
    SessionUnknown,
    SessionView,
    SourceSeen,
)
from protocols.supervision import ChildEnded, ChildStarted, SupervisorGaveUp
from protocols.time import Tick

SIMULATOR, INGEST = "simulator", "ingest"

Reply: TypeAlias = SessionView | SessionUnknown | SessionRefused | SamplesTaken


@dataclass
class Ledger:
    """What must outlive a life of the manager."""

    sittings: dict[str, Sitting] = field(default_factory=dict)


class SessionManager(Stage):
    """Knows all sessions.

    Args:
        clock: for stamps.
        ledger: of the lives before.
        houses: builds and clears the sessions' actors.
        new_id: makes ids that nobody can guess.
        check_device: None if a device type can be had, else why not and what is allowed.
        most: sessions at once.
    """

    def __init__(
        self,
        clock: Clock,
        ledger: Ledger,
        houses: Houses,
        *,
        new_id: Callable[[], str],
        check_device: Callable[[str], str | None],
        most: int,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._ledger = ledger
        self._houses = houses
        self._new_id = new_id
        self._check_device = check_device
        self._most = most

    def handle(self, message: SessionsInput) -> Reply | tuple[SessionView, ...] | None:
        """Take a wish, or what happened."""
        match message:
            case CreateSession(settings=settings):
                return self._create(settings)
            case GetSession() | EndSession() | PauseSession() | CommandBrain():
                return self._about(message)
            case PushSamples():
                return self._push(message)
            case ListSessions():
                now = self._clock.now()
                return tuple(s.view(now) for s in self._ledger.sittings.values())
            case FrameSent(session=session):
                self._change(session, lambda s: count_frame(s, message))
            case FrameWritten(session=session):
                self._change(session, lambda s: count_written(s, message))
            case SourceSeen(session=session, state=state):
                self._change(session, lambda s: see_source(s, state))
            case ChildStarted() | ChildEnded() | SupervisorGaveUp():
                self._watch(message)
            case Tick(now=now):
                self._tick(now)
            case _:
                assert_never(message)
        return None

    def _create(self, settings: SessionSettings) -> SessionView | SessionRefused:
        living = sum(not is_over(s) for s in self._ledger.sittings.values())
        if living >= self._most:
            reason = f"{living} sessions run, and {self._most} is the most"
            return SessionRefused(field="session", reason=reason, full=True)
        wrong = self._check_device(settings.device_type)
        if wrong is not None:
            return SessionRefused(field="device_type", reason=wrong)
        now, session = self._clock.now(), self._new_id()
        sitting = Sitting(
            session=session, settings=settings, created_at=now, last_activity_at=now
        )
        self._ledger.sittings[session] = sitting
        self._houses.open(session, settings)
        return sitting.view(now)

    def _about(
        self, message: GetSession | EndSession | PauseSession | CommandBrain
    ) -> Reply | None:
        sitting = self._ledger.sittings.get(message.session)
        if sitting is None:
            return SessionUnknown(message.session)
        now = self._clock.now()
        match message:
            case GetSession():
                return sitting.view(now)
            case EndSession(reason=reason):
                return self._end(sitting, now, reason).view(now)
            case PauseSession(paused=paused):
                return self._pause(sitting, paused=paused).view(now)
            case CommandBrain():
                return self._command(sitting, message)
            case _:
                assert_never(message)

    def _end(
        self, sitting: Sitting, now: float, reason: str, *, failed: bool = False
    ) -> Sitting:
        if not is_over(sitting):
            self._houses.close(sitting.session, reason)
        ended = end(sitting, now, reason, failed=failed)
        self._ledger.sittings[sitting.session] = ended
        return ended

    def _pause(self, sitting: Sitting, *, paused: bool) -> Sitting:
        if is_over(sitting):
            return sitting
        self._houses.pause(sitting.session, paused=paused)
        changed = replace(sitting, status="paused" if paused else "active")
        self._ledger.sittings[sitting.session] = changed
        return changed

    def _command(self, sitting: Sitting, order: CommandBrain) -> Reply | None:
        device = sitting.settings.device_type
        if device != SIMULATOR:
            reason = f"only a simulated sitter takes commands; this session's is {device}"
            return SessionRefused(field="device_type", reason=reason)
        if is_over(sitting):
            return SessionRefused(field="session", reason="the session has ended")
        later = self.reply_later()
        reply = self._houses.command(sitting.session, order.command)
        view = sitting.view(self._clock.now())
        reply.when_done(lambda: _pass_on(reply, later, view))
        return None

    def _push(self, push: PushSamples) -> SamplesTaken | SessionUnknown | SessionRefused:
        sitting = self._ledger.sittings.get(push.session)
        if sitting is None:
            return SessionUnknown(push.session)
        device = sitting.settings.device_type
        if device != INGEST:
            reason = f"samples are taken by sessions of device_type ingest, not {device}"
            return SessionRefused(field="device_type", reason=reason)
        wrong = self._houses.push(push)
        if wrong is not None:
            return SessionRefused(field="samples", reason=wrong)
        return SamplesTaken(push.uv.shape[1])

    def _change(self, session: str, change: Callable[[Sitting], Sitting]) -> None:
        sitting = self._ledger.sittings.get(session)
        if sitting is not None:
            self._ledger.sittings[session] = change(sitting)

    def _watch(self, event: ChildStarted | ChildEnded | SupervisorGaveUp) -> None:
        """A house that fell for good is a session that failed; the others go on."""
        if isinstance(event, ChildStarted) or (
            isinstance(event, ChildEnded) and event.normal
        ):
            return
        session = self._houses.session_of(event.path)
        sitting = self._ledger.sittings.get(session or "")
        if sitting is not None and not is_over(sitting):
            # A house that gives up says why first, in clearer words than its end does.
            self._end(sitting, self._clock.now(), f"it failed: {event.reason}", failed=True)

    def _tick(self, now: float) -> None:
        sittings = self._ledger.sittings
        for session in due(sittings, now):
            minutes = sittings[session].settings.duration_s / 60
            self._end(sittings[session], now, f"its {minutes:g} minutes are over")
        for sitting in list(sittings.values()):
            # A recording that was played to its end ends its session.
            if sitting.phase is Phase.ENDED and not is_over(sitting):
                self._end(sitting, now, sitting.reason)
        if len(sittings) > self._most:
            self._ledger.sittings = forget_oldest(sittings)


def _pass_on(reply: ports.Reply, later: Answer, view: SessionView) -> None:
    """The sitter's answer becomes the door's; in the reader's thread."""
    try:
        refused = reply.get(timeout=0.0)
    except (PhospheneError, ActorDeadError) as error:
        later.fail(error)
    else:
        later.set(view if refused is None else refused)

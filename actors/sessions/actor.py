"""The session manager: the door's wishes in, sessions started and ended, views out.

The course of a sitting is in `state`, that of a practice in `practice`; what is done to
them in `sittings` and `practices`; who sounds in `voices`; what outlives the process in
`keeping`.
What is known stands in a ledger that outlives the actor, so that a crash here ends no
session and forgets no picture; only the message that it died of is lost. It needs a
pinned dispatcher: the disk may make it wait.
"""

from typing import TypeAlias, assert_never

from actors.sessions.keeping import Keeping
from actors.sessions.ledger import Given, Ledger
from actors.sessions.overview import overview
from actors.sessions.practices import Answered, PracticeInput, Practices
from actors.sessions.sittings import About, Reply, Sittings
from actors.sessions.state import count_frame, count_written, see_source
from actors.stage import Stage
from protocols.ports import Clock
from protocols.sessions import (
    CommandBrain,
    CreatePractice,
    CreateSession,
    DeletePractice,
    EndSession,
    FrameSent,
    FrameWritten,
    GetPractice,
    GetSession,
    KnownModalities,
    ListPractices,
    ListSessions,
    PauseSession,
    PracticeView,
    PushSamples,
    ReadOverview,
    SamplesTaken,
    SessionRefused,
    SessionRow,
    SessionSettings,
    SessionsInput,
    SessionUnknown,
    SessionView,
    SourceSeen,
    StartPractice,
    StopPractice,
    SwitchSound,
)
from protocols.supervision import ChildEnded, ChildStarted, SupervisorGaveUp
from protocols.time import Tick

_Answer: TypeAlias = (
    Reply
    | Answered
    | SamplesTaken
    | SessionUnknown
    | tuple[SessionView, ...]
    | tuple[SessionRow, ...]
    | None
)


class SessionManager(Stage):
    """Knows all sessions.

    Args:
        clock: for stamps.
        ledger: of the lives before.
        given: whom it deals with, and its limits.
    """

    def __init__(self, clock: Clock, ledger: Ledger, given: Given) -> None:
        super().__init__()
        self._clock = clock
        self._ledger = ledger
        self._given = given
        self._sittings = Sittings(clock, ledger, given, self.reply_later)
        self._keeping = Keeping(clock, ledger, given.store, self.permit)
        self._practices = Practices(clock, ledger, given, self._sittings, self._keeping)

    def setup(self) -> None:
        """Mend what the life before died in the middle of; take on what was kept."""
        self._sittings.resume()
        self._practices.load()
        self._follow()

    def handle(self, message: SessionsInput) -> _Answer:
        """Take a wish, or what happened."""
        match message:
            case FrameSent(session=session):
                self._sittings.change(session, lambda s: count_frame(s, message))
            case FrameWritten(session=session):
                self._sittings.change(session, lambda s: count_written(s, message))
            case SourceSeen(session=session, state=state):
                self._sittings.change(session, lambda s: see_source(s, state))
            case ChildStarted() | ChildEnded() | SupervisorGaveUp():
                if self._sittings.watch(message):
                    self._follow()
            case Tick(now=now):
                self._tick(now)
            case _:
                return self._asked(message)
        return None

    def teardown(self) -> None:
        """Let the file go; all of it is written."""
        self._keeping.close()

    def _asked(
        self,
        message: CreateSession
        | About
        | PushSamples
        | ListSessions
        | ReadOverview
        | PracticeInput,
    ) -> _Answer:
        match message:
            case CreateSession(settings=settings):
                return self._create(settings)
            case (
                GetSession()
                | EndSession()
                | PauseSession()
                | SwitchSound()
                | CommandBrain()
            ):
                return self._about(message)
            case PushSamples():
                return self._sittings.push(message)
            case ListSessions() | ReadOverview():
                return self._listed(message)
            case ListPractices() | KnownModalities() | GetPractice():
                return self._practices.answer(message)
            case CreatePractice() | StartPractice() | StopPractice() | DeletePractice():
                return self._change(message)
            case _:
                assert_never(message)

    def _create(self, settings: SessionSettings) -> Reply:
        refused = self._practices.full()
        if refused is not None:
            return refused
        if settings.sound and self._given.synth is None:
            return SessionRefused(field="sound", reason="this server has no synth")
        sitting = self._sittings.open(self._given.new_id(), settings)
        if isinstance(sitting, str):
            return SessionRefused(field="device_type", reason=sitting)
        self._follow()
        return sitting.view(self._clock.now())

    def _listed(
        self, message: ListSessions | ReadOverview
    ) -> tuple[SessionView, ...] | tuple[SessionRow, ...]:
        now = self._clock.now()
        if isinstance(message, ReadOverview):
            return overview(self._ledger, now, message)
        return tuple(sitting.view(now) for sitting in self._ledger.sittings.values())

    def _about(self, message: About) -> Reply | PracticeView | SessionUnknown | None:
        sitting = self._ledger.sittings.get(message.session)
        if sitting is not None:
            answer = self._sittings.answer(message, sitting)
            if not isinstance(message, GetSession | CommandBrain):
                self._follow()
            return answer
        practice = self._ledger.practices.get(message.session)
        if practice is None or not isinstance(message, GetSession):
            return SessionUnknown(message.session)
        return self._practices.view(practice)

    def _change(
        self, message: CreatePractice | StartPractice | StopPractice | DeletePractice
    ) -> Answered:
        answer = self._practices.answer(message)
        self._follow()
        if not isinstance(answer, PracticeView):
            return answer
        # What follows (voices, the disk) is part of the answer.
        practice = self._ledger.practices.get(answer.session)
        return answer if practice is None else self._practices.view(practice)

    def _follow(self) -> None:
        """Let the voices and the disk be as the ledger says."""
        self._practices.sound()
        self._keeping.save()

    def _tick(self, now: float) -> None:
        # Practices first: the sitting of one that is over ends with it.
        practices_over = self._practices.tick(now)
        if self._sittings.tick(now) or practices_over:
            self._follow()
        if self._keeping.may_load():
            self._practices.load()
            self._follow()
        self._keeping.tick(now)

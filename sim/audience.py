"""The audience: simulated viewers and clients in the front's place.

In: what the broadcaster hands to the door, answers, and the timer's call. Out: all that the
door would ask and tell. It keeps a number of sessions alive (one that ends makes place for
another), has each of them watched, and asks this and that beside.

As in the door, nobody waits: a question leaves a call that brings its answer as a message.
What viewers saw outlives the actor. A crash forgets who watches: the next life tells anew.
"""

from typing import Any, TypeAlias, assert_never

import msgspec

from actors.stage import Stage
from protocols.archive import PictureKept
from protocols.keys import KeyCreated
from protocols.ports import Askable, Clock, Mailbox, Reply, Timer, Timers
from protocols.sessions import (
    CreateSession,
    FrameWritten,
    ListSessions,
    SessionSettings,
    SessionView,
)
from protocols.streams import Demand, StreamFrame
from sim.questions import Curiosity
from sim.viewing import Seen, Viewing

LOOK_S = 0.5
"""Seconds between two looks at who is there."""

ASK_TIMEOUT_S = 4.0
FOR_EVER_S = 1e9


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """What an audience is like."""

    sessions: int
    """That it keeps alive."""

    pictures_hz: float = 10.0
    window_s: float = 2.0
    session_s: float | None = None
    """Mean time for which a session is made, seconds; None: it does not end by itself."""

    asks_hz: float = 1.0
    """Questions a second beside."""

    signals: float = 0.1
    """Share of looks at which a session's signals begin to be watched, or cease."""


class LookAround(msgspec.Struct, frozen=True):
    """The timer: see who is there, and ask something."""


class Heard(msgspec.Struct, frozen=True, eq=False):
    """An answer is there."""

    question: Any
    reply: Reply


AudienceInput: TypeAlias = StreamFrame | LookAround | Heard


class Audience(Stage):
    """Stands where the front would.

    Args:
        clock: for when frames came.
        timers: brings `LookAround`.
        own: its own mailbox, for answers and the timer.
        sessions: the session manager.
        demands: the broadcaster, for who watches what.
        habits: of the audience.
        curiosity: draws questions.
        seen: what viewers saw; outlives the actor.
    """

    def __init__(  # noqa: PLR0913  # whom the door knows
        self,
        clock: Clock,
        timers: Timers,
        own: Mailbox[AudienceInput],
        *,
        sessions: Askable[Any],
        demands: Mailbox[Demand],
        habits: Habits,
        curiosity: Curiosity,
        seen: Seen,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._timers = timers
        self._own = own
        self._sessions = sessions
        self._demands = demands
        self._habits = habits
        self._curious = curiosity
        self._seen = seen
        self._timer: Timer | None = None
        self._watched: dict[str, bool] = {}  # whether signals are watched too
        self._creating = 0

    def setup(self) -> None:
        """Begin to look around."""
        own, look = self._own, LookAround()
        self._timer = self._timers.every(LOOK_S, lambda _due, _number: own.tell(look))

    def handle(self, message: AudienceInput) -> None:
        """See a frame, look around, or hear an answer."""
        match message:
            case StreamFrame():
                self._see(message)
            case LookAround():
                self._look()
            case Heard(question=question, reply=reply):
                self._hear(question, reply)
            case _:
                assert_never(message)

    def teardown(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    # -- watching -------------------------------------------------------------------------

    def _see(self, frame: StreamFrame) -> None:
        if not frame.binary:
            return
        took_s = self._seen.take(frame, self._clock.now())
        if took_s is not None:
            self._sessions.tell(FrameWritten(session=frame.topic, latency_s=took_s))

    def _watch(self, session: str) -> None:
        self._watched[session] = False
        self._demands.tell(Demand(session=session, kind="binary", watchers=1))

    def _look_at_signals(self, session: str) -> None:
        on = self._watched[session] = not self._watched[session]
        self._demands.tell(Demand(session=session, kind="signals", watchers=int(on)))

    # -- asking ---------------------------------------------------------------------------

    def _look(self) -> None:
        self._ask(self._sessions, ListSessions())
        for session in self._watched:
            if self._curious.chance(self._habits.signals):
                self._look_at_signals(session)
        wanted = self._habits.asks_hz * LOOK_S
        while wanted > 0.0:
            if self._curious.chance(wanted):
                self._ask(*self._curious.draw(list(self._watched)))
            wanted -= 1.0

    def _ask(self, whom: Askable[Any], question: object) -> None:
        reply, own = whom.ask(question, timeout_s=ASK_TIMEOUT_S), self._own
        reply.when_done(lambda: own.tell(Heard(question, reply)))

    def _hear(self, question: object, reply: Reply) -> None:
        if isinstance(question, CreateSession):
            self._creating -= 1
        try:
            answer = reply.get(timeout=0.0)
        except Exception:  # noqa: BLE001  # refused, late, or what the other died of
            return
        match answer:
            case KeyCreated(key=key):
                self._curious.key = key
            case PictureKept(id=picture):
                self._curious.pictures.append(picture)
            case SessionView():
                self._learn((answer,))
            case tuple() if isinstance(question, ListSessions):
                self._learn(answer)
                self._seen.learned_at = self._clock.now()
                self._fill()
            case _:
                pass

    def _learn(self, views: tuple[SessionView, ...]) -> None:
        for view in views:
            known = self._seen.sessions.get(view.session)
            if known is None:
                serial = view.settings.seed
                known = Viewing(view.session, view.created_at, serial)
                self._seen.sessions[view.session] = known
            known.learn(view)
            lives = view.ended_at is None
            if lives and view.session not in self._watched:
                self._watch(view.session)
            elif not lives:
                self._watched.pop(view.session, None)

    def _fill(self) -> None:
        missing = self._habits.sessions - len(self._watched) - self._creating
        for _ in range(missing):
            self._creating += 1
            self._ask(self._sessions, CreateSession(self._settings()))

    def _settings(self) -> SessionSettings:
        habits = self._habits
        mean_s = habits.session_s
        duration_s = FOR_EVER_S if mean_s is None else self._curious.wait_s(mean_s)
        return SessionSettings(
            user_id="audience",
            device_type="simulator",
            duration_s=duration_s,
            model="any",
            width=64,
            height=64,
            seed=self._curious.number(),
            window_s=habits.window_s,
            pictures_hz=habits.pictures_hz,
        )

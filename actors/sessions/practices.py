"""The practices' part of the manager: made, started, stopped, over, kept, forgotten.

The ledger changes first, the parts follow it, the disk comes last and before the answer:
what a client was told outlives a kill. A disk that takes nothing is a state and no death:
practices go on in memory, say so, and are written as soon as it takes them again.
"""

import math
from datetime import UTC, datetime
from typing import Any, TypeAlias, assert_never

from msgspec.structs import replace

from actors.sessions import modalities
from actors.sessions.keeping import Keeping
from actors.sessions.ledger import Given, Ledger
from actors.sessions.modalities import ABSENT, PICTURES, SOUND, parts_of
from actors.sessions.practice import (
    MOST_CREATED,
    Practice,
    after_restart,
    complete,
    start,
    stop,
    too_old,
    visible,
)
from actors.sessions.sittings import Sittings
from actors.sessions.state import is_over
from actors.sessions.voices import settle
from protocols.ports import Clock
from protocols.sessions import (
    CreatePractice,
    DeletePractice,
    GetPractice,
    KnownModalities,
    ListPractices,
    ModalityRow,
    ModalityView,
    PracticeList,
    PracticeSettings,
    PracticeView,
    SessionConflict,
    SessionRefused,
    SessionUnknown,
    StartPractice,
    StopPractice,
)
from protocols.supervision import DomainEvent

NO_SYNTH = "this server has no synth"
OVER = {
    "created": "the session has not been started",
    "completed": "the session is over",
    "stopped": "the session was stopped",
}
"""Why a part stands still, by its practice's status."""

PracticeInput: TypeAlias = (
    CreatePractice
    | StartPractice
    | StopPractice
    | GetPractice
    | DeletePractice
    | ListPractices
    | KnownModalities
)
Answered: TypeAlias = (
    PracticeView
    | PracticeList
    | SessionConflict
    | SessionRefused
    | SessionUnknown
    | tuple[ModalityRow, ...]
)


class Practices:
    """Does to practices what is asked. In the manager's thread.

    Args:
        clock: for stamps.
        ledger: of the lives before.
        given: ids, limits, where events go.
        sittings: that their pictures come from.
        keeping: the disk.
    """

    def __init__(
        self,
        clock: Clock,
        ledger: Ledger,
        given: Given,
        sittings: Sittings,
        keeping: Keeping,
    ) -> None:
        self._clock = clock
        self._ledger = ledger
        self._given = given
        self._sittings = sittings
        self._keeping = keeping
        self._absent = dict(ABSENT)
        if given.synth is None:
            self._absent[SOUND] = NO_SYNTH

    def load(self) -> None:
        """Take on what earlier processes kept, once in a process."""
        kept = self._keeping.load()
        if kept is None:
            return
        now, ledger = self._clock.now(), self._ledger
        closes = self._given.after_restart == "close"
        # Without a word of it: nothing is known after its beginning.
        known = -math.inf if kept.alive_at is None else kept.alive_at
        alive_at = known if closes else None
        for before in kept.practices:
            if before.session in ledger.practices or before.session in ledger.unsaved:
                continue  # of this process: the disk was not there when it began
            practice = after_restart(before, now, alive_at)
            ledger.practices[practice.session] = practice
            if practice != before:
                ledger.unsaved.add(practice.session)
            if practice.status == "running":
                self._start_pictures(practice, now)
            elif before.status == "running":
                self._tell_end(practice)

    def answer(self, message: PracticeInput) -> Answered:
        """Do what is asked."""
        match message:
            case CreatePractice(settings=settings, start=at_once):
                return self._create(settings, at_once=at_once)
            case ListPractices():
                return self._list(message)
            case KnownModalities():
                return modalities.rows(self._absent)
            case StartPractice() | StopPractice() | GetPractice() | DeletePractice():
                practice = self._ledger.practices.get(message.session)
                if practice is None:
                    return SessionUnknown(message.session)
                return self._about(message, practice)
            case _:
                assert_never(message)

    def tick(self, now: float) -> bool:
        """Complete those whose time is over; whether there were any."""
        done = [complete(p, now) for p in self._ledger.practices.values()]
        over = [practice for practice in done if practice is not None]
        for practice in over:
            self._end(practice)
        for session in too_old(self._ledger.practices):
            del self._ledger.practices[session]
            self._ledger.unsaved.add(session)
        return bool(over)

    def view(self, practice: Practice) -> PracticeView:
        """As the door shows it now."""
        now, session = self._clock.now(), practice.session
        return PracticeView(
            session=session,
            settings=practice.settings,
            status=practice.status,
            reason=practice.reason,
            created_at=practice.created_at,
            started_at=practice.started_at,
            ended_at=practice.ended_at,
            elapsed_s=practice.elapsed_s(now),
            remaining_s=practice.remaining_s(now),
            modalities=self._modalities(practice),
            stream=session in self._ledger.sittings,
            sound=session in self._ledger.sounding,
            kept=self._keeping.works and session not in self._ledger.unsaved,
        )

    def sound(self) -> None:
        """Let the voices be as the ledger says, and announce what that changes."""
        if self._given.synth is None:
            return
        began, ceased = settle(self._ledger, self._given.synth)
        for word, sessions in (("STARTED", began), ("STOPPED", ceased)):
            for session in sessions:
                practice = self._ledger.practices.get(session)
                if practice is not None:
                    self._announce(f"SOUND_{word}", practice)

    # -- what is asked ------------------------------------------------------------------

    def _create(
        self, settings: PracticeSettings, *, at_once: bool
    ) -> PracticeView | SessionRefused:
        strange = modalities.unknown(settings.modalities)
        if strange:
            allowed = f"names of {', '.join(modalities.PARTS)}; not {', '.join(strange)}"
            return SessionRefused(field="modalities", reason=allowed)
        waiting = sum(p.status == "created" for p in self._ledger.practices.values())
        if not at_once and waiting >= MOST_CREATED:
            reason = f"{waiting} sessions wait to be started, and that is the most"
            return SessionRefused(field="session", reason=reason, full=True)
        refused = self.full() if at_once else None
        if refused is not None:
            return refused
        practice = Practice(
            session=self._given.new_id(),
            settings=settings,
            created_at=self._clock.now(),
        )
        self._put(practice)
        self._announce("SESSION_CREATED", practice)
        if at_once:
            begun = self._start(practice)
            assert isinstance(begun, PracticeView)  # noqa: S101  # it was just created
            return begun
        return self.view(practice)

    def _about(
        self,
        message: StartPractice | StopPractice | GetPractice | DeletePractice,
        practice: Practice,
    ) -> PracticeView | SessionConflict | SessionRefused:
        match message:
            case StartPractice():
                return self._start(practice)
            case StopPractice(reason=reason):
                stopped = stop(practice, self._clock.now(), reason)
                if isinstance(stopped, SessionConflict):
                    return stopped
                self._end(stopped)
                return self.view(stopped)
            case GetPractice():
                return self.view(practice)
            case DeletePractice():
                return self._delete(practice)
            case _:
                assert_never(message)

    def _start(self, practice: Practice) -> PracticeView | SessionConflict | SessionRefused:
        now = self._clock.now()
        running = start(practice, now)
        if isinstance(running, SessionConflict):
            return running
        refused = self.full()
        if refused is not None:
            return refused
        self._put(running)
        self._announce("SESSION_STARTED", running)
        self._start_pictures(running, now)
        return self.view(self._ledger.practices[practice.session])

    def _delete(self, practice: Practice) -> PracticeView:
        stopped = stop(practice, self._clock.now(), "deleted")
        if not isinstance(stopped, SessionConflict):
            self._end(stopped)
            self.sound()
            practice = stopped
        view = self.view(practice)
        self._ledger.practices.pop(practice.session, None)
        self._ledger.sittings.pop(practice.session, None)
        self._ledger.unsaved.add(practice.session)
        self._announce("SESSION_DELETED", practice)
        return view

    def _list(self, asked: ListPractices) -> PracticeList:
        found = [
            practice
            for practice in visible(self._ledger.practices, asked.owner)
            if asked.status in (None, practice.status)
        ]
        shown = found[asked.offset : asked.offset + asked.limit]
        return PracticeList(
            practices=tuple(self.view(practice) for practice in shown),
            total=len(found),
            trouble=self._keeping.trouble,
        )

    def full(self) -> SessionRefused | None:
        """Refuse one more session, if as many run as may; None: there is room."""
        running = {
            p.session for p in self._ledger.practices.values() if p.status == "running"
        }
        living = len(running | set(self._sittings.living()))
        if living < self._given.most:
            return None
        reason = f"{living} sessions run, and {self._given.most} is the most"
        return SessionRefused(field="session", reason=reason, full=True)

    # -- what follows -------------------------------------------------------------------

    def _put(self, practice: Practice) -> None:
        self._ledger.practices[practice.session] = practice
        self._ledger.unsaved.add(practice.session)

    def _end(self, practice: Practice) -> None:
        self._put(practice)
        sitting = self._ledger.sittings.get(practice.session)
        if sitting is not None and not is_over(sitting):
            self._sittings.end(sitting, self._clock.now(), OVER[practice.status])
            self._announce("PICTURES_STOPPED", practice)
        self._tell_end(practice)

    def _tell_end(self, practice: Practice) -> None:
        name = "COMPLETED" if practice.status == "completed" else "STOPPED"
        self._announce(f"SESSION_{name}", practice)

    def _start_pictures(self, practice: Practice, now: float) -> None:
        settings = practice.settings
        parts = parts_of(settings.modalities)
        if PICTURES not in parts or self._full_of_sittings(practice.session):
            return
        wish = replace(
            self._given.pictures(settings),
            duration_s=practice.remaining_s(now),
            owner=settings.owner,
            sound=SOUND in parts and self._given.synth is not None,
        )
        opened = self._sittings.open(practice.session, wish)
        if isinstance(opened, str):
            changed = replace(practice, no_pictures=opened)
            self._ledger.practices[practice.session] = changed
            return
        self._announce("PICTURES_STARTED", practice)

    def _full_of_sittings(self, session: str) -> bool:
        # After a restart the limit may be lower than what is to go on.
        if len(self._sittings.living()) < self._given.most:
            return False
        reason = f"{self._given.most} sessions with pictures run, which is the most"
        practice = self._ledger.practices[session]
        self._ledger.practices[session] = replace(practice, no_pictures=reason)
        return True

    def _modalities(self, practice: Practice) -> tuple[ModalityView, ...]:
        running: dict[str, str] = {}
        stopped: dict[str, str] = {}
        over = OVER.get(practice.status)
        names = practice.settings.modalities
        if SOUND not in self._absent:
            if practice.session in self._ledger.sounding:
                driven = self._ledger.sounding[practice.session] is None
                hz = f"steady, {practice.settings.frequency:g} Hz"
                running[SOUND] = "driven by the sitting" if driven else hz
            else:
                stopped[SOUND] = over or "its sitting is paused or silent"
        sitting = self._ledger.sittings.get(practice.session)
        if sitting is not None and not is_over(sitting):
            running[PICTURES] = f"{sitting.phase}: {sitting.reason}"
        elif not practice.no_pictures:
            ended = "its pictures ended" if sitting is None else sitting.reason
            stopped[PICTURES] = over or ended
        absent = {**self._absent, PICTURES: practice.no_pictures}
        return modalities.seen(names, running, stopped, absent)

    def _announce(self, name: str, practice: Practice) -> None:
        at = self._clock.now()
        if name in ("SESSION_COMPLETED", "SESSION_STOPPED"):
            at = practice.ended_at or at
        self._given.events.tell(
            DomainEvent(
                name=name,
                payload=self._payload(practice, at),
                at=at,
                owner=practice.settings.owner,
            )
        )

    def _payload(self, practice: Practice, at: float) -> dict[str, Any]:
        settings = practice.settings
        payload: dict[str, Any] = {
            "session_id": practice.session,
            "name": settings.name,
            "intention": settings.intention,
            "status": practice.status,
            "duration": settings.duration_s,
            "elapsed": round(practice.elapsed_s(at), 3),
        }
        for field in ("created_at", "started_at", "ended_at"):
            clock_time = getattr(practice, field)
            if clock_time is not None:
                payload[field] = _iso(self._clock.unix(clock_time))
        if practice.reason:
            payload["reason"] = practice.reason
        return payload


def _iso(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

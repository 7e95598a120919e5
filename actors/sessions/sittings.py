"""The sittings' part of the manager: their houses are opened, paused, commanded, closed.

A practice with pictures has a sitting too, of the same id: that is all that the two kinds
of sessions know of one another here.
"""

from collections.abc import Callable
from typing import TypeAlias, assert_never

from msgspec.structs import replace
from pykka import ActorDeadError

from actors.answer import Answer
from actors.sessions.ledger import Given, Ledger
from actors.sessions.state import Sitting, due, end, forget_oldest, is_over
from protocols import ports
from protocols.eeg import Phase
from protocols.errors import PhospheneError
from protocols.ports import Clock
from protocols.sessions import (
    CommandBrain,
    EndSession,
    GetSession,
    PauseSession,
    PushSamples,
    SamplesTaken,
    SessionRefused,
    SessionSettings,
    SessionUnknown,
    SessionView,
    SwitchSound,
)
from protocols.supervision import ChildEnded, ChildStarted, SupervisorGaveUp

SIMULATOR, INGEST = "simulator", "ingest"

About: TypeAlias = GetSession | EndSession | PauseSession | SwitchSound | CommandBrain
Reply: TypeAlias = SessionView | SessionRefused


class Sittings:
    """Does to sittings what is asked. In the manager's thread.

    Args:
        clock: for stamps.
        ledger: of the lives before.
        given: houses, ids, limits.
        reply_later: of the manager, for answers that come from a house.
    """

    def __init__(
        self,
        clock: Clock,
        ledger: Ledger,
        given: Given,
        reply_later: Callable[[], Answer],
    ) -> None:
        self._clock = clock
        self._ledger = ledger
        self._given = given
        self._reply_later = reply_later

    def resume(self) -> None:
        """A new life begins: mend what the last one died in the middle of."""
        ledger, now = self._ledger, self._clock.now()
        for session in list(ledger.housed):
            sitting = ledger.sittings.get(session)
            if sitting is None or is_over(sitting):
                self._leave(session, "the session ended")
        for session, sitting in ledger.sittings.items():
            if not is_over(sitting) and session not in ledger.housed:
                self.end(sitting, now, "it could not be started", failed=True)

    def living(self) -> list[str]:
        """Sittings that are not over."""
        return [s.session for s in self._ledger.sittings.values() if not is_over(s)]

    def open(self, session: str, settings: SessionSettings) -> Sitting | str:
        """Begin one.

        Returns:
            The sitting; or why its device cannot be had, and what is allowed.
        """
        wrong = self._given.check_device(settings.device_type)
        if wrong is not None:
            return wrong
        now = self._clock.now()
        sitting = Sitting(
            session=session, settings=settings, created_at=now, last_activity_at=now
        )
        self._ledger.sittings[session] = sitting
        self._given.houses.open(session, settings)
        self._ledger.housed.add(session)
        return sitting

    def end(
        self, sitting: Sitting, now: float, reason: str, *, failed: bool = False
    ) -> Sitting:
        """End one; one that is over stays as it is."""
        if not is_over(sitting):
            self._leave(sitting.session, reason)
        ended = end(sitting, now, reason, failed=failed)
        self._ledger.sittings[sitting.session] = ended
        return ended

    def answer(self, message: About, sitting: Sitting) -> Reply | None:
        """Do what is asked of one; None: the answer comes later."""
        now = self._clock.now()
        match message:
            case GetSession():
                return sitting.view(now)
            case EndSession(reason=reason):
                return self.end(sitting, now, reason).view(now)
            case PauseSession(paused=paused):
                return self._pause(sitting, paused=paused).view(now)
            case SwitchSound(sound=sound):
                return self._switch(sitting, sound=sound)
            case CommandBrain():
                return self._command(sitting, message)
            case _:
                assert_never(message)

    def push(self, push: PushSamples) -> SamplesTaken | SessionUnknown | SessionRefused:
        """Hand samples to a sitting's reader."""
        sitting = self._ledger.sittings.get(push.session)
        if sitting is None:
            return SessionUnknown(push.session)
        device = sitting.settings.device_type
        if device != INGEST:
            reason = f"samples are taken by sessions of device_type ingest, not {device}"
            return SessionRefused(field="device_type", reason=reason)
        wrong = self._given.houses.push(push)
        if wrong is not None:
            return SessionRefused(field="samples", reason=wrong)
        return SamplesTaken(push.uv.shape[1])

    def change(self, session: str, change: Callable[[Sitting], Sitting]) -> None:
        """Note what happened to one."""
        sitting = self._ledger.sittings.get(session)
        if sitting is not None:
            self._ledger.sittings[session] = change(sitting)

    def watch(self, event: ChildStarted | ChildEnded | SupervisorGaveUp) -> bool:
        """A house that fell for good is a sitting that failed; the others go on.

        Returns:
            Whether one did.
        """
        if isinstance(event, ChildStarted) or (
            isinstance(event, ChildEnded) and event.normal
        ):
            return False
        session = self._given.houses.session_of(event.path)
        sitting = self._ledger.sittings.get(session or "")
        if sitting is None or is_over(sitting):
            return False
        # A house that gives up says why first, in clearer words than its end does.
        self.end(sitting, self._clock.now(), f"it failed: {event.reason}", failed=True)
        return True

    def tick(self, now: float) -> bool:
        """End those whose time is up; whether there were any."""
        sittings = self._ledger.sittings
        over = due(sittings, now)
        for session in over:
            minutes = sittings[session].settings.duration_s / 60
            self.end(sittings[session], now, f"its {minutes:g} minutes are over")
        for sitting in list(sittings.values()):
            # A recording that was played to its end ends its session.
            if sitting.phase is Phase.ENDED and not is_over(sitting):
                self.end(sitting, now, sitting.reason)
                over.append(sitting.session)
        if len(sittings) > self._given.most:
            self._ledger.sittings = forget_oldest(sittings)
        return bool(over)

    def _leave(self, session: str, reason: str) -> None:
        self._given.houses.close(session, reason)
        self._ledger.housed.discard(session)

    def _pause(self, sitting: Sitting, *, paused: bool) -> Sitting:
        if is_over(sitting):
            return sitting
        self._given.houses.pause(sitting.session, paused=paused)
        changed = replace(sitting, status="paused" if paused else "active")
        self._ledger.sittings[sitting.session] = changed
        return changed

    def _switch(self, sitting: Sitting, *, sound: bool) -> Reply:
        if is_over(sitting):
            return SessionRefused(field="session", reason="the session has ended")
        if sound and self._given.synth is None:
            return SessionRefused(field="sound", reason="this server has no synth")
        changed = replace(sitting, settings=replace(sitting.settings, sound=sound))
        self._ledger.sittings[sitting.session] = changed
        return changed.view(self._clock.now())

    def _command(self, sitting: Sitting, order: CommandBrain) -> SessionRefused | None:
        device = sitting.settings.device_type
        if device != SIMULATOR:
            reason = f"only a simulated sitter takes commands; this session's is {device}"
            return SessionRefused(field="device_type", reason=reason)
        if is_over(sitting):
            return SessionRefused(field="session", reason="the session has ended")
        later = self._reply_later()
        reply = self._given.houses.command(sitting.session, order.command)
        view = sitting.view(self._clock.now())
        reply.when_done(lambda: _pass_on(reply, later, view))
        return None


def _pass_on(reply: ports.Reply, later: Answer, view: SessionView) -> None:
    """The sitter's answer becomes the door's; in the reader's thread."""
    try:
        refused = reply.get(timeout=0.0)
    except (PhospheneError, ActorDeadError) as error:
        later.fail(error)
    else:
        later.set(view if refused is None else refused)

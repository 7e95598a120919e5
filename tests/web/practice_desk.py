"""The real session manager behind a door of stand-ins, one question at a time."""

import itertools
from threading import Lock
from typing import TYPE_CHECKING, Any

from actors.answer import Answer
from actors.sessions.actor import SessionManager
from actors.sessions.ledger import Given, Ledger
from protocols.ports import Clock
from protocols.sessions import PushSamples, SessionSettings
from protocols.simulation import BrainCommand
from tests.probe import Probe

if TYPE_CHECKING:
    from protocols.supervision import DomainEvent


class _Houses:
    def open(self, session: str, settings: SessionSettings) -> None:
        """Nobody moves in."""

    def close(self, session: str, reason: str) -> None:
        """Nobody moves out."""

    def pause(self, session: str, *, paused: bool) -> None:
        """Nothing moves."""

    def command(self, session: str, command: BrainCommand) -> Answer:
        raise AssertionError((session, command))

    def push(self, push: PushSamples) -> str | None:
        raise AssertionError(push)

    def session_of(self, path: str) -> str | None:
        raise AssertionError(path)


class PracticeDesk:
    """Answers what is asked of practices; `answer` takes a door's questions.

    Args:
        clock: of the door.
        most: sessions at once.
    """

    def __init__(self, clock: Clock, *, most: int = 1000) -> None:
        names = (f"sess_p{n}" for n in itertools.count())
        self.events: Probe[DomainEvent] = Probe()
        self.synth: Probe[Any] = Probe()
        self._lock = Lock()
        given = Given(
            houses=_Houses(),
            new_id=lambda: next(names),
            check_device=lambda _device: None,
            most=most,
            synth=self.synth,
            events=self.events,
        )
        self._stage = SessionManager(clock, Ledger(), given)

    def answer(self, message: Any) -> Any:  # noqa: ANN401  # as many types as questions
        """Have the manager answer."""
        with self._lock:
            return self._stage.handle(message)

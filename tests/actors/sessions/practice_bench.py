"""A session manager with everything around it, for tests of practices."""

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actors.answer import Answer
from actors.sessions.actor import SessionManager
from actors.sessions.ledger import AfterRestart, Given, Ledger
from actors.sessions.store import PracticeStore
from protocols.sessions import (
    CreatePractice,
    GetPractice,
    PracticeSettings,
    PracticeView,
    PushSamples,
    SessionSettings,
    StartPractice,
)
from protocols.simulation import BrainCommand
from protocols.sound import StartVoice, StopVoice
from protocols.time import Tick
from tests.probe import Probe

if TYPE_CHECKING:
    from protocols.supervision import DomainEvent

UNIX = 1_700_000_000.0


class Clock:
    """One wall clock; each process's own begins at 0."""

    def __init__(self) -> None:
        self.wall = UNIX
        self.began_at = UNIX

    def now(self) -> float:
        return self.wall - self.began_at

    def unix(self, at: float) -> float:
        return self.began_at + at

    def advance(self, seconds: float) -> None:
        self.wall += seconds


class Houses:
    """Fills `protocols.houses.Houses`; knows which are open, and minds a second opening."""

    def __init__(self) -> None:
        self.open_now: dict[str, SessionSettings] = {}
        self.falls = False

    def open(self, session: str, settings: SessionSettings) -> None:
        assert session not in self.open_now
        if self.falls:
            raise RuntimeError("no house")
        self.open_now[session] = settings

    def close(self, session: str, reason: str) -> None:
        assert reason
        self.open_now.pop(session, None)

    def pause(self, session: str, *, paused: bool) -> None:
        assert isinstance(paused, bool)
        assert session in self.open_now

    def command(self, session: str, command: BrainCommand) -> Answer:
        raise AssertionError((session, command))

    def push(self, push: PushSamples) -> str | None:
        raise AssertionError(push)

    def session_of(self, path: str) -> str | None:
        return path.removeprefix("root/houses/")


class Synth:
    """Fills the synth's mailbox; knows who sounds."""

    def __init__(self) -> None:
        self.voices: dict[str, Any] = {}

    def tell(self, message: Any, /) -> None:  # noqa: ANN401  # any input of the synth
        match message:
            case StartVoice(session=session, config=config):
                self.voices[session] = config
            case StopVoice(session=session):
                del self.voices[session]
            case _:
                raise AssertionError(message)


class Bench:
    """A process, and what it leaves to the next one."""

    def __init__(
        self, folder: Path, *, most: int = 5, has_synth: bool = True, keeps: bool = True
    ) -> None:
        self.clock = Clock()
        self.path = folder / "data" / "sessions.sqlite3"
        self.most = most
        self.has_synth = has_synth
        self.keeps = keeps
        self.device_wrong: str | None = None
        self.after_restart: AfterRestart = "continue"
        self.events: Probe[DomainEvent] = Probe()
        self._ids = itertools.count()
        self._ticks = itertools.count()
        self.begin()

    def begin(self) -> None:
        """A process begins; the one before was killed."""
        self.clock.began_at = self.clock.wall
        self.ledger, self.houses, self.synth = Ledger(), Houses(), Synth()
        self.life()

    def life(self) -> None:
        """The manager is raised anew in the same process."""
        given = Given(
            houses=self.houses,
            new_id=lambda: f"sess_{next(self._ids)}",
            check_device=lambda _device: self.device_wrong,
            most=self.most,
            synth=self.synth if self.has_synth else None,
            events=self.events,
            store=PracticeStore(self.path) if self.keeps else None,
            after_restart=self.after_restart,
        )
        self.stage = SessionManager(self.clock, self.ledger, given)
        self.stage.setup()

    def ask(self, message: Any) -> Any:  # noqa: ANN401  # as many types as questions
        return self.stage.handle(message)

    def create(self, *modalities: str, **changes: Any) -> PracticeView:  # noqa: ANN401  # of their types
        wish = {"name": "Morning", "duration_s": 60.0, **changes}
        settings = PracticeSettings(modalities=modalities or ("sound",), **wish)
        view = self.ask(CreatePractice(settings=settings))
        assert isinstance(view, PracticeView)
        return view

    def start(self, *modalities: str, **changes: Any) -> PracticeView:  # noqa: ANN401  # of their types
        view = self.ask(StartPractice(self.create(*modalities, **changes).session))
        assert isinstance(view, PracticeView)
        return view

    def view(self, session: str) -> PracticeView:
        view = self.ask(GetPractice(session))
        assert isinstance(view, PracticeView)
        return view

    def wait(self, seconds: float) -> None:
        """Let time go by, and a tick come."""
        self.clock.advance(seconds)
        self.ask(Tick(self.clock.now(), next(self._ticks)))

    def named(self) -> list[str]:
        """Names of what was announced since the last look."""
        return [event.name for event in self.events.all()]

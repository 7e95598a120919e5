"""The whole tree, alive in the test's process: all that is missing is the door."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, assert_never

from actors.inbox import Address
from actors.journal.actor import JournalActor
from actors.journal.folder import FOLDER, JournalLock
from actors.lease import Lease
from actors.stage import Stage
from config.schema import (
    GeneratorSettings,
    SessionLimits,
    Settings,
    StorageSettings,
)
from protocols.eeg import FilterInput
from protocols.ports import Mailbox
from protocols.sessions import (
    CreateSession,
    EndSession,
    GetSession,
    SessionSettings,
    SessionView,
)
from protocols.streams import Demand, StreamFrame
from protocols.supervision import (
    Born,
    ChildEnded,
    ChildRow,
    ChildStarted,
    Died,
    LifeEvent,
    SupervisorGaveUp,
)
from sim.actor import SimulatorActor
from supervisors.live import live_world
from supervisors.server import make_headset, make_painter
from supervisors.tree import Parts, Tree, make_board
from supervisors.watchdog import Stalls
from tests.probe import Probe

POISON = object()
"""No actor takes it: `assert_never` ends whoever gets it."""

WAIT_S = 30.0
"""For what certainly comes, on a busy machine."""

SETTINGS = SessionSettings(
    user_id="test",
    device_type="simulator",
    duration_s=3600.0,
    model="any",
    width=64,
    height=64,
    window_s=0.5,
)
"""Small pictures, soon."""


class Doorless(Stage):
    """Stands where the front would."""

    def handle(self, message: object) -> None:
        assert_never(message)  # type: ignore[arg-type]  # whatever it is


class Frames:
    """Fills the hub's place: a probe for each stream."""

    def __init__(self) -> None:
        self._streams: dict[str, Probe[StreamFrame]] = {}

    def tell(self, frame: StreamFrame, /) -> None:
        self.of(frame.topic).tell(frame)

    def of(self, session: str) -> Probe[StreamFrame]:
        return self._streams.setdefault(session, Probe())


class Living:
    """A tree that has come up.

    Args:
        data_dir: where it keeps keys and pictures.
        painters: how many.
    """

    def __init__(self, data_dir: Path, *, painters: int = 1) -> None:
        self._open = ExitStack()
        self.world = self._open.enter_context(live_world())
        self.events: Probe[LifeEvent] = Probe()
        self.world.chronicle.watch(self.events)
        self.frames = Frames()
        self.lives: Probe[Born | Died] = Probe()
        self.settings = Settings(
            storage=StorageSettings(data_dir=str(data_dir)),
            generators=GeneratorSettings(workers=painters),
            sessions=SessionLimits(max_sessions=60),
        )
        self.board = make_board(self.world, painters)
        lock = JournalLock(data_dir / FOLDER)
        self._open.callback(lock.release)
        parts = Parts(
            settings=self.settings,
            hub=self.frames,
            make_reader=self._make_reader,
            check_device=lambda _: None,
            make_front=Doorless,
            make_journal=lambda: JournalActor(self.world.clock, lock, self.world.chronicle),
            make_painter=lambda name: make_painter(
                self.settings, self.world, self.board, name
            ),
            beat=lambda: None,
            stalls=Stalls(),
        )
        self.tree = Tree(self.world, self.board, parts)
        self._root = self.world.address("root")
        self.tree.root(self._root).launch(self._root, self.world.supervision, self.lives)
        assert isinstance(self.lives.next(WAIT_S), Born)

    def close(self) -> None:
        """Stop it, and wait until it has ended."""
        self._root.stop()
        died = self.lives.next(WAIT_S)
        self._open.close()
        assert isinstance(died, Died)
        assert died.normal

    # -- sessions -----------------------------------------------------------------------

    def create(self, *, watched: bool = True) -> str:
        """Make a session."""
        view = self.ask(self.board.sessions, CreateSession(SETTINGS))
        assert isinstance(view, SessionView)
        if watched:
            self.watch(view.session)
        return view.session

    def watch(self, session: str) -> None:
        """As a viewer of the binary form."""
        self.board.demands.tell(Demand(session=session, kind="binary", watchers=1))

    def end(self, session: str) -> SessionView:
        view = self.ask(self.board.sessions, EndSession(session))
        assert isinstance(view, SessionView)
        return view

    def view(self, session: str) -> SessionView:
        view = self.ask(self.board.sessions, GetSession(session))
        assert isinstance(view, SessionView)
        return view

    def room(self, session: str, role: str) -> Address:
        """The address of a session's stage."""
        name = f"root/sessions/houses/{session}/{role}"
        return next(a for a in self.tree.houses.addresses() if a.name == name)

    def picture(self, session: str, *, driven_after: float = 0.0) -> StreamFrame:
        """The next picture whose samples were taken after a clock time."""
        while True:
            frame = self.frames.of(session).next(WAIT_S)
            if frame.binary and frame.captured_at > driven_after:
                return frame

    def last_word(self, session: str) -> StreamFrame:
        """The message that ends the binary form of a stream."""
        while True:
            frame = self.frames.of(session).next(WAIT_S)
            if frame.last and frame.kind == "binary":
                return frame

    # -- lives --------------------------------------------------------------------------

    def ask(self, address: Address, message: object) -> Any:  # noqa: ANN401
        return address.ask(message, timeout_s=WAIT_S).get(timeout=WAIT_S)

    def row(self, path: str) -> ChildRow:
        return next(row for row in self.world.view.rows() if row.path == path)

    def rows_below(self, path: str) -> list[ChildRow]:
        below = path + "/"
        return [row for row in self.world.view.rows() if row.path.startswith(below)]

    def kill(self, address: Address) -> float:
        """Poison whoever lives there; the clock time at which the next life was up."""
        life = self.row(address.name).life
        self.events.all()
        address.tell(POISON)
        self.up(address.name, life + 1)
        return self.world.clock.now()

    def up(self, path: str, life: int = 1) -> None:
        """Wait for the birth of a life."""
        self.until(
            lambda e: isinstance(e, ChildStarted) and (e.path, e.life) == (path, life)
        )

    def down(self, path: str) -> ChildEnded:
        """Wait for an end."""
        event = self.until(lambda e: isinstance(e, ChildEnded) and e.path == path)
        assert isinstance(event, ChildEnded)
        return event

    def gave_up(self, path: str) -> SupervisorGaveUp:
        """Wait until a supervisor gives up."""
        event = self.until(lambda e: isinstance(e, SupervisorGaveUp) and e.path == path)
        assert isinstance(event, SupervisorGaveUp)
        return event

    def until(self, is_it: Callable[[LifeEvent], bool]) -> LifeEvent:
        while not is_it(event := self.events.next(WAIT_S)):
            pass
        return event

    def _make_reader(
        self,
        settings: SessionSettings,
        _pushed: object,
        downstream: Mailbox[FilterInput],
        take_lease: Callable[[], Lease],
    ) -> Stage:
        return SimulatorActor(
            clock=self.world.clock,
            make_headset=lambda: make_headset(settings),
            downstream=downstream,
            take_lease=take_lease,
        )


def names_of_threads() -> list[str]:
    """Of all that live, sorted."""
    return sorted(thread.name for thread in threading.enumerate())

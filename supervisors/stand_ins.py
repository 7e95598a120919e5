"""Stand-ins: what the tree is given in a simulated run, in place of sockets and hardware.

The audience stands in the front's place, headsets of a shelf in that of devices, flat
painters in that of the painters' processes; journal and library write to a disk that can be
full on cue.
"""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, final

import msgspec
import numpy as np

from actors.device.ingest import IngestSource
from actors.generator.painter.painter import Painter
from actors.journal.actor import JournalActor
from actors.journal.folder import FOLDER, JournalLock
from actors.lease import Lease
from actors.library.actor import FOLDER as PICTURES, LibraryActor
from actors.stage import Stage
from config.schema import GeneratorSettings, SessionLimits, Settings, StorageSettings
from protocols.eeg import FilterInput
from protocols.ports import Mailbox
from protocols.sessions import SessionSettings
from sim.actor import SimulatorActor
from sim.audience import Audience, Habits
from sim.brain import Brain
from sim.devices import Shelf, ShelvedHeadset
from sim.disk import SimDisk, SimPictureStore
from sim.painter import SimPainter, waiter
from sim.questions import Curiosity, Offices
from sim.runtime.faults import Fault
from sim.viewing import Seen
from supervisors.tree import Board, Parts
from supervisors.watchdog import Stalls
from supervisors.world import World

PAINTERS: Final = 2
RETRY_S: Final = 0.5
"""First wait of a reader whose headset is not there."""


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be simulated."""

    seed: int
    seconds: float
    sessions: int = 2
    pictures_hz: float = 10.0
    window_s: float = 2.0
    session_s: float | None = None
    """Mean time for which a session is made; None: it does not end by itself."""

    asks_hz: float = 1.0
    meddles: bool = False
    """Whether clients end, pause and unplug sessions."""

    signals: float = 0.0
    """Share of looks at which a session's signals begin to be watched, or cease."""

    painter: bool = False
    slice: int = 16
    faults: tuple[Fault, ...] = ()
    fault_file: str = ""
    """Name of the file that these are from."""

    rates: dict[str, float] = {}
    """Faults at random a virtual minute, by kind."""

    quiet_s: float = 0.0
    """At the end of the run no fault begins for so long; then all must be well again."""

    replay: str = ""
    """The command that runs it again."""


@final
class StandIns:
    """Makes them.

    Args:
        setup: what is to be simulated.
        world: of the tree.
        board: its addresses.
        folder: for keys, pictures and the journal.
        seeds: for what is drawn.
    """

    def __init__(
        self,
        setup: Setup,
        world: World,
        board: Board,
        folder: Path,
        seeds: np.random.SeedSequence,
    ) -> None:
        self.disk, self.shelf, self.seen = SimDisk(), Shelf(), Seen()
        self.lock = JournalLock(folder / FOLDER)
        self.stalls = Stalls()
        self.lease: Callable[[Callable[[], Lease]], Lease] = _taken
        """Takes a lease for a reader."""

        self._setup = setup
        self._world = world
        self._board = board
        self._settings = Settings(
            storage=StorageSettings(data_dir=str(folder)),
            generators=GeneratorSettings(workers=PAINTERS),
            sessions=SessionLimits(max_sessions=max(100, 2 * setup.sessions)),
        )
        curious, painting = (np.random.default_rng(s) for s in seeds.spawn(2))
        self._curiosity = Curiosity(self._offices(), curious, meddles=setup.meddles)
        self._painting = painting
        self._ids = itertools.count(1)

    def parts(self) -> Parts:
        """For the tree."""
        hub = self._board.front.latest("broadcaster>hub", _stream)
        return Parts(
            settings=self._settings,
            hub=hub,
            make_reader=self._make_reader,
            check_device=lambda _device: None,
            make_front=self._make_audience,
            make_journal=self._make_journal,
            make_painter=self._make_painter,
            beat=lambda: None,
            stalls=self.stalls,
            new_session=lambda: f"sess_{next(self._ids):04d}",
            make_library=self._make_library,
        )

    def _offices(self) -> Offices:
        board = self._board
        return Offices(
            sessions=board.sessions,
            pool=board.pool,
            broadcaster=board.broadcaster,
            metronome=board.metronome,
            keyring=board.keyring,
            library=board.library,
            analysis=board.analysis,
            journal=board.journal,
            synth=board.synth,
            presets=board.presets,
        )

    def _make_reader(
        self,
        settings: SessionSettings,
        _pushed: IngestSource,
        downstream: Mailbox[FilterInput],
        take_lease: Callable[[], Lease],
    ) -> Stage:
        seed, shelf = settings.seed, self.shelf
        return SimulatorActor(
            clock=self._world.clock,
            make_headset=lambda: ShelvedHeadset(Brain(seed=seed), seed, shelf),
            downstream=downstream,
            retry_s=RETRY_S,
            take_lease=lambda: self.lease(take_lease),
        )

    def _make_audience(self) -> Stage:
        setup, board = self._setup, self._board
        return Audience(
            self._world.clock,
            self._world.timers,
            board.front,
            sessions=board.sessions,
            demands=board.demands,
            habits=Habits(
                sessions=setup.sessions,
                pictures_hz=setup.pictures_hz,
                window_s=setup.window_s,
                session_s=setup.session_s,
                asks_hz=setup.asks_hz,
                signals=setup.signals,
            ),
            curiosity=self._curiosity,
            seen=self.seen,
        )

    def _make_journal(self) -> Stage:
        world = self._world
        return JournalActor(world.clock, self.lock, world.chronicle, disk=self.disk.calls())

    def _make_library(self) -> Stage:
        quota = self._settings.storage.pictures_quota_mib * 1024**2
        folder = self._settings.data_dir
        store = SimPictureStore(folder / PICTURES, self.disk, quota_bytes=quota)
        return LibraryActor(self._world.clock, folder, quota_bytes=quota, store=store)

    def _make_painter(self, name: str) -> Stage:
        own = self._board.painters[name]
        return SimPainter(
            name,
            self._world.clock,
            waiter(self._world.timers, own),
            self._board.pool,
            self._painting,
            Painter() if self._setup.painter else None,
        )


def _stream(frame: Any) -> tuple[str, str] | None:  # noqa: ANN401  # any input of the front
    return None if frame.control else (frame.topic, frame.kind)


def _taken(take: Callable[[], Lease]) -> Lease:
    return take()

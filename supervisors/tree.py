"""The tree: who lives where, who watches whom, in which order they start.

    root               one_for_one, 5 restarts in 30 s
    ├─ journal         what happened, on the disk
    ├─ watchdog        who hangs, and whether the process stood still
    ├─ archive         one_for_one   keyring, library, presets (one writer each)
    ├─ surroundings    one_for_one   metronome, analysis
    ├─ generators      rest_for_one  pool, then its painters: a new pool knows no job
    │   └─ painters    one_for_one   painter-1, …: one that falls takes no other along
    ├─ output          one_for_one   broadcaster
    ├─ audio           one_for_one   output-2, output-3, studio, synth
    ├─ sessions        one_for_one   manager, houses (dynamic: one subtree a session)
    └─ front           the door: started last, stopped first

An address outlives its tenants, so each branch is raised alone: the fall of the journal, or
of the archive, must cost no session a frame.

Whoever receives is started before whoever sends. This is the only module that knows all
actors; it hands each of them the addresses that it may speak to.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actors.analysis.actor import AnalysisActor
from actors.audio.actor import Neighbours as SynthNeighbours, SynthActor
from actors.audio.files import SoundShelf
from actors.audio.ledger import SynthLedger
from actors.audio.studio import StudioActor
from actors.broadcaster.actor import Broadcaster
from actors.broadcaster.stream import Stream
from actors.generator.pool import GeneratorPool
from actors.inbox import Address
from actors.keyring.actor import KeyringActor
from actors.library.actor import LibraryActor
from actors.metronome import Metronome, Roster
from actors.presets.actor import PresetsActor
from actors.presets.store import FILE_NAME as PRESETS_FILE, PresetStore
from actors.sessions.actor import SessionManager
from actors.sessions.ledger import Given, Ledger
from actors.sessions.store import FILE_NAME as SESSIONS_FILE, PracticeStore
from actors.stage import Stage
from config.schema import Settings
from protocols.features import Features
from protocols.generation import Imagine
from protocols.journal import NewEntries
from protocols.meaning import Meaning
from protocols.ports import Mailbox
from protocols.sessions import PracticeSettings, SessionSettings
from protocols.sound import SittingMeant, SpectrumHeard
from protocols.streams import Demand, Seen, StreamFrame
from protocols.supervision import ChildEnded, ChildStarted, SupervisorGaveUp
from supervisors.arithmetic import arithmetic
from supervisors.houses import Neighbours, ReaderMaker, SessionHouses
from supervisors.outputs import LEVELS, make_output, way_to
from supervisors.restart import Backoff, Intensity, Strategy
from supervisors.spec import ChildSpec, Flags
from supervisors.supervisor import Supervisor
from supervisors.watchdog import Stalls, Watchdog
from supervisors.world import World

KEY_FILE = "keys.sqlite3"
SOUNDS_FOLDER = "sounds"
BROADCASTER_SLOT = 0
"""Slot of the tenth of a second in which the broadcaster's own tick comes."""

WORKER_BACKOFF = Backoff(first_s=0.1, most_s=5.0)
JOURNAL_BACKOFF = Backoff(first_s=0.1, most_s=5.0)
STOP_S = {
    "root/front": 4.6,  # its own steps: 1.5, 1 and 2
    "root/sessions": 1.4,
    "root/audio": 0.4,  # what sounds fades
    "root/output": 0.3,
    "root/generators": 0.8,
    "root/surroundings": 0.3,
    "root/archive": 0.7,
    "root/watchdog": 0.2,
    "root/journal": 0.8,
}
"""Seconds to end in; together as long as the drain may take. Mostly it takes 0.2."""

DISK_HANGS_S = 10.0
"""A busy disk may take seconds for a sync."""

ANALYSIS_HANGS_S = 60.0
"""The longest recording that may be sent takes seconds on a busy machine."""

STUDIO_HANGS_S = 30.0
"""A second of sound takes milliseconds, but the disk may be slow to take it."""

ASK_ROOT_S = 3600.0
NEW = NewEntries()


@dataclass(frozen=True)
class Board:
    """The addresses of the roles that all sessions share."""

    journal: Address
    watchdog: Address
    keyring: Address
    library: Address
    metronome: Address
    analysis: Address
    pool: Address
    broadcaster: Address
    presets: Address
    studio: Address
    synth: Address
    sessions: Address
    houses: Address
    front: Address
    painters: dict[str, Address]
    outputs: dict[int, Address]
    """Of sound, by level."""

    demands: Mailbox[Demand]
    """The broadcaster, for the door: how many watch what, which is said only once."""

    roster: Roster

    def painters_there(self) -> list[str]:
        """Names of those that live now."""
        return [name for name, at in self.painters.items() if at.tenant is not None]

    def all(self) -> list[Address]:
        """Every one of them, for the books."""
        roles = [value for value in vars(self).values() if isinstance(value, Address)]
        return [*roles, *self.painters.values(), *self.outputs.values()]


def make_board(world: World, painters: int) -> Board:
    """Addresses for everyone, before anyone lives."""
    names = {
        "journal": "root/journal",
        "watchdog": "root/watchdog",
        "keyring": "root/archive/keyring",
        "library": "root/archive/library",
        "metronome": "root/surroundings/metronome",
        "analysis": "root/surroundings/analysis",
        "pool": "root/generators/pool",
        "broadcaster": "root/output/broadcaster",
        "presets": "root/archive/presets",
        "studio": "root/audio/studio",
        "synth": "root/audio/synth",
        "sessions": "root/sessions/manager",
        "houses": "root/sessions/houses",
        "front": "root/front",
    }
    roles = {role: world.address(path) for role, path in names.items()}
    return Board(
        **roles,
        painters={
            f"painter-{n}": world.address(f"root/generators/painters/painter-{n}")
            for n in range(1, painters + 1)
        },
        outputs={level: world.address(f"root/audio/output-{level}") for level in LEVELS},
        demands=roles["broadcaster"].orders,
        roster=Roster(),
    )


def new_session_id() -> str:
    """`sess_` and 128 random bits: knowing it is the right to watch."""
    return f"sess_{secrets.token_urlsafe(16)}"


class _Deaf:
    def tell(self, _heard: SpectrumHeard, /) -> None:
        """Hear nothing."""


DEAF: Mailbox[SpectrumHeard] = _Deaf()


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the composition root brings along: the door, the stand-ins, the settings."""

    settings: Settings
    hub: Mailbox[StreamFrame]
    make_reader: ReaderMaker
    check_device: Callable[[str], str | None]
    make_front: Callable[[], Stage]
    make_journal: Callable[[], Stage]
    make_painter: Callable[[str], Stage]
    """Makes a worker of the pool, given its name."""

    beat: Callable[[], object]
    """Called a few times a second while all is well."""

    stalls: Stalls
    new_session: Callable[[], str] = new_session_id
    ear: Mailbox[SpectrumHeard] = DEAF
    """Hears what sounds."""

    make_library: Callable[[], Stage] | None = None
    """A stand-in for the tree's own; None: it makes its own."""


class Tree:
    """Makes the specifications, from the root down; nothing here is started yet."""

    def __init__(self, world: World, board: Board, parts: Parts) -> None:
        self._world = world
        self._board = board
        self._parts = parts
        self._settings = parts.settings
        self._streams = dict[str, Stream]()
        self._ledger = Ledger()
        self._sounding = SynthLedger()
        self.houses = SessionHouses(
            world,
            "root/sessions/houses",
            Neighbours(
                pool=board.pool.latest("semantics>generators", _session_of_wish),
                broadcaster=board.broadcaster.latest("stages>broadcaster", _what_is_seen),
                signals_watched=self._signals_watched,
                streams=board.broadcaster.orders,
                forgetting=board.pool.orders,
                synth=board.synth.latest("semantics>synth", _session_that_meant),
                is_followed=self._sounding.follows,
                roster=board.roster,
                supervisor=board.houses.orders,
                make_reader=parts.make_reader,
                deadline_s=self._settings.generators.deadline_s,
            ),
        )
        self._looks = board.watchdog.latest("timer>watchdog", _one)
        self._pictures = board.broadcaster.latest(
            "generators>broadcaster", lambda picture: picture.session
        )
        tick_broadcaster = board.broadcaster.latest("metronome>broadcaster", _one)
        board.roster.join("broadcaster", tick_broadcaster, BROADCASTER_SLOT)
        self._ways = {level: way_to(at) for level, at in board.outputs.items()}
        self._more = board.studio.latest("studio>studio", _one)
        for name in ("sessions", "library", "journal", "synth"):
            role: Address = getattr(board, name)
            board.roster.join(name, role.latest(f"metronome>{name}", _one))
        for level, output in board.outputs.items():
            name = f"output-{level}"
            board.roster.join(name, output.latest(f"metronome>{name}", _one))
        for name, painter in board.painters.items():
            board.roster.join(name, painter.latest(f"metronome>{name}", _one))
        self._wake_journal(world)
        world.chronicle.watch(
            board.sessions.orders, ChildStarted, ChildEnded, SupervisorGaveUp
        )

    def close(self) -> None:
        """The tree is down and nobody comes again: orders that wait are answered."""
        for address in (*self._board.all(), *self.houses.addresses()):
            address.close()

    def root(self, address: Address) -> Supervisor:
        """The whole tree, to be launched at `address`."""
        branches = {
            "archive": (self._archive, Strategy.ONE_FOR_ONE),
            "surroundings": (self._surroundings, Strategy.ONE_FOR_ONE),
            "generators": (self._generators, Strategy.REST_FOR_ONE),
            "output": (self._output, Strategy.ONE_FOR_ONE),
            "audio": (self._audio, Strategy.ONE_FOR_ONE),
            "sessions": (self._sessions, Strategy.ONE_FOR_ONE),
        }
        specs = [
            self._branch(f"root/{name}", children, strategy)
            for name, (children, strategy) in branches.items()
        ]
        board, parts = self._board, self._parts
        journal = self._pinned(
            "journal", board.journal, parts.make_journal, DISK_HANGS_S, JOURNAL_BACKOFF
        )
        watchdog = self._pinned("watchdog", board.watchdog, lambda: self._watchdog(address))
        front = self._pinned("front", board.front, parts.make_front)
        return Supervisor(
            self._world,
            "root",
            address,
            lambda: [journal, watchdog, *specs, front],
            Flags(intensity=Intensity(max_restarts=5, within_s=30.0)),
        )

    def _watchdog(self, root: Address) -> Watchdog:
        return Watchdog(
            self._world,
            self._looks,
            lambda question: root.ask(question, timeout_s=ASK_ROOT_S),
            self._parts.beat,
            self._parts.stalls,
        )

    def _wake_journal(self, world: World) -> None:
        journal = self._board.journal
        edge = journal.latest("chronicle>journal", _one)

        def wake() -> None:
            # Its absence is in the chronicle itself; a dead letter of it would be one more.
            if journal.tenant is not None:
                edge.tell(NEW)

        world.chronicle.wake(wake)

    def _signals_watched(self, session: str) -> bool:
        # From the stages' threads: one look at what only the broadcaster changes.
        stream = self._streams.get(session)
        return stream is not None and stream.is_watched("signals")

    # -- branches ---------------------------------------------------------------------

    def _archive(self) -> list[ChildSpec]:
        clock, folder = self._world.clock, self._settings.data_dir
        quota = self._settings.storage.pictures_quota_mib * 1024**2
        board = self._board
        return [
            self._pinned(
                "keyring",
                board.keyring,
                lambda: KeyringActor(clock, folder / KEY_FILE),
                DISK_HANGS_S,
            ),
            self._pinned(
                "library",
                board.library,
                self._parts.make_library
                or (lambda: LibraryActor(clock, folder, quota_bytes=quota)),
                DISK_HANGS_S,
            ),
            self._pinned(
                "presets",
                board.presets,
                lambda: PresetsActor(PresetStore(folder / PRESETS_FILE)),
                DISK_HANGS_S,
            ),
        ]

    def _surroundings(self) -> list[ChildSpec]:
        world, board = self._world, self._board
        beats = board.metronome.latest("timer>metronome", _one)
        return [
            self._pinned(
                "metronome",
                board.metronome,
                lambda: Metronome(world.clock, world.timers, beats, board.roster),
            ),
            self._pinned(
                "analysis",
                board.analysis,
                lambda: AnalysisActor(arithmetic()),
                ANALYSIS_HANGS_S,
            ),
        ]

    def _generators(self) -> list[ChildSpec]:
        clock, board = self._world.clock, self._board
        pool = self._pinned(
            "pool",
            board.pool,
            lambda: GeneratorPool(
                clock, board.painters, self._pictures, board.painters_there
            ),
        )
        return [pool, self._branch("root/generators/painters", self._painters)]

    def _painters(self) -> list[ChildSpec]:
        return [self._painter(name) for name in self._board.painters]

    def _painter(self, name: str) -> ChildSpec:
        return ChildSpec(
            id=name,
            make=lambda: self._parts.make_painter(name),
            address=self._board.painters[name],
            dispatcher=self._world.pinned,
            start_within_s=60.0,
            backoff=WORKER_BACKOFF,
        )

    def _output(self) -> list[ChildSpec]:
        clock, board = self._world.clock, self._board
        return [
            self._pinned(
                "broadcaster",
                board.broadcaster,
                lambda: Broadcaster(
                    clock,
                    self._parts.hub,
                    board.sessions.orders,
                    self._streams,
                    self._settings.pictures.jpeg_quality,
                ),
            )
        ]

    def _audio(self) -> list[ChildSpec]:
        outputs = [self._sound_output(level) for level in self._board.outputs]
        board = self._board
        return [
            *outputs,
            self._pinned("studio", board.studio, self._studio, STUDIO_HANGS_S),
            self._pinned("synth", board.synth, self._synth),
        ]

    def _sound_output(self, level: int) -> ChildSpec:
        world, own, settings = self._world, self._board.outputs[level], self._settings
        synth = self._board.synth.orders
        return self._pinned(
            f"output-{level}",
            own,
            lambda: make_output(level, settings, world, own, synth),
            backoff=WORKER_BACKOFF,
        )

    def _studio(self) -> StudioActor:
        settings = self._settings
        shelf = SoundShelf(
            settings.data_dir / SOUNDS_FOLDER,
            quota_bytes=settings.storage.sounds_quota_mib * 1024**2,
        )
        return StudioActor(self._world.clock, shelf, self._more, self._board.synth.orders)

    def _synth(self) -> SynthActor:
        near = SynthNeighbours(
            studio=self._board.studio.orders,
            outputs=self._ways,
            streams=self._parts.hub,
            ear=self._parts.ear,
        )
        return SynthActor(self._world.clock, self._sounding, near)

    def _sessions(self) -> list[ChildSpec]:
        clock, board = self._world.clock, self._board
        return [
            ChildSpec(
                id="houses",
                make=lambda: Supervisor(
                    self._world,
                    "root/sessions/houses",
                    board.houses,
                    self.houses.rebuild,
                ),
                address=board.houses,
                dispatcher=self._world.supervision,
                stop_within_s=5.0,
                is_supervisor=True,
            ),
            self._pinned(
                "manager",
                board.sessions,
                lambda: SessionManager(clock, self._ledger, self._given()),
                DISK_HANGS_S,
            ),
        ]

    def _given(self) -> Given:
        parts, settings = self._parts, self._settings
        return Given(
            houses=self.houses,
            new_id=parts.new_session,
            check_device=parts.check_device,
            most=settings.sessions.max_sessions,
            synth=self._board.synth.orders,
            events=self._world.chronicle,
            store=PracticeStore(settings.data_dir / SESSIONS_FILE),
            pictures=lambda practice: usual_sitting(settings, practice),
            after_restart=settings.sessions.after_restart,
        )

    # -- specifications -----------------------------------------------------------------

    def _pinned(
        self,
        name: str,
        address: Address,
        make: Callable[[], Stage],
        hang_after_s: float = 5.0,
        backoff: Backoff | None = None,
    ) -> ChildSpec:
        return ChildSpec(
            id=name,
            make=make,
            address=address,
            dispatcher=self._world.pinned,
            stop_within_s=STOP_S.get(address.name, 2.0),
            hang_after_s=hang_after_s,
            backoff=backoff,
        )

    def _branch(
        self,
        path: str,
        children: Callable[[], list[ChildSpec]],
        strategy: Strategy = Strategy.ONE_FOR_ONE,
    ) -> ChildSpec:
        address = self._world.address(path)
        specs = children()  # once: an address outlives its tenants
        return ChildSpec(
            id=path.rpartition("/")[2],
            make=lambda: Supervisor(
                self._world,
                path,
                address,
                lambda: specs,
                Flags(
                    strategy=strategy, intensity=Intensity(max_restarts=10, within_s=30.0)
                ),
            ),
            address=address,
            dispatcher=self._world.supervision,
            start_within_s=90.0,
            stop_within_s=STOP_S.get(path, 2.0),
            is_supervisor=True,
        )


def usual_sitting(settings: Settings, practice: PracticeSettings) -> SessionSettings:
    """The sitting of a practice with pictures: what a session has that asks for nothing.

    Args:
        settings: of this run.
        practice: what it is for.
    """
    return SessionSettings(
        user_id=practice.name,
        device_type=settings.device.default,
        duration_s=practice.duration_s,
        model="painter",
        width=settings.pictures.width,
        height=settings.pictures.height,
        seed=settings.device.seed,
        speed=settings.device.speed,
        loop=settings.device.loop,
        mains_hz=float(settings.device.mains_hz),
        window_s=settings.encoder.window_s,
        step_s=settings.encoder.step_s,
        pictures_hz=settings.pictures.pictures_hz,
        owner=practice.owner,
    )


def _session_of_wish(message: Any) -> str | None:  # noqa: ANN401  # any input of the pool
    return message.session if isinstance(message, Imagine) else None


def _what_is_seen(message: Any) -> tuple[str, str] | None:  # noqa: ANN401  # any input
    if isinstance(message, Seen) and isinstance(message.what, Features | Meaning):
        return message.session, type(message.what).__name__
    return None


def _session_that_meant(message: Any) -> str | None:  # noqa: ANN401  # any input of the synth
    return message.session if isinstance(message, SittingMeant) else None


def _one(_message: object) -> str:
    return "newest"

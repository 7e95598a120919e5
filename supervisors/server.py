"""The server: a tree that is grown, watched and drained; the composition root.

    1  grow            root last to be up; a failure rolls back and ends with 70
    2  announce        address and a key of this run
    3  wait            for SIGTERM or SIGINT, for the root to fall, or for zombies
    4  drain           the tree stops in reverse: the door first; at 10 s whatever hangs;
                       a second signal hurries it, a third ends the process at once
    5  last words      what the journal's actor could not write after its own end

Only this module (and `turns`) sees the door (`web`) and the stand-ins (`sim`).
"""

import functools
import logging
import math
import os
import platform
import queue
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import msgspec
import pykka
import trio

from actors.apart.keeper import Keeper
from actors.apart.kind import Limits
from actors.device.actor import DeviceActor
from actors.device.ingest import IngestSource
from actors.device.sources import Devices
from actors.edges import EdgeCount
from actors.generator.apart import ApartWorker
from actors.generator.orders import painter
from actors.lease import Lease
from actors.stage import Stage
from config.schema import Settings
from protocols.eeg import FilterInput
from protocols.errors import PhospheneError
from protocols.keys import OPERATOR, CreateKey, KeyCreated
from protocols.ports import Mailbox
from protocols.sessions import SessionSettings
from protocols.supervision import Born, ChildEnded, Died, DomainEvent
from sim.actor import SimulatorActor
from sim.brain import Brain
from sim.headset import SimHeadset
from supervisors.drain import Drain
from supervisors.front import FrontActor, Stepped
from supervisors.lifeline import Lifeline
from supervisors.live import warm_up
from supervisors.operators import LiveOperators, RunFacts
from supervisors.record import JOURNAL, Record
from supervisors.tree import Board, Parts, Tree, make_board
from supervisors.turns import Turns
from supervisors.watchdog import Stalls
from supervisors.world import World
from web import sockets
from web.door import Door
from web.ear import Ear
from web.live_events import LiveEvents
from web.serve import serve as serve_door

log = logging.getLogger(__name__)

SIMULATOR, INGEST = "simulator", "ingest"
START_WITHIN_S = 120.0
LOOK_S = 0.2
"""Longest that the main thread waits at a stretch. The kernel may hand a signal to any
thread, and only the main one runs handlers: one that waited for ever would not notice."""

DRAIN_WITHIN_S = 9.5
"""The last words take up to a second more, mostly none."""

HURRIED_S = 2.0
"""What a second signal leaves to the drain."""

MOST_SIGNALS = 2
KEY_DAYS = 7.0
"""A run's own key ends after a week, so that they do not pile up."""

FELL, HUNG = 70, 75
"""Exit codes: the tree fell (EX_SOFTWARE); the drain, or too many actors, hung
(EX_TEMPFAIL: start it again)."""


class TreeFellError(PhospheneError):
    """The root is not there, and no signal ended it."""


class Enough(msgspec.Struct, frozen=True):
    """The process is to end."""

    reason: str
    code: int = 0


Told = Born | Died | ChildEnded | Enough
"""What the main thread waits for."""


class Server:
    """One run of the whole.

    Args:
        settings: of this run.
        world: of its tree.
        record: its first and last entries.
        lifeline: hears that all is well.
        outside: the listening sockets, and the devices there are.
    """

    def __init__(
        self,
        settings: Settings,
        world: World,
        record: Record,
        lifeline: Lifeline,
        outside: tuple[list[socket.socket], Devices],
    ) -> None:
        self._settings = settings
        self._world = world
        self._record = record
        self._lifeline = lifeline
        self._listeners, self._devices = outside
        self._front: FrontActor | None = None
        self._stalls = Stalls()
        self.drain = Drain(world.clock, world.chronicle)
        painters = settings.generators.workers or max(1, (os.cpu_count() or 2) - 1)
        self.board = make_board(world, painters)
        self._turns = Turns(self.board.demands, self.board.synth)
        self._ear = Ear()
        parts = Parts(
            settings=settings,
            hub=self._turns,
            make_reader=self._make_reader,
            check_device=self._devices.refusal,
            make_front=self._make_front,
            make_journal=lambda: record.journal(world.clock, world.chronicle),
            make_painter=lambda name: make_painter(settings, world, self.board, name),
            beat=lifeline.beat,
            stalls=self._stalls,
            ear=self._ear,
        )
        self.tree = Tree(world, self.board, parts)
        world.chronicle.watch(LiveEvents(self._turns, world.clock), DomainEvent)
        self._told: queue.SimpleQueue[Told] = queue.SimpleQueue()
        self._root = world.address("root")
        world.chronicle.watch(_Teller(self._told), ChildEnded)
        world.zombies.too_many = lambda: self._told.put(Enough("actors hang", HUNG))
        self._operators = LiveOperators(
            world,
            self.board.journal,
            RunFacts(
                run=record.run,
                began_at=world.clock.now(),
                stalls=self._stalls,
                draining=lambda: self.drain.phase,
            ),
        )

    def run(self, announce: Callable[[str], None]) -> int:
        """Start, wait, drain."""
        chronicle = self._world.chronicle
        self._record.begin(chronicle)
        with signals_to(lambda name: self._told.put(Enough(name))):
            self.tree.root(self._root).launch(
                self._root, self._world.supervision, _Teller(self._told)
            )
            code, reason = self._live(announce)
            hung = any(z.path == JOURNAL for z in self._world.zombies.rows())
            alone = self.board.journal.tenant is None and not hung
            self._record.end(chronicle, code, reason, alone=alone)
        return code

    def _live(self, announce: Callable[[str], None]) -> tuple[int, str]:
        """From the root's birth to its end; exit code, and why."""
        try:
            enough = self._until_up()
            if enough is None:
                threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
                self._announce(announce)
                self._lifeline.ready()
                enough = self._until_enough()
        except TreeFellError as error:
            log.error("%s", error)  # noqa: TRY400  # the deaths above have the traces
            return FELL, str(error)
        announce(f"stopping ({enough.reason})")
        return self._go_down() or enough.code, enough.reason

    def _until_up(self) -> Enough | None:
        """Wait for the tree; what ended the wait, if that was not its birth.

        Raises:
            TreeFellError: it did not come up.
        """
        deadline = self._world.clock.now() + START_WITHIN_S
        while True:
            told = self._next(deadline)
            if told is None:
                raise TreeFellError(f"not up within {START_WITHIN_S:g} s")
            if isinstance(told, Died):
                raise TreeFellError(f"the tree did not start: {told.error}")
            if isinstance(told, Enough):
                return told
            if isinstance(told, Born):
                return None

    def _until_enough(self) -> Enough:
        """Wait for a reason to end.

        Raises:
            TreeFellError: the root fell first.
        """
        while True:
            told = self._next(math.inf)
            if isinstance(told, Died):
                raise TreeFellError(f"the tree fell: {told.error}")
            if isinstance(told, Enough):
                return told

    def _go_down(self) -> int:
        self._lifeline.stopping()
        self.drain.begin()
        self._root.stop()
        deadline = self._world.clock.now() + DRAIN_WITHIN_S
        while True:
            told = self._next(deadline)
            match told:
                case None:
                    log.error("not drained in time (%s hangs); leaving", self.drain.phase)
                    return HUNG
                case Died():
                    self.tree.close()
                    return 0
                case ChildEnded():
                    self.drain.ended(told)
                case Enough():
                    self.drain.hurry()
                    deadline = min(deadline, self._world.clock.now() + HURRIED_S)
                case Born():
                    pass

    def _next(self, deadline: float) -> Told | None:
        while True:
            left_s = deadline - self._world.clock.now()
            try:
                return self._told.get(timeout=min(max(left_s, 0.0), LOOK_S))
            except queue.Empty:
                if left_s <= LOOK_S:
                    return None

    def _announce(self, announce: Callable[[str], None]) -> None:
        host, port = sockets.address(self._listeners[0])
        shown = f"[{host}]" if ":" in host else host
        base = self._settings.web.public_url.rstrip("/") or f"http://{shown}:{port}"
        page = f"{base}/live"
        try:
            key = self._make_key()
        except (PhospheneError, pykka.Timeout) as error:  # pages and streams go on
            announce(f"no key     {error}")
        else:
            page += f"#key={key}"
            announce(f"key        {key}  (for {KEY_DAYS:g} days)")
            announce(f"operators  {base}/ops#key={key}")
        announce(f"live page  {page}")
        announce(f"serving    {base}  (Ctrl+C stops)")
        if self._settings.web.browser and has_desktop():
            webbrowser.open(page)

    def _make_key(self) -> str:
        """A key of this run.

        Raises:
            PhospheneError: the key file cannot be written.
            pykka.Timeout: the disk hangs.
        """
        started = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
        wish = CreateKey(name=f"serve of {started} UTC", days=KEY_DAYS, role=OPERATOR)
        made = self.board.keyring.ask(wish, timeout_s=5.0).get(timeout=5.0)
        if not isinstance(made, KeyCreated):
            raise PhospheneError(str(made))
        return made.key

    # -- what the tree is given -------------------------------------------------------

    def _make_reader(
        self,
        settings: SessionSettings,
        pushed: IngestSource,
        downstream: Mailbox[FilterInput],
        take_lease: Callable[[], Lease],
    ) -> Stage:
        clock, retry_s = self._world.clock, self._settings.device.retry_s
        if settings.device_type == SIMULATOR:
            return SimulatorActor(
                clock=clock,
                make_headset=functools.partial(make_headset, settings),
                downstream=downstream,
                retry_s=retry_s,
                take_lease=take_lease,
            )
        if settings.device_type == INGEST:
            # Trying costs nothing here, and whoever pushes wants to see at once.
            return DeviceActor(
                clock=clock,
                open_source=lambda: pushed,
                downstream=downstream,
                retry_s=0.1,
                take_lease=take_lease,
            )
        opener = self._devices.opener(
            settings.device_type, speed=settings.speed, loop=settings.loop
        )
        return DeviceActor(
            clock=clock,
            open_source=opener,
            downstream=downstream,
            retry_s=retry_s,
            take_lease=take_lease,
        )

    def _make_front(self) -> Stage:
        if self._front is not None:
            self._front.leave()  # it may have been replaced because it hangs
        self._front = front = FrontActor(
            self._serve_door,
            self.board.front,
            stepped=self.drain.stepped,
            timers=self._world.timers,
        )
        self.drain.front(front.hurry)
        return front

    async def _serve_door(
        self,
        up: Callable[[], object],
        stop: trio.Event,
        /,
        *,
        hurry: trio.Event,
        stepped: Stepped,
    ) -> None:
        # Each life of the front gets its own descriptors of the same listening sockets.
        own = [listener.dup() for listener in self._listeners]
        for listener in own:
            listener.setblocking(False)  # noqa: FBT003  # the socket module's own way
        door = self._door(self.board)
        await serve_door(door, own, ready=up, stop=stop, hurry=hurry, stepped=stepped)

    def _door(self, board: Board) -> Door:
        hub, demands, sound = self._turns.begin()
        return Door(
            clock=self._world.clock,
            settings=self._settings,
            sessions=board.sessions,
            pool=board.pool,
            keyring=board.keyring,
            library=board.library,
            analysis=board.analysis,
            demands=demands,
            broadcaster=board.broadcaster,
            hub=hub,
            sound=sound,
            presets=board.presets,
            ear=self._ear,
            operators=self._operators,
            books=self._books,
            devices=self._devices.rows,
        )

    def _books(self) -> list[EdgeCount]:
        addresses = (*self.board.all(), *self.tree.houses.addresses())
        return [count for address in addresses for count in address.counts()]


class _Teller:
    """Fills a mailbox: hands what is told to the waiting main thread."""

    def __init__(self, told: "queue.SimpleQueue[Told]") -> None:
        self._told = told

    def tell(self, message: Any, /) -> None:  # noqa: ANN401  # what was asked to be watched
        self._told.put(message)


def make_painter(settings: Settings, world: World, board: Board, name: str) -> ApartWorker:
    """A worker of the pool, whose painter is in a process of its own."""
    limits, own = settings.generators, board.painters[name]
    kind = painter(
        Limits(
            answer_s=limits.answer_s,
            heartbeat_s=limits.heartbeat_s,
            jobs=limits.recycle_jobs,
            resident_bytes=limits.recycle_mib * 1024**2,
        )
    )
    keeper = Keeper(kind, own.name, own.reports, world.chronicle)
    return ApartWorker(name, world.clock, keeper, board.pool)


def make_headset(settings: SessionSettings | None) -> SimHeadset:
    """A simulated headset on a seeded sitter."""
    if settings is None:
        return SimHeadset(Brain())
    return SimHeadset(Brain(seed=settings.seed, mains_hz=settings.mains_hz))


def has_desktop() -> bool:
    """Whether a browser that is opened would be seen by whoever sits here."""
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return sys.stdout.isatty() and (has_display or platform.system() != "Linux")


@contextmanager
def signals_to(told: Callable[[str], object]) -> Iterator[None]:
    """SIGTERM and SIGINT are told by name; the third one ends the process at once."""
    seen = 0

    def notice(number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen > MOST_SIGNALS:
            sys.stderr.write("stopped at once\n")
            os._exit(128 + number)
        told(signal.Signals(number).name)

    kinds = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(kind, notice) for kind in kinds]
    try:
        yield
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)

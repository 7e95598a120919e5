"""The composition root: settings in, a running server out, an exit code at the end.

    1  check           the default device, the data folder
    2  listen          a used port is found before anything is started
    3  grow the tree   root last to be up; a failure rolls back and ends with 70
    4  announce        address and a key of this run
    5  wait            for SIGTERM or SIGINT, or for the root to fall
    6  drain           the tree stops in reverse: the door first; at 10 s whatever hangs

Only this module sees the door (`web`) and the stand-ins (`sim`).
"""

import errno
import functools
import gc
import logging
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
from pathlib import Path
from types import FrameType

import pykka
import trio

from actors.clock import LiveClock, LiveTimers
from actors.device.actor import DeviceActor
from actors.device.ingest import IngestSource
from actors.device.sources import Devices
from actors.dispatch import PinnedDispatcher, SharedDispatcher
from actors.edges import EdgeCount
from actors.lease import Lease, Leases
from actors.stage import Stage
from config.errors import (
    AddressUnusableError,
    DataDirError,
    PortInUseError,
    RecordingMissingError,
)
from config.recordings import REPLAY_PREFIX, find_own_recording
from config.schema import Settings
from protocols.eeg import FilterInput
from protocols.errors import PhospheneError
from protocols.keys import OPERATOR, CreateKey, KeyCreated
from protocols.ports import Mailbox
from protocols.sessions import SessionSettings
from protocols.supervision import Born, Died
from sim.actor import SimulatorActor
from sim.brain import Brain
from sim.headset import SimHeadset
from supervisors.chronicle import Chronicle
from supervisors.front import FrontActor, Stepped
from supervisors.tree import Board, Parts, Tree, make_board
from supervisors.world import World
from supervisors.zombies import Zombies
from web import sockets
from web.door import Door
from web.hub import Hub
from web.serve import serve as serve_door

log = logging.getLogger(__name__)

DOCUMENTED_PORTS = (8000, 8001, 8002, 8003, 8004, 8005, 8007, 3000)
SIMULATOR, INGEST = "simulator", "ingest"
START_WITHIN_S = 120.0
DRAIN_WITHIN_S = 10.0
KEY_DAYS = 7.0
"""A run's own key ends after a week, so that they do not pile up."""

COLLECTIONS = 700, 10, 1000
"""Allocations to a collection of the youngest, and how many of each kind to one of the
next older: full ones come a hundred times more rarely than by default."""

FELL, HUNG = 70, 75
"""Exit codes: the tree fell (EX_SOFTWARE), the drain hung (EX_TEMPFAIL)."""


def run(settings: Settings, *, announce: Callable[[str], None]) -> int:
    """Serve until a signal comes.

    Args:
        settings: of this run.
        announce: says a line to whoever started it.

    Returns:
        0 after a clean drain; 70 when the tree fell; 75 when the drain hung.

    Raises:
        StartError: the server cannot start, and why.
    """
    logging.basicConfig(
        level=settings.log.level.upper(),
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
    )
    devices = make_devices(settings)
    check_data_dir(settings.data_dir)
    listeners = open_listeners(settings)  # last: whatever fails before leaves none open
    with live_world() as world:
        server = Server(settings, world, listeners, devices)
        return server.run(announce)


class TreeFellError(PhospheneError):
    """The root is not there, and no signal ended it."""


class Server:
    """One run of the whole."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        listeners: list[socket.socket],
        devices: Devices,
    ) -> None:
        self._settings = settings
        self._world = world
        self._listeners = listeners
        self._devices = devices
        self._hub = Hub()
        painters = settings.generators.workers or max(1, (os.cpu_count() or 2) - 1)
        self.board = make_board(world, painters)
        parts = Parts(
            settings=settings,
            hub=self._hub,
            make_reader=self._make_reader,
            check_device=devices.refusal,
            make_front=self._make_front,
        )
        self.tree = Tree(world, self.board, parts)
        self._lives: queue.SimpleQueue[Born | Died | None] = queue.SimpleQueue()
        self._root = world.address("root")

    def run(self, announce: Callable[[str], None]) -> int:
        """Start, wait, drain."""
        with signals_to(self._lives):
            self.tree.root(self._root).launch(
                self._root, self._world.supervision, _Lives(self._lives)
            )
            try:
                if self._is_up():
                    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
                    self._announce(announce)
                    self._await_signal()
            except TreeFellError as error:
                log.error("%s", error)  # noqa: TRY400  # the deaths above have the traces
                return FELL
            announce("stopping")
            return self._drain()

    def _is_up(self) -> bool:
        """Wait for the tree; False when a signal comes first.

        Raises:
            TreeFellError: it did not come up.
        """
        try:
            first = self._lives.get(timeout=START_WITHIN_S)
        except queue.Empty:
            raise TreeFellError(f"not up within {START_WITHIN_S:g} s") from None
        if isinstance(first, Died):
            raise TreeFellError(f"the tree did not start: {first.error}")
        return first is not None

    def _await_signal(self) -> None:
        """Wait for it.

        Raises:
            TreeFellError: the root fell first.
        """
        fell = self._lives.get()
        if isinstance(fell, Died):
            raise TreeFellError(f"the tree fell: {fell.error}")

    def _drain(self) -> int:
        self._root.stop()
        try:
            while not isinstance(self._lives.get(timeout=DRAIN_WITHIN_S), Died | None):
                pass
        except queue.Empty:
            log.error("not drained within %g s; leaving", DRAIN_WITHIN_S)  # noqa: TRY400
            return HUNG
        return 0

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
        return FrontActor(self._serve_door, self.board.front)

    async def _serve_door(
        self,
        up: Callable[[], object],
        stop: trio.Event,
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
        return Door(
            clock=self._world.clock,
            settings=self._settings,
            sessions=board.sessions,
            pool=board.pool,
            keyring=board.keyring,
            library=board.library,
            analysis=board.analysis,
            demands=board.demands,
            broadcaster=board.broadcaster,
            hub=self._hub,
            tree=self._world.view.rows,
            books=self._books,
            devices=self._devices.rows,
        )

    def _books(self) -> list[EdgeCount]:
        addresses = (*self.board.all(), *self.tree.houses.addresses())
        return [count for address in addresses for count in address.counts()]


class _Lives:
    """The root's watcher: hands its birth and death to the waiting main thread."""

    def __init__(self, told: "queue.SimpleQueue[Born | Died | None]") -> None:
        self._told = told

    def tell(self, message: Born | Died, /) -> None:
        self._told.put(message)


def open_listeners(settings: Settings) -> list[socket.socket]:
    """Listen where the settings say.

    Raises:
        PortInUseError: another program listens there.
        AddressUnusableError: no such address, or not allowed.
    """
    extra = DOCUMENTED_PORTS if settings.web.documented_ports else ()
    ports = [settings.web.port, *(p for p in extra if p != settings.web.port)]
    try:
        return sockets.listen(settings.web.host, ports)
    except sockets.PortUsedError as error:
        raise PortInUseError(error.host, error.port) from error
    except sockets.AddressUnusableError as error:
        raise AddressUnusableError(error.host, error.port, str(error)) from error


def check_data_dir(data_dir: Path) -> None:
    """See that the data folder is there and ours; a full disk is no reason not to start.

    Raises:
        DataDirError: it cannot be made, or we may not write there.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise DataDirError(data_dir, error.strerror or str(error)) from error
    else:
        if not os.access(data_dir, os.W_OK | os.X_OK):
            raise DataDirError(data_dir, "we may not write there")


def make_devices(settings: Settings) -> Devices:
    """The device types of this run, the default one checked.

    Raises:
        RecordingMissingError: the default device is a recording that cannot be played.
    """
    default = settings.device.default
    name = default.removeprefix(REPLAY_PREFIX)
    devices = Devices(
        recordings=settings.recording_dirs,
        own=(find_own_recording(name, settings.recording_dirs),) if name != default else (),
        supplied={SIMULATOR: lambda: make_headset(None), INGEST: IngestSource},
        default=default,
    )
    wrong = devices.refusal(default)
    if wrong is not None:
        raise RecordingMissingError(name, wrong)
    return devices


def make_headset(settings: SessionSettings | None) -> SimHeadset:
    """A simulated headset on a seeded sitter."""
    if settings is None:
        return SimHeadset(Brain())
    return SimHeadset(Brain(seed=settings.seed, mains_hz=settings.mains_hz))


def has_desktop() -> bool:
    """Whether a browser that is opened would be seen by whoever sits here."""
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return sys.stdout.isatty() and (has_display or platform.system() != "Linux")


def warm_up() -> None:
    """Import what the first session needs and the door does not: 0.9 s of SciPy.

    Then keep the collector of cyclic garbage off what stays: with 100 sessions one full
    collection stopped every thread for 40 to 190 ms.
    """
    import scipy.signal  # noqa: F401, PLC0415  # its import is the purpose

    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)


@contextmanager
def live_world() -> Iterator[World]:
    """Clock, timers and dispatchers of a live run, closed at the end."""
    clock = LiveClock()
    timers = LiveTimers(clock)
    chronicle = Chronicle(clock)
    supervision = SharedDispatcher("supervision", 1)
    # One: two threads that want one interpreter take 874 us where it takes 685 (CPU time
    # of a tick of a session's four stages), and 100 sessions then miss their ticks.
    shared = SharedDispatcher("shared", 1)
    try:
        yield World(
            clock=clock,
            timers=timers,
            chronicle=chronicle,
            zombies=Zombies(clock, chronicle),
            leases=Leases(chronicle.note),
            supervision=supervision,
            shared=shared,
            pinned=PinnedDispatcher(),
        )
    finally:
        timers.close()
        supervision.close()
        shared.close()


@contextmanager
def signals_to(told: "queue.SimpleQueue[Born | Died | None]") -> Iterator[None]:
    """SIGTERM and SIGINT become a None; the second one ends the process at once."""
    seen = 0

    def notice(number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen > 1:
            sys.stderr.write("stopped at once\n")
            os._exit(128 + number)
        told.put(None)

    kinds = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(kind, notice) for kind in kinds]
    try:
        yield
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)

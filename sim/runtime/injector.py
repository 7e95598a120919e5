"""The injector: carries out faults, and notes each before its consequences."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, Protocol, final

import numpy as np

from actors.edges import FifoEdge, LatestEdge
from actors.stage import Stage
from protocols.eeg import CleanChunk, RawChunk
from protocols.errors import PhospheneError
from protocols.features import Features
from protocols.generation import Imagine, Picture
from protocols.meaning import Meaning
from protocols.operators import Action
from protocols.streams import Seen, StreamFrame
from protocols.supervision import FaultInjected
from protocols.time import Beat, Tick
from sim.devices import Shelf
from sim.disk import SimDisk
from sim.runtime.faults import LASTS_S, Fault, Kind
from sim.runtime.fence import VirtualFence
from sim.runtime.scheduler import Job, Scheduler
from sim.runtime.traps import Traps

if TYPE_CHECKING:
    from actors.edges import Letter

AGAIN_S: Final = 1.0
"""Seconds after which a fault that cannot happen now is tried again."""

MOST_SENDS: Final = 3
ROOT: Final = "root"

_LOSABLE: Final = (
    *(RawChunk, CleanChunk, Features, Meaning, Imagine, Picture),
    *(StreamFrame, Tick, Beat),
)
"""What stages tell one another ever anew; a change of state is told once."""

_ACTIONS: Final = {
    Kind.RESTART: (Action.RESTART, None),
    Kind.STOP: (Action.STOP, Action.START),
    Kind.PAUSE: (Action.PAUSE, Action.RESUME),
}
"""What an operator orders, and after a while."""


class SimulatedCrashError(PhospheneError):
    """An actor was made to fail.

    Args:
        entry: number of the chronicle's entry that says so; the death bears it as cause.
    """

    def __init__(self, entry: int) -> None:
        super().__init__(f"fault {entry}")
        self.entry = entry


class SimulatedExit(SystemExit):
    """The same, by what ends a whole program elsewhere."""

    def __init__(self, entry: int) -> None:
        super().__init__(f"fault {entry}")
        self.entry = entry


class Ground(Protocol):
    """What faults strike beside actors, and where they are noted."""

    def note(self, fault: FaultInjected, *where: str) -> int:
        """Note a fault; what is found of these actors or edges comes of it. Its number."""

    def headset_of(self, path: str) -> int | None:
        """Serial number of the headset that a reader reads; None: it is no reader."""

    def order(self, path: str, action: Action) -> None:
        """Give an operator's order."""


@dataclass
class _OnLetters:
    """A fault of letters that goes on."""

    fault: Fault
    left: int = field(default=0)


@final
class Injector:
    """Has faults happen.

    Args:
        scheduler: whose actors they strike.
        fence: where letters pass.
        ground: where they are noted, and what they strike beside.
        shelf: the headsets.
        disk: the disk.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        fence: VirtualFence,
        ground: Ground,
        shelf: Shelf,
        disk: SimDisk,
    ) -> None:
        self._scheduler = scheduler
        self._fence = fence
        self._ground = ground
        self._shelf = shelf
        self._disk = disk
        self._rng = np.random.default_rng()
        self._traps = Traps(scheduler.who)
        self._letters: list[_OnLetters] = []
        self._setups: dict[str, Fault] = {}
        self._doubling = False
        self._full = 0
        self._over = False
        scheduler.watchers.append(self._begins)

    def begin(self, faults: tuple[Fault, ...], rng: np.random.Generator) -> None:
        """From now on have these happen; `rng` draws whom they strike."""
        self._rng = rng
        now = self._scheduler.clock.at
        for fault in faults:
            self._later(now + fault.at_s, functools.partial(self._happen, fault))

    def end(self) -> None:
        """Have no new ones happen; what is set against actors' ends may still spring."""
        self._over = True
        self._letters.clear()
        self._shelf.gone.clear()
        self._disk.full = False

    # -- what happens ---------------------------------------------------------------------

    def _happen(self, fault: Fault) -> None:
        if self._over:
            return
        match fault.kind:
            case Kind.CRASH | Kind.HANG | Kind.SLOW:
                self._strike(fault)
            case Kind.LOST | Kind.DOUBLED:
                self._letters.append(_OnLetters(fault, fault.count))
                self._fence.on_the_way = self._look
            case Kind.DEVICE_GONE:
                self._take_device(fault)
            case Kind.DISK_FULL:
                self._fill_disk(fault)
            case Kind.RESTART | Kind.STOP | Kind.PAUSE:
                self._order(fault)

    def _strike(self, fault: Fault) -> None:
        job = self._one_of(fault.path)
        if job is None or job.stage is None:
            self._again(fault)
            return
        crash = functools.partial(self._crash, fault, job.path, fault.count)
        if fault.during == "setup":
            self._setups[job.path] = fault
            self._on_message(job.stage, crash)
        elif fault.during in ("teardown", "end"):
            self._traps.on_teardown(job.stage, self._act(fault, job.path))
            if fault.during == "teardown":
                self._on_message(job.stage, crash)
        else:
            self._on_message(job.stage, self._act(fault, job.path))

    def _on_message(self, stage: Stage, act: Callable[[str], object]) -> None:
        sends = int(self._rng.integers(MOST_SENDS + 1))
        self._traps.on_message(stage, sends, act)
        self._fence.on_the_way = self._look

    def _act(self, fault: Fault, path: str) -> Callable[[str], object]:
        if fault.kind is Kind.CRASH:
            return functools.partial(self._crash, fault, path, fault.count)
        return functools.partial(self._stand_still, fault, path)

    def _crash(self, fault: Fault, path: str, count: int, where: str) -> None:
        entry = self._note(Kind.CRASH, path, where)
        if count > 1:
            left = functools.partial(self._crash_again, fault, path, count - 1)
            self._later(self._scheduler.clock.at + AGAIN_S, left)
        is_exit = self._rng.random() < 0.2  # noqa: PLR2004  # a share
        raise SimulatedExit(entry) if is_exit else SimulatedCrashError(entry)

    def _crash_again(self, fault: Fault, path: str, count: int) -> None:
        job = self._one_of(path)
        if job is not None and job.stage is not None and not self._over:
            act = functools.partial(self._crash, fault, path, count)
            self._on_message(job.stage, act)

    def _stand_still(self, fault: Fault, path: str, where: str) -> None:
        if not self._scheduler.may_stand_still():
            return
        for_s = self._for_s(fault)
        self._note(fault.kind, path, f"{where}, {for_s:.3f} s")
        self._scheduler.stand_still(for_s)

    def _begins(self, job: Job, _before: Job | None) -> None:
        fault = self._setups.pop(job.path, None)
        if fault is not None and job.stage is not None:
            self._traps.on_setup(job.stage, self._act(fault, job.path))

    # -- letters ---------------------------------------------------------------------------

    def _look(self, letter: "Letter") -> str:
        if self._doubling:
            return ""
        if self._traps:
            self._traps.look(letter)
        for fault in self._letters:
            if _fits(fault.fault, letter):
                return self._divert(fault, letter)
        return ""

    def _divert(self, on: _OnLetters, letter: "Letter") -> str:
        edge = letter[0]
        on.left -= 1
        if on.left == 0:
            self._letters.remove(on)
        self._note(on.fault.kind, edge.name, type(letter[1]).__name__)
        if on.fault.kind is Kind.LOST:
            return "lost"
        self._doubling = True
        edge.post(letter)
        self._doubling = False
        return ""

    # -- the rest --------------------------------------------------------------------------

    def _take_device(self, fault: Fault) -> None:
        found = [
            (path, serial)
            for path in self._alive(fault.path)
            if (serial := self._ground.headset_of(path)) is not None
            and serial not in self._shelf.gone
        ]
        if not found:
            self._again(fault)
            return
        path, serial = found[int(self._rng.integers(len(found)))]
        for_s = self._for_s(fault)
        self._note(fault.kind, path, f"headset {serial}, {for_s:.3f} s")
        self._shelf.gone.add(serial)
        back = functools.partial(self._shelf.gone.discard, serial)
        self._later(self._scheduler.clock.at + for_s, back)

    def _fill_disk(self, fault: Fault) -> None:
        for_s = self._for_s(fault)
        self._note(fault.kind, "disk", f"{for_s:.3f} s")
        self._full += 1
        self._disk.full = True
        self._later(self._scheduler.clock.at + for_s, self._free_disk)

    def _free_disk(self) -> None:
        self._full -= 1
        self._disk.full = self._full > 0 and not self._over

    def _order(self, fault: Fault) -> None:
        job = self._one_of(fault.path)
        if job is None:
            self._again(fault)
            return
        first, second = _ACTIONS[fault.kind]
        self._ground.order(job.path, first)
        if second is not None:
            after = functools.partial(self._order_back, job.path, second)
            self._later(self._scheduler.clock.at + self._for_s(fault), after)

    def _order_back(self, path: str, action: Action) -> None:
        if not self._over:
            self._ground.order(path, action)

    # -- whom ------------------------------------------------------------------------------

    def _alive(self, glob: str) -> list[str]:
        """Paths of who lives and fits, in order; the root only if it is named."""
        return sorted(
            path
            for path, job in self._scheduler.jobs.items()
            if fnmatchcase(path, glob)
            and job.inbox is not None
            and job.inbox.address.tenant is job.inbox
            and (path != ROOT or glob == ROOT)
        )

    def _one_of(self, glob: str) -> Job | None:
        alive = self._alive(glob)
        if not alive:
            return None
        return self._scheduler.jobs[alive[int(self._rng.integers(len(alive)))]]

    def _for_s(self, fault: Fault) -> float:
        if fault.for_s:
            return fault.for_s
        least_s, most_s = LASTS_S[fault.kind]
        return least_s + (most_s - least_s) * float(self._rng.random())

    def _note(self, kind: Kind, where: str, detail: str) -> int:
        fault = FaultInjected(fault=kind.value, where=where, detail=detail)
        return self._ground.note(fault, where)

    def _again(self, fault: Fault) -> None:
        at = self._scheduler.clock.at + AGAIN_S
        self._later(at, functools.partial(self._happen, fault))

    def _later(self, at: float, call: Callable[[], object]) -> None:
        self._scheduler.at(at, call)


def _fits(fault: Fault, letter: "Letter") -> bool:
    edge, message, answer, _ = letter
    if isinstance(message, Seen):
        message = message.what
    return (
        answer is None
        and isinstance(edge, FifoEdge | LatestEdge)
        and isinstance(message, _LOSABLE)
        and not (isinstance(message, StreamFrame) and message.control)
        and fnmatchcase(edge.name, fault.path)
    )

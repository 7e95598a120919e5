"""The world: what every supervisor works with, and hands to its children's makers."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

import msgspec
import numpy as np

from actors.fence import Fence
from actors.inbox import Address, DeadLetterOffice
from actors.lease import Leases
from actors.stage import Dispatcher, Stage
from protocols.ports import Clock, Mailbox, Timers
from protocols.supervision import ChildRow
from supervisors.chronicle import Chronicle
from supervisors.orders import Made
from supervisors.roll import Roll
from supervisors.sightings import Sightings
from supervisors.zombies import Zombies

_V = TypeVar("_V")

KEPT_LIVES: Final = 4096
"""Forgotten places of which it is known how many lives they had: far more than can be
forgotten while a late word is on its way."""


class TreeView:
    """The newest row of every child of every supervisor. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, ChildRow] = {}
        self._lives: dict[str, int] = {}
        self._past: OrderedDict[str, int] = OrderedDict()  # lives of the forgotten
        self._held: dict[str, bool] = {}

    def begin_life(self, path: str) -> int:
        """Number of a life that begins: counts on when a supervisor is raised anew.

        So what an earlier supervisor's children say late is not taken for the word of its
        successor's; nor that of a child whose id was forgotten and is used again.
        """
        with self._lock:
            before = self._lives.get(path) or self._past.pop(path, 0)
            self._lives[path] = before + 1
            return self._lives[path]

    def put(self, row: ChildRow) -> None:
        """A child changed."""
        with self._lock:
            self._rows[row.path] = row

    def mark(self, path: str, *, held: bool, paused: bool) -> None:
        """An operator's marks on a child changed; `held` outlives its supervisor too."""
        with self._lock:
            self._held[path] = held
            if (row := self._rows.get(path)) is not None:
                self._rows[path] = msgspec.structs.replace(row, held=held, paused=paused)

    def is_held(self, path: str) -> bool:
        """Whether an operator stopped a child and nobody has started it since."""
        with self._lock:
            return self._held.get(path, False)

    def drop(self, path: str) -> None:
        """A child, and all below it, is not there now."""
        with self._lock:
            _drop(self._rows, path)

    def forget(self, path: str) -> None:
        """A child, and all below it, will never be there again."""
        with self._lock:
            _drop(self._rows, path)
            _drop(self._held, path)
            self._past.update(_drop(self._lives, path))
            while len(self._past) > KEPT_LIVES:
                self._past.popitem(last=False)

    def row(self, path: str) -> ChildRow | None:
        """One child; None: there is none."""
        with self._lock:
            return self._rows.get(path)

    def rows(self) -> list[ChildRow]:
        """All children, by path."""
        with self._lock:
            return [self._rows[path] for path in sorted(self._rows)]

    def children(self, path: str) -> list[ChildRow]:
        """The children of one supervisor, by path."""
        return [row for row in self.rows() if row.path.rpartition("/")[0] == path]


def _drop(known: dict[str, _V], path: str) -> dict[str, _V]:
    below = path + "/"
    gone = [p for p in known if p == path or p.startswith(below)]
    return {p: known.pop(p) for p in gone}


class Nursery(Protocol):
    """Who makes children, so that a maker that hangs holds nobody up."""

    def make(
        self, make: Callable[[], Stage], child: str, life: int, done: Mailbox[Made]
    ) -> None:
        """Call `make` soon, not in this thread, and tell `done` what came of it."""


class ThreadedNursery:
    """Makes each child in a thread of its own, which ends with that."""

    def make(
        self, make: Callable[[], Stage], child: str, life: int, done: Mailbox[Made]
    ) -> None:
        """Begin to make a child.

        Raises:
            RuntimeError: the machine has no thread left.
        """
        threading.Thread(
            target=lambda: done.tell(made(make, child, life)),
            name=f"making {child}",
            daemon=True,
        ).start()


def made(make: Callable[[], Stage], child: str, life: int) -> Made:
    """Make a child; what fails is told, not raised."""
    try:
        return Made(child, life, make(), None)
    except BaseException as error:  # noqa: BLE001  # a maker's failure is a failed start
        return Made(child, life, None, error)


@dataclass(frozen=True, kw_only=True)
class World:
    """One for the whole tree."""

    clock: Clock
    timers: Timers
    chronicle: Chronicle
    zombies: Zombies
    supervision: Dispatcher
    """One thread for all supervisors: their work never blocks."""

    shared: Dispatcher
    """For the stages of sessions, which never block; who may, is pinned."""

    pinned: Dispatcher
    """A thread an actor, for what blocks."""

    nursery: Nursery = field(default_factory=ThreadedNursery)
    office: DeadLetterOffice = field(default_factory=DeadLetterOffice)
    view: TreeView = field(default_factory=TreeView)
    roll: Roll = field(default_factory=Roll)
    sightings: Sightings = field(default_factory=Sightings)
    fence: Fence = field(default_factory=Fence)
    leases: Leases = field(default_factory=Leases)
    rng: np.random.Generator = field(default_factory=np.random.default_rng)
    """For the jitter of backoffs; only supervisors draw from it."""

    def address(self, name: str) -> Address:
        """A new address in this world."""
        return Address(name, self.clock, self.office, self.fence)

"""Specifications: what a supervisor must know of a child, and of the world.

Checked when they are made, so that a tree with a mistake never starts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

import msgspec

from actors.inbox import Address, DeadLetterOffice
from actors.stage import Dispatcher, Stage
from protocols.errors import PhospheneError
from protocols.ports import Clock, Mailbox, Timers
from protocols.supervision import ChildRow, ChildState, LifeEvent
from supervisors.restart import Backoff, Restart

_V = TypeVar("_V")


class SpecError(PhospheneError):
    """A specification is wrong: which field, which value, what is allowed.

    Args:
        field: of the specification.
        value: what it is.
        allowed: what it may be.
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field} is {value!r}; allowed: {allowed}")
        self.field = field
        self.value = value


@dataclass(frozen=True, kw_only=True)
class ChildSpec:
    """A child: how to make it, where it lives, what its end means.

    Raises:
        SpecError: a field is out of its range.
    """

    id: str
    """Unique among its siblings; a path's segment: no `/`."""

    make: Callable[[], Stage]
    """Builds the actor, wiring only; called anew for every life."""

    address: Address
    dispatcher: Dispatcher
    restart: Restart = Restart.PERMANENT
    start_within_s: float = 10.0
    stop_within_s: float = 2.0
    """Seconds to end in; then it is abandoned: its address is free, its thread is not."""

    backoff: Backoff | None = None
    """Wait before starts that follow a failure; None starts at once."""

    is_supervisor: bool = False

    def __post_init__(self) -> None:
        if not self.id or "/" in self.id:
            raise SpecError("id", self.id, "text without '/'")
        for name in ("start_within_s", "stop_within_s"):
            if getattr(self, name) <= 0:
                raise SpecError(name, getattr(self, name), "seconds above 0")


class AddChild(msgspec.Struct, frozen=True):
    """Start another child, last in order; answers its `ChildRow` once it is up.

    Fails with `SpecError` for an id that is taken, with `StartFailedError` when the child
    does not come up (it is not kept then).
    """

    spec: ChildSpec


class RemoveChild(msgspec.Struct, frozen=True):
    """Stop a child and forget it; answers True once it has ended, False if unknown."""

    child: str


class StopChild(msgspec.Struct, frozen=True):
    """Stop a child until `StartChild`: no restart undoes it.

    Answers its `ChildRow`, False if unknown; so do `StartChild` and `RestartChild`.
    """

    child: str


class StartChild(msgspec.Struct, frozen=True):
    """Start a child that is stopped. Answers its `ChildRow`."""

    child: str


class RestartChild(msgspec.Struct, frozen=True):
    """Stop a child and start it anew; costs no budget. Answers its `ChildRow`."""

    child: str


class ListChildren(msgspec.Struct, frozen=True):
    """Answers a tuple of `ChildRow`, in starting order."""


class StepLate(msgspec.Struct, frozen=True):
    """The timer: a child had its time to start or stop."""

    child: str
    life: int
    step: ChildState
    """What took too long: `STARTING` or `STOPPING`."""


class RetryDue(msgspec.Struct, frozen=True):
    """The timer: a child's backoff is over."""

    child: str
    life: int


class StartFailedError(PhospheneError):
    """A child did not come up."""


class GaveUpError(PhospheneError):
    """A supervisor's restart budget is spent."""


class TreeView:
    """The newest row of every child of every supervisor. Any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[str, ChildRow] = {}
        self._lives: dict[str, int] = {}

    def begin_life(self, path: str) -> int:
        """Number of a life that begins: counts on when a supervisor is raised anew.

        So what an earlier supervisor's children say late is not taken for the word of its
        successor's.
        """
        with self._lock:
            self._lives[path] = self._lives.get(path, 0) + 1
            return self._lives[path]

    def put(self, row: ChildRow) -> None:
        """A child changed."""
        with self._lock:
            self._rows[row.path] = row

    def drop(self, path: str) -> None:
        """A child, and all below it, is not there now."""
        with self._lock:
            _drop(self._rows, path)

    def forget(self, path: str) -> None:
        """A child, and all below it, will never be there again."""
        with self._lock:
            _drop(self._rows, path)
            _drop(self._lives, path)

    def rows(self) -> list[ChildRow]:
        """All children, by path."""
        with self._lock:
            return [self._rows[path] for path in sorted(self._rows)]


def _drop(known: dict[str, _V], path: str) -> None:
    below = path + "/"
    for gone in [p for p in known if p == path or p.startswith(below)]:
        del known[gone]


@dataclass(frozen=True, kw_only=True)
class World:
    """What every supervisor hands to its children's makers."""

    clock: Clock
    timers: Timers
    office: DeadLetterOffice
    view: TreeView
    events: Mailbox[LifeEvent]
    """Births and deaths, for whoever watches the tree."""

    supervision: Dispatcher
    """One thread for all supervisors: their work never blocks."""

    shared: Dispatcher
    """For the stages of sessions, which never block; who may, is pinned."""

    pinned: Dispatcher
    """A thread an actor, for what blocks."""

    def address(self, name: str) -> Address:
        """A new address on this world's clock."""
        return Address(name, self.clock, self.office)

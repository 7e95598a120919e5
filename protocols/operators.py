"""What operators see of an actor, and what they may order."""

import enum
import math
from collections.abc import Sequence
from typing import Protocol

import msgspec

from protocols.ports import Reply
from protocols.supervision import ChildEnded, ChildRow, Entry

HANDLING_LE_S: tuple[float, ...] = tuple(1e-6 * 4.0**power for power in range(14))
"""Upper bounds of the histogram's buckets, seconds: 1 µs, 4 µs, … 67 s; then infinity."""


class Histogram(msgspec.Struct, frozen=True, kw_only=True):
    """How long messages took: counts by bucket of `HANDLING_LE_S`, and one more above."""

    counts: tuple[int, ...]
    seconds: float
    """The sum."""

    def quantile(self, share: float) -> float:
        """Upper bound of the bucket in which `share` (0 to 1) of all messages are, seconds.

        0 without messages; infinity above the last bound.
        """
        wanted, seen = share * sum(self.counts), 0
        for count, bound in zip(self.counts, (*HANDLING_LE_S, math.inf), strict=True):
            seen += count
            if seen >= wanted and seen:
                return bound
        return 0.0


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """The restarts of a supervisor within its window."""

    spent: int
    of: int
    within_s: float


class EdgeDepth(msgspec.Struct, frozen=True, kw_only=True):
    """An edge's books, as `actors.edges.EdgeCount` has them."""

    edge: str
    came: int
    taken: int
    dropped: dict[str, int]
    queued: int


class ActorFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One actor, as it is now."""

    row: ChildRow
    strategy: str
    """Of a supervisor's children; empty for a worker."""

    restart: str
    """`permanent`, `transient` or `temporary`."""

    budget: Budget | None
    """What its supervisor has spent; None for the root."""

    depth: int
    """Messages that wait."""

    oldest_s: float
    """For how long the oldest of them has waited, seconds, to a quarter of a second."""

    handling: str
    """Type of the message in hand, or `setup`, `teardown`, `stop`; empty: idle."""

    handling_s: float
    """For how long, seconds, to a quarter of a second."""

    hang_after_s: float | None
    handled: Histogram
    edges: tuple[EdgeDepth, ...]
    last_end: ChildEnded | None
    last_end_at: float | None
    """Seconds since 1970 UTC."""


class Zombie(msgspec.Struct, frozen=True, kw_only=True):
    """An actor that hangs and was replaced."""

    path: str
    life: int
    during: str
    since: float
    """Clock time at which it was replaced, seconds."""

    stack: str


class Action(enum.StrEnum):
    """What an operator may order of an actor."""

    STOP = "stop"
    START = "start"
    RESTART = "restart"
    PAUSE = "pause"
    RESUME = "resume"


class OperatorOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's order."""

    path: str
    action: Action
    reason: str
    who: str
    """Name of the key that gave it."""


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the journal, oldest first."""

    entries: tuple[Entry, ...]
    first: int
    """Number of the oldest entry that can still be had; 0: there is none."""

    last: int
    """Number of the newest."""


class Operators(Protocol):
    """What the door is given of the tree. Any thread; no call waits but `events`."""

    def tree(self) -> Sequence[ChildRow]:
        """A row for every child, by path."""

    def actor(self, path: str) -> ActorFacts | None:
        """One actor; None: there is no such child."""

    def actors(self) -> Sequence[ActorFacts]:
        """All of them, by path."""

    def zombies(self) -> Sequence[Zombie]:
        """Who hangs, replaced."""

    def events(self, since: int, limit: int) -> Events:
        """The oldest `limit` entries with numbers above `since`. May read a disk."""

    def tree_at(self, number: int) -> Sequence[ChildRow] | None:
        """The tree as it was after entry `number`; None: not kept. May read a disk."""

    def act(self, order: OperatorOrder) -> Reply:
        """Carry out an order; the answer is the child's new `ChildRow`.

        It fails with `KeyError` for an unknown path, `ValueError` for an order that makes
        no sense for it (whose text says why).
        """

    def state(self) -> "SystemState":
        """The whole, in short."""


class SystemState(msgspec.Struct, frozen=True, kw_only=True):
    """The whole, in short."""

    run: str
    up_s: float
    last_number: int
    """Of the journal."""

    journal: str
    """`writing`, `full` (its disk), `down`."""

    stalls: int
    longest_stall_s: float
    zombies: int
    draining: str
    """The drain's phase; empty: it serves."""

    dead_letters: dict[str, int]
    """By reason."""

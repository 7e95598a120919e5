"""What operators are sent: the forms of `/ops`, over HTTP and over `/ops/stream`. Pure.

`clock.now` is the server's own clock, in which rows and zombies have their `since`; the
Unix time of such a `since` is `since + clock.unix - clock.now`. An infinity is null.

All of it may take milliseconds with hundreds of sessions: make it in a thread.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

import msgspec

from protocols.operators import (
    HANDLING_LE_S,
    ActorFacts,
    Histogram,
    Operators,
    SystemState,
    Zombie,
)
from protocols.ports import Clock
from protocols.supervision import ChildRow, Entry

_LONGEST: Final = 300
"""Characters of a wrong path that are looked at."""


class ClockReading(msgspec.Struct, frozen=True, kw_only=True):
    """The time of an answer."""

    now: float
    """The server's clock, seconds."""

    unix: float
    """Seconds since 1970 UTC at that moment."""


class TreeSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /ops/tree`."""

    children: tuple[ChildRow, ...]
    state: SystemState
    clock: ClockReading
    number: int
    """Every entry of the journal up to this one is in the rows; some later ones may be."""


class ActorsSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /ops/actors`."""

    actors: tuple[ActorFacts, ...]
    clock: ClockReading


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """Messages that took longer than the bucket before, and up to `le_s`."""

    le_s: float | None
    """Seconds; None: any longer."""

    count: int


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """How long an actor's messages took."""

    count: int
    mean_s: float
    p50_s: float | None
    """Upper bound of the bucket that has the median; None: above the last bound."""

    p99_s: float | None
    buckets: tuple[Bucket, ...]


class ActorSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /ops/actors/{path}`."""

    actor: ActorFacts
    latency: Latency
    clock: ClockReading


class ZombiesSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /ops/zombies`."""

    zombies: tuple[Zombie, ...]
    clock: ClockReading


class ChildOrdered(msgspec.Struct, frozen=True, kw_only=True):
    """`POST /ops/actors/{path}/{action}`."""

    child: ChildRow
    clock: ClockReading


class TreeTold(msgspec.Struct, frozen=True, kw_only=True, tag="tree"):
    """First message of `/ops/stream`; entries with numbers above `number` change it."""

    children: tuple[ChildRow, ...]
    state: SystemState
    clock: ClockReading
    number: int
    """As in `TreeSeen`."""

    since: int
    """Entries above this number follow. Other than what was asked for: what lies between
    can be had no longer."""


class EntriesTold(msgspec.Struct, frozen=True, kw_only=True, tag="events"):
    """Entries of the journal, in order, none left out."""

    entries: tuple[Entry, ...]
    last: int
    """Number of the newest entry there is: how far behind this message is."""


class StateTold(msgspec.Struct, frozen=True, kw_only=True, tag="state"):
    """Once a second."""

    state: SystemState
    clock: ClockReading


def reading(clock: Clock) -> ClockReading:
    """What time it is."""
    now = clock.now()
    return ClockReading(now=now, unix=clock.unix(now))


def tree_now(operators: Operators, clock: Clock) -> TreeSeen:
    """See the tree as it is."""
    state = operators.state()  # first: its number must not be ahead of the rows
    return TreeSeen(
        children=tuple(operators.tree()),
        state=state,
        clock=reading(clock),
        number=state.last_number,
    )


def tree_then(operators: Operators, clock: Clock, number: int) -> TreeSeen | None:
    """See the tree as it was after entry `number`, if that is kept."""
    rows = operators.tree_at(number)
    if rows is None:
        return None
    return TreeSeen(
        children=tuple(rows),
        state=operators.state(),
        clock=reading(clock),
        number=number,
    )


def actor_seen(facts: ActorFacts, clock: Clock) -> ActorSeen:
    """Show one actor with its histogram spelled out."""
    return ActorSeen(actor=facts, latency=latency(facts.handled), clock=reading(clock))


def latency(handled: Histogram) -> Latency:
    """Spell a histogram out."""
    count = sum(handled.counts)
    bounds = (*HANDLING_LE_S, None)
    return Latency(
        count=count,
        mean_s=handled.seconds / count if count else 0.0,
        p50_s=_finite(handled.quantile(0.5)),
        p99_s=_finite(handled.quantile(0.99)),
        buckets=tuple(
            Bucket(le_s=bound, count=seen)
            for bound, seen in zip(bounds, handled.counts, strict=True)
        ),
    )


def nearest(path: str, rows: Iterable[ChildRow]) -> str | None:
    """Find the path that was probably meant."""
    paths = sorted(row.path for row in rows)
    below: dict[str, dict[str, None]] = {}
    for known in paths:
        above = ""
        for name in known.split("/"):
            below.setdefault(above, {})[name] = None
            above += f"/{name}"
    # Name by name: all paths at once would be 30 ms with a hundred sessions.
    found = ""
    for wanted in filter(None, path[:_LONGEST].split("/")):
        names = below.get(found)
        if names is None:
            break
        near = [wanted] if wanted in names else get_close_matches(wanted, names, 1, 0.0)
        found += f"/{near[0]}"
    return next((known for known in paths if f"/{known}".startswith(found)), None)


def _finite(seconds: float) -> float | None:
    return seconds if seconds < float("inf") else None

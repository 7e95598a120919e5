"""A simulated world: all that a tree of supervisors needs, on one thread, by one seed.

What happens is noted as in a live world; beside that the entries are kept whole, and their
canonical bytes are hashed: the same seed gives the same hash, on any machine.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, final

import msgspec
import numpy as np

from actors.inbox import Address
from actors.lease import Leases
from protocols.ports import Clock
from protocols.supervision import (
    ChildEnded,
    ChildHung,
    ChildState,
    Entry,
    LettersLost,
    LifeEvent,
)
from sim.runtime.dispatcher import VirtualDispatcher
from sim.runtime.fence import VirtualFence
from sim.runtime.nursery import VirtualNursery
from sim.runtime.scheduler import Scheduler
from supervisors.chronicle import Chronicle
from supervisors.world import World, made
from supervisors.zombies import Zombies

_FILE: Final = re.compile(r'File "[^"]*?([^/"]+/[^/"]+)"')
_write = msgspec.json.Encoder().encode


class SimulatedChronicle(Chronicle):
    """A chronicle that also knows which fault led to what.

    Args:
        clock: dates the entries.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._blamed: dict[str, int] = {}

    def blame(self, where: str, entry: int) -> None:
        """What is found of an actor (path) or edge (name) from now on comes of `entry`."""
        self._blamed[where] = entry

    def note(self, event: LifeEvent, *, cause: int | None = None) -> int:
        """Keep an event, and pass it on."""
        if cause is None:
            cause = self._cause_of(event)
        return super().note(event, cause=cause)

    def _cause_of(self, event: LifeEvent) -> int | None:
        match event:
            case ChildHung(path=path):
                return self._blamed.get(path)
            case LettersLost(edge=edge, reason="lost"):
                return self._blamed.get(edge)
            case _:
                return None


@final
class Transcript:
    """All entries of a run, and the hash of their canonical bytes.

    Args:
        chronicle: pulled from; often enough that its ring does not overflow.
    """

    def __init__(self, chronicle: Chronicle) -> None:
        self.entries: list[Entry] = []
        self._chronicle = chronicle
        self._hash = hashlib.sha256()

    def pull(self) -> list[Entry]:
        """Take what is new.

        Raises:
            RuntimeError: entries are missing.
        """
        new: list[Entry] = []
        last = len(self.entries)
        while last < self._chronicle.last:
            found, _ = self._chronicle.entries(last, 1000)
            if not found or found[0].number != last + 1:
                raise RuntimeError(f"entry {last + 1} was not kept")
            new += found
            last = found[-1].number
        for entry in new:
            self._hash.update(canonical(entry))
        self.entries += new
        return new

    def sha256(self) -> str:
        """Of all that was pulled, in hexadecimal."""
        return self._hash.hexdigest()


def canonical(entry: Entry) -> bytes:
    """An entry's bytes, the same on every machine: tracebacks lose their folders."""
    event = entry.event
    if isinstance(event, ChildEnded) and event.trace:
        trace = _FILE.sub(r'File "\1"', event.trace)
        event = msgspec.structs.replace(event, trace=trace)
        entry = msgspec.structs.replace(entry, event=event)
    return _write(entry) + b"\n"


@dataclass(frozen=True, kw_only=True)
class WatchedWorld(World):
    """A world that knows all its addresses, for the books."""

    addresses: list[Address] = field(default_factory=list)
    made: list[Callable[[Address], object]] = field(default_factory=list)
    """Called with each that is made."""

    def address(self, name: str) -> Address:
        """A new address in this world."""
        address = super().address(name)
        self.addresses.append(address)
        for call in self.made:
            call(address)
        return address


class SimulatedWorld:
    """A world in virtual time.

    Args:
        seed: of the order of turns, and of the jitter of backoffs.
        slice_of: messages that an actor may handle in one turn.
        cost_s: what a turn of the actor at a path costs, seconds.
    """

    def __init__(
        self,
        seed: int,
        *,
        slice_of: int = 1,
        cost_s: Callable[[str], float] = lambda _path: 0.0,
    ) -> None:
        turns, jitter, rest = np.random.SeedSequence(seed).spawn(3)
        self.seeds = rest
        """For whatever else is drawn in this run."""

        self.scheduler = Scheduler(turns, slice_of=slice_of, cost_s=cost_s)
        self.fence = VirtualFence(self.scheduler)
        self.chronicle = SimulatedChronicle(self.scheduler.clock)
        self.transcript = Transcript(self.chronicle)
        self.supervision = self._dispatcher("supervision", pinned=False)
        self.world = WatchedWorld(
            clock=self.scheduler.clock,
            timers=self.scheduler.timers,
            chronicle=self.chronicle,
            zombies=Zombies(self.scheduler.clock, self.chronicle),
            leases=Leases(self.chronicle.note),
            supervision=self.supervision,
            shared=self._dispatcher("shared", pinned=False),
            pinned=self._dispatcher("pinned", pinned=True),
            nursery=VirtualNursery(self.scheduler, made),
            fence=self.fence,
            rng=np.random.default_rng(jitter),
        )
        self.scheduler.awaited += [self.fence.awaited, self._busy_supervisors]

    def _dispatcher(self, name: str, *, pinned: bool) -> VirtualDispatcher:
        return VirtualDispatcher(self.scheduler, name, pinned=pinned)

    def _busy_supervisors(self) -> list[str]:
        """Who waits for a child, in words."""
        waiting = (ChildState.STARTING, ChildState.STOPPING)
        return [
            f"{row.path.rpartition('/')[0]} for {row.path}, which is {row.state.value}"
            for row in self.world.view.rows()
            if row.state in waiting
        ]

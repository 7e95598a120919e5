"""The live world: the clock, timers and threads of a run that is real."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from actors.clock import LiveClock, LiveTimers
from actors.dispatch import PinnedDispatcher, SharedDispatcher
from actors.lease import Leases
from supervisors.chronicle import Chronicle
from supervisors.world import World
from supervisors.zombies import Zombies

COLLECTIONS = 700, 10, 1000
"""Allocations to a collection of the youngest, and how many of each kind to one of the
next older: full ones come a hundred times more rarely than by default."""


@contextmanager
def live_world(*, after: int = 0) -> Iterator[World]:
    """Clock, timers and dispatchers of a live run, closed at the end.

    Args:
        after: number of the newest entry of earlier runs.
    """
    clock = LiveClock()
    timers = LiveTimers(clock)
    chronicle = Chronicle(clock, after=after)
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


def warm_up() -> None:
    """Import what the first session needs and the door does not: 0.9 s of SciPy.

    Then keep the collector of cyclic garbage off what stays: with 100 sessions one full
    collection stopped every thread for 40 to 190 ms.
    """
    import scipy.signal  # noqa: F401, PLC0415  # its import is the purpose

    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)

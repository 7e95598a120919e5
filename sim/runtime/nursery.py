"""The virtual nursery: children are made in a turn of their own, as if in a thread."""

from collections.abc import Callable
from typing import Any

from actors.stage import Stage
from protocols.ports import Mailbox
from sim.runtime.dispatcher import VirtualDispatcher
from sim.runtime.scheduler import Job, Scheduler

Making = Callable[[Callable[[], Stage], str, int], object]
"""Makes a child (maker, name, life) and says what came of it."""


class VirtualNursery:
    """Fills `supervisors.world.Nursery`.

    Args:
        scheduler: who gives the turn.
        made: calls a maker, and makes of a child or a failure what its supervisor is told.
    """

    def __init__(self, scheduler: Scheduler, made: Making) -> None:
        self._scheduler = scheduler
        self._made = made
        self._lane = VirtualDispatcher(scheduler, "nursery", pinned=True)

    def make(
        self, make: Callable[[], Stage], child: str, life: int, done: Mailbox[Any]
    ) -> None:
        """Make a child soon, and tell `done`."""

        def run() -> bool:
            done.tell(self._made(make, child, life))
            return False

        self._scheduler.ready.append(Job(f"making {child}", self._lane, run))

"""The virtual dispatcher: fills `actors.stage.Dispatcher` with turns of the scheduler.

It keeps the live dispatchers' manners where they matter. Pinned: an actor that hangs holds
nobody up. Shared: it holds up all others of its dispatcher, until the watchdog has the
thread replaced or it comes back.
"""

import functools
from collections.abc import Callable

from actors.inbox import Inbox
from sim.runtime.scheduler import Job, Scheduler


class VirtualDispatcher:
    """Lends turns.

    Args:
        scheduler: who gives them.
        name: as its live counterpart is called.
        pinned: True: as if each actor had a thread of its own; False: one for all.
    """

    def __init__(self, scheduler: Scheduler, name: str, *, pinned: bool) -> None:
        self.name = name
        self.stuck = False
        """Whoever has the one thread hangs: nobody else here can have a turn."""

        self._scheduler = scheduler
        self._pinned = pinned
        self._hanging = 0  # the slice that holds the thread
        self._parked: list[Job] = []

    def attach(self, inbox: Inbox, run: Callable[[], bool]) -> None:
        """Give the actor its first turn, and one whenever it is woken."""
        scheduler = self._scheduler
        path = inbox.address.name
        inbox.slice = scheduler.slice_of
        job = Job(path, self, run, cost_s=scheduler.cost_s(path), inbox=inbox)
        inbox.wake = functools.partial(scheduler.ready.append, job)
        scheduler.add(job)

    def replace(self, thread: int) -> None:
        """Go on without the slice that hangs."""
        if thread == self._hanging:
            self._go_on()

    def hang(self, number: int) -> None:
        """A slice stands still."""
        if not self._pinned:
            self.stuck, self._hanging = True, number

    def come_back(self, number: int) -> None:
        """It goes on."""
        if number == self._hanging:
            self._go_on()

    def park(self, job: Job) -> None:
        """Let a job wait until the thread is free."""
        self._parked.append(job)

    def _go_on(self) -> None:
        parked, self._parked = self._parked, []
        self.stuck, self._hanging = False, 0
        self._scheduler.ready.extend(parked)

"""The scheduler: one thread, one seed, and who runs next.

Everybody who has mail is on one list. A seeded draw says whose turn it is; he has one slice
of work, and the clock moves on by what such a slice costs. That is how the live process
works too: its threads take turns under one interpreter's lock, in an order that nobody
promises. When nobody is ready the clock moves on to the next timer. When there is no timer
either, and somebody still waits for something, the run is in a deadlock, and says who.

An actor that hangs holds the one thread there is. So the scheduler goes on *inside* it
(`stand_still`): the others work on in a loop of its own until its virtual end, as deep as
there are actors that hang at once. Loops end in reverse: an actor that began to hang
earlier comes back no sooner than those that began later.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Final, final

import numpy as np

from actors.inbox import Inbox
from actors.stage import Stage
from protocols.errors import PhospheneError
from sim.runtime.clock import VirtualClock, VirtualTimer, VirtualTimers

if TYPE_CHECKING:
    from sim.runtime.dispatcher import VirtualDispatcher

Run = Callable[[], bool]

DRAWS: Final = 4096
"""Random numbers that are drawn at a time: one by one they cost fifteen times as much."""

MOST_NESTED: Final = 6
"""Actors that may stand still at once."""

OUTSIDE: Final = -1
"""In place of a slice's number: what timers and the simulation itself do."""

_SPREADS: Final = tuple(0.5 + step / 16 for step in range(16))
"""A slice costs between a half and one and a half of what such slices cost."""


class DeadlockError(PhospheneError):
    """Nobody can run, no timer is set, and somebody waits.

    Args:
        waiting: who waits for what, in words.
    """

    def __init__(self, waiting: Sequence[str]) -> None:
        super().__init__(f"nobody can run: {'; '.join(waiting)}")
        self.waiting = tuple(waiting)


@final
class Job:
    """Somebody who has turns: an actor's life, or the making of one."""

    __slots__ = ("cost_s", "inbox", "lane", "path", "run", "stage")

    def __init__(
        self,
        path: str,
        lane: "VirtualDispatcher",
        run: Run,
        *,
        cost_s: float = 0.0,
        inbox: Inbox | None = None,
    ) -> None:
        self.path = path
        self.lane = lane
        self.run = run
        self.cost_s = cost_s
        self.inbox = inbox
        stage = getattr(run, "__self__", None)
        self.stage = stage if isinstance(stage, Stage) else None
        """Whose life it is; None: it is no actor's."""


class Scheduler:
    """Gives turns.

    Args:
        seed: of the order of turns and of what they cost.
        slice_of: messages that an actor may handle in one slice.
        cost_s: seconds by which the clock moves on after a slice of the actor at a path.
    """

    def __init__(
        self,
        seed: int | np.random.SeedSequence,
        *,
        slice_of: int = 1,
        cost_s: Callable[[str], float] = lambda _path: 0.0,
    ) -> None:
        self.clock = VirtualClock()
        self.timers = VirtualTimers(self.clock)
        self.slice_of = slice_of
        self.cost_s = cost_s
        self.slice = OUTSIDE
        """Number of the slice that is going on."""

        self.slices = 0
        """That were given."""

        self.ready: list[Job] = []
        self.jobs: dict[str, Job] = {}
        """The newest life of every path."""

        self.watchers: list[Callable[[Job, Job | None], object]] = []
        """Called for every life that begins, with the one before it at its path."""

        self.awaited: list[Callable[[], Sequence[str]]] = []
        """Each says who waits for what; asked only when nobody can run."""

        self.failure: BaseException | None = None
        """What ends the run; raised once all loops have been left."""

        self.nested = 0
        self._job: Job | None = None
        self._rng = np.random.default_rng(seed)
        self._draws = self._drawn()
        self.who: Callable[[], int] = functools.partial(attrgetter("slice"), self)
        """Number of the slice that is going on, for the fence."""

    def add(self, job: Job) -> None:
        """Somebody new has turns; he is ready."""
        before, self.jobs[job.path] = self.jobs.get(job.path), job
        for watcher in self.watchers:
            watcher(job, before)
        self.ready.append(job)

    def at(self, at: float, call: Callable[[], object]) -> VirtualTimer:
        """Call `call` at a virtual time; if that fails, so does the run."""
        return self.timers.at(at, lambda: self._guarded(call))

    def every(self, period_s: float, call: Callable[[], object]) -> VirtualTimer:
        """Call `call` every so many virtual seconds; if that fails, so does the run."""
        return self.timers.every(period_s, lambda _at, _number: self._guarded(call))

    def run(self, until: float) -> None:
        """Let everybody work until the clock is at `until`.

        Raises:
            DeadlockError: nobody can run, and somebody waits.
            BaseException: whatever `fail` was called with.
        """
        self._loop(until)
        if self.failure is not None:
            raise self.failure

    def run_while(self, goes_on: Callable[[], bool], until: float) -> None:
        """Let everybody work as long as `goes_on` says so, and no longer than `until`.

        Raises:
            DeadlockError: nobody can run, and somebody waits.
            BaseException: whatever `fail` was called with.
        """
        if goes_on():
            self._loop(until, goes_on)
        if self.failure is not None:
            raise self.failure

    def fail(self, error: BaseException) -> None:
        """End the run: every loop is left at once, `run` raises `error`.

        Whoever finds that a run must end is mostly within a slice, where an exception would
        only end the actor.
        """
        if self.failure is None:
            self.failure = error

    def may_stand_still(self) -> bool:
        """Whether one more actor may hang."""
        return self.nested < MOST_NESTED and self._job is not None

    def stand_still(self, seconds: float) -> None:
        """Within a slice: hang there for so long, while all others go on."""
        job, number = self._job, self.slice
        if job is None:
            raise RuntimeError("nobody is at work")
        self.nested += 1
        job.lane.hang(number)
        try:
            self._loop(self.clock.at + seconds)
        finally:
            job.lane.come_back(number)
            self.nested -= 1
            self._job, self.slice = job, number

    def _guarded(self, call: Callable[[], object]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001  # in a nested loop it would end an actor
            self.fail(error)

    # -- the loop -----------------------------------------------------------------------

    def _loop(self, until: float, goes_on: Callable[[], bool] | None = None) -> None:
        """Give turns until the time is `until`, or `goes_on` after one says no."""
        # Half of a run's overhead is here: names are looked up once, a turn is no call.
        clock, timers, ready, draws = self.clock, self.timers, self.ready, self._draws
        due, append, pop = timers.due, ready.append, ready.pop
        self.slice, self._job = OUTSIDE, None
        while self.failure is None:
            if due and due[0][0] <= clock.at:
                self.slice, self._job = OUTSIDE, None
                timers.fire()
            if not ready:
                if not self._wait(until):
                    return
                continue
            if clock.at >= until:
                return
            draw = next(draws)
            job = pop()
            if ready and (at := (draw >> 4) % (len(ready) + 1)) < len(ready):
                ready[at], job = job, ready[at]
            if job.lane.stuck:
                job.lane.park(job)
                continue
            self._job = job
            self.slice = self.slices = self.slices + 1
            if job.run():
                append(job)
            clock.at += job.cost_s * _SPREADS[draw & 15]
            if goes_on is not None and not goes_on():
                return

    def _wait(self, until: float) -> bool:
        """Move the clock on to the next timer; False: that is not before `until`."""
        clock = self.clock
        next_at = self.timers.next_at()
        if next_at is None and not self.nested:
            waiting = [line for ask in self.awaited for line in ask()]
            if waiting:
                self.fail(DeadlockError(waiting))
                return False
        if next_at is None or next_at > until:
            clock.at = max(clock.at, until)
            return False
        clock.at = max(clock.at, next_at)
        return True

    def _drawn(self) -> Iterator[int]:
        while True:
            yield from self._rng.integers(0, 1 << 30, DRAWS).tolist()

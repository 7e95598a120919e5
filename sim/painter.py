"""A painter that is not there: wishes in, flat pictures out, after a virtual while.

Stands in the place of a worker of the pool whose painter is in a child process: it has one
job in hand at a time, and takes mail meanwhile. A real painter may be lent to it; then its
pictures are real, and still take the virtual while.
"""

from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias, assert_never

import msgspec
import numpy as np

from actors.stage import Stage
from protocols.errors import WishError
from protocols.generation import (
    CallRoll,
    ForgetSession,
    Paint,
    Painted,
    PaintFailed,
    PoolInput,
    WorkerInput,
    WorkerReady,
)
from protocols.pictures import Painting, PictureWish
from protocols.ports import Clock, Generator, Mailbox, Pixels, Timer, Timers
from protocols.time import Tick

MODEL: Final = "flat"
SIDE_PX: Final = 16
"""Of a flat picture, whatever size was wished for: it costs next to nothing to encode."""

LEAST_S, MOST_S = 0.003, 0.010
"""What a small picture takes: the painter's own figures for 128 x 128 (p50, p99)."""


class JobDue(msgspec.Struct, frozen=True):
    """The timer: the job in hand has had its time."""

    job: int


SimPainterInput: TypeAlias = WorkerInput | JobDue | Tick


class SimPainter(Stage):
    """Fills a worker's place.

    Args:
        name: the worker's, as the pool knows it.
        clock: for the times of a job.
        wait: tells a message to this actor in so many seconds.
        pool: where paintings go.
        rng: draws how long a picture takes.
        generator: makes the pictures; None: they are flat.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        wait: Callable[[float, JobDue], Timer],
        pool: Mailbox[PoolInput],
        rng: np.random.Generator,
        generator: Generator | None = None,
    ) -> None:
        super().__init__()
        self._worker = name
        self._clock = clock
        self._wait = wait
        self._pool = pool
        self._rng = rng
        self._generator = generator
        self._jobs: deque[Paint] = deque()
        self._began_at = 0.0
        self._timer: Timer | None = None
        self._stale = False  # the jobs are of a life of the pool that has ended

    def setup(self) -> None:
        """Say that it is there."""
        self._announce()

    def handle(self, message: SimPainterInput) -> None:
        """Begin a picture, or end one."""
        match message:
            case Paint():
                self._jobs.append(message)
                if len(self._jobs) == 1:
                    self._begin()
            case JobDue(job=number):
                if self._jobs and self._jobs[0].job == number:
                    self._end(self._jobs.popleft())
            case CallRoll():
                self._stale = bool(self._jobs)
                if not self._stale:
                    self._announce()
            case ForgetSession(session=session):
                if self._generator is not None:
                    self._generator.forget(session)
            case Tick():
                pass  # a child process would be looked after
            case _:
                assert_never(message)

    def teardown(self) -> None:
        """Wait for nothing."""
        if self._timer is not None:
            self._timer.cancel()

    def _announce(self) -> None:
        model = MODEL if self._generator is None else self._generator.model
        self._pool.tell(WorkerReady(self._worker, model))

    def _begin(self) -> None:
        self._began_at = self._clock.now()
        takes_s = LEAST_S + (MOST_S - LEAST_S) * float(self._rng.random())
        self._timer = self._wait(takes_s, JobDue(self._jobs[0].job))

    def _end(self, job: Paint) -> None:
        if self._stale:  # the pool's new life knows nothing of it
            self._stale = False
            self._jobs.clear()
            self._announce()
            return
        self._pool.tell(self._painted(job))
        if self._jobs:
            self._begin()

    def _painted(self, job: Paint) -> Painted | PaintFailed:
        try:
            painting = self._paint(job.wish)
        except WishError as error:
            return PaintFailed(
                job=job.job, worker=self._worker, field=error.field, reason=error.message
            )
        return Painted(
            job=job.job,
            worker=self._worker,
            painting=painting,
            began_at=self._began_at,
            done_at=self._clock.now(),
        )

    def _paint(self, wish: PictureWish) -> Painting:
        if self._generator is not None:
            return self._generator.paint(wish)
        return Painting(pixels=_FLAT, model=MODEL, seed=wish.seed, effective_steps=1)


def waiter(timers: Timers, own: Mailbox[JobDue]) -> Callable[[float, JobDue], Timer]:
    """What a painter is given for `wait`."""
    return lambda delay_s, due: timers.after(delay_s, own, due)


def _flat() -> Pixels:
    pixels = np.full((SIDE_PX, SIDE_PX, 3), 96, np.uint8)
    pixels.flags.writeable = False
    return pixels


_FLAT: Final = _flat()

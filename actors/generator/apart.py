"""A worker of the pool whose painter is in a child process.

In: jobs, ticks, news of its child. Out: paintings. It never waits for its child, so it can
be told to stop at any time, and is not taken for hung while a large picture is painted. It
says that it is ready once a child is, which tells the pool of a new life. A picture that
took its child down, or for too long, has failed; the next one is painted by another child.

A crash of the child forgets what it kept of its sessions, and so does its replacement: the
next picture of each begins afresh.
"""

from typing import TypeAlias, assert_never

from actors.apart.child import ChildNews, Left, Said, Spawned
from actors.apart.errors import JobTooLargeError
from actors.apart.keeper import Failed, Finished, Keeper, Outcome
from actors.generator.orders import PAINTER, Order, painting, write
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
from protocols.ports import Clock, Mailbox
from protocols.time import Tick

ApartInput: TypeAlias = WorkerInput | Tick | ChildNews


class ApartWorker(Stage):
    """Has one painter's process kept at work.

    Args:
        name: the worker's, as the pool knows it.
        clock: for the times of a job.
        keeper: keeps the process; its news come to this actor's mailbox.
        pool: where paintings go.
    """

    def __init__(
        self, name: str, clock: Clock, keeper: Keeper, pool: Mailbox[PoolInput]
    ) -> None:
        super().__init__()
        self._worker = name
        self._clock = clock
        self._keeper = keeper
        self._pool = pool
        self._announced = False
        self._job: Paint | None = None
        self._stale = False  # the job is of a life of the pool that has ended

    def setup(self) -> None:
        """Have a child started."""
        self._keeper.start()

    def handle(self, message: ApartInput) -> None:
        """Hand a job on, or take an answer."""
        match message:
            case Paint():
                self._job = message
                self._give(message)
            case ForgetSession():
                self._give(message)
            case CallRoll():
                self._answer_roll()
            case Tick():
                self._pass_on(self._keeper.tick(message))
            case Spawned() | Said() | Left():
                self._pass_on(self._keeper.hear(message))
            case _:
                assert_never(message)

    def teardown(self) -> None:
        """End the child."""
        self._keeper.close()

    def _give(self, job: Paint | ForgetSession) -> None:
        match job:
            case Paint(wish=wish):
                order = Order(paint=wish)
            case ForgetSession(session=session):
                order = Order(forget=session)
            case _:
                assert_never(job)
        try:
            self._keeper.give(job, write(order))
        except JobTooLargeError as error:
            self._fail(job, "", str(error))

    def _answer_roll(self) -> None:
        self._stale = self._job is not None
        if self._announced and not self._stale:
            self._pool.tell(WorkerReady(self._worker, PAINTER))

    def _pass_on(self, outcome: Outcome | None) -> None:
        if not self._announced and self._keeper.ready:
            self._announced = True
            self._pool.tell(WorkerReady(self._worker, PAINTER))
        if self._stale and outcome is not None and outcome.ticket is self._job:
            # The pool's new life counts its jobs anew: it would take this for another.
            self._job, self._stale = None, False
            self._answer_roll()
            return
        match outcome:
            case Finished(ticket=Paint() as job):
                self._deliver(job, outcome)
            case Failed(ticket=job, error=error):
                self._fail(job, "", str(error))
            case _:  # a session was forgotten, or nothing is ready
                pass

    def _deliver(self, job: Paint, done: Finished) -> None:
        self._job = None
        done_at = self._clock.now()
        try:
            painted = painting(done.content, done.arrays)
        except WishError as error:
            self._fail(job, error.field, error.message)
            return
        self._pool.tell(
            Painted(
                job=job.job,
                worker=self._worker,
                painting=painted,
                began_at=done_at - done.took_s,
                done_at=done_at,
            )
        )

    def _fail(self, job: Paint | ForgetSession, field: str, reason: str) -> None:
        if isinstance(job, Paint):
            self._job = None
            self._pool.tell(
                PaintFailed(job=job.job, worker=self._worker, field=field, reason=reason)
            )

"""A worker of the pool: jobs in, paintings out.

It says that it is ready at every start, so that the pool learns of a crash by the next
life's first word. A crash forgets the painter's memory: the next picture of each of its
sessions begins afresh.
"""

from collections.abc import Callable
from typing import Protocol, assert_never, runtime_checkable

from actors.stage import Stage
from protocols.errors import WishError
from protocols.generation import (
    ForgetSession,
    Paint,
    Painted,
    PaintFailed,
    PoolInput,
    WorkerInput,
    WorkerReady,
)
from protocols.ports import Clock, Generator, Mailbox


@runtime_checkable
class Closable(Generator, Protocol):
    """A generator that holds what must be let go."""

    def close(self) -> None:
        """Let it go; safe to call twice."""


class GeneratorWorker(Stage):
    """Owns one generator.

    Args:
        name: the worker's, as the pool knows it.
        clock: for the times of a job.
        make_generator: called in the worker's thread; what it makes is closed at the end
            if it can be.
        pool: where paintings go.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        make_generator: Callable[[], Generator],
        pool: Mailbox[PoolInput],
    ) -> None:
        super().__init__()
        self._worker = name
        self._clock = clock
        self._make_generator = make_generator
        self._pool = pool
        self._generator: Generator | None = None

    def setup(self) -> None:
        """Make the generator (a model may take its time), then say so."""
        self._generator = generator = self._make_generator()
        self._pool.tell(WorkerReady(self._worker, generator.model))

    def handle(self, message: WorkerInput) -> None:
        """Paint, or forget."""
        match message:
            case Paint():
                self._pool.tell(self._paint(message))
            case ForgetSession(session=session):
                self._made().forget(session)
            case _:
                assert_never(message)

    def teardown(self) -> None:
        """Close the generator."""
        if isinstance(self._generator, Closable):
            self._generator.close()

    def _made(self) -> Generator:
        if self._generator is None:
            raise RuntimeError("handle before setup")
        return self._generator

    def _paint(self, job: Paint) -> Painted | PaintFailed:
        began_at = self._clock.now()
        wish = job.wish
        try:
            painting = self._made().paint(wish)
        except WishError as error:
            return PaintFailed(
                job=job.job, worker=self._worker, field=error.field, reason=error.message
            )
        return Painted(
            job=job.job,
            worker=self._worker,
            painting=painting,
            began_at=began_at,
            done_at=self._clock.now(),
        )

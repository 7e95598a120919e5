"""A worker of the pool: jobs in, paintings out.

It says that it is ready at every start, so that the pool learns of a crash by the next
life's first word. A crash forgets the painter's memory: the next picture of each of its
sessions begins afresh.
"""

from collections.abc import Callable
from typing import assert_never

from msgspec.structs import replace

from actors.generator.flash import FlashGuard
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


class GeneratorWorker(Stage):
    """Owns one generator."""

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
        self._generator: Generator
        self._guard = FlashGuard()

    def setup(self) -> None:
        """Make the generator (a model may take its time), then say so."""
        self._generator = self._make_generator()
        self._pool.tell(WorkerReady(self._worker, self._generator.model))

    def handle(self, message: WorkerInput) -> None:
        """Paint, or forget."""
        match message:
            case Paint():
                self._pool.tell(self._paint(message))
            case ForgetSession(session=session):
                self._generator.forget(session)
                self._guard.forget(session)
            case _:
                assert_never(message)

    def _paint(self, job: Paint) -> Painted | PaintFailed:
        began_at = self._clock.now()
        wish = job.wish
        try:
            painting = self._generator.paint(wish)
        except WishError as error:
            return PaintFailed(
                job=job.job, worker=self._worker, field=error.field, reason=error.message
            )
        if wish.session:
            calm = self._guard.calm(wish.session, painting.pixels, wish.moment_s)
            painting = replace(painting, pixels=calm)
        return Painted(
            job=job.job,
            worker=self._worker,
            painting=painting,
            began_at=began_at,
            done_at=self._clock.now(),
        )

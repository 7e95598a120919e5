"""The pool: wishes in, jobs to the workers out, pictures on to the broadcaster.

Which wish is next is decided in `line`; this module owns the line, the answers that are
owed and the figures. A crash forgets all waiting wishes: sessions wish again within a
tenth of a second, and single pictures are answered with `ActorDeadError`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import assert_never

from actors.answer import Answer
from actors.generator.line import Job, Line
from actors.stage import Stage
from protocols.errors import RefusedError
from protocols.generation import (
    CallRoll,
    ForgetSession,
    Imagine,
    Paint,
    Painted,
    PaintFailed,
    PaintOnce,
    Picture,
    PoolFigures,
    PoolInput,
    PoolStatus,
    WorkerInput,
    WorkerReady,
)
from protocols.pictures import PictureWish
from protocols.ports import Clock, Mailbox

RETRY_AFTER_S = 2.0


@dataclass(frozen=True)
class _Wanted:
    wish: PictureWish
    queued_at: float
    imagined: Imagine | None = None
    answer: Answer | None = None


class GeneratorPool(Stage):
    """Shares the workers fairly among sessions and single pictures.

    Args:
        clock: for deadlines.
        workers: by name.
        pictures: where a session's pictures go.
        present: names of the workers that live already: where the pool alone was replaced,
            they said to a life before that they are ready. All others will say it.
    """

    def __init__(
        self,
        clock: Clock,
        workers: Mapping[str, Mailbox[WorkerInput]],
        pictures: Mailbox[Picture],
        present: Callable[[], Collection[str]] = tuple,
    ) -> None:
        super().__init__()
        self._present = present
        self._clock = clock
        self._workers = workers
        self._pictures = pictures
        self._line: Line[_Wanted] = Line()
        self._painted = self._expired = self._failed = 0

    def setup(self) -> None:
        """Ask who is there."""
        for name in self._present():
            self._workers[name].tell(CallRoll())

    def handle(self, message: PoolInput) -> PoolFigures | None:
        """Take a wish, a worker's word, or a question for the figures."""
        match message:
            case Imagine(session=session, wish=wish):
                self._line.wait(session, _Wanted(wish, self._clock.now(), message))
            case PaintOnce(wish=wish):
                self._take_single(wish)
            case ForgetSession(session=session):
                self._forget(session)
            case WorkerReady(worker=worker):
                for job in self._line.arrive(worker):
                    self._fail(job, "", f"{worker} crashed while painting it")
            case Painted():
                self._deliver(message)
            case PaintFailed(job=number, field=field, reason=reason):
                self._fail(self._line.finish(number), field, reason)
            case PoolStatus():
                return self._figures()
            case _:
                assert_never(message)
        self._give_out()
        return None

    def _take_single(self, wish: PictureWish) -> None:
        answer = self.reply_later()
        if not self._line.wait_single(_Wanted(wish, self._clock.now(), answer=answer)):
            answer.fail(RefusedError("the line of single pictures", RETRY_AFTER_S))

    def _forget(self, session: str) -> None:
        home = self._line.forget(session)
        if home is not None:
            self._workers[home].tell(ForgetSession(session))

    def _deliver(self, painted: Painted) -> None:
        job = self._line.finish(painted.job)
        if job is None:
            return  # of a life before: its session has wished anew
        self._painted += 1
        wanted = job.wish
        if wanted.answer is not None:
            wanted.answer.set(painted)
        elif wanted.imagined is not None:
            self._pictures.tell(
                Picture(
                    session=job.session,
                    meaning=wanted.imagined.meaning,
                    wish=wanted.wish,
                    painting=painted.painting,
                    queued_at=wanted.queued_at,
                    began_at=painted.began_at,
                    done_at=painted.done_at,
                )
            )

    def _fail(self, job: Job[_Wanted] | None, field: str, reason: str) -> None:
        if job is None:
            return
        self._failed += 1
        if job.wish.answer is not None:
            job.wish.answer.set(
                PaintFailed(job=job.number, worker=job.worker, field=field, reason=reason)
            )

    def _give_out(self) -> None:
        now = self._clock.now()
        for worker in self._line.free():
            while (taken := self._line.next_for(worker)) is not None:
                key, wanted = taken
                if wanted.imagined is not None and wanted.imagined.deadline_at < now:
                    self._expired += 1
                    continue
                job = self._line.begin(worker, key, wanted, now)
                self._workers[worker].tell(Paint(job=job.number, wish=wanted.wish))
                break

    def _figures(self) -> PoolFigures:
        line = self._line
        return PoolFigures(
            workers=len(line.workers),
            busy=len(line.jobs),
            waiting=len(line.ready),
            painted=self._painted,
            superseded=line.superseded,
            expired=self._expired,
            failed=self._failed,
        )

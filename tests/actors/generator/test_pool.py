"""The pool: credit, turns, deadlines, crashes; built, not started."""

import pytest
from pykka import ActorDeadError

from actors.generator.line import SINGLES
from actors.generator.pool import GeneratorPool
from protocols.errors import RefusedError
from protocols.generation import (
    CallRoll,
    ForgetSession,
    Paint,
    Painted,
    PaintFailed,
    PaintOnce,
    Picture,
    PoolFigures,
    PoolStatus,
    WorkerInput,
    WorkerReady,
)
from protocols.pictures import PictureWish
from tests.meanings import imagine, painting
from tests.probe import Probe
from tests.started import Started
from tests.time_stand_ins import VirtualClock


class Bench:
    """A pool with two workers that the test plays."""

    def __init__(self, workers: int = 2) -> None:
        self.clock = VirtualClock()
        self.pictures: Probe[Picture] = Probe()
        self.workers: dict[str, Probe[WorkerInput]] = {
            f"w{n}": Probe() for n in range(1, workers + 1)
        }
        self.pool = GeneratorPool(self.clock, self.workers, self.pictures)

    def ready(self, *names: str) -> None:
        for name in names or tuple(self.workers):
            self.pool.handle(WorkerReady(name, "a-painter"))

    def job(self, worker: str) -> Paint:
        message = self.workers[worker].next(0.0)
        assert isinstance(message, Paint)
        return message

    def finish(self, worker: str, job: Paint) -> None:
        self.pool.handle(
            Painted(
                job=job.job, worker=worker, painting=painting(), began_at=1.0, done_at=2.0
            )
        )

    def figures(self) -> PoolFigures:
        figures = self.pool.handle(PoolStatus())
        assert figures is not None
        return figures


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_session_has_one_picture_outstanding_and_its_newest_wish_wins(
    bench: Bench,
) -> None:
    bench.ready()
    for prompt in ("first", "second", "third"):
        bench.pool.handle(imagine("s", prompt))

    first = bench.job("w1")
    assert first.wish.prompt == "first"
    assert bench.workers["w2"].all() == []

    bench.finish("w1", first)
    assert bench.job("w1").wish.prompt == "third"
    assert bench.figures().superseded == 1


def test_sessions_take_turns() -> None:
    bench = Bench(workers=1)
    bench.ready()
    for session in ("a", "b", "c"):
        bench.pool.handle(imagine(session))
    served = []
    for _ in range(6):
        job = bench.job("w1")
        served.append(job.wish.session)
        bench.pool.handle(imagine(job.wish.session))
        bench.finish("w1", job)

    assert served == ["a", "b", "c", "a", "b", "c"]


def test_a_finished_picture_goes_on_with_its_meaning_and_its_times(bench: Bench) -> None:
    bench.ready()
    bench.clock.advance(3.0)
    bench.pool.handle(imagine("s", "a red sun"))
    bench.finish("w1", bench.job("w1"))

    picture = bench.pictures.next(0.0)
    assert (picture.session, picture.meaning.prompt) == ("s", "a red sun")
    assert (picture.queued_at, picture.began_at, picture.done_at) == (
        bench.clock.now(),
        1.0,
        2.0,
    )


def test_a_wish_that_waited_too_long_is_never_painted() -> None:
    bench = Bench(workers=1)
    bench.ready()
    bench.pool.handle(imagine("busy"))
    bench.pool.handle(imagine("late", deadline_at=bench.clock.now() + 1.0))
    bench.clock.advance(1.5)
    bench.finish("w1", bench.job("w1"))

    assert bench.workers["w1"].all() == []
    assert bench.figures().expired == 1


def test_a_session_keeps_to_the_worker_that_holds_its_memory(bench: Bench) -> None:
    bench.ready()
    bench.pool.handle(imagine("a"))
    bench.pool.handle(imagine("b"))
    first, second = bench.job("w1"), bench.job("w2")
    assert (first.wish.session, second.wish.session) == ("a", "b")
    bench.finish("w2", second)
    bench.pool.handle(imagine("a"))
    assert bench.workers["w2"].all() == []  # free, but a's memory is elsewhere

    bench.finish("w1", first)
    assert bench.job("w1").wish.session == "a"


def test_what_a_crashed_worker_had_is_wished_anew_and_its_session_goes_on(
    bench: Bench,
) -> None:
    bench.ready("w1")
    bench.pool.handle(imagine("s", "first"))
    lost = bench.job("w1")
    bench.pool.handle(imagine("s", "second"))

    bench.ready("w1")  # the next life's first word

    assert bench.job("w1").wish.prompt == "second"
    bench.finish("w1", lost)  # a word from the life before changes nothing
    assert bench.pictures.all() == []
    assert bench.figures().failed == 1


def test_an_ended_session_is_forgotten_by_the_worker_that_knew_it(bench: Bench) -> None:
    bench.ready()
    bench.pool.handle(imagine("s"))
    bench.finish("w1", bench.job("w1"))
    bench.pool.handle(ForgetSession("s"))

    assert bench.workers["w1"].next(0.0) == ForgetSession("s")
    assert bench.workers["w2"].all() == []


def test_a_new_life_of_the_pool_asks_the_workers_that_live_already() -> None:
    bench = Bench()
    pool = GeneratorPool(bench.clock, bench.workers, bench.pictures, lambda: ["w2"])
    pool.setup()

    assert bench.workers["w1"].all() == []
    assert bench.workers["w2"].all() == [CallRoll()]


def test_a_single_picture_is_answered(started: Started) -> None:
    bench = Bench()
    pool = started(bench.pool)
    reply = pool.ask(PaintOnce(PictureWish(prompt="a moon")), timeout_s=5.0)
    pool.tell(WorkerReady("w1", "a-painter"))
    job = bench.workers["w1"].next()
    assert isinstance(job, Paint)
    done = Painted(job=job.job, worker="w1", painting=painting(), began_at=0, done_at=1)
    pool.tell(done)

    assert reply.get(timeout=5.0) is done


def test_a_single_picture_that_cannot_be_made_says_which_field(started: Started) -> None:
    bench = Bench()
    pool = started(bench.pool)
    reply = pool.ask(PaintOnce(PictureWish(prompt="")), timeout_s=5.0)
    pool.tell(WorkerReady("w1", "a-painter"))
    job = bench.workers["w1"].next()
    assert isinstance(job, Paint)
    pool.tell(PaintFailed(job=job.job, worker="w1", field="prompt", reason="is empty"))

    failed = reply.get(timeout=5.0)
    assert (failed.field, failed.reason) == ("prompt", "is empty")


def test_a_worker_that_crashes_fails_the_single_picture_it_had(started: Started) -> None:
    bench = Bench()
    pool = started(bench.pool)
    reply = pool.ask(PaintOnce(PictureWish(prompt="a moon")), timeout_s=5.0)
    pool.tell(WorkerReady("w1", "a-painter"))
    bench.workers["w1"].next()
    pool.tell(WorkerReady("w1", "a-painter"))

    assert "crashed" in reply.get(timeout=5.0).reason


def test_more_single_pictures_than_may_wait_are_refused(started: Started) -> None:
    pool = started(Bench().pool)
    replies = [
        pool.ask(PaintOnce(PictureWish(prompt="a moon")), timeout_s=5.0)
        for _ in range(SINGLES + 1)
    ]
    with pytest.raises(RefusedError):
        replies[-1].get(timeout=5.0)
    assert not replies[0].is_done()


def test_a_pool_that_ends_answers_all_who_wait(started: Started) -> None:
    pool = started(Bench().pool)
    reply = pool.ask(PaintOnce(PictureWish(prompt="a moon")), timeout_s=5.0)
    pool.stop()

    with pytest.raises(ActorDeadError):
        reply.get(timeout=5.0)

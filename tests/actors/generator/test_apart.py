"""A worker whose painter is a real child process."""

import os
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

from actors.apart.keeper import Keeper
from actors.apart.kind import Limits
from actors.clock import LiveClock
from actors.dispatch import PinnedDispatcher
from actors.generator.apart import ApartWorker
from actors.generator.flash import Calm
from actors.generator.orders import painter
from actors.generator.painter.painter import Painter
from actors.inbox import Address
from protocols.generation import (
    CallRoll,
    ForgetSession,
    Paint,
    Painted,
    PaintFailed,
    PoolInput,
    WorkerReady,
)
from protocols.pictures import Painting, PictureWish
from protocols.supervision import Born, ChildProcess, Died
from protocols.time import Tick
from tests.probe import Probe
from tests.time_stand_ins import VirtualClock

if TYPE_CHECKING:
    from actors.apart.child import ChildNews

pytestmark = pytest.mark.slow

SEA = PictureWish(prompt="calm deep sea at night", width=64, height=96, seed=3, session="s")
LARGEST = PictureWish(prompt="storm of fire in a dark forest", width=2048, height=2048)


class Bench:
    """A worker whose actor is the test."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.clock = VirtualClock(at=100.0)
        self.pool: Probe[PoolInput] = Probe()
        self.news: Probe[ChildNews] = Probe()
        self.reports: Probe[ChildProcess] = Probe()
        keeper = Keeper(painter(limits or Limits()), "w1", self.news, self.reports)
        self.worker = ApartWorker("w1", self.clock, keeper, self.pool)
        self._jobs = 0
        self._now = 0.0

    def next(self) -> PoolInput:
        """What the pool is told next."""
        while not (told := self.pool.all()):
            self.worker.handle(self.news.next(30.0))
        (one,) = told
        return one

    def start(self) -> int:
        """Until a child is ready; its number."""
        self.worker.setup()
        assert self.next() == WorkerReady("w1", "phosphene-painter")
        return self.reports.next().pid

    def order(self, wish: PictureWish) -> None:
        self._jobs += 1
        self.worker.handle(Paint(job=self._jobs, wish=wish))

    def paint(self, wish: PictureWish) -> Painting:
        """A picture that has to come."""
        self.order(wish)
        painted = self.next()
        assert isinstance(painted, Painted), painted
        assert (painted.job, painted.worker) == (self._jobs, "w1")
        return painted.painting

    def fail(self) -> PaintFailed:
        failed = self.next()
        assert isinstance(failed, PaintFailed), failed
        assert failed.job == self._jobs
        return failed

    def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self._now += 0.1
            self.worker.handle(Tick(self._now, 0))


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    bench.start()
    yield bench
    bench.worker.teardown()


def test_a_painting_from_the_child_is_the_one_that_a_thread_would_make(
    bench: Bench,
) -> None:
    there, here = bench.paint(SEA), Calm(Painter()).paint(SEA)

    assert np.array_equal(there.pixels, here.pixels)
    assert not there.pixels.flags.writeable
    assert (there.model, there.seed) == (here.model, here.seed)
    assert (there.known_words, there.effective_steps) == (
        here.known_words,
        here.effective_steps,
    )


def test_an_idle_worker_answers_a_roll_call_at_once(bench: Bench) -> None:
    bench.paint(SEA)
    bench.worker.handle(CallRoll())

    assert bench.pool.all() == [WorkerReady("w1", "phosphene-painter")]


def test_a_worker_drops_the_picture_of_a_life_before_and_then_says_it_is_ready(
    bench: Bench,
) -> None:
    bench.order(SEA)
    bench.worker.handle(CallRoll())
    assert bench.pool.all() == []

    assert bench.next() == WorkerReady("w1", "phosphene-painter")
    assert bench.paint(SEA).pixels.shape == (96, 64, 3)


def test_a_painting_stays_as_it_is_when_the_next_one_is_painted(bench: Bench) -> None:
    first = bench.paint(SEA)
    kept = first.pixels.copy()
    bench.paint(PictureWish(prompt="bright desert at noon", width=64, height=96))

    assert np.array_equal(first.pixels, kept)


def test_a_session_that_was_forgotten_begins_afresh(bench: Bench) -> None:
    begun = bench.paint(SEA).pixels
    other = PictureWish(
        prompt="bright desert at noon", width=64, height=96, session="s", moment_s=0.1
    )
    glided = bench.paint(other).pixels
    bench.worker.handle(ForgetSession("s"))
    afresh = bench.paint(other).pixels

    assert np.array_equal(afresh, Calm(Painter()).paint(other).pixels)
    assert not np.array_equal(afresh, glided)
    assert not np.array_equal(begun, glided)


def test_a_picture_of_the_largest_size_goes_through_the_shared_memory(
    bench: Bench,
) -> None:
    assert bench.paint(LARGEST).pixels.shape == (2048, 2048, 3)


def test_a_refusal_comes_back_with_its_field(bench: Bench) -> None:
    bench.order(PictureWish(prompt="sea", width=5))

    assert bench.fail().field == "width"
    assert bench.paint(SEA).pixels.shape == (96, 64, 3)


def test_a_wish_that_is_too_long_for_the_pipe_is_refused(bench: Bench) -> None:
    bench.order(PictureWish(prompt="sea " * 20_000))

    assert "allowed: 65536" in bench.fail().reason


def test_the_times_of_a_picture_are_those_of_its_painting(bench: Bench) -> None:
    bench.order(SEA)
    painted = bench.next()

    assert isinstance(painted, Painted)
    assert painted.done_at == 100.0
    assert 0.0 < painted.done_at - painted.began_at < 30.0


def test_a_painter_that_is_killed_fails_its_picture_and_another_paints_the_next() -> None:
    bench = Bench()
    pid = bench.start()
    bench.order(LARGEST)
    os.kill(pid, signal.SIGKILL)

    assert bench.fail().reason == "its process ended: SIGKILL"
    assert bench.paint(SEA).model == "phosphene-painter"
    assert bench.reports.next() == ChildProcess(
        path="w1", pid=pid, step="crashed", reason="SIGKILL"
    )
    assert bench.reports.next().pid != pid
    bench.worker.teardown()


def test_a_painter_that_is_silent_is_killed_at_the_limit_and_the_pool_told_once() -> None:
    bench = Bench(Limits(answer_s=5.0))
    pid = bench.start()
    os.kill(pid, signal.SIGSTOP)
    bench.order(SEA)
    bench.pass_time(4.9)
    assert bench.pool.all() == []
    bench.pass_time(0.5)

    assert bench.fail().reason == "it did not answer in 5 s and was killed"
    assert bench.paint(SEA).model == "phosphene-painter"
    bench.worker.teardown()


def test_a_painter_that_is_replaced_loses_no_picture() -> None:
    bench = Bench(Limits(jobs=5))
    bench.start()
    steps: list[str] = []
    while "recycled" not in steps:
        bench.paint(SEA)
        steps += [report.step for report in bench.reports.all()]
    bench.worker.teardown()

    assert steps == ["started", "recycled"]


def test_workers_in_the_middle_of_pictures_end_without_waiting_for_them() -> None:
    lives: Probe[Born | Died] = Probe()
    reports: Probe[ChildProcess] = Probe()
    pool: Probe[PoolInput] = Probe()
    addresses = [Address(name, LiveClock()) for name in ("w1", "w2", "w3")]
    for address in addresses:
        limits = Limits(goodbye_s=1e6)
        keeper = Keeper(painter(limits), address.name, address.reports, reports)
        worker = ApartWorker(address.name, LiveClock(), keeper, pool)
        worker.launch(address, PinnedDispatcher("test"), lives)
    for _ in addresses:
        assert isinstance(pool.next(30.0), WorkerReady)
        assert isinstance(lives.next(), Born)
    pids = [reports.next().pid for _ in addresses]
    for pid, address in zip(pids, addresses, strict=True):
        os.kill(pid, signal.SIGSTOP)
        address.tell(Paint(job=1, wish=LARGEST))
        address.ask(ForgetSession("x"), timeout_s=5.0).get(timeout=5.0)  # it was taken
        address.stop()

    ends = [lives.next() for _ in addresses]
    assert all(isinstance(end, Died) and end.normal for end in ends)
    assert sorted((report.pid, report.step) for report in reports.all()) == sorted(
        (pid, "ended") for pid in pids
    )

import numpy as np
import pytest

from protocols.errors import WishError
from protocols.generation import (
    CallRoll,
    ForgetSession,
    Paint,
    Painted,
    PaintFailed,
    WorkerReady,
)
from protocols.pictures import Painting, PictureWish
from protocols.time import Tick
from sim.painter import LEAST_S, MODEL, MOST_S, JobDue, SimPainter, waiter
from sim.runtime.clock import VirtualClock, VirtualTimers
from tests.probe import Probe


class Real:
    """A generator that paints black, and not every wish."""

    model = "black"

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def paint(self, wish: PictureWish) -> Painting:
        if not wish.prompt:
            raise WishError("prompt", "is empty")
        pixels = np.zeros((wish.height, wish.width, 3), np.uint8)
        return Painting(pixels=pixels, model=self.model, seed=wish.seed, effective_steps=2)

    def forget(self, session: str) -> None:
        self.forgotten.append(session)


class Easel:
    """A painter that was built and not started."""

    def __init__(self, real: Real | None = None) -> None:
        self.clock = VirtualClock()
        self.timers = VirtualTimers(self.clock)
        self.own: Probe[object] = Probe()
        self.pool: Probe[object] = Probe()
        self.painter = SimPainter(
            "painter-1",
            self.clock,
            waiter(self.timers, self.own),
            self.pool,
            np.random.default_rng(1),
            real,
        )
        self.painter.setup()
        self.ready = self.pool.next()

    def wait(self) -> JobDue:
        at = self.timers.next_at()
        assert at is not None
        self.clock.at = at
        self.timers.fire()
        due = self.own.next()
        assert isinstance(due, JobDue)
        return due


def paint(job: int, prompt: str = "a moon") -> Paint:
    return Paint(job=job, wish=PictureWish(prompt=prompt, width=64, height=64, seed=9))


def test_it_says_that_it_is_there() -> None:
    assert Easel().ready == WorkerReady("painter-1", MODEL)


def test_a_picture_takes_a_virtual_while() -> None:
    easel = Easel()
    easel.painter.handle(paint(1))
    assert easel.pool.all() == []
    easel.painter.handle(easel.wait())
    painted = easel.pool.next()
    assert isinstance(painted, Painted)
    assert (painted.job, painted.worker, painted.painting.model) == (1, "painter-1", MODEL)
    assert painted.painting.seed == 9
    assert not painted.painting.pixels.flags.writeable
    assert LEAST_S <= painted.done_at - painted.began_at <= MOST_S


def test_one_job_after_the_other() -> None:
    easel = Easel()
    easel.painter.handle(paint(1))
    easel.painter.handle(paint(2))
    easel.painter.handle(Tick(0.0, 0))
    easel.painter.handle(easel.wait())
    assert len(easel.pool.all()) == 1
    easel.painter.handle(easel.wait())
    assert len(easel.pool.all()) == 1
    assert easel.timers.next_at() is None


def test_the_word_of_a_timer_of_before_is_not_taken_for_a_later_job() -> None:
    easel = Easel()
    easel.painter.handle(paint(5))
    easel.painter.handle(JobDue(4))
    assert easel.pool.all() == []


def test_jobs_of_a_life_of_the_pool_before_are_dropped_at_a_roll_call() -> None:
    easel = Easel()
    easel.painter.handle(CallRoll())
    assert easel.pool.all() == [easel.ready]
    easel.painter.handle(paint(1))
    easel.painter.handle(paint(2))
    easel.painter.handle(CallRoll())
    assert easel.pool.all() == []
    easel.painter.handle(easel.wait())
    assert easel.pool.all() == [easel.ready]
    assert easel.timers.next_at() is None


def test_a_real_painter_may_be_lent_to_it() -> None:
    real = Real()
    easel = Easel(real)
    easel.painter.handle(paint(1))
    easel.painter.handle(easel.wait())
    painted = easel.pool.next()
    assert isinstance(painted, Painted)
    assert painted.painting.pixels.shape == (64, 64, 3)
    easel.painter.handle(ForgetSession("sess_1"))
    assert real.forgotten == ["sess_1"]


def test_a_wish_that_cannot_be_met_has_failed() -> None:
    easel = Easel(Real())
    easel.painter.handle(paint(1, prompt=""))
    easel.painter.handle(easel.wait())
    assert easel.pool.next() == PaintFailed(
        job=1, worker="painter-1", field="prompt", reason="is empty"
    )


def test_it_waits_for_nothing_after_its_end() -> None:
    easel = Easel()
    easel.painter.handle(paint(1))
    easel.painter.teardown()
    assert easel.timers.next_at() is None


@pytest.mark.parametrize("real", [None, Real()])
def test_forgetting_is_safe(real: Real | None) -> None:
    Easel(real).painter.handle(ForgetSession("nobody"))

"""A generator in a child process (the real one), and the worker that owns one."""

import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest

from actors.generator.apart import ChildSilentError, GeneratorApart
from actors.generator.flash import TRAVEL_PER_S, Calm, luminance
from actors.generator.painter.painter import Painter
from actors.generator.worker import GeneratorWorker
from protocols.errors import WishError
from protocols.generation import Paint, Painted, PoolInput, WorkerReady
from protocols.pictures import Painting, PictureWish
from tests.probe import Probe
from tests.time_stand_ins import VirtualClock

SEA = PictureWish(prompt="calm deep sea at night", width=64, height=96, seed=3, session="s")


@pytest.fixture
def apart() -> Iterator[GeneratorApart]:
    generator = GeneratorApart("phosphene-painter")
    yield generator
    generator.close()


def test_a_painting_from_the_child_is_the_one_that_a_thread_would_make(
    apart: GeneratorApart,
) -> None:
    there, here = apart.paint(SEA), Calm(Painter()).paint(SEA)

    assert np.array_equal(there.pixels, here.pixels)
    assert not there.pixels.flags.writeable
    assert (there.model, there.seed) == (here.model, here.seed)
    assert (there.known_words, there.effective_steps) == (
        here.known_words,
        here.effective_steps,
    )


def test_a_painting_stays_as_it_is_when_the_next_one_is_painted(
    apart: GeneratorApart,
) -> None:
    first = apart.paint(SEA)
    kept = first.pixels.copy()
    apart.forget("s")
    apart.paint(PictureWish(prompt="bright desert at noon", width=64, height=96))

    assert np.array_equal(first.pixels, kept)


def test_a_refusal_comes_back_with_its_field(apart: GeneratorApart) -> None:
    with pytest.raises(WishError) as refused:
        apart.paint(PictureWish(prompt="sea", width=5))

    assert refused.value.field == "width"
    assert apart.paint(SEA).pixels.shape == (96, 64, 3)


def test_a_child_that_dies_is_an_error_and_not_a_wait(apart: GeneratorApart) -> None:
    apart.paint(SEA)
    os.kill(apart.pid, signal.SIGKILL)

    with pytest.raises(ChildSilentError):
        apart.paint(SEA)


def test_a_child_that_does_not_answer_in_time_is_an_error() -> None:
    generator = GeneratorApart("phosphene-painter", answer_s=0.0)
    try:
        with pytest.raises(ChildSilentError):
            generator.paint(SEA)
    finally:
        generator.close()


def test_the_child_ends_with_its_generator() -> None:
    generator = GeneratorApart("phosphene-painter")
    generator.paint(SEA)
    generator.close()
    generator.close()

    with pytest.raises(ProcessLookupError):
        os.kill(generator.pid, 0)


class Flat:
    """A generator of one grey, that notices being closed."""

    model = "flat"

    def __init__(self) -> None:
        self.level = 0
        self.closed = False

    def paint(self, wish: PictureWish) -> Painting:
        pixels = np.full((wish.height, wish.width, 3), self.level, np.uint8)
        return Painting(pixels=pixels, model=self.model, seed=0, effective_steps=1)

    def forget(self, session: str) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        self.closed = True


def test_a_calm_sitting_does_not_jump_from_black_to_white() -> None:
    flat = Flat()
    calm = Calm(flat)
    calm.paint(PictureWish(prompt="", session="s", moment_s=1.0))
    flat.level = 255
    after = calm.paint(PictureWish(prompt="", session="s", moment_s=1.1))
    single = calm.paint(PictureWish(prompt=""))

    assert float(luminance(after.pixels).max()) <= TRAVEL_PER_S * 0.1 + 0.01
    assert int(single.pixels.min()) == 255


def test_a_worker_says_that_it_is_ready_paints_and_closes_what_it_made() -> None:
    flat, pool = Flat(), Probe[PoolInput]()
    worker = GeneratorWorker("w1", VirtualClock(), lambda: flat, pool)
    worker.setup()
    worker.handle(Paint(job=7, wish=SEA))
    worker.teardown()

    assert pool.next() == WorkerReady("w1", "flat")
    painted = pool.next()
    assert isinstance(painted, Painted)
    assert (painted.job, painted.painting.model) == (7, "flat")
    assert flat.closed

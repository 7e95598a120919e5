"""A worker whose generator is in this process."""

import numpy as np

from actors.generator.flash import TRAVEL_PER_S, Calm, luminance
from actors.generator.worker import GeneratorWorker
from protocols.generation import Paint, Painted, PoolInput, WorkerReady
from protocols.pictures import Painting, PictureWish
from tests.probe import Probe
from tests.time_stand_ins import VirtualClock

SEA = PictureWish(prompt="calm deep sea at night", width=64, height=96, seed=3, session="s")


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

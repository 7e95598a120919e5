"""The guard against flashes."""

import numpy as np
import numpy.typing as npt
import pytest

from actors.generator.flash import TRAVEL_PER_S, Calm, FlashGuard, luminance, mix
from protocols.pictures import Painting, PictureWish

BLACK = np.zeros((64, 96, 3), np.uint8)
WHITE = np.full((64, 96, 3), 255, np.uint8)


def flashes(lights: list[float]) -> int:
    """Pairs of opposite changes by 0.1 or more, as WCAG 2.2 counts them."""
    extreme, changes, direction = lights[0], 0, 0
    for light in lights[1:]:
        moved = light - extreme
        if abs(moved) >= 0.1 and np.sign(moved) != direction:
            direction, changes, extreme = int(np.sign(moved)), changes + 1, light
        elif direction and np.sign(moved) == direction:
            extreme = light
    return changes // 2


def test_a_strobe_becomes_at_most_three_flashes_a_second() -> None:
    guard = FlashGuard()
    lights = []
    for frame in range(50):
        shown = guard.calm("s", (BLACK, WHITE)[frame % 2], frame / 10)
        lights.append(float(luminance(shown).max()))

    assert max(flashes(lights[i : i + 11]) for i in range(40)) <= 3
    steps = np.abs(np.diff(lights))
    assert steps.max() <= TRAVEL_PER_S / 10 + 0.01


def test_the_strobe_of_that_test_does_flash_without_the_guard() -> None:
    assert flashes([float(luminance((BLACK, WHITE)[n % 2]).max()) for n in range(11)]) > 3


def test_a_small_lamp_that_flashes_is_calmed_too() -> None:
    lamp = BLACK.copy()
    lamp[:8, :12] = 255
    guard = FlashGuard()
    guard.calm("s", BLACK, 0.0)

    shown = guard.calm("s", lamp, 0.1)

    assert luminance(shown)[0, 0] == pytest.approx(0.06, abs=0.01)


def test_a_slow_change_passes_untouched() -> None:
    guard = FlashGuard()
    grey = np.full_like(BLACK, 60)  # relative luminance 0.045
    guard.calm("s", BLACK, 0.0)

    assert guard.calm("s", grey, 0.1) is grey


def test_the_wanted_picture_is_reached_in_the_end() -> None:
    guard = FlashGuard()
    shown = [guard.calm("s", BLACK, 0.0)]
    shown += [guard.calm("s", WHITE, frame / 10) for frame in range(1, 25)]

    np.testing.assert_array_equal(shown[-1], WHITE)


def test_sessions_do_not_calm_one_another() -> None:
    guard = FlashGuard()
    guard.calm("a", BLACK, 0.0)

    assert guard.calm("b", WHITE, 0.1) is WHITE


def test_a_session_that_was_forgotten_begins_anew() -> None:
    guard = FlashGuard()
    guard.calm("a", BLACK, 0.0)
    guard.forget("a")

    assert guard.calm("a", WHITE, 0.1) is WHITE


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_pictures_mix_in_linear_light(share: float) -> None:
    mixed: npt.NDArray[np.uint8] = mix(BLACK, WHITE, share)

    assert float(luminance(mixed).mean()) == pytest.approx(share, abs=0.005)


class Flat:
    """A generator of one grey."""

    model = "flat"

    def __init__(self) -> None:
        self.level = 0

    def paint(self, wish: PictureWish) -> Painting:
        pixels = np.full((wish.height, wish.width, 3), self.level, np.uint8)
        return Painting(pixels=pixels, model=self.model, seed=0, effective_steps=1)

    def forget(self, session: str) -> None:
        """Nothing is kept."""


def test_a_calm_sitting_does_not_jump_from_black_to_white() -> None:
    flat = Flat()
    calm = Calm(flat)
    calm.paint(PictureWish(prompt="", session="s", moment_s=1.0))
    flat.level = 255
    after = calm.paint(PictureWish(prompt="", session="s", moment_s=1.1))
    single = calm.paint(PictureWish(prompt=""))

    assert float(luminance(after.pixels).max()) <= TRAVEL_PER_S * 0.1 + 0.01
    assert int(single.pixels.min()) == 255

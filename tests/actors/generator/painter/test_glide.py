"""A session's pictures never jump and never flash, and arrive."""

import numpy as np
import pytest

from actors.generator.painter.compose import compose
from actors.generator.painter.glide import SLOW, flowing, glide
from actors.generator.painter.painter import Painter
from actors.generator.painter.scene import TRAITS
from tests.actors.generator.painter.easel import distance, light, wish

FRAME_S = 0.1
WAYS = [
    ("calm sunrise over misty mountains and a lake", "storm of fire in a dark forest"),
    ("snowy hills at noon", "milky way over the ocean at night"),
    ("zxcvb", "radiant sunlit meadow with flowers"),
    ("mandala", "stormy sea, rain"),
    ("fire", "winter forest, snow, full moon"),
]


def frames(before: str, after: str, seconds: float) -> list[np.ndarray]:
    """Paint one frame of `before`, then `after` at ten frames a second."""
    painter = Painter()
    made = [painter.paint(wish(before, session="s", motion=0.5)).pixels]
    for at in range(1, round(seconds / FRAME_S) + 1):
        next_wish = wish(after, session="s", motion=0.5, moment_s=at * FRAME_S)
        made.append(painter.paint(next_wish).pixels)
    return made


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_brightness_changes_little_from_frame_to_frame(before: str, after: str) -> None:
    lights = [light(frame) for frame in frames(before, after, 4.0)]
    means = np.diff([picture.mean() for picture in lights])
    blocks = np.array([p.reshape(8, 12, 8, 12).mean((1, 3)) for p in lights])

    assert np.abs(means).max() < 0.04
    assert np.abs(np.diff(blocks, axis=0)).max() < 0.09


def test_a_scene_that_stays_does_not_flicker() -> None:
    prompt = "storm of fire in a dark forest, stars, fireflies, rain"
    means = [light(frame).mean() for frame in frames(prompt, prompt, 3.0)]
    assert np.abs(np.diff(means)).max() < 0.01


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_a_glide_arrives_within_six_seconds(before: str, after: str) -> None:
    scene, goal = compose(wish(before)), compose(wish(after))
    for _ in range(60):
        scene = glide(scene, goal, FRAME_S)

    assert np.abs(scene.weights - goal.weights).max() < 0.01
    quick = [name not in SLOW for name in TRAITS]
    assert np.abs(scene.traits - goal.traits)[quick].max() < 0.02
    assert np.abs(scene.colours - goal.colours).max() < 0.01


def test_half_of_the_way_is_done_within_two_seconds() -> None:
    scene, goal = compose(wish("fire")), compose(wish("snowfall"))
    weights = np.abs(scene.weights - goal.weights).sum()
    for _ in range(20):
        scene = glide(scene, goal, FRAME_S)
    assert np.abs(scene.weights - goal.weights).sum() < 0.5 * weights


def test_a_glide_does_not_depend_on_the_frame_rate_by_much() -> None:
    start, goal = compose(wish("fire")), compose(wish("snowfall"))
    slow = fast = start
    for _ in range(10):
        slow = glide(slow, goal, 0.1)
    for _ in range(40):
        fast = glide(fast, goal, 0.025)
    assert np.abs(slow.weights - fast.weights).max() < 0.05


def test_no_time_is_no_way() -> None:
    scene, goal = compose(wish("fire")), compose(wish("snowfall"))
    stayed = glide(scene, goal, 0.0)
    assert np.array_equal(stayed.weights, scene.weights)
    assert np.array_equal(stayed.colours, scene.colours)


def test_a_lively_wish_moves_clouds_and_water_faster() -> None:
    scene = compose(wish("ocean"))
    still, lively = flowing(scene, 1.0, 0.0), flowing(scene, 1.0, 1.0)
    assert lively.drift > 2 * still.drift > 0
    assert lively.ripple > 2 * still.ripple > 0


def test_pictures_move_with_the_moment() -> None:
    one, later = (
        Painter().paint(wish("ocean waves", moment_s=at, motion=0.5)).pixels
        for at in (0, 2)
    )
    assert distance(one, later) > 1

"""The painter as a generator: what it promises to whoever calls it."""

import hashlib
import os
import subprocess
import sys
from math import inf, nan
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from actors.generator.painter import Painter
from protocols.errors import WishError
from tests.actors.generator.painter.easel import distance, painted, wish

if TYPE_CHECKING:
    from protocols.ports import Generator

PROMPT = "calm sunrise over misty mountains and a lake, zxcvb"


def test_the_painter_is_a_generator() -> None:
    generator: Generator = Painter()
    painting = generator.paint(wish(PROMPT, seed=5))

    assert painting.model == generator.model == "phosphene-painter"
    assert painting.seed == 5
    assert painting.pixels.dtype == np.uint8
    assert not painting.pixels.flags.writeable


def test_the_same_wish_gives_the_same_bytes() -> None:
    painter = Painter()
    first = painter.paint(wish(PROMPT)).pixels
    painter.paint(wish("storm of fire in a dark forest"))
    assert painter.paint(wish(PROMPT)).pixels.tobytes() == first.tobytes()


@pytest.mark.slow
def test_another_process_gives_the_same_bytes() -> None:
    script = (
        "import hashlib; from tests.actors.generator.painter.easel import painted;"
        f"print(hashlib.sha256(painted({PROMPT!r}).pixels.tobytes()).hexdigest())"
    )
    there = subprocess.run(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=".",
    )
    assert (
        there.stdout.strip() == hashlib.sha256(painted(PROMPT).pixels.tobytes()).hexdigest()
    )


def test_a_session_repeats_itself_byte_by_byte() -> None:
    def sitting() -> list[bytes]:
        painter = Painter()
        prompts = ("ocean at noon", "forest at night", "forest at night")
        return [
            painter.paint(wish(prompt, session="s", moment_s=0.1 * at)).pixels.tobytes()
            for at, prompt in enumerate(prompts)
        ]

    assert sitting() == sitting()


@pytest.mark.parametrize(
    ("width", "height"), [(64, 64), (64, 320), (333, 77), (257, 129), (640, 64), (65, 1000)]
)
@pytest.mark.parametrize(
    "prompt",
    [
        "storm, fire, forest, lake, flowers, moon, sun, snow, birds, candle, lotus, river",
        "mandala, aurora, city, volcano, beach, island, comet, rainbow, galaxy, petals",
        "zxcvb",
    ],
)
def test_any_size_and_shape_is_painted(prompt: str, width: int, height: int) -> None:
    picture = painted(prompt, width=width, height=height).pixels
    assert picture.shape == (height, width, 3)
    assert picture.std() > 8


@pytest.mark.slow
def test_the_largest_picture_is_painted() -> None:
    assert painted(PROMPT, width=2048, height=2048).pixels.shape == (2048, 2048, 3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("width", 63),
        ("height", 2049),
        ("steps", 0),
        ("steps", 51),
        ("guidance_scale", -0.1),
        ("guidance_scale", nan),
        ("motion", 1.5),
        ("arousal", nan),
        ("valence", -2.0),
        ("moment_s", nan),
        ("moment_s", inf),
        ("prompt", "x" * 2001),
        ("negative_prompt", "x" * 2001),
        ("palette", ((0.0, 0.5, 1.5),)),
        ("palette", ((0.0, nan, 0.5),)),
    ],
)
def test_a_bad_wish_is_refused_by_its_field(field: str, value: object) -> None:
    with pytest.raises(WishError) as refused:
        Painter().paint(msgspec.structs.replace(wish("sea"), **{field: value}))
    assert refused.value.field == field


def test_a_refused_wish_leaves_the_session_as_it_was() -> None:
    one, other = Painter(), Painter()
    for painter in (one, other):
        painter.paint(wish("ocean at noon", session="s"))
    with pytest.raises(WishError):
        one.paint(wish("fire", session="s", steps=99, moment_s=0.1))
    frames = [p.paint(wish("fire", session="s", moment_s=0.2)).pixels for p in (one, other)]
    assert np.array_equal(frames[0], frames[1])


@pytest.mark.parametrize("seed", [-1, 0, 2**31, 2**64 + 3])
def test_any_seed_will_do(seed: int) -> None:
    assert painted("sea", seed=seed).seed == seed


def test_the_first_frame_of_a_session_shows_its_wish_at_once() -> None:
    alone = painted("forest at night", moment_s=3.0).pixels
    first = painted("forest at night", moment_s=3.0, session="s").pixels
    assert np.array_equal(alone, first)


def test_a_session_glides_on_from_its_own_memory() -> None:
    painter = Painter()
    noon = painter.paint(wish("ocean at noon", session="s")).pixels
    painter.paint(wish("forest at night", session="t"))
    soon = painter.paint(wish("forest at night", session="s", moment_s=0.1)).pixels
    night = painted("forest at night", moment_s=0.1).pixels

    assert distance(soon, noon) < 0.25 * distance(soon, night)


def test_a_forgotten_session_starts_afresh() -> None:
    painter = Painter()
    painter.paint(wish("ocean at noon", session="s"))
    painter.forget("s")
    painter.forget("never seen")
    fresh = painter.paint(wish("forest at night", session="s", moment_s=0.1)).pixels
    assert np.array_equal(fresh, painted("forest at night", moment_s=0.1).pixels)


def test_the_session_unused_for_longest_is_forgotten_first() -> None:
    painter = Painter(sessions_kept=2)
    for session in ("old", "kept", "old", "new"):  # `kept` is now the oldest
        painter.paint(wish("ocean at noon", session=session))
    night = wish("forest at night", moment_s=0.1)
    fresh = painted("forest at night", moment_s=0.1).pixels

    assert not np.array_equal(
        painter.paint(wish("forest at night", moment_s=0.1, session="old")).pixels, fresh
    )
    assert np.array_equal(
        painter.paint(wish(night.prompt, moment_s=0.1, session="kept")).pixels, fresh
    )


def test_time_that_goes_back_holds_the_picture() -> None:
    painter = Painter()
    first = painter.paint(wish("ocean at noon", session="s", moment_s=5.0)).pixels
    back = painter.paint(wish("ocean at noon", session="s", moment_s=1.0)).pixels
    assert np.array_equal(first, back)

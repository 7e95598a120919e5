"""The painter: wishes in, paintings out; remembers each session's last scene.

A crash forgets the memories: the next frame of a session shows its scene at once.
"""

from collections import OrderedDict
from math import isfinite

import msgspec
import numpy as np

from actors.generator.painter.compose import compose
from actors.generator.painter.glide import flowing, glide
from actors.generator.painter.reading import read
from actors.generator.painter.render import render
from actors.generator.painter.scene import TRAITS, Scene
from protocols.errors import WishError
from protocols.pictures import Painting, PictureWish

SMALLEST_PX, LARGEST_PX = 64, 2048
LONGEST_PROMPT = 2000
"""Characters, of either prompt."""

SESSIONS_KEPT = 1024
"""Memories kept; the one unused for longest goes first. A memory has about 2 kB."""

_BOUNDS = (
    ("width", SMALLEST_PX, LARGEST_PX),
    ("height", SMALLEST_PX, LARGEST_PX),
    ("steps", 1, 50),
    ("guidance_scale", 0, 15),
    ("motion", 0, 1),
    ("arousal", -1, 1),
    ("valence", -1, 1),
)


class _Memory(msgspec.Struct, frozen=True, eq=False):
    """The last frame of a session."""

    scene: Scene
    moment_s: float


class Painter:
    """Fills `protocols.ports.Generator`; one thread at a time."""

    model = "phosphene-painter"

    def __init__(self, sessions_kept: int = SESSIONS_KEPT) -> None:
        self._kept = sessions_kept
        self._memories: OrderedDict[str, _Memory] = OrderedDict()

    def paint(self, wish: PictureWish) -> Painting:
        """Paint a wish; in a session, glide on from its last frame.

        Raises:
            WishError: a field is out of its range or not a number.
        """
        check(wish)
        scene = compose(wish)
        if wish.session:
            scene = self._onward(wish, scene)
        else:
            scene = flowing(scene, max(wish.moment_s, 0.0), wish.motion)
        pixels = render(scene, wish.width, wish.height, wish.seed)
        detail = float(scene.traits[TRAITS.index("detail")])
        return Painting(
            pixels=pixels,
            model=self.model,
            seed=wish.seed,
            effective_steps=max(round(detail * 50), 1),
            known_words=read(wish.prompt).known if wish.guidance_scale else (),
        )

    def forget(self, session: str) -> None:
        """Drop a session's memory; its next frame starts afresh. Unknown ones are fine."""
        self._memories.pop(session, None)

    def _onward(self, wish: PictureWish, goal: Scene) -> Scene:
        """Move this session's scene toward `goal` and remember where it is."""
        memory = self._memories.pop(wish.session, None)
        if memory is None:
            scene = flowing(goal, max(wish.moment_s, 0.0), wish.motion)
        else:
            passed_s = max(wish.moment_s - memory.moment_s, 0.0)
            scene = flowing(glide(memory.scene, goal, passed_s), passed_s, wish.motion)
        self._memories[wish.session] = _Memory(scene, wish.moment_s)
        while len(self._memories) > self._kept:
            self._memories.popitem(last=False)
        return scene


def check(wish: PictureWish) -> None:
    """Refuse what cannot be painted.

    Raises:
        WishError: names the first field that is wrong.
    """
    for name, low, high in _BOUNDS:
        value = getattr(wish, name)
        if not low <= value <= high:  # also refuses NaN
            raise WishError(name, f"{value!r} is not within {low} to {high}")
    for name in ("prompt", "negative_prompt"):
        if len(getattr(wish, name)) > LONGEST_PROMPT:
            raise WishError(name, f"longer than {LONGEST_PROMPT} characters")
    if not isfinite(wish.moment_s):
        raise WishError("moment_s", "is not a finite number")
    _check_palette(wish)


def _check_palette(wish: PictureWish) -> None:
    palette = np.asarray(wish.palette, np.float64)
    if palette.size and not bool(((palette >= 0) & (palette <= 1)).all()):
        raise WishError("palette", "every colour is three numbers within 0 to 1")

"""A guard against flashes: whatever paints, a session's pictures change brightness slowly.

WCAG 2.2 (success criterion 2.3.1) counts as a flash two opposite changes of relative
luminance by 0.1 or more, and allows three a second. Two changes of 0.1 are a travel of
0.2, so whoever travels at most 0.6 a second, everywhere in the picture, cannot flash more
than three times. A picture that would is mixed with the one before it, in linear light,
by just as much as that takes.

In: a painted picture and the second of the sitting. Out: the picture to show.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from protocols.pictures import Painting, PictureWish
from protocols.ports import Generator, Pixels

TRAVEL_PER_S = 0.6
"""Relative luminance, of 1."""

BLOCKS = 8
"""The picture is watched in 8 x 8 blocks."""

SAMPLES = 16
"""Pixels a side that are looked at in a block."""

LONGEST_STEP_S = 1.0
SHORTEST_STEP_S = 0.02

Light = npt.NDArray[np.float32]

_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709
_CODES = np.arange(256) / 255.0
_KNEE_CODE, _KNEE_LINEAR = 0.04045, 0.0031308  # IEC 61966-2-1, as all below
_TO_LINEAR = np.where(
    _CODES <= _KNEE_CODE, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4
).astype(np.float32)
_STEPS = 4096
_LINEAR = np.arange(_STEPS) / (_STEPS - 1.0)
_SRGB = np.where(
    _LINEAR <= _KNEE_LINEAR, 12.92 * _LINEAR, 1.055 * _LINEAR ** (1 / 2.4) - 0.055
)
_TO_CODE = np.round(255 * _SRGB).astype(np.uint8)


def luminance(pixels: Pixels) -> Light:
    """Mean relative luminance of each block, 0 to 1, shape (8, 8)."""
    height, width = pixels.shape[:2]
    rows = (np.arange(BLOCKS * SAMPLES) + 0.5) * (height / (BLOCKS * SAMPLES))
    columns = (np.arange(BLOCKS * SAMPLES) + 0.5) * (width / (BLOCKS * SAMPLES))
    seen = pixels[np.ix_(rows.astype(np.intp), columns.astype(np.intp))]
    light = _TO_LINEAR[seen] @ _WEIGHTS
    blocks: Light = light.reshape(BLOCKS, SAMPLES, BLOCKS, SAMPLES).mean(axis=(1, 3))
    return blocks


def mix(before: Pixels, after: Pixels, share: float) -> Pixels:
    """Mix two pictures in linear light; `share` of the second, 0 to 1."""
    old, new = _TO_LINEAR[before], _TO_LINEAR[after]
    mixed = old + np.float32(share) * (new - old)
    pixels: Pixels = _TO_CODE[(mixed * (_STEPS - 1) + 0.5).astype(np.uint16)]
    return pixels


@dataclass(frozen=True)
class _Shown:
    pixels: Pixels
    light: Light
    at_s: float


class FlashGuard:
    """Remembers what each session was shown last."""

    def __init__(self) -> None:
        self._shown: dict[str, _Shown] = {}

    def calm(self, session: str, pixels: Pixels, at_s: float) -> Pixels:
        """The picture to show, at most as far from the last as is safe.

        Args:
            session: whose.
            pixels: as painted.
            at_s: seconds of the sitting.
        """
        light = luminance(pixels)
        last = self._shown.get(session)
        if last is not None and last.pixels.shape == pixels.shape:
            step_s = min(LONGEST_STEP_S, max(SHORTEST_STEP_S, at_s - last.at_s))
            travel = float(np.abs(light - last.light).max())
            allowed = TRAVEL_PER_S * step_s
            if travel > allowed:
                pixels = mix(last.pixels, pixels, allowed / travel)
                pixels.flags.writeable = False
                light = luminance(pixels)
        self._shown[session] = _Shown(pixels, light, at_s)
        return pixels

    def forget(self, session: str) -> None:
        """A session ended."""
        self._shown.pop(session, None)


class Calm:
    """Fills `protocols.ports.Generator` with another one whose sessions do not flash."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._guard = FlashGuard()
        self.model = generator.model

    def paint(self, wish: PictureWish) -> Painting:
        """Make the picture; a session's is held to what its last one allows.

        Raises:
            WishError: the wish cannot be met.
        """
        painting = self._generator.paint(wish)
        if not wish.session:
            return painting
        calm = self._guard.calm(wish.session, painting.pixels, wish.moment_s)
        return replace(painting, pixels=calm)

    def forget(self, session: str) -> None:
        """Drop what was kept of a session."""
        self._generator.forget(session)
        self._guard.forget(session)

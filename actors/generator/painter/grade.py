"""Grading: linear light in, sRGB bytes out, through a film curve, with vignette and grain.

The curve, contrast and the sRGB step are one table; grain also breaks up banding.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from actors.generator.painter.canvas import Canvas
from actors.generator.painter.colour import Plane, srgb_of_linear
from actors.generator.painter.scene import Look

_BRIGHTEST = 4.0
"""Linear light that the table still tells apart."""

_STEPS = 8192
_TILE = 256


@lru_cache(maxsize=32)
def _curve(contrast: float) -> npt.NDArray[np.uint16]:
    """Make the table: square root of light -> sRGB in 256ths of a level."""
    light = (np.arange(_STEPS, dtype=np.float32) / (_STEPS - 1)) ** 2 * np.float32(
        _BRIGHTEST
    )
    knee = np.float32(0.62)
    over = np.maximum(light - knee, 0)
    span = np.float32(0.40)
    film = np.minimum(light, knee) + span * (1 - np.exp(-over / span))
    srgb = np.clip(srgb_of_linear(film), 0, 1)
    centred = (srgb - np.float32(0.42)) * np.float32(contrast) + np.float32(0.42)
    bent = np.clip(centred + (srgb - centred) * (2 * srgb - 1) ** 4, 0, 1)
    return (
        np.asarray(bent * (255 * 256 - 1) + 128, np.uint16)
        .clip(700, 64400)
        .astype(np.uint16)
    )


@lru_cache(maxsize=4)
def _grain(height: int, width: int, place: int) -> npt.NDArray[np.int16]:
    """Make film grain, in 256ths of a level, mean 0."""
    rng = np.random.default_rng(place)
    tile = rng.standard_normal((_TILE, _TILE)).astype(np.float32)
    tile += 0.5 * (np.roll(tile, 1, 0) + np.roll(tile, 1, 1))
    levels = np.clip(tile / tile.std() * 1.35 * 256, -640, 640)
    repeats = (-(-height // _TILE), -(-width // _TILE))
    return np.tile(levels.astype(np.int16), repeats)[:height, :width]


@lru_cache(maxsize=8)
def _corners(height: int, width: int) -> Plane:
    """Say how far in the corner each pixel is, 0 to 1."""
    x = np.linspace(-1, 1, width, dtype=np.float32)
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    corner = np.clip((x**2 + y**2) * np.float32(0.5), 0, 1)
    return np.asarray(corner**1.3, np.float32)


def graded(canvas: Canvas, look: Look, place: int) -> npt.NDArray[np.uint8]:
    """Develop the picture.

    Args:
        canvas: painted; its image is used up.
        look: contrast and vignette.
        place: which grain, a small number.

    Returns:
        sRGB, shape (height, width, 3), read-only.
    """
    height, width = canvas.height, canvas.width
    table = _curve(round(look.trait.contrast * 64) / 64)
    grain = _grain(height, width, place % 4)
    dimming = 1 - np.float32(look.trait.vignette) * _corners(height, width)
    dimming *= np.float32((_STEPS - 1) ** 2 / _BRIGHTEST)
    out = np.empty((height, width, 3), np.uint8)
    for channel, plane in enumerate(canvas.image):
        np.multiply(plane, dimming, out=plane)
        np.clip(plane, 0, (_STEPS - 1) ** 2, out=plane)
        np.sqrt(plane, out=plane)
        level = table.take(plane.astype(np.uint16))
        level += grain.view(np.uint16)
        level >>= 8
        out[..., channel] = level
    out.flags.writeable = False
    return out

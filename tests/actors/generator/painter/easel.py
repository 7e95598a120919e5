"""Small pictures and what can be measured on them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from actors.generator.painter.painter import Painter
from protocols.pictures import Painting, PictureWish

Figures = npt.NDArray[np.float64]
SIDE = 96
"""Pixels: large enough to see, small enough to be quick."""


def wish(prompt: str, **dials: object) -> PictureWish:
    """Wish for a small picture, with some dials set."""
    sized: dict[str, Any] = {"width": SIDE, "height": SIDE, **dials}
    return PictureWish(prompt=prompt, **sized)


def painted(prompt: str, **dials: object) -> Painting:
    """Paint a single small picture."""
    return Painter().paint(wish(prompt, **dials))


def colours(prompt: str, **dials: object) -> Figures:
    """Paint; give sRGB 0 to 1, shape (height, width, 3)."""
    return painted(prompt, **dials).pixels / 255.0


def light(pixels: npt.NDArray[Any]) -> Figures:
    """Give relative luminance 0 to 1 of sRGB bytes, shape (height, width)."""
    linear = np.where(
        pixels > 10, ((pixels / 255.0 + 0.055) / 1.055) ** 2.4, pixels / 3294.6
    )
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def distance(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> float:
    """Give the mean difference of two pictures, levels of 255."""
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def redness(picture: Figures) -> float:
    """Give the share of pixels that are red rather than anything else."""
    red, green, blue = np.moveaxis(picture, -1, 0)
    return float(((red > green * 1.2) & (red > blue * 1.2)).mean())

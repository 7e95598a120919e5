"""The palette: colours of the chosen words, mixed in OKLab and bent by the mood.

OKLab (Ottosson 2020) is near enough to uniform that the middle of two colours is what an
eye takes for the middle, and lightness can be moved without changing the hue.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from protocols.pictures import Colour

Oklab = npt.NDArray[np.float64]
"""Lightness, green-red, blue-yellow; shape (..., 3)."""

TINT = 0.3
"""How far the strongest colour word pulls the other colours."""

PLEASANT_LIGHTNESS = 0.06
AROUSED_CHROMA = 0.25
"""Gain of lightness at valence 1, and of chroma at arousal 1."""

_SRGB_TOE, _LINEAR_TOE = 0.04045, 0.0031308
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LAB: list[list[float]] = np.linalg.inv(_TO_LAB).tolist()
_FROM_LMS: list[list[float]] = np.linalg.inv(_TO_LMS).tolist()


def oklab_of_hex(colour: str) -> Oklab:
    """Turn `#rrggbb` into OKLab, shape (3,)."""
    srgb = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)]) / 255.0
    linear = np.where(srgb <= _SRGB_TOE, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(_TO_LAB @ np.cbrt(_TO_LMS @ linear))


def srgb_of(lab: Oklab) -> tuple[Colour, ...]:
    """Turn OKLab rows into sRGB, each 0 to 1; what no screen can show is clipped.

    A palette is too small for arrays: floats take half of their time.
    """
    return tuple([_srgb(*colour) for colour in lab.tolist()])


def _srgb(lightness: float, green_red: float, blue_yellow: float) -> Colour:
    roots = [x * lightness + y * green_red + z * blue_yellow for x, y, z in _FROM_LAB]
    long, medium, short = [root * root * root for root in roots]
    red, green, blue = [
        _encoded(x * long + y * medium + z * short) for x, y, z in _FROM_LMS
    ]
    return red, green, blue


def _encoded(linear: float) -> float:
    if linear <= _LINEAR_TOE:
        return 12.92 * max(linear, 0.0)
    return 1.055 * math.pow(min(linear, 1.0), 1 / 2.4) - 0.055


def mixed(
    colours: Sequence[Oklab] | Oklab, tint: Oklab, tint_weight: float, mood: Sequence[float]
) -> Oklab:
    """Mix a palette.

    Args:
        colours: one OKLab colour a slot, first the strongest.
        tint: the colour that pulls the others.
        tint_weight: 0 to 1, how strongly its word speaks.
        mood: arousal and valence, each -1 to 1.

    Returns:
        OKLab, shape (slots, 3).
    """
    arousal, valence = mood
    share, chroma = TINT * tint_weight, 1.0 + AROUSED_CHROMA * arousal
    lighter = PLEASANT_LIGHTNESS * valence
    to_lightness, to_a, to_b = tint.tolist()
    return np.array(
        [
            (
                lightness + share * (to_lightness - lightness) + lighter,
                chroma * (a + share * (to_a - a)),
                chroma * (b + share * (to_b - b)),
            )
            for lightness, a, b in np.asarray(colours).tolist()
        ]
    )

"""The palette: colours of the chosen words, mixed in OKLab and bent by the mood.

OKLab (Ottosson 2020) is near enough to uniform that the middle of two colours is what an
eye takes for the middle, and lightness can be moved without changing the hue.
"""

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
_FROM_LAB = np.linalg.inv(_TO_LAB).T
_FROM_LMS = np.linalg.inv(_TO_LMS).T


def oklab_of_hex(colour: str) -> Oklab:
    """Turn `#rrggbb` into OKLab, shape (3,)."""
    srgb = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)]) / 255.0
    linear = np.where(srgb <= _SRGB_TOE, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(_TO_LAB @ np.cbrt(_TO_LMS @ linear))


def srgb_of(lab: Oklab) -> tuple[Colour, ...]:
    """Turn OKLab rows into sRGB, each 0 to 1; what no screen can show is clipped."""
    linear = ((lab @ _FROM_LAB) ** 3) @ _FROM_LMS
    linear = np.minimum(np.maximum(linear, 0.0), 1.0)  # np.clip takes thrice the time
    toe = linear <= _LINEAR_TOE
    srgb = np.where(toe, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return tuple((r, g, b) for r, g, b in srgb.tolist())


def mixed(
    colours: Sequence[Oklab], tint: Oklab, tint_weight: float, mood: Sequence[float]
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
    lab = np.array(colours)
    lab += TINT * tint_weight * (tint - lab)
    chroma = 1.0 + AROUSED_CHROMA * arousal
    lab *= (1.0, chroma, chroma)
    lab[:, 0] += PLEASANT_LIGHTNESS * valence
    return lab

"""Colour arithmetic: sRGB and hex in, OKLab for mixing, linear light for painting.

Mixing happens in OKLab (even steps to the eye), light adds up in linear sRGB, and only
the last step of a picture goes back to sRGB bytes.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Plane: TypeAlias = npt.NDArray[np.floating[Any]]
"""An array of real numbers, float32 wherever it is large; shapes are in the docstrings."""

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
_FROM_LAB = np.linalg.inv(_TO_LAB.astype(np.float64)).astype(np.float32)
_FROM_LMS = np.linalg.inv(_TO_LMS.astype(np.float64)).astype(np.float32)


def _by(matrix: Plane, colours: Plane) -> Plane:
    """Multiply `(..., 3)` colours by a 3 x 3 matrix, without BLAS and its threads."""
    mixed: Plane = np.einsum("ij,...j->...i", matrix, colours)
    return mixed


def linear_of_srgb(srgb: Plane) -> Plane:
    """Undo the sRGB curve; 0 to 1 in, 0 to 1 out, any shape."""
    low = srgb / np.float32(12.92)
    high = ((srgb + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(srgb <= 0.04045, low, high).astype(np.float32)  # noqa: PLR2004 - sRGB


def srgb_of_linear(linear: Plane) -> Plane:
    """Apply the sRGB curve; 0 to 1 in, 0 to 1 out, any shape."""
    low = linear * np.float32(12.92)
    high = np.float32(1.055) * np.maximum(linear, 0) ** np.float32(1 / 2.4) - np.float32(
        0.055
    )
    return np.where(linear <= 0.0031308, low, high).astype(np.float32)  # noqa: PLR2004 - sRGB


def lab_of_linear(linear: Plane) -> Plane:
    """Turn linear sRGB `(..., 3)` into OKLab `(..., 3)`."""
    return _by(_TO_LAB, np.cbrt(_by(_TO_LMS, linear)))


def linear_of_lab(lab: Plane) -> Plane:
    """Turn OKLab `(..., 3)` into linear sRGB `(..., 3)`, never below 0."""
    return np.maximum(_by(_FROM_LMS, _by(_FROM_LAB, lab) ** 3), np.float32(0))


def lab_of_srgb(srgb: npt.ArrayLike) -> Plane:
    """Turn sRGB `(..., 3)`, each 0 to 1, into OKLab."""
    return lab_of_linear(linear_of_srgb(np.asarray(srgb, np.float32)))


def lab_of_hex(code: str) -> Plane:
    """Turn `#rrggbb` into OKLab, shape (3,)."""
    return lab_of_srgb([int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def ramp(stops: Plane, places: Sequence[float], at: Plane) -> Plane:
    """Blend colours along a line, in OKLab.

    Args:
        stops: OKLab, shape (k, 3).
        places: where the stops are, ascending, shape (k,).
        at: where to look, any shape.

    Returns:
        Linear sRGB, shape (3, *at.shape).
    """
    lab = np.stack([np.interp(at, places, stops[:, c]) for c in range(3)], axis=-1)
    linear = linear_of_lab(lab.astype(np.float32))
    return np.ascontiguousarray(np.moveaxis(linear, -1, 0))

"""The canvas: linear light at full size, a coarse grid for soft things; mixing.

A picture's unit of length is its height: `up` runs from 0 (bottom) to 1 (top), `x` from
minus half the aspect to plus half. Soft fields are painted coarsely and stretched.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from actors.generator.painter.colour import Plane

Index = npt.NDArray[np.intp]


class Grid:
    """Where the pixels of a raster are; shared between pictures, never written to."""

    def __init__(self, width: int, height: int, aspect: float) -> None:
        self.width, self.height = width, height
        self.x: Plane = (((np.arange(width) + 0.5) / width - 0.5) * aspect).astype(
            np.float32
        )
        """Shape (width,)."""
        self.up: Plane = (1 - (np.arange(height) + 0.5) / height).astype(np.float32)[
            :, None
        ]
        """Shape (height, 1)."""
        self._polar: tuple[Plane, Plane] | None = None

    def polar(self) -> tuple[Plane, Plane]:
        """Give distance from the middle and angle in turns, shapes (height, width)."""
        if self._polar is None:
            y = self.up - np.float32(0.5)
            radius = np.hypot(self.x, y)
            turns = np.arctan2(y, self.x) / np.float32(2 * np.pi)
            self._polar = radius.astype(np.float32), turns.astype(np.float32)
        return self._polar


@lru_cache(maxsize=12)
def grid(width: int, height: int, aspect: float) -> Grid:
    """Give the grid of a raster; a few are kept."""
    return Grid(width, height, aspect)


@lru_cache(maxsize=48)
def _stretch_weights(small: int, large: int) -> tuple[Index, Index, Plane]:
    at = (np.arange(large) + 0.5) * small / large - 0.5
    lower = np.clip(np.floor(at), 0, max(small - 2, 0)).astype(np.intp)
    share = np.clip(at - lower, 0, 1).astype(np.float32)
    return lower, np.minimum(lower + 1, small - 1), share


def stretch(field: Plane, height: int, width: int) -> Plane:
    """Enlarge `(..., h, w)` to `(..., height, width)`, bilinearly: columns, then rows."""
    if field.shape[-2:] == (height, width):
        return field
    low, high, share = _stretch_weights(field.shape[-1], width)
    wide = field.take(low, axis=-1)
    wide += (field.take(high, axis=-1) - wide) * share
    low, high, share = _stretch_weights(field.shape[-2], height)
    tall = wide.take(high, axis=-2)
    below = wide.take(low, axis=-2)
    tall -= below
    tall *= share[:, None]
    tall += below
    return tall


class Canvas:
    """One picture being painted."""

    def __init__(self, width: int, height: int, detail: float) -> None:
        """Prepare an empty canvas.

        Args:
            width: pixels.
            height: pixels.
            detail: 0 to 1; sets how coarse the coarse grid is.
        """
        aspect = width / height
        self.width, self.height, self.aspect, self.detail = width, height, aspect, detail
        self.fine = grid(width, height, aspect)
        short = min(width, height)
        share = min((60 + 150 * detail) / short + 0.1 * detail, 1.0)
        self.soft = grid(
            max(round(width * share), 8), max(round(height * share), 8), aspect
        )
        self.image: Plane = np.zeros((3, height, width), np.float32)
        """Linear sRGB light, shape (3, height, width)."""
        self.veil: Plane = np.zeros((self.soft.height, self.soft.width), np.float32)
        """How much of the sky clouds hide, on the coarse grid."""

    def row(self, up: float) -> int:
        """Give the first pixel row below a height."""
        return int(np.clip(round((1 - up) * self.height), 0, self.height))

    def stretched(self, field: Plane) -> Plane:
        """Bring a field of the coarse grid to full size."""
        return stretch(field, self.height, self.width)

    def window(self, x: float, up: float, radius: float) -> tuple[slice, slice]:
        """Give the rows and columns around a spot, cut at the edges."""
        column, line = (x / self.aspect + 0.5) * self.width, (1 - up) * self.height
        reach = radius * self.height + 1
        rows = slice(max(int(line - reach), 0), max(int(line + reach) + 1, 0))
        return rows, slice(max(int(column - reach), 0), max(int(column + reach) + 1, 0))


def smooth(low: float, high: float, value: Plane) -> Plane:
    """Step softly from 0 at `low` to 1 at `high`."""
    share = np.clip((value - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    result: Plane = share * share * (3 - 2 * share)
    return result


def lay(image: Plane, colour: Plane, alpha: Plane) -> None:
    """Cover `image` (3, h, w), in place, with a colour (3,) or picture (3, h, w)."""
    for plane, paint in zip(image, colour, strict=True):
        change = paint - plane
        change *= alpha
        np.add(plane, change, out=plane)


def shine(image: Plane, colour: Plane, amount: Plane) -> None:
    """Add light of a colour (3,) to `image` (3, h, w), in place."""
    for plane, paint in zip(image, colour, strict=True):
        np.add(plane, amount * paint, out=plane)

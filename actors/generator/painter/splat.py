"""Splatting: many small things at once, without a loop over them."""

import numpy as np

from actors.generator.painter.canvas import Canvas, Index
from actors.generator.painter.colour import Plane


def cells(
    canvas: Canvas, x: Plane, up: Plane, reach: int
) -> tuple[Plane, Plane, Index, Plane]:
    """Give the pixels around each of n spots.

    Args:
        canvas: where.
        x: places, heights, shape (n,).
        up: places, heights, shape (n,).
        reach: pixels to each side.

    Returns:
        Offsets across and up from the spot in pixels, flat pixel indices, and 1 inside the
        picture or 0 outside; each broadcastable to (n, k, k), k = 2 * reach + 1.
    """
    column = (x / canvas.aspect + 0.5) * canvas.width - 0.5
    line = (1 - up) * canvas.height - 0.5
    left, top = np.round(column), np.round(line)
    step = np.arange(-reach, reach + 1, dtype=np.float32)
    columns = left[:, None, None] + step
    lines = top[:, None, None] + step[:, None]
    inside = ((columns >= 0) & (columns < canvas.width)).astype(np.float32)
    inside = inside * ((lines >= 0) & (lines < canvas.height))
    flat = np.clip(lines, 0, canvas.height - 1) * canvas.width
    index = (flat + np.clip(columns, 0, canvas.width - 1)).astype(np.intp)
    return columns - column[:, None, None], line[:, None, None] - lines, index, inside


def dots(canvas: Canvas, x: Plane, up: Plane, sigma_px: float, colours: Plane) -> None:
    """Add soft dots of light.

    Args:
        canvas: what to paint on.
        x: places, heights, shape (n,).
        up: places, heights, shape (n,).
        sigma_px: softness, pixels.
        colours: linear light at the centre, shape (3, n).
    """
    if x.size == 0:
        return
    sigma = max(sigma_px, 0.45)
    across, upward, index, inside = cells(canvas, x, up, max(int(2.6 * sigma), 1))
    fall = np.float32(-0.5 / sigma**2)
    glow = np.exp(across**2 * fall) * np.exp(upward**2 * fall) * inside
    for plane, strength in zip(canvas.image.reshape(3, -1), colours, strict=True):
        np.add.at(plane, index.ravel(), (glow * strength[:, None, None]).ravel())


def stamp(image: Plane, index: Index, alpha: Plane, colours: Plane) -> None:
    """Cover pixels, later items over earlier ones.

    Args:
        image: shape (3, h, w).
        index: flat pixel indices, shape (n, k, k).
        alpha: 0 to 1, shape (n, k, k).
        colours: linear light, shape (3, n, k, k) or broadcastable.
    """
    keep = alpha > 0.02  # noqa: PLR2004 - not visible
    where, cover = index[keep], alpha[keep]
    for plane, paint in zip(image.reshape(3, -1), colours, strict=True):
        full = np.broadcast_to(paint, alpha.shape)[keep]
        below = plane[where]
        plane[where] = below + (full - below) * cover

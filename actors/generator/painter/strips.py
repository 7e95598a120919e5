"""Strips: long drawn bands of trees, grass and houses, cut out of when a ridge needs them.

A strip repeats sideways. It is drawn once, at its finest, and halved for smaller pictures.
"""

from functools import lru_cache

import numpy as np

from actors.generator.painter.colour import Plane
from actors.generator.painter.noise import texture

TALL, LONG = 192, 2048
"""Samples of a strip at its finest, up and along."""

RUN = LONG / TALL
"""Length of a strip in its own heights."""


@lru_cache(maxsize=24)
def strip(kind: str, halvings: int = 0) -> tuple[Plane, Plane]:
    """Give cover and shade of a strip, the ground at row 0.

    Args:
        kind: "forest" (conifers), "trees" (crowns), "bare", "grass" or "city".
        halvings: 0 to 4.

    Returns:
        Cover 0 to 1 and shade 0 to 1, each of shape (TALL >> halvings, LONG >> halvings).
    """
    if halvings:
        cover, shade = (_half(part) for part in strip(kind, halvings - 1))
    else:
        rng = np.random.default_rng(sum(map(ord, kind)))
        cover = np.zeros((TALL, LONG), np.float32)
        shade = np.full((TALL, LONG), 0.4, np.float32)
        _DRAW[kind](cover, shade, rng)
    cover.flags.writeable = shade.flags.writeable = False
    return cover, shade


def _half(part: Plane) -> Plane:
    tall, long = part.shape
    halved = part.reshape(tall // 2, 2, long // 2, 2)
    return np.asarray(halved.mean((1, 3), dtype=np.float32))


def _put(
    layer: tuple[Plane, Plane], centre: float, half: int, drawn: tuple[Plane, Plane]
) -> None:
    """Lay a drawn thing over a strip, round the end."""
    columns = (int(centre) + np.arange(-half, half + 1)) % LONG
    rows = drawn[0].shape[0]
    for target, part in zip(layer, drawn, strict=True):
        old = target[:rows, columns]
        new = np.maximum(old, part) if target is layer[0] else old + (part - old) * drawn[0]
        target[:rows, columns] = new


def _conifers(cover: Plane, shade: Plane, rng: np.random.Generator) -> None:
    for _ in range(120):
        tall = int(TALL * (0.45 + 0.54 * rng.random() ** 1.6))
        half = int(tall * (0.15 + 0.07 * rng.random()))
        up = (np.arange(tall, dtype=np.float32) / tall)[:, None]
        across = np.arange(-half, half + 1, dtype=np.float32)
        tiers = 9 + 6 * rng.random()
        droop = np.abs(across) / half * 0.055
        saw = (up + droop) * tiers + 0.35 * np.sign(across) + rng.random()
        wide = (1 - up) ** 0.85 * (0.62 + 0.42 * (1 - saw % 1)) * half
        wide += rng.standard_normal((tall, 1)).astype(np.float32) * 0.035 * half * (1 - up)
        wide = np.where(up < 0.07, half * 0.1, wide)  # noqa: PLR2004 - the trunk
        body = np.clip(wide - np.abs(across) + 0.5, 0, 1)
        tone = 0.3 + 0.3 * (saw % 1) + 0.15 * across / half + 0.25 * (rng.random() - 0.5)
        _put((cover, shade), rng.random() * LONG, half, (body, tone.astype(np.float32)))


def _crowns(cover: Plane, shade: Plane, rng: np.random.Generator) -> None:
    rough = texture("grain")[:-1, :-1]
    for _ in range(58):
        tall = int(TALL * (0.55 + 0.43 * rng.random()))
        half = int(tall * (0.36 + 0.12 * rng.random()))
        up = np.arange(tall, dtype=np.float32)[:, None]
        across = np.arange(-half, half + 1, dtype=np.float32)
        bole = tall * (0.012 + 0.016 * (1 - up / tall) ** 3) - np.abs(across)
        body = np.clip(bole + 0.5, 0, 1) * (up < tall * 0.55)
        tone = np.full((tall, 2 * half + 1), 0.06, np.float32)
        for _ in range(15):
            angle, reach = rng.random() * 2 * np.pi, rng.random() ** 0.6
            x0 = float(np.cos(angle) * reach * half * 0.58)
            y0 = float(tall * (0.56 + 0.28 * np.sin(angle) * reach))
            size = float(tall * (0.09 + 0.08 * rng.random()))
            leaves = rough[int(rng.integers(256)) :, int(rng.integers(256)) :]
            _leafy(body, tone, leaves, (half + x0, y0, size))
        drawn = body.astype(np.float32), tone.astype(np.float32)
        _put((cover, shade), rng.random() * LONG, half, drawn)


def _leafy(
    body: Plane, tone: Plane, leaves: Plane, blob: tuple[float, float, float]
) -> None:
    """Add one rough ball of leaves, lit from above, to a crown."""
    x0, y0, size = blob
    reach = size * 1.5
    rows = slice(max(int(y0 - reach), 0), min(int(y0 + reach), body.shape[0]))
    columns = slice(max(int(x0 - reach), 0), min(int(x0 + reach), body.shape[1]))
    up = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] - np.float32(y0)
    across = np.arange(columns.start, columns.stop, dtype=np.float32) - np.float32(x0)
    leafy = leaves[: up.size, : across.size]
    inside = np.clip((size * (1 + leafy * 0.17) - np.hypot(across, up)) * 0.6 + 0.5, 0, 1)
    lit = np.clip(0.5 + up / size * 0.28 + across / size * 0.12 + leafy * 0.1, 0.05, 1)
    view = tone[rows, columns]
    view += (lit - view) * inside
    np.maximum(body[rows, columns], inside, out=body[rows, columns])


def _bare(cover: Plane, shade: Plane, rng: np.random.Generator) -> None:
    """Draw leafless trees by letting branches fork."""
    del shade
    for _ in range(46):
        tall = TALL * (0.5 + 0.45 * rng.random())
        shoots = [(rng.random() * LONG, 0.0, 0.0, tall * 0.3, tall * 0.02)]
        for _ in range(6):
            shoots = [child for shoot in shoots for child in _grow(cover, shoot, rng)]


def _grow(
    cover: Plane, shoot: tuple[float, float, float, float, float], rng: np.random.Generator
) -> list[tuple[float, float, float, float, float]]:
    x, y, lean, length, thick = shoot
    steps = max(int(length), 2)
    run = np.arange(steps) / steps
    bend = lean + 0.25 * (rng.random() - 0.5) * run
    rows = np.clip(y + np.cos(bend) * length * run, 0, TALL - 1)
    columns = x + np.sin(bend) * length * run
    for offset in range(int(thick) + 1):
        place = (columns + offset - thick / 2).astype(int) % LONG
        cover[rows.astype(int), place] = np.maximum(
            cover[rows.astype(int), place], min(thick, 1.0)
        )
    spread = 0.28 + 0.25 * rng.random()
    return [
        (columns[-1], rows[-1], bend[-1] + turn, length * 0.74, thick * 0.66)
        for turn in (-spread, spread * (0.6 + 0.6 * rng.random()))
    ]


def _blades(cover: Plane, shade: Plane, rng: np.random.Generator) -> None:
    for _ in range(700):
        tall = int(TALL * (0.25 + 0.7 * rng.random() ** 2))
        lean = (rng.random() - 0.5) * tall * 0.7
        half = int(abs(lean) / 2) + 4
        up = (np.arange(tall, dtype=np.float32) / tall)[:, None]
        across = np.arange(-half, half + 1, dtype=np.float32)
        off = np.abs(across - np.float32(lean) * (up**2 - np.float32(0.5)))
        body = np.clip((1 - up) * np.float32(1.3 + 1.7 * rng.random()) - off + 0.4, 0, 1)
        tone = up * np.float32(0.6 * rng.random()) + np.full_like(across, 0.15)
        _put((cover, shade), rng.random() * LONG, half, (body, tone))


def _houses(cover: Plane, shade: Plane, rng: np.random.Generator) -> None:
    """Draw towers with lit windows; a lit window has shade 1."""
    at = 0
    shade[...] = 0.1
    while at < LONG - 12:
        wide = int(rng.integers(16, 46))
        tall = int(TALL * (0.16 + 0.8 * rng.random() ** 2.6))
        end = min(at + wide, LONG)
        cover[:tall, at:end] = 1
        if rng.random() < 0.2 and tall < TALL - 26:  # noqa: PLR2004 - one in five has a mast
            cover[tall : tall + 22, at + wide // 2 : at + wide // 2 + 2] = 1
        for floor in range(6, tall - 5, 7):
            for window in range(at + 3, end - 4, 6):
                if rng.random() < 0.36:  # noqa: PLR2004 - who is at home
                    shade[floor : floor + 3, window : window + 3] = 0.7 + 0.3 * rng.random()
        at += wide + int(rng.integers(-4, 5))


_DRAW = {
    "forest": _conifers,
    "trees": _crowns,
    "bare": _bare,
    "grass": _blades,
    "city": _houses,
}


def cut(kind: str, along: Plane, up: Plane, pixels: float) -> tuple[Plane, Plane]:
    """Cut a piece out of a strip.

    Args:
        kind: which strip.
        along: strip heights sideways, shape (w,).
        up: strip heights above the ground, shape (h, w).
        pixels: how tall the strip will be in the picture; chooses how fine to look.

    Returns:
        Cover and shade, each of shape (h, w); no cover below the ground.
    """
    halvings = int(np.clip(np.log2(TALL / max(pixels, 1.0)) + 0.35, 0, 4))
    cover, shade = strip(kind, halvings)
    tall, long = cover.shape
    columns = (along * np.float32(tall)).astype(np.int64) % long
    rows = up * np.float32(tall)
    row = np.clip(rows, 0, tall - 1).astype(np.intp)
    at = row * long + columns
    found = cover.ravel().take(at, mode="wrap")
    if TALL >> halvings < pixels * 2:
        above = cover.ravel().take(np.minimum(row + 1, tall - 1) * long + columns)
        found = found + (above - found) * np.clip(rows - row, 0, 1)
    found = found * ((rows >= 0) & (rows < tall - 1))
    return found.astype(np.float32), shade.ravel().take(at, mode="wrap")


__all__ = ["RUN", "cut", "strip"]

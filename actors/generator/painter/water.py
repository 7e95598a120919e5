"""Water: a mirror for what stands above it, bent by ripples, with the light's path on it.

Seen on a plane that runs to the horizon. Comes after all that is mirrored.
"""

import numpy as np

from actors.generator.painter.canvas import Canvas, lay, shine, smooth
from actors.generator.painter.colour import Plane, linear_of_lab
from actors.generator.painter.noise import along, level, sample_nearest
from actors.generator.painter.scene import Look
from actors.generator.painter.sky import TINY


def paint_water(canvas: Canvas, look: Look) -> None:
    """Fill everything below the horizon with water, or a river's bed."""
    weight = look.weight
    open_water = max(weight["lake"], weight["ocean"])
    if max(open_water, weight["river"]) <= TINY:
        return
    top = canvas.row(look.trait.horizon)
    if top >= canvas.height or top < 2:  # noqa: PLR2004 - nothing to mirror
        return
    depth = np.float32(look.trait.horizon) - canvas.fine.up[top:]
    depth = np.maximum(depth, np.float32(0.5 / canvas.height))
    waves = _waves(canvas, look, depth)
    mirrored = _mirror(canvas, look, depth, waves, top)
    _colour(mirrored, look, depth, waves)
    _path(mirrored, canvas, look, depth, waves)
    alpha = _shape(canvas, look, depth, open_water)
    view = canvas.image[:, top:]
    if weight["beach"] > TINY:
        alpha = alpha * _strand(view, canvas, look, depth)
    view += (mirrored - view) * alpha


def _waves(canvas: Canvas, look: Look, depth: Plane) -> tuple[Plane, Plane]:
    """Give two moving wave fields on the plane, deviation about 1."""
    far = 1 / (depth + np.float32(0.11))
    x = canvas.fine.x * far
    time = look.ripple
    near = np.log(depth + np.float32(0.05))
    side = level(canvas.height)
    wide = 0.1 + 0.05 * look.weight["ocean"]
    first = sample_nearest(
        "swell", x * np.float32(wide) + np.float32(40 + time * 0.004),
        near * np.float32(0.62) + np.float32(40 - time * 0.012), side,
    )  # fmt: skip
    second = sample_nearest(
        "swell", x * np.float32(wide * 1.9) + np.float32(40 - time * 0.006),
        near * np.float32(1.5) + np.float32(40.4 - time * 0.02), side,
    )  # fmt: skip
    return first, second


def _mirror(
    canvas: Canvas, look: Look, depth: Plane, waves: tuple[Plane, Plane], top: int
) -> Plane:
    chop = look.trait.chop
    height = np.float32(canvas.height)
    bend = (waves[0] + 0.6 * waves[1]) * (depth + np.float32(0.012))
    bend *= np.float32(0.14 * chop + 0.22 * chop * look.weight["ocean"]) * height
    rows = np.arange(canvas.height - top, dtype=np.float32)[:, None]
    source = np.clip(top - 1 - rows - bend, 0, top - 1).astype(np.intp)
    columns = np.arange(canvas.width, dtype=np.float32) + bend * np.float32(0.12)
    source *= canvas.width
    source += np.clip(columns, 0, canvas.width - 1).astype(np.intp)
    flat = canvas.image.reshape(3, -1)
    return np.stack([plane.take(source, mode="wrap") for plane in flat])


def _colour(mirrored: Plane, look: Look, depth: Plane, waves: tuple[Plane, Plane]) -> None:
    """Let the deep show through where one looks down into it."""
    ocean = look.weight["ocean"]
    steep = np.clip(depth * np.float32(1.9 + ocean), 0, 1)
    clear = np.float32(0.12) + steep * np.float32(0.36 + 0.3 * ocean)
    rough = look.trait.chop
    chop = np.float32(rough * (0.1 + 0.22 * ocean) + 0.25 * ocean * max(rough - 0.5, 0))
    slope = (waves[0] * np.float32(0.7) + waves[1] * np.float32(0.5)) * chop
    clear = np.clip(clear + slope, 0.04, 0.96)
    deep = look.light["deep"] * np.float32(0.9)
    lift = 1 + np.maximum(slope * np.float32(0.9), -0.8)
    lay(mirrored, deep[:, None, None] * lift, clear)
    if ocean > TINY:
        crest = smooth(1.5 - 0.9 * look.trait.chop, 2.6, waves[0] + 0.7 * waves[1])
        foam = crest * smooth(0.015, 0.2, depth)
        foam *= np.float32(ocean * 0.8 * max(look.trait.chop - 0.2, 0))
        lay(mirrored, look.light["lit"] * np.float32(0.9), foam)


def _path(
    mirrored: Plane, canvas: Canvas, look: Look, depth: Plane, waves: tuple[Plane, Plane]
) -> None:
    """Lay the glittering path below sun or moon."""
    for name, x, gain in (
        ("sun", look.trait.sun_x, 0.9),
        ("moon", look.trait.moon_x, 0.55),
    ):
        weight = look.weight[name]
        if weight <= TINY:
            continue
        wide = 0.035 + 0.05 * look.trait.chop + depth * np.float32(0.22)
        across = (canvas.fine.x - np.float32(x)) / wide
        spark = smooth(0.1, 1.9, waves[1] * np.float32(0.9) + waves[0] * np.float32(0.55))
        glint = np.exp(across**2 * np.float32(-0.5)) * (spark + np.float32(0.05))
        glint *= np.float32(gain * weight) * (
            1 - np.float32(0.75) * np.clip(depth * 2, 0, 1)
        )
        colour = look.light["light"] * np.float32(0.6) + look.light[name] * np.float32(0.4)
        shine(mirrored, colour, glint)


def paint_waterfall(canvas: Canvas, look: Look, rock: Plane) -> None:
    """Let water fall down the highest rock, with spray at its foot.

    Args:
        canvas: what to paint on.
        look: the scene.
        rock: height of the highest ridge over each column, shape (w,).
    """
    weight = look.weight["waterfall"]
    if weight <= TINY:
        return
    quarter = canvas.width // 4
    column = quarter + int(rock[quarter:-quarter].argmax())
    x = canvas.fine.x - canvas.fine.x[column]
    up = canvas.fine.up - np.float32(look.trait.horizon)
    head = (rock - np.float32(look.trait.horizon)) * np.float32(0.86 * weight)
    wide = np.float32(0.028) + np.maximum(0.3 - up, 0) * np.float32(0.06)
    run = np.float32(look.ripple * 0.05)
    threads = sample_nearest(
        "grain",
        x * np.float32(1.3) + 8,
        up * np.float32(0.11) + run + 4,
        level(canvas.height),
    )
    body = smooth(-0.012, 0.012, wide - np.abs(x) + threads * np.float32(0.004))
    body *= smooth(-0.01, 0.02, up) * smooth(-0.004, 0.012, head - up)
    tone = np.clip(np.float32(0.72) + threads * np.float32(0.16), 0.3, 1.1)
    white = look.light["lit"] * np.float32(0.75) + look.light["sky1"] * np.float32(0.25)
    lay(canvas.image, white[:, None, None] * tone, body * np.float32(0.9))
    spray = np.exp(-((x / np.float32(0.13)) ** 2) - ((up - 0.01) / np.float32(0.045)) ** 2)
    lay(canvas.image, white, spray * np.float32(0.7 * weight))


def _shape(canvas: Canvas, look: Look, depth: Plane, open_water: float) -> Plane:
    """Say where the water is: all of the plane, or a river that winds to the eye."""
    everywhere = np.float32(min(open_water * 1.2, 1.0) if not look.weight["river"] else 0.0)
    river = look.weight["river"]
    if river <= TINY:
        return np.full_like(depth, everywhere)
    far = np.log(depth * 9 + np.float32(0.12))
    centre = (along("hills", far * 0.1 + look.place[13]) - 0.5) * (depth * 2.4 + 0.12)
    wide = (depth * np.float32(0.42) + np.float32(0.008)) * np.float32(river)
    inside = wide - np.abs(canvas.fine.x - centre.astype(np.float32))
    bed: Plane = np.clip(inside * np.float32(canvas.height * 0.5) + np.float32(0.5), 0, 1)
    return np.asarray(np.maximum(bed, everywhere))


def _strand(view: Plane, canvas: Canvas, look: Look, depth: Plane) -> Plane:
    """Lay sand at the near edge; give 1 where water still is."""
    swash = 0.02 * np.sin(look.ripple * 0.5)
    edge = (
        np.float32(look.trait.horizon * 0.62 + swash)
        + (along("hills", canvas.fine.x * 0.2 + look.place[14]) - 0.5) * 0.12
    )
    edge = edge - canvas.fine.x * np.float32(0.16 * look.trait.side)
    dry = smooth(-0.004, 0.02, depth - edge) * np.float32(look.weight["beach"])
    pale = np.array([0.84, 0.015, 0.05], np.float32) * np.float32(1 - 0.6 * look.trait.dark)
    sand = linear_of_lab(pale * np.float32(0.72) + look.lab["sky0"] * np.float32(0.28))
    damp = 0.62 + 0.38 * smooth(0.0, 0.09, depth - edge)
    foam = np.exp(-(((depth - edge) / np.float32(0.012)) ** 2)) * np.float32(0.5)
    lay(view, sand[:, None, None] * damp + look.light["lit"][:, None, None] * foam, dry)
    return np.asarray(1 - dry, np.float32)

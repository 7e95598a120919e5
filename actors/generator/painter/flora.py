"""Near ground: meadow grass, flowers by the hundred, water lilies, blades at the edge."""

import numpy as np

from actors.generator.painter.canvas import Canvas, Index, lay, smooth
from actors.generator.painter.colour import Plane, linear_of_lab
from actors.generator.painter.noise import along, level, sample_nearest
from actors.generator.painter.scene import Look
from actors.generator.painter.sky import TINY
from actors.generator.painter.splat import cells, stamp
from actors.generator.painter.strips import cut

_BANK = 0.2
"""Height of the near bank where meadow and water are in one picture."""

_SIZES = 9
"""Groups of flowers by distance, far to near; small pictures need fewer."""


def paint_flora(canvas: Canvas, look: Look) -> None:
    """Cover the near ground with what grows there."""
    meadow = max(look.weight["meadow"], look.weight["flowers"] * 0.8, look.weight["grass"])
    if meadow > TINY:
        _meadow(canvas, look, meadow)
    if look.weight["flowers"] > TINY:
        _flowers(canvas, look)
    if look.weight["lotus"] > TINY:
        _lilies(canvas, look)
    if meadow > TINY:
        _blades(canvas, look, meadow)


def _ground(look: Look) -> float:
    """Give the height where the meadow ends."""
    wet = max(look.weight["lake"], look.weight["ocean"])
    dry = look.trait.horizon - 0.1 * look.trait.land
    return float(dry + (_BANK - dry) * wet)


def _meadow(canvas: Canvas, look: Look, meadow: float) -> None:
    """Comb the ground: strokes that grow toward the eye."""
    top = canvas.row(_ground(look))
    if top >= canvas.height:
        return
    depth = np.float32(_ground(look)) - canvas.fine.up[top:]
    bow = along("hills", canvas.fine.x * 0.11 + look.place[9]) - np.float32(0.55)
    far = 1 / (depth + np.float32(0.14))
    x, side = canvas.fine.x, level(canvas.height)
    sway = np.float32(0.01 * look.trait.wind * np.sin(look.ripple * 0.5))
    comb = sample_nearest(
        "grain", x * far * np.float32(0.5) + sway * depth + np.float32(8),
        np.log(depth + np.float32(0.08)) * np.float32(0.42) + np.float32(8), side,
    )  # fmt: skip
    patch = sample_nearest(
        "cloud", x * far * np.float32(0.09) + np.float32(6 + look.place[7]),
        far * np.float32(0.05) + np.float32(4), side,
    )  # fmt: skip
    near = np.clip(depth * np.float32(2.6), 0, 1)
    snow = look.weight["snow"]
    tone = 1 + comb * (0.06 + 0.14 * near) * (1 - 0.7 * snow) + patch * np.float32(0.13)
    tone *= 1.06 - 0.42 * near
    dark = look.trait.dark
    body = look.lab["ground"] * np.float32(0.9) + look.lab["light"] * np.float32(
        0.1 * (1 - dark)
    )
    haze = look.light["mist"] * np.float32(0.5) + look.light["far"] * np.float32(0.5)
    paint = linear_of_lab(body)[:, None, None] * np.clip(tone, 0.1, 2)
    paint += (haze[:, None, None] - paint) * (0.5 * np.exp(-depth * np.float32(14)))
    alpha = smooth(
        -0.004,
        0.03,
        depth + patch * np.float32(0.004) + bow * np.float32(0.09) - np.float32(0.02),
    ) * np.float32(min(meadow * 1.4, 1.0))
    lay(canvas.image[:, top:], paint, alpha)


def _blades(canvas: Canvas, look: Look, meadow: float) -> None:
    """Raise grass at the lower edge, against the light."""
    tall = 0.17 * meadow
    rows = slice(canvas.row(tall), canvas.height)
    if rows.start >= rows.stop:
        return
    up = (canvas.fine.up[rows] + np.float32(0.02)) / np.float32(tall)
    sway = np.float32(0.012 * np.sin(look.ripple * 0.6)) * up
    run = canvas.fine.x / np.float32(tall) + np.float32(9 + look.place[15] * 5)
    cover, shade = cut("grass", run, up + sway * 0, tall * canvas.height)
    body = look.lab["ground"] * np.float32(0.45) + look.lab["near"] * np.float32(0.5)
    paint = linear_of_lab(body)[:, None, None] * (0.35 + 1.5 * shade)
    fade = np.float32(min(meadow, 1.0) * (1 - 0.7 * look.weight["snow"]))
    lay(canvas.image[:, rows], paint, cover * fade)


def _flowers(canvas: Canvas, look: Look) -> None:
    weight = look.weight["flowers"]
    ground = _ground(look)
    dim = 1 - 0.55 * look.trait.dark
    shown = min(weight * 1.5, 1.0)
    names = ("bloom0", "bloom1", "bloom2")
    sizes = _SIZES if canvas.height > 200 else 6  # noqa: PLR2004 - pixels
    for group in range(sizes):
        near = (group + 0.6) / sizes
        depth = ground * near**1.7
        size = 0.0035 + 0.05 * near**2.6
        count = int((420 * (1 - near) ** 1.6 + 14) * (0.35 + 0.65 * canvas.detail))
        rng = np.random.default_rng((31, group))
        u, v, kind, turn, grown = rng.random((count, 5)).astype(np.float32).T
        x = ((u + np.float32(look.place[8])) % 1 - np.float32(0.5)) * np.float32(
            canvas.aspect
        )
        up = np.float32(ground - 0.025) - depth * (0.66 + 0.6 * v)
        order = np.argsort(-up)
        patch = along("hills", u * 1.1 + up * 0.9 + 0.2) + (kind - np.float32(0.5)) * 0.5
        choice = np.clip((patch - 0.18) * 4.5, 0, 2.99).astype(np.intp)
        colour = np.stack([look.light[name] for name in names])[choice]
        petals = 5 + (turn * 3).astype(np.intp)
        facts = np.stack([x, up, grown, turn, petals.astype(np.float32)])[:, order]
        _rosettes(canvas, look, facts, (size * weight**0.5, shown, colour[order] * dim))


def _rosettes(
    canvas: Canvas, look: Look, facts: Plane, dress: tuple[float, float, Plane]
) -> None:
    """Stamp flowers of one size: petals around a heart, tipped toward the sky."""
    x, up, grown, turn, petals = facts
    size, shown, colour = dress
    radius = np.float32(size * canvas.height) * (0.75 + 0.5 * grown)[:, None, None]
    reach = max(int(size * canvas.height * 1.3) + 1, 1)
    sway = np.float32(size * 0.25) * np.sin(np.float32(look.ripple * 0.7) + turn * 6)
    across, upward, index, inside = cells(canvas, x + sway, up, reach)
    tall = upward * (1.25 + 0.5 * turn)[:, None, None]
    distance = np.hypot(across, tall)
    if reach <= 2:  # noqa: PLR2004 - a dab will do
        alpha = np.clip(radius * 0.95 - distance + 0.6, 0, 1) * (inside * shown)
        stamp(canvas.image, index, alpha, colour.T[:, :, None, None])
        return
    angle = np.arctan2(tall, across) + turn[:, None, None] * 6
    lobe = np.sqrt(np.abs(np.cos(angle * (0.5 * petals)[:, None, None])))
    edge = radius * (0.4 + 0.62 * lobe)
    share = np.clip(distance / radius, 0, 1.5)
    alpha = np.clip(edge - distance + 0.5, 0, 1) * (inside * shown)
    tone = 0.5 + 0.42 * np.clip(share, 0, 1) + 0.3 * lobe * share
    tone += 0.12 * np.clip(tall / radius, -1, 1)
    paint = colour.T[:, :, None, None] * tone
    heart = np.clip((0.27 * radius - distance) + 0.5, 0, 1)
    yolk = linear_of_lab(look.lab["bloom1"] * 0.7 + look.lab["near"] * 0.3)
    paint = paint + (yolk[:, None, None, None] - paint) * heart * 0.9
    stamp(canvas.image, index, alpha, paint)


def _lilies(canvas: Canvas, look: Look) -> None:
    """Float leaves and lotus flowers on the water."""
    rng = np.random.default_rng(53)
    weight = look.weight["lotus"]
    horizon = look.trait.horizon
    for group in range(4):
        near = (group + 0.8) / 4
        size = 0.014 + 0.06 * near**1.6
        u, v, turn = rng.random((9 - group, 3)).astype(np.float32).T
        x = ((u + np.float32(look.place[3])) % 1 - np.float32(0.5)) * np.float32(
            canvas.aspect
        )
        up = (np.float32(horizon) * (1 - near**1.3 * (0.72 + 0.3 * v))).astype(np.float32)
        reach = int(size * canvas.height * 1.4) + 1
        across, upward, index, inside = cells(canvas, x, up, reach)
        radius = np.float32(size * canvas.height * weight)
        flat = upward * np.float32(2.6)
        distance = np.hypot(across, flat)
        notch = np.abs(np.arctan2(flat, across) - (turn * 3 - 1.5)[:, None, None]) < 0.22  # noqa: PLR2004
        alpha = np.clip(radius - distance + 0.5, 0, 1) * inside * (1 - notch)
        leaf = linear_of_lab(look.lab["leaf"] * 0.8 + look.lab["near"] * 0.2)
        tone = 0.75 + 0.35 * distance / radius + 0.1 * np.sin(turn * 9)[:, None, None]
        stamp(canvas.image, index, alpha * weight, leaf[:, None, None, None] * tone)
        some = turn > 0.45  # noqa: PLR2004 - about half bear a flower
        lift = np.float32(0.25 * size)
        cup = cells(canvas, x[some], up[some] + lift, reach)
        _cups(canvas, look, cup, float(radius) * 0.62)


def _cups(
    canvas: Canvas, look: Look, spots: tuple[Plane, Plane, Index, Plane], size: float
) -> None:
    across, upward, index, inside = spots
    for tier, (wide, tall) in enumerate(((1.0, 0.75), (0.72, 1.0), (0.4, 1.1))):
        angle = np.arctan2(upward + size * 0.35, across)
        distance = np.hypot(across / wide, (upward + size * 0.35) / tall)
        edge = size * (0.74 + 0.26 * np.cos(angle * (11 - 2 * tier) + tier))
        alpha = np.clip(edge - distance + 0.5, 0, 1) * inside * (upward > -size * 0.42)
        tone = 0.62 + 0.2 * tier + 0.35 * np.clip(distance / size, 0, 1)
        paint = look.light["bloom0"][:, None, None, None] * tone
        stamp(canvas.image, index, alpha, paint)

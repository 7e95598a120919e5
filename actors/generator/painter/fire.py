"""Fire: flames of rising warped noise, their light on everything, embers in the air."""

import numpy as np

from actors.generator.painter.canvas import Canvas, Grid, lay, shine, smooth
from actors.generator.painter.colour import Plane, linear_of_lab
from actors.generator.painter.noise import along, level, sample
from actors.generator.painter.scene import Look
from actors.generator.painter.sky import TINY
from actors.generator.painter.splat import dots


def paint_fire(canvas: Canvas, look: Look) -> None:
    """Light flames on the ground, embers above them, a candle, a volcano's glow."""
    if look.weight["fire"] > TINY and look.weight["candle"] < 0.5:  # noqa: PLR2004 - one flame
        _flames(canvas, look)
    if look.weight["volcano"] > TINY:
        _crater(canvas, look)


def paint_sparks(canvas: Canvas, look: Look) -> None:
    """Let embers rise, before everything else in the air."""
    amount = max(look.weight["embers"], look.weight["fire"] * 0.7)
    if amount <= TINY:
        return
    rng = np.random.default_rng(97)
    count = int(150 * (0.4 + 0.6 * canvas.detail))
    u, v, size, speed = rng.random((count, 4)).astype(np.float32).T
    life = (v + np.float32(look.ripple * 0.035) * (0.5 + speed)) % 1
    bend = along("hills", u * 0.9 + life * 0.05) - np.float32(0.5)
    x = (u - np.float32(0.5)) * np.float32(canvas.aspect * 0.9) + bend * 0.35 * life
    up = np.float32(0.1) + life**0.8 * np.float32(0.85)
    fade = np.minimum(life * 8, 1) * (1 - life) * (0.3 + 1.3 * size**2) * np.float32(amount)
    colour = linear_of_lab(
        look.lab["fire"] * np.float32(0.8) + look.lab["sun"] * np.float32(0.2)
    )
    lights = colour[:, None] * fade * np.float32(1.8)
    unit = canvas.height / 512
    big = size > 0.8  # noqa: PLR2004 - a fifth
    dots(canvas, x[~big], up[~big], 0.8 * unit, lights[:, ~big])
    dots(canvas, x[big], up[big], 1.5 * unit, lights[:, big])
    dots(canvas, x[big], up[big], 5.5 * unit, lights[:, big] * np.float32(0.1))


def _flames(canvas: Canvas, look: Look) -> None:
    weight, soft, time = look.weight["fire"], canvas.soft, look.ripple
    side = level(soft.height * 1.5)
    foot = np.float32(look.trait.horizon * 0.45)
    up = soft.up - foot
    x = soft.x
    tall = (0.3 + 0.3 * weight) * (0.55 + 0.75 * along("hills", x * 0.35 + look.place[1]))
    rise = up / tall.astype(np.float32)
    sway = sample("cloud", x * 0.22 + 3, up * 0.22 - np.float32(time * 0.022), side)
    u = x * np.float32(0.42) + sway * np.float32(0.028) * np.clip(rise + 0.2, 0, 1.5)
    v = up * np.float32(0.2) - np.float32(time * 0.036)
    lick = sample("cloud", u * 1.25, v, side)
    fine = sample("swell", u * 1.9 + 0.3, v * 1.7 - np.float32(time * 0.018), side)
    heat = (
        0.95
        - rise * 1.05
        + lick * 0.36
        + fine * np.float32(0.15) * np.clip(rise + 0.3, 0, 1)
    )
    edge = np.float32(0.5 * canvas.aspect)
    heat -= smooth(0.55, 1.0, np.abs(x) / edge) * np.float32(0.35)
    heat *= smooth(-0.09, 0.05, up)
    heat = np.clip(heat, 0, 1.25) * np.float32(min(weight * 1.25, 1.0))
    body, hot, glow = canvas.stretched(
        np.stack(
            [smooth(0.1, 0.62, heat), smooth(0.45, 1.1, heat), _light(soft, foot, weight)]
        )
    )
    flame = linear_of_lab(look.lab["fire"])
    deep = linear_of_lab(look.lab["fire"] * np.array([0.62, 1.05, 1.0], np.float32))
    core = linear_of_lab(look.lab["fire"] * 0.45 + np.array([0.52, 0.0, 0.05], np.float32))
    shine(canvas.image, deep, glow)
    for plane, low, mid, high in zip(canvas.image, deep, flame, core, strict=True):
        paint = low + (mid - low) * body + (high - mid) * hot
        change = paint * np.float32(1.25) - plane * np.float32(0.85)
        np.add(plane, change * body, out=plane)


def _light(soft: Grid, foot: np.float32, weight: float) -> Plane:
    """Spread the fire's light over what is around it."""
    x, up = soft.x, soft.up
    square = (x * np.float32(0.75)) ** 2 + ((up - foot - np.float32(0.12)) * 1.1) ** 2
    light: Plane = np.exp(square * np.float32(-4.0)) * np.float32(0.42 * weight)
    return light


def paint_candle(canvas: Canvas, look: Look) -> None:
    """Burn one still flame in the middle, with a halo."""
    weight = look.weight["candle"]
    if weight <= TINY:
        return
    lean = np.float32(0.004 * np.sin(look.ripple * 0.8))
    x, foot, tall = canvas.fine.x, 0.34, 0.2
    rise = (canvas.fine.up - np.float32(foot)) / np.float32(tall)
    centre = lean * np.clip(rise, 0, 1) ** 2
    wide = (
        np.float32(0.036)
        * np.sqrt(np.clip(rise * 2.2, 0, 1))
        * np.clip(1 - rise, 0, 1) ** 0.7
    )
    inside = smooth(-0.006, 0.014, wide - np.abs(x - centre)) * (rise > 0) * (rise < 1)
    square = (x**2 + ((canvas.fine.up - np.float32(foot + 0.07)) * 0.8) ** 2).astype(
        np.float32
    )
    halo = np.exp(square * np.float32(-9)) * np.float32(0.34)
    halo += np.exp(square * np.float32(-70)) * np.float32(0.5)
    shine(canvas.image, look.light["fire"], halo * np.float32(weight))
    heat = inside * (0.55 + 0.6 * np.clip(1 - np.abs(rise - 0.4) * 1.6, 0, 1))
    warm = linear_of_lab(look.lab["fire"] * 0.4 + np.array([0.57, 0.0, 0.06], np.float32))
    shine(canvas.image, warm, heat * np.float32(1.5 * weight))
    body = smooth(-0.004, 0.004, np.float32(0.052) - np.abs(x)) * smooth(
        -0.006, 0.006, np.float32(foot - 0.015) - canvas.fine.up
    )
    wax = linear_of_lab(look.lab["sun"] * np.float32(0.72))
    fall = np.clip(0.15 + (canvas.fine.up - 0.02) * 2.4, 0.05, 1)
    lay(canvas.image, wax[:, None, None] * fall, body * np.float32(weight))


def _crater(canvas: Canvas, look: Look) -> None:
    """Let a volcano glow and throw."""
    weight = look.weight["volcano"]
    x = canvas.soft.x - np.float32(look.trait.sun_x * 0.4)
    up = canvas.soft.up - np.float32(look.trait.horizon + 0.4 * weight)
    side = level(canvas.soft.height)
    puff = sample("cloud", x * 0.3, up * 0.3 - np.float32(look.ripple * 0.02), side)
    spread = np.abs(x + puff * 0.03) / (0.03 + np.clip(up, 0, 1) * 0.4)
    plume = np.exp(-(spread**2)) * smooth(-0.01, 0.06, up) * np.exp(-up * 2.2)
    runs = np.cos(np.clip(x * 26 + puff * 0.9 + up * 3, -3.1, 3.1)) + puff * 0.15
    lava = smooth(0.55, 1.05, runs) * np.exp(np.minimum(up, 0) * 9) * (up < 0.01)  # noqa: PLR2004
    square = x**2 + up**2
    glow = np.exp(square * np.float32(-16)) * 0.5 + plume * (0.45 + 0.2 * puff) + lava * 1.1
    light = canvas.stretched(np.clip(glow, 0, 2).astype(np.float32))
    shine(canvas.image, look.light["fire"], light * np.float32(weight))

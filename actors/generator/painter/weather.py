"""What is in the air: mist, smoke, rain, snow, petals, fireflies, birds."""

import numpy as np

from actors.generator.painter.canvas import Canvas, lay, shine, smooth
from actors.generator.painter.colour import Plane, linear_of_lab
from actors.generator.painter.noise import level, sample, sample_nearest
from actors.generator.painter.scene import Look
from actors.generator.painter.sky import TINY
from actors.generator.painter.splat import cells, dots, stamp


def paint_mist(canvas: Canvas, look: Look) -> None:
    """Lay banks of mist across the middle, and smoke higher up."""
    mist, smoke = look.weight["mist"], look.weight["smoke"]
    if max(mist, smoke) <= TINY:
        return
    soft = canvas.soft
    side = level(soft.height)
    drift = np.float32(look.drift * 0.0022)
    bank = sample(
        "cloud", soft.x * 0.16 + drift + 0.1, soft.up * 0.55 + look.place[0], side
    )
    curl = sample("cloud", soft.x * 0.4 - drift, soft.up * 0.9 + bank * 0.04, side)
    rise = soft.up - np.float32(look.trait.horizon)
    lying = np.exp(-(((rise - 0.03) / np.float32(0.15)) ** 2)) * np.float32(0.66)
    lying += np.exp(-np.abs(rise) * np.float32(3.0)) * np.float32(0.16)
    thick = np.clip(lying * (0.72 + 0.3 * bank + 0.16 * curl), 0, 0.94) * np.float32(mist)
    haze = canvas.stretched(thick.astype(np.float32))
    lay(canvas.image, look.light["mist"], haze)
    if smoke > TINY:
        reek = np.clip(0.3 + 0.4 * bank + 0.35 * curl, 0, 1) * np.float32(0.6 * smoke)
        lay(
            canvas.image,
            look.light["shade"] * 0.6,
            canvas.stretched(reek.astype(np.float32)),
        )


def paint_air(canvas: Canvas, look: Look) -> None:
    """Let rain, snow and petals fall, fireflies hang and birds pass."""
    for name, brush in _BRUSHES:
        if look.weight[name] > TINY:
            brush(canvas, look)


def _rain(canvas: Canvas, look: Look) -> None:
    """Draw slanted streaks in three depths."""
    lean = np.float32(0.16 * look.trait.wind)
    light = look.light["lit"] * np.float32(0.5) + look.light["sky1"] * np.float32(0.5)
    side = level(canvas.height)
    for depth in range(2):
        scale = np.float32(1.1 - 0.4 * depth)
        x = (canvas.fine.x + canvas.fine.up * lean) * (scale * 2)
        fall = np.float32(look.ripple * (0.13 + 0.05 * depth) + 0.37 * depth + 4)
        down = canvas.fine.up * (scale * np.float32(0.07)) + fall
        streak = sample_nearest("grain", x + np.float32(8 + 0.3 * depth), down, side)
        amount = smooth(1.1, 3.2, streak) * np.float32(0.3 * look.weight["rain"])
        shine(canvas.image, light, amount)


def _falling(canvas: Canvas, look: Look, count: int, speed: float) -> tuple[Plane, ...]:
    """Give places of falling things: x, up, and two numbers of their own."""
    rng = np.random.default_rng(round(speed * 1000))
    u, v, own, turn = rng.random((count, 4)).astype(np.float32).T
    fall = np.float32(look.ripple * speed) * (0.6 + 0.8 * own)
    up = (v - fall) % np.float32(1.1) - np.float32(0.05)
    sway = np.sin(np.float32(look.ripple * 0.5) + turn * 19) * 0.02
    slide = np.float32(look.ripple * speed * 0.5 * look.trait.wind)
    x = ((u + slide * own) % 1 - np.float32(0.5)) * np.float32(canvas.aspect * 1.1) + sway
    return x.astype(np.float32), up.astype(np.float32), own, turn


def _snowfall(canvas: Canvas, look: Look) -> None:
    unit = canvas.height / 512
    white = look.light["lit"] * np.float32(0.65) + np.float32(0.3)
    plan = ((420, 0.9, 0.55, 0.03), (150, 1.7, 0.6, 0.045), (36, 3.6, 0.42, 0.07))
    for count, size, gain, speed in plan:
        number = int(count * (0.4 + 0.6 * canvas.detail) * max(canvas.aspect, 0.5))
        x, up, own, _ = _falling(canvas, look, number, speed)
        bright = (0.4 + 0.6 * own) * np.float32(gain * look.weight["snowfall"])
        dots(canvas, x, up, size * unit, white[:, None] * bright)


def _petals(canvas: Canvas, look: Look) -> None:
    bloom = look.weight["blossom"]
    lab = look.lab["leaf"] + (look.lab["bloom0"] - look.lab["leaf"]) * np.float32(bloom)
    colour = linear_of_lab(lab) * np.float32(1.15)
    for count, size in ((60, 0.006), (16, 0.013)):
        number = int(count * (0.4 + 0.6 * canvas.detail))
        x, up, own, turn = _falling(canvas, look, number, 0.02 + size)
        reach = int(size * canvas.height * 1.3) + 1
        across, upward, index, inside = cells(canvas, x, up, reach)
        spin = (turn * 6 + np.float32(look.ripple * 0.4) * own)[:, None, None]
        along_leaf = across * np.cos(spin) + upward * np.sin(spin)
        off = (upward * np.cos(spin) - across * np.sin(spin)) * 2.4
        radius = np.float32(size * canvas.height)
        alpha = np.clip(radius - np.hypot(along_leaf, off) + 0.5, 0, 1) * inside
        tone = 0.8 + 0.4 * own[:, None, None] + 0.2 * along_leaf / radius
        stamp(
            canvas.image,
            index,
            alpha * look.weight["petals"],
            colour[:, None, None, None] * tone,
        )


def _fireflies(canvas: Canvas, look: Look) -> None:
    rng = np.random.default_rng(11)
    count = int(46 * (0.5 + 0.5 * canvas.detail))
    u, v, own, phase = rng.random((count, 4)).astype(np.float32).T
    time = np.float32(look.ripple * 0.12)
    x = (u - 0.5) * np.float32(canvas.aspect) + 0.05 * np.sin(time * (1 + own) + phase * 6)
    up = 0.06 + 0.5 * v + 0.03 * np.sin(time * 1.3 + phase * 13)
    pulse = 0.65 + 0.35 * np.sin(np.float32(look.ripple * 0.7) * (0.6 + own) + phase * 6)
    warm = linear_of_lab(
        look.lab["light"] * 0.35 + np.array([0.56, -0.03, 0.1], np.float32)
    )
    lights = warm[:, None] * pulse * np.float32(look.weight["fireflies"])
    unit = canvas.height / 512
    dots(canvas, x, up, 1.7 * unit, lights * 1.5)
    dots(canvas, x, up, 8.0 * unit, lights * np.float32(0.17))


def _birds(canvas: Canvas, look: Look) -> None:
    """Draw a flock: two bent wings each, dark against the sky."""
    rng = np.random.default_rng(19)
    u, v, own, phase = rng.random((13, 4)).astype(np.float32).T
    time = np.float32(look.drift * 0.004)
    x = ((0.25 + 0.4 * u + time) % 1.2 - 0.6) * np.float32(canvas.aspect)
    up = np.float32(look.trait.horizon + 0.2) + 0.26 * v + 0.1 * u
    size = np.float32(canvas.height) * (0.009 + 0.012 * own)
    reach = int(canvas.height * 0.026) + 1
    across, upward, index, inside = cells(canvas, x, up, reach)
    beat = 0.35 + 0.2 * np.sin(np.float32(look.ripple * 1.6) + phase * 6)
    wing = np.abs(across) / size[:, None, None]
    bow = size[:, None, None] * beat[:, None, None] * np.sin(np.clip(wing, 0, 1) * 2.2)
    thick = np.clip(1 - wing, 0, 1) * size[:, None, None] * 0.13 + 0.35
    alpha = np.clip(thick - np.abs(upward - bow) + 0.5, 0, 1) * inside * (wing < 1)
    dark = linear_of_lab(look.lab["near"] * np.float32(0.8))
    stamp(canvas.image, index, alpha * look.weight["birds"], dark[:, None, None, None])


_BRUSHES = (
    ("birds", _birds),
    ("rain", _rain),
    ("snowfall", _snowfall),
    ("petals", _petals),
    ("fireflies", _fireflies),
)

__all__ = ["paint_air", "paint_mist"]

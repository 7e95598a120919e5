"""Sun and moon: discs at full size, behind the clouds, before the sky."""

from math import cos, pi, sin

import numpy as np

from actors.generator.painter.canvas import Canvas, lay, shine, smooth
from actors.generator.painter.noise import sample
from actors.generator.painter.scene import Look
from actors.generator.painter.sky import TINY, dim


def paint_celestial(canvas: Canvas, look: Look) -> None:
    """Set sun, eclipse and moon in the sky."""
    if look.weight["sun"] > TINY:
        _sun(canvas, look)
    if look.weight["moon"] > TINY:
        _moon(canvas, look)


def _sun(canvas: Canvas, look: Look) -> None:
    trait, weight, eclipse = look.trait, look.weight["sun"], look.weight["eclipse"]
    radius = trait.sun_size * (0.6 + 0.4 * weight)
    rows, columns = canvas.window(trait.sun_x, trait.sun_up, radius * 2.2)
    x = canvas.fine.x[columns] - np.float32(trait.sun_x)
    up = canvas.fine.up[rows] - np.float32(trait.sun_up)
    distance = np.hypot(x, up)
    through = dim(canvas, rows, columns, 0.8)
    edge = np.float32(canvas.height)
    disc = np.clip((np.float32(radius) - distance) * edge + np.float32(0.5), 0, 1)
    bloom = np.exp(
        np.maximum(distance - np.float32(radius), 0) * np.float32(-22 / radius * 0.06)
    )
    view = canvas.image[:, rows, columns]
    shine(view, look.light["light"], bloom * through * np.float32(0.16 * weight))
    core = look.light["sun"] * np.float32(1.35) + look.light["light"] * np.float32(0.1)
    lay(view, core, disc * through * np.float32(min(weight * 1.2, 1.0)))
    if eclipse > TINY:
        hide = np.clip((np.float32(radius * 0.97) - distance) * edge + 0.5, 0, 1)
        lay(view, look.light["sky3"] * np.float32(0.25), hide * np.float32(eclipse))


def _moon(canvas: Canvas, look: Look) -> None:
    trait, weight = look.trait, look.weight["moon"]
    radius = trait.moon_size * (0.55 + 0.45 * weight)
    rows, columns = canvas.window(trait.moon_x, trait.moon_up, radius * 1.1)
    x = (canvas.fine.x[columns] - np.float32(trait.moon_x)) / np.float32(radius)
    up = (canvas.fine.up[rows] - np.float32(trait.moon_up)) / np.float32(radius)
    square = x**2 + up**2
    disc = np.clip((1 - np.sqrt(square)) * np.float32(radius * canvas.height) + 0.5, 0, 1)
    depth = np.sqrt(np.maximum(1 - square, 0))
    angle = trait.moon_phase * pi
    facing = x * np.float32(sin(angle) * trait.side) + depth * np.float32(cos(angle))
    lit = smooth(-0.06, 0.22, facing)
    bend = 1 / (np.float32(0.5) + depth)
    seas = sample("cloud", x * bend * 0.13 + 0.2, up * bend * 0.13 + 0.7)
    bright = lit * np.clip(0.93 + 0.17 * seas, 0.55, 1.12) * (0.72 + 0.28 * depth)
    through = dim(canvas, rows, columns, 0.75) * np.float32(min(weight * 1.2, 1))
    view = canvas.image[:, rows, columns]
    lay(view, view * np.float32(0.55), disc * through * np.float32(0.9))
    shine(view, look.light["moon"], bright * disc * through)


__all__ = ["paint_celestial"]

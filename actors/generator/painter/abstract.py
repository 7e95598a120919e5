"""Abstraction: fields of colour, ink in water, silk; what unknown words look like.

Everything is on the coarse grid but the weave of the canvas, which `grade` adds.
"""

from math import cos, pi, sin

import numpy as np

from actors.generator.painter.canvas import Canvas, lay, shine, smooth
from actors.generator.painter.colour import Plane, ramp
from actors.generator.painter.noise import level, sample
from actors.generator.painter.scene import Look
from actors.generator.painter.sky import TINY

_PAINTERLY = ("abstract", "marble", "flow", "fields", "glow")


def abstractness(look: Look) -> float:
    """Say how much of the picture is abstract, 0 to 1."""
    weight = look.weight
    scenery = weight["sky"]
    free = max(weight["marble"], weight["flow"], weight["fields"]) * (1 - 0.75 * scenery)
    figure = max(weight[n] for n in ("mandala", "flower_of_life", "spiral", "rings"))
    figure = max(figure, weight["polygons"], weight["crystal"], weight["glow"])
    return min(max(weight["abstract"], free, figure * (1 - scenery)), 1.0)


def paint_abstract(canvas: Canvas, look: Look, amount: float) -> None:
    """Lay the abstract picture over the canvas, by `amount` (0 to 1)."""
    weight = look.weight
    u, v = _turned(canvas, look)
    ink, tide = _ink(canvas, look, u, v)
    stops = look.lab_stack("a0", "a1", "a2", "a3", "a4")
    image = ramp(stops, [0.0, 0.3, 0.58, 0.82, 1.0], ink)
    image *= 1 + np.float32(0.2) * tide
    _orb(image, canvas, look, tide)
    if weight["fields"] > TINY:
        fields = _fields(canvas, look)
        image += (fields - image) * np.float32(weight["fields"])
    lit = max(weight["glow"], _figures(look) * 0.6)
    if lit > TINY:
        _halo(image, canvas, look, lit)
    full = canvas.stretched(image.astype(np.float32))
    lay(canvas.image, full, np.asarray(amount, np.float32))


def _figures(look: Look) -> float:
    names = ("mandala", "flower_of_life", "spiral", "rings", "polygons", "crystal")
    return max(look.weight[name] for name in names)


def _turned(canvas: Canvas, look: Look) -> tuple[Plane, Plane]:
    """Give coordinates turned and, for symmetric meanings, folded about the middle."""
    trait = look.trait
    x, y = canvas.soft.x, canvas.soft.up - np.float32(0.5)
    fold = float(np.clip(trait.symmetry * 2.4 - 1.5, 0, 1))
    mirrored = np.sqrt(x**2 + np.float32(0.0009))
    x = x + (mirrored - x) * np.float32(fold)
    angle = (trait.angle - 0.5) * pi
    u = x * np.float32(cos(angle)) + y * np.float32(sin(angle))
    v = y * np.float32(cos(angle)) - x * np.float32(sin(angle))
    return u, v


def _ink(canvas: Canvas, look: Look, u: Plane, v: Plane) -> tuple[Plane, Plane]:
    """Warp noise by noise, twice; give the tone 0 to 1 and the fold's relief."""
    trait, weight = look.trait, look.weight
    side = level(canvas.soft.height * 1.2)
    time = np.float32(look.drift * 0.0011)
    scale = 0.13 + 0.16 * trait.scale
    stretch_u = 1 - 0.55 * max(weight["flow"], trait.bands * 0.5)
    u, v = u * np.float32(scale * stretch_u), v * np.float32(scale)
    place = np.float32(trait.shift + look.place[0])
    first = sample("ink", u + place, v + time, side)
    second = sample("ink", u + np.float32(0.37) - time, v + place, side)
    warp = np.float32(0.03 + 0.065 * trait.warp)
    third = sample("ink", u + warp * first + 0.13, v + warp * second + time, side)
    fourth = sample("ink", u * 1.7 + warp * second, v * 1.7 + warp * third, side)
    tone = 0.42 + 0.2 * third + 0.1 * first
    veins = np.exp(-np.abs(third + np.float32(0.3) * fourth) * np.float32(5))
    tone = tone + veins * np.float32(0.14 * trait.fold + 0.3 * weight["marble"])
    bands = np.sin(
        (third * np.float32(1.3) + second) * np.float32(2.6 + 5 * weight["flow"])
    )
    tone = tone + bands * np.float32(0.05 * trait.bands + 0.13 * weight["flow"])
    return np.clip(tone, 0, 1), np.clip(fourth * 0.5 + bands * 0.25, -1.2, 1.2)


def _orb(image: Plane, canvas: Canvas, look: Look, tide: Plane) -> None:
    """Hang one disc in the picture, half behind the ink, with a thin ring around it."""
    soft, trait = canvas.soft, look.trait
    room = canvas.aspect * 0.5
    x = soft.x - np.float32((trait.angle - 0.5) * room)
    up = soft.up - np.float32(0.36 + 0.34 * trait.shift)
    radius = 0.1 + 0.12 * trait.fold
    distance = np.hypot(x, up)
    pixel = 1.5 / soft.height
    shown = np.float32(0.9) - np.clip(tide, 0, 1) * np.float32(0.75)
    disc = smooth(-pixel, pixel, radius - distance) * shown
    disc *= np.clip(0.55 + up / np.float32(2 * radius), 0.08, 1)
    ring = np.exp(-(((distance - np.float32(radius * 1.32)) / np.float32(pixel)) ** 2))
    present = np.float32(
        max(1 - _figures(look) - look.weight["marble"] - look.weight["flow"], 0)
    )
    lay(image, look.light["a4"] * 0.55 + look.light["a3"] * 0.45, disc * present)
    shine(image, look.light["a3"], ring * np.float32(0.3) * shown * present)


def _fields(canvas: Canvas, look: Look) -> Plane:
    """Float two or three soft-edged fields, one above the other, on a ground."""
    soft, trait = canvas.soft, look.trait
    side = level(soft.height)
    rough = sample("cloud", soft.x * 0.5 + look.place[1], soft.up * 0.5, side)
    brush = sample("cloud", soft.x * 0.25, soft.up * 1.1 + look.place[2], side)
    ground = look.light["a0"] * np.float32(0.55) + look.light["a1"] * np.float32(0.2)
    image = ground[:, None, None] * (1 + np.float32(0.12) * brush)
    wide = 0.5 * canvas.aspect * 0.86
    split = 0.42 + 0.24 * trait.scale
    blocks = ((split + 0.025, 0.94, "a2"), (split - 0.19, split - 0.025, "a3"),
              (0.06, split - 0.235, "a1"))  # fmt: skip
    for low, high, name in blocks:
        edge_x = wide - np.abs(soft.x) + rough * np.float32(0.012)
        edge_y = (
            (high - low) / 2
            - np.abs(soft.up - (high + low) / 2)
            + rough * np.float32(0.012)
        )
        alpha = smooth(-0.012, 0.05, np.minimum(edge_x, edge_y).astype(np.float32))
        alpha *= np.clip(0.86 + 0.1 * brush, 0, 1)
        paint = look.light[name][:, None, None] * (1 + np.float32(0.1) * brush)
        image += (paint - image) * alpha
    return np.asarray(image)


def _halo(image: Plane, canvas: Canvas, look: Look, lit: float) -> None:
    """Let the middle shine, and quiet the rest so that it can."""
    x, y = canvas.soft.x, canvas.soft.up - np.float32(0.5)
    square = x**2 + y**2
    quiet = np.float32(1 - max(0.86 * _figures(look), 0.3 * lit))
    image *= quiet
    glow = np.exp(square * np.float32(-9)) * np.float32(0.3)
    glow += np.exp(square * np.float32(-45)) * np.float32(0.4 * look.weight["glow"])
    shine(image, look.light["a3"], glow * np.float32(lit))

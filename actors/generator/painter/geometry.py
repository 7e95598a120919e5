"""Sacred geometry: glowing lines from distances to curves, on polar coordinates."""

from math import cos, pi, sin, sqrt

import numpy as np

from actors.generator.painter.canvas import Canvas
from actors.generator.painter.colour import Plane, linear_of_lab
from actors.generator.painter.scene import Look
from actors.generator.painter.sky import TINY

FIGURES = ("mandala", "flower_of_life", "spiral", "rings", "polygons", "crystal")


def paint_geometry(canvas: Canvas, look: Look) -> None:
    """Draw all figures, glowing, over what is there."""
    for name, brush in _BRUSHES:
        weight = look.weight[name]
        if weight > TINY:
            distance = brush(canvas, look)
            _draw(canvas, look, distance, weight)


def _draw(canvas: Canvas, look: Look, distance: Plane, weight: float) -> None:
    """Turn a distance (heights) into a sharp line with a halo, fading outward."""
    radius, _ = canvas.fine.polar()
    pixel = np.float32(canvas.height)
    thick = max(0.0016, 0.55 / canvas.height)
    line = np.clip((np.float32(thick) - distance) * pixel + np.float32(0.5), 0, 1)
    halo = np.float32(0.16) / (1 + (distance * np.float32(90)) ** 2)
    fade = np.clip(np.float32(1.25) - radius * np.float32(2.1), 0, 1)
    amount = (line * np.float32(0.85) + halo) * fade * np.float32(weight)
    outer = linear_of_lab(look.lab["line"] * 0.6 + look.lab["a2"] * 0.4)
    share = np.clip(radius * np.float32(2.2), 0, 1)
    for plane, near, far in zip(canvas.image, look.light["line"], outer, strict=True):
        np.add(plane, amount * (near + (far - near) * share), out=plane)


def _turn(look: Look) -> float:
    return look.ripple * 0.004


def _fold(turns: Plane, times: float) -> Plane:
    """Fold angles in turns onto one petal, -pi/times to pi/times radians."""
    petal = turns * np.float32(times)
    petal -= np.round(petal)
    return petal * np.float32(2 * pi / times)


def _mandala(canvas: Canvas, look: Look) -> Plane:
    """Rings of petals: circles set on circles, seen through a kaleidoscope."""
    radius, turns = canvas.fine.polar()
    best: Plane = np.abs(radius - np.float32(0.43))
    rings = (
        (8, 0.1, 0.1),
        (16, 0.215, 0.075),
        (12, 0.16, 0.16),
        (24, 0.33, 0.05),
        (6, 0.06, 0.06),
        (48, 0.405, 0.02),
        (32, 0.3, 0.11),
    )
    count = 3 + round(4 * canvas.detail)
    for at, (times, centre, size) in enumerate(rings[:count]):
        spin = _turn(look) * (1 if at % 2 else -1) + 0.5 * (at % 2) / times
        angle = _fold(turns + np.float32(spin), times)
        across = radius * np.sin(angle)
        outward = radius * np.cos(angle) - np.float32(centre)
        petal = np.sqrt(across**2 * np.float32(1.7) + outward**2) - np.float32(size)
        np.minimum(best, np.abs(petal), out=best)
    np.minimum(best, np.abs(radius - np.float32(0.27)), out=best)
    return best


def _flower_of_life(canvas: Canvas, look: Look) -> Plane:
    """Overlapping circles whose centres are one another's edges, within two rings."""
    radius, turns = canvas.fine.polar()
    size = 0.125
    angle = _fold(turns + np.float32(_turn(look) * 0.5), 6)
    x, y = radius * np.cos(angle), radius * np.abs(np.sin(angle))
    best: Plane = np.full_like(radius, 1.0)
    half = size * sqrt(3) / 2
    centres = (
        *((0.0, 0.0), (size, 0.0), (size / 2, half), (2 * size, 0.0)),
        *((1.5 * size, half), (2.5 * size, half), (3 * size, 0.0), (2 * size, 2 * half)),
    )
    for cx, cy in centres:
        edge = np.abs(np.hypot(x - np.float32(cx), y - np.float32(cy)) - np.float32(size))
        np.minimum(best, edge, out=best)
    outside = np.maximum(radius - np.float32(3 * size), 0)
    best += outside * 2
    for ring in (3 * size, 3 * size + 0.014):
        np.minimum(best, np.abs(radius - np.float32(ring)), out=best)
    return best


def _spiral(canvas: Canvas, look: Look) -> Plane:
    """Golden spirals, both ways, as in a sunflower."""
    radius, turns = canvas.fine.polar()
    log = np.log(radius + np.float32(0.004)) / np.float32(2 * pi)
    best: Plane = np.full_like(radius, 1.0)
    for arms, slope, way in ((8, 3.2656, 1.0), (13, 2.1, -1.0)):
        phase = (turns * way + np.float32(_turn(look))) * arms - log * np.float32(
            slope * arms
        )
        phase -= np.round(phase)
        gradient = arms * sqrt(1 + slope**2) / (2 * pi)
        edge = np.abs(phase) * radius * np.float32(1 / gradient)
        np.minimum(best, edge if way > 0 else edge + np.float32(0.0009), out=best)
    return best


def _rings(canvas: Canvas, look: Look) -> Plane:
    """Circles within circles, breathing slowly."""
    radius, _ = canvas.fine.polar()
    wave = radius ** np.float32(0.8) * np.float32(14) - np.float32(look.ripple * 0.02)
    step = wave - np.round(wave)
    slope = np.float32(14 * 0.8) * np.maximum(radius, 0.01) ** np.float32(-0.2)
    return np.asarray(np.abs(step) / slope)


def _polygons(canvas: Canvas, look: Look) -> Plane:
    """Triangles turned into each other: a star, its heart and its frame."""
    radius, turns = canvas.fine.polar()
    best: Plane = np.abs(radius - np.float32(0.4))
    for times, size, spin in (
        (3, 0.2, 0.25),
        (3, 0.2, 0.75),
        (6, 0.2, 0.0),
        (6, 0.115, 1 / 12),
    ):
        angle = _fold(turns - np.float32(spin) + np.float32(_turn(look) * 0.6), times)
        side = radius * np.cos(angle) - np.float32(size)
        np.minimum(best, np.abs(side), out=best)
    return best


def _crystal(canvas: Canvas, look: Look) -> Plane:
    """A lattice of facets: three families of lines, bent toward the middle."""
    radius, _ = canvas.fine.polar()
    bend = 1 / (np.float32(0.55) + radius)
    x, y = canvas.fine.x * bend, (canvas.fine.up - np.float32(0.5)) * bend
    best: Plane = np.full_like(radius, 1.0)
    for at in range(3):
        angle = at * pi / 3 + 0.3 + _turn(look)
        phase = (x * np.float32(cos(angle)) + y * np.float32(sin(angle))) * np.float32(6)
        phase -= np.round(phase)
        np.minimum(best, np.abs(phase) / (np.float32(6) * bend), out=best)
    return best


_BRUSHES = (
    ("mandala", _mandala),
    ("flower_of_life", _flower_of_life),
    ("spiral", _spiral),
    ("rings", _rings),
    ("polygons", _polygons),
    ("crystal", _crystal),
)

__all__ = ["FIGURES", "paint_geometry"]

"""Rendering: a scene and a size in, pixels out. Pure, and the order of the brushes."""

import numpy as np
import numpy.typing as npt

from actors.generator.painter.abstract import abstractness, paint_abstract
from actors.generator.painter.canvas import Canvas
from actors.generator.painter.celestial import paint_celestial
from actors.generator.painter.fire import paint_candle, paint_fire, paint_sparks
from actors.generator.painter.flora import paint_flora
from actors.generator.painter.geometry import paint_geometry
from actors.generator.painter.grade import graded
from actors.generator.painter.land import paint_land, ridges
from actors.generator.painter.scene import Look, Scene
from actors.generator.painter.sky import TINY, paint_sky
from actors.generator.painter.water import paint_water, paint_waterfall
from actors.generator.painter.weather import paint_air, paint_mist

_ALL = 0.995
"""Abstraction above this hides the landscape."""


def render(scene: Scene, width: int, height: int, grain: int) -> npt.NDArray[np.uint8]:
    """Paint a scene.

    Args:
        scene: what.
        width: pixels.
        height: pixels.
        grain: which film grain.

    Returns:
        sRGB, shape (height, width, 3), read-only.
    """
    look = Look(scene)
    canvas = Canvas(width, height, float(np.clip(look.trait.detail, 0, 1)))
    free = abstractness(look)
    if free < _ALL:
        _scenery(canvas, look)
    if free > TINY:
        paint_abstract(canvas, look, free)
    paint_geometry(canvas, look)
    return graded(canvas, look, grain)


def _scenery(canvas: Canvas, look: Look) -> None:
    """Paint from the farthest to the nearest."""
    paint_sky(canvas, look)
    paint_celestial(canvas, look)
    chain = ridges(canvas, look)
    paint_land(canvas, look, chain, front=False)
    paint_fire(canvas, look)
    paint_land(canvas, look, chain, front=True)
    if chain:
        paint_waterfall(canvas, look, np.maximum.reduce([ridge.tops for ridge in chain]))
    paint_water(canvas, look)
    paint_mist(canvas, look)
    paint_flora(canvas, look)
    paint_candle(canvas, look)
    paint_sparks(canvas, look)
    paint_air(canvas, look)

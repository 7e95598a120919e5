"""A scene: everything a picture shows, as numbers that can glide.

Nothing in a scene is a choice between two things: each element has a weight, so that any
scene lies on a smooth way to any other.
"""

import msgspec
import numpy as np

from actors.generator.painter.colour import Plane, linear_of_lab


def names(text: str) -> tuple[str, ...]:
    """Cut a text in names."""
    return tuple(text.split())


ELEMENTS = names("""
    sky clouds storm overcast rain snowfall mist rainbow rays aurora sun moon stars
    galaxy comet eclipse mountains volcano hills dunes meadow island canyon snow city
    lake ocean river waterfall forest trees blossom flowers lotus petals grass fire
    embers candle smoke fireflies birds beach mandala flower_of_life spiral rings
    polygons crystal fields flow marble glow abstract
""")
"""What can be drawn; the order of `Scene.weights`."""


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """How a scene is drawn; places and sizes in heights of the picture, else 0 to 1."""

    horizon: float
    sun_x: float
    sun_up: float
    sun_size: float
    moon_x: float
    moon_up: float
    moon_size: float
    moon_phase: float
    """0 (full) to 1 (new)."""
    dark: float
    """0 (noon) to 1 (night)."""
    wind: float
    chop: float
    """How rough the water is."""
    peak: float
    """How high the mountains are, 1 being usual."""
    detail: float
    """How much work is spent."""
    contrast: float
    """1 being as painted."""
    vignette: float
    land: float
    """0 (the near ground is water) to 1 (dry)."""
    scale: float
    warp: float
    bands: float
    angle: float
    fold: float
    shift: float
    symmetry: float
    side: float
    """-1 or 1: where the light comes from."""
    bare: float
    """How leafless and cold the year is."""


TRAITS = Traits.__struct_fields__
"""The order of `Scene.traits`."""

COLOURS = names("""
    sky0 sky1 sky2 sky3 light lit shade far near deep leaf ground bloom0 bloom1 bloom2 sun
    moon fire line a0 a1 a2 a3 a4 mist aurora
""")
"""What has a colour; the order of `Scene.colours`."""

PLACES = 16
"""How many places in the textures a seed picks."""


class Scene(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A picture before it is painted."""

    weights: Plane
    """Of `ELEMENTS`, 0 to 1."""

    traits: Plane
    """Of `TRAITS`."""

    colours: Plane
    """OKLab, shape (len(COLOURS), 3)."""

    places: Plane
    """Where in the textures we are, periods, shape (PLACES,)."""

    drift: float
    """How far the clouds have come, seconds of a calm wind."""

    ripple: float
    """How far the water has come, seconds of a calm day."""


class Look:
    """A scene unpacked for the brushes."""

    def __init__(self, scene: Scene) -> None:
        self.weight: dict[str, float] = dict(
            zip(ELEMENTS, scene.weights.tolist(), strict=True)
        )
        self.trait = Traits(**dict(zip(TRAITS, scene.traits.tolist(), strict=True)))
        self.lab: dict[str, Plane] = dict(zip(COLOURS, scene.colours, strict=True))
        self.light: dict[str, Plane] = dict(
            zip(COLOURS, linear_of_lab(scene.colours), strict=True)
        )
        """Linear sRGB, each of shape (3,)."""
        self.place: list[float] = scene.places.tolist()
        self.drift, self.ripple = scene.drift, scene.ripple

    def lab_stack(self, *names: str) -> Plane:
        """Give OKLab colours by name, shape (n, 3)."""
        return np.stack([self.lab[name] for name in names])

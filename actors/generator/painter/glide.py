"""Gliding: from the scene of the last frame a little way toward the wished one.

A scene crosses over in three or four seconds whatever the frame rate: a step is
bounded by `rate * dt` and eases out at the end, so no frame jumps and nothing flashes.
"""

from math import exp

import numpy as np

from actors.generator.painter.colour import Plane
from actors.generator.painter.scene import TRAITS, Scene

EASE_S = 0.5
"""Time constant of the last part of the way, seconds."""

WEIGHT_PER_S, TRAIT_PER_S, COLOUR_PER_S, PLACE_PER_S = 0.34, 0.35, 0.28, 0.12
"""Fastest change a second: weights, traits, OKLab, periods of a texture."""

SLOW = {
    "shift": 0.01,
    "angle": 0.04,
    "scale": 0.06,
    "symmetry": 0.05,
    "warp": 0.1,
    "bands": 0.2,
    "fold": 0.2,
}
"""Traits that move abstract ink, and so the whole picture, and how fast they may change."""

_TRAITS_PER_S = np.array([SLOW.get(name, TRAIT_PER_S) for name in TRAITS], np.float32)

BRIGHT = 0.5
"""OKLab lightness above which a colour changes more slowly: light is its cube, so this
keeps the change of light, which is what could flash, even."""


def _toward(now: Plane, goal: Plane, per_s: float | Plane, dt_s: float) -> Plane:
    ease = np.float32(1 - exp(-dt_s / EASE_S))
    bound = np.asarray(per_s * dt_s, np.float32)
    return np.asarray(now + np.clip((goal - now) * ease, -bound, bound))


def glide(now: Scene, goal: Scene, dt_s: float) -> Scene:
    """Move on by `dt_s` seconds (0 or more); at 0 nothing moves.

    `drift` and `ripple` of `goal` are not looked at: they run on by their own speed, which
    `flowing` adds.
    """
    lightness = np.maximum(now.colours[:, :1], BRIGHT)
    colour_per_s = COLOUR_PER_S * (BRIGHT / lightness) ** 2
    return Scene(
        weights=_toward(now.weights, goal.weights, WEIGHT_PER_S, dt_s),
        traits=_toward(now.traits, goal.traits, _TRAITS_PER_S, dt_s),
        colours=_toward(now.colours, goal.colours, colour_per_s, dt_s),
        places=_toward(now.places, goal.places, PLACE_PER_S, dt_s),
        drift=now.drift,
        ripple=now.ripple,
    )


def flowing(scene: Scene, dt_s: float, motion: float) -> Scene:
    """Let clouds and water run on for `dt_s` seconds at a liveliness of 0 to 1."""
    return Scene(
        weights=scene.weights,
        traits=scene.traits,
        colours=scene.colours,
        places=scene.places,
        drift=scene.drift + dt_s * (0.15 + 2.0 * motion),
        ripple=scene.ripple + dt_s * (0.3 + 1.8 * motion),
    )

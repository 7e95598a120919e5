"""Gliding: from the scene of the last frame a little way toward the wished one.

A weight crosses over in about two and a half seconds whatever the frame rate: a step is
bounded by `rate * dt` and eases out at the end, so no frame jumps and nothing flashes.
"""

from math import exp

import numpy as np

from actors.generator.painter.colour import Plane
from actors.generator.painter.scene import Scene

EASE_S = 0.5
"""Time constant of the last part of the way, seconds."""

WEIGHT_PER_S, TRAIT_PER_S, COLOUR_PER_S, PLACE_PER_S = 0.45, 0.4, 0.28, 0.12
"""Fastest change a second: weights, traits, OKLab, periods of a texture."""


def _toward(now: Plane, goal: Plane, per_s: float, dt_s: float) -> Plane:
    ease = np.float32(1 - exp(-dt_s / EASE_S))
    bound = np.float32(per_s * dt_s)
    return np.asarray(now + np.clip((goal - now) * ease, -bound, bound))


def glide(now: Scene, goal: Scene, dt_s: float) -> Scene:
    """Move on by `dt_s` seconds (0 or more); at 0 nothing moves.

    `drift` and `ripple` of `goal` are not looked at: they run on by their own speed, which
    `flowing` adds.
    """
    return Scene(
        weights=_toward(now.weights, goal.weights, WEIGHT_PER_S, dt_s),
        traits=_toward(now.traits, goal.traits, TRAIT_PER_S, dt_s),
        colours=_toward(now.colours, goal.colours, COLOUR_PER_S, dt_s),
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

"""What the sitter's state does to the rhythms, and where each comes from.

`layers` says what there is and where; `gains` how strong each is in a state. The sources
are named in `brain`.
"""

import math
from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from protocols.simulation import SetBrainState
from sim.anatomy import Gains, reach, shared
from sim.rhythms import Layer

BACKGROUND_UV = 10.0
"""RMS of the 1/f background."""

MUSCLE_UV = 60.0
"""RMS of a clenched jaw at the temples."""

LOWEST: Final = (0.0, 0.0, 0.0, 0.0, -1.0)
"""Of each number of a state; the highest is 1."""

LOWEST_HZ = 0.5
MUSCLE_HZ = 15.0
"""Muscle rises from here and is flat from about twice of it."""


class Sitter(msgspec.Struct, frozen=True, kw_only=True):
    """What a seed gives a person."""

    alpha_hz: float
    alpha_uv: float
    """RMS over the occiput, eyes closed, relaxation 0.5."""


State: TypeAlias = tuple[float, float, float, float, float]
"""Eyes closed, relaxation, focus, drowsiness, pleasure."""


def towards(state: SetBrainState, otherwise: State) -> State:
    """A wished state as numbers within their ranges; `otherwise` for what is None."""
    wished = (
        state.eyes_closed,
        state.relaxation,
        state.focus,
        state.drowsiness,
        state.pleasure,
    )
    eyes, relaxation, focus, drowsiness, pleasure = (
        old if new is None else min(max(float(new), lowest), 1.0)
        for new, old, lowest in zip(wished, otherwise, LOWEST, strict=True)
    )
    return eyes, relaxation, focus, drowsiness, pleasure


def gains(state: State, jaw: float, sitter: Sitter) -> list[float]:
    """RMS microvolts of each layer of `layers` in a state."""
    eyes, relaxation, focus, drowsiness, pleasure = state
    awake = (0.5 + relaxation) * (1 - 0.5 * focus) * (1 - 0.75 * drowsiness)
    alpha = sitter.alpha_uv * (0.2 + 0.8 * eyes) * awake
    frontal = 3.0 + 0.3 * alpha
    return [
        BACKGROUND_UV,
        alpha,
        frontal * math.exp(-0.5 * pleasure),
        frontal * math.exp(0.5 * pleasure),
        1.5 + 5.5 * focus * (1 - drowsiness),
        1.5 + 9.0 * drowsiness,
        9.0 * drowsiness,
        MUSCLE_UV * jaw,
    ]


def layers(
    ch_names: Sequence[str], hz: npt.NDArray[np.float64], sitter: Sitter
) -> list[Layer]:
    """Spectra and places, in the order of `gains`."""
    pink = np.where(hz >= LOWEST_HZ, 1 / np.sqrt(np.maximum(hz, LOWEST_HZ)), 0.0)
    alpha = _bell(hz, sitter.alpha_hz, 0.7)
    over = np.maximum(hz - MUSCLE_HZ, 0.0) / MUSCLE_HZ
    muscle = 1 - np.exp(-(over**2))
    return [
        Layer(amplitude=pink, mixing=shared(ch_names, 0.8)),
        Layer(amplitude=alpha, mixing=_occipital(ch_names)),
        Layer(amplitude=alpha, mixing=reach(ch_names, [(-0.45, 0.55)], 0.45)),
        Layer(amplitude=alpha, mixing=reach(ch_names, [(0.45, 0.55)], 0.45)),
        Layer(
            amplitude=_bell(hz, 20.0, 4.0),
            mixing=reach(ch_names, [(-0.4, 0.4), (0.4, 0.4), (0.0, 0.0)], 0.45),
        ),
        Layer(
            amplitude=_bell(hz, 5.5, 0.9),
            mixing=reach(ch_names, [(0.0, 0.5), (0.0, -0.3)], 0.6),
        ),
        Layer(amplitude=_bell(hz, 2.0, 0.6), mixing=reach(ch_names, [(0.0, 0.4)], 0.9)),
        Layer(amplitude=muscle, mixing=_muscles(ch_names), is_rare=True),
    ]


def _bell(
    hz: npt.NDArray[np.float64], centre_hz: float, width_hz: float
) -> npt.NDArray[np.float64]:
    return np.asarray(np.exp(-((hz - centre_hz) ** 2) / (2 * width_hz**2)))


def _occipital(ch_names: Sequence[str]) -> Gains:
    """Two generators, left and right, that reach far forward, weakly."""
    return reach(ch_names, [(-0.25, -0.85), (0.25, -0.85)], 0.5) * np.float32(0.85)


def _muscles(ch_names: Sequence[str]) -> Gains:
    """Left and right temporal muscle, and less at the forehead and the neck."""
    places = [(-1.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.0, -1.1)]
    return reach(ch_names, places, 0.45) * np.array([1, 1, 0.3, 0.2], np.float32)

"""Layers on a sound: a difference between the ears, and pulses.

Both come from exact phases (`actors.audio.turns`), so they keep their rate for any time.
"""

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from actors.audio.partials import Figures, Samples
from actors.audio.turns import shares, steps_of
from protocols.sound import SFREQ

EDGE_S = 0.012
"""How long a pulse rises and falls, where its rate leaves room for it."""

_HALF = 0.5
_NYQUIST_HZ = SFREQ / 2.0

Places: TypeAlias = npt.NDArray[np.int64]


def other_ear(hz: Figures, difference_hz: float) -> Figures:
    """Give the right ear's frequencies for the left ear's, same shape.

    Every partial differs by `difference_hz` (not by a share of itself), so one beat rate
    is heard and no other. The right ear is the higher one, unless that left the band.
    """
    above = hz + difference_hz
    return above if above.max(initial=0.0) < _NYQUIST_HZ else hz - difference_hz


def pulses(hz: float, first: int, count: int) -> Samples:
    """Give the gains of an isochronic layer.

    On for half a period and off for the other, with raised-cosine edges of `EDGE_S`; from
    42 pulses a second up the edges fill the period and the pulse is one raised cosine.
    Sample 0 is the beginning of a pulse.

    Args:
        hz: pulses a second, above 0.
        first: number of the first sample.
        count: how many.

    Returns:
        Gains of 0 to 1, shape (count,).
    """
    number = np.arange(first, first + count).astype(np.uint64)
    share = shares(number * steps_of(hz)).astype(np.float32)
    edge = np.float32(min(EDGE_S * hz, _HALF))
    rise = np.minimum(share, np.float32(_HALF) + edge - share) / edge
    level = np.clip(rise, np.float32(0.0), np.float32(1.0))
    gains: Samples = _HALF - _HALF * np.cos(np.float32(math.pi) * level)
    return gains

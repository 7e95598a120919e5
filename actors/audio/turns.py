"""Phase without drift: turns counted as 64-bit fractions, which wrap as turns do.

A frequency is a whole number of 2**-64 turns a sample, so the phase of any sample is one
product that overflows harmlessly: exact after an hour, a day or a year, wherever one
begins. The step is as fine as the float it came from (1e-12 Hz at 20 kHz).
"""

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from protocols.sound import SFREQ

Turns: TypeAlias = npt.NDArray[np.uint64]
"""Fractions of a turn, in units of 2**-64."""

_WHOLE = 2.0**64
_RADIANS = 2.0 * math.pi / _WHOLE


def turns_of(share: npt.ArrayLike) -> Turns:
    """Count turns (1 is a whole one; more, or less than 0, wrap)."""
    rest = np.asarray(share, dtype=np.float64) % 1.0
    return np.where(rest < 1.0, rest * _WHOLE, 0.0).astype(np.uint64)


def steps_of(hz: npt.ArrayLike) -> Turns:
    """Give the turns a sample of frequencies in hertz."""
    return turns_of(np.asarray(hz, dtype=np.float64) / SFREQ)


def turns_at(steps: Turns, starts: Turns, samples: npt.NDArray[np.int64]) -> Turns:
    """Give turns at sample numbers, shape (samples, steps)."""
    return samples.astype(np.uint64)[:, np.newaxis] * steps + starts


def phasors(turns: Turns) -> npt.NDArray[np.complex128]:
    """Give exp(i phase) of turns, same shape."""
    # As signed numbers they lie within half a turn of 0, where floats are finest.
    spin: npt.NDArray[np.complex128] = np.exp(1j * _RADIANS * turns.view(np.int64))
    return spin


def shares(turns: Turns) -> npt.NDArray[np.float64]:
    """Give turns as figures of 0 to below 1, same shape."""
    # 53 bits fit a float exactly, so nothing is rounded up to a whole turn.
    return (turns >> np.uint64(11)).astype(np.float64) * 2.0**-53

"""Partials in a bank: many damped sines, summed by one matrix product a chunk.

A partial is exp((-d + iw) t), so 441 samples from now it is what it is now, turned and
shrunk. Time is cut into rows of 441 samples (10 ms). What each partial is at the beginning
of each row makes one small matrix, what all do within a row another that never changes;
their product is the sound. Phases are exact (`actors.audio.turns`); the product is done
in float32, whose noise lies near -140 dB.
"""

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from actors.audio.turns import phasors, steps_of, turns_at, turns_of
from protocols.sound import SFREQ

ROW = 441
"""Samples of a row: changes begin where one does."""

ROWS_A_SECOND = SFREQ // ROW

Figures: TypeAlias = npt.NDArray[np.float64]
Samples: TypeAlias = npt.NDArray[np.float32]

LINEAR: Figures = np.arange(ROW) / ROW
"""A change within a row that is one of a slow course."""

SMOOTH: Figures = 0.5 - 0.5 * np.cos(math.pi * np.arange(ROW) / ROW)
"""A change within a row that stands for itself: raised cosine."""


class Bank:
    """Partials of fixed frequencies and dampings, for one ear."""

    def __init__(
        self, hz: Figures, *, turns: Figures, decay: Figures, within: Figures
    ) -> None:
        """Tune the partials.

        Args:
            hz: frequencies, shape (partials,).
            turns: phases at sample 0, cosine, in turns, same shape.
            decay: dampings, 1/s, same shape.
            within: how a change goes from 0 to 1 within a row, shape (ROW,).
        """
        self._steps, self._starts = steps_of(hz), turns_of(turns)
        sample = np.arange(ROW)
        course = phasors(turns_at(self._steps, np.zeros_like(self._steps), sample))
        course *= np.exp(-np.outer(sample, decay) / SFREQ)
        self._course = _basis(course)
        self._change = _basis(course * within[:, np.newaxis])

    def render(self, row: int, level: Figures, change: Figures | None = None) -> Samples:
        """Sum the partials over rows.

        Args:
            row: number of the first row.
            level: amplitudes where each row begins, shape (rows, partials).
            change: what each gains within the row, before damping, same shape.

        Returns:
            Shape (rows, ROW).
        """
        first = np.arange(row, row + len(level)) * ROW
        spin = phasors(turns_at(self._steps, self._starts, first))
        out = _parts(spin * level) @ self._course
        if change is not None:
            busy = np.flatnonzero(change.any(axis=1))
            if busy.size:
                out[busy] += _parts(spin[busy] * change[busy]) @ self._change
        return out


def _basis(course: npt.NDArray[np.complex128]) -> Samples:
    """Turn (ROW, partials) complex into (2 partials, ROW), real and minus imaginary.

    Times what `_parts` makes of z, it is Re(z e) = Re z Re e - Im z Im e.
    """
    return np.ascontiguousarray(_parts(course.conj()).T)


def _parts(numbers: npt.NDArray[np.complex128]) -> Samples:
    """Give (n, partials) complex as (n, 2 partials): real and imaginary in turn."""
    return np.ascontiguousarray(numbers).view(np.float64).astype(np.float32)

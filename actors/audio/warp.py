"""Blocks made a little shorter or longer, without a click.

Two quartz clocks differ by up to 100 parts in a million: 4 samples a second. A block of
4,410 that is passed on as 4,409 runs 227 parts faster, 0.4 cents, which nobody hears; its
samples lie between the given ones and are interpolated there by a windowed sinc, so that
treble suffers as little as bass. At a block's ends nothing is interpolated: the next one
may pass untouched, bit by bit.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Samples = npt.NDArray[np.float32]
"""Shape (samples, 2)."""

HALF: Final = 16
"""Samples to either side that an interpolated one is made of; what is passed on is late by
as many."""

MOST: Final = 4
"""Samples that a block is changed by, at most."""

BEGIN_S, END_S = 3e-3, 0.5e-3
"""Lateness at which correcting begins, and at which it is enough."""

STEP_S: Final = 5e-3
"""Lateness for each further sample in a block."""

KEPT: Final = 256
"""Samples that are remembered."""

_PHASES: Final = 256
_BETA: Final = 8.0
"""Of the Kaiser window: side lobes 80 dB down."""


class Warp:
    """Passes blocks on, and remembers their ends."""

    def __init__(self) -> None:
        self.moved = 0
        """Samples that were left out, less those that were put in."""

        self._kept: Samples = np.zeros((KEPT, 2), np.float32)
        self._correcting = False

    @property
    def last(self) -> Samples:
        """The newest samples that were given, oldest first."""
        return self._kept

    def forget(self) -> None:
        """What comes next does not go on from what was."""
        self._kept = np.zeros((KEPT, 2), np.float32)

    def samples_to_move(self, late_s: float) -> int:
        """How many samples to leave out of the next block (below 0: to put in).

        Args:
            late_s: how much later than wanted samples leave.
        """
        far = abs(late_s)
        self._correcting = far > (END_S if self._correcting else BEGIN_S)
        if not self._correcting:
            return 0
        count = min(1 + int(far / STEP_S), MOST)
        return count if late_s > 0 else -count

    def pass_on(self, samples: Samples, by: int) -> Samples:
        """A block, `HALF` samples late, with `by` samples fewer."""
        whole = np.concatenate([self._kept, samples])
        self._kept = whole[-KEPT:]
        first = KEPT - HALF
        if by == 0 or len(samples) <= 4 * MOST:
            return whole[first : first + len(samples)]
        self.moved += by
        return _interpolated(whole, first, len(samples), by)


def _interpolated(whole: Samples, first: int, length: int, by: int) -> Samples:
    count = length - by
    places = first + np.arange(count) * (length / count)
    before = places.astype(np.intp)
    phases = (places - before) * _PHASES
    phase = phases.astype(np.intp)
    part = (phases - phase)[:, np.newaxis].astype(np.float32)
    taps = _TAPS[phase] * (1.0 - part) + _TAPS[phase + 1] * part
    windows = sliding_window_view(whole, 2 * HALF, axis=0)[before - HALF + 1]
    made: Samples = np.einsum("nct,nt->nc", windows, taps, dtype=np.float32)
    return made


def _taps() -> npt.NDArray[np.float32]:
    """Taps of each phase, and of one more; shape (phases + 1, 2 HALF), each of sum 1."""
    fractions = np.arange(_PHASES + 1)[:, np.newaxis] / _PHASES
    distance = np.arange(1 - HALF, HALF + 1) - fractions
    inside = np.clip(1.0 - (distance / HALF) ** 2, 0.0, None)
    taps = np.sinc(distance) * np.i0(_BETA * np.sqrt(inside)) / np.i0(_BETA)
    whole: npt.NDArray[np.float64] = taps / taps.sum(axis=1, keepdims=True)
    return whole.astype(np.float32)


_TAPS: Final = _taps()

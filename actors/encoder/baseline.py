"""The sitter's own baseline: what is usual for this person, and how far from it they are.

In: pooled figures of usable windows. Out: z-scores. Pure. Gaps and bad contact do not
touch it: it counts seconds of usable signal, not of the clock.

The first 30 s of usable windows give each figure's median and, from the median absolute
deviation, its spread (robust: Huber, Robust Statistics, 1981; 1.4826 makes it a standard
deviation for normal figures). After that, both follow the sitter slowly, over five minutes,
in steps cut off at three deviations, so that a posture or an electrode that drifts does not
hold the picture at its end for ever and an artefact cannot move them. A figure that was
not there in the first 30 s (a loose electrode) is taken in a later stretch of 30 s.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

TAKE_S: Final = 30.0
FOLLOW_S: Final = 300.0
"""Time constant."""

CUT_SD: Final = 3.0
MAD_TO_SD: Final = 1.4826
ENOUGH: Final = 0.5
"""Share of a stretch's windows that must have a figure for it to be taken."""

Values = npt.NDArray[np.float64]
"""Shape (figures,); NaN for a figure that is not there."""


class Baseline:
    """Median and spread of some figures, taken and then followed.

    Args:
        least_sd: what the spread cannot fall below, shape (figures,): a figure that
            happened to stand still must not make the next window extraordinary.
        take_s: seconds of usable signal to take it from.
        follow_s: time constant with which it follows, seconds.
    """

    def __init__(
        self, least_sd: Values, *, take_s: float = TAKE_S, follow_s: float = FOLLOW_S
    ) -> None:
        self._least_sd = least_sd
        self._take_s = take_s
        self._follow_s = follow_s
        self.reset()

    def reset(self) -> None:
        """Forget the sitter."""
        size = self._least_sd.size
        self._centre = np.full(size, np.nan)
        self._sd = np.full(size, np.nan)
        self._known = b""  # which figures have a centre
        self._rows: list[Values] = []
        self._seconds = 0.0
        self._taken = False

    @property
    def progress(self) -> float:
        """How much of the first 30 s is there, 0 to 1."""
        return 1.0 if self._taken else min(1.0, self._seconds / self._take_s)

    def add(self, values: Values, seconds: float) -> None:
        """Take in one usable window.

        Args:
            values: its figures.
            seconds: how much signal came since the last one.
        """
        if self._taken:
            self._follow(values, seconds)
        self._rows.append(values)
        self._seconds += seconds
        if self._seconds >= self._take_s - 1e-9:
            self._take()

    def z(self, values: Values) -> Values:
        """Give each figure's deviation in standard deviations; NaN where not known."""
        deviation: Values = (values - self._centre) / self._sd
        return deviation

    def _take(self) -> None:
        rows = np.stack(self._rows)
        there = np.isfinite(rows).mean(axis=0) >= ENOUGH
        new = np.flatnonzero(there & np.isnan(self._centre))
        if new.size:
            centre = np.nanmedian(rows[:, new], axis=0)
            spread = MAD_TO_SD * np.nanmedian(np.abs(rows[:, new] - centre), axis=0)
            self._centre[new] = centre
            self._sd[new] = np.maximum(spread, self._least_sd[new])
            self._known = np.isfinite(self._centre).tobytes()
        self._rows, self._seconds, self._taken = [], 0.0, True

    def _follow(self, values: Values, seconds: float) -> None:
        share = min(1.0, seconds / self._follow_s)
        centre, sd, known = self._centre, self._sd, np.isfinite(values)
        step = (values - centre) / sd
        np.minimum(step, CUT_SD, out=step)
        np.maximum(step, -CUT_SD, out=step)
        # The variance moves to the step's square; here as a factor of itself.
        growth = np.sqrt(step * step * share + (1.0 - share))
        step *= share * sd
        # Where a figure was never there the centre is no number, and stays none; only
        # figures that have gone must be left as they were.
        where = True if known.tobytes() == self._known else known
        np.add(centre, step, out=centre, where=where)
        np.multiply(sd, growth, out=sd, where=where)
        np.maximum(sd, self._least_sd, out=sd)

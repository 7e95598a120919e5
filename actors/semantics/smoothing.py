"""One-pole smoothing by elapsed time: what a viewer sees never jumps.

The pole follows the clock time of the samples, not their number, so a change of the
window's step does not change how fast words move.
"""

import math

import numpy as np
import numpy.typing as npt

LONGEST_STEP_S = 0.5
"""After a longer silence the value goes on from where it was, as if this had passed."""


_SAME_S = 1e-9
"""Two steps as long as each other, but for the rounding of clock times."""


class OnePole:
    """Follows a vector: y += (1 - exp(-dt / tau)) (x - y)."""

    def __init__(self, tau_s: npt.ArrayLike) -> None:
        """Follow with `tau_s` seconds (one, or one for each element)."""
        self._rate = -1.0 / np.asarray(tau_s, dtype=np.float64)
        self._at = -math.inf
        self._value: npt.NDArray[np.float64] | None = None
        self._elapsed, self._share = 0.0, np.zeros_like(self._rate)

    @property
    def value(self) -> npt.NDArray[np.float64] | None:
        """The smoothed vector; None before the first."""
        return self._value

    def follow(self, x: npt.NDArray[np.float64], at: float) -> npt.NDArray[np.float64]:
        """Take `x` of clock time `at` (seconds); the first is taken as it is.

        Returns:
            The smoothed vector, a new array each time.
        """
        if self._value is None:
            self._value = x.copy()
        else:
            elapsed = min(max(at - self._at, 0.0), LONGEST_STEP_S)
            if abs(elapsed - self._elapsed) > _SAME_S:
                self._elapsed, self._share = elapsed, -np.expm1(self._rate * elapsed)
            self._value = self._value + self._share * (x - self._value)
        self._at = max(at, self._at)
        return self._value

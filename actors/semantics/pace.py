"""Pace: how often a picture is asked for.

An absolute grid from the first moment on: a window every 0.1 s that comes a little early
or late stays in its own cell, so 10 pictures a second stay 10, where «at least a period
since the last» would drop every second one.
"""

import math

SLACK_S = 0.03
"""How early a window may come and still be in its cell, at most a quarter of a cell."""


class Pace:
    """Lets a moment pass at most `hz` times a second."""

    def __init__(self, hz: float) -> None:
        self._hz = hz
        self._slack_s = min(SLACK_S, 0.25 / hz)
        self._began_at: float | None = None
        self._cell = -1

    def moment_s(self, at: float) -> float:
        """Seconds of the sitting at clock time `at`; the first call begins it."""
        if self._began_at is None:
            self._began_at = at
        return max(at - self._began_at, 0.0)

    def due(self, at: float) -> bool:
        """Whether a picture is due at clock time `at`; True takes it."""
        cell = math.floor((self.moment_s(at) + self._slack_s) * self._hz)
        if cell <= self._cell:
            return False
        self._cell = cell
        return True

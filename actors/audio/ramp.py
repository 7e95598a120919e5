"""Gains that never step: raised cosine, 50 ms long."""

import numpy as np

from actors.audio.partials import Samples
from protocols.sound import FADE_S, SFREQ

FADE = round(FADE_S * SFREQ)
"""Samples of a fade."""

# The last figure is 1 itself, so a ramp that is through has arrived.
RISE: Samples = (0.5 - 0.5 * np.cos(np.pi * np.arange(1, FADE + 1) / FADE)).astype(
    np.float32
)
"""From above 0 to 1, shape (FADE,)."""


class Ramp:
    """A gain that goes to where it is sent within `FADE` samples, from where it is."""

    def __init__(self, value: float) -> None:
        self._from = self._to = value
        self._done = FADE

    @property
    def value(self) -> float:
        """The gain of the sample before the next."""
        if self._done == 0:
            return self._from
        return self._from + (self._to - self._from) * float(RISE[self._done - 1])

    @property
    def target(self) -> float:
        """Where it is going, or is."""
        return self._to

    @property
    def still(self) -> bool:
        """It has arrived."""
        return self._done == FADE

    def go(self, target: float) -> None:
        """Go to `target`, from where it is now."""
        self._from, self._to, self._done = self.value, target, 0

    def take(self, count: int) -> Samples:
        """Give the gains of the next samples, shape (count,)."""
        gains = np.full(count, self._to, np.float32)
        moving = RISE[self._done : self._done + count]
        gains[: moving.size] = self._from + (self._to - self._from) * moving
        self._done += moving.size
        return gains

"""Whether a device asks for samples evenly.

At its start it fills its own buffer in one go, and some then ask for nothing for more than
a second. A sound that began there would be a second off at once.
"""

from typing import Final

from protocols.sound import SFREQ

UNEVEN_S: Final = 0.05
"""A lump, or a pause, that is no device's habit."""

EVEN_AFTER_S: Final = 0.15
"""Without one for so long, it asks evenly."""

PATIENCE_S: Final = 4.0
"""After so long a device is taken as it is."""


class Pace:
    """Watches what a device asks for."""

    def __init__(self) -> None:
        self.even = False
        """Whether it asks evenly; stays so."""

        self._asked = 0
        self._ahead_s: float | None = None
        self._since = 0.0
        self._began_at = 0.0

    def asked(self, now: float, samples: int) -> None:
        """It asks for samples at a clock time."""
        if self.even:
            return
        if self._ahead_s is None:
            self._began_at = now
        ahead_s = self._asked / SFREQ - now
        self._asked += samples
        if self._ahead_s is None or abs(ahead_s - self._ahead_s) > UNEVEN_S:
            self._ahead_s, self._since = ahead_s, now
        calm_s, known_s = now - self._since, now - self._began_at
        self.even = calm_s >= EVEN_AFTER_S or known_s >= PATIENCE_S

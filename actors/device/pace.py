"""When a sample is due: the arithmetic that all paced sources share."""

import math

import msgspec

RING_S = 10.0
"""Seconds of signal that a source keeps for a reader that comes late; older is lost."""

_ROUNDING = 1e-6
"""Samples; below what a clock's float64 seconds can resolve at 20 kHz after a year."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """A steady rate of samples since an instant."""

    sfreq: float
    """Hertz, in the signal's own time."""

    opened_at: float
    """Clock time of sample 0."""

    speed: float = 1.0
    """Times the signal's own pace."""

    def due(self, now: float) -> int:
        """Samples whose time has passed by `now`: sample i is due just after `at(i)`."""
        elapsed = (now - self.opened_at) * self.sfreq * self.speed
        return max(0, math.ceil(elapsed - _ROUNDING))

    def at(self, sample: int) -> float:
        """Clock time of a sample."""
        return self.opened_at + sample / (self.sfreq * self.speed)

    @property
    def ring(self) -> int:
        """Samples that are kept for a late reader."""
        return max(1, math.ceil(RING_S * self.sfreq))

"""Time as a message."""

import msgspec


class Tick(msgspec.Struct, frozen=True):
    """The metronome struck."""

    now: float
    """Clock time at which it was due, seconds."""

    number: int
    """Counts from 0; a jump means ticks were missed and skipped."""

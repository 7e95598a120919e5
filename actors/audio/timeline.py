"""The time base of all sound: which blocks are due, and what came too late.

Sample 0 is the beginning of the run; the index of a sample says when it is due, on the
clock that the pictures have too. Blocks lie one after the other on a grid that the first
tick sets. A tick that comes late finds more than one block due; what is overdue by more
than `MOST_OVERDUE` blocks is never made: a gap, not a burst.
"""

from protocols.sound import BLOCK, SFREQ

MOST_OVERDUE = 3
"""Blocks that are still made when they are late."""

_HALF = BLOCK // 2


class Timeline:
    """Counts samples by the clock.

    Args:
        began_at: clock time of sample 0, seconds.
    """

    def __init__(self, began_at: float) -> None:
        self.began_at = began_at
        self.skipped = 0
        """Samples that were never made."""

        self._next: int | None = None  # first sample of the next block

    @property
    def next(self) -> int:
        """Index of the first sample that was not given out; 0 before the first tick."""
        return self._next or 0

    def index(self, at: float) -> int:
        """Index of the sample that is due at a clock time."""
        return round((at - self.began_at) * SFREQ)

    def at(self, sample: int) -> float:
        """Clock time at which a sample is due, seconds."""
        return self.began_at + sample / SFREQ

    def due(self, now: float) -> list[int]:
        """Give the first samples of the blocks that are due, each once.

        Args:
            now: clock time of the tick, seconds. The grid bears ticks that are early or
                late by less than half a block.
        """
        last = self.index(now)
        if self._next is None:
            self._next = last
        late = (last - self._next) // BLOCK
        if late > MOST_OVERDUE:
            self._next += late * BLOCK
            self.skipped += late * BLOCK
        blocks = []
        while self._next <= last + _HALF:
            blocks.append(self._next)
            self._next += BLOCK
        return blocks

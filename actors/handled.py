"""How long an actor takes for its messages: a histogram that costs next to nothing.

Time is taken once a slice, not once a message: the messages of a slice (16 at most, mostly
one) share its time evenly. Only the actor's own thread adds; whoever reads may see a count
a moment old.
"""

from bisect import bisect_left
from typing import final

from protocols.operators import HANDLING_LE_S, Histogram


@final
class Handled:
    """Counts by bucket of `HANDLING_LE_S`, and one more above."""

    def __init__(self) -> None:
        self._counts = [0] * (len(HANDLING_LE_S) + 1)
        self._seconds = 0.0

    def add(self, seconds: float, messages: int) -> None:
        """Count messages that took `seconds` together."""
        # In virtual time a slice takes none.
        bucket = bisect_left(HANDLING_LE_S, seconds / messages) if seconds else 0
        self._counts[bucket] += messages
        self._seconds += seconds

    def read(self) -> Histogram:
        """The counts so far."""
        return Histogram(counts=tuple(self._counts), seconds=self._seconds)

"""The ring before the journal: where entries are numbered and wait to be written."""

from typing import Final, Protocol

from protocols.supervision import Entry

LATE: Final = "the journal was down, or did not keep up"
"""Why entries are missing on the disk when it was not the disk's fault."""


class Ring(Protocol):
    """Where the journal pulls from, and says how far it is. Any thread."""

    last: int
    """Number of the newest entry."""

    written: int
    """Set by the journal: number of the newest entry on disk."""

    state: str
    """Set by the journal: `writing`, `full` (its disk) or `down`."""

    def entries(self, since: int, limit: int) -> tuple[list[Entry], int]:
        """The oldest kept entries above `since`, and the number of the oldest kept."""

"""What the front counts, for `/ws-stats`, `/health`, `/ws` and the tests.

Written and read in the Trio thread only.
"""

import enum
from collections import Counter
from dataclasses import dataclass, field


class Closed(enum.StrEnum):
    """Why a WebSocket ended."""

    CLIENT = "client"
    """The client said goodbye."""
    ENDED = "ended"
    """Its stream ended (1000)."""
    PROTOCOL = "protocol"
    """It broke the protocol or a limit (1002, 1007, 1008, 1009)."""
    SLOW = "slow"
    """It took nothing for too long, or too little of what must not be lost (1013)."""
    SILENT = "silent"
    """It answered no ping (1011)."""
    REFUSED = "refused"
    """Its key counts no longer (1008)."""
    GONE = "gone"
    """The connection broke."""
    FAILED = "failed"
    """We failed to answer it (1011)."""
    SHUTDOWN = "shutdown"
    """We went down (1012)."""


@dataclass(slots=True)
class Figures:
    """Counters since the start; they only grow, but for `active`."""

    active: int = 0
    """WebSockets open now."""

    total: int = 0
    """WebSockets ever opened."""

    refused: int = 0
    """Handshakes refused."""

    sent: int = 0
    """Messages handed whole to the kernel."""

    received: int = 0
    """Whole messages from clients."""

    dropped: int = 0
    """Frames that a newer one replaced in a client's slot."""

    superseded: int = 0
    """Frames that a newer one replaced before any client was served."""

    heads_refused: int = 0
    """Connections closed before a whole head came."""

    last_broadcast_at: float | None = None
    """Clock time of the last frame that went to a viewer."""

    closes: Counter[Closed] = field(default_factory=Counter)

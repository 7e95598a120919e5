"""Who falls with whom, and how often a fall is forgiven: pure decisions.

The semantics are those of Erlang/OTP's `supervisor` (Ericsson, OTP Design Principles).
"""

import enum
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field


class Strategy(enum.StrEnum):
    """Which siblings a death takes along."""

    ONE_FOR_ONE = "one_for_one"
    ONE_FOR_ALL = "one_for_all"
    REST_FOR_ONE = "rest_for_one"


class Restart(enum.StrEnum):
    """Which ends are made good."""

    PERMANENT = "permanent"
    """Every end that nobody ordered."""
    TRANSIENT = "transient"
    """Failures only."""
    TEMPORARY = "temporary"
    """None."""


def fallen(strategy: Strategy, siblings: Sequence[str], dead: str) -> list[str]:
    """Children to stop and start anew when `dead` dies, in starting order."""
    match strategy:
        case Strategy.ONE_FOR_ONE:
            return [dead]
        case Strategy.REST_FOR_ONE:
            return list(siblings[siblings.index(dead) :])
        case Strategy.ONE_FOR_ALL:
            return list(siblings)


def is_made_good(restart: Restart, *, normal: bool) -> bool:
    """Whether an end that nobody ordered leads to a new life."""
    match restart:
        case Restart.PERMANENT:
            return True
        case Restart.TRANSIENT:
            return not normal
        case Restart.TEMPORARY:
            return False


@dataclass(frozen=True, kw_only=True)
class Intensity:
    """How many restarts are forgiven in how long."""

    max_restarts: int = 3
    within_s: float = 5.0
    """Seconds of a sliding window."""


@dataclass
class Budget:
    """The restarts of one supervisor, against its intensity."""

    intensity: Intensity
    spent_at: deque[float] = field(default_factory=deque)

    def spend(self, now: float) -> bool:
        """Count a restart at `now` (seconds); False when that is one too many."""
        while self.spent_at and self.spent_at[0] <= now - self.intensity.within_s:
            self.spent_at.popleft()
        self.spent_at.append(now)
        return len(self.spent_at) <= self.intensity.max_restarts


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """How long to wait before a child is started again."""

    first_s: float
    most_s: float

    def delay_s(self, failures: int) -> float:
        """Seconds before the start that follows the `failures`-th failure in a row."""
        return min(self.most_s, self.first_s * 2.0 ** max(0, failures - 1))

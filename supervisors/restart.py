"""Who falls with whom, and how often a fall is forgiven: pure decisions.

The semantics are those of Erlang/OTP's `supervisor` (Ericsson, OTP Design Principles);
what is beyond it (backoff with jitter) says so.
"""

import enum
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from protocols.errors import PhospheneError
from protocols.supervision import Exit


class SpecError(PhospheneError):
    """A specification is wrong: which field, which value, what is allowed.

    Args:
        field: of the specification.
        value: what it is.
        allowed: what it may be.
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field} is {value!r}; allowed: {allowed}")
        self.field = field
        self.value = value


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


class AutoShutdown(enum.StrEnum):
    """When a supervisor ends because its significant children have."""

    NEVER = "never"
    ANY_SIGNIFICANT = "any_significant"
    """With the first that ends for good by itself."""
    ALL_SIGNIFICANT = "all_significant"
    """With the last."""


def fallen(strategy: Strategy, siblings: Sequence[str], dead: str) -> list[str]:
    """Children to stop and start anew when `dead` dies, in starting order."""
    match strategy:
        case Strategy.ONE_FOR_ONE:
            return [dead]
        case Strategy.REST_FOR_ONE:
            return list(siblings[siblings.index(dead) :])
        case Strategy.ONE_FOR_ALL:
            return list(siblings)


def is_made_good(restart: Restart, end: Exit) -> bool:
    """Whether an end that nobody ordered leads to a new life."""
    match restart:
        case Restart.PERMANENT:
            return True
        case Restart.TRANSIENT:
            return end is Exit.ABNORMAL
        case Restart.TEMPORARY:
            return False


@dataclass(frozen=True, kw_only=True)
class Intensity:
    """How many restarts are forgiven in how long.

    Raises:
        SpecError: fewer than 0 restarts, or no time.
    """

    max_restarts: int = 3
    within_s: float = 5.0
    """Seconds of a sliding window."""

    def __post_init__(self) -> None:
        if self.max_restarts < 0:
            raise SpecError("max_restarts", self.max_restarts, "0 and more")
        if not 0 < self.within_s < math.inf:
            raise SpecError("within_s", self.within_s, "finite seconds above 0")


@dataclass
class Budget:
    """The restarts of one supervisor, against its intensity."""

    intensity: Intensity
    spent_at: deque[float] = field(default_factory=deque)

    def spend(self, now: float) -> bool:
        """Count a restart at `now` (seconds); False when that is one too many."""
        self.forgive(now)
        self.spent_at.append(now)
        return len(self.spent_at) <= self.intensity.max_restarts

    def forgive(self, now: float) -> int:
        """Forget what is older than the window; how many are left."""
        while self.spent_at and self.spent_at[0] <= now - self.intensity.within_s:
            self.spent_at.popleft()
        return len(self.spent_at)


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """How long to wait before a child is started again; beyond OTP, for hardware.

    Waits double with each failure in a row, up to a limit, and are spread by `jitter` so
    that what fell together does not come back together.

    Raises:
        SpecError: waits that are no waits, or a jitter that could make them negative.
    """

    first_s: float
    most_s: float
    jitter: float = 0.2
    """Share of a wait by which it may be longer or shorter: 0 to 1."""

    def __post_init__(self) -> None:
        if not 0 < self.first_s < math.inf:
            raise SpecError("first_s", self.first_s, "finite seconds above 0")
        if not self.first_s <= self.most_s < math.inf:
            raise SpecError("most_s", self.most_s, "finite seconds, first_s and more")
        if not 0 <= self.jitter <= 1:
            raise SpecError("jitter", self.jitter, "0 to 1")

    def delay_s(self, failures: int, draw: float = 0.5) -> float:
        """Seconds before the start that follows the `failures`-th failure in a row.

        Args:
            failures: 1 and more.
            draw: a random number, 0 to 1; 0.5 is the middle.
        """
        doublings = min(max(0, failures - 1), 64)
        middle = min(self.most_s, self.first_s * 2.0**doublings)
        return middle * (1.0 + self.jitter * (2.0 * draw - 1.0))

"""An allowance: so many in any span of time, for each of many clients. Pure.

A sliding window with the moment of each request, so it is exact: nowhere on the time line
do more than `quota` lie within one span, and what is left and when there is more can be
said to the second. Where a bucket or a fixed window would let twice as many through at
the seam, this one does not.

Memory has a bound, whoever calls: what is over is forgotten as later requests come, and
beyond the bound the clients that have been silent longest begin anew.
"""

from array import array
from bisect import bisect_right
from typing import Final

import msgspec

_SLACK_S: Final = 1e-6
"""What sums of clock times may be wrong by: who waits as told is never a hair too early."""

_NONE: "Final[array[float]]" = array("d")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a client stands."""

    is_allowed: bool
    """False: the request that was asked for would be too much."""

    remaining: int
    """Requests that are allowed at once."""

    more_s: float
    """Seconds until more are; after a refusal, until what was refused is allowed."""

    whole_s: float
    """Seconds until the whole quota is there again, if nothing comes before."""


class Allowance:
    """Counts what clients do. One thread.

    Args:
        quota: how much is allowed in any span, at least 1.
        span_s: seconds.
        most_clients: that are remembered.
        most_moments: that are remembered, of all clients together.
    """

    def __init__(
        self,
        quota: int,
        span_s: float,
        *,
        most_clients: int = 32_768,
        most_moments: int = 1_000_000,
    ) -> None:
        self.quota = quota
        self.span_s = span_s
        self._most_clients = most_clients
        self._most_moments = max(most_moments, quota)
        self._moments = 0
        # By client the moments of its span; who was allowed something last is last.
        self._seen: dict[str, array[float]] = {}

    @property
    def clients(self) -> int:
        """How many are remembered."""
        return len(self._seen)

    def look(self, client: str, now: float, cost: int = 1) -> Standing:
        """Tell how a client stands, or will; nothing is taken.

        Args:
            client: whom.
            now: clock time, seconds.
            cost: of the request that is thought of.
        """
        moments = self._seen.get(client, _NONE)
        return self._standing(moments[self._over(moments, now) :], now, cost)

    def take(self, client: str, now: float, cost: int = 1) -> Standing:
        """Take from a client's allowance, all of it or nothing.

        Args:
            client: whose.
            now: clock time, seconds; it never goes back.
            cost: how much, up to the quota; 0 takes nothing.
        """
        moments = self._seen.get(client) or array("d")
        over = self._over(moments, now)
        del moments[:over]
        self._moments -= over
        if not moments:
            self._seen.pop(client, None)
        if cost <= 0 or len(moments) + cost > self.quota:
            return self._standing(moments, now, cost)
        self._seen.pop(client, None)
        moments.extend([now] * cost)
        self._moments += cost
        self._seen[client] = moments
        self._forget(now)
        after = self._standing(moments, now, 0)
        return msgspec.structs.replace(after, is_allowed=True)

    def _over(self, moments: "array[float]", now: float) -> int:
        return bisect_right(moments, now - self.span_s + _SLACK_S)

    def _standing(self, moments: "array[float]", now: float, cost: int) -> Standing:
        lacking = len(moments) + cost - self.quota
        ends = moments[max(0, min(lacking, len(moments)) - 1)] if moments else None
        return Standing(
            is_allowed=lacking <= 0,
            remaining=self.quota - len(moments),
            more_s=0.0 if ends is None else ends + self.span_s - now,
            whole_s=moments[-1] + self.span_s - now if moments else 0.0,
        )

    def _forget(self, now: float) -> None:
        while (
            len(self._seen) > self._most_clients
            or self._moments > self._most_moments
            or self._seen[self._oldest()][-1] <= now - self.span_s
        ):
            self._moments -= len(self._seen.pop(self._oldest()))

    def _oldest(self) -> str:
        return next(iter(self._seen))

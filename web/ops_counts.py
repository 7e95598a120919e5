"""What is counted of parts that come and go, in counters that only grow. Pure.

A counter that drops looks to Prometheus like a process that began anew, and an actor that
ends takes its counts with it. So each reading adds what has grown since the one before.
What a part did between its last reading and its end is not in them.
"""

import re
from collections.abc import Hashable, Iterable, Mapping
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
L = TypeVar("L", bound=Hashable)
_SESSION: Final = re.compile(r"sess_[A-Za-z0-9_-]+")


def role(path: str) -> str:
    """A path or an edge's name with `*` for sessions: there are few of these.

    Labels must not name sessions: each new value is a new time series, kept for weeks.
    """
    return _SESSION.sub("*", path)


def is_session(path: str) -> bool:
    """Whether a path is that of a session's house."""
    return _SESSION.fullmatch(path.rpartition("/")[2]) is not None


class Grown(Generic[L]):
    """Sums by label, over parts that come and go."""

    def __init__(self) -> None:
        self._sums: dict[L, tuple[float, ...]] = {}
        self._seen: dict[tuple[Hashable, L], tuple[float, ...]] = {}

    def read(
        self, parts: Iterable[tuple[Hashable, L, tuple[float, ...]]]
    ) -> Mapping[L, tuple[float, ...]]:
        """Add what has grown.

        Args:
            parts: of each that there is now: what it is, its label, and its counts, which
                only grow while it is; always as many for a label.

        Returns:
            The sums by label.
        """
        found: dict[tuple[Hashable, L], tuple[float, ...]] = {}
        for part, label, counts in parts:
            _add(found, (part, label), counts)  # two of the same name are one
        for part, counts in found.items():
            before = self._seen.get(part)
            grown = counts if before is None else _since(before, counts)
            _add(self._sums, part[1], grown)
        self._seen = found  # who is gone is forgotten
        return self._sums


def _add(sums: dict[K, tuple[float, ...]], key: K, counts: tuple[float, ...]) -> None:
    before = sums.get(key)
    if before is not None:
        counts = tuple(a + b for a, b in zip(before, counts, strict=True))
    sums[key] = counts


def _since(before: tuple[float, ...], now: tuple[float, ...]) -> tuple[float, ...]:
    grown = tuple(b - a for a, b in zip(before, now, strict=True))
    return now if min(grown) < 0 else grown  # less than before: it began anew

"""How many WebSockets one address may hold at once at `/ws` (document 003: five). Pure.

Only `/ws` is counted: it is open to whoever reaches it. A session's stream is opened by an
id that cannot be guessed, and a gallery that shows one behind a single address has more
than five visitors; pushers and operators have keys. All of them are bounded together by
`web.door.Limits.websockets`.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from web.errors import Problem

RETRY_S: Final = 5
"""A place is free when another connection ends; nobody knows when that is."""


class Places:
    """The places that are taken, by address; in the Trio thread.

    Args:
        most: places of one address; 0: as many as it likes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    @contextmanager
    def any(self) -> Iterator["Place"]:
        """A connection that may take a place, and leaves it at the end."""
        place = Place(self)
        try:
            yield place
        finally:
            place.leave()

    def taken(self, address: str) -> int:
        """How many an address has."""
        return self._taken[address]

    def add(self, address: str) -> None:
        """Count one more.

        Raises:
            Problem: 429.
        """
        if self._most and self._taken[address] >= self._most:
            raise Problem(
                429,
                f"at most {self._most} WebSockets at /ws from one address; close another",
                details={
                    "limit": self._most,
                    "counted": "websockets",
                    "retry_after_seconds": RETRY_S,
                },
                headers={
                    "retry-after": str(RETRY_S),
                    "x-ratelimit-limit": str(self._most),
                    "x-ratelimit-remaining": "0",
                },
            )
        self._taken[address] += 1

    def subtract(self, address: str) -> None:
        """Count one less."""
        self._taken[address] -= 1
        if not self._taken[address]:
            del self._taken[address]


class Place:
    """One connection's place, if it takes one."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._address: str | None = None

    def take(self, address: str) -> None:
        """Take a place; once.

        Raises:
            Problem: 429: this address has all of its places.
        """
        self._places.add(address)
        self._address = address

    def leave(self) -> None:
        """Give it back, if it was taken."""
        if self._address is not None:
            self._places.subtract(self._address)
            self._address = None

"""When a stream that broke is opened again."""

import secrets
from typing import Final

import msgspec

RESTARTING: Final = 1012
TRY_AGAIN_LATER: Final = 1013
GOING_AWAY: Final = 1001
BROKEN: Final = 1006
NORMAL: Final = 1000
_WORTH_IT: Final = (RESTARTING, TRY_AGAIN_LATER, GOING_AWAY, BROKEN)
_SPREAD: Final = secrets.SystemRandom()


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How often and how long a client tries again.

    Waits double from `first_s` to `most_s`, each shortened by a random part of up to half,
    so that the clients of a server that was restarted do not come all at once.
    """

    tries: int = 10
    """In a row without a message; 0: never."""

    first_s: float = 0.5
    most_s: float = 15.0
    quiet_s: float = 20.0
    """After so long without a byte the server is asked whether it is there; after as long
    again the connection counts as lost."""

    def wait_s(self, tried: int, told_s: float | None = None) -> float | None:
        """How long to wait before the next try.

        Args:
            tried: how often it was tried in vain.
            told_s: what the server said, if it did: never less than that.

        Returns:
            Seconds; None: it was tried often enough.
        """
        if tried >= self.tries:
            return None
        wait_s = min(self.most_s, self.first_s * 2.0 ** min(tried, 32))
        return max(wait_s * _SPREAD.uniform(0.5, 1.0), told_s or 0.0)


def is_worth_it(code: int) -> bool:
    """Whether a stream that was closed with this code may be there again soon."""
    return code in _WORTH_IT

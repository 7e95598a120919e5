"""The drain, as it is seen: which phase is on, how long each took.

    not_ready  streams  http       steps of the front; see `web.drain`
    sessions   audio   output   generators  surroundings  archive  watchdog  journal
                                    children of the root, stopped in reverse

The tree stops itself in that order, each child within its own limit; together they stay
below the ten seconds after which the process goes whatever hangs.
"""

from collections.abc import Callable
from typing import Final

from protocols.ports import Clock
from protocols.supervision import ChildEnded, DrainStepped
from supervisors.chronicle import Chronicle

FRONT: Final = ("not_ready", "streams", "http")
BRANCHES: Final = (
    "sessions",
    "audio",
    "output",
    "generators",
    "surroundings",
    "archive",
    "watchdog",
    "journal",
)
DONE, LATE = "done", "late"


class Drain:
    """What has been drained. Any thread.

    Args:
        clock: times the phases.
        chronicle: where they are noted.
    """

    def __init__(self, clock: Clock, chronicle: Chronicle) -> None:
        self.phase = ""
        """The one that is on; empty while all serves."""

        self._clock = clock
        self._chronicle = chronicle
        self._began_at = 0.0
        self._hurry: Callable[[], object] | None = None

    def front(self, hurry: Callable[[], object]) -> None:
        """A life of the front begins; `hurry` has it hurry."""
        self._hurry = hurry

    def hurry(self) -> None:
        """Leave less time to the front's steps."""
        if self._hurry is not None:
            self._hurry()

    def begin(self) -> None:
        """From now on it is a drain, and not a restart."""
        self.phase = FRONT[0]
        self._began_at = self._clock.now()

    def stepped(self, phase: str, took_s: float, outcome: str) -> None:
        """The front has taken a step."""
        if not self.phase:
            return  # it is being restarted
        self._note(phase, took_s, outcome)

    def ended(self, end: ChildEnded) -> None:
        """Something in the tree has ended."""
        parent, _, name = end.path.rpartition("/")
        if not self.phase or parent != "root" or name not in BRANCHES:
            return
        now = self._clock.now()
        self._note(name, now - self._began_at, DONE if end.normal else LATE)

    def _note(self, phase: str, took_s: float, outcome: str) -> None:
        order = (*FRONT, *BRANCHES)
        following = order.index(phase) + 1
        self.phase = order[following] if following < len(order) else "last words"
        self._began_at = self._clock.now()
        self._chronicle.tell(DrainStepped(phase=phase, took_s=took_s, outcome=outcome))

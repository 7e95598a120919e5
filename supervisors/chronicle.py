"""The chronicle: everything that happens to the tree, numbered, for whoever watches.

Anybody notes, from any thread; a number is given under a lock, so that what happened
because of something else bears a higher number than its cause. The newest entries are
kept; the journal takes them from here to the disk, at its own pace, and says how far it is.
What matters to a person (a failure, a supervisor that gave up) is also logged.
"""

import logging
from collections import deque
from collections.abc import Callable
from itertools import islice
from threading import Lock
from typing import Any, Final

from protocols.ports import Clock, Mailbox
from protocols.supervision import (
    ChildEnded,
    ChildHung,
    Entry,
    LifeEvent,
    ProcessStalled,
    SupervisorGaveUp,
    ZombieListed,
)

log = logging.getLogger(__name__)

KEPT_ENTRIES: Final = 10_000


class Chronicle:
    """Fills `Mailbox[LifeEvent]`. Any thread; never blocks.

    Args:
        clock: dates the entries.
        after: number of the newest entry of earlier runs; this run counts on.
    """

    def __init__(self, clock: Clock, *, after: int = 0) -> None:
        self.last = after
        """Number of the newest entry."""

        self.written = after
        """Number of the newest entry that is on the disk; the journal sets it."""

        self.state = "down"
        """The journal's: `writing`, `full` (its disk) or `down`; the journal sets it."""

        self._clock = clock
        self._kept: deque[Entry] = deque(maxlen=KEPT_ENTRIES)
        self._watchers: tuple[tuple[Mailbox[LifeEvent], tuple[type, ...]], ...] = ()
        self._readers: tuple[Callable[[], object], ...] = ()
        self._lock = Lock()

    def note(self, event: LifeEvent, *, cause: int | None = None) -> int:
        """Keep an event, and pass it on.

        Args:
            event: what happened.
            cause: number of the entry that led to it.

        Returns:
            Its number.
        """
        with self._lock:
            # Watchers are told under the lock, so that all see one order; a tell never
            # blocks, and nothing that it leads to notes in the same breath.
            self.last = number = self.last + 1
            at = self._clock.unix(self._clock.now())
            self._kept.append(Entry(number=number, at=at, cause=cause, event=event))
            for watcher, kinds in self._watchers:
                if isinstance(event, kinds):
                    watcher.tell(event)
        for wake in self._readers:
            wake()
        _log(event)
        return number

    def tell(self, event: LifeEvent, /) -> None:
        """Note an event that nothing here caused."""
        self.note(event)

    def watch(self, watcher: Mailbox[Any], *kinds: type) -> None:
        """Let `watcher` hear of all events of these kinds; none given: of all."""
        with self._lock:
            self._watchers = (*self._watchers, (watcher, kinds or (object,)))

    def wake(self, reader: Callable[[], object]) -> None:
        """Call `reader` after each note: there is something to read. It must be quick."""
        with self._lock:
            self._readers = (*self._readers, reader)

    def entries(self, since: int, limit: int) -> tuple[list[Entry], int]:
        """The oldest entries above a number.

        Args:
            since: the number.
            limit: how many at most.

        Returns:
            The entries, and the number of the oldest that is kept (0: none is).
        """
        with self._lock:
            oldest = self._kept[0].number if self._kept else 0
            skip = max(0, since + 1 - oldest)
            return list(islice(self._kept, skip, skip + limit)), oldest


def _log(event: LifeEvent) -> None:
    match event:
        case ChildEnded(path=path, life=life, normal=False, reason=reason):
            log.error("%s (life %d) died: %s", path, life, reason)
        case SupervisorGaveUp(path=path, reason=reason):
            log.error("%s gives up: %s", path, reason)
        case ChildHung(path=path, life=life, during=during, for_s=for_s, stack=stack):
            log.error(
                "%s (life %d) hangs in %s for %.1f s:\n%s", path, life, during, for_s, stack
            )
        case ZombieListed(path=path, life=life, zombies=zombies):
            log.error("%s (life %d) is a zombie now; there are %d", path, life, zombies)
        case ProcessStalled(seconds=seconds):
            log.warning("the process stood still for %.2f s", seconds)
        case _:
            log.debug("%s", event)

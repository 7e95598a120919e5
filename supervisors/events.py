"""Lives and deaths, for whoever watches: the log, and stages that must know.

Any supervisor tells; the newest are kept. An event is logged where it happens to matter to
a person: a failure, a supervisor that gave up.
"""

import logging
from collections import deque

from protocols.ports import Mailbox
from protocols.supervision import ChildEnded, LifeEvent, SupervisorGaveUp

log = logging.getLogger(__name__)

KEPT_EVENTS = 1000


class EventBoard:
    """Fills `Mailbox[LifeEvent]`. Any thread; never blocks."""

    def __init__(self) -> None:
        self.newest: deque[LifeEvent] = deque(maxlen=KEPT_EVENTS)
        self._watchers: tuple[Mailbox[LifeEvent], ...] = ()

    def watch(self, watcher: Mailbox[LifeEvent]) -> None:
        """Let `watcher` hear of all that comes."""
        self._watchers = (*self._watchers, watcher)

    def tell(self, event: LifeEvent, /) -> None:
        """Keep, log and pass on."""
        self.newest.append(event)
        match event:
            case ChildEnded(path=path, life=life, normal=False, reason=reason):
                log.error("%s (life %d) died: %s", path, life, reason)
            case SupervisorGaveUp(path=path, reason=reason):
                log.error("%s gives up: %s", path, reason)
            case _:
                log.debug("%s", event)
        for watcher in self._watchers:
            watcher.tell(event)

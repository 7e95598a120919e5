"""Actors on the test's own thread: they run when they are told to settle, in order.

An actor can be frozen, as if it never came back from a message: it has no turn until it is
thawed, and whoever looks sees it at work.
"""

import functools
import itertools
from collections import deque
from collections.abc import Callable

from actors.fence import NOBODY, Fence
from actors.inbox import Inbox
from actors.stage import Stage
from protocols.ports import Mailbox
from supervisors.orders import Made
from supervisors.world import made

_OUTSIDE = -1
"""Who calls is the test, not an actor."""


class InlineDispatcher:
    """Fills `Dispatcher`; also the nursery's thread."""

    name = "inline"

    def __init__(self) -> None:
        self.fence = Fence(self._who)
        self._ready: deque[tuple[Inbox | None, Callable[[], bool]]] = deque()
        self._frozen: dict[Inbox, list[Callable[[], bool]]] = {}
        self._slices = itertools.count(1)
        self._slice = _OUTSIDE

    def attach(self, inbox: Inbox, run: Callable[[], bool]) -> None:
        """Give the actor its first turn, and one whenever it is woken."""
        inbox.wake = functools.partial(self._ready.append, (inbox, run))
        self._ready.append((inbox, run))

    def replace(self, thread: int) -> None:
        """Nothing: who is frozen holds nobody up."""

    def soon(self, call: Callable[[], object]) -> None:
        """Call it when its turn comes."""
        self._ready.append((None, lambda: bool(call())))

    def settle(self) -> None:
        """Give turns until nobody wants one."""
        while self._ready:
            inbox, run = self._ready.popleft()
            if inbox in self._frozen:
                self._frozen[inbox].append(run)
                continue
            self._slice = next(self._slices)
            if run():
                self._ready.append((inbox, run))
            self._slice = _OUTSIDE

    def freeze(self, inbox: Inbox) -> None:
        """It hangs in a message."""
        self._frozen[inbox] = []
        inbox.thread = next(self._slices)

    def thaw(self, inbox: Inbox) -> None:
        """It comes back."""
        inbox.thread = NOBODY
        self._ready.extend((inbox, run) for run in self._frozen.pop(inbox))

    def _who(self) -> int:
        return self._slice


class InlineNursery:
    """Fills `Nursery`: a child is made when its turn comes."""

    def __init__(self, dispatcher: InlineDispatcher) -> None:
        self._dispatcher = dispatcher

    def make(
        self, make: Callable[[], Stage], child: str, life: int, done: Mailbox[Made]
    ) -> None:
        """Make a child soon."""
        self._dispatcher.soon(lambda: done.tell(made(make, child, life)))

"""Virtual time: a clock that only the scheduler moves, and the timers that wait on it."""

import heapq
import itertools
from collections.abc import Callable
from typing import Any, Final, final

from protocols.ports import Mailbox

EPOCH: Final = 1_767_225_600.0
"""Unix seconds of virtual time 0: the first instant of 2026, UTC."""


@final
class VirtualClock:
    """Fills `protocols.ports.Clock`; stands still until somebody sets `at`."""

    __slots__ = ("at",)

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        """Seconds since the run began."""
        return self.at

    def unix(self, at: float) -> float:
        """As if every run had begun with the year 2026."""
        return EPOCH + at


@final
class VirtualTimer:
    """Fills `protocols.ports.Timer`."""

    __slots__ = ("call", "first_at", "number", "period_s")

    def __init__(
        self, call: Callable[[float, int], object], first_at: float, period_s: float
    ) -> None:
        self.call: Callable[[float, int], object] | None = call
        self.first_at = first_at
        self.period_s = period_s
        self.number = 0

    def cancel(self) -> None:
        """Let it not come."""
        self.call = None


class VirtualTimers:
    """Fills `protocols.ports.Timers`; what is due is called by the scheduler.

    Args:
        clock: whose time it is.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self.due: list[tuple[float, int, VirtualTimer]] = []
        """A heap; its first is the next. Cancelled ones stay until they are due."""

        self._clock = clock
        self._order = itertools.count()

    def after(
        self, delay_s: float, mailbox: Mailbox[Any], message: object, /
    ) -> VirtualTimer:
        """Tell `message` to `mailbox` in `delay_s` seconds."""
        at = self._clock.at + delay_s
        return self._push(at, VirtualTimer(lambda _at, _n: mailbox.tell(message), at, 0.0))

    def every(
        self, period_s: float, call: Callable[[float, int], object], /
    ) -> VirtualTimer:
        """Call `call(due_at, number)` on a grid of `period_s` seconds.

        As with live timers, a slot that was missed is skipped.
        """
        at = self._clock.at + period_s
        return self._push(at, VirtualTimer(call, at, period_s))

    def at(self, at: float, call: Callable[[], object]) -> VirtualTimer:
        """Call `call` at a virtual time; for the simulation itself."""
        at = max(at, self._clock.at)
        return self._push(at, VirtualTimer(lambda _at, _n: call(), at, 0.0))

    def next_at(self) -> float | None:
        """When the next one is due; None: none waits."""
        due = self.due
        while due and due[0][2].call is None:
            heapq.heappop(due)
        return due[0][0] if due else None

    def fire(self) -> None:
        """Call what is due at the clock's time, in the order in which it was wished."""
        due, clock = self.due, self._clock
        while due and due[0][0] <= clock.at:
            at, _, timer = heapq.heappop(due)
            call = timer.call
            if call is None:
                continue
            if timer.period_s:
                steps = max(1, int((clock.at - at) / timer.period_s) + 1)
                number, timer.number = timer.number, timer.number + steps
                self._push(timer.first_at + timer.number * timer.period_s, timer)
                call(at, number)
            else:
                call(at, 0)

    def _push(self, at: float, timer: VirtualTimer) -> VirtualTimer:
        heapq.heappush(self.due, (at, next(self._order), timer))
        return timer

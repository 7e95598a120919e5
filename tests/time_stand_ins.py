"""Time that only a test moves."""

import heapq
import itertools
import threading
from collections.abc import Callable
from typing import Any

from protocols.ports import Mailbox


class VirtualClock:
    """Fills `protocols.ports.Clock`; stands still until it is advanced."""

    def __init__(self, at: float = 0.0) -> None:
        self._now = at
        self._due: list[tuple[float, int, Callable[[float], object]]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()  # actors in other threads set timers

    def now(self) -> float:
        """Seconds since the test began."""
        return self._now

    def unix(self, at: float) -> float:
        """As if the test had begun in 2026."""
        return 1_767_225_600.0 + at

    def advance(self, seconds: float) -> None:
        """Move on, firing what becomes due at its own time, in order."""
        until = self._now + seconds
        while (due := self._pop(until)) is not None:
            at, call = due
            self._now = at
            call(at)
        self._now = until

    def call_at(self, at: float, call: Callable[[float], object]) -> None:
        """Have `call(at)` come when the time is `at`."""
        with self._lock:
            heapq.heappush(self._due, (at, next(self._order), call))

    def _pop(self, until: float) -> tuple[float, Callable[[float], object]] | None:
        with self._lock:
            if not self._due or self._due[0][0] > until:
                return None
            at, _, call = heapq.heappop(self._due)
        return at, call


class VirtualTimer:
    """Fills `protocols.ports.Timer`."""

    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        """Let it not come."""
        self.cancelled = True


class VirtualTimers:
    """Fills `protocols.ports.Timers` on a `VirtualClock`."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def after(
        self, delay_s: float, mailbox: Mailbox[Any], message: object, /
    ) -> VirtualTimer:
        """Tell `message` to `mailbox` in `delay_s` seconds."""
        timer = VirtualTimer()

        def fire(_at: float) -> None:
            if not timer.cancelled:
                mailbox.tell(message)

        self._clock.call_at(self._clock.now() + delay_s, fire)
        return timer

    def every(
        self, period_s: float, call: Callable[[float, int], object], /
    ) -> VirtualTimer:
        """Call `call(due_at, number)` on a grid of `period_s` seconds."""
        timer = VirtualTimer()

        def fire(at: float, number: int = 0) -> None:
            if not timer.cancelled:
                call(at, number)
                self._clock.call_at(at + period_s, lambda due: fire(due, number + 1))

        self._clock.call_at(self._clock.now() + period_s, fire)
        return timer

"""Live time: the clock, and the one thread that wakes actors later.

In goes "tell this to that mailbox in so many seconds"; out goes the message, on time. A
crash of an actor that waits loses nothing here: mailboxes outlive their tenants.
"""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from protocols.ports import Mailbox, Timer

log = logging.getLogger(__name__)


class LiveClock:
    """Fills `protocols.ports.Clock` with the machine's monotonic clock."""

    def __init__(self) -> None:
        self._epoch = time.time() - time.monotonic()  # noqa: TID251  # this is the clock

    def now(self) -> float:
        """Seconds, never going back."""
        return time.monotonic()  # noqa: TID251  # this is the clock

    def unix(self, at: float) -> float:
        """Seconds since 1970 UTC of the instant `at`."""
        return at + self._epoch


class _Entry:
    def __init__(
        self, call: Callable[[float, int], object], first_at: float, period_s: float
    ) -> None:
        self.call: Callable[[float, int], object] | None = call
        self.first_at = first_at
        self.period_s = period_s
        self.number = 0

    def cancel(self) -> None:
        self.call = None


class LiveTimers:
    """Fills `protocols.ports.Timers` with one thread and a heap.

    Threads: `after`, `every` and `cancel` may come from any.
    """

    def __init__(self, clock: LiveClock) -> None:
        self._clock = clock
        self._due: list[tuple[float, int, _Entry]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="timers", daemon=True)
        self._thread.start()

    def after(self, delay_s: float, mailbox: Mailbox[Any], message: object, /) -> Timer:
        """Tell `message` to `mailbox` in `delay_s` seconds."""
        at = self._clock.now() + delay_s
        entry = _Entry(lambda _due, _number: mailbox.tell(message), at, 0.0)
        self._push(at, entry)
        return entry

    def every(self, period_s: float, call: Callable[[float, int], object], /) -> Timer:
        """Call `call(due_at, number)` on a grid of `period_s` seconds."""
        at = self._clock.now() + period_s
        entry = _Entry(call, at, period_s)
        self._push(at, entry)
        return entry

    def close(self) -> None:
        """Stop the thread; what is due later never comes."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(1.0)

    def _push(self, at: float, entry: _Entry) -> None:
        with self._changed:
            heapq.heappush(self._due, (at, next(self._order), entry))
            if self._due[0][2] is entry:
                self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                wait = self._due[0][0] - self._clock.now() if self._due else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                at, _, entry = heapq.heappop(self._due)
            self._fire(at, entry)

    def _fire(self, at: float, entry: _Entry) -> None:
        call = entry.call
        if call is None:
            return
        try:
            call(at, entry.number)
        except Exception:  # this thread wakes everybody: one caller must not end it
            log.exception("a timer's call failed")
        if entry.period_s:
            steps = max(1, int((self._clock.now() - at) / entry.period_s) + 1)
            entry.number += steps  # a slot that was missed is skipped, never made up for
            self._push(entry.first_at + entry.number * entry.period_s, entry)

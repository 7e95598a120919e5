"""The metronome: beats of the timer in, ticks to everybody out.

Ten times a second everybody who is on the roster gets a `Tick`, but not all at the same
instant: the tenth of a second is cut into slots, and each subscriber ticks in the slot
with the fewest others, so that a hundred sessions do not start work at once.

A crash forgets the figures, and ticks count from 0 again; the roster belongs to the tree.
"""

import math
from collections import deque
from threading import Lock
from typing import assert_never

from actors.stage import Stage
from protocols.ports import Clock, Mailbox, Timer, Timers
from protocols.time import Beat, MetronomeFigures, MetronomeInput, MetronomeStatus, Tick

TICK_S = 0.1
SLOTS = 10
"""Slots in a tick: 10 ms each."""

REMEMBERED_TICKS = 600


class Roster:
    """Who gets ticks, and in which slot. Any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._slots: list[dict[str, Mailbox[Tick]]] = [{} for _ in range(SLOTS)]

    def join(self, name: str, mailbox: Mailbox[Tick], slot: int | None = None) -> None:
        """Let `mailbox` tick from now on.

        Args:
            name: leaves under this name; a name that is there is replaced.
            mailbox: gets the ticks.
            slot: 0 to 9; None takes the one with the fewest others.
        """
        self.leave(name)
        with self._lock:
            sizes = [len(members) for members in self._slots]
            place = sizes.index(min(sizes)) if slot is None else slot
            # A new dictionary: the metronome goes through the old one without the lock.
            self._slots[place] = {**self._slots[place], name: mailbox}

    def leave(self, name: str) -> None:
        """Let `name` tick no longer; nothing happens if it does not."""
        with self._lock:
            for place, members in enumerate(self._slots):
                if name in members:
                    self._slots[place] = {k: v for k, v in members.items() if k != name}

    def members(self, slot: int) -> list[Mailbox[Tick]]:
        """Who ticks in a slot."""
        return list(self._slots[slot].values())


class Metronome(Stage):
    """Tells ten ticks a second to the roster."""

    def __init__(
        self, clock: Clock, timers: Timers, beats: Mailbox[MetronomeInput], roster: Roster
    ) -> None:
        super().__init__()
        self._clock = clock
        self._timers = timers
        self._beats = beats
        self._roster = roster
        self._timer: Timer | None = None
        self._late_s: deque[float] = deque(maxlen=REMEMBERED_TICKS)
        self._last = -1
        self._ticks = 0
        self._missed = 0

    def setup(self) -> None:
        """Have the timer call."""
        beats = self._beats
        self._timer = self._timers.every(
            TICK_S / SLOTS, lambda due, number: beats.tell(Beat(due, number))
        )

    def handle(self, message: MetronomeInput) -> MetronomeFigures | None:
        """Pass a beat on as ticks, or give the figures."""
        match message:
            case Beat(due_at=due_at, number=number):
                self._beat(due_at, number)
                return None
            case MetronomeStatus():
                return self._figures()
            case _:
                assert_never(message)

    def teardown(self) -> None:
        """Let the timer call no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _beat(self, due_at: float, number: int) -> None:
        # Slots that the timer skipped still tick, late by less than a tick, so that a
        # stall of 30 ms does not cost three slots' subscribers their tick.
        first = max(self._last + 1, number - SLOTS + 1)
        self._last = number
        for beat in range(first, number + 1):
            tick, slot = divmod(beat, SLOTS)
            if slot == 0:
                self._count(due_at - (number - beat) * TICK_S / SLOTS, tick)
            told = Tick(due_at - (number - beat) * TICK_S / SLOTS, tick)
            for member in self._roster.members(slot):
                member.tell(told)

    def _count(self, due_at: float, tick: int) -> None:
        self._missed += max(0, tick - self._ticks)
        self._ticks = tick + 1
        self._late_s.append(self._clock.now() - due_at)

    def _figures(self) -> MetronomeFigures:
        late = sorted(self._late_s) or [0.0]
        return MetronomeFigures(
            ticks=self._ticks - self._missed,
            missed=self._missed,
            late_p50_ms=1e3 * late[len(late) // 2],
            late_p99_ms=1e3 * late[min(len(late) - 1, math.floor(0.99 * len(late)))],
        )

"""The one crossing from threads to Trio: frames, from the broadcaster to the gateway.

Any thread tells; one task inside Trio takes. Of a picture only the newest waits, of control
messages all (up to a bound), of sound a second. One wake-up serves however many frames came
in between. It never blocks, never raises, and what is told before or after the run is not
an error.
"""

import threading
from collections import deque
from itertools import chain
from typing import Final

import trio

from protocols.streams import HubInput, StreamFrame

CONTROL_LIMIT: Final = 4096
"""Control frames that may wait while the Trio thread is busy."""

SOUND_LIMIT: Final = 10
"""Frames of one sound that may wait; a newer one takes the oldest's place."""


class Hub:
    """Fills `Mailbox[StreamFrame]`; `attach` it inside the run that it serves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, str, int], StreamFrame] = {}
        self._controls = 0  # ever; also makes their keys unique
        self._sounds: dict[str, deque[StreamFrame]] = {}
        self._controls_waiting = 0
        self._token: trio.lowlevel.TrioToken | None = None
        self._woken = True  # until attached nobody is to be woken
        self._ready = trio.Event()
        self._superseded = 0

    def tell(self, frame: HubInput, /) -> None:
        """Hand a frame over. Any thread; never blocks and never raises."""
        with self._lock:
            self._put(frame)
            if self._woken:
                return
            self._woken = True
            token = self._token
        if token is not None:
            try:
                token.run_sync_soon(self._wake)
            except trio.RunFinishedError:
                self.detach()

    def attach(self) -> None:
        """Begin to wake the calling Trio run for what waits and what comes."""
        with self._lock:
            self._token = trio.lowlevel.current_trio_token()
            self._woken = True
        self._ready = trio.Event()
        self._ready.set()  # something may wait already

    def detach(self) -> None:
        """Wake nobody any more."""
        with self._lock:
            self._token, self._woken = None, True

    async def take(self) -> list[StreamFrame]:
        """Wait for frames and take all that wait, in the order of their newest arrival."""
        await self._ready.wait()
        with self._lock:
            taken, self._waiting = list(self._waiting.values()), {}
            sounds, self._sounds = self._sounds.values(), {}
            self._controls_waiting = 0
            self._ready = trio.Event()
            self._woken = False
        taken.extend(chain.from_iterable(sounds))
        return taken

    def count_superseded(self) -> int:
        """Frames lost to newer ones, or to the bound, since the last call."""
        with self._lock:
            count, self._superseded = self._superseded, 0
        return count

    def _put(self, frame: StreamFrame) -> None:
        if frame.kind == "audio" and not frame.control:
            kept = self._sounds.setdefault(frame.topic, deque(maxlen=SOUND_LIMIT))
            self._superseded += len(kept) == SOUND_LIMIT
            kept.append(frame)
        elif not frame.control:
            key = (frame.topic, frame.kind, 0)
            if self._waiting.pop(key, None) is not None:
                self._superseded += 1
            self._waiting[key] = frame
        elif self._controls_waiting >= CONTROL_LIMIT:
            self._superseded += 1
        else:
            self._controls += 1
            self._controls_waiting += 1
            self._waiting[frame.topic, frame.kind, self._controls] = frame

    def _wake(self) -> None:
        # Runs inside Trio, where an exception would end the whole run.
        self._ready.set()

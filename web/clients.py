"""A viewer's slot: what the kernel would not take yet.

In: frames and control messages, encoded. Out: bytes to a non-blocking socket. At most the
rest of one frame, the newest frame, and a bounded queue of control messages wait here: a
client that reads slowly sees fewer pictures, never older ones. Of sound a few frames wait,
so that jitter makes no gap; who is slower than that loses the oldest. No task, no clock.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from web.figures import Closed

CONTROL_LIMIT: Final = 512
"""Control messages that may wait for one client: more than all sessions' events, if they
were to end at once. Events are the same bytes for all clients."""


class Client:
    """One WebSocket, as the fan-out sees it.

    Args:
        send: the socket's `send`: takes some of the bytes, or raises `BlockingIOError`.
        end: called when the connection is to end: why, and in how many seconds at most.
        fd: the socket's file descriptor.
        frames: how many frames may wait; one more takes the oldest's place.
    """

    __slots__ = (
        "_control",
        "_frames",
        "_rest",
        "closing",
        "end",
        "fd",
        "idle",
        "moved_at",
        "send",
    )

    def __init__(
        self,
        *,
        send: Callable[[bytes | memoryview], int],
        end: Callable[[Closed, float], None],
        fd: int,
        frames: int = 1,
    ) -> None:
        self.send = send
        self.end = end
        self.fd = fd
        self.idle = True
        """Nothing waits: a frame may go straight to the socket."""
        self.closing = False
        """A close frame was queued: nothing follows it."""
        self.moved_at = 0.0
        """When the kernel last took something, or when waiting began (Trio's time)."""
        self._rest: memoryview | None = None
        self._frames: deque[bytes] = deque(maxlen=frames)
        self._control: deque[bytes] = deque()

    @property
    def waiting(self) -> bool:
        """Something is to be sent as soon as the socket takes it."""
        return self._rest is not None or bool(self._control) or bool(self._frames)

    def hold(self, data: bytes, sent: int, now: float) -> None:
        """Keep what the kernel did not take of a frame that was sent while idle.

        Args:
            data: the frame.
            sent: bytes of it that were taken; none: newer frames may still replace it.
            now: Trio's time.
        """
        self.idle = False
        self.moved_at = now
        if sent:
            self._rest = memoryview(data)[sent:]
        else:
            self._frames.append(data)

    def offer(self, data: bytes) -> bool:
        """Put a frame into the slot of a client that is not idle.

        Returns:
            True if a frame that waited is lost by it.
        """
        if self.closing:
            return False
        replaced = len(self._frames) == self._frames.maxlen
        self._frames.append(data)
        return replaced

    def push(self, data: bytes, now: float) -> bool:
        """Queue a control message; `flush` sends it.

        Returns:
            False if the queue is full: the message is lost and the client must go.
        """
        if self.closing:
            return True
        if len(self._control) >= CONTROL_LIMIT:
            return False
        self._wake(now)
        self._control.append(data)
        return True

    def say_goodbye(self, data: bytes, now: float, *, at_once: bool = False) -> None:
        """Queue a close frame as the last thing this client is sent.

        Args:
            data: the close frame.
            now: Trio's time.
            at_once: drop the control messages that wait before it.
        """
        if self.closing:
            return
        if at_once:
            self._control.clear()
        self._frames.clear()
        self._wake(now)
        self._control.append(data)
        self.closing = True

    def flush(self, now: float) -> int:
        """Send what waits, as far as the kernel takes it.

        Args:
            now: Trio's time.

        Returns:
            Messages that are now wholly sent; `waiting` says whether something is left.

        Raises:
            OSError: the connection is broken.
        """
        whole = 0
        while (rest := self._begun(now)) is not None:
            taken = self._try(rest, now) if rest else 0
            if taken < len(rest):
                self._rest = rest[taken:]
                return whole
            self._rest = None
            whole += 1
        return whole

    def _begun(self, now: float) -> memoryview | None:
        # What is begun must be ended; a frame of which nothing is sent may give way to a
        # newer one, so it becomes the rest only once the kernel has taken some of it.
        if self._rest is not None:
            return self._rest
        if self._control:
            self._rest = memoryview(self._control.popleft())
        elif not self._frames:
            self.idle = not self.closing  # nothing may follow a close frame
        elif taken := self._try(self._frames[0], now):
            self._rest = memoryview(self._frames.popleft())[taken:]
        return self._rest

    def _try(self, data: bytes | memoryview, now: float) -> int:
        try:
            taken = self.send(data)
        except BlockingIOError:
            return 0
        self.moved_at = now
        return taken

    def _wake(self, now: float) -> None:
        if self.idle:
            self.idle = False
            self.moved_at = now

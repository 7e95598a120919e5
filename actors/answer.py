"""Answers: what an `ask` gives back at once.

A question goes in with an `Answer`; whoever takes the question sets it, once, from any
thread. A waiting thread makes its own gate, so an answer that nobody waits for (a
pipelined ask, or a Trio task that left a callback) costs one lock and no condition.
"""

import queue
from _thread import allocate_lock
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any

import pykka

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class Answer(pykka.Future[Any]):
    """Fills `protocols.ports.Reply` and stands where Pykka expects its future.

    Threads: `set`, `fail`, `get` and `when_done` may come from any.
    """

    # Pykka's __init__ would store three attributes an ask; these say the same for all.
    _get_hook: Callable[[float | None], Any] | None = None

    def __init__(self) -> None:  # a Pykka future without its Condition
        self._claim = allocate_lock()
        self._done = False
        self._value: Any = None
        self._error: BaseException | None = None
        self._waiting: deque[Callable[[], object]] = deque()

    def __repr__(self) -> str:
        return f"<Answer {'there' if self._done else 'pending'}>"

    def set(self, value: Any = None) -> None:
        """Answer with `value`.

        Raises:
            queue.Full: it was answered before (as Pykka's futures say it).
        """
        if not self._claim.acquire(blocking=False):
            raise queue.Full
        self._value = value
        self._open()

    def fail(self, error: BaseException) -> bool:
        """Answer with an error, unless an answer is there; says whether it counted."""
        if not self._claim.acquire(blocking=False):
            return False
        self._error = error
        self._open()
        return True

    def set_exception(self, exc_info: Any = None) -> None:
        """Answer with an exception, as Pykka gives it (or the one being handled).

        Raises:
            queue.Full: it was answered before.
        """
        import sys  # noqa: PLC0415  # only Pykka's own calls come here

        kind, error, trace = sys.exc_info() if exc_info is None else exc_info
        if error is None:
            error = kind() if kind is not None else RuntimeError("no exception given")
        if not self.fail(error.with_traceback(trace)):
            raise queue.Full

    def _open(self) -> None:
        self._done = True
        waiting = self._waiting
        while waiting:
            try:
                call = waiting.popleft()
            except IndexError:  # `when_done` in another thread took it
                return
            call()

    def is_done(self) -> bool:
        """Whether the answer is there."""
        return self._done

    def when_done(self, call: Callable[[], object], /) -> None:
        """Call `call` once the answer is there, in the thread that brings it or at once."""
        self._waiting.append(call)
        if self._done:
            self._open()

    def get(self, *, timeout: float | None = None) -> Any:
        """Wait for the answer.

        Args:
            timeout: seconds; None waits for ever.

        Raises:
            pykka.Timeout: it did not come in time.
            Exception: it is an error.
        """
        if self._get_hook is not None:
            return super().get(timeout=timeout)
        if not self._done:
            gate = allocate_lock()
            gate.acquire()
            self.when_done(gate.release)
            if not gate.acquire(timeout=-1 if timeout is None else max(timeout, 0.0)):
                raise pykka.Timeout(f"{timeout} seconds")
        if self._error is not None:
            raise self._error
        return self._value

    def set_get_hook(self, func: Callable[[float | None], Any]) -> None:
        """Let `func` make the answer when it is asked for (Pykka's `stop` does)."""
        pykka.Future.__init__(self)
        super().set_get_hook(func)

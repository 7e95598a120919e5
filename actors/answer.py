"""Answers: what an `ask` gives back at once.

A question goes in with an `Answer`; whoever takes the question sets it, once, from any
thread. A waiting thread makes its own gate, so an answer that nobody waits for (a
pipelined ask, or a Trio task that left a callback) costs one list: whoever removes its
first element has the right to answer, and the others are called once that is done. Both
are single calls into C, which the interpreter's lock makes whole.
"""

import logging
import queue
import sys
from _thread import allocate_lock
from collections.abc import Callable
from types import TracebackType
from typing import Any

import pykka

log = logging.getLogger(__name__)

_ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


class Answer(pykka.Future[Any]):
    """Fills `protocols.ports.Reply` and stands where Pykka expects its future.

    Threads: all methods may be called from any.
    """

    # Attributes of the class until they are set: an ask makes nothing that it may not need.
    _get_hook: Callable[[float | None], Any] | None = None
    _done = False
    _value: Any = None
    _error: BaseException | None = None

    def __init__(self) -> None:  # a Pykka future without its Condition
        self._waiting: list[Callable[[], object] | None] = [None]

    def __repr__(self) -> str:
        return f"<Answer {'there' if self._done else 'pending'}>"

    def offer(self, value: Any) -> bool:
        """Answer with `value`, unless an answer is there; says whether it counted."""
        try:
            self._waiting.remove(None)
        except ValueError:
            return False
        self._value = value
        self._done = True
        if self._waiting:
            self._call()
        return True

    def fail(self, error: BaseException) -> bool:
        """Answer with an error, unless an answer is there; says whether it counted.

        What is no `Exception` (`SystemExit`, …) ends the one who raised it, not the one
        who asked: who asked gets `ActorDeadError` with it as the cause.
        """
        if not isinstance(error, Exception):
            dead = pykka.ActorDeadError(f"ended by {error!r}")
            dead.__cause__ = error
            error = dead
        try:
            self._waiting.remove(None)
        except ValueError:
            return False
        self._error = error
        self._done = True
        if self._waiting:
            self._call()
        return True

    def set(self, value: Any = None) -> None:
        """Answer with `value`.

        Raises:
            queue.Full: it was answered before (as Pykka's futures say it).
        """
        if not self.offer(value):
            raise queue.Full

    def set_exception(self, exc_info: _ExcInfo | None = None) -> None:
        """Answer with an exception, as Pykka gives it (or the one being handled).

        Raises:
            queue.Full: it was answered before.
        """
        kind, error, trace = sys.exc_info() if exc_info is None else exc_info
        if error is None:
            error = kind() if kind is not None else RuntimeError("no exception given")
        if not self.fail(error.with_traceback(trace)):
            raise queue.Full

    def is_done(self) -> bool:
        """Whether the answer is there."""
        return self._done

    def when_done(self, call: Callable[[], object], /) -> None:
        """Call `call` once the answer is there, in the thread that brings it or at once.

        It should be quick and not raise: what it raises is logged, because it must harm
        neither the actor that answers nor others that wait.
        """
        self._waiting.append(call)
        if self._done:
            self._call()

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

    def _call(self) -> None:
        waiting = self._waiting
        while waiting:
            try:
                call = waiting.pop(0)
            except IndexError:  # another thread took it
                return
            if call is None:
                continue
            try:
                call()
            except Exception:
                log.exception("who waited for an answer failed")

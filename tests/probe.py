"""A mailbox that a test reads."""

import queue
from typing import Generic, TypeVar

M = TypeVar("M")


class Probe(Generic[M]):
    """Fills `Mailbox[M]` and hands what was told to the test."""

    def __init__(self) -> None:
        self._told: queue.SimpleQueue[M] = queue.SimpleQueue()

    def tell(self, message: M, /) -> None:
        """Keep it."""
        self._told.put(message)

    def next(self, timeout_s: float = 5.0) -> M:
        """What was told next; fails the test when nothing comes."""
        try:
            return self._told.get(timeout=timeout_s)
        except queue.Empty:
            raise AssertionError(f"nothing was told within {timeout_s} s") from None

    def all(self) -> list[M]:
        """What was told so far and not read yet."""
        return [self._told.get() for _ in range(self._told.qsize())]

    def until(self, kind: type[M], timeout_s: float = 5.0) -> M:
        """The next message of a kind, passing over others."""
        while not isinstance(found := self.next(timeout_s), kind):
            pass
        return found

"""Answers that take long, or read a disk, made in threads: a few at a time.

Streams go on meanwhile, and what hangs hangs its thread and the answers that wait for it,
nothing else.
"""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

import trio

from web.door import Door
from web.errors import Problem

T = TypeVar("T")
_LOG: Final = logging.getLogger(__name__)


class Reader:
    """Makes answers in threads; inside one Trio run.

    Args:
        door: with the limit of time.
        threads: how many answers at once; more wait for their turn.
    """

    def __init__(self, door: Door, threads: int = 1) -> None:
        self._limit_s = door.limits.answer_s
        self._limiter = trio.CapacityLimiter(threads)

    async def read(self, work: Callable[[], T]) -> T:
        """Make one.

        Raises:
            Problem: 504, when it is not there in time.
            Exception: what `work` raises.
        """
        with trio.move_on_after(self._limit_s):
            return await trio.to_thread.run_sync(
                work, limiter=self._limiter, abandon_on_cancel=True
            )
        raise Problem(504, "no answer in time: a disk hangs, or too many ask at once")

    async def recall(self, work: Callable[[], T]) -> T:
        """Make one that may need what is on a disk.

        Raises:
            Problem: 503, when whoever keeps it cannot give it now; 504, as `read`.
        """
        try:
            return await self.read(work)
        except Problem:
            raise
        except Exception as error:  # the disk's, or the death of who reads it
            _LOG.warning("what is kept cannot be read: %r", error)
            said = "what is kept cannot be read now"
            raise Problem(503, said, headers={"retry-after": "1"}) from error

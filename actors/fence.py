"""The fence: what an actor that was replaced still sends goes nowhere.

A thread cannot be killed, so an actor that hangs may come back long after another has
taken its place, and would go on in the middle of its message. From its eviction on, each of
its letters is refused (`fenced`) at the edge it is put into. As long as nobody is shut out,
that costs a look at one attribute a letter.

The same gate lets a simulator lose letters on cue.
"""

from _thread import allocate_lock, get_ident
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from actors.edges import Letter
    from actors.inbox import Inbox

NOBODY: Final = 0
"""Stands for «in no slice»; no thread has this number."""


class Fence:
    """Keeps out what comes from actors that were replaced. Any thread.

    Args:
        who: number of the slice of work that is going on; live: the thread's.
    """

    up = False
    """Whether `holds_back` must be asked at all."""

    def __init__(self, who: Callable[[], int] = get_ident) -> None:
        self.who = who
        self._zombies: frozenset[Inbox] = frozenset()
        self._lock = allocate_lock()

    def shut_out(self, inbox: "Inbox") -> None:
        """From now on let nothing through that the tenant of `inbox` sends."""
        with self._lock:
            self._zombies |= {inbox}
            self.up = True

    def let_go(self, inbox: "Inbox") -> None:
        """That one has ended and sends no more."""
        with self._lock:
            self._zombies -= {inbox}
            self.up = bool(self._zombies)

    def holds_back(self, letter: "Letter") -> str:
        """Why a letter does not go on; empty: it does."""
        del letter
        return "fenced" if self.is_outside() else ""

    def is_outside(self) -> bool:
        """Whether who calls was shut out."""
        who = self.who()
        return any(zombie.thread == who for zombie in self._zombies)

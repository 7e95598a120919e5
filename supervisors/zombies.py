"""Zombies: actors that hang and were replaced, and whose threads are still there.

A thread cannot be killed. What a zombie sends is refused and what it wrote is fenced, but
its thread, its memory and what it holds open stay until it comes back. At three of them the
process is not worth keeping: whoever runs it is told, and restarts it.
"""

from threading import Lock
from typing import TYPE_CHECKING, Final

from protocols.operators import Zombie
from protocols.ports import Clock, Mailbox
from protocols.supervision import Born, Died, ZombieEnded, ZombieListed
from supervisors.chronicle import Chronicle

if TYPE_CHECKING:
    from collections.abc import Callable

MOST: Final = 3


class Zombies:
    """The list. Any thread.

    Args:
        clock: dates them.
        chronicle: where they are noted.
        most: at so many `too_many` is called.
    """

    def __init__(self, clock: Clock, chronicle: Chronicle, most: int = MOST) -> None:
        self.too_many: Callable[[], object] = _let_be
        """Called once there are too many; the composition root sets it."""

        self._clock = clock
        self._chronicle = chronicle
        self._most = most
        self._list: dict[tuple[str, int], Zombie] = {}
        self._lock = Lock()

    def add(self, zombie: Zombie, cause: int | None) -> int:
        """List one; gives the number of the entry."""
        with self._lock:
            self._list[zombie.path, zombie.life] = zombie
            count = len(self._list)
        listed = ZombieListed(path=zombie.path, life=zombie.life, zombies=count)
        number = self._chronicle.note(listed, cause=cause)
        if count == self._most:
            self.too_many()
        return number

    def end(self, path: str, life: int) -> bool:
        """One came back and ended; says whether it was listed."""
        with self._lock:
            zombie = self._list.pop((path, life), None)
            count = len(self._list)
        if zombie is None:
            return False
        after_s = self._clock.now() - zombie.since
        self._chronicle.tell(
            ZombieEnded(path=path, life=life, after_s=after_s, zombies=count)
        )
        return True

    def rows(self) -> list[Zombie]:
        """Who is listed, oldest first."""
        with self._lock:
            return list(self._list.values())


class LifeWatch:
    """Hears of one life: takes it off the list at its end, then passes the word on.

    The end of a zombie may come when its supervisor is long gone.

    Args:
        zombies: the list.
        path: of the child.
        reports: where its supervisor hears of it.
    """

    def __init__(self, zombies: Zombies, path: str, reports: Mailbox[Born | Died]) -> None:
        self._zombies = zombies
        self._path = path
        self._reports = reports

    def tell(self, event: Born | Died, /) -> None:
        """Hear of a birth or a death."""
        if isinstance(event, Died):
            self._zombies.end(self._path, event.life)
        self._reports.tell(event)


def _let_be() -> None:
    """Nobody asked to be told."""

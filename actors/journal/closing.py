"""The last word: what is noted after the journal's own end, written without an actor."""

from typing import Final

from actors.journal.folder import JournalLock
from actors.journal.limits import Limits
from actors.journal.ring import LATE, Ring
from actors.journal.writing import JournalWriter

_BATCH: Final = 1000


def write_rest(lock: JournalLock, ring: Ring, limits: Limits | None = None) -> None:
    """Write what the ring holds and the disk does not; once the tree has ended.

    The journal ends with the tree, and so before the last entries of a run: its own end,
    and `RunEnded`.

    Args:
        lock: of the journal's folder; stays taken.
        ring: nobody else may write from it any more.
        limits: how much the journal may take.

    Raises:
        OSError: the disk does not take it.
        JournalError: another process writes this journal.
    """
    writer = JournalWriter(lock, limits=limits or Limits(), permit=_alone)
    try:
        writer.open()
        while entries := ring.entries(writer.written, _BATCH)[0]:
            writer.write(entries, LATE)
            ring.written = writer.written
        writer.close()
    finally:
        writer.abandon()


def _alone() -> None:
    """Nobody has taken this writer's place."""

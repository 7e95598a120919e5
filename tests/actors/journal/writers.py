"""A journal's writer for a test, and disks that refuse."""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from actors.journal.folder import JournalLock, journal_files
from actors.journal.limits import Limits
from actors.journal.reading import BadLine, JournalReader
from actors.journal.writing import Disk, JournalWriter
from protocols.supervision import ChildRow, Entry


class SmallDisk:
    """A disk with so many bytes left; its files are real.

    Args:
        room: bytes; None: as many as the machine's.
    """

    def __init__(self, room: int | None = None) -> None:
        self.room = room
        self.writes = 0
        self.syncs = 0
        self.failing = ""

    def write(self, file: int, data: bytes) -> int:
        if self.room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = os.write(file, data if self.room is None else data[: self.room])
        self.writes += 1
        if self.room is not None:
            self.room -= taken
        return taken

    def sync(self, file: int) -> None:
        if self.failing:
            raise OSError(errno.EIO, self.failing)
        self.syncs += 1
        os.fsync(file)

    def calls(self) -> Disk:
        """What a writer is given."""
        return Disk(self.write, self.sync)


def allow() -> None:
    """A permit that nobody takes back."""


@contextmanager
def writer(
    folder: Path,
    *,
    limits: Limits | None = None,
    disk: SmallDisk | None = None,
    permit: Callable[[], None] = allow,
) -> Iterator[JournalWriter]:
    """A writer that lets go of everything in the end, without a word to the disk."""
    lock = JournalLock(folder)
    made = JournalWriter(
        lock,
        limits=limits or Limits(),
        permit=permit,
        disk=(disk or SmallDisk()).calls(),
    )
    try:
        yield made
    finally:
        made.abandon()
        lock.release()


def write(
    folder: Path, entries: Sequence[Entry], *, limits: Limits | None = None, by: int = 0
) -> None:
    """Write entries as one process would, `by` at a time (0: all at once)."""
    with writer(folder, limits=limits) as out:
        out.open()
        for start in range(0, len(entries), by or len(entries) or 1):
            out.write(entries[start : start + (by or len(entries))])
        out.close()


def read(folder: Path, since: int = 0) -> list[Entry]:
    """What is there; fails the test on a bad line."""
    entries, bad = read_bad(folder, since)
    assert bad == []
    return entries


def read_bad(folder: Path, since: int = 0) -> tuple[list[Entry], list[BadLine]]:
    """What is there, and the lines that cannot be read."""
    bad: list[BadLine] = []
    return list(JournalReader(folder, bad.append).entries(since)), bad


def tree_at(folder: Path, number: int) -> tuple[ChildRow, ...] | None:
    """The tree at an entry."""
    return JournalReader(folder).tree_at(number)


def names(folder: Path) -> list[str]:
    """Of its files."""
    return [file.path.name for file in journal_files(folder)]


def numbers(entries: Iterable[Entry]) -> list[int]:
    """Of the entries."""
    return [entry.number for entry in entries]

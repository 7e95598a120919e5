"""The journal's folder: its files by number, and the lock that keeps a second writer out.

A file is named for the first entry that it tells of, `0000000000000001.jsonl`, so the name
says where to look. The folder's lock is taken by a process, not by an actor: a life that
follows another in the same process finds it held, as it should be.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, final

from actors.journal.lines import entry_of
from protocols.errors import PhospheneError

FOLDER: Final = "journal"
"""In the data folder."""

_LOCK: Final = "lock"
_NAME: Final = re.compile(r"([0-9]{16})\.jsonl")
_BLOCK: Final = 64 * 1024
"""Bytes of a file's end that are looked at first."""


class JournalError(PhospheneError):
    """The journal cannot be written, though the disk may be well."""


class JournalLockedError(JournalError):
    """Another process writes this journal.

    Args:
        folder: of the journal.
        holder: what the other process says of itself; empty: nothing.
    """

    def __init__(self, folder: Path, holder: str) -> None:
        by = f"process {holder}" if holder else "another process"
        super().__init__(
            f"the journal in {folder} is being written by {by}; end it, or use another"
            " data folder"
        )
        self.folder = folder
        self.holder = holder


class JournalFile(NamedTuple):
    """One file of a journal."""

    path: Path
    first: int
    """Number of the first entry that it tells of; its name."""


def file_name(first: int) -> str:
    """Name of the file whose first entry has this number."""
    return f"{first:016d}.jsonl"


def journal_files(folder: Path) -> list[JournalFile]:
    """The files of a journal, oldest first; none where there is no folder.

    Raises:
        OSError: the folder cannot be read.
    """
    with suppress(FileNotFoundError):
        found = (_NAME.fullmatch(path.name) for path in folder.iterdir())
        return sorted(
            (JournalFile(folder / name[0], int(name[1])) for name in found if name),
            key=lambda file: file.first,
        )
    return []


def last_number(folder: Path) -> int:
    """Number of the newest entry on disk, found at the end of the newest file.

    Args:
        folder: of the journal.

    Returns:
        The number; 0 where there is no entry. What a file's name promises counts too, so a
        number that was given is not given again though its line cannot be read.

    Raises:
        OSError: the folder cannot be read.
    """
    highest = 0
    for path, first in reversed(journal_files(folder)):
        highest = max(highest, first - 1)
        for line in _lines_backwards(path):
            entry, _ = entry_of(line)
            if entry is not None:
                return max(highest, entry.number)
    return highest


def _lines_backwards(path: Path) -> Iterator[bytes]:
    """The whole lines of a file, newest first; some come again if all are wanted."""
    length = _BLOCK
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        while True:
            start = file.seek(max(0, size - length))
            *lines, _torn = file.read(size - start).split(b"\n")
            yield from reversed(lines[1:] if start else lines)
            if not start:
                return
            length *= 4


@final
class JournalLock:
    """The right to write the journal in a folder; one for all lives of a process's journal.

    Args:
        folder: of the journal; made when the lock is taken.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: int | None = None

    def take(self) -> None:
        """Take it; safe to repeat, which also finds out whether it still counts.

        Raises:
            JournalLockedError: another process has it.
            OSError: the folder or the lock cannot be made; try again later.
        """
        if self._held is not None and self._is_in_place(self._held):
            return
        self.release()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self.folder / _LOCK, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise JournalLockedError(self.folder, holder) from None
        except BaseException:
            os.close(descriptor)
            raise
        self._held = descriptor
        with suppress(OSError):  # a full disk; whoever comes second then hears no name
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give it back; safe to repeat."""
        if self._held is not None:
            # Not by closing alone: a child that was forked has the lock open too.
            fcntl.flock(self._held, fcntl.LOCK_UN)
            os.close(self._held)
            self._held = None

    def _is_in_place(self, descriptor: int) -> bool:
        """Whether others find the same lock: the folder may have been removed."""
        mine = os.fstat(descriptor)
        try:
            found = (self.folder / _LOCK).stat()
        except OSError:
            return False
        return (mine.st_dev, mine.st_ino) == (found.st_dev, found.st_ino)

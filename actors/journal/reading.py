"""Reading a journal: entries above a number, and the tree at a number.

For the journal itself and for whoever looks at a folder from outside, also while another
process writes there: a last line that is not whole yet is left alone. A line that cannot be
read is reported and passed over; what it may have told of the tree is then unknown.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import final

import msgspec

from actors.journal.fold import Recall
from actors.journal.folder import JournalFile, journal_files
from actors.journal.lines import entry_of
from protocols.supervision import ChildRow, Entry, TreeSnapshot

log = logging.getLogger(__name__)


class BadLine(msgspec.Struct, frozen=True):
    """A line that cannot be read."""

    path: Path
    line: int
    """Counts from 1."""

    reason: str

    def __str__(self) -> str:
        """For a person: where, and why."""
        return f"{self.path}:{self.line}: {self.reason}"


def log_bad_line(bad: BadLine) -> None:
    """Report a line to the log."""
    log.warning("the journal has a line that cannot be read: %s", bad)


@final
class JournalReader:
    """Reads the journal in a folder. One thread at a time; every call looks anew.

    All methods raise `OSError` when the folder or a file cannot be read.

    Args:
        folder: of the journal; need not be there.
        report: is told of each line that cannot be read, whenever it is met.
    """

    def __init__(
        self, folder: Path, report: Callable[[BadLine], object] = log_bad_line
    ) -> None:
        self._folder = folder
        self._report = report

    def first(self) -> int:
        """Number of the oldest entry; 0: there is none."""
        return next((entry.number for entry in self.entries(0)), 0)

    def entries(self, since: int) -> Iterator[Entry]:
        """The entries above a number, oldest first, each once.

        The snapshots of the tree that the journal itself puts between them are left out.
        """
        files = journal_files(self._folder)
        begin = _file_of(files, since + 1)
        seen = since
        for index in range(begin, len(files)):
            for line, entry in self._lines(files[index], last=index == len(files) - 1):
                head = line == 1 and isinstance(entry.event, TreeSnapshot)
                if entry.number > seen and not head:
                    seen = entry.number
                    yield entry

    def tree_at(self, number: int) -> tuple[ChildRow, ...] | None:
        """The tree as an entry left it.

        Returns:
            Its rows by path, `since` in seconds since 1970 UTC; None: there is no such
            entry, or the tree is not known there.
        """
        tree = self.recall(until=number)
        return tree.rows() if tree.known and tree.number == number else None

    def recall(self, until: int | None = None) -> Recall:
        """The tree as the entries up to `until` leave it; None: as all do."""
        files = journal_files(self._folder)
        end = len(files) if until is None else _file_of(files, until + 1) + 1
        begin = max(0, min(end, len(files)) - 1)
        while begin > 0 and not self._has_head(files[begin]):
            begin -= 1
        tree = Recall(known=False)
        for index in range(begin, len(files)):
            for _, entry in self._lines(files[index], last=index == len(files) - 1):
                if until is not None and entry.number > until:
                    return tree
                tree.take(entry)
        return tree

    def _has_head(self, file: JournalFile) -> bool:
        with suppress(FileNotFoundError), file.path.open("rb") as lines:
            entry, _ = entry_of(lines.readline())
            return entry is not None and isinstance(entry.event, TreeSnapshot)
        return False

    def _lines(self, file: JournalFile, *, last: bool) -> Iterator[tuple[int, Entry]]:
        """Each line's number and entry; a file that is gone by now has none."""
        with suppress(FileNotFoundError), file.path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if last and not line.endswith(b"\n"):
                    return  # it is being written
                entry, reason = entry_of(line)
                if reason:
                    self._report(BadLine(file.path, number, reason))
                if entry is not None:
                    yield number, entry


def _file_of(files: list[JournalFile], number: int) -> int:
    """Index of the file in which the entry of that number would be; 0 if in none."""
    index = 0
    for candidate, file in enumerate(files):
        if file.first <= number:
            index = candidate
    return index

"""Writing a journal: entries to the end of the newest file, and a new file when it is full.

A file is only ever added to. What a kill or a power cut leaves of a last line is cut off
when the file is opened; an error closes the file, and opening it anew finds out what the
disk has taken. Every file begins with a snapshot of the tree, so the tree can be computed
from any file on (a file before which entries are missing has none: it would not be true).

The numbers that are missing when the disk did not take entries in time are told by an
`EntriesLost` in their place, bearing the last of them.
"""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, final

from actors.journal.fold import Recall
from actors.journal.folder import (
    JournalError,
    JournalLock,
    file_name,
    journal_files,
)
from actors.journal.limits import Limits
from actors.journal.lines import entry_of, line_of
from actors.journal.reading import JournalReader
from protocols.supervision import EntriesLost, Entry, RunBegan, TreeSnapshot


class Disk(NamedTuple):
    """The two calls that a disk may refuse; a simulator refuses them on cue."""

    write: Callable[[int, bytes], int] = os.write
    sync: Callable[[int], None] = os.fsync


class _Line(NamedTuple):
    data: bytes
    entry: Entry


@final
class JournalWriter:
    """Writes the journal in a folder. One thread at a time.

    After an `OSError` or a `JournalError` the file is closed; `open` tries again.

    Args:
        lock: of the folder; taken in `open`, and left to whoever made it.
        limits: how much the journal may take.
        permit: called before anything on the disk is changed; raises if this writer was
            replaced by another.
        disk: the calls that write.
    """

    def __init__(
        self,
        lock: JournalLock,
        *,
        limits: Limits,
        permit: Callable[[], None],
        disk: Disk = Disk(),  # noqa: B008  # it has no state
    ) -> None:
        self.written = 0
        """Number of the newest entry on disk, once it was opened."""

        self.tree = Recall(known=False)
        """As `written`, or what was passed over since, leaves it."""

        self.lost = 0
        """Entries for which an `EntriesLost` was written."""

        self._lock = lock
        self._folder = lock.folder
        self._limits = limits
        self._permit = permit
        self._disk = disk
        self._file: int | None = None
        self._path = Path()
        self._room = 0  # bytes that this file may still take
        self._dirty = False  # not synced
        self._opened = False
        self._told = False  # whether the tree can be computed from the files alone

    @property
    def is_open(self) -> bool:
        """Whether it knows the end of the journal and may write there."""
        return self._opened

    def open(self) -> None:
        """Find the end of the journal, cut a torn line off, and be ready to write.

        Raises:
            JournalLockedError: another process writes it.
            OSError: the disk does not let us.
        """
        self.abandon()
        self._lock.take()
        files = journal_files(self._folder)
        while files and not self._reopen(files[-1].path):
            self._permit()
            files.pop().path.unlink(missing_ok=True)  # nothing whole is in it
        if files:
            tree = JournalReader(self._folder, _already_told).recall()
            self.written = max(tree.number, files[-1].first - 1)
        else:
            tree = Recall()  # before the first entry of all, there is nothing
            self.written = 0
        self._told = tree.known
        if (tree.number, tree.known) >= (self.tree.number, self.tree.known):
            self.tree = tree
        self._opened = True

    def write(self, entries: Sequence[Entry], why_lost: str = "") -> None:
        """Add entries; those that are written already are passed over.

        Args:
            entries: with rising numbers.
            why_lost: the reason to give where numbers are missing.

        Raises:
            OSError: the disk does not take them all; `written` tells how far it came, as
                soon as it is opened again.
            JournalError: it is not open.
        """
        if not self._opened:
            raise JournalError("the journal is not open")
        try:
            self._write(list(self._lines(entries, why_lost)))
        except OSError:
            self.abandon()
            raise

    def pass_over(self, entry: Entry) -> None:
        """An entry will never be written, but the tree goes on."""
        self.tree.take(entry)

    def sync(self) -> None:
        """Have all that was written survive a power cut.

        Raises:
            OSError: it may not; or the file was removed by somebody.
        """
        try:
            self._sync()
        except OSError:
            self.abandon()
            raise

    def close(self) -> None:
        """Sync and close; safe to repeat.

        Raises:
            OSError: what was written last may not survive a power cut.
        """
        try:
            self._sync()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close without a word to the disk; safe to repeat."""
        self._opened = False
        self._close_file()

    # -- lines --------------------------------------------------------------------------

    def _lines(self, entries: Iterable[Entry], why_lost: str) -> Iterator[_Line]:
        before, told = self.written, self._told
        for entry in entries:
            if entry.number <= before:
                continue
            last = entry.number - 1
            if last > before:
                lost = EntriesLost(first=before + 1, last=last, reason=why_lost)
                yield _line(Entry(number=last, at=entry.at, cause=None, event=lost))
                told = False
            if not told and self._tree_is_at(last):
                yield _line(self._snapshot(entry.at))
                told = True
            yield _line(entry)
            before = entry.number

    def _snapshot(self, at: float) -> Entry:
        tree = TreeSnapshot(rows=self.tree.rows())
        return Entry(number=self.tree.number, at=at, cause=None, event=tree)

    def _fitting(self, lines: Sequence[_Line]) -> Sequence[_Line]:
        """The first lines, as many as there is room for in the file; none: it is full."""
        room = self._room
        for index, line in enumerate(lines):
            room -= len(line.data)
            if room < 0:
                return lines[:index]
        return lines

    def _write(self, lines: Sequence[_Line]) -> None:
        while lines:
            fitting = self._fitting(lines)
            if self._file is not None and fitting:
                self._add(self._file, fitting)
            else:
                fitting = self._turn(lines)
            lines = lines[len(fitting) :]
            for line in fitting:
                self._note(line.entry)

    def _note(self, entry: Entry) -> None:
        self.written = entry.number
        self.tree.take(entry)
        match entry.event:
            case EntriesLost(first=first, last=last):
                self.lost += last - first + 1
                self._told = False
            case RunBegan() | TreeSnapshot():
                self._told = True
            case _:
                pass

    # -- files --------------------------------------------------------------------------

    def _reopen(self, path: Path) -> bool:
        """Open a file to add to it; False: there is no whole line in it."""
        data = path.read_bytes()
        size = data.rfind(b"\n") + 1
        if not size:
            return False
        self._permit()
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        os.fchmod(self._file, 0o600)  # it may have been copied here
        if size < len(data):
            os.ftruncate(self._file, size)
        head = data[: data.index(b"\n") + 1]
        self._room = self._limits.file_bytes - size + (len(head) if _is_tree(head) else 0)
        self._dirty = True  # what an earlier life wrote may not be synced
        return True

    def _turn(self, lines: Sequence[_Line]) -> Sequence[_Line]:
        """Begin a new file; gives the lines that it begins with."""
        self._sync()
        self._close_file()
        self._make_room()
        first, at = self.written + 1, lines[0].entry.at
        self._permit()
        self._path = self._folder / file_name(first)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        self._file = file = os.open(self._path, flags, 0o600)
        self._room = self._limits.file_bytes
        fitting = self._fitting(lines) or lines[:1]  # a line too long has a file of its own
        head = [_line(self._snapshot(at))] if self._tree_is_at(first - 1) else []
        self._room += sum(len(line.data) for line in head)
        self._add(file, [*head, *fitting])
        self._told = self._told or bool(head)
        _sync_folder(self._folder)
        return fitting

    def _tree_is_at(self, number: int) -> bool:
        return self.tree.known and self.tree.number == number

    def _add(self, file: int, lines: Sequence[_Line]) -> None:
        data = b"".join(line.data for line in lines)
        self._room -= len(data)
        self._dirty = True
        while data:
            self._permit()
            # Once as a rule; a disk that is nearly full takes what it can.
            taken = self._disk.write(file, data)
            if not taken:
                raise OSError(errno.ENOSPC, "the disk took nothing")
            data = data[taken:]

    def _sync(self) -> None:
        if self._file is None or not self._dirty:
            return
        self._disk.sync(self._file)
        if not os.fstat(self._file).st_nlink:
            raise FileNotFoundError(f"{self._path} was removed")
        self._dirty = False

    def _make_room(self) -> None:
        """Remove the oldest files, so that another one is within the limits."""
        files = journal_files(self._folder)
        surplus = self._limits.surplus([file.path.stat().st_size for file in files])
        for file in files[:surplus]:
            self._permit()
            file.path.unlink(missing_ok=True)

    def _close_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _line(entry: Entry) -> _Line:
    return _Line(line_of(entry), entry)


def _is_tree(line: bytes) -> bool:
    entry, _ = entry_of(line)
    return entry is not None and isinstance(entry.event, TreeSnapshot)


def _already_told(_bad: object) -> None:
    """Whoever reads the journal hears of bad lines; who writes it only passes them over."""


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The practice file: practices in SQLite, so that they outlive the process.

One process at a time uses a data folder (the journal's lock sees to that), so nothing here
waits for another. A kill takes nothing that was written; a power cut may take the last
moments and leaves the file whole. Times in the file are Unix seconds: they must mean
something to the next process, whose clock begins anew.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from actors.sessions.practice import Practice
from protocols.errors import PhospheneError
from protocols.sessions import PracticeSettings, PracticeStatus

FILE_NAME: Final = "sessions.sqlite3"
BUSY_S: Final = 0.5
"""Seconds to wait for whoever looks into the file by hand."""

_STEPS: Final = (
    """
CREATE TABLE practices (
    id TEXT PRIMARY KEY,
    settings TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('created', 'running', 'completed', 'stopped')),
    reason TEXT NOT NULL,
    created_at REAL NOT NULL,
    started_at REAL,
    ended_at REAL
)
""",
    "CREATE TABLE run (one INTEGER PRIMARY KEY CHECK (one = 1), alive_at REAL NOT NULL)",
)
"""What makes a file of each format from one of the format before."""

FORMAT: Final = len(_STEPS)

_read_settings = msgspec.json.Decoder(PracticeSettings).decode
_read_status = msgspec.json.Decoder(PracticeStatus).decode


class PracticeFileError(PhospheneError):
    """The practice file cannot be read or written."""


class Kept(NamedTuple):
    """What the file holds."""

    practices: list[Practice]
    """With Unix times."""

    alive_at: float | None
    """When a process that used the file last said that it lives, Unix seconds."""

    unread: list[str]
    """What could not be understood: id and why. It stays in the file."""


class PracticeStore:
    """The practice file. One thread at a time uses an instance.

    Every method raises `PracticeFileError` when the file cannot be used; the next call
    opens it anew.

    Args:
        path: made with its folder with the first write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: sqlite3.Connection | None = None

    def load(self) -> Kept:
        """Read everything; where there is no file, there is nothing."""
        try:
            if not self._path.exists():
                return Kept([], None, [])
        except OSError as error:
            raise PracticeFileError(f"{self._path}: {error}") from error
        practices, unread = [], []
        with self._file() as file:
            rows = file.execute("SELECT * FROM practices ORDER BY created_at, rowid")
            for row in rows:
                try:
                    practices.append(_practice(row))
                except msgspec.DecodeError as error:
                    unread.append(f"{row[0]}: {error}")
            alive = file.execute("SELECT alive_at FROM run").fetchone()
        return Kept(practices, None if alive is None else alive[0], unread)

    def write(
        self, changed: Sequence[Practice], gone: Sequence[str], alive_at: float
    ) -> None:
        """Write all of it, or nothing.

        Args:
            changed: practices that are new or other than before, with Unix times.
            gone: ids of those to be forgotten.
            alive_at: Unix seconds, now.
        """
        with self._file() as file:
            file.execute("BEGIN IMMEDIATE")
            with file:
                file.executemany(
                    "INSERT OR REPLACE INTO practices VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [_row(practice) for practice in changed],
                )
                file.executemany(
                    "DELETE FROM practices WHERE id = ?", [(session,) for session in gone]
                )
                file.execute("INSERT OR REPLACE INTO run VALUES (1, ?)", (alive_at,))

    def close(self) -> None:
        """Let the file go; safe to repeat, and the next call opens it again."""
        if self._open is not None:
            with suppress(sqlite3.Error):
                self._open.close()
        self._open = None

    @contextmanager
    def _file(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connected()
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise PracticeFileError(f"{self._path}: {error}") from error

    def _connected(self) -> sqlite3.Connection:
        if self._open is not None:
            return self._open
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Intentions are nobody else's; SQLite gives its side files the same rights.
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        # A pinned actor's thread may change between its lives, never within a call.
        file = sqlite3.connect(
            self._path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(file)
        except BaseException:
            file.close()
            raise
        self._open = file
        return file


def _prepare(file: sqlite3.Connection) -> None:
    found: int
    (found,) = file.execute("PRAGMA user_version").fetchone()
    if found > FORMAT:
        raise sqlite3.DatabaseError(f"is of format {found}, made by a newer version")
    if found < FORMAT:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("BEGIN IMMEDIATE")
        with file:
            for step in _STEPS[found:]:
                file.execute(step)
            file.execute(f"PRAGMA user_version = {FORMAT}")
    file.execute("PRAGMA synchronous = NORMAL")


_Row = tuple[str, str, str, str, float, float | None, float | None]


def _row(practice: Practice) -> _Row:
    return (
        practice.session,
        msgspec.json.encode(practice.settings).decode(),
        practice.status,
        practice.reason,
        practice.created_at,
        practice.started_at,
        practice.ended_at,
    )


def _practice(row: _Row) -> Practice:
    session, settings, status, reason, created_at, started_at, ended_at = row
    return Practice(
        session=session,
        settings=_read_settings(settings),
        status=_read_status(msgspec.json.encode(status)),
        reason=reason,
        created_at=created_at,
        started_at=started_at,
        ended_at=ended_at,
    )

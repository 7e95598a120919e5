"""The key file: keys as hashes in SQLite, shared by the server and the command line.

Both open it at once: what one writes counts for the other with its next question, so a
key that `phosphene keys revoke` ends is refused by the running server at once.

A key is 256 random bits. It is stored as one SHA-256: slow hashes (bcrypt, Argon2) make
guessing *likely* secrets dear, and among 2**256 equally likely ones guessing is hopeless
with any hash (NIST SP 800-63B, 5.1.2.2, for look-up secrets of 112 bits and more); they
would only make each request dear. For the same reason an index may be searched by the
hash: what its timing tells of a hash leads to no key.
"""

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from protocols.errors import PhospheneError
from protocols.keys import (
    OPERATOR,
    KeyAmbiguous,
    KeyCreated,
    KeyHolder,
    KeyUnknown,
    Role,
)

FILE_NAME = "keys.sqlite3"
MARK = "phos_"
"""Begins every key, so that people and scanners of secrets recognise one."""

KEY_LENGTH = len(MARK) + 43
PREFIX_LENGTH = 12
LAST_USED_STEP_S = 60.0
"""Seconds between two notes of a key's use: not every request writes to the disk."""

KEPT_S = 30 * 86_400.0
"""Seconds for which an ended key stays listed."""

BUSY_S = 2.0
"""Seconds to wait for another process that writes; it needs milliseconds."""

_STEPS = (
    """
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    sha256 BLOB NOT NULL UNIQUE,
    created_at REAL NOT NULL,
    expires_at REAL,
    last_used_at REAL,
    revoked_at REAL
)
""",
    "ALTER TABLE keys ADD COLUMN role TEXT",
)
"""What makes a file of each format from one of the format before."""

FORMAT = len(_STEPS)

_COLUMNS = "id, name, prefix, role, created_at, expires_at, last_used_at, revoked_at"


class KeyFileError(PhospheneError):
    """The key file cannot be read or written."""


class KeyStore:
    """The key file. One thread at a time uses an instance; processes may share the file.

    Every method raises `KeyFileError` when the file cannot be used; the next call opens
    it anew. `now` is Unix seconds.
    """

    def __init__(
        self, path: Path, *, new_secret: Callable[[int], str] = secrets.token_urlsafe
    ) -> None:
        """Name the file; nothing is opened.

        Args:
            path: made with its folder when it is not there.
            new_secret: makes URL-safe text of that many random bytes.
        """
        self._path = path
        self._new_secret = new_secret
        self._open: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None

    def open(self) -> None:
        """Open the file, or make it; safe to repeat."""
        with self._file():
            pass

    def close(self) -> None:
        """Let the file go; safe to repeat, and the next call opens it again."""
        if self._open is not None:
            with suppress(sqlite3.Error):
                self._open.close()
        self._open = self._inode = None

    def create(
        self, name: str, days: float | None, now: float, role: Role | None = None
    ) -> KeyCreated:
        """Make a key, and forget those that ended long ago."""
        key = MARK + self._new_secret(32)
        id_ = f"key_{secrets.token_hex(6)}"
        expires_at = None if days is None else now + days * 86_400.0
        with self._file() as file:
            file.execute(
                "DELETE FROM keys WHERE revoked_at < ? OR expires_at < ?",
                (now - KEPT_S, now - KEPT_S),
            )
            file.execute(
                "INSERT INTO keys (id, name, prefix, role, sha256, created_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (id_, name, key[:PREFIX_LENGTH], role, _digest(key), now, expires_at),
            )
        return KeyCreated(id=id_, key=key)

    def check(self, key: str, now: float) -> KeyHolder | KeyUnknown:
        """Find whose key it is, if it counts at `now`."""
        if len(key) != KEY_LENGTH or not key.startswith(MARK):
            return KeyUnknown()
        with self._file() as file:
            row = file.execute(
                f"SELECT {_COLUMNS} FROM keys WHERE sha256 = ?",  # noqa: S608  # a constant
                (_digest(key),),
            ).fetchone()
            if row is None:
                return KeyUnknown()
            holder = _holder(row)
            if holder.revoked_at is not None:
                return KeyUnknown("revoked")
            if holder.expires_at is not None and holder.expires_at <= now:
                return KeyUnknown("expired")
            self._note_use(file, holder, now)
            return holder

    def all(self) -> tuple[KeyHolder, ...]:
        """Every key, oldest first."""
        with self._file() as file:
            rows = file.execute(
                f"SELECT {_COLUMNS} FROM keys ORDER BY created_at, rowid"  # noqa: S608  # a constant
            ).fetchall()
        return tuple(_holder(row) for row in rows)

    def revoke(self, which: str, now: float) -> KeyHolder | KeyUnknown | KeyAmbiguous:
        """End the key that `which` (id, key, or a beginning of either) names."""
        if len(which) == KEY_LENGTH and which.startswith(MARK):
            found = self._by_digest(_digest(which))
        else:
            found = [k for k in self.all() if which and _begins(k, which)]
        if not found:
            return KeyUnknown()
        if len(found) > 1:
            return KeyAmbiguous(tuple(holder.id for holder in found))
        with self._file() as file:
            file.execute(
                "UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                (now, found[0].id),
            )
        return next(holder for holder in self.all() if holder.id == found[0].id)

    def _by_digest(self, digest: bytes) -> list[KeyHolder]:
        with self._file() as file:
            rows = file.execute(
                f"SELECT {_COLUMNS} FROM keys WHERE sha256 = ?",  # noqa: S608  # a constant
                (digest,),
            ).fetchall()
        return [_holder(row) for row in rows]

    def _note_use(self, file: sqlite3.Connection, holder: KeyHolder, now: float) -> None:
        if now - (holder.last_used_at or 0.0) < LAST_USED_STEP_S:
            return
        # A disk that is full or read-only keeps nobody out who has a key.
        with suppress(sqlite3.OperationalError):
            file.execute(
                "UPDATE keys SET last_used_at = ? WHERE id = ?",
                (now, holder.id),
            )

    @contextmanager
    def _file(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connected()
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise KeyFileError(f"{self._path}: {error}") from error

    def _connected(self) -> sqlite3.Connection:
        if self._open is not None:
            if _inode(self._path) == self._inode:
                return self._open
            self.close()  # somebody put another file in its place, or removed it
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its side files the rights of the main file, so these come first.
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.fchmod(descriptor, 0o600)  # a file that was copied here may be open to all
        finally:
            os.close(descriptor)
        self._inode = _inode(self._path)
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
    if _format(file) < FORMAT:
        file.execute("PRAGMA journal_mode = WAL")
        _migrate(file)
    # A revoked key must stay revoked when the power fails: FULL is the default in WAL too,
    # but builds of SQLite differ.
    file.execute("PRAGMA synchronous = FULL")


def _migrate(file: sqlite3.Connection) -> None:
    # All or nothing; of two processes that want it at once the second finds it done.
    file.execute("BEGIN IMMEDIATE")
    with file:
        for step in _STEPS[_format(file) :]:
            file.execute(step)
        file.execute(f"PRAGMA user_version = {FORMAT}")


def _format(file: sqlite3.Connection) -> int:
    found: int
    (found,) = file.execute("PRAGMA user_version").fetchone()
    if found > FORMAT:
        raise sqlite3.DatabaseError(f"is of format {found}, made by a newer version")
    return found


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="backslashreplace")).digest()


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino)


def _begins(holder: KeyHolder, which: str) -> bool:
    return holder.id.startswith(which) or (
        which.startswith(MARK) and holder.prefix.startswith(which[:PREFIX_LENGTH])
    )


def _holder(
    row: tuple[str, str, str, str | None, float, float | None, float | None, float | None],
) -> KeyHolder:
    id_, name, prefix, role, created_at, expires_at, last_used_at, revoked_at = row
    return KeyHolder(
        id=id_,
        name=name,
        prefix=prefix,
        role=OPERATOR if role == OPERATOR else None,
        created_at=created_at,
        expires_at=expires_at,
        last_used_at=last_used_at,
        revoked_at=revoked_at,
    )

"""The journal on disk: what wakes it, what it is asked, what it answers."""

from typing import TypeAlias

import msgspec

from protocols.time import Tick


class NewEntries(msgspec.Struct, frozen=True):
    """There are entries to be written. One that waits is as good as many."""


class ReadEntries(msgspec.Struct, frozen=True, kw_only=True):
    """Read entries, also of earlier runs. Answer: `protocols.operators.Events`.

    Fails with `UnavailableError` when the disk does not give them.
    """

    since: int
    """Number above which they are wanted; 0: from the oldest on."""

    limit: int
    """How many at most."""


class ReadTree(msgspec.Struct, frozen=True):
    """The tree as it was after an entry. Answer: a tuple of `ChildRow` by path, or None.

    `since` of these rows is in seconds since 1970 UTC. None: not kept, or not known because
    entries before it were lost. Fails with `UnavailableError` when the disk does not give
    it.
    """

    number: int


class JournalStatus(msgspec.Struct, frozen=True):
    """Ask for the journal's figures; the answer is `JournalFigures`."""


class JournalFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How the journal is."""

    state: str
    """`writing`, or `full`: the disk takes nothing now."""

    reason: str
    """Why the disk takes nothing; empty when it does."""

    files: int
    disk_bytes: int
    first: int
    """Number of the oldest entry on disk; 0: there is none."""

    written: int
    """Number of the newest entry on disk."""

    waiting: int
    """Entries in memory that the disk is yet to take."""

    lost: int
    """Entries that had to be given up before the disk took them, since this life began."""

    bad_lines: int
    """Lines that could not be read, among those that were read since this life began."""


JournalInput: TypeAlias = NewEntries | ReadEntries | ReadTree | JournalStatus | Tick
"""`Tick`s (one a second is enough) bring the retry and the sync to the disk."""

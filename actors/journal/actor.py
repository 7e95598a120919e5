"""Journal stage: what was noted comes in, and goes to the disk in order.

The files are `writing`'s and `reading`'s; this module owns when they are written and what
happens when the disk takes nothing. It pulls: whoever notes keeps the newest entries in a
ring, and a wake-up says no more than that there are some. So a crash forgets nothing that
the ring still holds. It needs a pinned dispatcher: the disk may make it wait.

A full or failing disk is a state, not a death. What comes meanwhile waits here, the disk is
tried again every `RETRY_S`, and what had to be given up is told in the journal itself.
"""

import logging
from collections import deque
from itertools import islice
from typing import Final, TypeAlias, assert_never

from actors.journal.folder import JournalError, JournalLock, journal_files
from actors.journal.limits import Limits
from actors.journal.reading import BadLine, JournalReader, log_bad_line
from actors.journal.ring import LATE, Ring
from actors.journal.writing import Disk, JournalWriter
from actors.stage import EvictedError, Stage
from protocols.errors import UnavailableError
from protocols.journal import (
    JournalFigures,
    JournalInput,
    JournalStatus,
    NewEntries,
    ReadEntries,
    ReadTree,
)
from protocols.operators import Events
from protocols.ports import Clock
from protocols.supervision import ChildRow, Entry
from protocols.time import Tick

log = logging.getLogger(__name__)

BATCH: Final = 1000
"""Entries that are pulled, and written, at a time."""

MOST_WAITING: Final = 20_000
"""Entries that wait for a disk that takes nothing; then the oldest are given up."""

MOST_READ: Final = 10_000
"""Entries in one answer."""

RETRY_S: Final = 5.0
"""Seconds between two attempts at a disk that takes nothing."""

SYNC_S: Final = 1.0
"""Seconds between two syncs: what a power cut may take; a kill takes nothing."""

WRITING, FULL, DOWN = "writing", "full", "down"

_Answer: TypeAlias = Events | tuple[ChildRow, ...] | JournalFigures | None


class JournalActor(Stage):
    """Writes down what happens, and reads it back."""

    def __init__(
        self,
        clock: Clock,
        lock: JournalLock,
        ring: Ring,
        *,
        limits: Limits | None = None,
        disk: Disk | None = None,
    ) -> None:
        """Wire it.

        Args:
            clock: for retries and syncs.
            lock: of the journal's folder; one for all lives, so that two processes never
                write one journal.
            ring: counts on from what `last_number` found in that folder.
            limits: how much the journal may take.
            disk: the calls that write.
        """
        super().__init__()
        self._clock = clock
        self._folder = lock.folder
        self._ring = ring
        self._writer = JournalWriter(
            lock,
            limits=limits or Limits(),
            permit=self._permit,
            disk=disk or Disk(),
        )
        self._reader = JournalReader(lock.folder, self._report)
        self._waiting: deque[Entry] = deque()
        self._pulled = 0  # number of the newest entry that was pulled
        self._lost_before = ""  # why entries were given up
        self._trouble = ""
        self._tried_at = 0.0
        self._synced_at = clock.now()
        self._bad: set[BadLine] = set()
        self._ending = False

    def setup(self) -> None:
        """Open the journal; a disk that does not let us is tried again later."""
        self._try_disk()
        self._pulled = self._writer.written

    def handle(self, message: JournalInput) -> _Answer:
        """Write what came, read what is asked, or look after the disk."""
        match message:
            case NewEntries():
                self._bring()
                return None
            case Tick(now=now):
                self._bring()
                self._sync(now)
                return None
            case ReadEntries(since=since, limit=limit):
                return self._entries(since, limit)
            case ReadTree(number=number):
                return self._tree(number)
            case JournalStatus():
                return self._figures()
            case _:
                assert_never(message)

    def teardown(self) -> None:
        """Write the rest, sync, close."""
        self._ending = True
        try:
            self._permit()
            self._pull()
            self._write()
            self._writer.close()
        except EvictedError:
            return  # another writes here now
        except (OSError, JournalError) as error:
            log.error(  # noqa: TRY400  # a full disk needs no trace
                "the journal's last entries are not on the disk: %s", error
            )
        finally:
            self._writer.abandon()
        self._ring.state = DOWN

    # -- in ------------------------------------------------------------------------------

    def _bring(self) -> None:
        self._pull()
        self._try_disk()

    def _pull(self) -> None:
        until = self._ring.last  # what comes later brings its own wake-up
        while self._pulled < until:
            entries, _ = self._ring.entries(self._pulled, BATCH)
            if not entries:
                return
            self._pulled = entries[-1].number
            self._waiting.extend(entries)
            while len(self._waiting) > MOST_WAITING:
                self._writer.pass_over(self._waiting.popleft())

    def _try_disk(self) -> None:
        """Write what waits, unless the disk was found unwilling a moment ago."""
        now = self._clock.now()
        if self._trouble and now - self._tried_at < RETRY_S:
            return
        try:
            self._write()
        except (OSError, JournalError) as error:
            self._fail(error)
            return
        if self._trouble:
            log.info("the disk takes the journal again")
        self._trouble = ""
        self._ring.state = WRITING

    def _write(self) -> None:
        writer, waiting = self._writer, self._waiting
        if not writer.is_open:
            writer.open()
        self._look_ahead()
        try:
            while waiting:
                batch = list(islice(waiting, BATCH))
                writer.write(batch, self._lost_before or LATE)
                for _ in batch:
                    waiting.popleft()
        finally:
            self._permit()  # it may have hung in that call, and been replaced
            self._ring.written = writer.written
        self._lost_before = ""

    def _look_ahead(self) -> None:
        if (ring := self._ring.last) < (disk := self._writer.written):
            raise JournalError(
                f"the journal in {self._folder} ends with number {disk}, but this run has"
                f" only come to {ring}: it must count on from there"
            )

    def _sync(self, now: float) -> None:
        if self._trouble or now - self._synced_at < SYNC_S:
            return
        self._synced_at = now
        try:
            self._writer.sync()
        except OSError as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._permit()
        self._tried_at = self._clock.now()
        if not self._trouble:
            log.error("the journal waits in memory: %s", error)
        self._trouble = self._lost_before = str(error)
        self._ring.state = FULL

    def _permit(self) -> None:
        """Raise `EvictedError` if this actor was replaced.

        In `teardown` the address is vacated already; the fence still knows a zombie.
        """
        if not self._ending:
            self.permit()
        elif self.actor_inbox.address.fence.is_outside():
            raise EvictedError("the journal was replaced while it ended")

    # -- out -----------------------------------------------------------------------------

    def _entries(self, since: int, limit: int) -> Events | None:
        self._bring()
        try:
            wanted = islice(self._reader.entries(since), max(0, min(limit, MOST_READ)))
            return Events(
                entries=tuple(wanted), first=self._reader.first(), last=self._ring.last
            )
        except OSError as error:
            self.reply_later().fail(UnavailableError("the journal", str(error)))
            return None

    def _tree(self, number: int) -> tuple[ChildRow, ...] | None:
        self._bring()
        if number > self._writer.written:
            return self._tree_of_what_waits(number)
        try:
            return self._reader.tree_at(number)
        except OSError as error:
            self.reply_later().fail(UnavailableError("the journal", str(error)))
            return None

    def _tree_of_what_waits(self, number: int) -> tuple[ChildRow, ...] | None:
        tree = self._writer.tree.copy()
        for entry in self._waiting:
            if entry.number <= number:
                tree.take(entry)
        return tree.rows() if tree.known and tree.number == number else None

    def _figures(self) -> JournalFigures | None:
        try:
            sizes = [file.path.stat().st_size for file in journal_files(self._folder)]
            first = self._reader.first()
        except OSError as error:
            self.reply_later().fail(UnavailableError("the journal", str(error)))
            return None
        return JournalFigures(
            state=FULL if self._trouble else WRITING,
            reason=self._trouble,
            files=len(sizes),
            disk_bytes=sum(sizes),
            first=first,
            written=self._writer.written,
            waiting=len(self._waiting),
            lost=self._writer.lost,
            bad_lines=len(self._bad),
        )

    def _report(self, bad: BadLine) -> None:
        if bad not in self._bad:
            self._bad.add(bad)
            log_bad_line(bad)

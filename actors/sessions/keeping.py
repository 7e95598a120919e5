"""How practices come to the disk and back: clock times here, Unix times there.

The disk is written only where something changed, and now and then while a practice runs,
so that the next process knows how long this one lived.
"""

import logging
from collections.abc import Callable

from msgspec.structs import replace

from actors.sessions.ledger import Ledger
from actors.sessions.practice import Practice
from actors.sessions.store import Kept, PracticeFileError, PracticeStore
from protocols.ports import Clock

log = logging.getLogger(__name__)

RETRY_S = 5.0
"""Seconds between two attempts at a disk that takes nothing."""

ALIVE_S = 10.0
"""Seconds between two notes that the process lives, while a practice runs."""


class Keeping:
    """The disk, as the practices see it. In the manager's thread.

    Args:
        clock: for retries, and to tell Unix time.
        ledger: with what is not on the disk yet.
        store: the file; None: nothing is kept.
        permit: raises in a life that was replaced: it must write no more.
    """

    def __init__(
        self,
        clock: Clock,
        ledger: Ledger,
        store: PracticeStore | None,
        permit: Callable[[], None],
    ) -> None:
        self.trouble = "" if store is not None else "nothing is kept in this run"
        """Why the disk takes nothing; empty: it does."""

        self._clock = clock
        self._ledger = ledger
        self._store = store
        self._permit = permit
        self._tried_at = clock.now()
        self._written_at = clock.now()

    @property
    def works(self) -> bool:
        """Whether the disk took what came last."""
        return not self.trouble

    def load(self) -> Kept | None:
        """Read what earlier processes kept, with clock times; None: nothing new."""
        ledger = self._ledger
        if self._store is None or ledger.has_loaded:
            return None
        try:
            kept = self._store.load()
        except PracticeFileError as error:
            self._note(error)
            return None
        ledger.has_loaded = True
        self._is_well()
        for what in kept.unread:
            log.error("a kept session cannot be read: %s", what)
        shift = -self._clock.unix(0.0)
        alive_at = None if kept.alive_at is None else kept.alive_at + shift
        practices = [_shifted(practice, shift) for practice in kept.practices]
        return Kept(practices, alive_at, kept.unread)

    def save(self) -> None:
        """Write what changed, if anything did and the disk may take it."""
        if not self._ledger.unsaved or self._store is None:
            return
        if self.trouble and self._clock.now() - self._tried_at < RETRY_S:
            return
        self._write(self._store)

    def may_load(self) -> bool:
        """Whether a disk that could not be read is to be tried again."""
        if self._store is None or self._ledger.has_loaded:
            return False
        return self._clock.now() - self._tried_at >= RETRY_S

    def tick(self, now: float) -> None:
        """Try again what could not be written, and note that the process lives."""
        self.save()
        runs = any(p.status == "running" for p in self._ledger.practices.values())
        is_due = now - max(self._written_at, self._tried_at) >= ALIVE_S
        if self._store is not None and runs and is_due:
            self._write(self._store)

    def close(self) -> None:
        """Let the file go."""
        if self._store is not None:
            self._store.close()

    def _write(self, store: PracticeStore) -> None:
        self._permit()
        ledger, now = self._ledger, self._clock.now()
        names = sorted(ledger.unsaved)
        shift = self._clock.unix(0.0)
        known = ledger.practices
        changed = [_shifted(known[name], shift) for name in names if name in known]
        gone = [name for name in names if name not in known]
        try:
            store.write(changed, gone, now + shift)
        except PracticeFileError as error:
            self._note(error)
            return
        ledger.unsaved.clear()
        self._written_at = now
        if ledger.has_loaded:
            self._is_well()

    def _note(self, error: PracticeFileError) -> None:
        self._tried_at = self._clock.now()
        if not self.trouble:
            log.error("sessions are not kept: %s", error)
        self.trouble = str(error)

    def _is_well(self) -> None:
        if self.trouble:
            log.info("sessions are kept again")
        self.trouble = ""


def _shifted(practice: Practice, by_s: float) -> Practice:
    def moved(at: float | None) -> float | None:
        return None if at is None else at + by_s

    return replace(
        practice,
        created_at=practice.created_at + by_s,
        started_at=moved(practice.started_at),
        ended_at=moved(practice.ended_at),
    )

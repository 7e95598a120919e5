"""A process that writes a journal as fast as it can, until it is killed.

    python -m tests.actors.journal.busy FOLDER

On its standard output is the number of the newest entry that is written, a line each.
"""

import sys
from pathlib import Path

from actors.clock import LiveClock
from actors.journal.actor import JournalActor
from actors.journal.folder import JournalLock, last_number
from actors.journal.limits import Limits
from protocols.journal import NewEntries
from tests.actors.journal.entries import SmallRing, run_of

LIMITS = Limits(file_bytes=64 * 1024, files=10_000, total_bytes=10**9)


def main(folder: Path) -> None:
    """Write until the end."""
    lock = JournalLock(folder)
    lock.take()
    ring = SmallRing(kept=200, after=last_number(folder))
    journal = JournalActor(LiveClock(), lock, ring, limits=LIMITS)
    journal.setup()
    happened = [entry.event for entry in run_of(30)]
    for turn in range(1_000_000):
        ring.note(*happened[: 1 + turn % len(happened)])
        journal.handle(NewEntries())
        sys.stdout.write(f"{ring.written}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""The record of a run: its first and last entries, and the journal's folder over both.

The journal is an actor and ends with the tree; what happens after its own end (that it
ended, how long the drain took, with which code the process goes) is written here, by the
same means, once nobody else writes.
"""

import logging
import os
import secrets
import threading
from typing import Any, Final

import msgspec

from actors.journal.actor import JournalActor
from actors.journal.closing import write_rest
from actors.journal.folder import FOLDER, JournalError, JournalLock, last_number
from config.errors import DataDirError
from config.schema import Settings
from config.version import VERSION
from protocols.ports import Clock
from protocols.supervision import RunBegan, RunEnded
from supervisors.chronicle import Chronicle

log = logging.getLogger(__name__)

TAIL_S: Final = 1.0
"""Seconds that the last entries may take; a disk that hangs must not keep us."""

JOURNAL: Final = "root/journal"


class Record:
    """Of one run, in one data folder.

    Raises:
        DataDirError: another process writes the journal there.
    """

    def __init__(self, settings: Settings) -> None:
        self.run = f"run_{secrets.token_hex(4)}"
        folder = settings.data_dir / FOLDER
        self._settings = settings
        self._lock = JournalLock(folder)
        self.last = 0
        """Number of the newest entry of earlier runs."""

        try:
            self._lock.take()
            self.last = last_number(folder)
        except JournalError as error:
            raise DataDirError(settings.data_dir, str(error)) from error
        except OSError as error:
            # A full or failing disk is the journal's state, and no reason not to serve.
            log.warning("the journal cannot be read: %s", error)

    def journal(self, clock: Clock, chronicle: Chronicle) -> JournalActor:
        """Make a life of the journal's actor."""
        return JournalActor(clock, self._lock, chronicle)

    def begin(self, chronicle: Chronicle) -> None:
        """Note that a run begins."""
        chronicle.tell(
            RunBegan(
                run=self.run,
                version=VERSION,
                pid=os.getpid(),
                settings=changed(self._settings),
            )
        )

    def end(self, chronicle: Chronicle, code: int, reason: str, *, alone: bool) -> None:
        """Note that the run ends, and write what the journal's actor could not.

        Args:
            chronicle: whose newest entries are to be written.
            code: with which the process goes.
            reason: why.
            alone: no life of the journal's actor may still write.
        """
        chronicle.tell(RunEnded(code=code, reason=reason))
        if alone:
            tail = threading.Thread(target=self._write_rest, args=(chronicle,), daemon=True)
            tail.start()
            tail.join(TAIL_S)

    def _write_rest(self, chronicle: Chronicle) -> None:
        try:
            write_rest(self._lock, chronicle)
        except (OSError, JournalError) as error:
            log.error("the end of this run is not in the journal: %s", error)  # noqa: TRY400

    def close(self) -> None:
        """Let another process write the journal."""
        self._lock.release()


def changed(settings: Settings) -> dict[str, str]:
    """What is not as by default, as `section.name`: value."""
    given, default = _flat(settings), _flat(Settings())
    return {name: value for name, value in given.items() if value != default.get(name)}


def _flat(settings: Settings) -> dict[str, str]:
    sections: dict[str, dict[str, Any]] = msgspec.to_builtins(settings)
    return {
        f"{section}.{name}": str(value)
        for section, fields in sections.items()
        for name, value in fields.items()
    }

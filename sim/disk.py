"""A disk that can be full on cue: for the journal's calls and the library's pictures."""

import errno
import os
from pathlib import Path
from typing import final

from actors.journal.writing import Disk
from actors.library.store import PictureStore


@final
class SimDisk:
    """A real folder, which takes nothing while `full`."""

    def __init__(self) -> None:
        self.full = False
        self.refused = 0
        """Writes and syncs that were refused."""

    def check(self) -> None:
        """Before a write.

        Raises:
            OSError: it is full.
        """
        if self.full:
            self.refused += 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def calls(self) -> Disk:
        """What the journal is given. A sync does nothing: no power is cut here."""
        return Disk(write=self._write, sync=self._sync)

    def _write(self, descriptor: int, data: bytes) -> int:
        self.check()
        return os.write(descriptor, data)

    def _sync(self, _descriptor: int) -> None:
        self.check()


@final
class SimPictureStore(PictureStore):
    """Pictures on such a disk."""

    def __init__(self, folder: Path, disk: SimDisk, *, quota_bytes: int) -> None:
        super().__init__(folder, quota_bytes=quota_bytes)
        self._disk = disk

    def write(self, picture: str, data: bytes, suffix: str, sidecar: bytes) -> None:
        """Keep a picture.

        Raises:
            OSError: the disk did not take it.
        """
        self._disk.check()
        super().write(picture, data, suffix, sidecar)

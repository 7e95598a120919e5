"""Library stage: pictures in, an address for each out, and the picture when it is fetched.

The files are `store`'s, the memory `recent`'s; this module owns what happens when the
disk takes nothing. It needs a pinned dispatcher: the disk may make it wait. A crash
forgets the pictures in memory: those that the disk had not taken are lost.

A full or failing disk is a state, not a death. The newest pictures stay in memory, so
that an address that was given out works; `ArchiveStatus` says why the library is
degraded; the disk is tried again every `RETRY_S`.
"""

import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, assert_never

import msgspec

from actors.library.recent import Kept, Recent
from actors.library.store import MIMES, SUFFIXES, PictureStore
from actors.stage import Stage
from protocols.archive import (
    ArchiveFigures,
    ArchiveStatus,
    FetchPicture,
    KeepFailed,
    KeepPicture,
    LibraryInput,
    PictureData,
    PictureKept,
    PictureMissing,
)
from protocols.errors import UnavailableError
from protocols.ports import Clock
from protocols.time import Tick

log = logging.getLogger(__name__)

MOST_IN_MEMORY = 64
"""Pictures."""

MOST_BYTES_IN_MEMORY = 256 * 1024**2
LARGEST_BYTES = 64 * 1024**2
"""Of one picture; a PNG of 2048 x 2048 noise has 12 MiB."""

RETRY_S = 5.0
"""Seconds between two attempts at a disk that takes nothing."""

MOST_WRITTEN = 4
"""Waiting pictures that are written at a time: whoever fetches must not wait long."""

FOLDER = "pictures"

_Answer: TypeAlias = (
    PictureKept | KeepFailed | PictureData | PictureMissing | ArchiveFigures | None
)


def new_picture_id() -> str:
    """128 random bits from the system: an address that nobody can guess."""
    return secrets.token_hex(16)


class LibraryActor(Stage):
    """Keeps pictures and gives them back."""

    def __init__(
        self,
        clock: Clock,
        data_dir: Path,
        *,
        quota_bytes: int,
        new_id: Callable[[], str] = new_picture_id,
        store: PictureStore | None = None,
    ) -> None:
        """Wire it.

        Args:
            clock: for retries, and for when a picture was kept.
            data_dir: pictures are in its folder `pictures`.
            quota_bytes: space for pictures; the oldest go first.
            new_id: makes unguessable ids of 32 hexadecimal digits.
            store: where they are kept; None: in that folder.
        """
        super().__init__()
        self._clock = clock
        self._quota_bytes = quota_bytes
        self._new_id = new_id
        if store is None:
            store = PictureStore(data_dir / FOLDER, quota_bytes=quota_bytes)
        self._store = store
        self._recent = Recent(most=MOST_IN_MEMORY, most_bytes=MOST_BYTES_IN_MEMORY)
        self._lost = 0
        self._degraded = ""
        self._degraded_at = 0.0
        self._tried_at = 0.0

    def handle(self, message: LibraryInput) -> _Answer:
        """Keep, fetch, tell, or bring the disk's work on."""
        match message:
            case KeepPicture():
                answer = self._keep(message)
                self._tend()
                return answer
            case FetchPicture(id=picture):
                return self._fetch(picture)
            case ArchiveStatus():
                return self._figures()
            case Tick():
                self._tend()
                return None
            case _:
                assert_never(message)

    def _keep(self, wish: KeepPicture) -> PictureKept | KeepFailed:
        if reason := self._refusal(wish):
            return KeepFailed(reason)
        picture = self._new_id()
        now = self._clock.now()
        sidecar = msgspec.json.encode(
            {
                "id": picture,
                "mime": wish.mime,
                "bytes": len(wish.data),
                "kept_at": self._clock.unix(now),
                "meta": wish.meta,
            }
        )
        kept = Kept(
            id=picture, data=wish.data, mime=wish.mime, sidecar=sidecar, on_disk=False
        )
        if not self._degraded:
            self._write(kept)
        self._lost += sum(not gone.on_disk for gone in self._recent.add(kept))
        return PictureKept(picture, kept.on_disk)

    def _refusal(self, wish: KeepPicture) -> str:
        if wish.mime not in SUFFIXES:
            return f"{wish.mime} is not kept, only {', '.join(SUFFIXES)}"
        if not wish.data:
            return "it is empty"
        if len(wish.data) > (most := min(LARGEST_BYTES, self._quota_bytes)):
            return f"it has {len(wish.data)} bytes, more than {most}"
        return ""

    def _fetch(self, picture: str) -> PictureData | PictureMissing | None:
        if kept := self._recent.get(picture):
            return PictureData(data=kept.data, mime=kept.mime)
        try:
            found = self._store.read(picture)
        except OSError as error:
            self.reply_later().fail(UnavailableError("the library", str(error)))
            return None
        if found is None:
            return PictureMissing(picture)
        data, suffix = found
        return PictureData(data=data, mime=MIMES[suffix])

    def _figures(self) -> ArchiveFigures:
        return ArchiveFigures(
            pictures=len(self._store),
            disk_bytes=self._store.bytes,
            quota_bytes=self._quota_bytes,
            counted=self._store.counted,
            in_memory=len(self._recent),
            waiting=len(self._recent.waiting()),
            lost=self._lost,
            degraded=self._degraded,
            degraded_since=self._clock.unix(self._degraded_at) if self._degraded else None,
        )

    def _tend(self) -> None:
        """Count a folder, make room, write what waits: a little of each."""
        now = self._clock.now()
        if self._degraded and now - self._tried_at < RETRY_S:
            return
        try:
            self._store.survey_step(self._clock.unix(now))
            self._store.trim()
        except OSError as error:
            self._note(error)
            return
        if all(self._write(kept) for kept in self._recent.waiting()[:MOST_WRITTEN]):
            self._recover()

    def _write(self, kept: Kept) -> bool:
        try:
            self._store.write(kept.id, kept.data, SUFFIXES[kept.mime], kept.sidecar)
        except OSError as error:
            self._note(error)
            return False
        kept.on_disk = True
        return True

    def _recover(self) -> None:
        if self._degraded:
            log.info("the disk takes pictures again")
            self._degraded = ""

    def _note(self, error: OSError) -> None:
        self._tried_at = self._clock.now()
        if not self._degraded:
            self._degraded_at = self._tried_at
            log.error("pictures stay in memory only: %s", error)
        self._degraded = str(error)

"""Pictures that are kept: what the door asks of the library, and what it answers."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from protocols.time import Tick


class KeepPicture(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Keep an encoded picture. Answer: `PictureKept` or `KeepFailed`."""

    data: bytes
    mime: str
    """`image/png`, `image/jpeg` or `image/webp`."""

    meta: Mapping[str, Any] = {}
    """Where it comes from: prompt, model, seed, owner, …; kept beside it as JSON."""

    def __repr__(self) -> str:
        return f"KeepPicture({len(self.data)} bytes of {self.mime})"


class PictureKept(msgspec.Struct, frozen=True):
    """It can be fetched from now on."""

    id: str
    """128 random bits, 32 hexadecimal digits: who was not told it does not find it."""

    on_disk: bool = True
    """False: in memory only, until the disk takes it or newer ones push it out."""


class KeepFailed(msgspec.Struct, frozen=True):
    """It cannot be kept, and why."""

    reason: str


class FetchPicture(msgspec.Struct, frozen=True):
    """Answer: `PictureData` or `PictureMissing`; `UnavailableError` when the disk fails."""

    id: str


class PictureData(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A picture, as it was kept."""

    data: bytes
    mime: str

    def __repr__(self) -> str:
        return f"PictureData({len(self.data)} bytes of {self.mime})"


class PictureMissing(msgspec.Struct, frozen=True):
    """There is no such picture: never was, or it had to make room."""

    id: str


class ArchiveStatus(msgspec.Struct, frozen=True):
    """Ask for the library's figures; the answer is `ArchiveFigures`."""


class ArchiveFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What the library holds."""

    pictures: int
    """On disk, as far as they were counted."""

    disk_bytes: int
    """What they take, with what is written beside them."""

    quota_bytes: int
    counted: bool
    """False while the folders of earlier runs are still being looked through."""

    in_memory: int
    waiting: int
    """In memory only, to be written when the disk takes them."""

    lost: int
    """Pushed out of memory before the disk took them, since the start."""

    degraded: str
    """Why the disk takes nothing now; empty when all is well."""

    degraded_since: float | None
    """Unix seconds."""


LibraryInput: TypeAlias = KeepPicture | FetchPicture | ArchiveStatus | Tick
"""`Tick`s (one a second is enough) bring the retry and the counting on."""

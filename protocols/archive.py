"""The archive of single pictures: what the door asks of the library."""

from typing import TypeAlias

import msgspec


class KeepPicture(msgspec.Struct, frozen=True, kw_only=True):
    """Keep an encoded picture. Answer: `PictureKept` or `KeepFailed`."""

    data: bytes
    mime: str
    """`image/png`, …"""

    meta: dict[str, str]
    """Where it comes from: prompt, model, seed, owner, …"""


class FetchPicture(msgspec.Struct, frozen=True):
    """Answer: `PictureData` or `PictureMissing`."""

    id: str


class PictureKept(msgspec.Struct, frozen=True):
    """It is on disk."""

    id: str
    """Unguessable; letters, digits, `-` and `_`."""


class KeepFailed(msgspec.Struct, frozen=True):
    """It is not kept, and why."""

    reason: str


class PictureData(msgspec.Struct, frozen=True, kw_only=True):
    """A kept picture."""

    data: bytes
    mime: str


class PictureMissing(msgspec.Struct, frozen=True):
    """No picture of that id (any more)."""

    id: str


LibraryInput: TypeAlias = KeepPicture | FetchPicture

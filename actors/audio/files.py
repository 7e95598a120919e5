"""Sound files: a clip's samples in, a WAV, FLAC or OGG file out, a chunk at a time.

A file is there whole or not at all: it is written under another name and renamed. Nothing
is synced, for the folder holds nothing that must outlive the process: whoever begins
clears it. WAV has 16 bits a sample, which every player reads; FLAC has 24; OGG is Vorbis.
`soundfile` (libsndfile) does the encoding.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

from actors.audio.partials import Samples
from protocols.errors import PhospheneError
from protocols.sound import SFREQ, ClipFile, ClipView

FileFormat: TypeAlias = Literal["wav", "flac", "ogg"]

PART: Final = ".part"
"""Ends the name of a file that is being written."""


class Kind(msgspec.Struct, frozen=True):
    """How a format is written."""

    mime: str
    container: str
    subtype: str


KINDS: Final[dict[FileFormat, Kind]] = {
    "wav": Kind("audio/wav", "WAV", "PCM_16"),
    "flac": Kind("audio/flac", "FLAC", "PCM_24"),
    "ogg": Kind("audio/ogg", "OGG", "VORBIS"),
}


class SoundFileError(PhospheneError):
    """A file cannot be written; nothing of it remains."""


class SoundShelf:
    """A folder of sound files, within a quota. One thread at a time uses it.

    Args:
        folder: made with the first file.
        quota_bytes: what all files may take together; the oldest go first.
    """

    def __init__(self, folder: Path, *, quota_bytes: int) -> None:
        self._folder = folder
        self.quota_bytes = quota_bytes

    def clear(self) -> None:
        """Remove what earlier writers left.

        Raises:
            OSError: the folder cannot be read or changed.
        """
        for file in self._files():
            file.unlink(missing_ok=True)

    def find(self, clip: ClipView, kind: FileFormat) -> ClipFile | None:
        """Give a clip's file, if it was written; None also where the disk fails."""
        path = self._path(clip, kind)
        try:
            size = path.stat().st_size
        except OSError:
            return None
        return ClipFile(path=str(path), mime=KINDS[kind].mime, size=size, clip=clip)

    def begin(self, clip: ClipView, kind: FileFormat) -> "SoundWriter":
        """Begin to write a clip's file.

        Raises:
            SoundFileError: the disk does not take it.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SoundFileError(str(error)) from error
        return SoundWriter(self._path(clip, kind), KINDS[kind], clip, self.quota_bytes)

    def make_room(self, kept: ClipFile) -> None:
        """Remove the oldest files above the quota.

        Args:
            kept: the one that stays, and is within the quota by itself.

        Raises:
            SoundFileError: one cannot be removed; `kept` is gone, for there is no room.
        """
        mine = Path(kept.path)
        try:
            found = sorted(((file.stat(), file) for file in self._files()), key=_age)
            total = sum(stat.st_size for stat, _ in found)
            for stat, file in found:
                if total <= self.quota_bytes:
                    break
                if file != mine:
                    file.unlink(missing_ok=True)
                    total -= stat.st_size
        except OSError as error:
            with suppress(OSError):
                mine.unlink()
            raise SoundFileError(f"there is no room: {error}") from error

    def _path(self, clip: ClipView, kind: FileFormat) -> Path:
        return (self._folder / f"{clip.id}.{kind}").absolute()

    def _files(self) -> list[Path]:
        ours = {*(f".{kind}" for kind in KINDS), PART}
        with suppress(FileNotFoundError):
            return [f.absolute() for f in self._folder.iterdir() if f.suffix in ours]
        return []


class SoundWriter:
    """One file that is being written.

    Args:
        path: where it is to be.
        kind: how it is written.
        clip: whose samples come.
        most_bytes: that it may have.

    Raises:
        SoundFileError: the disk does not take it.
    """

    def __init__(self, path: Path, kind: Kind, clip: ClipView, most_bytes: int) -> None:
        import soundfile  # noqa: PLC0415  # libsndfile is loaded when somebody wants a file

        self._path = path
        self._part = path.with_name(f"{path.name}{PART}")
        self._clip = clip
        self._mime = kind.mime
        self._most_bytes = most_bytes
        # What it raises when the disk is full is a RuntimeError, or, where fewer samples
        # were taken than given, an AssertionError.
        self._errors = (OSError, RuntimeError, AssertionError)
        try:
            self._out = soundfile.SoundFile(
                self._part,
                "w",
                samplerate=SFREQ,
                channels=2,
                subtype=kind.subtype,
                format=kind.container,
            )
            self._out.comment = clip.id
        except self._errors as error:
            raise SoundFileError(str(error)) from error

    def write(self, samples: Samples) -> None:
        """Add samples, float32, shape (samples, 2).

        Raises:
            SoundFileError: the disk does not take them, or it has grown too large.
        """
        try:
            self._out.write(samples)
            size = self._part.stat().st_size
        except self._errors as error:
            self.abandon()
            raise SoundFileError(_said(error)) from error
        self._check(size)

    def finish(self) -> ClipFile:
        """Give the whole file its name.

        Raises:
            SoundFileError: what the disk has is not what was written.
        """
        import soundfile  # noqa: PLC0415  # as above

        try:
            self._out.close()
            # A full disk may first be noticed when the last buffer is written.
            frames = soundfile.info(self._part).frames
            size = self._part.stat().st_size
            if frames != self._clip.samples:
                raise OSError(f"the disk took {frames} of {self._clip.samples} samples")
            self._check(size)
            self._part.replace(self._path)
        except self._errors as error:
            self.abandon()
            raise SoundFileError(_said(error)) from error
        return ClipFile(path=str(self._path), mime=self._mime, size=size, clip=self._clip)

    def abandon(self) -> None:
        """Leave nothing of it; safe to repeat."""
        with suppress(*self._errors):
            self._out.close()
        with suppress(OSError):
            self._part.unlink()

    def _check(self, size: int) -> None:
        if size > self._most_bytes:
            self.abandon()
            most = self._most_bytes // 1024**2
            raise SoundFileError(f"it is larger than storage.sounds_quota_mib, {most}")


def _age(found: tuple[os.stat_result, Path]) -> tuple[int, str]:
    stat, file = found
    return stat.st_mtime_ns, file.name


def _said(error: BaseException) -> str:
    return str(error) or "the disk did not take all of it"

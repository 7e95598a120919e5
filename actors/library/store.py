"""Pictures on disk: `<folder>/ab/<id>.png` and, beside each, where it came from.

A picture is there whole or not at all, also after a power cut: written under another
name, synced, renamed, and the folder synced. What lies beside it (`<id>.json`) comes
first, so that no picture is without.

The folders of earlier runs are counted one at a time (`survey_step`): forty thousand
pictures must not hold up the start.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}
MIMES = {suffix: mime for mime, suffix in SUFFIXES.items()}

PART = ".part"
"""Ends the name of a file that is being written."""

STALE_S = 3600.0
"""Age at which an unfinished file is rubbish; a younger one may belong to a process."""

MOST_REMOVED = 64
"""Pictures that one `trim` removes at most: it must not take long."""

_ID = re.compile(r"[0-9a-f]{32}")


class OnDisk(msgspec.Struct, frozen=True):
    """What is known of a picture without opening it."""

    suffix: str
    size: int
    """Bytes, with what lies beside it."""


class PictureStore:
    """Pictures in a folder. One thread at a time uses it."""

    def __init__(self, folder: Path, *, quota_bytes: int) -> None:
        """Name the folder; nothing is touched.

        Args:
            folder: made when the first picture is written.
            quota_bytes: what all pictures may take.
        """
        self._folder = folder
        self._quota_bytes = quota_bytes
        self._known: dict[str, OnDisk] = {}  # oldest first, once all are counted
        self._found: list[tuple[int, str, OnDisk]] = []  # of the survey, not yet sorted
        self._survey: Iterator[Path] | None = _shards(folder)
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._known) + len(self._found)

    @property
    def counted(self) -> bool:
        """Whether the folders of earlier runs have been looked through."""
        return self._survey is None

    def write(self, picture: str, data: bytes, suffix: str, sidecar: bytes) -> None:
        """Keep a picture.

        Raises:
            OSError: the disk did not take it; nothing of it remains.
        """
        shard = self._folder / picture[:2]
        shard.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = shard / f"{picture}.json"
        _write_whole(beside, sidecar)
        try:
            _write_whole(shard / f"{picture}{suffix}", data)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise
        _sync_folder(shard)
        kept = OnDisk(suffix, len(data) + len(sidecar))
        self._known[picture] = kept
        self.bytes += kept.size

    def read(self, picture: str) -> tuple[bytes, str] | None:
        """Give a picture's data and suffix; None when there is none of that id.

        Raises:
            OSError: the disk does not give it.
        """
        if not _ID.fullmatch(picture):
            return None  # above all no path
        shard = self._folder / picture[:2]
        for suffix in MIMES:
            with suppress(FileNotFoundError, NotADirectoryError):
                return (shard / f"{picture}{suffix}").read_bytes(), suffix
        return None

    def survey_step(self, now: float) -> None:
        """Count one more folder of earlier runs, and clear it of rubbish.

        Args:
            now: Unix seconds.

        Raises:
            OSError: it cannot be read; the next step goes on behind it.
        """
        if self._survey is None:
            return
        shard = next(self._survey, None)
        if shard is None:
            self._end_survey()
            return
        files = _files(shard)
        for written_ns, picture, kept in _pictures(files):
            if picture not in self._known:  # written while counting
                self._found.append((written_ns, picture, kept))
                self.bytes += kept.size
        for name, found in files.items():
            if name.endswith(PART) and found.st_mtime < now - STALE_S:
                (shard / name).unlink(missing_ok=True)

    def trim(self) -> int:
        """Remove the oldest pictures above the quota, a few at a time.

        Returns:
            How many went. Nothing goes before all are counted: the oldest is not known.

        Raises:
            OSError: one cannot be removed.
        """
        removed = 0
        while self.counted and self.bytes > self._quota_bytes and removed < MOST_REMOVED:
            picture, kept = next(iter(self._known.items()))
            file = self._folder / picture[:2] / picture
            file.with_suffix(kept.suffix).unlink(missing_ok=True)
            file.with_suffix(".json").unlink(missing_ok=True)
            del self._known[picture]
            self.bytes -= kept.size
            removed += 1
        return removed

    def _end_survey(self) -> None:
        self._found.sort(key=lambda found: found[:2])
        earlier = {picture: kept for _, picture, kept in self._found}
        self._known = earlier | self._known
        self._found, self._survey = [], None


def _shards(folder: Path) -> Iterator[Path]:
    return (folder / f"{number:02x}" for number in range(256))


def _files(shard: Path) -> dict[str, os.stat_result]:
    files = {}
    with suppress(FileNotFoundError), os.scandir(shard) as entries:
        for entry in entries:
            files[entry.name] = entry.stat()
    return files


def _pictures(files: dict[str, os.stat_result]) -> Iterator[tuple[int, str, OnDisk]]:
    """Each picture of a folder: time of writing in ns, id, and what is known of it."""
    for name, found in files.items():
        picture, suffix = os.path.splitext(name)  # noqa: PTH122  # 40,000 times
        if suffix in MIMES and _ID.fullmatch(picture):
            beside = files.get(f"{picture}.json")
            size = found.st_size + (beside.st_size if beside else 0)
            yield found.st_mtime_ns, picture, OnDisk(suffix, size)


def _write_whole(file: Path, data: bytes) -> None:
    part = file.with_name(f"{file.name}{PART}")
    try:
        with part.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

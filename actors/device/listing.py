"""Recordings in the allowed folders, for a list to choose from.

Told by their first bytes; small files are read whole, so that one which nothing can play
is not offered. What was found out of a file is remembered until it changes.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from actors.device.loading import SUFFIXES, load_recording, recognise
from protocols.errors import RecordingError

READ_WHOLE_BYTES = 256 * 1024
"""A recording of this size is read in well under a tenth of a second."""

LISTED = 500
"""Recordings in one list."""

LOOKED_AT = 5000
"""Files that are looked at for one list: a home folder may have millions."""

NAME_CHARACTERS = 200
"""What a device type of the API may hold after `replay:`."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A file that looks like a recording."""

    name: str
    """Below its folder, as a client names it."""

    path: Path
    """Without links."""

    title: str
    """Its format; empty where it cannot be played."""

    wrong: str
    """Why it cannot be played; empty where it can, as far as was looked."""


class Judge:
    """Tells what a file is, and remembers it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[tuple[int, int], str, str]] = {}

    def judge(self, path: Path) -> tuple[str, str]:
        """The format of a file, and why it cannot be played."""
        try:
            stat = path.stat()
        except OSError as error:
            return "", f"cannot be read: {error.strerror}"
        state = stat.st_mtime_ns, stat.st_size
        with self._lock:
            known = self._known.get(path)
        if known is None or known[0] != state:
            known = (state, *_judged(path, stat.st_size))
            with self._lock:
                if len(self._known) >= LOOKED_AT:
                    self._known.clear()
                self._known[path] = known
        return known[1:]


def find_recordings(folders: Sequence[Path], judge: Judge) -> list[Found]:
    """Look for recordings in folders and below, in the order of the search.

    Of a name that several folders have the first counts. Links that lead out of a folder
    are passed over, and so are hidden files and names that JSON cannot hold.

    Args:
        folders: where clients may name recordings of.
        judge: tells what they are.
    """
    found: dict[str, Found] = {}
    for root, path in _files(folders):
        name = str(path.relative_to(root))
        if name in found or not _can_be_named(name):
            continue
        real = path.resolve()
        if not real.is_relative_to(root):
            continue
        title, wrong = judge.judge(real)
        if title or path.suffix.lower() in SUFFIXES:
            found[name] = Found(name=name, path=real, title=title, wrong=wrong)
        if len(found) >= LISTED:
            break
    return list(found.values())


def _files(folders: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    left = LOOKED_AT
    for root in [folder.resolve() for folder in folders]:
        for here, below, names in os.walk(root):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                if not left:
                    return
                left -= 1
                if not name.startswith("."):
                    yield root, Path(here, name)


def _can_be_named(name: str) -> bool:
    # A file name that is not UTF-8 comes with surrogates, which no JSON text may hold.
    return len(name) <= NAME_CHARACTERS and name.isprintable()


def _judged(path: Path, size: int) -> tuple[str, str]:
    try:
        known = recognise(path)
        if size <= READ_WHOLE_BYTES:
            load_recording(path)
    except RecordingError as error:
        return "", str(error).removeprefix(f"{path.name}: ")
    return known.title, ""

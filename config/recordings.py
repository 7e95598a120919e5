"""Which file a recording's name stands for."""

import difflib
from collections.abc import Sequence
from pathlib import Path

from config.errors import RecordingMissingError

REPLAY_PREFIX = "replay:"


def find_recording(name: str, dirs: Sequence[Path]) -> Path:
    """Find a recording that a client names, in the recordings' folders only.

    Args:
        name: a file name, or a path below one of the folders.
        dirs: the folders, in the order of the search.

    Returns:
        The file, without links or `..`.

    Raises:
        RecordingMissingError: no folder has it (a name that leads out of a folder, also by
            a link, is as good as missing).
    """
    for folder in dirs:
        root = folder.resolve()
        try:
            file = (root / name).resolve()
            if file.is_relative_to(root) and file.is_file():
                return file
        except (OSError, ValueError):  # too long for a name, or a NUL in it
            continue
    raise RecordingMissingError(name, _what_there_is(name, dirs))


def find_own_recording(name: str, dirs: Sequence[Path]) -> Path:
    """Find a recording that the server's owner names: any file, or one of the folders'.

    Args:
        name: a path, or a name as for `find_recording`.
        dirs: the folders, in the order of the search.

    Raises:
        RecordingMissingError: there is no such file.
    """
    file = Path(name).expanduser()
    return file.resolve() if file.is_file() else find_recording(name, dirs)


def _what_there_is(name: str, dirs: Sequence[Path]) -> str:
    folders = [folder for folder in dirs if folder.is_dir()]
    there = sorted(
        str(file.relative_to(folder))
        for folder in folders
        for file in folder.iterdir()
        if file.is_file() and file.suffix.lower() != ".md"
    )
    where = ", ".join(map(str, dirs)) or "no folder (device.recordings is empty)"
    if close := difflib.get_close_matches(name, there, n=1, cutoff=0.6):
        return f"not found in {where}; did you mean {close[0]}?"
    if there:
        return f"not found in {where}; there are {', '.join(there[:12])}"
    return f"not found in {where}, where there are no recordings"

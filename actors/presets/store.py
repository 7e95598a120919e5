"""The preset file: own presets as JSON, which people may read and edit.

It is there whole or not at all, also after a power cut: written under another name,
synced, renamed, and its folder synced. A file that cannot be understood is never written
over: somebody's presets are in it.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from protocols.errors import PhospheneError
from protocols.sound import Preset

FILE_NAME: Final = "presets.json"
FORMAT: Final = 1
PART: Final = ".part"


class PresetFileError(PhospheneError):
    """The preset file cannot be read or written."""


class _Content(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: int
    presets: dict[str, Preset]
    """By id, the oldest first."""


class PresetStore:
    """The preset file. One thread at a time uses it.

    Args:
        path: made with its folder with the first write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> dict[str, Preset]:
        """Give all own presets; where there is no file there are none.

        Raises:
            PresetFileError: it cannot be read or understood.
        """
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise PresetFileError(f"{self._path}: {error}") from error
        try:
            content = msgspec.json.decode(data, type=_Content)
        except msgspec.DecodeError as error:
            raise PresetFileError(f"{self._path} is not understood: {error}") from error
        if content.format != FORMAT:
            said = f"{self._path} has format {content.format}; this server reads {FORMAT}"
            raise PresetFileError(said)
        return content.presets

    def write(self, presets: dict[str, Preset]) -> None:
        """Keep exactly these.

        Raises:
            PresetFileError: the disk does not take them; what was there before stays.
        """
        data = msgspec.json.encode(_Content(format=FORMAT, presets=presets))
        part = self._path.with_name(f"{self._path.name}{PART}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with part.open("wb") as out:
                out.write(msgspec.json.format(data) + b"\n")
                out.flush()
                os.fsync(out.fileno())
            part.replace(self._path)
            _sync(self._path.parent)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise PresetFileError(f"{self._path}: {error}") from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Which source a device type stands for, and which device types there are."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from weakref import WeakValueDictionary

import msgspec

from actors.device.absent import AbsentSource
from actors.device.loading import load_recording, recognise
from actors.device.recording import Recording
from actors.device.replay import ReplaySource
from config.errors import RecordingMissingError
from config.recordings import REPLAY_PREFIX, find_own_recording, find_recording
from protocols.errors import RecordingError
from protocols.ports import EegSource

DRIVERS = ("muse", "openbci", "lsl")
"""Device types of the API whose drivers this server does not have yet."""

BRAINFLOW_PREFIX = "brainflow:"
KNOWN = "simulator, ingest, replay:<recording>, muse, openbci, lsl and brainflow:<board>"

OpenSource = Callable[[], EegSource]


class Shelf:
    """Recordings that are in use, each in memory once. Thread-safe."""

    def __init__(self) -> None:
        self._held: WeakValueDictionary[tuple[Path, int, int], Recording] = (
            WeakValueDictionary()
        )

    def load(self, path: Path) -> Recording:
        """The recording of a file as it is now.

        Raises:
            RecordingError: missing, of no known format, or broken.
        """
        try:
            stat = path.stat()
        except OSError as error:
            raise RecordingError(f"{path.name}: there is no such recording") from error
        key = (path, stat.st_mtime_ns, stat.st_size)
        held = self._held.get(key)
        if held is None:  # two who come at once load twice, and share what one of them got
            held = self._held.setdefault(key, load_recording(path))
        return held


class Devices(msgspec.Struct, frozen=True, kw_only=True):
    """The device types of this server."""

    recordings: tuple[Path, ...]
    """Folders that clients may name recordings of."""

    own: tuple[Path, ...] = ()
    """Files anywhere that the server's owner named, by their resolved paths."""

    supplied: Mapping[str, OpenSource] = {}
    """Sources that the composition root makes itself: `simulator`, `ingest`."""

    shelf: Shelf = msgspec.field(default_factory=Shelf)

    def refusal(self, device_type: str) -> str | None:
        """Why a device type cannot be had and what can, for a person; None if it can.

        A headset that is not there can be had: its reader will search.
        """
        if not device_type.startswith(REPLAY_PREFIX):
            return None if self._is_known(device_type) else _unknown(device_type)
        try:
            recognise(self._file(device_type))
        except (RecordingMissingError, RecordingError) as error:
            return str(error)
        return None

    def opener(
        self, device_type: str, *, speed: float = 1.0, loop: bool = True
    ) -> OpenSource:
        """What makes the source of a device type; nothing is opened or read yet.

        Args:
            device_type: as in the API.
            speed: of a recording, times its own pace.
            loop: a recording begins again at its end.

        Raises:
            ValueError: there is no such device type, or `speed` is not above zero.
        """
        if device_type in self.supplied:
            return self.supplied[device_type]
        if device_type.startswith(REPLAY_PREFIX):
            return lambda: ReplaySource(
                lambda: self._load(device_type), speed=speed, loop=loop
            )
        if not self._is_known(device_type):
            raise ValueError(_unknown(device_type))
        return lambda: AbsentSource(device_type)

    def _is_known(self, device_type: str) -> bool:
        board = device_type.removeprefix(BRAINFLOW_PREFIX)
        return (
            device_type in self.supplied
            or device_type in DRIVERS
            or (board != device_type and board.strip() != "")
        )

    def _load(self, device_type: str) -> Recording:
        try:
            return self.shelf.load(self._file(device_type))
        except RecordingMissingError as error:  # gone since the session was made
            raise RecordingError(str(error)) from error

    def _file(self, device_type: str) -> Path:
        name = device_type.removeprefix(REPLAY_PREFIX)
        if self.own and (file := _owned(name, self.own)) is not None:
            return file
        return find_recording(name, self.recordings)


def _owned(name: str, own: Sequence[Path]) -> Path | None:
    try:
        file = find_own_recording(name, ())
    except (RecordingMissingError, OSError, ValueError, RuntimeError):
        return None
    return file if file in own else None


def _unknown(device_type: str) -> str:
    return f"no device type {device_type!r}; there are {KNOWN}"

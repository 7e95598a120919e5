"""Which source a device type stands for, and which device types there are."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from weakref import WeakValueDictionary

import msgspec

from actors.device.absent import AbsentSource
from actors.device.listing import Found, Judge, find_recordings
from actors.device.loading import load_recording, recognise
from actors.device.recording import Recording
from actors.device.replay import ReplaySource
from config.errors import RecordingMissingError
from config.recordings import REPLAY_PREFIX, find_own_recording, find_recording
from protocols.devices import DeviceRow
from protocols.errors import RecordingError
from protocols.ports import EegSource

DRIVERS = ("muse", "openbci", "lsl")
"""Device types of the API whose drivers this server does not have yet."""

BRAINFLOW_PREFIX = "brainflow:"
ABSENT = (*DRIVERS, f"{BRAINFLOW_PREFIX}<board>")
KNOWN = "simulator, ingest, replay:<recording>, muse, openbci, lsl and brainflow:<board>"

TITLES = {
    "simulator": ("Simulated brain", "a seeded sitter, who takes commands"),
    "ingest": ("Your own samples", "what you push to /api/v1/ingest/stream"),
    "muse": ("Muse headband", ""),
    "openbci": ("OpenBCI board", ""),
    "lsl": ("LSL stream", ""),
    f"{BRAINFLOW_PREFIX}<board>": ("BrainFlow board", ""),
}
"""Names and reasons, for a person."""

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
    """Files anywhere that the server's owner named as default, by their resolved paths."""

    supplied: Mapping[str, OpenSource] = {}
    """Sources that the composition root makes itself: `simulator`, `ingest`."""

    default: str = ""
    """The device type of a session that names none."""

    shelf: Shelf = msgspec.field(default_factory=Shelf)
    judge: Judge = msgspec.field(default_factory=Judge)

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

    def rows(self) -> list[DeviceRow]:
        """What there is to choose from, the default first. Reads the disk. Any thread."""
        found = find_recordings(self.recordings, self.judge)
        found += [self._found_own(file, found) for file in self._unlisted(found)]
        rows = [
            *(self._row(kind, available=True) for kind in self.supplied),
            *(self._recording_row(one) for one in found),
            *(self._row(k, available=False) for k in ABSENT if k not in self.supplied),
        ]
        return sorted(rows, key=lambda row: not row.default)

    def _row(self, device_type: str, *, available: bool) -> DeviceRow:
        name, reason = TITLES.get(device_type, (device_type, ""))
        return DeviceRow(
            device_type=device_type,
            name=name,
            available=available,
            reason=reason if available else "no driver is installed for it",
            default=device_type == self.default,
        )

    def _recording_row(self, found: Found) -> DeviceRow:
        return DeviceRow(
            device_type=REPLAY_PREFIX + found.name,
            name=found.name,
            available=not found.wrong,
            reason=found.wrong or found.title,
            default=found.path in self.own,
        )

    def _unlisted(self, found: Sequence[Found]) -> list[Path]:
        listed = {one.path for one in found}
        return [file for file in self.own if file not in listed]

    def _found_own(self, file: Path, found: Sequence[Found]) -> Found:
        title, wrong = self.judge.judge(file)
        taken = any(one.name == file.name for one in found)
        name = str(file) if taken else file.name  # clients need not know where it lies
        return Found(name=name, path=file, title=title, wrong=wrong)

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
        try:
            return find_recording(name, self.recordings)
        except RecordingMissingError:
            for file in self.own:  # as `rows` names it
                if file.name == name:
                    return file
            raise


def _owned(name: str, own: Sequence[Path]) -> Path | None:
    try:
        file = find_own_recording(name, ())
    except (RecordingMissingError, OSError, ValueError, RuntimeError):
        return None
    return file if file in own else None


def _unknown(device_type: str) -> str:
    return f"no device type {device_type!r}; there are {KNOWN}"

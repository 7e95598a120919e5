"""PortAudio, through `sounddevice`.

PortAudio reads the list of devices at its start and never again, so each look starts it
anew. When a device goes away, its thread ends or asks no more; on some systems it then
turns in a loop for ever (PortAudio's issue 1037), which is why all this is in a process
that can be thrown away.
"""

import threading
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from actors.audio.output_devices import Device, Fill, LibraryMissingError, OutputError
from protocols.ports import Clock
from protocols.sound import SFREQ

DEVICE_BUFFER_S: Final = 0.1
"""The device's own: so long may this process be held up."""

SILENT_S: Final = 3.0
"""A device that asks for nothing for so long has gone. Some take 2 s to begin."""


class PortAudio:
    """Fills `SoundSystem`.

    Args:
        clock: for the times at which a device asks.

    Raises:
        LibraryMissingError: Python's module or the library is not installed.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        try:
            import sounddevice  # noqa: PLC0415  # optional, and for this process alone
        except ImportError as error:
            raise LibraryMissingError(
                "the extra `audio` is not installed: pip install 'phosphene[audio]'"
            ) from error
        except OSError as error:
            raise LibraryMissingError(
                f"{error}: install PortAudio (Debian: apt install libportaudio2)"
            ) from error
        self._library: Any = sounddevice

    def look(self) -> Sequence[Device]:
        """The devices that are there now.

        Raises:
            OutputError: PortAudio does not start.
        """
        library = self._library
        try:
            library._terminate()  # noqa: SLF001  # its author's own advice for a new list
            library._initialize()  # noqa: SLF001
            hosts = library.query_hostapis()
            rows = library.query_devices()
        except library.PortAudioError as error:
            raise OutputError(f"PortAudio does not start: {error}") from error
        first = library.default.hostapi
        default = hosts[first]["default_output_device"] if hosts else -1
        return [
            Device(
                number=row["index"],
                name=row["name"],
                host=hosts[row["hostapi"]]["name"],
                channels=row["max_output_channels"],
                rate_hz=row["default_samplerate"],
                default=row["index"] == default,
            )
            for row in rows
            if row["max_output_channels"] > 0
        ]

    def open(self, device: Device, fill: Fill) -> "PortAudioLine":
        """Begin to play.

        Raises:
            OutputError: it cannot be opened.
        """
        return PortAudioLine(self._library, device, fill, self._clock)


class PortAudioLine:
    """Fills `Line` with a stream."""

    def __init__(self, library: Any, device: Device, fill: Fill, clock: Clock) -> None:  # noqa: ANN401  # a module without types
        self._clock = clock
        self._fill = fill
        self._asked_at = clock.now()
        self._ended = threading.Event()
        self._stream: Any = None
        try:
            self._stream = library.OutputStream(
                samplerate=SFREQ,
                channels=2,
                dtype="float32",
                device=device.number,
                latency=DEVICE_BUFFER_S,
                callback=self._asked,
                finished_callback=self._ended.set,
            )
            self._stream.start()
        except library.PortAudioError as error:
            if self._stream is not None:
                self._stream.close(ignore_errors=True)
            raise OutputError(f"{device.name!r} cannot be opened: {_why(error)}") from error

    def alive(self) -> bool:
        """Whether it still asks for samples."""
        silent_s = self._clock.now() - self._asked_at
        return not self._ended.is_set() and silent_s < SILENT_S

    def finish(self) -> None:
        """Let it play what it has, then close it."""
        self._stream.stop(ignore_errors=True)
        self._stream.close(ignore_errors=True)

    def _asked(
        self,
        out: npt.NDArray[np.float32],
        _frames: int,
        _time: object,
        status: Any,  # noqa: ANN401  # as above
    ) -> None:
        # In PortAudio's thread.
        self._asked_at = self._clock.now()
        self._fill(out, bool(status) and status.output_underflow)


def _why(error: Exception) -> str:
    # Of an error of the system itself the words are the last part of the third argument.
    system = error.args[2] if len(error.args) > 2 else None  # noqa: PLR2004
    detail = system[2] if isinstance(system, tuple) else ""
    return f"{error.args[0]} ({detail})" if detail else str(error.args[0])

"""A recording in a headset's place: its samples come when they are due.

The recording's own losses keep their length. A loop rewinds for `REWIND_S`, in which
nothing comes: its end and its beginning do not continue each other, and the jump in
`first_sample` says so to whoever keeps a memory.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from actors.device.pace import Pace
from actors.device.recording import Recording
from protocols.eeg import RawChunk, SignalInfo
from protocols.errors import DeviceLostError, RecordingEndedError

REWIND_S = 0.1
"""Seconds of the recording's time without samples before it begins again."""


class _Tape(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A recording laid out in its own time, losses included."""

    recording: Recording
    starts: tuple[int, ...]
    """Sample of the tape at which each unbroken piece begins."""

    columns: tuple[int, ...]
    """Column of the recording at which each piece begins; then the number of columns."""

    length: int
    """Samples from beginning to end."""

    def pieces(self, start: int, stop: int) -> list[tuple[int, int, int]]:
        """Unbroken pieces between two samples: (first sample, from column, to column)."""
        found = []
        for piece in range(max(0, bisect_right(self.starts, start) - 1), len(self.starts)):
            if self.starts[piece] >= stop:
                break
            shift = self.columns[piece] - self.starts[piece]
            left = max(start + shift, self.columns[piece])
            right = min(stop + shift, self.columns[piece + 1])
            if left < right:
                found.append((left - shift, left, right))
        return found


def _tape(recording: Recording) -> _Tape:
    starts, columns, lost = [0], [0], 0
    for loss in recording.lost:
        lost += loss.samples
        starts.append(loss.column + lost)
        columns.append(loss.column)
    samples = recording.uv.shape[1]
    return _Tape(
        recording=recording,
        starts=tuple(starts),
        columns=(*columns, samples),
        length=samples + lost,
    )


class ReplaySource:
    """Fills `protocols.ports.EegSource` from a file.

    Args:
        load: reads the recording; called by `open`.
        speed: times the recording's own pace.
        loop: begin again at the end, else `RecordingEndedError`.

    Raises:
        ValueError: `speed` is not above zero.
    """

    def __init__(
        self, load: Callable[[], Recording], *, speed: float = 1.0, loop: bool = True
    ) -> None:
        if not (np.isfinite(speed) and speed > 0):
            raise ValueError(f"speed must be above 0, not {speed}")
        self._load, self._speed, self._loop = load, speed, loop
        self._info: SignalInfo | None = None
        self._tape: _Tape
        self._pace: Pace
        self._given = 0  # samples since `open`, losses and rewinding included

    def open(self, now: float) -> SignalInfo:
        """Load the recording and begin at its beginning.

        Raises:
            RecordingError: missing, of no known format, or broken.
        """
        recording = self._load()
        self._tape = _tape(recording)
        self._pace = Pace(sfreq=recording.sfreq, opened_at=now, speed=self._speed)
        self._given = 0
        self._info = SignalInfo(
            device=f"replay:{recording.name}",
            sfreq=recording.sfreq,
            ch_names=recording.ch_names,
            opened_at=now,
            mains_hz=recording.mains_hz,
        )
        return self._info

    def read(self, now: float) -> Sequence[RawChunk]:
        """Give the samples that are due, at most the newest ten seconds of them.

        Raises:
            DeviceLostError: it is not open.
            RecordingEndedError: all was given, and it does not loop.
        """
        if self._info is None:
            raise DeviceLostError("the recording is not open")
        length = self._tape.length
        due = self._pace.due(now)
        if not self._loop:
            if self._given >= length:
                raise RecordingEndedError(f"{self._info.device} came to its end")
            due = min(due, length)
        first, self._given = max(self._given, due - self._pace.ring), max(due, self._given)
        return self._between(first, due, self._info)

    def close(self) -> None:
        """Let the recording go."""
        self._info = None

    def _between(self, first: int, due: int, info: SignalInfo) -> list[RawChunk]:
        """Chunks of what lies between two samples since `open`; none crosses a hole."""
        turn = self._tape.length + round(REWIND_S * self._pace.sfreq)
        uv = self._tape.recording.uv
        chunks = []
        for begun in range(first - first % turn, due, turn):
            for at, left, right in self._tape.pieces(max(0, first - begun), due - begun):
                last = begun + at + right - left - 1
                chunks.append(
                    RawChunk(
                        info=info,
                        first_sample=begun + at,
                        captured_at=self._pace.at(last),
                        uv=uv[:, left:right],
                    )
                )
        return chunks

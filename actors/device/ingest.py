"""Samples that a client pushes, behind the same port as a headset.

Two threads meet here, and a lock parts them: the door's `announce` and `push`, and the
reader's `open`, `read` and `close`. What waits is bounded: at most ten seconds, the
oldest goes first, and the reader sees the jump.
"""

import threading
from collections import deque
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from actors.device.pace import Pace
from actors.device.recording import MIN_SFREQ_HZ
from protocols.eeg import Microvolts, RawChunk, SignalInfo
from protocols.errors import DeviceLostError, DeviceNotFoundError

SILENCE_S = 5.0
"""A client that sends nothing for so long is taken for gone."""


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """What a client says of the samples that it will push."""

    sfreq: float
    """Sampling rate, hertz."""

    ch_names: tuple[str, ...]
    mains_hz: float | None = None


class _Waiting(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Pushed and not read."""

    first_sample: int
    at: float
    """Clock time of the last sample."""

    uv: Microvolts


class IngestSource:
    """Fills `protocols.ports.EegSource` with what is pushed. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._signal: Signal | None = None
        self._info: SignalInfo | None = None
        self._renewed = False  # announced anew since `open`
        self._waiting: deque[_Waiting] = deque()
        self._waiting_samples = 0
        self._pushed = 0  # samples since the announcement
        self._opened_with = 0  # of them, before `open`
        self._last_at = 0.0

    def announce(self, signal: Signal) -> None:
        """Say what will be pushed; a signal that is announced anew is opened anew.

        Raises:
            ValueError: no channels, or too slow for EEG.
        """
        if not signal.ch_names or not signal.sfreq >= MIN_SFREQ_HZ:
            raise ValueError(
                f"at least one channel and {MIN_SFREQ_HZ:g} Hz needed, not "
                f"{len(signal.ch_names)} channels at {signal.sfreq:g} Hz"
            )
        with self._lock:
            if signal == self._signal:
                return
            self._signal, self._renewed = signal, self._info is not None
            self._waiting.clear()
            self._waiting_samples = self._pushed = 0

    def push(self, uv: npt.NDArray[np.floating], at: float) -> None:
        """Hand samples over; they are copied.

        Args:
            uv: microvolts, shape (channels, samples), finite.
            at: clock time of the last sample.

        Raises:
            ValueError: nothing was announced, another shape, or numbers that are none.
        """
        with np.errstate(over="ignore"):  # too large becomes infinite, and is refused
            own = np.array(uv, dtype=np.float32, order="C")
        own.flags.writeable = False
        with self._lock:
            signal = self._signal
            if signal is None:
                raise ValueError("samples were pushed before their signal was announced")
            channels = len(signal.ch_names)
            if own.ndim != 2 or own.shape[0] != channels:  # noqa: PLR2004  # a table
                raise ValueError(
                    f"expected {channels} channels by samples, not {own.shape}"
                )
            if not np.isfinite(own).all():
                raise ValueError("a sample is not a finite number")
            self._keep(own, at, signal.sfreq)

    def open(self, now: float) -> SignalInfo:
        """Begin with the samples that are waiting.

        Raises:
            DeviceNotFoundError: nobody pushes.
        """
        with self._lock:
            signal = self._signal
            if signal is None or not self._waiting or now - self._last_at > SILENCE_S:
                raise DeviceNotFoundError("ingest: nobody has pushed samples yet")
            self._renewed = False
            first = self._waiting[0]
            self._opened_with = first.first_sample
            began = first.at - (first.uv.shape[1] - 1) / signal.sfreq
            self._info = SignalInfo(
                device="ingest",
                sfreq=signal.sfreq,
                ch_names=signal.ch_names,
                opened_at=began,
                mains_hz=signal.mains_hz,
            )
            return self._info

    def read(self, now: float) -> Sequence[RawChunk]:
        """Give what was pushed, pieces that follow one another as one chunk.

        A client may push a second's samples in forty requests; forty chunks at one tick
        would overrun the filters' inbox.

        Raises:
            DeviceLostError: silence, another signal, or not open.
        """
        with self._lock:
            info = self._info
            if info is None:
                raise DeviceLostError("ingest is not open")
            if self._renewed:
                raise DeviceLostError("ingest: another signal was announced")
            if not self._waiting and now - self._last_at > SILENCE_S:
                raise DeviceLostError(f"ingest: no samples for {SILENCE_S:g} s")
            waiting = list(self._waiting)
            self._waiting.clear()
            self._waiting_samples = 0
            shift = self._opened_with
        return [
            RawChunk(
                info=info,
                first_sample=pieces[0].first_sample - shift,
                captured_at=pieces[-1].at,
                uv=_joined(pieces),
            )
            for pieces in _runs(waiting)
        ]

    def close(self) -> None:
        """Stop reading; whoever pushes may go on."""
        with self._lock:
            self._info = None

    def _keep(self, uv: Microvolts, at: float, sfreq: float) -> None:
        """Let samples wait, the oldest making room. Under the lock."""
        ring = Pace(sfreq=sfreq, opened_at=0.0).ring
        first, self._pushed = self._pushed, self._pushed + uv.shape[1]
        self._last_at = at
        cut = max(0, uv.shape[1] - ring)
        if uv.shape[1] == 0:
            return
        self._waiting.append(_Waiting(first_sample=first + cut, at=at, uv=uv[:, cut:]))
        self._waiting_samples += uv.shape[1] - cut
        while self._waiting_samples > ring:
            self._waiting_samples -= self._waiting.popleft().uv.shape[1]


def _runs(waiting: Sequence[_Waiting]) -> list[list[_Waiting]]:
    """Pieces that follow one another without a loss."""
    runs: list[list[_Waiting]] = []
    following = -1
    for piece in waiting:
        if piece.first_sample != following:
            runs.append([])
        runs[-1].append(piece)
        following = piece.first_sample + piece.uv.shape[1]
    return runs


def _joined(pieces: Sequence[_Waiting]) -> Microvolts:
    if len(pieces) == 1:
        return pieces[0].uv
    joined: Microvolts = np.concatenate([piece.uv for piece in pieces], axis=1)
    joined.flags.writeable = False
    return joined

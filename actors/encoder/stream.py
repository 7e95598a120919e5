"""One signal's way through the encoder: its window, its quality, its meter.

In: clean chunks of one `SignalInfo`. Out: the measurement of the newest window. Pure: no
clock, no actor; the sitter's baseline is not here, it outlives a signal.
"""

from collections import deque
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from actors.encoder.measure import Measurement, WindowMeter
from actors.encoder.window import SlidingWindow
from protocols.eeg import ChannelQuality, CleanChunk, ContactState, SignalInfo

WINDOW_LIMITS_S: Final = (0.5, 8.0)
STEP_LIMITS_S: Final = (0.05, 1.0)


class WindowSettings(msgspec.Struct, frozen=True):
    """Latency against certainty."""

    window_s: float
    step_s: float

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ValueError: outside the limits.
        """
        for name, value, (low, high) in (
            ("window", self.window_s, WINDOW_LIMITS_S),
            ("step", self.step_s, STEP_LIMITS_S),
        ):
            if not low <= value <= high:
                raise ValueError(
                    f"{name} of {value:g} s: allowed are {low:g} to {high:g} s"
                )


class Stream:
    """Slides a window over the consecutive samples of one signal.

    Args:
        info: the signal.
        settings: length and step of the window.
    """

    def __init__(self, info: SignalInfo, settings: WindowSettings) -> None:
        self.info = info
        samples = max(2, round(settings.window_s * info.sfreq))
        # Rounded down, so that a chunk a step long never waits for the next one.
        step = max(1, int(settings.step_s * info.sfreq + 1e-6))
        self._window = SlidingWindow(
            channels=len(info.ch_names), samples=samples, step=step
        )
        self._meter = WindowMeter(info.ch_names, info.sfreq, samples)
        # Only then do segments of one window come again in a later one.
        self._recurs = self._meter.hop % step == 0
        self._verdicts: deque[tuple[int, _Verdict]] = deque()
        self._flawed = 0  # of them
        self._newest = _Verdict(())
        self._flawless = np.ones(len(info.ch_names))
        self._next: int | None = None
        self._measured: int | None = None
        self._index = np.zeros(len(info.ch_names))
        self._due: npt.NDArray[np.float64] | None = None
        self.advanced_s = 0.0
        """Seconds of signal between this window and the one before (a step, at first)."""

    @property
    def first_sample(self) -> int:
        """Index of the window's first sample."""
        return (self._next or 0) - self._window.samples

    def reset(self) -> None:
        """Forget all samples."""
        self._window.reset()
        self._meter.reset()
        self._verdicts.clear()
        self._flawed = 0
        self._next = self._measured = None

    def push(self, chunk: CleanChunk) -> bool:
        """Append a chunk.

        A chunk that is still settling has the filters' transient in it, larger than any
        brain: the window begins after it.

        Args:
            chunk: the next one; one that does not follow the last empties the window.

        Returns:
            Whether a window is due.
        """
        if chunk.quality is not self._newest.quality:
            self._newest = _Verdict(chunk.quality)
        if chunk.first_sample != self._next or self._newest.is_settling:
            self.reset()
        self._next = chunk.first_sample + chunk.uv.shape[1]
        if self._newest.is_settling:
            return False
        self._window.push(chunk.uv)
        self._verdicts.append((self._next, self._newest))
        self._flawed += self._newest.is_flawed
        while self._verdicts[0][0] <= self.first_sample:
            self._flawed -= self._verdicts.popleft()[1].is_flawed
        self._due = self._window.due()
        if self._due is None:
            return False
        last = self._measured
        advanced = self._window.step if last is None else self._next - last
        self.advanced_s = advanced / self.info.sfreq
        self._measured = self._next
        return True

    def measure(self) -> Measurement:
        """Measure the window that is due.

        Raises:
            RuntimeError: none is due.
        """
        if self._due is None:
            raise RuntimeError("no window is due")
        self._index = self._judge()
        place = self.first_sample if self._recurs else None
        return self._meter.measure(self._due, self._index, place)

    def quality(self) -> tuple[ChannelQuality, ...]:
        """What is seen in each channel now, with its index over the measured window."""
        newest = self._newest.quality
        if not (self._flawed or self._newest.is_flawed):
            return newest
        return tuple(
            ChannelQuality(state=seen.state, index=index, reason=seen.reason)
            for seen, index in zip(newest, self._index.tolist(), strict=True)
        )

    def _judge(self) -> npt.NDArray[np.float64]:
        """Half the mean, half the worst of the window: one bad moment spoils a spectrum."""
        if not self._flawed:
            return self._flawless
        # A few numbers a channel: lists take a third of the time of arrays. Most channels
        # are without a flaw, and a mean of ones is one.
        verdicts = [verdict for _, verdict in self._verdicts]
        count, judged = len(verdicts), [1.0] * len(self._flawless)
        for channel in {number for verdict in verdicts for number in verdict.flaws}:
            course = [verdict.indices[channel] for verdict in verdicts]
            judged[channel] = (sum(course) / count + min(course)) / 2
        return np.array(judged)


class _Verdict:
    """The channels' quality in one chunk or several; the filters judge less often."""

    def __init__(self, quality: tuple[ChannelQuality, ...]) -> None:
        self.quality = quality
        self.indices = [seen.index for seen in quality]
        self.is_settling = all(seen.state is ContactState.SETTLING for seen in quality)
        self.flaws = [at for at, index in enumerate(self.indices) if index < 1.0]
        """The numbers of the channels that cannot be trusted wholly."""

        self.is_flawed = bool(self.flaws)

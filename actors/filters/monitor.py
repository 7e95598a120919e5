"""Watches one headset's channels as their samples come.

In: raw and clean samples in chunks, microvolts. Out: one `ChannelQuality` a channel, anew
every 200 ms of signal. Causal: a verdict follows from the last second and from slow
memories (each channel's own floors of EMG and hum, the extremes it has ever reached, the
usual amplitude of all), which outlive a gap; the last second does not.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np

from actors.filters.artifacts import Signs, eye_channels, gauge
from actors.filters.bank import Samples
from actors.filters.memories import Extremes, Eyes, Figures, Floor
from actors.filters.quality import (
    HUM_OVER_FLOOR,
    HUM_ROSE_UV,
    Limits,
    settling,
    verdicts,
)
from protocols.eeg import ChannelQuality

EVERY_S: Final = 0.2


class ContactMonitor:
    """Judges one headset's channels as their samples come.

    Args:
        ch_names: names of the channels.
        sfreq: sampling rate, hertz.
        mains_hz: where the notch is.
    """

    def __init__(self, ch_names: Sequence[str], sfreq: float, mains_hz: float) -> None:
        channels = len(ch_names)
        self._sfreq = sfreq
        self._mains_hz = mains_hz
        self._gauge = gauge(sfreq, mains_hz)
        self._raw = Newest(self._gauge.samples)
        self._clean = Newest(self._gauge.samples)
        self._extremes = Extremes(channels)
        self._eyes = Eyes(eye_channels(ch_names).tolist())
        self._emg_floor = Floor(falls_s=0.5, rises_s=60.0)
        self._hum_floor = Floor(falls_s=0.5, rises_s=600.0)
        # Rises too slowly for a blink and fast enough for closed eyes.
        self._level = Floor(falls_s=1.0, rises_s=5.0)
        self._since_s = 0.0
        self._verdict: tuple[ChannelQuality, ...] = ()

    def reset(self) -> None:
        """Forget the last second (after a gap); the slow memories stay."""
        self._raw.clear()
        self._clean.clear()
        self._eyes.reset()
        self._since_s = 0.0

    def set_mains(self, hz: float) -> None:
        """Follow the bank's notch to `hz`."""
        self._mains_hz = hz
        self._gauge = gauge(self._sfreq, hz)

    def update(self, raw: Samples, clean: Samples) -> tuple[ChannelQuality, ...]:
        """Take the next samples.

        Args:
            raw: microvolts, shape (channels, samples).
            clean: the same samples, filtered.

        Returns:
            The newest verdict, one a channel.
        """
        self._raw.push(raw)
        self._clean.push(clean)
        if self._raw.count < self._gauge.samples:
            self._verdict = settling(len(raw), self._raw.count / self._sfreq)
            self._since_s = EVERY_S
            return self._verdict
        self._since_s += raw.shape[1] / self._sfreq
        if self._since_s >= EVERY_S - 0.5 / self._sfreq:
            raw = self._raw.newest()
            signs = self._gauge.measure(raw, self._clean.newest())
            self._verdict = self._judge(signs, raw, self._since_s)
            self._since_s = 0.0
        return self._verdict

    def _judge(
        self, signs: Signs, raw: Samples, passed_s: float
    ) -> tuple[ChannelQuality, ...]:
        # One crossing from numpy to Python.
        swing, high, low = (
            signs.swing_uv.tolist(),
            signs.high_uv.tolist(),
            signs.low_uv.tolist(),
        )
        emg, brain = signs.emg_uv.tolist(), signs.brain_uv.tolist()
        hum_50, hum_60 = signs.hum_uv.tolist()
        slow = signs.slow_uv.tolist()
        blink = self._eyes.blinks(slow, emg, swing, passed_s)  # before what they explain
        (level,) = self._level.follow([median(brain)], passed_s)
        hum = list(map(max, hum_50, hum_60))
        hum_floor = self._hum_floor.follow(hum, passed_s)
        suspect = [
            now >= HUM_ROSE_UV and now >= HUM_OVER_FLOOR * floor
            for now, floor in zip(hum, hum_floor, strict=True)
        ]
        limits = Limits.among(notch_hz=self._mains_hz, brain_uv=level, hum_uv=median(hum))
        columns = (
            swing,
            [max(top, -bottom) for top, bottom in zip(high, low, strict=True)],
            self._extremes.stuck(high, low, raw),
            hum_50,
            hum_60,
            hum_floor,
            signs.left_over_uv.tolist(),
            emg,
            self._emg_floor.follow(emg, passed_s),
            signs.amplitude_uv.tolist(),
            blink,
            brain,
            self._eyes.unexplained(brain, suspect, passed_s),
        )
        return verdicts(columns, limits)


class Newest:
    """The newest samples of a signal; joined only when they are looked at.

    Args:
        samples: how many at most.
    """

    def __init__(self, samples: int) -> None:
        self.count = 0
        self._samples = samples
        self._chunks: deque[Samples] = deque()
        self._held = 0  # samples in chunks

    def clear(self) -> None:
        """Forget them."""
        self._chunks.clear()
        self.count = self._held = 0

    def push(self, chunk: Samples) -> None:
        """Append samples, shape (channels, any number); they are not copied."""
        self._chunks.append(chunk)
        self._held += chunk.shape[1]
        while self._held - self._chunks[0].shape[1] >= self._samples:
            self._held -= self._chunks.popleft().shape[1]
        self.count = min(self._samples, self._held)

    def newest(self) -> Samples:
        """Give them, shape (channels, `count`)."""
        if len(self._chunks) > 1:
            joined = np.concatenate(self._chunks, axis=1)[:, -self._samples :]
            self._chunks.clear()
            self._chunks.append(joined)
            self._held = self.count
        return self._chunks[0][:, -self._samples :]


def median(figures: Figures) -> float:
    """Give the lower median."""
    return sorted(figures)[(len(figures) - 1) // 2]

"""Watches one headset's channels as their samples come.

In: raw and clean samples in chunks, microvolts. Out: one `ChannelQuality` a channel, anew
every 200 ms of signal. Causal: a verdict follows from the last second and from slow
memories (each channel's own floors of EMG and hum, the extremes it has ever reached, the
usual amplitude of all), which outlive a gap; the last second does not.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from actors.filters.artifacts import PerChannel, Signs, eye_channels, gauge
from actors.filters.bank import Samples
from actors.filters.memories import Extremes, Eyes, Floor
from actors.filters.quality import (
    HUM_OVER_FLOOR,
    HUM_ROSE_UV,
    Case,
    Limits,
    settling,
    verdict,
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
        self._empty = np.zeros((channels, 0))
        self._raw, self._clean = self._empty, self._empty
        self._extremes = Extremes(channels)
        self._eyes = Eyes(eye_channels(ch_names))
        self._emg_floor = Floor(falls_s=0.5, rises_s=60.0)
        self._hum_floor = Floor(falls_s=0.5, rises_s=600.0)
        # Rises too slowly for a blink and fast enough for closed eyes.
        self._level = Floor(falls_s=1.0, rises_s=5.0)
        self._since_s = 0.0
        self._verdict: tuple[ChannelQuality, ...] = ()

    def reset(self) -> None:
        """Forget the last second (after a gap); the slow memories stay."""
        self._raw, self._clean = self._empty, self._empty
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
        need = self._gauge.samples
        self._raw = np.concatenate((self._raw, raw), axis=1)[:, -need:]
        self._clean = np.concatenate((self._clean, clean), axis=1)[:, -need:]
        have = self._raw.shape[1]
        if have < need:
            self._verdict = settling(len(raw), have / self._sfreq)
            self._since_s = EVERY_S
            return self._verdict
        self._since_s += raw.shape[1] / self._sfreq
        if self._since_s >= EVERY_S - 0.5 / self._sfreq:
            signs = self._gauge.measure(self._raw, self._clean)
            self._verdict = self._judge(signs, self._since_s)
            self._since_s = 0.0
        return self._verdict

    def _judge(self, signs: Signs, passed_s: float) -> tuple[ChannelQuality, ...]:
        blink = self._eyes.blinks(signs, passed_s)  # before what blinks explain
        level = self._level.follow(median(signs.brain_uv), passed_s)
        hum = signs.hum_uv.max(axis=0)
        hum_floor = self._hum_floor.follow(hum, passed_s)
        suspect = (hum >= HUM_ROSE_UV) & (hum >= HUM_OVER_FLOOR * hum_floor)
        figures = (
            signs.swing_uv,
            np.maximum(signs.high_uv, -signs.low_uv),
            self._extremes.stuck(signs, self._raw),
            *signs.hum_uv,
            hum_floor,
            signs.left_over_uv,
            signs.emg_uv,
            self._emg_floor.follow(signs.emg_uv, passed_s),
            signs.amplitude_uv,
            blink,
            signs.brain_uv,
            self._eyes.unexplained(signs.brain_uv, suspect, passed_s),
        )
        limits = Limits.among(
            notch_hz=self._mains_hz, brain_uv=level.item(), hum_uv=median(hum).item()
        )
        # One crossing from numpy to Python: eight channels cost less as floats.
        cases = zip(*(figure.tolist() for figure in figures), strict=True)
        return tuple(verdict(Case(*case), limits) for case in cases)


def median(figures: PerChannel) -> PerChannel:
    """Give the lower median, shape (1,); `np.median` takes ten times as long."""
    middle = (len(figures) - 1) // 2
    return np.sort(figures)[middle : middle + 1]

"""What a channel was like before: the slow memories behind a verdict.

In: one figure a channel, again and again, and the seconds between. Out: the same, seen in
the light of what came before. Pure state, no samples but to count extremes. The figures are
plain floats: up to fifty channels they cost less than arrays, of which each step makes one
(20 µs for eight channels where arrays took 45).
"""

import math
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np

from actors.filters.bank import Samples

Figures: TypeAlias = list[float]
"""One a channel; whoever is given one does not write to it."""

STUCK_RANGE_UV: Final = 200.0
"""A channel that never ranged further may repeat its extreme by coarse resolution."""

FLAT_UV: Final = 0.5
"""Peak to peak in a second; the noise of an electrode on skin alone is above it."""

BLINK_UV: Final = 70.0
BLINK_OVER_EMG: Final = 3.0
"""A slow wave on top of a muscle's burst is the muscle's."""

BLINK_CHANNELS: Final = 2
"""Eyes move two electrodes at once; a pop moves one."""

BLINKS_LAST_S: Final = 2.0
"""A slow wave that does not end is a movement; several blinks in a row are shorter."""

BLINK_FORGIVEN_S: Final = 1.2
"""For so long after a blink its own swing is in the second that is looked at."""

_ROUNDING_S: Final = 1e-6
"""Verdicts come on a grid; one exactly so long after a blink is not too early."""

SWINGS_FADE_S: Final = 3.0
"""A loose electrode rests now and then; its swings are forgotten with this constant."""


class Floor:
    """Follows figures with one time constant down and another up.

    Args:
        falls_s: time constant downwards, seconds.
        rises_s: time constant upwards, seconds.
    """

    def __init__(self, *, falls_s: float, rises_s: float) -> None:
        self._falls_s, self._rises_s = falls_s, rises_s
        self._at: Figures = []

    def follow(self, figures: Figures, passed_s: float) -> Figures:
        """Move towards new figures.

        Args:
            figures: always as many.
            passed_s: seconds since the last ones.

        Returns:
            Where it is now; at first, the figures themselves.
        """
        down = -math.expm1(-passed_s / self._falls_s)
        up = -math.expm1(-passed_s / self._rises_s)
        self._at = [
            at + (figure - at) * (down if figure < at else up)
            for at, figure in zip(self._at or figures, figures, strict=True)
        ]
        return self._at


class Extremes:
    """The highest and lowest that each channel has ever been.

    Args:
        channels: how many.
    """

    def __init__(self, channels: int) -> None:
        self._top = [-math.inf] * channels
        self._bottom = [math.inf] * channels

    def stuck(self, high_uv: Figures, low_uv: Figures, raw: Samples) -> Figures:
        """Give the share of a second that each channel spent exactly at its extreme.

        Args:
            high_uv: each channel's largest sample of that second.
            low_uv: its smallest.
            raw: the samples.
        """
        tops = self._top = list(map(max, self._top, high_uv))
        bottoms = self._bottom = list(map(min, self._bottom, low_uv))
        ends = enumerate(zip(tops, bottoms, high_uv, low_uv, strict=True))
        return [
            share_at(raw[number], top, bottom)
            if top - bottom > STUCK_RANGE_UV and (high == top or low == bottom)
            else 0.0
            for number, (top, bottom, high, low) in ends
        ]


def share_at(samples: Samples, top: float, bottom: float) -> float:
    """Give the share of samples at one of two values, at the one with more."""
    return max(np.count_nonzero(samples == end) for end in (top, bottom)) / len(samples)


class Eyes:
    """Tells blinks from other slow waves, and swings that no blink explains.

    Args:
        channels: whether each channel lies where eyes are seen.
    """

    def __init__(self, channels: Sequence[bool]) -> None:
        self._near = {number for number, near in enumerate(channels) if near}
        self._now_s = 0.0
        self._slow_for_s = [0.0] * len(channels)
        self._blinked_at_s = [-math.inf] * len(channels)
        self._swings = [0.0] * len(channels)

    def reset(self) -> None:
        """Forget the swings of late (after a gap)."""
        self._swings = [0.0] * len(self._swings)

    def blinks(
        self, slow_uv: Figures, emg_uv: Figures, swing_uv: Figures, passed_s: float
    ) -> Figures:
        """Give the slow wave of the channels that a blink moves now, 0 in others.

        Args:
            slow_uv: largest deflection of each channel lately, with its sign.
            emg_uv: its EMG.
            swing_uv: its peak to peak.
            passed_s: seconds since the last ones.
        """
        self._now_s += passed_s
        if max(slow_uv) < BLINK_UV and min(slow_uv) > -BLINK_UV:
            self._slow_for_s = [0.0] * len(slow_uv)
            return self._slow_for_s
        seen = [
            max(BLINK_UV, BLINK_OVER_EMG * emg) <= abs(slow)
            for slow, emg in zip(slow_uv, emg_uv, strict=True)
        ]
        self._slow_for_s = [
            lasting + passed_s if is_seen else 0.0
            for lasting, is_seen in zip(self._slow_for_s, seen, strict=True)
        ]
        brief = {
            number
            for number, is_seen in enumerate(seen)
            if is_seen and self._slow_for_s[number] <= BLINKS_LAST_S
        }
        alive = {number for number in self._near if swing_uv[number] >= FLAT_UV}
        moved = one_way(brief & self._near, slow_uv)
        if len(moved) < min(BLINK_CHANNELS, max(1, len(alive))):
            # A headband's reference is on the forehead: the eyes move all the others.
            moved = one_way(brief, slow_uv)
            if len(moved) < max(BLINK_CHANNELS, (len(seen) + 1) // 2):
                moved = set()
        for number in moved:
            self._blinked_at_s[number] = self._now_s
        return [
            abs(slow) if number in moved else 0.0 for number, slow in enumerate(slow_uv)
        ]

    def unexplained(
        self, brain_uv: Figures, suspect: Sequence[bool], passed_s: float
    ) -> Figures:
        """Hold the largest RMS at 1-20 Hz of late that no blink explains.

        Args:
            brain_uv: RMS of the last second.
            suspect: channels that something else than a blink is the matter with.
            passed_s: seconds since the last second.
        """
        fade = math.exp(-passed_s / SWINGS_FADE_S)
        forgiven_s = self._now_s - BLINK_FORGIVEN_S + _ROUNDING_S
        channels = zip(self._swings, brain_uv, suspect, self._blinked_at_s, strict=True)
        self._swings = [
            max(swing * fade, brain if is_suspect or at_s <= forgiven_s else 0.0)
            for swing, brain, is_suspect, at_s in channels
        ]
        return self._swings


def one_way(seen: set[int], slow_uv: Figures) -> set[int]:
    """Keep the channels of the larger group that moves the same way at once.

    Args:
        seen: channels with a slow wave.
        slow_uv: the waves of all, with their signs.
    """
    up = {number for number in seen if slow_uv[number] > 0}
    down = seen - up
    return up if len(up) >= len(down) else down

"""What a channel was like before: the slow memories behind a verdict.

In: one figure a channel, again and again, and the seconds between. Out: the same, seen in
the light of what came before. Pure state, no samples but to count extremes.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from actors.filters.artifacts import PerChannel, Signs
from actors.filters.bank import Samples

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

SWINGS_FADE_S: Final = 3.0
"""A loose electrode rests now and then; its swings are forgotten with this constant."""


class Floor:
    """Follows figures with one time constant down and another up.

    Args:
        falls_s: time constant downwards, seconds.
        rises_s: time constant upwards, seconds.
    """

    def __init__(self, *, falls_s: float, rises_s: float) -> None:
        self._falls_s = falls_s
        self._rises_s = rises_s
        self._at: PerChannel | None = None

    def follow(self, figures: PerChannel, passed_s: float) -> PerChannel:
        """Move towards new figures.

        Args:
            figures: one a channel.
            passed_s: seconds since the last ones.

        Returns:
            Where it is now; at first, the figures themselves.
        """
        if self._at is None:
            self._at = figures.copy()
        down = math.expm1(-passed_s / self._falls_s)
        up = math.expm1(-passed_s / self._rises_s)
        step = self._at - figures
        self._at = self._at + step * np.where(step > 0, down, up)
        return self._at


class Extremes:
    """The highest and lowest that each channel has ever been.

    Args:
        channels: how many.
    """

    def __init__(self, channels: int) -> None:
        self._top = np.full(channels, -np.inf)
        self._bottom = np.full(channels, np.inf)

    def stuck(self, signs: Signs, raw: Samples) -> PerChannel:
        """Give the share of a second that each channel spent exactly at its extreme.

        Args:
            signs: of that second.
            raw: its samples.
        """
        self._top = np.maximum(self._top, signs.high_uv)
        self._bottom = np.minimum(self._bottom, signs.low_uv)
        ranged = self._top - self._bottom > STUCK_RANGE_UV
        ranged &= (signs.high_uv == self._top) | (signs.low_uv == self._bottom)
        if not ranged.any():
            return np.zeros(len(ranged))
        at_top = (raw == self._top[:, None]).mean(axis=1)
        at_bottom = (raw == self._bottom[:, None]).mean(axis=1)
        share: PerChannel = ranged * np.maximum(at_top, at_bottom)
        return share


class Eyes:
    """Tells blinks from other slow waves, and swings that no blink explains.

    Args:
        channels: which channels lie where eyes are seen, shape (channels,).
    """

    def __init__(self, channels: npt.NDArray[np.bool_]) -> None:
        self._near = channels
        self._slow_for_s = np.zeros(channels.size)
        self._blinked_ago_s = np.full(channels.size, np.inf)
        self._swings = np.zeros(channels.size)

    def reset(self) -> None:
        """Forget the swings of late (after a gap)."""
        self._swings = np.zeros_like(self._swings)

    def blinks(self, signs: Signs, passed_s: float) -> PerChannel:
        """Give the slow wave of the channels that a blink moves now, 0 in others.

        Args:
            signs: of the last second.
            passed_s: seconds since the last ones.
        """
        self._blinked_ago_s += passed_s
        height = np.abs(signs.slow_uv)
        if height.max() < BLINK_UV:
            self._slow_for_s[:] = 0.0
            return np.zeros_like(height)
        seen = (height >= BLINK_UV) & (height >= BLINK_OVER_EMG * signs.emg_uv)
        self._slow_for_s = (self._slow_for_s + passed_s) * seen
        seen &= self._slow_for_s <= BLINKS_LAST_S
        moved = one_way(seen & self._near, signs.slow_uv)
        alive = self._near & (signs.swing_uv >= FLAT_UV)
        if moved.sum() < min(BLINK_CHANNELS, max(1, alive.sum())):
            # A headband's reference is on the forehead: the eyes move all the others.
            moved = one_way(seen, signs.slow_uv)
            moved &= moved.sum() >= max(BLINK_CHANNELS, (seen.size + 1) // 2)
        self._blinked_ago_s[moved] = 0.0
        wave: PerChannel = height * moved
        return wave

    def unexplained(
        self, brain_uv: PerChannel, suspect: npt.NDArray[np.bool_], passed_s: float
    ) -> PerChannel:
        """Hold the largest RMS at 1-20 Hz of late that no blink explains.

        Args:
            brain_uv: RMS of the last second.
            suspect: channels that something else than a blink is the matter with.
            passed_s: seconds since the last second.
        """
        faded = self._swings * math.exp(-passed_s / SWINGS_FADE_S)
        unexplained = brain_uv * (suspect | (self._blinked_ago_s >= BLINK_FORGIVEN_S))
        self._swings = np.maximum(unexplained, faded)
        return self._swings


def one_way(seen: npt.NDArray[np.bool_], slow_uv: PerChannel) -> npt.NDArray[np.bool_]:
    """Keep the channels of the larger group that moves the same way at once.

    Args:
        seen: channels with a slow wave.
        slow_uv: the waves, with their signs.
    """
    up, down = seen & (slow_uv > 0), seen & (slow_uv < 0)
    return up if up.sum() >= down.sum() else down

"""Electrodes: mains hum, standing potentials that drift, and contacts that come loose."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

HUM_UV = 2.0
"""Amplitude of the hum at a good contact; half to one and a half of it by electrode."""

HARMONIC = 0.2
"""First harmonic of the mains, share of the hum."""

OFFSET_UV = 2000.0
"""Standard deviation of the electrodes' standing potentials."""

DRIFT_UV, DRIFT_TAU_S = 15.0, 20.0

LOOSE_BRAIN = 0.15
"""Share of the brain that a loose electrode still picks up."""

LOOSE_UV, LOOSE_TAU_S = 400.0, 3.0
LOOSE_HUM_UV, LOOSE_NOISE_UV = 60.0, 12.0
"""Amplitude of the hum and RMS of the noise at a loose electrode."""


Levels = npt.NDArray[np.float64]


class Electrodes:
    """What the contacts add to the brain, block by block.

    Args:
        channels: how many.
        block: samples a block.
        sfreq: sampling rate, hertz.
        mains_hz: 50 or 60.
        seeds: three streams: what the contacts are like, their drift, their looseness.
    """

    def __init__(
        self,
        channels: int,
        *,
        block: int,
        sfreq: float,
        mains_hz: float,
        seeds: tuple[np.random.Generator, np.random.Generator, np.random.Generator],
    ) -> None:
        likes, drifting, loosening = seeds
        self._block, self._sfreq, self._mains_hz = block, sfreq, mains_hz
        self._hum_uv = HUM_UV * likes.uniform(0.5, 1.5, channels)
        at = likes.uniform(0.0, 2 * np.pi, channels)
        # By electrode, what `waves` are to be multiplied with for an amplitude of 1.
        self._hum = np.stack(
            [np.cos(at), np.sin(at), HARMONIC * np.cos(2 * at), HARMONIC * np.sin(2 * at)],
            axis=1,
        )
        self._offset_uv = likes.normal(0.0, OFFSET_UV, channels)
        self._kicks = Draws(drifting, (channels,))
        self._rattling = Draws(loosening, (channels, block + 1))
        # Before the blocks of the last call, and after each of them.
        self._drift_uv = np.zeros((1, channels))
        self._loose_uv = np.zeros((1, channels))
        self._loose = np.zeros(channels, np.bool_)
        ramp = np.arange(1, block + 1) / block
        self._levels = np.stack([1.0 - ramp, ramp])

    def loosen(self, channel: int, *, loose: bool) -> None:
        """Let a contact go, or find it again, from the next block on."""
        self._loose[channel] = loose

    def pick_up(
        self, brain_uv: npt.NDArray[np.float32], begin: int
    ) -> npt.NDArray[np.float32]:
        """What the amplifier sees of some blocks of brain.

        Args:
            brain_uv: shape (channels, samples); it is used up.
            begin: index of its first sample.
        """
        samples = brain_uv.shape[1]
        blocks = samples // self._block
        kicks = DRIFT_UV * self._kicks.take(blocks)
        self._drift_uv = self._wander(self._drift_uv[-1], DRIFT_TAU_S, kicks)
        hum_uv, loose_uv = self._hum_uv, self._loose_uv[-1]
        if self._loose.any():
            brain_uv[self._loose] *= LOOSE_BRAIN
            brain_uv += self._rattle(blocks)
            hum_uv = np.where(self._loose, LOOSE_HUM_UV, hum_uv)
        else:
            self._loose_uv = np.zeros_like(self._drift_uv)
        self._loose_uv[0] = loose_uv  # who was fixed comes back within a block
        # Of each block what is there before it and after it; in between it moves evenly.
        at_uv = (self._offset_uv + self._drift_uv + self._loose_uv).T
        edges_uv = np.stack((at_uv[:, :-1], at_uv[:, 1:]), axis=2)
        start = (begin * self._mains_hz / self._sfreq) % 1.0  # exact however late
        picked = (self._hum * hum_uv[:, None]) @ waves(
            start, self._mains_hz / self._sfreq, samples
        )
        picked += (edges_uv.reshape(-1, 2) @ self._levels).reshape(brain_uv.shape)
        brain_uv += picked
        return brain_uv

    def back(self, blocks: int) -> None:
        """Put back the newest blocks, of the last call of `pick_up`."""
        kept = len(self._drift_uv) - blocks
        self._drift_uv, self._loose_uv = self._drift_uv[:kept], self._loose_uv[:kept]
        self._kicks.back(blocks)
        if self._loose.any():
            self._rattling.back(blocks)

    def _rattle(self, blocks: int) -> npt.NDArray[np.float64]:
        """Noise of the loose contacts; moves their drift on."""
        normal = self._rattling.take(blocks)
        kicks = LOOSE_UV * self._loose * normal[:, :, -1]
        self._loose_uv = self._wander(self._loose * self._loose_uv[-1], LOOSE_TAU_S, kicks)
        noise = (LOOSE_NOISE_UV * self._loose)[:, None] * normal[:, :, :-1]
        return noise.transpose(1, 0, 2).reshape(self._loose.size, -1)

    def _wander(self, at: Levels, tau_s: float, kicks: Levels) -> Levels:
        """Walk (Ornstein-Uhlenbeck), from where it is to the end of each block.

        Args:
            at: where it is, shape (channels,).
            tau_s: time constant, seconds.
            kicks: random, with the walk's own standard deviation; (blocks, channels).

        Returns:
            Shape (1 + blocks, channels).
        """
        walk = steps(self._block / self._sfreq / tau_s, len(kicks))
        return np.asarray(walk @ np.concatenate((at[None, :], kicks)))


class Draws:
    """Normal numbers, so many a block; what was drawn ahead can be put back.

    Args:
        rng: where they come from.
        shape: of a block's numbers.
    """

    def __init__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
        self._rng, self._shape = rng, shape
        self._drawn = np.empty((0, *shape))
        self._given = 0

    def take(self, blocks: int) -> npt.NDArray[np.float64]:
        """The numbers of the next blocks, shape (blocks, *shape); not to be written to."""
        self._drawn = self._drawn[self._given :]
        missing = max(0, blocks - len(self._drawn))
        if missing:
            more = self._rng.standard_normal((missing, *self._shape))
            self._drawn = np.concatenate((self._drawn, more))
        self._given = blocks
        return self._drawn[:blocks]

    def back(self, blocks: int) -> None:
        """Put back those of the newest blocks, of the last call of `take`."""
        self._given -= blocks


@lru_cache(maxsize=64)
def waves(start: float, turns: float, samples: int) -> npt.NDArray[np.float64]:
    """The hum that all electrodes see, each in a share of its own.

    Args:
        start: phase of the mains at its first sample, turns.
        turns: of the mains in a sample.
        samples: its length.

    Returns:
        Shape (4, samples): sine and cosine of the mains, and of its first harmonic.
    """
    at = 2 * np.pi * (start + np.arange(samples) * turns)
    made = np.stack([np.sin(at), np.cos(at), np.sin(2 * at), np.cos(2 * at)])
    made.flags.writeable = False
    return made


@lru_cache(maxsize=64)
def steps(share: float, count: int) -> Levels:
    """Make the rows that walk from a place by kicks to where each of them leads.

    Args:
        share: a step, in time constants.
        count: how many.

    Returns:
        Shape (1 + `count`, 1 + `count`): the first column is for the place.
    """
    keep = np.exp(-share)
    ago = np.arange(1 + count)[:, None] - np.arange(1 + count)
    walk = np.where(ago >= 0, keep ** np.maximum(ago, 0), 0.0)
    walk[:, 1:] *= np.sqrt(1 - keep**2)
    walk.flags.writeable = False
    return walk

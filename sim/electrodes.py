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


class Electrodes:
    """What the contacts add to the brain, block by block.

    Args:
        channels: how many.
        sfreq: sampling rate, hertz.
        mains_hz: 50 or 60.
        seeds: three streams: what the contacts are like, their drift, their looseness.
    """

    def __init__(
        self,
        channels: int,
        *,
        sfreq: float,
        mains_hz: float,
        seeds: tuple[np.random.Generator, np.random.Generator, np.random.Generator],
    ) -> None:
        likes, self._drifting, self._loosening = seeds
        self._sfreq, self._mains_hz = sfreq, mains_hz
        self._hum_uv = HUM_UV * likes.uniform(0.5, 1.5, channels)
        at = likes.uniform(0.0, 2 * np.pi, channels)
        # By electrode, what `waves` are to be multiplied with for an amplitude of 1.
        self._hum = np.stack(
            [np.cos(at), np.sin(at), HARMONIC * np.cos(2 * at), HARMONIC * np.sin(2 * at)],
            axis=1,
        )
        self._offset_uv = likes.normal(0.0, OFFSET_UV, channels)
        self._drift_uv = np.zeros(channels)
        self._loose_uv = np.zeros(channels)
        self._loose = np.zeros(channels, np.bool_)

    def loosen(self, channel: int, *, loose: bool) -> None:
        """Let a contact go, or find it again, from the next block on."""
        self._loose[channel] = loose

    def pick_up(
        self, brain_uv: npt.NDArray[np.float32], begin: int
    ) -> npt.NDArray[np.float32]:
        """What the amplifier sees of a block of brain.

        Args:
            brain_uv: shape (channels, samples); it is used up.
            begin: index of its first sample.
        """
        channels, samples = brain_uv.shape
        seconds = samples / self._sfreq
        before = self._drift_uv + self._loose_uv
        self._drift_uv = _wander(
            self._drift_uv,
            seconds / DRIFT_TAU_S,
            DRIFT_UV * self._drifting.standard_normal((channels,)),
        )
        hum_uv = self._hum_uv
        if self._loose.any():
            brain_uv[self._loose] *= LOOSE_BRAIN
            brain_uv += self._rattle(samples)
            hum_uv = np.where(self._loose, LOOSE_HUM_UV, hum_uv)
        else:
            self._loose_uv = np.zeros(channels)
        step = self._drift_uv + self._loose_uv - before
        shares = np.empty((channels, len(_WAVES) + 2))
        shares[:, 0] = self._offset_uv + before
        shares[:, 1] = step
        np.multiply(self._hum, hum_uv[:, None], out=shares[:, 2:])
        start = (begin * self._mains_hz / self._sfreq) % 1.0  # exact however late
        brain_uv += shares @ waves(start, self._mains_hz / self._sfreq, samples)
        return brain_uv

    def _rattle(self, samples: int) -> npt.NDArray[np.float64]:
        """Noise of the loose contacts; moves their drift on."""
        normal = self._loosening.standard_normal((self._loose.size, samples + 1))
        self._loose_uv = self._loose * _wander(
            self._loose_uv,
            samples / self._sfreq / LOOSE_TAU_S,
            LOOSE_UV * normal[:, -1],
        )
        return np.asarray((LOOSE_NOISE_UV * self._loose)[:, None] * normal[:, :-1])


_WAVES = ("sine", "cosine", "harmonic's sine", "harmonic's cosine")


@lru_cache(maxsize=64)
def waves(start: float, turns: float, samples: int) -> npt.NDArray[np.float64]:
    """What all electrodes see in a block, each in a share of its own.

    Args:
        start: phase of the mains at its first sample, turns.
        turns: of the mains in a sample.
        samples: its length.

    Returns:
        Shape (6, samples): ones, a ramp from 0 to 1, and the mains' four `_WAVES`.
    """
    at = 2 * np.pi * (start + np.arange(samples) * turns)
    ramp = np.arange(1, samples + 1) / samples
    made = np.stack(
        [np.ones(samples), ramp, np.sin(at), np.cos(at), np.sin(2 * at), np.cos(2 * at)]
    )
    made.flags.writeable = False
    return made


def _wander(
    at: npt.NDArray[np.float64], share: float, kick: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """One step of an Ornstein-Uhlenbeck walk whose standard deviation is that of `kick`.

    Args:
        at: where it is.
        share: step, in time constants.
        kick: random, with the walk's own standard deviation.
    """
    keep = np.exp(-share)
    return np.asarray(keep * at + np.sqrt(1 - keep**2) * kick)

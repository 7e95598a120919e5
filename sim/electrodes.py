"""Electrodes: mains hum, standing potentials that drift, and contacts that come loose."""

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
        self._hum_at = likes.uniform(0.0, 2 * np.pi, channels)[:, None]
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
        ramp = np.arange(1, samples + 1) / samples
        slow = (self._offset_uv + before)[:, None] + step[:, None] * ramp
        brain_uv += slow + hum_uv[:, None] * self._wave(begin, samples)
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

    def _wave(self, begin: int, samples: int) -> npt.NDArray[np.float64]:
        """The mains at each electrode, amplitude 1; its phase is exact however late."""
        start = (begin * self._mains_hz / self._sfreq) % 1.0
        turns = start + np.arange(samples) * (self._mains_hz / self._sfreq)
        at = 2 * np.pi * turns + self._hum_at
        return np.asarray(np.sin(at) + HARMONIC * np.sin(2 * at))


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

"""Eye blinks: when they come, and how they look at the forehead.

A blink is a positive wave of 100 to 200 µV at Fp1 and Fp2 (Iwasaki et al. 2005) that
lasts 0.2 to 0.4 s; it rises faster than it falls, for the lid closes faster than it opens
(Evinger et al. 1991).
Resting adults blink about 15 to 17 times a minute, and less when they read (Bentivoglio
et al. 1997).
"""

import numpy as np
import numpy.typing as npt

RATE_HZ = 15 / 60
EYES_AT, EYES_WIDTH = ((-0.31, 0.95), (0.31, 0.95)), 0.33
"""Where a blink is strongest, and how wide its bell is, in head radii."""

APART_S = 0.6
"""Two blinks are at least this far apart."""

AMPLITUDE_UV = (150.0, 25.0)
"""Mean and standard deviation at the frontal pole."""

LIMITS_UV = (100.0, 220.0)
DURATION_S = (0.28, 0.40)
CLOSING = 0.35
"""Share of a blink in which the lid goes down."""


class Blinks:
    """Blinks on a line of samples.

    Args:
        sfreq: sampling rate, hertz.
        rng: all the randomness there is.
    """

    def __init__(self, *, sfreq: float, rng: np.random.Generator) -> None:
        self._sfreq, self._rng = sfreq, rng
        self._seen: list[tuple[int, npt.NDArray[np.float32]]] = []
        self._next = self._after(0, 0.0)

    def add(self, sample: int) -> None:
        """Begin a blink at a sample."""
        amplitude = np.clip(self._rng.normal(*AMPLITUDE_UV), *LIMITS_UV)
        length = round(self._rng.uniform(*DURATION_S) * self._sfreq)
        self._seen.append((sample, amplitude * _shape(length)))

    def block(
        self, begin: int, end: int, *, eyes_closed: bool, focus: float
    ) -> npt.NDArray[np.float32] | None:
        """Microvolts at the frontal pole between two samples; None without a blink.

        Args:
            begin: first sample.
            end: the sample after the last.
            eyes_closed: nobody blinks with closed eyes.
            focus: 0 to 1: who looks hard blinks less.
        """
        while self._next < end:
            if not eyes_closed:
                self.add(self._next)
            self._next = self._after(self._next, focus)
        if not self._seen:
            return None
        wave = np.zeros(end - begin, np.float32)
        for start, shape in self._seen:
            left, right = max(begin, start), min(end, start + shape.size)
            if left < right:
                wave[left - begin : right - begin] += shape[left - start : right - start]
        self._seen = [(at, shape) for at, shape in self._seen if at + shape.size > end]
        return wave

    def _after(self, sample: int, focus: float) -> int:
        """When the next spontaneous blink comes: a gamma law, as intervals have it."""
        mean_s = (1 + 2 * max(0.0, focus - 0.5)) / RATE_HZ
        wait_s = APART_S + self._rng.gamma(2.0, (mean_s - APART_S) / 2)
        return sample + max(1, round(wait_s * self._sfreq))


def _shape(length: int) -> npt.NDArray[np.float32]:
    """Half a cosine up, half a slower cosine down; 0 to 1."""
    t = (np.arange(length) + 0.5) / length
    up = 0.5 - 0.5 * np.cos(np.pi * t / CLOSING)
    down = 0.5 + 0.5 * np.cos(np.pi * (t - CLOSING) / (1 - CLOSING))
    return np.where(t < CLOSING, up, down).astype(np.float32)

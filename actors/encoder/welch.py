"""Power spectral density by Welch's method, with everything that repeats done once.

In: a window of signal, shape (channels, samples). Out: its density, µV²/Hz, shape
(channels, frequencies). Pure.

P. D. Welch, IEEE Trans. Audio Electroacoust. 15 (1967): the window is cut into segments
that overlap by half, each is freed of its mean, weighted with a Hann window and
transformed, and the periodograms are averaged. All segments of all channels go through
one `rfft`. The result is that of `scipy.signal.welch` with its defaults.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

SEGMENT_S: Final = 1.0
"""Segments give 1 Hz of resolution, as fine as the bands' edges."""

Density = npt.NDArray[np.float64]
"""Shape (channels, frequencies)."""


class Welch:
    """Welch's method for windows of one length.

    Args:
        samples: length of the window.
        sfreq: sampling rate, hertz.
        segment: length of a segment, at most `samples`.
    """

    def __init__(self, samples: int, sfreq: float, segment: int) -> None:
        self.samples = samples
        self.segment = min(segment, samples)
        self.width_hz = sfreq / self.segment
        self.hz = np.arange(self.segment // 2 + 1, dtype=np.float64) * self.width_hz
        step = self.segment - self.segment // 2
        count = (samples - self.segment) // step + 1
        self._cuts = [slice(i * step, i * step + self.segment) for i in range(count)]
        self._means = np.zeros((samples, count))
        for column, cut in enumerate(self._cuts):
            self._means[cut, column] = 1.0 / self.segment
        hann = np.hanning(self.segment + 1)[:-1]
        self._hann = hann * np.sqrt(1.0 / (sfreq * (hann**2).sum() * count))
        self._double = np.full(self.hz.size, 2.0)
        self._double[0] = 1.0
        if self.segment % 2 == 0:
            self._double[-1] = 1.0

    def density(self, window: npt.NDArray[np.float64]) -> Density:
        """Compute the one-sided density of a window.

        Args:
            window: microvolts, shape (channels, `samples`), not written to.

        Returns:
            µV²/Hz at `hz`.
        """
        means = window @ self._means
        segments = np.empty((len(window), len(self._cuts), self.segment))
        for number, cut in enumerate(self._cuts):
            np.subtract(window[:, cut], means[:, number, None], out=segments[:, number])
        segments *= self._hann
        spectrum = np.fft.rfft(segments)
        power = spectrum.real**2
        power += spectrum.imag**2
        density: Density = power.sum(axis=1) * self._double
        return density

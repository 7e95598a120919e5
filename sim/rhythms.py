"""Endless noise with a given spectrum: the raw material of the simulated brain.

Frames of shaped Gaussian noise are made by one inverse FFT and overlapped by half under a
sine window, whose squares add up to one: the spectrum and the variance are steady, and
nothing ever repeats. A narrow band waxes and wanes by itself, as alpha spindles do.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from sim.anatomy import Gains

HOP_S = 2.0
"""Half a frame; the lowest frequency is half a cycle in it."""


class Layer(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Independent sources of one spectrum, and how they reach the electrodes."""

    amplitude: npt.NDArray[np.float64]
    """Relative amplitude at each frequency of `frequencies_hz`."""

    mixing: Gains
    """Shape (channels, sources)."""


def frequencies_hz(sfreq: float, block: int) -> npt.NDArray[np.float64]:
    """Frequencies of a frame, for signals that are given out in blocks.

    Args:
        sfreq: sampling rate, hertz.
        block: samples a block.
    """
    frame = 2 * _hop(sfreq, block)
    return np.arange(frame // 2 + 1, dtype=np.float64) * (sfreq / frame)


def _hop(sfreq: float, block: int) -> int:
    return block * max(1, round(HOP_S * sfreq / block))


class Rhythms:
    """Makes the layers block by block, each with unit variance a source.

    Args:
        layers: spectra and mixing; all for the same channels.
        sfreq: sampling rate, hertz.
        block: samples a block.
        rng: all the randomness there is.
    """

    def __init__(
        self, layers: Sequence[Layer], *, sfreq: float, block: int, rng: np.random.Generator
    ) -> None:
        self._rng, self._block, self._hop = rng, block, _hop(sfreq, block)
        frame = 2 * self._hop
        # Unit variance: white unit normals times S give 4/frame^2 * sum(S^2).
        self._shapes = np.concatenate(
            [
                np.tile(
                    x.amplitude * (frame / 2 / np.sqrt(np.sum(x.amplitude**2))),
                    (x.mixing.shape[1], 1),
                )
                for x in layers
            ]
        ).astype(np.float32)
        self._mixing = np.concatenate([x.mixing for x in layers], axis=1)
        self._layer = np.repeat(np.arange(len(layers)), [x.mixing.shape[1] for x in layers])
        self._ramp = np.arange(1, block + 1, dtype=np.float32) / block
        self._window = np.sin(np.pi * (np.arange(frame) + 0.5) / frame).astype(np.float32)
        self._tail = self._frame()[:, self._hop :]
        # Brains that begin together should not all compute a frame at the same tick.
        self._ready = self._advance()
        self._at = block * int(rng.integers(0, self._hop // block))

    def block(
        self, before: npt.NDArray[np.float32], after: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """The next block of all layers together, shape (channels, samples).

        Args:
            before: gain of each layer at the end of the last block.
            after: gain at the end of this one; in between it moves evenly.
        """
        if self._at == self._hop:
            self._ready, self._at = self._advance(), 0
        begin, self._at = self._at, self._at + self._block
        ramps = before[:, None] + (after - before)[:, None] * self._ramp
        sources = self._ready[:, begin : self._at] * ramps[self._layer]
        return np.asarray(self._mixing @ sources)

    def _advance(self) -> npt.NDArray[np.float32]:
        frame = self._frame()
        sources = self._tail + frame[:, : self._hop]
        self._tail = frame[:, self._hop :].copy()  # the other half need not be kept
        return sources

    def _frame(self) -> npt.NDArray[np.float32]:
        rows, bins = self._shapes.shape
        noise = self._rng.standard_normal((rows, 2 * bins), dtype=np.float32)
        spectrum = noise.view(np.complex64) * self._shapes
        frame = np.fft.irfft(spectrum, 2 * self._hop, axis=1).astype(np.float32, copy=False)
        return np.asarray(frame * self._window)

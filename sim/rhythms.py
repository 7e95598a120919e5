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


LEAST = 1e-6
"""Share of a spectrum's largest amplitude below which there is nothing."""


class Layer(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Independent sources of one spectrum, and how they reach the electrodes."""

    amplitude: npt.NDArray[np.float64]
    """Relative amplitude at each frequency of `frequencies_hz`."""

    mixing: Gains
    """Shape (channels, sources)."""

    is_rare: bool = False
    """Its gain is mostly 0; no noise is made for it then."""


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
        self._block, self._hop = block, _hop(sfreq, block)
        # A stream of its own, so that a clenched jaw does not change the alpha.
        (rarely,) = rng.spawn(1)
        often = [number for number, layer in enumerate(layers) if not layer.is_rare]
        rare = [number for number, layer in enumerate(layers) if layer.is_rare]
        self._often = _Sources(layers, often, self._hop, rng)
        self._rare = _Sources(layers, rare, self._hop, rarely) if rare else None
        self._ramp = np.arange(1, block + 1, dtype=np.float32) / block
        self._number = 0  # of the hop
        # Brains that begin together should not all compute a frame at the same tick.
        self._at = block * int(rng.integers(0, self._hop // block))

    @property
    def left(self) -> int:
        """How many blocks `blocks` can make at once; at least one."""
        return (self._hop - self._at) // self._block or self._hop // self._block

    def block(
        self, before: npt.NDArray[np.float32], after: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """The next block of all layers together, shape (channels, samples).

        Args:
            before: gain of each layer at the end of the last block.
            after: gain at the end of this one; in between it moves evenly.
        """
        return self.blocks(np.stack((before, after)))

    def blocks(self, gains: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The next blocks, at most as many as are `left`; shape (channels, samples).

        Args:
            gains: of each layer before the first block and at the end of each, shape
                (1 + blocks, layers); in between they move evenly.
        """
        if self._at == self._hop:
            self._number, self._at = self._number + 1, 0
        begin, self._at = self._at, self._at + (len(gains) - 1) * self._block
        before = gains[:-1].T[:, :, None]
        steps = gains[1:].T[:, :, None] - before
        ramps = np.asarray(before + steps * self._ramp, np.float32)
        ramps = ramps.reshape(len(ramps), -1)
        span = slice(begin, self._at)
        made = self._often.mixed(self._number, span, ramps)
        if self._rare is not None and gains[:, self._rare.layers].any():
            made += self._rare.mixed(self._number, span, ramps)
        return made

    def back(self, blocks: int) -> None:
        """Put back the newest blocks, of the last call of `blocks`; they come again."""
        self._at -= blocks * self._block


class _Sources:
    """The sources of some layers, hop by hop.

    Args:
        layers: all there are.
        mine: numbers of those that are meant.
        hop: samples.
        rng: all the randomness there is.
    """

    def __init__(
        self, layers: Sequence[Layer], mine: list[int], hop: int, rng: np.random.Generator
    ) -> None:
        self.layers = mine
        self._hop, self._rng = hop, rng
        counts = [layers[number].mixing.shape[1] for number in mine]
        # Unit variance: white unit normals times S give 4/frame^2 * sum(S^2).
        shapes = np.concatenate(
            [
                np.tile(
                    layers[number].amplitude
                    * (hop / np.sqrt(np.sum(layers[number].amplitude ** 2))),
                    (count, 1),
                )
                for number, count in zip(mine, counts, strict=True)
            ]
        ).astype(np.float32)
        # Half of all frequencies have nothing to speak of: no normals are drawn for them.
        self._there = np.flatnonzero(shapes > LEAST * shapes.max(axis=1, keepdims=True))
        self._shapes = shapes.ravel()[self._there]
        self._mixing = np.concatenate([layers[number].mixing for number in mine], axis=1)
        self._layer = np.repeat(mine, counts)
        self._window = np.sin(np.pi * (np.arange(2 * hop) + 0.5) / (2 * hop)).astype(
            np.float32
        )
        self._number = -1
        self._ready: npt.NDArray[np.float32]
        self._tail: npt.NDArray[np.float32]

    def mixed(
        self, number: int, span: slice, ramps: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """What reaches the electrodes, shape (channels, samples).

        Args:
            number: of the hop; not below the last one.
            span: which of its samples.
            ramps: gain of each layer there is, shape (all layers, samples).
        """
        if number != self._number:
            if self._number < 0 or number > self._number + 1:  # at first, or it rested
                self._tail = self._frame()[:, self._hop :]
            frame, self._number = self._frame(), number
            self._ready = self._tail + frame[:, : self._hop]
            self._tail = frame[:, self._hop :].copy()  # the other half need not be kept
        return np.asarray(self._mixing @ (self._ready[:, span] * ramps[self._layer]))

    def _frame(self) -> npt.NDArray[np.float32]:
        noise = self._rng.standard_normal(2 * self._there.size, dtype=np.float32)
        spectrum = np.zeros(self._mixing.shape[1] * (self._hop + 1), np.complex64)
        spectrum[self._there] = noise.view(np.complex64) * self._shapes
        frame = np.fft.irfft(spectrum.reshape(-1, self._hop + 1), 2 * self._hop, axis=1)
        return np.asarray(frame.astype(np.float32, copy=False) * self._window)

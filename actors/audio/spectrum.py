"""The spectrum of what sounds: 64 bins from 20 Hz to 20 kHz, 0 to 1.

A bin is the strongest sine in its band, in decibels between `FLOOR_DB` and full scale: 0 is
-80 dB and below, 1 a sine of full scale, 0.5 is -40 dB. Both ears are averaged before, so a
sound of one ear alone reads 6 dB (0.075) less. Silence is zeros.

A tenth of a second tells frequencies apart that lie 10 Hz and more from each other (20 Hz
with its Hann window). Below 193 Hz the bins are narrower than that. Each of them reads the
level at its middle frequency: a lone sine is highest in the bin where it is (up to 4 dB low
off the middle), and its neighbours rise with it; two sines closer than 20 Hz are one hill.
A sine below 20 Hz is in no bin, but the first bins see its skirt. Above 193 Hz lines of
10 Hz are sorted into the bins: a sine reads up to 1.4 dB low, and within 5 Hz of an edge it
may be counted on the other side.
"""

import math

import numpy as np
import numpy.typing as npt

from actors.audio.partials import Figures, Samples
from protocols.sound import SFREQ, SPECTRUM_BINS

WINDOW = SFREQ // 10
"""Samples a channel: a tenth of a second."""

FLOOR_DB = -80.0
LOWEST_HZ, HIGHEST_HZ = 20.0, 20_000.0

EDGES: Figures = np.geomspace(LOWEST_HZ, HIGHEST_HZ, SPECTRUM_BINS + 1)
"""Hertz, shape (SPECTRUM_BINS + 1,)."""

MIDDLES: Figures = np.sqrt(EDGES[:-1] * EDGES[1:])

_LINE_HZ = SFREQ / WINDOW
_WIDEST_NARROW_HZ = 20.0

NARROW = int(np.count_nonzero(np.diff(EDGES) < _WIDEST_NARROW_HZ))
"""As many bins from the bottom are narrower than two lines of the transform."""

_WINDOW = np.hanning(WINDOW + 1)[:-1]
# So that a sine of full scale in both ears, which are added, reads 1.
_WEIGHTS: Samples = (_WINDOW / _WINDOW.sum()).astype(np.float32)


def _at_middles() -> Samples:
    """Give cosines and sines of the narrow bins, shape (WINDOW, 2 NARROW)."""
    turns = np.outer(np.arange(WINDOW) / SFREQ, MIDDLES[:NARROW])
    waves = np.concatenate([np.cos(2 * math.pi * turns), np.sin(2 * math.pi * turns)], 1)
    return waves.astype(np.float32)


_WAVES = _at_middles()
_STARTS: npt.NDArray[np.intp] = np.ceil(EDGES[NARROW:] / _LINE_HZ).astype(np.intp)
"""First line of each wide bin, and of what is above the last."""


def spectrum(block: Samples) -> Figures:
    """Give the spectrum of the last tenth of a second of a block.

    Args:
        block: the newest sample last, shape (samples, 2); what is missing of 4,410
            samples counts as silence before it.

    Returns:
        Figures of 0 to 1, shape (SPECTRUM_BINS,).
    """
    heard = np.zeros(WINDOW, np.float32)
    newest = block[-WINDOW:]
    heard[WINDOW - len(newest) :] = newest[:, 0] + newest[:, 1]
    heard *= _WEIGHTS
    power = np.zeros(SPECTRUM_BINS)
    parts = (heard @ _WAVES).reshape(2, NARROW)
    power[:NARROW] = (parts * parts).sum(axis=0)
    lines = np.fft.rfft(heard)
    strength = lines.real**2 + lines.imag**2
    power[NARROW:] = np.maximum.reduceat(strength, _STARTS)[:-1]
    floor = math.pow(10.0, FLOOR_DB / 10.0)
    level = 1.0 - 10.0 * np.log10(np.maximum(power, floor)) / FLOOR_DB
    return np.clip(level, 0.0, 1.0)

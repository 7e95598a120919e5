"""A piece of clean EEG encoded at once, for whoever has it all (`/api/v1/encode`).

In: clean microvolts, at least half a second. Out: the figures of its newest window and its
vector, with the same meter and the same projection as the live encoder's. There is no
sitter's baseline in a single piece, so that the z-scores' part of the vector is zero.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from actors.encoder.bands import TO_HZ
from actors.encoder.measure import STATE_SIZE, WindowMeter
from actors.encoder.projection import Vector, project
from actors.encoder.stream import WINDOW_LIMITS_S
from protocols.eeg import Microvolts

WINDOW_S: Final = 2.0


class EncodedChunk(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The figures of a piece of EEG."""

    window_s: float
    """How much of its end was measured."""

    absolute_uv2: npt.NDArray[np.float64]
    """Band powers, µV², shape (channels, 5)."""

    relative: npt.NDArray[np.float64]
    """Shares, shape (channels, 5); rows sum to 1."""

    asymmetry: float | None
    entropy: float
    confidence: float
    vector: Vector


def encode_chunk(
    uv: Microvolts | npt.NDArray[np.float64],
    sfreq: float,
    ch_names: Sequence[str] | None = None,
    quality: Sequence[float] | None = None,
) -> EncodedChunk:
    """Measure the newest window of a clean piece of EEG.

    Args:
        uv: clean microvolts, shape (channels, samples), half a second or more; of a
            longer piece than two seconds, its last two.
        sfreq: sampling rate, hertz, 90 or more: gamma ends at 45.
        ch_names: names of the channels, for regions and asymmetry; None: unknown.
        quality: index of each channel, 0 to 1; None: 1.

    Raises:
        ValueError: too short, too slow, a sample that is no finite number, or not one
            name or index a channel.
    """
    names = tuple(ch_names) if ch_names else ("",) * len(uv)
    index = np.ones(len(uv)) if quality is None else np.asarray(quality, dtype=np.float64)
    if len(names) != len(uv) or index.shape != (len(uv),):
        raise ValueError(f"{len(uv)} channels need as many names and indices")
    if not 2 * TO_HZ <= sfreq < np.inf:
        raise ValueError(
            f"{sfreq:g} Hz sampling does not hold the bands up to {TO_HZ:g} Hz"
        )
    samples = min(uv.shape[1], round(WINDOW_S * sfreq))
    least = round(WINDOW_LIMITS_S[0] * sfreq)
    if samples < least:
        raise ValueError(f"{samples} samples are too few: {least} are half a second")
    window = np.ascontiguousarray(uv[:, -samples:], dtype=np.float64)
    if not np.isfinite(window).all():
        raise ValueError("there are samples that are not finite numbers")
    figures = WindowMeter(names, sfreq, samples).measure(window, index)
    return EncodedChunk(
        window_s=samples / sfreq,
        absolute_uv2=figures.absolute_uv2,
        relative=figures.relative,
        asymmetry=figures.asymmetry,
        entropy=figures.entropy,
        confidence=figures.confidence,
        vector=project(figures.state, np.full(STATE_SIZE, np.nan)),
    )

"""Features: what the encoder measures ten times a second in a sliding window.

Band powers are after Welch (1967); the five bands are the clinical ones (IFCN glossary,
Kane et al. 2017): delta 1-4, theta 4-8, alpha 8-13, beta 13-30, gamma 30-45 Hz.
"""

from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from protocols.eeg import ChannelQuality, CleanChunk, Gap, SignalInfo, SourceState

BANDS: tuple[tuple[str, float, float], ...] = (
    ("delta", 1.0, 4.0),
    ("theta", 4.0, 8.0),
    ("alpha", 8.0, 13.0),
    ("beta", 13.0, 30.0),
    ("gamma", 30.0, 45.0),
)
"""Name, from and to in hertz (from <= f < to)."""

VECTOR_SIZE = 512


class Features(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One window, measured."""

    info: SignalInfo
    first_sample: int
    """Index of the window's first sample."""

    captured_at: float
    """Clock time of the window's last sample."""

    absolute_uv2: npt.NDArray[np.float32]
    """Band powers, µV², shape (channels, 5)."""

    relative: npt.NDArray[np.float32]
    """Share of each band in 1-45 Hz, shape (channels, 5); rows sum to 1."""

    asymmetry: float | None
    """Frontal alpha asymmetry, ln(right) - ln(left) of alpha power (Allen et al. 2004);
    None where the montage has no frontal pair."""

    entropy: float
    """Spectral entropy, 0 to 1, mean of the usable channels (Inouye et al. 1991)."""

    z: dict[str, float]
    """Deviations from the sitter's own baseline in standard deviations, by feature name
    (`alpha`, `beta`, `theta`, `delta`, `gamma`: of ln relative power; `asymmetry`,
    `entropy`); empty until the baseline is there."""

    baseline: float
    """How much of the baseline has been taken, 0 to 1."""

    quality: tuple[ChannelQuality, ...]
    confidence: float
    """0 to 1: mean quality of the channels used, 0 where none can be."""

    vector: npt.NDArray[np.float32] | None
    """The features as a unit vector, shape (512,); None where nobody can see it."""

    read_at: float = 0.0
    cleaned_at: float = 0.0
    encoded_at: float = 0.0


class SetWindow(msgspec.Struct, frozen=True, kw_only=True):
    """Trade latency against certainty."""

    window_s: float
    """0.5 to 8 seconds."""

    step_s: float
    """0.05 to 1 second."""


class TakeBaseline(msgspec.Struct, frozen=True):
    """Forget the sitter's baseline and take it anew."""


EncoderInput: TypeAlias = CleanChunk | Gap | SourceState | SetWindow | TakeBaseline

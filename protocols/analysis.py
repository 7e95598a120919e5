"""Single questions to the pipeline's arithmetic, outside any session.

Samples are float32 in microvolts, shaped (channels, samples), read-only.
"""

from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from protocols.eeg import ChannelQuality, Microvolts
from protocols.meaning import Meaning


class Samples(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A piece of EEG."""

    uv: Microvolts
    sfreq: float
    """Hertz."""

    ch_names: tuple[str, ...]
    mains_hz: float = 50.0
    """50 or 60."""


class PreprocessSamples(msgspec.Struct, frozen=True, eq=False):
    """Clean raw samples. Answer: `Preprocessed` or `AnalysisRefused`."""

    samples: Samples


class Preprocessed(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Clean samples, how far each channel can be trusted, and its band powers."""

    uv: Microvolts
    quality: tuple[ChannelQuality, ...]
    absolute_uv2: npt.NDArray[np.floating]
    """µV², shape (channels, 5)."""

    relative: npt.NDArray[np.floating]
    """Shares, shape (channels, 5)."""

    notes: tuple[str, ...]
    """What the sampling rate did not allow."""


class EncodeSamples(msgspec.Struct, frozen=True, eq=False):
    """Measure clean samples. Answer: `Encoded` or `AnalysisRefused`."""

    samples: Samples


class Encoded(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The newest window, measured, without a sitter's baseline."""

    window_s: float
    """How much of the samples' end was measured, seconds."""

    absolute_uv2: npt.NDArray[np.floating]
    """µV², shape (channels, 5)."""

    relative: npt.NDArray[np.floating]
    """Shares, shape (channels, 5)."""

    asymmetry: float | None
    entropy: float
    confidence: float
    vector: npt.NDArray[np.float32]
    """Unit length, shape (512,)."""


class ExtractMeaning(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Give features, or a vector, a meaning. Answer: `Meaning` or `AnalysisRefused`."""

    features: dict[str, float] | None = None
    vector: npt.NDArray[np.float32] | None = None
    """Shape (512,)."""


class PromptOfVector(msgspec.Struct, frozen=True, eq=False):
    """Which prompt does a neural embedding mean? Answer: `PromptMade`."""

    vector: npt.NDArray[np.float32]
    """As the encoder makes them, shape (512,)."""


class PromptMade(msgspec.Struct, frozen=True):
    """The prompt that an embedding means."""

    prompt: str


class AnalysisRefused(msgspec.Struct, frozen=True, kw_only=True):
    """The question cannot be answered: which field, and what is allowed."""

    field: str
    reason: str


AnalysisInput: TypeAlias = (
    PreprocessSamples | EncodeSamples | ExtractMeaning | PromptOfVector
)
AnalysisReply: TypeAlias = Preprocessed | Encoded | Meaning | PromptMade | AnalysisRefused

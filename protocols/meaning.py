"""Meaning: mood, words and the prompt that the features drive. Driven by, never reading."""

from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from protocols.eeg import SourceState
from protocols.features import Features
from protocols.pictures import Colour


class MoodAxis(msgspec.Struct, frozen=True, kw_only=True):
    """Arousal or valence, with where it comes from."""

    value: float
    """-1 to 1."""

    confidence: float
    """0 to 1, from the quality of the channels used."""

    formula: str
    """The formula in words and symbols."""

    source: str
    """The paper it is from."""


class Concept(msgspec.Struct, frozen=True, kw_only=True):
    """A word of the vocabulary and how strongly it speaks now."""

    word: str
    weight: float
    """0 to 1."""

    because: str
    """Which feature moved it, with the figure: `alpha +1.8 SD`."""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """How far one feature moved one word."""

    feature: str
    word: str
    change: float
    """Share of the word's weight that comes from this feature, -1 to 1."""


class Meaning(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What is to be painted now, and why."""

    captured_at: float
    """Clock time of the last sample it follows from."""

    arousal: MoodAxis
    valence: MoodAxis
    concepts: tuple[Concept, ...]
    """Strongest first."""

    causes: tuple[Cause, ...]
    prompt: str
    palette: tuple[Colour, ...]
    motion: float
    """0 to 1."""

    confidence: float
    """0 to 1; 0 when no brain drives it."""

    driven: bool
    """False while nothing drives: the device is searched or the contact is bad."""

    features: dict[str, float]
    """The figures that drove it, by name."""

    device: str = ""
    read_at: float = 0.0
    cleaned_at: float = 0.0
    encoded_at: float = 0.0
    meant_at: float = 0.0
    vector: npt.NDArray[np.float32] | None = None


SemanticInput: TypeAlias = Features | SourceState

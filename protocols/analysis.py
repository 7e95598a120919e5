"""Single questions to the pipeline's arithmetic, outside any session."""

from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt


class PromptOfVector(msgspec.Struct, frozen=True, eq=False):
    """Which prompt does a neural embedding mean? Answer: `PromptMade`."""

    vector: npt.NDArray[np.float32]
    """As the encoder makes them, shape (512,)."""


class PromptMade(msgspec.Struct, frozen=True):
    """The prompt that an embedding means."""

    prompt: str


AnalysisInput: TypeAlias = PromptOfVector

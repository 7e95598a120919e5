"""Analysis: single questions of the door in, the pipeline's own arithmetic out.

It knows no stage: the functions are handed in. Nothing is remembered, so a crash forgets
nothing but the question.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, assert_never

import msgspec

from actors.stage import Stage
from protocols.analysis import (
    AnalysisInput,
    AnalysisRefused,
    AnalysisReply,
    Encoded,
    EncodeSamples,
    ExtractMeaning,
    Preprocessed,
    PreprocessSamples,
    PromptMade,
    PromptOfVector,
    Samples,
)
from protocols.errors import WishError
from protocols.meaning import Meaning


class Extract(Protocol):
    """What gives features, or a vector, a meaning."""

    def __call__(
        self,
        features: Mapping[str, float] | None = None,
        vector: Sequence[float] | None = None,
    ) -> Meaning:
        """Give the meaning of one of the two."""


class Arithmetic(msgspec.Struct, frozen=True, kw_only=True):
    """The stages' own functions; each raises `ValueError` or `WishError` for bad input."""

    preprocess: Callable[[Samples], Preprocessed]
    encode: Callable[[Samples], Encoded]
    extract: Extract
    prompt_of_vector: Callable[[Sequence[float]], str]


class AnalysisActor(Stage):
    """Answers what needs no session."""

    def __init__(self, arithmetic: Arithmetic) -> None:
        super().__init__()
        self._do = arithmetic

    def handle(self, message: AnalysisInput) -> AnalysisReply:
        """Answer one question, or say what is wrong with it."""
        try:
            return self._answer(message)
        except WishError as error:
            return AnalysisRefused(field=error.field, reason=error.message)
        except ValueError as error:
            return AnalysisRefused(field="samples", reason=str(error))

    def _answer(self, message: AnalysisInput) -> AnalysisReply:
        match message:
            case PreprocessSamples(samples=samples):
                return self._do.preprocess(samples)
            case EncodeSamples(samples=samples):
                return self._do.encode(samples)
            case ExtractMeaning(features=features, vector=vector):
                listed = None if vector is None else vector.tolist()
                return self._do.extract(features=features, vector=listed)
            case PromptOfVector(vector=vector):
                return PromptMade(self._do.prompt_of_vector(vector.tolist()))
            case _:
                assert_never(message)

"""Analysis: single questions of the door in, the pipeline's own arithmetic out.

It knows no stage: the functions are handed in. Nothing is remembered, so a crash forgets
nothing but the question.
"""

from collections.abc import Callable, Sequence
from typing import assert_never

from actors.stage import Stage
from protocols.analysis import AnalysisInput, PromptMade, PromptOfVector


class AnalysisActor(Stage):
    """Answers what needs no session."""

    def __init__(self, prompt_of_vector: Callable[[Sequence[float]], str]) -> None:
        super().__init__()
        self._prompt_of_vector = prompt_of_vector

    def handle(self, message: AnalysisInput) -> PromptMade:
        """Answer one question."""
        match message:
            case PromptOfVector(vector=vector):
                return PromptMade(self._prompt_of_vector(vector.tolist()))
            case _:
                assert_never(message)

"""The prompt: chosen words as one English caption.

    calm deep ocean under a full moon in winter, soft mist, violet and indigo light,
    slow ripples

The order is fixed - qualities, place, light, season, weather, colours, form - and inside a
pair the stronger word comes first; so a steady choice is a steady prompt.
"""

from actors.semantics.concepts import NOTHING, NOUNS, Choice
from actors.semantics.vocabulary import Vocabulary

LONGEST = 200
"""Characters. Clauses that would pass it are left out, the last first."""

WAITING = "still grey mist over quiet water at dawn, waiting"
"""While no brain drives the pictures."""


def prompt_of(vocabulary: Vocabulary, choice: Choice) -> str:
    """Write the caption of a choice, at most `LONGEST` characters."""
    words = vocabulary.words

    def phrase(row: int) -> str:
        return "" if row == NOTHING else words[row].phrase

    nouns = {kind: phrase(row) for kind, row in zip(NOUNS, choice.nouns, strict=True)}
    qualities, colours = choice.adjectives
    scene = " ".join(
        part
        for part in (
            *(phrase(row) for row in qualities),
            nouns["place"],
            nouns["light"],
            nouns["season"],
        )
        if part
    )
    light = f"{phrase(colours[0])} and {phrase(colours[1])} light"
    clauses = [scene, nouns["weather"], light, nouns["form"]]
    text = scene
    for clause in clauses[1:]:
        longer = f"{text}, {clause}"
        if clause and len(longer) <= LONGEST:
            text = longer
    return text

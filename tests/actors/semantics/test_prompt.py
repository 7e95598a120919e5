"""The prompt: English, short, in a steady order."""

import itertools
import re

import msgspec
import numpy as np
from hypothesis import given, settings, strategies as st

from actors.semantics.concepts import NOTHING, Choice, Scales, choose
from actors.semantics.engine import think
from actors.semantics.mood import LIMIT_SD
from actors.semantics.prompt import LONGEST, WAITING, prompt_of
from actors.semantics.vocabulary import FEATURES, Vocabulary, default_vocabulary

WORDS = default_vocabulary()
SCALES = Scales(WORDS)
GRAMMAR = re.compile(r"[a-z]+(?: [a-z]+)*(?:, [a-z]+(?: [a-z]+)*)*")


def rows(*words: str) -> tuple[int, ...]:
    number = {entry.word: n for n, entry in enumerate(WORDS.words)}
    return tuple(number.get(word, NOTHING) for word in words)


def choice(
    nouns: tuple[int, ...], qualities: tuple[int, ...], colours: tuple[int, ...]
) -> Choice:
    return Choice(
        nouns=nouns,
        adjectives=((qualities[0], qualities[1]), (colours[0], colours[1])),
        noun_at=0.0,
        adjective_at=(0.0, 0.0),
    )


OCEAN = choice(
    rows("ocean", "full moon", "mist", "winter", "ripples"),
    rows("calm", "deep"),
    rows("violet", "indigo"),
)


def test_a_full_choice_is_one_caption() -> None:
    assert prompt_of(WORDS, OCEAN) == (
        "calm deep ocean under a full moon in winter, soft mist, "
        "violet and indigo light, slow ripples"
    )


def test_what_is_not_said_leaves_no_gap() -> None:
    bare = msgspec.structs.replace(
        OCEAN, nouns=rows("ocean", "full moon", "nothing", "nothing", "nothing")
    )

    assert prompt_of(WORDS, bare) == (
        "calm deep ocean under a full moon, violet and indigo light"
    )


def test_too_long_a_clause_is_left_out_whole() -> None:
    mist = rows("mist")[0]
    longer = list(WORDS.words)
    longer[mist] = msgspec.structs.replace(longer[mist], phrase="mist " * 40)
    wordy: Vocabulary = msgspec.structs.replace(WORDS, words=tuple(longer))

    assert prompt_of(wordy, OCEAN) == (
        "calm deep ocean under a full moon in winter, violet and indigo light, slow ripples"
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-LIMIT_SD, LIMIT_SD), min_size=7, max_size=7))
def test_every_mood_gives_a_caption_of_plain_words(z: list[float]) -> None:
    assert len(z) == len(FEATURES)
    logits = think(SCALES, np.array(z)).weighing.logits

    text = prompt_of(WORDS, choose(WORDS, logits, None, 0.0))

    assert GRAMMAR.fullmatch(text), text
    assert len(text) <= LONGEST
    words = text.replace(",", "").split()
    assert all(one != other for one, other in itertools.pairwise(words))


def test_while_waiting_something_is_said_too() -> None:
    assert GRAMMAR.fullmatch(WAITING)
    assert len(WAITING) <= LONGEST

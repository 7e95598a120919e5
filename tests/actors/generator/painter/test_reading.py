"""Prompts are read for their meaning."""

import numpy as np
import pytest

from actors.generator.painter.compose import compose
from actors.generator.painter.reading import read, sense, stem
from actors.generator.painter.scene import ELEMENTS, Look
from actors.generator.painter.words import LEXICON
from tests.actors.generator.painter.easel import distance, painted, wish

FIRST_WORDS = [
    line.split(" = ")[1].split()[0].replace("_", " ")
    for line in LEXICON.splitlines()
    if " = " in line
]


@pytest.mark.parametrize("word", FIRST_WORDS)
def test_each_meaning_changes_a_picture(word: str) -> None:
    grounds = [ground for ground in ("ocean", "mountain") if ground != word]
    changes = [
        distance(painted(ground).pixels, painted(f"{ground}, {word}").pixels)
        for ground in grounds
    ]
    assert max(changes) > 0.2


@pytest.mark.parametrize("element", ELEMENTS)
def test_each_element_can_be_asked_for(element: str) -> None:
    heads = [line.split(" = ")[0] for line in LEXICON.splitlines() if " = " in line]
    assert any(f"{element}:" in head for head in heads)


@pytest.mark.parametrize(
    ("word", "entry"),
    [
        ("mountains", "mountain"),
        ("cities", "city"),
        ("leaves", "leaf"),
        ("foggy", "foggy"),
        ("sunny", "sunny"),
        ("waves", "wave"),
        ("glowing", "glowing"),
        ("torches", "torch"),
    ],
)
def test_plurals_and_endings_find_their_word(word: str, entry: str) -> None:
    assert stem(word) == entry


@pytest.mark.parametrize("word", ["zxcvb", "the", "is", "bus", ""])
def test_other_words_stay_unknown(word: str) -> None:
    assert stem(word) is None


def test_known_words_are_given_in_their_order_and_once() -> None:
    reading = read("A calm lake, a flower of life and qwrt over the calm lake")
    assert reading.known == ("calm", "lake", "flower of life")
    assert reading.strange == ("qwrt",)


def test_brackets_and_figures_weigh_words() -> None:
    plain = read("stars").strengths["stars"]
    assert read("(stars)").strengths["stars"] == pytest.approx(1.1 * plain)
    assert read("[stars]").strengths["stars"] == pytest.approx(0.9 * plain)
    assert read("(stars:0.4)").strengths["stars"] == pytest.approx(0.4 * plain)


def test_unbalanced_brackets_are_read_over() -> None:
    assert read(")(stars]](:1.2 :: [").strengths["stars"] > 0


def test_a_weaker_word_asks_for_less() -> None:
    assert read("faint stars").strengths["stars"] < read("many stars").strengths["stars"]


def test_a_colour_belongs_to_the_noun_after_it() -> None:
    reading = read("red sun, violet light over the blue sea")
    assert set(reading.bound) == {"sun", "glow", "ocean"}
    assert reading.colours == ()


def test_a_colour_alone_is_the_whole_picture() -> None:
    assert len(read("violet and indigo").colours) == 2


def test_meaning_is_near_for_texts_that_share_words() -> None:
    one, near, far = (sense(text) for text in ("qwrt plok", "qwrt plok zumb", "hrrm"))
    assert np.linalg.norm(one - near) < np.linalg.norm(one - far)


@pytest.mark.parametrize(
    ("prompt", "parts"),
    [
        ("calm deep blue ocean under a full moon, soft mist", ["ocean", "moon", "mist"]),
        (
            "radiant sunlit meadow with flowers, golden light, warm",
            ["meadow", "flowers", "sun"],
        ),
        ("storm of fire in a dark forest", ["storm", "fire", "forest"]),
        (
            "calm sunrise over misty mountains and a lake",
            ["mountains", "lake", "mist", "sun"],
        ),
    ],
)
def test_a_sentence_is_drawn_with_all_its_parts(prompt: str, parts: list[str]) -> None:
    weight = Look(compose(wish(prompt))).weight
    assert all(weight[part] > 0.3 for part in parts)
    assert weight["abstract"] < 0.05

"""The vocabulary: what ours holds, and what is said of a wrong one."""

import copy
from pathlib import Path
from typing import Any

import pytest

from actors.semantics.vocabulary import (
    FEATURES,
    KINDS,
    VocabularyError,
    default_vocabulary,
    load_vocabulary,
    vocabulary_of,
)
from protocols.features import BANDS


def entry(word: str, **more: object) -> dict[str, Any]:
    return {"word": word, "arousal": 0.0, "valence": 0.0, "colours": ["#102030"], **more}


def small() -> dict[str, list[dict[str, Any]]]:
    return {kind: [entry(f"{kind} {number}") for number in range(4)] for kind in KINDS}


def mistakes(data: dict[str, Any]) -> str:
    with pytest.raises(VocabularyError) as caught:
        vocabulary_of(data, where="words.toml")
    return str(caught.value)


def test_ours_has_words_enough_in_every_corner_of_the_mood() -> None:
    ours = default_vocabulary()

    assert len(ours.words) >= 60
    for kind in ("place", "light", "quality", "colour"):
        points = ours.mood[ours.kinds[kind]]
        for corner in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
            distance = ((points - corner) ** 2).sum(axis=1) ** 0.5
            assert distance.min() < 0.75, (kind, corner)


def test_features_begin_with_the_encoders_bands_in_its_order() -> None:
    assert FEATURES[: len(BANDS)] == tuple(name for name, _, _ in BANDS)


def test_words_that_exclude_each_other_do_so_both_ways() -> None:
    ours = default_vocabulary()

    for row, others in enumerate(ours.excludes):
        assert all(row in ours.excludes[other] for other in others)


def test_a_small_vocabulary_is_enough() -> None:
    words = vocabulary_of(small(), where="words.toml")

    assert words.words[0].phrase == "place 0"
    assert words.kinds["light"] == range(4, 8)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("arousal", 1.5),
        ("arousal", True),
        ("arousal", "calm"),
        ("valence", float("nan")),
        ("colours", []),
        ("colours", ["blue"]),
        ("colours", ["#12345g"]),
        ("load", {"alfa": 0.2}),
        ("load", {"alpha": 3.0}),
        ("phrase", ""),
        ("word", " lake"),
        ("not_with", "lake"),
    ],
)
def test_a_wrong_field_is_named_with_file_entry_and_field(
    field: str, value: object
) -> None:
    data = small()
    data["light"][2][field] = value

    text = mistakes(data)

    assert text.startswith("words.toml: light[3]")
    assert f"{field}: must be" in text


def test_all_mistakes_are_said_at_once() -> None:
    data = small()
    del data["place"][0]["arousal"]
    data["colour"][1]["valence"] = -2
    data["form"][0]["hue"] = 3

    assert len(mistakes(data).splitlines()) == 3


def test_a_word_may_stand_only_once() -> None:
    data = small()
    data["light"].append(entry("place 1"))

    assert "'place 1': word: is already a place" in mistakes(data)


def test_a_word_cannot_exclude_one_that_is_not_there() -> None:
    data = small()
    data["light"][0]["not_with"] = ["summer"]

    assert "not_with: no word 'summer'" in mistakes(data)


def test_a_kind_without_words_and_an_unknown_kind_are_mistakes() -> None:
    data: dict[str, Any] = copy.deepcopy(small())
    del data["weather"]
    data["colour"] = data["colour"][:1]
    data["animal"] = []

    text = mistakes(data)

    assert "weather: at least 1" in text
    assert "colour: at least 4" in text
    assert "animal: no such kind" in text


def test_pairs_need_words_of_two_families() -> None:
    data = small()
    for word in data["quality"]:
        word["family"] = "the same"

    assert "quality: words of at least" in mistakes(data)


def test_a_file_that_is_missing_or_not_toml_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("place = [", encoding="utf-8")

    for path in (broken, tmp_path / "missing.toml"):
        with pytest.raises(VocabularyError, match=path.name):
            load_vocabulary(path)

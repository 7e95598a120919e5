"""Meaning of features by name and of bare vectors."""

from collections.abc import Mapping

import numpy as np
import pytest

from actors.semantics.engine import Engine
from actors.semantics.extract import deviations_of_vector, extract, prompt_of_vector
from actors.semantics.vocabulary import default_vocabulary
from protocols.errors import WishError
from tests.actors.semantics.windows import deviating, window


def vectors(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, 512))


def test_features_by_name_have_a_mood_words_and_a_prompt() -> None:
    meaning = extract({"alpha": 0.5, "beta": 0.08, "theta": 0.2, "z_asymmetry": 1.0})

    assert meaning.arousal.value < -0.3
    assert meaning.valence.value > 0.3
    assert meaning.concepts
    assert meaning.prompt
    assert not meaning.driven


def test_what_a_sitting_says_of_its_features_extracts_to_the_same_words() -> None:
    sat = Engine(default_vocabulary()).meaning_of(window(z=deviating(-0.4, 0.3)), 0.0)

    again = extract(
        {k: v for k, v in sat.features.items() if not k.startswith("z_")}
        | {k: v for k, v in sat.features.items() if k.startswith("z_")}
    )

    assert again.arousal.value == pytest.approx(sat.arousal.value, abs=0.05)
    shared = {c.word for c in again.concepts} & {c.word for c in sat.concepts}
    assert len(shared) >= 6


def test_without_asymmetry_there_is_no_valence() -> None:
    assert extract({"alpha": 0.4}).valence.confidence == 0.0


@pytest.mark.parametrize(
    ("features", "field"),
    [
        ({"alfa": 0.2}, "features.alfa"),
        ({"alpha": 1.2}, "features.alpha"),
        ({"alpha": -0.1}, "features.alpha"),
        ({"z_beta": float("nan")}, "features.z_beta"),
        ({"z_beta": float("inf")}, "features.z_beta"),
        ({"confidence": True}, "features.confidence"),
        ({"alpha": "high"}, "features.alpha"),
        ({}, "features"),
    ],
)
def test_a_wrong_feature_is_named(features: Mapping[str, float], field: str) -> None:
    with pytest.raises(WishError) as caught:
        extract(features)

    assert caught.value.field == field


@pytest.mark.parametrize(
    "vector",
    [[], [0.0] * 512, [1.0] * 511, [float("nan")] * 512, ["a"] * 512, [[1.0]] * 512],
)
def test_a_wrong_vector_is_refused(vector: list[float]) -> None:
    with pytest.raises(WishError) as caught:
        prompt_of_vector(vector)

    assert caught.value.field == "vector"


def test_neither_or_both_is_refused() -> None:
    for features, vector in ((None, None), ({"alpha": 0.2}, [1.0] * 512)):
        with pytest.raises(WishError):
            extract(features, vector)


def test_a_vector_has_the_same_prompt_each_time_and_at_any_length() -> None:
    vector = vectors(1, 1)[0]

    assert prompt_of_vector(vector.tolist()) == prompt_of_vector((vector * 1e300).tolist())


def test_different_vectors_have_different_words() -> None:
    prompts = {prompt_of_vector(vector.tolist()) for vector in vectors(2, 50)}

    assert len(prompts) >= 48


def test_near_vectors_have_near_deviations() -> None:
    one, other = vectors(3, 2)
    near = one + 0.02 * other

    assert (
        np.abs(
            deviations_of_vector(one.tolist()) - deviations_of_vector(near.tolist())
        ).max()
        < 0.2
    )


def test_the_mapping_of_vectors_is_the_written_one() -> None:
    rows = np.random.default_rng(512).standard_normal((7, 512))
    unit = np.zeros(512)
    unit[3] = 1.0

    expected = 2.5 * np.tanh(1.3 * rows[:, 3] / 2.5)

    assert deviations_of_vector(unit.tolist()) == pytest.approx(expected)

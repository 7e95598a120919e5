"""Meaning without a sitting: of named features, or of a bare vector.

Nothing is remembered: the same input has the same answer.

A bare vector of 512 numbers does not say which of its numbers is which feature, so it is
mapped by a fixed, seeded random projection: its direction times a Gaussian matrix gives
deviations that are normally distributed over all directions (Johnson & Lindenstrauss
1984: near directions stay near). Near vectors have near words, far ones other words; but
the words of a vector that our own encoder made are not those of the features it was made
of. For those, send the features.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from actors.semantics.concepts import choose, scales
from actors.semantics.engine import colours_of, motion_of, named, palette_of, think
from actors.semantics.mood import LIMIT_SD, Deviations, axes, deviations
from actors.semantics.palette import srgb_of
from actors.semantics.prompt import prompt_of
from actors.semantics.vocabulary import FEATURES, Vocabulary, default_vocabulary
from protocols.errors import WishError
from protocols.features import BANDS, VECTOR_SIZE
from protocols.meaning import Meaning

VECTOR_SEED = 512
VECTOR_SD = 1.3
"""Standard deviation of each feature's deviation over all directions."""

_BANDS = tuple(name for name, _, _ in BANDS)
KNOWN = (*FEATURES, *(f"z_{name}" for name in FEATURES), "confidence", "baseline")
"""Names that `extract` takes among features."""

_LARGEST = 1e6


def extract(
    features: Mapping[str, float] | None = None,
    vector: Sequence[float] | None = None,
    *,
    vocabulary: Vocabulary | None = None,
) -> Meaning:
    """Give the meaning of features by name, or of a vector.

    Args:
        features: relative band powers (0 to 1), `asymmetry` (ln right - ln left),
            `entropy` (0 to 1), or deviations in standard deviations as `z_alpha` and so
            on, which win; `confidence` (0 to 1, else 1); `baseline` is taken and without
            effect. `Meaning.features` has this form.
        vector: 512 numbers, not all 0.
        vocabulary: the words; None: those of the program.

    Returns:
        A meaning that no sitting drives: its stamps are 0 and `driven` is False.

    Raises:
        WishError: neither or both are given, or one is wrong; says which field.
    """
    if (features is None) == (vector is None):
        raise WishError("features", "give either features or a vector")
    words = vocabulary or default_vocabulary()
    if features is not None:
        return _of_features(_checked(features), words)
    if vector is None:  # cannot be; says so to the type checker
        raise WishError("vector", "is missing")
    x = deviations_of_vector(vector)
    return _meaning(words, x, named({}, x), confidence=1.0, has_pair=True)


def prompt_of_vector(vector: Sequence[float], vocabulary: Vocabulary | None = None) -> str:
    """Write a prompt for a neural embedding of 512 numbers.

    Raises:
        WishError: it is not 512 finite numbers, or all are 0.
    """
    return extract(vector=vector, vocabulary=vocabulary).prompt


def deviations_of_vector(vector: Sequence[float]) -> Deviations:
    """Map a vector's direction to deviations, as this module's docstring says.

    Raises:
        WishError: it is not 512 finite numbers, or all are 0.
    """
    try:
        array = np.asarray(vector, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise WishError("vector", "must be a list of numbers") from error
    if array.shape != (VECTOR_SIZE,):
        raise WishError("vector", f"must have {VECTOR_SIZE} numbers, has {array.size}")
    largest = float(np.abs(array).max())
    if not math.isfinite(largest) or largest == 0.0:
        raise WishError("vector", "must be finite numbers, not all 0")
    array = array / largest  # so that no square overflows
    z = VECTOR_SD * (_projection() @ (array / np.linalg.norm(array)))
    return np.asarray(LIMIT_SD * np.tanh(z / LIMIT_SD))


@cache
def _projection() -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(VECTOR_SEED)
    return rng.standard_normal((len(FEATURES), VECTOR_SIZE))


def _checked(features: Mapping[str, float]) -> Mapping[str, float]:
    if not features:
        raise WishError("features", f"must not be empty; known are {', '.join(KNOWN)}")
    for name, value in features.items():
        field = f"features.{name}"
        if name not in KNOWN:
            raise WishError(field, f"is not known; known are {', '.join(KNOWN)}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WishError(field, "must be a number")
        if not abs(value) <= _LARGEST:  # a NaN too
            raise WishError(field, "must be a finite number of sensible size")
        share = name in (*_BANDS, "entropy", "confidence", "baseline")
        if share and not 0.0 <= value <= 1.0:
            raise WishError(field, "must be from 0 to 1")
    return features


def _of_features(features: Mapping[str, float], vocabulary: Vocabulary) -> Meaning:
    figures = {name: float(features[name]) for name in FEATURES if name in features}
    own = {
        name: float(features[f"z_{name}"]) for name in FEATURES if f"z_{name}" in features
    }
    has_pair = "asymmetry" in figures or "asymmetry" in own
    measurable = (
        figures
        if "asymmetry" in figures or not has_pair
        else {
            **figures,
            "asymmetry": 0.0,
        }
    )
    x = deviations(measurable, own, baseline=1.0)
    return _meaning(
        vocabulary,
        x,
        named(figures, x),
        confidence=float(features.get("confidence", 1.0)),
        has_pair=has_pair,
    )


def _meaning(
    vocabulary: Vocabulary,
    x: Deviations,
    figures: dict[str, float],
    *,
    confidence: float,
    has_pair: bool,
) -> Meaning:
    weighs = scales(vocabulary)
    thought = think(weighs, x)
    choice = choose(vocabulary, thought.weighing.logits, None, 0.0)
    concepts, causes = weighs.explain(choice, thought.weighing, x=x)
    arousal, valence = axes(
        thought.mood, confidence=confidence, pair=1.0 if has_pair else None, baseline=1.0
    )
    return Meaning(
        captured_at=0.0,
        arousal=arousal,
        valence=valence,
        concepts=concepts,
        causes=causes,
        prompt=prompt_of(vocabulary, choice),
        palette=srgb_of(palette_of(colours_of(vocabulary, choice), choice, thought)),
        motion=motion_of(thought),
        confidence=confidence,
        driven=False,
        features=figures,
    )

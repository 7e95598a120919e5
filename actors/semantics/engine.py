"""The semantic engine: a window's features in, their meaning out.

Pure: it reads no clock and tells nobody. It remembers the smoothed deviations, the words
that are said and the smoothed palette; all three go on from where they are after a
silence, so nothing jumps.
"""

from collections.abc import Mapping

import msgspec
import numpy as np

from actors.semantics.concepts import Choice, Scales, Weighing, choose, logistic, scales
from actors.semantics.mood import (
    Deviations,
    MoodPoint,
    axes,
    deviations,
    measured,
    mood_of,
    pair_quality,
)
from actors.semantics.palette import Oklab, mixed, oklab_of_hex, srgb_of
from actors.semantics.prompt import WAITING, prompt_of
from actors.semantics.smoothing import OnePole
from actors.semantics.vocabulary import FEATURES, Vocabulary
from protocols.features import Features
from protocols.meaning import Meaning

FEATURES_TAU_S = np.array([2.0, 2.0, 1.5, 1.5, 1.5, 3.0, 2.0])
"""By feature: asymmetry is the noisiest and follows last."""

PALETTE_TAU_S = 1.5

WAITING_MOTION = 0.05
_WAITING_COLOURS = ("#8b959e", "#c9d3da", "#5d6b78", "#e3ddd3")

_PLACE, _LIGHT, _WEATHER = 0, 1, 2
_COLOUR_WORD = 1  # among the five colours
_ASYMMETRY = FEATURES.index("asymmetry")
_Z_FEATURES = tuple(f"z_{name}" for name in FEATURES)
_BETA = FEATURES.index("beta")
_WHOLE = 1.0


class Thought(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Deviations, and everything that follows from them without memory."""

    x: Deviations
    mood: MoodPoint
    weighing: Weighing


class Engine:
    """Makes meaning of one session's features."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._scales = scales(vocabulary)
        self._pole = OnePole(FEATURES_TAU_S)
        self._palette = OnePole(PALETTE_TAU_S)
        self._choice: Choice | None = None
        self._prompt = ""
        self._colours: Oklab

    def meaning_of(self, features: Features, meant_at: float) -> Meaning:
        """Give the meaning of a window; `meant_at` is the clock time to stamp it with."""
        figures, pair = measured(features), _pair(features)
        thought, choice, palette = self._steer(features, figures, pair)
        concepts, causes = self._scales.explain(
            choice,
            thought.weighing,
            x=thought.x,
            unit="SD" if features.baseline >= _WHOLE else "SD (norms)",
        )
        arousal, valence = axes(
            thought.mood,
            confidence=features.confidence,
            pair=pair,
            baseline=features.baseline,
        )
        return Meaning(
            captured_at=features.captured_at,
            arousal=arousal,
            valence=valence,
            concepts=concepts,
            causes=causes,
            prompt=self._prompt,
            palette=srgb_of(palette),
            motion=motion_of(thought),
            confidence=features.confidence,
            driven=True,
            features=named(figures, thought.x, baseline=features.baseline),
            device=features.info.device,
            read_at=features.read_at,
            cleaned_at=features.cleaned_at,
            encoded_at=features.encoded_at,
            meant_at=meant_at,
            vector=features.vector,
        )

    def follow(self, features: Features) -> None:
        """Let a window move the smoothed deviations, and leave it at that."""
        self._follow(features, measured(features), _pair(features))

    def steer(self, features: Features) -> None:
        """Let a window move words and colours too, which nobody is told."""
        self._steer(features, measured(features), _pair(features))

    def _steer(
        self, features: Features, figures: Mapping[str, float], pair: float | None
    ) -> tuple[Thought, Choice, Oklab]:
        at = features.captured_at
        thought = think(self._scales, self._follow(features, figures, pair))
        choice = choose(self._vocabulary, thought.weighing.logits, self._choice, at)
        if choice is not self._choice:
            self._choice, self._prompt = choice, prompt_of(self._vocabulary, choice)
            self._colours = colours_of(self._vocabulary, choice)
        palette = self._palette.follow(palette_of(self._colours, choice, thought), at)
        return thought, choice, palette

    def _follow(
        self, features: Features, figures: Mapping[str, float], pair: float | None
    ) -> Deviations:
        fresh = deviations(figures, features.z, features.baseline)
        fresh[_ASYMMETRY] *= 0.0 if pair is None else pair
        return self._pole.follow(fresh, features.captured_at)


def think(weighs: Scales, x: Deviations) -> Thought:
    """Follow deviations to a mood and the weights of all words."""
    mood = mood_of(x)
    return Thought(x=x, mood=mood, weighing=weighs.weigh(mood, x))


def motion_of(thought: Thought) -> float:
    """Give how lively things move, 0 to 1: more with arousal, and with beta itself."""
    arousal = thought.mood.point[0]
    return logistic(-1.0 + 2.2 * arousal + 0.3 * float(thought.x[_BETA]))


def colours_of(vocabulary: Vocabulary, choice: Choice) -> Oklab:
    """Give five colours: place, colour word, light, second colour word, weather.

    Where no weather is said, the place's second colour stands in its slot.

    Returns:
        OKLab, shape (5, 3).
    """
    oklab = vocabulary.oklab
    place = oklab[choice.nouns[_PLACE]]
    weather = choice.nouns[_WEATHER]
    first, second = choice.adjectives[1]
    colours = (
        place[0],
        oklab[first][0],
        oklab[choice.nouns[_LIGHT]][0],
        oklab[second][0],
        place[-1] if weather < 0 else oklab[weather][0],
    )
    return np.array(colours)


def palette_of(colours: Oklab, choice: Choice, thought: Thought) -> Oklab:
    """Give the colours of a choice as the mood bends them, OKLab, shape (5, 3)."""
    strongest = choice.adjectives[1][0]
    weight = logistic(thought.weighing.logits[strongest])
    return mixed(colours, colours[_COLOUR_WORD], weight, thought.mood.point)


def named(figures: Mapping[str, float], x: Deviations, **more: float) -> dict[str, float]:
    """Name what drove a meaning: the figures, the smoothed deviations as `z_…`, `more`."""
    return {**figures, **dict(zip(_Z_FEATURES, x.tolist(), strict=True)), **more}


def waiting(at: float) -> Meaning:
    """Give the meaning of nothing: a quiet picture while no brain drives one.

    It follows from no sample, so `captured_at` is 0; `at` is when it was meant.
    """
    nobody = mood_of(np.zeros(len(FEATURES)))
    arousal, valence = axes(nobody, confidence=0.0, pair=None, baseline=0.0)
    return Meaning(
        captured_at=0.0,
        arousal=arousal,
        valence=valence,
        concepts=(),
        causes=(),
        prompt=WAITING,
        palette=srgb_of(np.array([oklab_of_hex(c) for c in _WAITING_COLOURS])),
        motion=WAITING_MOTION,
        confidence=0.0,
        driven=False,
        features={},
        meant_at=at,
    )


def _pair(features: Features) -> float | None:
    if features.asymmetry is None:
        return None
    known = pair_quality(features.info.ch_names, features.quality)
    return features.confidence if known is None else known

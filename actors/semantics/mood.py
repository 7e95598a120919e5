"""Mood: arousal and valence of deviations from the usual.

Deviations are in standard deviations: against the sitter's own baseline where it is
there, before that against `NORMS`, and in between a blend of both. They are bent softly
into -LIMIT_SD to LIMIT_SD, so that one artefact cannot own the picture.

Both axes are sums of features, squashed. So each axis splits exactly into shares of its
features, and every word's weight after it (`actors.semantics.concepts`).

Arousal is the engagement index beta / (alpha + theta) of Pope, Bogart & Bartolome (1995)
in its log-linear form; that alpha falls as arousal grows is shown with skin conductance
by Barry et al. (2007). Valence is frontal alpha asymmetry in the approach-withdrawal
model (Davidson 1992; Allen, Coan & Nazarian 2004). The evidence that asymmetry tells a
moment's valence is weak and mixed (Smith et al. 2017; Kolodziej et al. 2021 find none
for depression in five studies), which is why its confidence is capped low. Neither axis
says what a person feels: they are numbers of the signal that drive a picture.
"""

import functools
import math
from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt

from actors.semantics.vocabulary import FEATURES
from protocols.eeg import ChannelQuality
from protocols.features import Features
from protocols.meaning import MoodAxis

Deviations = npt.NDArray[np.float64]
"""Standard deviations, shape (len(FEATURES),)."""

LIMIT_SD = 2.5

NORMS: Mapping[str, tuple[float, float]] = {
    "delta": (-1.2, 0.5),
    "theta": (-1.8, 0.45),
    "alpha": (-1.4, 0.6),
    "beta": (-1.8, 0.5),
    "gamma": (-3.2, 0.8),
    "asymmetry": (0.0, 0.5),
    "entropy": (0.75, 0.08),
}
"""Mean and standard deviation by feature: ln relative power, ln asymmetry, entropy.

Round figures of our own for an adult at rest, near the resting recordings this was tried
on, with wide deviations; they only bridge the first half minute.
"""

USABLE = 0.3
"""Quality index from which a channel takes part, as in the encoder's own figures."""

FRONTAL_PAIRS = (("F3", "F4"), ("AF7", "AF8"), ("AF3", "AF4"), ("FP1", "FP2"), ("F7", "F8"))

AROUSAL_FORMULA = (
    "tanh((z_beta - (z_alpha + z_theta) / 2) / 2), z of ln relative power: "
    "beta / (alpha + theta), log-linear"
)
AROUSAL_SOURCE = "Pope, Bogart & Bartolome 1995; alpha suppression: Barry et al. 2007"
VALENCE_FORMULA = (
    "tanh(z_asymmetry * q / 1.5), z of ln right - ln left frontal alpha power, "
    "q the quality of the pair"
)
VALENCE_SOURCE = (
    "Davidson 1992; Allen, Coan & Nazarian 2004; weak and mixed evidence: Smith et al. 2017"
)
VALENCE_MISSING = "falls to 0: no frontal pair to measure it on"

_AROUSAL_TRUST = 0.8
_VALENCE_TRUST = 0.5
_NORMS_TRUST = 0.6  # of what an own baseline would give
_LEAST_POWER = 1e-6

_AXES = (
    (0.0, -0.25, -0.25, 0.5, 0.0, 0.0, 0.0),
    (0.0, 0.0, 0.0, 0.0, 0.0, 1.0 / 1.5, 0.0),
)
"""Arousal and valence: how much of each feature is in them."""

_ASYMMETRY = FEATURES.index("asymmetry")


class MoodPoint(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Arousal and valence, and which feature makes how much of each."""

    point: tuple[float, float]
    """Arousal and valence, each -1 to 1."""

    shares: list[tuple[float, float]]
    """By feature, what of arousal and of valence it makes; they sum to `point`."""


def measured(features: Features) -> dict[str, float]:
    """Give a window's figures, each one number for the head.

    Returns:
        Relative band powers (mean of the usable channels, weighted by their quality),
        `entropy`, and `asymmetry` where there is a frontal pair.
    """
    weights = [q.index if q.index >= USABLE else 0.0 for q in features.quality]
    figures = {"entropy": features.entropy}
    total = sum(weights)
    if total > 0.0:
        relative = features.relative
        if 0.0 in weights:  # what a flat channel holds may be no number
            used = [row for row, weight in enumerate(weights) if weight > 0.0]
            weights, relative = [weights[row] for row in used], relative[used]
        bands = np.array(weights, np.float32) @ relative
        for name, band in zip(FEATURES, bands.tolist(), strict=False):
            figures[name] = band / total
    if features.asymmetry is not None:
        figures["asymmetry"] = features.asymmetry
    return figures


def deviations(
    figures: Mapping[str, float], own: Mapping[str, float], baseline: float
) -> Deviations:
    """Say how far the figures are from the usual.

    Args:
        figures: as `measured` gives them; what is missing deviates by 0.
        own: z-scores against the sitter's baseline, by feature, as far as they are there.
        baseline: how much of the baseline has been taken, 0 to 1.

    Returns:
        Standard deviations, softly limited to `LIMIT_SD`.
    """
    z = []
    for row, name in enumerate(FEATURES):
        figure = figures.get(name)
        mine = own.get(name)
        if name == "asymmetry" and figure is None:
            z.append(0.0)
        elif mine is not None and baseline == 1.0:  # the norms have no say any more
            z.append(mine)
        else:
            norm = 0.0 if figure is None else _norm_z(row, name, figure)
            z.append(norm if mine is None else baseline * mine + (1.0 - baseline) * norm)
    return np.array([LIMIT_SD * math.tanh(value / LIMIT_SD) for value in z])


def _norm_z(row: int, name: str, figure: float) -> float:
    mean, sd = NORMS[name]
    value = math.log(max(figure, _LEAST_POWER)) if row < _ASYMMETRY else figure
    return (value - mean) / sd


def pair_quality(
    ch_names: tuple[str, ...], quality: tuple[ChannelQuality, ...]
) -> float | None:
    """Give the quality of the best frontal pair, 0 to 1; None where no pair is known."""
    pairs = _frontal_rows(ch_names)
    if not pairs:
        return None
    return max(min(quality[left].index, quality[right].index) for left, right in pairs)


@functools.lru_cache(maxsize=256)
def _frontal_rows(ch_names: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    row = {_bare(name): number for number, name in enumerate(ch_names)}
    return tuple(
        (row[left], row[right])
        for left, right in FRONTAL_PAIRS
        if left in row and right in row
    )


def _bare(name: str) -> str:
    return name.upper().removeprefix("EEG").strip(" _-").partition("-")[0]


def mood_of(x: Deviations) -> MoodPoint:
    """Squash the features' sums into arousal and valence, and split them again.

    Seven features are too few for arrays: floats take a third of their time.
    """
    figures = x.tolist()
    arousals, valences = (
        [part * figure for part, figure in zip(axis, figures, strict=True)]
        for axis in _AXES
    )
    arousal, valence = sum(arousals), sum(valences)
    to_arousal, to_valence = _mean_slope(arousal), _mean_slope(valence)
    return MoodPoint(
        point=(arousal * to_arousal, valence * to_valence),
        shares=[
            (one * to_arousal, other * to_valence)
            for one, other in zip(arousals, valences, strict=True)
        ],
    )


def _mean_slope(u: float) -> float:
    return math.tanh(u) / u if abs(u) > 1e-9 else 1.0  # noqa: PLR2004


def axes(
    mood: MoodPoint, *, confidence: float, pair: float | None, baseline: float
) -> tuple[MoodAxis, MoodAxis]:
    """Dress a mood with its formulas, sources and confidences.

    Args:
        mood: the smoothed mood.
        confidence: of the features, 0 to 1.
        pair: quality of the frontal pair, 0 to 1; None where there is none.
        baseline: how much of the sitter's baseline has been taken, 0 to 1.

    Returns:
        Arousal and valence.
    """
    arousal, valence = mood.point
    usable = confidence * (_NORMS_TRUST + (1.0 - _NORMS_TRUST) * baseline)
    return (
        MoodAxis(
            value=arousal,
            confidence=_AROUSAL_TRUST * usable,
            formula=AROUSAL_FORMULA,
            source=AROUSAL_SOURCE,
        ),
        MoodAxis(
            value=valence,
            confidence=0.0 if pair is None else _VALENCE_TRUST * usable * pair,
            formula=VALENCE_MISSING if pair is None else VALENCE_FORMULA,
            source=VALENCE_SOURCE,
        ),
    )

"""What a sitting's meaning asks of its sound: figures in, musical parameters out.

Pure and without memory; `actors.audio.sitting` follows it slowly and plays it. As with
the pictures, the sound is driven by the signal; it does not tell what a person feels. Which
figure moves what is our convention:

- valence picks the pitch set, from dark to bright, five notes each in just intonation;
- arousal makes strokes denser (4 to 24 a minute) and, with beta and gamma, brighter;
- motion makes the drone breathe faster (0.07 to 0.32 Hz) and deeper;
- delta and theta draw the notes down by an octave, more often the stronger they are;
- confidence is how loud it is, and how hard the strokes are.

Where nothing drives there are no strokes, and the drone is near silence.
"""

import msgspec
import numpy as np

from actors.audio.partials import Figures
from protocols.meaning import Meaning

QUIET = 0.025
"""Level of the drone where nothing drives, -32 dB below its most."""

_DRIVEN_LEAST = 0.35
_STROKES_A_MINUTE = (4.0, 24.0)
_BREATH_HZ = (0.07, 0.32)
_BREATH_DEPTH = (0.15, 0.6)
_BRIGHT = (0.05, 0.6)
_LIMIT_SD = 2.5


class Music(msgspec.Struct, frozen=True, kw_only=True):
    """Musical parameters."""

    level: float
    """Loudness of the drone, 0 to 1, and how hard strokes are."""

    strokes_a_minute: float
    """0: none."""

    light: float
    """-1 (the darkest pitch set) to 1 (the brightest)."""

    brightness: float
    """0 to 1: how loud higher partials are."""

    breath_hz: float
    """How fast the drone swells and sinks."""

    breath_depth: float
    """0 to 1: how far it sinks."""

    height: float
    """0 to 1: how many of the notes are an octave up."""


PARAMETERS = Music.__struct_fields__

SILENCE = Music(
    level=0.0,
    strokes_a_minute=0.0,
    light=0.0,
    brightness=_BRIGHT[0],
    breath_hz=_BREATH_HZ[0],
    breath_depth=_BREATH_DEPTH[0],
    height=0.5,
)
"""Where every sitting begins."""

WAITING = msgspec.structs.replace(SILENCE, level=QUIET)
"""What is asked for while nothing drives."""


def music_of(meaning: Meaning) -> Music:
    """Give the musical parameters that a meaning asks for."""
    if not meaning.driven:
        return WAITING
    arousal = _within(meaning.arousal.value, -1.0, 1.0)
    confidence = _within(meaning.confidence, 0.0, 1.0)
    motion = _within(meaning.motion, 0.0, 1.0)
    edge = (_z(meaning, "beta") + _z(meaning, "gamma")) / (2.0 * _LIMIT_SD)
    depth = (_z(meaning, "delta") + _z(meaning, "theta")) / (2.0 * _LIMIT_SD)
    return Music(
        level=_DRIVEN_LEAST + (1.0 - _DRIVEN_LEAST) * confidence,
        strokes_a_minute=_between(_STROKES_A_MINUTE, (0.5 + 0.5 * arousal) ** 1.5),
        light=_within(meaning.valence.value, -1.0, 1.0),
        brightness=_within(0.25 + 0.2 * arousal + 0.15 * edge, *_BRIGHT),
        breath_hz=_between(_BREATH_HZ, motion),
        breath_depth=_between(_BREATH_DEPTH, motion),
        height=_within(0.5 - 0.5 * depth, 0.0, 1.0),
    )


def vector_of(music: Music) -> Figures:
    """Give the parameters in the order of `PARAMETERS`."""
    return np.array(msgspec.structs.astuple(music))


def music_from(vector: Figures) -> Music:
    """Give back what `vector_of` took."""
    return Music(**dict(zip(PARAMETERS, vector.tolist(), strict=True)))


def _z(meaning: Meaning, name: str) -> float:
    return _within(meaning.features.get(f"z_{name}", 0.0), -_LIMIT_SD, _LIMIT_SD)


def _between(bounds: tuple[float, float], share: float) -> float:
    return bounds[0] + (bounds[1] - bounds[0]) * share


def _within(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)

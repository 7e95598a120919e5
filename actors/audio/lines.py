"""A sound's lines: every partial's frequency, phase, weight and damping, for both ears.

Weights are such that all lines at full swing add up to 1, so a gain of at most 1 never
passes full scale, whatever the phases come to.

Overtones of a plain tone are `harmonic_strength` / k of the tone, up to the 16th. Tremolo
is what its sidebands are: two lines beside each partial, so it is exact and band-limited.
A frequency below hearing is rendered as asked, like any other: 7.83 Hz as a tone moves a
membrane that nobody hears; as a bowl its lowest mode is felt at most, and what is heard
are the modes above it (21.8 Hz, 40.6 Hz, 63.9 Hz and on).
"""

import msgspec
import numpy as np
import numpy.typing as npt

from actors.audio.bowl import DEEPEST, HIGHEST_HZ, Modes, balance
from actors.audio.partials import Figures
from protocols.sound import SoundConfig

OVERTONES = 16
TREMOLO_HZ = 2.0

_SINE = -0.25
"""Turns by which a cosine becomes a sine: a tone begins at 0."""

_LATER = 0.25
"""Turns by which the right ear's beating is later: a bowl seems to turn."""

_MODES = 16
"""As many phases are drawn for every sound: dropping a partial moves no other's."""


class Lines(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Partials of a sound, arrays of one figure a line."""

    hz: Figures
    turns: Figures
    """Phase of a cosine at sample 0, left ear."""

    right_turns: Figures
    weight: Figures
    mode: npt.NDArray[np.intp]
    """Which mode's envelope a line follows."""

    decay: Figures
    """1/s."""


def struck(modes: Modes, config: SoundConfig, rng: np.random.Generator) -> Lines:
    """Give a struck bowl: each mode and, above it, the one that beats with it."""
    depth = min(config.modulation_depth, DEEPEST)
    turns, beats = rng.uniform(0.0, 1.0, (2, _MODES))[:, : modes.hz.size]
    level = balance(modes.strike, config.harmonic_strength)
    return _scaled(
        hz=[modes.hz, modes.hz + modes.beat_hz],
        turns=[turns, beats],
        right_turns=[turns, beats + _LATER],
        weight=[level, depth * level],
        decay=modes.decay,
    )


def of_modes(told: Lines, modes: Modes) -> Figures:
    """Give what each mode's lines weigh together, shape (modes,)."""
    weight = np.zeros(modes.hz.size)
    np.add.at(weight, told.mode, told.weight)
    return weight


def rubbed(modes: Modes, config: SoundConfig, rng: np.random.Generator) -> Lines:
    """Give a rubbed bowl: each mode swings around with the stick, and so pulses.

    The nodes follow the stick (Inácio et al. 2006), so a listener hears even a perfect
    bowl beat: its modes are amplitude-modulated, and the line between the two others is
    where the bowl is tuned to.
    """
    turns, beats = rng.uniform(0.0, 1.0, (2, _MODES))[:, : modes.hz.size]
    level = balance(modes.rub, config.harmonic_strength)
    return _modulated(
        modes.hz, modes.beat_hz, (turns, beats, beats + _LATER), level, config
    )


def tone(config: SoundConfig, rng: np.random.Generator) -> Lines:
    """Give a plain tone with its overtones; a pure sine where both figures are 0."""
    number = np.arange(1, OVERTONES + 1)
    hz = config.frequency * number
    kept = (hz <= HIGHEST_HZ) & (config.harmonic_strength > 0.0) | (number == 1)
    turns = np.where(number == 1, _SINE, rng.uniform(0.0, 1.0, OVERTONES))[kept]
    level = np.where(number == 1, 1.0, config.harmonic_strength / number)[kept]
    still = np.zeros(turns.size)
    beat_hz = np.full(turns.size, TREMOLO_HZ)
    return _modulated(hz[kept], beat_hz, (turns, still, still), level, config)


def _modulated(
    hz: Figures,
    beat_hz: Figures,
    turns: tuple[Figures, Figures, Figures],
    level: Figures,
    config: SoundConfig,
) -> Lines:
    """Put two sidebands beside every partial: (1 + m cos) times it, in full."""
    depth = config.modulation_depth
    still = np.zeros(hz.size)
    carrier, left, right = turns
    if depth == 0.0:
        return _scaled(
            hz=[hz], turns=[carrier], right_turns=[carrier], weight=[level], decay=still
        )
    return _scaled(
        hz=[hz, hz + beat_hz, hz - beat_hz],
        turns=[carrier, carrier + left, carrier - left],
        right_turns=[carrier, carrier + right, carrier - right],
        weight=[level, 0.5 * depth * level, 0.5 * depth * level],
        decay=still,
    )


def _scaled(
    *,
    hz: list[Figures],
    turns: list[Figures],
    right_turns: list[Figures],
    weight: list[Figures],
    decay: Figures,
) -> Lines:
    """Join lines of the same modes; what weighs nothing is left out."""
    weights = np.concatenate(weight)
    heard = np.flatnonzero(weights)
    mode = np.tile(np.arange(decay.size), len(hz))[heard]
    return Lines(
        hz=np.concatenate(hz)[heard],
        turns=np.concatenate(turns)[heard],
        right_turns=np.concatenate(right_turns)[heard],
        weight=weights[heard] / weights.sum(),
        mode=mode,
        decay=decay[mode],
    )

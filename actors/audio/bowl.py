"""A singing bowl: its partials, from the measured modes of real ones.

`bowls.toml` beside this module holds the figures and says where each is from (Inácio,
Henrique & Antunes, Acta Acustica 92 (2006); Essl & Cook 1999; the rest is ours and says
so). The ratios of the modes are not those of a harmonic series: 1 : 2.78 : 5.18 : 8.16 :
11.66 for a bowl of 180 mm.

Each mode is a beating pair. The lower of the two is the stronger, so a bowl tuned to
136.1 Hz has its strongest line there and nowhere else; how strong the other is beside it is
the depth of the beating.
"""

import functools
import math
import tomllib
from pathlib import Path

import msgspec
import numpy as np

from actors.audio.partials import Figures

HIGHEST_HZ = 20_000.0
"""Partials above it are left out: nobody hears them, and nothing folds back."""

SHORTEST_S, LONGEST_S = 0.4, 60.0
"""Bounds of a partial's decay to a thousandth, whatever the bowl is tuned to."""

FASTEST_BEAT_HZ = 5.0
"""Faster beating is roughness: pairs of high modes are not further apart."""

DEEPEST = 0.95
"""Even at depth 1 the tuned mode of a pair stays the stronger one."""

_THOUSAND = math.log(1000.0)


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A bowl as it was measured."""

    name: str
    hz: tuple[float, ...]
    """Of the modes (2, 0), (3, 0) and so on."""


class Bowls(msgspec.Struct, frozen=True, kw_only=True):
    """What `bowls.toml` says; the tuples have one figure a mode."""

    bowl: tuple[Measured, ...]
    split: tuple[float, ...]
    damping: tuple[float, ...]
    strike: tuple[float, ...]
    rub: tuple[float, ...]


class Modes(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A bowl that is tuned; arrays have one figure a mode, lowest first."""

    name: str
    hz: Figures
    beat_hz: Figures
    """How far the second of each pair is above the first."""

    decay: Figures
    """1/s."""

    strike: Figures
    """Amplitudes beside the lowest mode's, at full harmonic strength."""

    rub: Figures


@functools.cache
def bowls() -> Bowls:
    """Read the figures; once a process."""
    text = (Path(__file__).with_name("bowls.toml")).read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Bowls)


def tuned(frequency: float) -> Modes:
    """Take the bowl that is nearest to `frequency` (hertz) and tune its lowest mode to it.

    Its decays follow the tuning: a bowl of twice the frequency rings half as long.
    """
    told = bowls()
    bowl = min(told.bowl, key=lambda one: abs(math.log(one.hz[0] / frequency)))
    hz = np.array(bowl.hz) * (frequency / bowl.hz[0])
    # The lowest is always kept: it is what was asked for.
    kept = np.flatnonzero((hz <= HIGHEST_HZ) | (np.arange(hz.size) == 0))
    hz = hz[kept]
    beat_hz = np.minimum(np.array(told.split)[kept] * hz, FASTEST_BEAT_HZ)
    rings_s = _THOUSAND / (2.0 * math.pi * hz * np.array(told.damping)[kept])
    return Modes(
        name=bowl.name,
        hz=hz,
        beat_hz=beat_hz,
        decay=_THOUSAND / np.clip(rings_s, SHORTEST_S, LONGEST_S),
        strike=np.array(told.strike)[kept],
        rub=np.array(told.rub)[kept],
    )


def balance(amplitudes: Figures, strength: float) -> Figures:
    """Weigh the modes: the lowest is 1, the others are `strength` of what they can be."""
    return np.where(np.arange(amplitudes.size) == 0, 1.0, strength) * amplitudes

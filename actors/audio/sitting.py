"""The voice of a sitting: bells over a drone, led by what drives the pictures.

`actors.audio.score` says what a meaning asks for; here it is followed over seconds, by the
count of samples, so nothing jumps and the same meanings at the same samples make the same
sound. Every note has its own bell, which is always there and mostly silent: a change of
the pitch set lets the old notes ring out. All bells and the drone together add up to 1 at
most, by weights and by strokes that are held back (`actors.audio.envelopes.Struck`), so
there is no limiter and nothing for it to do.
"""

import math

import numpy as np

from actors.audio import bowl
from actors.audio.envelopes import Struck
from actors.audio.melody import NOTES_HZ, TONIC_HZ, Melody
from actors.audio.partials import LINEAR, ROW, ROWS_A_SECOND, Bank, Figures, Samples
from actors.audio.score import (
    PARAMETERS,
    SILENCE,
    WAITING,
    Music,
    music_from,
    music_of,
    vector_of,
)
from actors.audio.voice import LONGEST_ROWS
from protocols.meaning import Meaning

TAU_S = 3.0
"""How slowly the parameters follow: after so long they are 63 % there."""

_MODES = 4
_STRUCK_AS = 440.0
"""Bells are the bowl that is nearest to this, tuned to each note."""

_BELLS, _DRONE = 0.6, 0.4
_FULL_BELL = 0.35
"""Of what all bells may add up to, a single one at full swing."""

_PAIR = 0.3
_WIDTH = 0.5
"""Of a bell that is quite to the left, what is missing in the right ear."""

_DRONE_RATIOS = np.array([0.5, 1.0, 1.5, 2.0, 3.0])
_DRONE_WEIGHTS = np.array([0.15, 0.40, 0.22, 0.14, 0.09])
_DRONE_BRIGHT = np.array([0.0, 0.0, 0.0, 1.0, 1.0])
"""Which of the drone's partials follow brightness."""

_DRIFT_HZ = 0.11
"""How far the right ear's drone is above the left's: it wanders in nine seconds."""

_LEVEL, _BRIGHTNESS, _BREATH_HZ, _DEPTH = (
    PARAMETERS.index(name) for name in ("level", "brightness", "breath_hz", "breath_depth")
)


class SittingVoice:
    """A voice without end; `steer` says where to, and it follows."""

    ended = False
    starts_silent = True

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([seed % 2**63, 2])
        self._melody = Melody(_MODES, rng)
        self._bells, self._bell_banks, self._bell_weights = _bells(self._melody, rng)
        turns = rng.uniform(0.0, 1.0, _DRONE_RATIOS.size)
        hz = _DRONE_RATIOS * TONIC_HZ
        still = np.zeros(hz.size)
        self._drones = tuple(
            Bank(one, turns=turns, decay=still, within=LINEAR)
            for one in (hz, hz + _DRIFT_HZ)
        )
        self._now, self._aim = vector_of(SILENCE), vector_of(WAITING)
        self._breath = 0.0
        self._row = 0
        self._position = 0
        self._rest = np.empty((0, 2), np.float32)

    @property
    def position(self) -> int:
        """Number of the next sample."""
        return self._position

    @property
    def music(self) -> Music:
        """The parameters as they are now, on their way to what was asked for."""
        return music_from(self._now)

    @property
    def scale(self) -> int:
        """Which of `actors.audio.melody.PITCH_SETS` is played."""
        return self._melody.scale

    def steer(self, meaning: Meaning) -> None:
        """Go where a meaning leads, from the next 10 ms on."""
        self._aim = vector_of(music_of(meaning))

    def rest(self) -> None:
        """Nothing leads: sink to near silence."""
        self._aim = vector_of(WAITING)

    def render(self, count: int) -> Samples:
        """Give the next samples, float32, shape (count, 2)."""
        out = np.empty((count, 2), np.float32)
        done = 0
        while done < count:
            if not len(self._rest):
                self._rest = self._rows(min(-(-(count - done) // ROW), LONGEST_ROWS))
            taken = self._rest[: count - done]
            out[done : done + len(taken)] = taken
            self._rest = self._rest[len(taken) :]
            done += len(taken)
        self._position += count
        return out

    def _rows(self, rows: int) -> Samples:
        course = self._follow(rows)
        self._melody.plan(self._row, course[:-1])
        bell, stroke = self._bells.take(self._row, rows)
        drone = self._drone(course)
        out = np.empty((rows * ROW, 2), np.float32)
        for ear in (0, 1):
            mode, weight = self._bell_weights[ear]
            level, gained = bell[:, mode] * weight, None
            if stroke is not None:
                gained = stroke[:, mode] * weight
            sound = self._bell_banks[ear].render(self._row, level, gained)
            sound += self._drones[ear].render(self._row, drone[:-1], np.diff(drone, axis=0))
            out[:, ear] = sound.reshape(-1)
        self._row += rows
        return out

    def _follow(self, rows: int) -> Figures:
        """Move the parameters; give them at each row's beginning and at the end."""
        left = np.exp(-np.arange(rows + 1) / (TAU_S * ROWS_A_SECOND))
        course = self._aim + np.outer(left, self._now - self._aim)
        self._now = course[-1]
        return course

    def _drone(self, course: Figures) -> Figures:
        """Give the drone's levels, shape (rows + 1, its partials)."""
        breaths = np.concatenate([[0.0], np.cumsum(course[:-1, _BREATH_HZ])])
        turns = self._breath + breaths / ROWS_A_SECOND
        self._breath = float(turns[-1]) % 1.0
        sunk = course[:, _DEPTH] * (0.5 - 0.5 * np.cos(2.0 * math.pi * turns))
        swell = course[:, _LEVEL] * (1.0 - sunk)
        bright = 1.0 - np.outer(1.0 - course[:, _BRIGHTNESS], _DRONE_BRIGHT)
        levels: Figures = _DRONE * _DRONE_WEIGHTS * bright * swell[:, np.newaxis]
        return levels


_Ears = tuple[tuple[np.ndarray, Figures], tuple[np.ndarray, Figures]]


def _bells(
    melody: Melody, rng: np.random.Generator
) -> tuple[Struck, tuple[Bank, Bank], _Ears]:
    """Tune a bell for each note: its envelope, a bank an ear, and each ear's weights."""
    base = bowl.tuned(_STRUCK_AS)
    ratio = base.hz[:_MODES] / _STRUCK_AS
    hz = np.outer(NOTES_HZ, ratio)
    beat = np.minimum(hz * (base.beat_hz[:_MODES] / base.hz[:_MODES]), bowl.FASTEST_BEAT_HZ)
    decay = np.outer(NOTES_HZ / _STRUCK_AS, base.decay[:_MODES])
    strength = _FULL_BELL * base.strike[:_MODES] / base.strike[:_MODES].sum()
    whole = np.tile(strength, NOTES_HZ.size)
    mode = np.tile(np.arange(hz.size), 2)
    pair = np.repeat([1.0 - _PAIR, _PAIR], hz.size)
    turns = rng.uniform(0.0, 1.0, 2 * hz.size)
    later = np.repeat([0.0, 0.25], hz.size)
    lines_hz = np.concatenate([hz.reshape(-1), (hz + beat).reshape(-1)])
    struck = Struck(decay.reshape(-1), melody, whole)
    banks = [
        Bank(lines_hz, turns=one, decay=decay.reshape(-1)[mode], within=struck.within)
        for one in (turns, turns + later)
    ]
    side = np.repeat(
        np.linspace(0.0, 1.0, NOTES_HZ.size)[rng.permutation(NOTES_HZ.size)], _MODES
    )
    weights = [
        (mode, _BELLS * (whole * (1.0 - _WIDTH * away))[mode] * pair)
        for away in (side, 1.0 - side)
    ]
    return struck, (banks[0], banks[1]), (weights[0], weights[1])

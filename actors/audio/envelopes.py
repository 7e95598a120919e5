"""How loud each mode is, row by row: struck, rubbed or held.

An envelope answers with two matrices of (rows, modes): the level where each row begins,
and what is gained within the row (`actors.audio.partials.Bank`). Levels are 0 to 1: a
mode's full swing is 1, so what all of them can add up to is known beforehand.
"""

import math
from typing import Protocol

import msgspec
import numpy as np

from actors.audio.partials import LINEAR, ROW, ROWS_A_SECOND, SMOOTH, Figures
from protocols.sound import SFREQ

STROKE_S = 7.0
"""Between two strokes, in the middle; a musician's hand is about 12 % early or late."""

_HAND = 0.12
_SHORTEST_S, _LONGEST_S = 4.0, 12.0
_SOFTEST, _HARDEST = 0.55, 0.95
_BRIGHTER = 0.25
"""A softer stroke swings the k-th mode by its strength to the power of 1 + k / 4."""

RISE_S = 2.5
"""How long a rubbed bowl takes to sing."""

_SWELL_S = (9.0, 19.0)
_SWELL_DEPTHS = (0.3, 0.6)
"""Of the lowest mode, and of the others: it dies down least."""


class Envelope(Protocol):
    """Levels of modes in the order of time."""

    within: Figures
    """How a change goes within a row, shape (ROW,)."""

    starts_silent: bool
    """Nothing is to be heard of it at sample 0, so it needs no fade there."""

    def take(self, row: int, rows: int) -> tuple[Figures, Figures | None]:
        """Give level and change of the rows from `row` on, each (rows, modes)."""

    def skip(self, row: int) -> None:
        """Go to `row`, as if all rows before it had been taken."""


class Stroke(msgspec.Struct, frozen=True, eq=False):
    """A mallet's touch."""

    row: int
    share: Figures
    """How much nearer to `swing` it brings each mode, 0 to 1, shape (modes,)."""

    swing: Figures
    """How wide each mode can swing by it, 0 to 1, same shape."""


class Strokes(Protocol):
    """Whose hand strikes."""

    def before(self, row: int) -> list[Stroke]:
        """Take out the strokes before `row`, in order."""


class SteadyHand:
    """Strikes a bowl again and again: irregular, the same for the same seed."""

    def __init__(self, modes: int, rng: np.random.Generator) -> None:
        self._rng = rng
        self._row = 0
        self._tilt = 1.0 + _BRIGHTER * np.arange(modes, dtype=np.float64)
        self._swing = np.ones(modes)

    def before(self, row: int) -> list[Stroke]:
        """Take out the strokes before `row`, in order."""
        due: list[Stroke] = []
        while self._row < row:
            share = np.power(self._rng.uniform(_SOFTEST, _HARDEST), self._tilt)
            due.append(Stroke(self._row, share, self._swing))
            pause_s = STROKE_S * math.exp(_HAND * self._rng.standard_normal())
            pause_s = min(max(pause_s, _SHORTEST_S), _LONGEST_S)
            self._row += round(pause_s * ROWS_A_SECOND)
        return due


class Struck:
    """A bowl that is struck again and again while it rings.

    A stroke adds to a swing that is there, and the less the wider it is already: the
    mallet brings each mode nearer to its full swing, and never beyond it.
    """

    within = SMOOTH
    starts_silent = True

    def __init__(self, decay: Figures, strokes: Strokes, weight: Figures) -> None:
        """Be silent at first.

        Args:
            decay: how fast each mode rings down, 1/s, shape (modes,).
            strokes: whose hand strikes.
            weight: what each mode at full swing counts, same shape: a stroke is held
                back where all would add up to more than 1.
        """
        self._shrink = -decay * (ROW / SFREQ)
        self._weight = weight
        self._strokes = strokes
        self._level = np.zeros(decay.size)
        self._row = 0

    def take(self, row: int, rows: int) -> tuple[Figures, Figures | None]:
        """Give level and change of the rows from `row` on, each (rows, modes)."""
        level = np.empty((rows, self._level.size))
        change: Figures | None = None
        for stroke in self._strokes.before(row + rows):
            self._fill(level, row, stroke.row + 1)
            gained = self._gained(level[stroke.row - row], stroke)
            change = np.zeros_like(level) if change is None else change
            change[stroke.row - row] += gained
            self._level += gained * np.exp(self._shrink)
        self._fill(level, row, row + rows)
        return level, change

    def skip(self, row: int) -> None:
        """Go to `row`, as if all rows before it had been taken."""
        for stroke in self._strokes.before(row):
            self._ring_until(stroke.row)
            self._level += self._gained(self._level, stroke)
        self._ring_until(row)

    def _gained(self, level: Figures, stroke: Stroke) -> Figures:
        gained = stroke.share * np.maximum(stroke.swing - level, 0.0)
        more = float(gained @ self._weight)
        room = max(1.0 - float(level @ self._weight), 0.0)
        return gained if more <= room else gained * (room / more)

    def _fill(self, level: Figures, row: int, until: int) -> None:
        later = np.arange(until - self._row)
        level[self._row - row : until - row] = self._level * np.exp(
            np.outer(later, self._shrink)
        )
        self._ring_until(until)

    def _ring_until(self, row: int) -> None:
        self._level = self._level * np.exp(self._shrink * (row - self._row))
        self._row = row


class Rubbed:
    """A bowl that is rubbed without end: it rises, then swells and sinks slowly."""

    within = LINEAR
    starts_silent = True

    def __init__(self, modes: int, rng: np.random.Generator) -> None:
        self._period_s = rng.uniform(*_SWELL_S, modes)
        self._turns = rng.uniform(0.0, 1.0, modes)
        first, others = _SWELL_DEPTHS
        self._depth = np.where(np.arange(modes) == 0, first, others)

    def take(self, row: int, rows: int) -> tuple[Figures, Figures | None]:
        """Give level and change of the rows from `row` on, each (rows, modes)."""
        course = self._course(np.arange(row, row + rows + 1) / ROWS_A_SECOND)
        return course[:-1], np.diff(course, axis=0)

    def skip(self, row: int) -> None:
        """Do nothing: what it does follows from the time alone."""

    def _course(self, at_s: Figures) -> Figures:
        risen = 0.5 - 0.5 * np.cos(math.pi * np.minimum(at_s / RISE_S, 1.0))
        turns = at_s[:, np.newaxis] / self._period_s + self._turns
        sunk = self._depth * (0.5 - 0.5 * np.cos(2.0 * math.pi * turns))
        level: Figures = risen[:, np.newaxis] * (1.0 - sunk)
        return level


class Held:
    """A tone that stays as it is."""

    within = LINEAR
    starts_silent = False

    def __init__(self, modes: int) -> None:
        self._modes = modes

    def take(self, row: int, rows: int) -> tuple[Figures, Figures | None]:  # noqa: ARG002
        """Give level and change of the rows from `row` on, each (rows, modes)."""
        return np.ones((rows, self._modes)), None

    def skip(self, row: int) -> None:
        """Do nothing: it is always the same."""

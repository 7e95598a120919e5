"""A melody: when a sitting's next note is struck, and which.

Notes are five of a pitch set, over a drone of tonic and fifth. The sets are pentatonic and
in just intonation (ratios of small whole numbers to the tonic), so any two notes that
ring together are at ease with each other and with the drone.
"""

from fractions import Fraction

import numpy as np

from actors.audio.envelopes import Stroke
from actors.audio.partials import ROWS_A_SECOND, Figures
from actors.audio.score import PARAMETERS

TONIC_HZ = 136.1
"""The documented preset's; the drone sounds it, the notes lie one and two octaves up."""


def _set(*ratios: str) -> tuple[Fraction, ...]:
    return tuple(Fraction(ratio) for ratio in ratios)


PITCH_SETS = (
    _set("1", "6/5", "4/3", "3/2", "9/5"),
    _set("1", "9/8", "4/3", "3/2", "16/9"),
    _set("1", "9/8", "4/3", "3/2", "5/3"),
    _set("1", "9/8", "5/4", "3/2", "5/3"),
)
"""From dark to bright."""

DEGREES = tuple(sorted({ratio for scale in PITCH_SETS for ratio in scale}))
OCTAVES = (2, 4)

NOTES_HZ: Figures = np.array(
    [TONIC_HZ * octave * float(ratio) for octave in OCTAVES for ratio in DEGREES]
)
"""Every note of every set, shape (notes,)."""

_STICKS = 0.08
"""A set is left only when the light is so far beyond its border."""

_EVEN = (0.75, 1.25)
_STEPS = np.array([-2, -1, 0, 1, 2])
_STEP_ODDS = np.array([0.15, 0.3, 0.1, 0.3, 0.15])
_SOFTEST, _HARDEST = 0.45, 0.9

_LEVEL, _DENSITY, _LIGHT, _BRIGHTNESS, _HEIGHT = (
    PARAMETERS.index(name)
    for name in ("level", "strokes_a_minute", "light", "brightness", "height")
)


class Melody:
    """A hand that strikes notes, one mode group a note, led by musical parameters.

    The same seed and the same parameters make the same melody.
    """

    def __init__(self, modes: int, rng: np.random.Generator) -> None:
        """Strike bells of `modes` modes each."""
        self._rng = rng
        self._modes = modes
        self._due: list[Stroke] = []
        self._ripe = 0.0
        self._at = rng.uniform(*_EVEN)
        self._degree = 0
        self._scale = 1

    @property
    def scale(self) -> int:
        """Which of `PITCH_SETS` is played."""
        return self._scale

    def plan(self, row: int, course: Figures) -> None:
        """Think of the strokes of the rows from `row` on.

        Args:
            row: number of the first.
            course: parameters a row, shape (rows, len(PARAMETERS)).
        """
        ripe = self._ripe + np.cumsum(course[:, _DENSITY]) / (60.0 * ROWS_A_SECOND)
        while ripe[-1] >= self._at:
            at = int(np.searchsorted(ripe, self._at))
            self._due.append(self._stroke(row + at, course[at]))
            self._at += self._rng.uniform(*_EVEN)
        # The count begins anew, so that it stays as fine after hours.
        self._ripe, self._at = 0.0, self._at - float(ripe[-1])

    def before(self, row: int) -> list[Stroke]:
        """Take out the strokes before `row`, in order."""
        due = [stroke for stroke in self._due if stroke.row < row]
        self._due = self._due[len(due) :]
        return due

    def _stroke(self, row: int, music: Figures) -> Stroke:
        self._scale = scale_of(float(music[_LIGHT]), self._scale)
        step = int(self._rng.choice(_STEPS, p=_STEP_ODDS))
        self._degree = (self._degree + step) % len(PITCH_SETS[self._scale])
        ratio = PITCH_SETS[self._scale][self._degree]
        octave = int(self._rng.uniform() < music[_HEIGHT])
        note = octave * len(DEGREES) + DEGREES.index(ratio)
        share = np.zeros((NOTES_HZ.size, self._modes))
        share[note] = self._rng.uniform(_SOFTEST, _HARDEST) * music[_LEVEL]
        swing = np.zeros_like(share)
        swing[note] = np.where(np.arange(self._modes) == 0, 1.0, music[_BRIGHTNESS])
        return Stroke(row, share.reshape(-1), swing.reshape(-1))


def scale_of(light: float, now: int) -> int:
    """Give the pitch set for a light of -1 to 1, where `now` is played.

    Each set has its share of the light; a border is crossed only by 0.08, so a light
    that trembles on it does not turn the set over and over.
    """
    place = (light + 1.0) / 2.0 * len(PITCH_SETS)
    slack = _STICKS / 2.0 * len(PITCH_SETS)
    if now - slack <= place <= now + 1 + slack:
        return now
    return min(max(int(place), 0), len(PITCH_SETS) - 1)

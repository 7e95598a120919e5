"""A voice: a sound without end, of which one takes as many samples as one needs.

`make_voice` makes one of a `SoundConfig`. What it renders depends on its configuration
(seed and all) and on the number of the sample, not on how it is taken: in blocks of a
tenth of a second, of one sample or of an hour, from the beginning or from the middle. So
a change of its parameters is a cross-fade to another voice at the same place
(`actors.audio.mix`), and the strokes go on as they would have.
"""

from typing import Protocol

import msgspec
import numpy as np

from actors.audio import bowl, lines
from actors.audio.envelopes import Envelope, Held, Rubbed, SteadyHand, Struck
from actors.audio.layers import other_ear, pulses
from actors.audio.lines import Lines
from actors.audio.partials import ROW, ROWS_A_SECOND, Bank, Figures, Samples
from protocols.sound import SoundConfig

LONGEST_ROWS = ROWS_A_SECOND
"""Rendered at a time: an hour needs no more room than a second."""

_PHASES, _HAND = 0, 1
"""Streams of chance, so that one does not move the other."""


class Layers(msgspec.Struct, frozen=True):
    """What lies on a sound: difference between the ears and pulses, hertz; 0 is none."""

    binaural_hz: float
    isochronic_hz: float


class Voice(Protocol):
    """What sounds, sample after sample."""

    @property
    def position(self) -> int:
        """Number of the next sample."""

    @property
    def starts_silent(self) -> bool:
        """It can be begun at sample 0 without a fade."""

    @property
    def ended(self) -> bool:
        """All that it has was rendered; only zeros follow."""

    def render(self, count: int) -> Samples:
        """Give the next samples, float32, shape (count, 2)."""


class PartialVoice:
    """Lines that follow an envelope, with the layers of its configuration."""

    ended = False

    def __init__(
        self,
        told: Lines,
        envelope: Envelope,
        *,
        layers: Layers,
        at: int = 0,
        gain: float = 1.0,
    ) -> None:
        """Begin at sample `at`; the peak is at most `gain`."""
        self._lines = told
        self._envelope = envelope
        self._pulse_hz = layers.isochronic_hz
        self._weight = gain * told.weight
        self._left = self._bank(told, told.hz, told.turns)
        alike = layers.binaural_hz == 0.0 and np.array_equal(told.turns, told.right_turns)
        right_hz = other_ear(told.hz, layers.binaural_hz)
        self._right = None if alike else self._bank(told, right_hz, told.right_turns)
        self._row = at // ROW
        envelope.skip(self._row)
        self._position = self._row * ROW
        self._rest = np.empty((0, 2), np.float32)
        self.render(at - self._position)

    @property
    def position(self) -> int:
        """Number of the next sample."""
        return self._position

    @property
    def starts_silent(self) -> bool:
        """It can be begun at sample 0 without a fade."""
        return self._envelope.starts_silent

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
        level, change = self._envelope.take(self._row, rows)
        level = level[:, self._lines.mode] * self._weight
        if change is not None:
            change = change[:, self._lines.mode] * self._weight
        out = np.empty((rows * ROW, 2), np.float32)
        out[:, 0] = self._left.render(self._row, level, change).reshape(-1)
        if self._right is None:
            out[:, 1] = out[:, 0]
        else:
            out[:, 1] = self._right.render(self._row, level, change).reshape(-1)
        if self._pulse_hz > 0.0:
            out *= pulses(self._pulse_hz, self._row * ROW, rows * ROW)[:, np.newaxis]
        self._row += rows
        return out

    def _bank(self, told: Lines, hz: Figures, turns: Figures) -> Bank:
        return Bank(hz, turns=turns, decay=told.decay, within=self._envelope.within)


def raw_voice(config: SoundConfig, *, at: int = 0, gain: float = 1.0) -> PartialVoice:
    """Make the voice of a configuration, whose peak is at most `gain` and mostly less.

    Args:
        config: what is to sound; its volume, duration and loudness do not matter here.
        at: number of the first sample, as if all before it had been rendered.
        gain: what all lines at full swing come to.

    Returns:
        A voice without end.
    """
    phases, hand = (
        np.random.default_rng([config.seed % 2**63, stream]) for stream in (_PHASES, _HAND)
    )
    layers = Layers(config.binaural_hz, config.isochronic_hz)
    if not config.prayer_bowl_mode:
        told = lines.tone(config, phases)
        return PartialVoice(
            told, Held(int(told.mode.max()) + 1), layers=layers, at=at, gain=gain
        )
    modes = bowl.tuned(config.frequency)
    envelope: Envelope
    if config.bowl == "rub":
        told = lines.rubbed(modes, config, phases)
        envelope = Rubbed(modes.hz.size, hand)
    else:
        told = lines.struck(modes, config, phases)
        envelope = Struck(
            modes.decay, SteadyHand(modes.hz.size, hand), lines.of_modes(told, modes)
        )
    return PartialVoice(told, envelope, layers=layers, at=at, gain=gain)

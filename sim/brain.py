"""A brain that is not there: seeded scalp EEG of a sitter whose state can be moved.

Same seed and same commands at the same samples, same microvolts, however the samples are
taken: the brain lives in blocks of a tenth of a second, and a command takes effect at the
first block that was not begun. It is a stand-in to develop and test with; no more of a
brain than its formulas.

What it is made of, in microvolts at the scalp:

- background: power falls as 1/f (Pritchard 1992), 10 µV RMS, alike in neighbours;
- alpha, 9.3 to 10.8 Hz by sitter, strongest over the occiput with closed eyes, mostly
  below 50 µV, blocked by opening them and by effort (Adrian & Matthews 1934; Kane et al.
  2017), fading with drowsiness (Santamaria & Chiappa 1987);
- frontal alpha, less on the left when pleased, less on the right when not (Davidson
  1992; Coan & Allen 2004);
- beta over front and centre with focus (as the engagement index of Pope et al. 1995
  has it); theta and delta with drowsiness (Santamaria & Chiappa 1987);
- blinks: see `blinks`; muscle of a clenched jaw, 20 Hz and up, strongest at the temples
  (Goncharova et al. 2003); mains hum with its first harmonic; the drift of electrodes;
- a loose electrode: little brain, and much hum, noise and drift instead.
"""

import math
from collections import deque
from collections.abc import Sequence
from typing import assert_never

import numpy as np
import numpy.typing as npt

from protocols.eeg import Microvolts
from protocols.simulation import (
    Blink,
    ClenchJaw,
    LoosenElectrode,
    RunScript,
    SetBrainState,
)
from sim.anatomy import reach
from sim.blinks import EYES_AT, EYES_WIDTH, Blinks
from sim.electrodes import Electrodes
from sim.layers import Sitter, gains, layers, vector
from sim.rhythms import Rhythms, frequencies_hz
from sim.script import NEUTRAL, step_at

MONTAGE = ("Fp1", "Fp2", "F3", "F4", "T7", "T8", "O1", "O2")
"""Blinks at the pole, asymmetry at F3 and F4, the jaw at the temples, alpha behind."""

SFREQ_HZ = 250.0
BLOCK_S = 0.1
TAU_S = np.array([0.7, 1.5, 1.5, 2.0, 1.5])
"""Time constants with which the state follows: eyes, relaxation, focus, drowsiness,
pleasure."""

JAW_TAU_S = 0.15
CLENCH_MAX_S = 60.0

EYES = 0.5
"""More closed than open."""

SitterCommand = SetBrainState | Blink | ClenchJaw | LoosenElectrode | RunScript


class Brain:
    """Makes EEG, block by block.

    Args:
        ch_names: electrodes, of `sim.anatomy.POSITIONS`.
        sfreq: sampling rate, hertz.
        mains_hz: 50 or 60.
        seed: who sits there, and every sample.

    Raises:
        ValueError: an unknown electrode.
    """

    def __init__(
        self,
        *,
        ch_names: Sequence[str] = MONTAGE,
        sfreq: float = SFREQ_HZ,
        mains_hz: float = 50.0,
        seed: int = 0,
    ) -> None:
        # A stream of its own for each, so that a blink more does not change the alpha.
        person, noise, eyes, likes, drifting, loosening = (
            np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(6)
        )
        self.ch_names = tuple(ch_names)
        self.sfreq, self.mains_hz = sfreq, mains_hz
        self._block = max(1, round(BLOCK_S * sfreq))
        block_s = self._block / sfreq
        self._approach = 1 - np.exp(-block_s / TAU_S)
        self._jaw_approach = 1 - math.exp(-block_s / JAW_TAU_S)
        self._sitter = Sitter(
            alpha_hz=person.uniform(9.3, 10.8), alpha_uv=person.uniform(12.0, 16.0)
        )
        self._rhythms = Rhythms(
            layers(self.ch_names, frequencies_hz(sfreq, self._block), self._sitter),
            sfreq=sfreq,
            block=self._block,
            rng=noise,
        )
        self._blinks = Blinks(sfreq=sfreq, rng=eyes)
        self._forehead = reach(self.ch_names, EYES_AT, EYES_WIDTH).max(axis=1)
        self._electrodes = Electrodes(
            len(self.ch_names),
            sfreq=sfreq,
            mains_hz=mains_hz,
            seeds=(likes, drifting, loosening),
        )
        self._target = vector(NEUTRAL)
        self._state = self._target.copy()
        self._jaw, self._clenched_until = 0.0, 0
        self._gains = gains(self._state, self._jaw, self._sitter)
        self._script, self._script_from, self._script_step = "", 0, -1
        self._made = 0  # samples
        self._stock: deque[npt.NDArray[np.float32]] = deque()
        self._stocked = 0  # samples

    @property
    def state(self) -> SetBrainState:
        """Where the sitter is on the way to what was last commanded."""
        eyes, relaxation, focus, drowsiness, pleasure = (float(x) for x in self._state)
        return SetBrainState(
            eyes_closed=eyes > EYES,
            relaxation=relaxation,
            focus=focus,
            drowsiness=drowsiness,
            pleasure=pleasure,
        )

    def obey(self, command: SitterCommand) -> None:
        """Take a command; it takes effect with the next block that is begun.

        Raises:
            ValueError: no such electrode.
        """
        match command:
            case SetBrainState():
                self._script = ""  # whoever commands takes over
                self._aim(command)
            case Blink():
                self._blinks.add(self._made)
            case ClenchJaw(seconds=seconds):
                held = round(min(max(seconds, 0.0), CLENCH_MAX_S) * self.sfreq)
                self._clenched_until = self._made + held
            case LoosenElectrode(channel=channel, loose=loose):
                self._electrodes.loosen(self.ch_names.index(channel), loose=loose)
            case RunScript(name=name):
                self._script, self._script_from, self._script_step = name, self._made, -1
            case _:
                assert_never(command)

    def take(self, samples: int) -> Microvolts:
        """Make the next samples.

        Returns:
            Read-only microvolts, shape (channels, samples).
        """
        while self._stocked < samples:
            self._stock.append(self._next_block())
            self._stocked += self._block
        self._stocked -= samples
        pieces, missing = [], samples
        while missing > 0:
            block = self._stock.popleft()
            if block.shape[1] > missing:
                self._stock.appendleft(block[:, missing:])
                block = block[:, :missing]
            pieces.append(block)
            missing -= block.shape[1]
        if not pieces:
            pieces.append(np.empty((len(self.ch_names), 0), np.float32))
        uv = pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=1)
        uv.flags.writeable = False
        return uv

    def _aim(self, state: SetBrainState) -> None:
        wished = vector(state)
        self._target = np.where(np.isnan(wished), self._target, wished)

    def _next_block(self) -> npt.NDArray[np.float32]:
        begin, self._made = self._made, self._made + self._block
        self._move(begin)
        before, self._gains = self._gains, gains(self._state, self._jaw, self._sitter)
        uv = self._rhythms.block(before, self._gains)
        wave = self._blinks.block(
            begin,
            self._made,
            eyes_closed=bool(self._state[0] > EYES),
            focus=float(self._state[2]),
        )
        if wave is not None:
            uv += self._forehead[:, None] * wave
        uv = self._electrodes.pick_up(uv, begin)
        uv.flags.writeable = False  # what is taken are views of it
        return uv

    def _move(self, begin: int) -> None:
        """Let the script speak, and the state follow."""
        if self._script:
            step, state = step_at(self._script, (begin - self._script_from) / self.sfreq)
            if step != self._script_step:
                self._script_step = step
                self._aim(state)
        self._state += (self._target - self._state) * self._approach
        clenched = float(begin < self._clenched_until)
        self._jaw += (clenched - self._jaw) * self._jaw_approach

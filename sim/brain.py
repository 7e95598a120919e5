"""A brain that is not there: seeded scalp EEG of a sitter whose state can be moved.

Same seed and same commands at the same samples, same microvolts, however the samples are
taken: the brain lives in blocks of a tenth of a second, and a command takes effect at the
first block that was not begun. Up to two seconds of blocks are made at once, which is
cheaper; those that nobody has taken when a command comes are made anew, from the same
noise. It is a stand-in to develop and test with; no more of a brain than its formulas.

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
from typing import NamedTuple, assert_never

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
from sim.layers import Sitter, State, gains, layers, towards
from sim.rhythms import Rhythms, frequencies_hz
from sim.script import NEUTRAL, step_at

MONTAGE = ("Fp1", "Fp2", "F3", "F4", "T7", "T8", "O1", "O2")
"""Blinks at the pole, asymmetry at F3 and F4, the jaw at the temples, alpha behind."""

SFREQ_HZ = 250.0
BLOCK_S = 0.1
TAU_S = (0.7, 1.5, 1.5, 2.0, 1.5)
"""Time constants with which the state follows: eyes, relaxation, focus, drowsiness,
pleasure."""

JAW_TAU_S = 0.15
CLENCH_MAX_S = 60.0
SLACK = 1e-4
"""What is left of a clench when nothing of it can be seen any more."""

EYES = 0.5
"""More closed than open."""

SitterCommand = SetBrainState | Blink | ClenchJaw | LoosenElectrode | RunScript


class Moment(NamedTuple):
    """How it is between two blocks."""

    state: State
    target: State
    """Where the state moves to."""

    jaw: float
    """How far it is clenched, 0 to 1."""

    gains: list[float]
    """See `layers.gains`."""

    step: int
    """Of the script; -1 before its first."""


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
        self._approach = [1 - math.exp(-block_s / tau_s) for tau_s in TAU_S]
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
        self._forehead = reach(self.ch_names, EYES_AT, EYES_WIDTH).max(axis=1)[:, None]
        self._electrodes = Electrodes(
            len(self.ch_names),
            block=self._block,
            sfreq=sfreq,
            mains_hz=mains_hz,
            seeds=(likes, drifting, loosening),
        )
        self._clenched_until = 0
        self._script, self._script_from = "", 0
        rest = towards(NEUTRAL, (0.0, 0.0, 0.0, 0.0, 0.0))
        # What is made ahead: how it is before the first of these blocks and after each.
        self._course = [
            Moment(rest, rest, 0.0, gains(rest, 0.0, self._sitter), step=-1),
        ]
        self._ahead: npt.NDArray[np.float32]  # shape (blocks, channels, samples)
        self._begun = 0  # of these blocks
        self._made = 0  # samples
        self._stock: deque[npt.NDArray[np.float32]] = deque()
        self._stocked = 0  # samples

    @property
    def state(self) -> SetBrainState:
        """Where the sitter is on the way to what was last commanded."""
        eyes, relaxation, focus, drowsiness, pleasure = self._course[self._begun].state
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
                self._turn_to(command)
            case Blink():
                self._blinks.add(self._made)
            case ClenchJaw(seconds=seconds):
                self._cut()
                held = round(min(max(seconds, 0.0), CLENCH_MAX_S) * self.sfreq)
                self._clenched_until = self._made + held
            case LoosenElectrode(channel=channel, loose=loose):
                number = self.ch_names.index(channel)
                self._cut()
                self._electrodes.loosen(number, loose=loose)
            case RunScript(name=name):
                self._cut()
                self._script, self._script_from = name, self._made
                self._course[-1] = self._course[-1]._replace(step=-1)
            case _:
                assert_never(command)

    def take(self, samples: int) -> Microvolts:
        """Make the next samples.

        Returns:
            Read-only microvolts, shape (channels, samples).
        """
        if samples == self._block and not self._stocked:
            return self._next_block()  # as nearly always
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

    def _turn_to(self, state: SetBrainState) -> None:
        """Whoever commands takes over from the script."""
        self._cut()
        self._script = ""
        now = self._course[-1]
        self._course[-1] = now._replace(target=towards(state, now.target))

    def _cut(self) -> None:
        """Give up what is made ahead and not begun."""
        unbegun = len(self._course) - 1 - self._begun
        if unbegun:
            self._rhythms.back(unbegun)
            self._electrodes.back(unbegun)
            del self._course[self._begun + 1 :]

    def _next_block(self) -> npt.NDArray[np.float32]:
        if self._begun == len(self._course) - 1:
            self._make_ahead()
        begin, uv = self._made, self._ahead[self._begun]
        self._begun, self._made = self._begun + 1, self._made + self._block
        state = self._course[self._begun].state
        wave = self._blinks.block(
            begin, self._made, eyes_closed=state[0] > EYES, focus=state[2]
        )
        if wave is not None:
            uv = uv + self._forehead * wave
            uv.flags.writeable = False
        return np.asarray(uv)

    def _make_ahead(self) -> None:
        """Make as many blocks as the rhythms can make at once, all but the blinks."""
        course = self._course[-1:]
        ends = self._made + self._rhythms.left * self._block
        # Steps only go on: where the last block is in this one, all are.
        changes = self._script and self._step_at(ends - self._block)[0] != course[0].step
        for begin in range(self._made, ends, self._block):
            before = course[-1]
            if changes:
                before = self._follow_script(before, begin)
            course.append(self._after(before, begin))
        uv = self._rhythms.blocks(np.array([now.gains for now in course], np.float32))
        uv = self._electrodes.pick_up(uv, self._made)
        blocks = uv.reshape(len(uv), -1, self._block).transpose(1, 0, 2)
        self._ahead = np.ascontiguousarray(blocks)
        self._ahead.flags.writeable = False  # what is taken are views of it
        self._course, self._begun = course, 0

    def _step_at(self, sample: int) -> tuple[int, SetBrainState]:
        return step_at(self._script, (sample - self._script_from) / self.sfreq)

    def _follow_script(self, now: Moment, begin: int) -> Moment:
        step, state = self._step_at(begin)
        if step == now.step:
            return now
        return now._replace(step=step, target=towards(state, now.target))

    def _after(self, before: Moment, begin: int) -> Moment:
        """Let the state follow for a block."""
        changes = zip(before.state, before.target, self._approach, strict=True)
        eyes, relaxation, focus, drowsiness, pleasure = (
            at + (target - at) * share for at, target, share in changes
        )
        state = (eyes, relaxation, focus, drowsiness, pleasure)
        clenched = float(begin < self._clenched_until)
        jaw = before.jaw + (clenched - before.jaw) * self._jaw_approach
        if jaw < SLACK:
            jaw = 0.0
        return Moment(
            state, before.target, jaw, gains(state, jaw, self._sitter), before.step
        )

"""The outputs, as the synth plays to them.

An output is opened when something is to be played there, fed without a hole while it is
open, with silence if need be, and closed once nothing has sounded for `GRACE_S`: a sound
that follows soon then loses nothing to the opening of the device.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from actors.audio.ledger import SynthLedger
from actors.audio.loudest import Limiter
from actors.audio.partials import Samples
from protocols.ports import Mailbox
from protocols.sound import (
    BLOCK,
    MAIN,
    CloseOutput,
    OpenOutput,
    OutputInput,
    OutputView,
    SoundBlock,
)

GRACE_S: Final = 3.0
_GRACE: Final = round(GRACE_S * 10)
_SILENCE: Final[Samples] = np.zeros((BLOCK, 2), np.float32)
_SILENCE.flags.writeable = False


class Levels:
    """Opens, feeds and closes the outputs.

    Args:
        ledger: knows what they are at.
        outputs: by level.
    """

    def __init__(
        self, ledger: SynthLedger, outputs: Mapping[int, Mailbox[OutputInput]]
    ) -> None:
        self._ledger = ledger
        self._outputs = outputs
        self._limiters = {level: Limiter() for level in outputs}
        self._idle = dict.fromkeys(outputs, 0)

    def open(self, level: int) -> OutputView:
        """Have an output ready to play; as it is now."""
        self._idle[level] = 0
        if level not in self._ledger.opened:
            self._ledger.opened.add(level)
            self._outputs[level].tell(OpenOutput())
        return self._ledger.outputs[level]

    def changed(self, view: OutputView) -> None:
        """Note what an output says; one that was raised anew is opened again."""
        self._ledger.outputs[view.level] = view
        if view.state == "closed" and view.level in self._ledger.opened:
            self._outputs[view.level].tell(OpenOutput())

    def play(self, sums: Mapping[int, Samples], first: int, at: float) -> None:
        """Play a block.

        Args:
            sums: by level, shape (BLOCK, 2); where there is none there is silence.
            first: index of its first sample.
            at: clock time at which that is due.
        """
        for level in sums:
            self.open(level)
        for level in sorted(self._ledger.opened):
            if self._is_over(level, sounds=level in sums):
                self._ledger.opened.discard(level)
                self._outputs[level].tell(CloseOutput())
            elif self._ledger.outputs[level].state != "none":
                self._feed(level, sums.get(level, _SILENCE), first, at)

    def _is_over(self, level: int, *, sounds: bool) -> bool:
        self._idle[level] = 0 if sounds else self._idle[level] + 1
        return self._idle[level] > _GRACE

    def _feed(self, level: int, block: Samples, first: int, at: float) -> None:
        samples = self._limiters[level].limit(block)
        samples.flags.writeable = False
        told = SoundBlock(voice=MAIN, first_sample=first, at=at, samples=samples)
        self._outputs[level].tell(told)

"""A voice as it sounds: its mixer, and how far it has come on the common time base.

Blocks are asked for by the index of their first sample. Where some were never made (the
machine was late, nobody listened, the last life of the synth fell) the voice goes on where
it would be by then, and comes back by a fade.
"""

import zlib

from actors.audio.ledger import Sounding
from actors.audio.mix import Mixer, gain_after
from actors.audio.partials import Samples
from actors.audio.sitting import SittingVoice
from protocols.meaning import Meaning
from protocols.sound import BLOCK, SoundConfig


class Singing:
    """One voice. What it is told holds from its next block on.

    Args:
        name: of the voice.
        told: what it is to be.
    """

    def __init__(self, name: str, told: Sounding) -> None:
        self.name = name
        self.level = told.level
        self.is_leaving = False
        """It was stopped, and only fades."""

        self._mixer = Mixer()
        self._sitting: SittingVoice | None = None
        self._next = told.first
        if told.config is None:
            self._sitting = SittingVoice(zlib.crc32(name.encode()))
            self._mixer.play(self._sitting)
            self.lead(told.meaning)
        elif told.clip is None:
            self._mixer.start(told.config)
        else:
            gain = gain_after(told.clip.config, told.clip.gain, told.config)
            self._mixer.start_clip(told.config, gain)

    @property
    def ended(self) -> bool:
        """Nothing of it sounds any more."""
        return self._mixer.ended

    def lead(self, meaning: Meaning | None) -> None:
        """Lead a sitting's voice."""
        if self._sitting is None:
            return
        if meaning is None:
            self._sitting.rest()
        else:
            self._sitting.steer(meaning)

    def change(self, config: SoundConfig | None) -> None:
        """Sound so, if it does not."""
        if config is not None and config != self._mixer.config:
            self._mixer.change(config)

    def leave(self) -> None:
        """Fade out."""
        self.is_leaving = True
        self._mixer.stop()

    def block(self, first: int) -> Samples:
        """Give the block that begins at sample `first` of the run, shape (BLOCK, 2)."""
        if self._next is not None and first != self._next:
            self._mixer.skip(first - self._next)
        self._next = first + BLOCK
        return self._mixer.render(BLOCK)

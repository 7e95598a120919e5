"""The mixer: one sound after the other, or instead of it, without a click.

Whatever begins, changes or stops does so by a raised-cosine fade of 50 ms. The gains of
all that sounds never add up to more than 1 (a fade that goes on is below one begun anew),
so a mix is no louder than what is in it.
"""

import msgspec
import numpy as np

from actors.audio.clip import Clip, live_gain, make_voice
from actors.audio.partials import Samples
from actors.audio.ramp import Ramp
from actors.audio.voice import Voice
from protocols.sound import SoundConfig


class _Part:
    """A voice, how loud it is in the mix, and what it was made of."""

    def __init__(self, voice: Voice, config: SoundConfig | None, gain: float) -> None:
        self.voice = voice
        self.config = config
        self.gain = gain
        self.ramp = Ramp(0.0)


class Mixer:
    """Plays one sound at a time, and fades to the next.

    It has no clock: what it is told holds from the next sample that is rendered.
    """

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._main: _Part | None = None

    @property
    def config(self) -> SoundConfig | None:
        """What sounds, with what was changed since; None where nothing does."""
        return None if self._main is None else self._main.config

    @property
    def position(self) -> int:
        """Number of the next sample of what sounds; 0 where nothing does."""
        return 0 if self._main is None else self._main.voice.position

    @property
    def playing(self) -> bool:
        """Something sounds and was not stopped."""
        return self._main is not None

    @property
    def ended(self) -> bool:
        """Nothing sounds any more, nor fades."""
        return not self._parts

    def start_clip(self, config: SoundConfig, gain: float) -> None:
        """Play a clip from its beginning; `gain` as `measure_clip` gave it."""
        self._enter(Clip(config, gain), config, gain)

    def start(self, config: SoundConfig) -> None:
        """Sound without an end."""
        gain = live_gain(config)
        self._enter(make_voice(config, gain=gain), config, gain)

    def play(self, voice: Voice) -> None:
        """Sound as any voice does; it cannot be changed but by itself."""
        self._enter(voice, None, 1.0)

    def change(self, config: SoundConfig) -> None:
        """Go on as `config` says, from where the sound is.

        A clip keeps its end. Where nothing sounds that has a configuration, nothing
        happens.
        """
        main = self._main
        if main is None or main.config is None or config == main.config:
            return
        at, gain = main.voice.position, gain_after(main.config, main.gain, config)
        if isinstance(main.voice, Clip):
            kept = msgspec.structs.replace(config, duration=main.config.duration)
            self._enter(Clip(kept, gain, at=at), kept, gain)
        else:
            self._enter(make_voice(config, at=at, gain=gain), config, gain)

    def stop(self) -> None:
        """Fade out within 50 ms."""
        self._main = None
        self._parts = [part for part in self._parts if part.ramp.value > 0.0]
        for part in self._parts:
            # One that is going already is let go: begun anew, fades would pile up.
            if part.ramp.target > 0.0:
                part.ramp.go(0.0)

    def skip(self, count: int) -> None:
        """Let time pass that nobody hears; what sounds comes back by a fade, further on.

        A voice that cannot be changed goes on where it was.
        """
        main, self._main, self._parts = self._main, None, []
        if main is None:
            return
        at = main.voice.position + count
        if main.config is None:
            self._enter(main.voice, None, main.gain)
        elif not isinstance(main.voice, Clip):
            voice = make_voice(main.config, at=at, gain=main.gain)
            self._enter(voice, main.config, main.gain)
        elif at < main.voice.samples:
            clip = Clip(main.config, main.gain, at=at)
            self._enter(clip, main.config, main.gain)

    def render(self, count: int) -> Samples:
        """Give the next samples, float32, shape (count, 2); zeros where nothing sounds."""
        out = np.zeros((count, 2), np.float32)
        for part in self._parts:
            block = part.voice.render(count)
            if not (part.ramp.still and part.ramp.target == 1.0):
                block *= part.ramp.take(count)[:, np.newaxis]
            out += block
        self._parts = [part for part in self._parts if not _over(part)]
        if self._main not in self._parts:
            self._main = None
        return out

    def _enter(self, voice: Voice, config: SoundConfig | None, gain: float) -> None:
        self.stop()
        part = _Part(voice, config, gain)
        if voice.starts_silent and voice.position == 0 and not self._parts:
            part.ramp = Ramp(1.0)
        else:
            part.ramp.go(1.0)
        self._main = part
        self._parts.append(part)


def _over(part: _Part) -> bool:
    return part.voice.ended or (part.ramp.still and part.ramp.target == 0.0)


def gain_after(before: SoundConfig, gain: float, config: SoundConfig) -> float:
    """Give the gain of a changed sound; a change of volume alone is that and no more.

    Args:
        before: the sound as it was.
        gain: its gain.
        config: as it is to be.
    """
    if before == config:
        return gain
    if before.volume > 0.0:
        louder = msgspec.structs.replace(before, volume=config.volume)
        if louder == msgspec.structs.replace(config, duration=before.duration):
            return gain * config.volume / before.volume
    return live_gain(config)

"""A clip: a voice with a first and a last sample, as loud as it was asked for.

Two passes, neither of which keeps what it renders: the first measures peak and loudness
(`measure_clip`), the second renders with the gain that follows (`render_clip`). Volume is
the peak of what comes out; where a loudness is asked for, it is reached as far as the
peak stays at or below volume.

`make_voice` gives the same sound without an end, for what is played live. It cannot know
its peak beforehand: it is set by the first ten seconds, and never above full scale.
"""

import math
from collections.abc import Iterator

import msgspec
import numpy as np

from actors.audio.loudness import LoudnessMeter
from actors.audio.partials import Samples
from actors.audio.ramp import FADE, RISE
from actors.audio.voice import PartialVoice, raw_voice
from protocols.sound import SFREQ, SoundConfig

CHUNK = SFREQ
"""Samples a channel that are rendered at a time."""

LISTEN_S = 10.0
"""A live voice's gain follows from as many of its first seconds."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What comes out of a clip, and the gain that makes it so."""

    peak: float
    """Largest sample, 0 to 1."""

    loudness: float | None
    """Integrated, LUFS; None where it is too short or too quiet to say."""

    gain: float


class Clip:
    """A voice from a clip's first sample, or a later one, to its last.

    It fades in (a bowl begins in silence and does not), and out at its end. After the end
    it gives zeros.
    """

    def __init__(self, config: SoundConfig, gain: float, *, at: int = 0) -> None:
        self.config = config
        self.gain = gain
        self.samples = samples_of(config)
        self._voice = raw_voice(config, at=at, gain=gain)

    @property
    def position(self) -> int:
        """Number of the next sample."""
        return self._voice.position

    @property
    def starts_silent(self) -> bool:
        """Always: it has its own fade."""
        return True

    @property
    def ended(self) -> bool:
        """All that it has was rendered; only zeros follow."""
        return self.position >= self.samples

    def render(self, count: int) -> Samples:
        """Give the next samples, float32, shape (count, 2)."""
        first = self.position
        out = self._voice.render(count)
        if not self._voice.starts_silent and first < FADE:
            begun = RISE[first : first + count, np.newaxis]
            out[: len(begun)] *= begun
        end = self.samples - first
        if count > end - FADE:
            # One sample before the end is the first figure of the fade, mirrored.
            left = np.clip(end - 1 - np.arange(count), -1, FADE - 1)
            fading = np.where(left < 0, np.float32(0.0), RISE[left])
            out *= fading[:, np.newaxis]
        return out


def samples_of(config: SoundConfig) -> int:
    """Count a clip's samples a channel: duration times 44,100."""
    return round(config.duration * SFREQ)


def render_clip(config: SoundConfig, gain: float | None = None) -> Iterator[Samples]:
    """Render a clip in chunks of up to a second.

    Args:
        config: what is to sound.
        gain: as `measure_clip` gave it; None: it is measured now.

    Yields:
        Float32, shape (samples, 2), writable, each a new array; `samples_of` in all.
    """
    clip = Clip(config, measure_clip(config).gain if gain is None else gain)
    while not clip.ended:
        yield clip.render(min(CHUNK, clip.samples - clip.position))


class Measurement:
    """Measures a clip, a chunk at a time, for who has other things to do in between."""

    def __init__(self, config: SoundConfig) -> None:
        self._config = config
        self._chunks = render_clip(config, 1.0)
        self._meter = LoudnessMeter()
        self._peak = 0.0
        self._done = 0

    @property
    def done(self) -> int:
        """Samples a channel that were rendered."""
        return self._done

    def step(self) -> Measured | None:
        """Render the next chunk; what came of it once there is none."""
        chunk = next(self._chunks, None)
        if chunk is None:
            return self._measured()
        self._peak = max(self._peak, _peak(chunk))
        self._meter.add(chunk)
        self._done += len(chunk)
        return None

    def _measured(self) -> Measured:
        loudness = self._meter.integrated()
        gain = gain_for(self._config, self._peak, loudness)
        if loudness is not None:
            loudness = loudness + 20.0 * math.log10(gain) if gain > 0.0 else None
        return Measured(peak=gain * self._peak, loudness=loudness, gain=gain)


def measure_clip(config: SoundConfig) -> Measured:
    """Render a clip for its peak and loudness, and find the gain it needs."""
    measurement = Measurement(config)
    while (measured := measurement.step()) is None:
        pass
    return measured


def gain_for(config: SoundConfig, peak: float, loudness: float | None) -> float:
    """Give the gain to volume, or to a loudness where that is less.

    Args:
        config: whose volume and loudness are to be reached.
        peak: largest sample at gain 1.
        loudness: integrated at gain 1, LUFS; None: unknown, so by peak alone.
    """
    gain = config.volume / peak if peak > 0.0 else 0.0
    if config.normalise_lufs is None or loudness is None:
        return gain
    return min(gain, math.pow(10.0, (config.normalise_lufs - loudness) / 20.0))


def make_voice(
    config: SoundConfig, *, at: int = 0, gain: float | None = None
) -> PartialVoice:
    """Make the voice of a configuration, without an end.

    Args:
        config: what is to sound; its duration does not matter.
        at: number of the first sample, as if all before it had been rendered.
        gain: None: as its first ten seconds need (some milliseconds of work).
    """
    return raw_voice(config, at=at, gain=live_gain(config) if gain is None else gain)


def live_gain(config: SoundConfig) -> float:
    """Give the gain of a live voice: by its first ten seconds, and 1 at most.

    At gain 1 all partials of a voice at full swing make full scale, so it is never
    passed; `volume` may be, by what the later strokes add.
    """
    heard = msgspec.structs.replace(config, duration=LISTEN_S)
    if config.normalise_lufs is not None:
        return min(measure_clip(heard).gain, 1.0)
    return min(gain_for(config, max(map(_peak, render_clip(heard, 1.0))), None), 1.0)


def _peak(chunk: Samples) -> float:
    return max(float(chunk.max(initial=0.0)), -float(chunk.min(initial=0.0)))

"""A synth that lives, with stand-ins for all whom it deals with, and a clock by hand."""
# ruff: noqa: ANN401  # answers are of as many types as questions

import itertools
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from actors.answer import Answer
from actors.audio.actor import Neighbours, SynthActor, clip_id
from actors.audio.clip import measure_clip, samples_of
from actors.audio.ledger import SynthLedger
from actors.dispatch import PinnedDispatcher
from actors.inbox import Address
from protocols.sound import (
    BLOCK,
    PCM_HEADER,
    SFREQ,
    ClipView,
    Generate,
    OutputInput,
    Play,
    ReadSound,
    Render,
    Rendered,
    SoundConfig,
    SoundDemand,
    SoundView,
    SpectrumHeard,
    StudioInput,
)
from protocols.streams import StreamFrame
from protocols.supervision import Born, Died
from protocols.time import Tick
from tests.probe import Probe
from tests.time_stand_ins import VirtualClock

BLOCK_S = BLOCK / SFREQ
WAIT_S = 10.0

Pcm = npt.NDArray[np.int16]


class Bench:
    """A synth's surroundings; `live` begins a life of it, `end` and `crash` end one."""

    def __init__(self) -> None:
        self.clock = VirtualClock(100.0)
        self.ledger = SynthLedger()
        self.studio: Probe[StudioInput] = Probe()
        self.outputs: dict[int, Probe[OutputInput]] = {2: Probe(), 3: Probe()}
        self.streams: Probe[StreamFrame] = Probe()
        self.ear: Probe[SpectrumHeard] = Probe()
        self.lives: Probe[Born | Died] = Probe()
        self.address = Address("synth", self.clock)
        self._ticks = 0
        self.live()

    def live(self) -> None:
        """Begin another life."""
        near = Neighbours(
            studio=self.studio,
            outputs=self.outputs,
            streams=self.streams,
            ear=self.ear,
        )
        synth = SynthActor(self.clock, self.ledger, near)
        synth.launch(self.address, PinnedDispatcher("test"), self.lives)
        assert isinstance(self.lives.next(WAIT_S), Born)

    def end(self) -> None:
        """End it in order."""
        if self.address.tenant is None:
            return
        ended, done = Answer(), Answer()
        self.address.stop(answer=ended)
        ended.when_done(done.set)
        done.get(timeout=WAIT_S)
        self.lives.until(Died, WAIT_S)

    def crash(self) -> None:
        """Let it die of what it does not know."""
        self.address.tell(object())
        self.lives.until(Died, WAIT_S)

    def ask(self, message: Any) -> Any:
        return self.put(message).get(timeout=WAIT_S)

    def put(self, message: Any) -> Any:
        """Ask, and look for the answer later."""
        return self.address.ask(message, timeout_s=WAIT_S)

    def tell(self, message: Any) -> None:
        """Tell, and wait until it was handled."""
        self.address.tell(message)
        self.view()

    def view(self) -> SoundView:
        view = self.ask(ReadSound())
        assert isinstance(view, SoundView)
        return view

    def tick(self, blocks: int = 1) -> None:
        """Let tenths of a second pass."""
        for _ in range(blocks):
            self.clock.advance(BLOCK_S)
            self._ticks += 1
            self.tell(Tick(self.clock.now(), self._ticks))

    def generate(self, config: SoundConfig) -> ClipView:
        """Have a clip; the studio's part is done here."""
        answer = self.put(Generate(config))
        order = self.studio.next()
        assert isinstance(order, Render)
        assert order.clip_id == clip_id(config)
        self.tell(Rendered(job=order.job, clip=clip_of(order)))
        clip = answer.get(timeout=WAIT_S)
        assert isinstance(clip, ClipView)
        return clip

    def play(self, config: SoundConfig, level: int = 2) -> ClipView:
        """Have it sound, with nobody at the outputs."""
        clip = self.generate(config)
        self.ask(Play(level=level))
        return clip

    def listen(self, voice: str = "", listeners: int = 1) -> None:
        self.tell(SoundDemand(voice=voice, listeners=listeners))

    def frames(self, topic: str = "audio") -> list["Heard"]:
        """What was streamed since the last look."""
        return [Heard(f) for f in self.streams.all() if f.topic == topic]


class Heard:
    """A streamed block."""

    def __init__(self, frame: StreamFrame) -> None:
        assert (frame.kind, frame.binary, frame.control) == ("audio", True, False)
        size = struct.calcsize(PCM_HEADER)
        head = struct.unpack(PCM_HEADER, frame.payload[:size])
        self.magic, self.sfreq, self.first, self.unix = head
        self.sequence = frame.sequence
        self.captured_at = frame.captured_at
        self.pcm: Pcm = np.frombuffer(frame.payload[size:], "<i2").reshape(-1, 2)

    @property
    def peak(self) -> float:
        """0 to 1."""
        return float(np.abs(self.pcm.astype(np.int32)).max()) / 32767.0


def joined(frames: list[Heard]) -> npt.NDArray[np.float64]:
    """The left ear of blocks that follow one another."""
    for before, after in itertools.pairwise(frames):
        assert after.first == before.first + BLOCK
    return np.concatenate([frame.pcm[:, 0] for frame in frames]) / 32767.0


def clip_of(order: Render) -> ClipView:
    """Do the studio's work."""
    measured = measure_clip(order.config)
    return ClipView(
        id=order.clip_id,
        config=order.config,
        samples=samples_of(order.config),
        peak=measured.peak,
        loudness_lufs=measured.loudness,
        gain=measured.gain,
        took_s=0.01,
    )


def living() -> Iterator[Bench]:
    """A fixture's body."""
    bench = Bench()
    yield bench
    bench.end()

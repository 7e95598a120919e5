"""The synth: what is to sound in, blocks of sound out, in time.

With each tick the blocks that are due are made, for every voice that somebody hears, and
go to the streams and to the outputs; what sounds is heard as a spectrum. Clips are
rendered, and files written, by the studio; whoever asked is answered when it has.

A crash forgets who waits for the studio. What sounds is in the ledger, and goes on where
it would be by then; a voice that is fatal is dropped.
"""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

import msgspec

from actors.answer import Answer
from actors.audio.choir import Choir, Chord
from actors.audio.jobs import Jobs
from actors.audio.ledger import Sounding, SynthLedger
from actors.audio.levels import Levels
from actors.audio.partials import Samples
from actors.audio.pcm import pcm_of
from actors.audio.spectrum import spectrum
from actors.audio.timeline import Timeline
from actors.stage import Stage
from config.version import VERSION
from protocols.ports import Clock, Mailbox
from protocols.sound import (
    MAIN,
    MAIN_TOPIC,
    SFREQ,
    SPECTRUM_BINS,
    ChangeSound,
    Encode,
    Encoded,
    Generate,
    OutputChanged,
    OutputInput,
    Play,
    Playing,
    ReadClip,
    ReadSound,
    Render,
    Rendered,
    SittingMeant,
    SoundBlock,
    SoundConfig,
    SoundDemand,
    SoundRefused,
    SoundView,
    SpectrumHeard,
    StartVoice,
    StopSound,
    StopVoice,
    StudioInput,
    StudioReady,
    SynthInput,
)
from protocols.streams import StreamFrame
from protocols.time import Tick

log = logging.getLogger(__name__)

OPENING_S: Final = 1.5
"""So long whoever plays waits for the device to open; the sound does not."""

SILENCE: Final = (0.0,) * SPECTRUM_BINS

_NOTHING: Final = SoundRefused(code="NO_AUDIO", reason="nothing was generated")
_BUSY: Final = SoundRefused(code="AUDIO_UNAVAILABLE", reason="too many sounds wait")
_OPENING: Final = ("closed", "opening")

_Answer: TypeAlias = SoundView | SoundRefused | Playing | None
_Studio: TypeAlias = Generate | ReadClip | Rendered | Encoded | StudioReady
_Main: TypeAlias = Play | StopSound | ChangeSound | ReadSound
_Voices: TypeAlias = StartVoice | StopVoice | SittingMeant | SoundDemand


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """Who the synth deals with."""

    studio: Mailbox[StudioInput]
    outputs: Mapping[int, Mailbox[OutputInput]]
    """By level."""

    streams: Mailbox[StreamFrame]
    """The door's end."""

    ear: Mailbox[SpectrumHeard]


@dataclass
class _Opening:
    """Whoever plays, and waits for a device to open."""

    playing: Playing
    answer: Answer
    until: float


class SynthActor(Stage):
    """Plays.

    Args:
        clock: for the time base.
        ledger: outlives the actor.
        near: who it deals with.
    """

    def __init__(self, clock: Clock, ledger: SynthLedger, near: Neighbours) -> None:
        super().__init__()
        self._clock = clock
        self._ledger = ledger
        self._near = near
        if ledger.timeline is None:
            ledger.timeline = Timeline(clock.now())
        self._timeline = ledger.timeline
        self._choir = Choir(ledger)
        self._levels = Levels(ledger, near.outputs)
        self._jobs = Jobs()
        self._opening: list[_Opening] = []
        self._spectrum = SILENCE

    def setup(self) -> None:
        """Leave out what the last life died of."""
        fatal = self._choir.drop_fatal()
        if fatal is not None:
            log.error("the voice of %s cannot be made; it is silent", fatal or "the API")

    def handle(self, message: SynthInput) -> _Answer:
        """Take an order, hear of others, or make what is due."""
        match message:
            case Tick(now=now):
                self._tick(now)
            case Generate() | ReadClip() | Rendered() | Encoded() | StudioReady():
                return self._about_studio(message)
            case Play() | StopSound() | ChangeSound() | ReadSound():
                return self._about_main(message)
            case StartVoice() | StopVoice() | SittingMeant() | SoundDemand():
                self._about_voices(message)
            case OutputChanged(view=view):
                self._levels.changed(view)
                self._answer_players()
            case _:
                assert_never(message)
        return None

    def stopping(self) -> bool:
        """Fade everything within one last block."""
        first = self._timeline.next
        self._choir.fade()
        self._send(self._choir.last(first), first)
        self._ear(None, self._timeline.at(first))
        return True

    # -- the studio -----------------------------------------------------------------------

    def _about_studio(self, message: _Studio) -> SoundRefused | None:
        match message:
            case Generate(config=config):
                return self._generate(config)
            case ReadClip():
                return self._read_clip(message)
            case Rendered():
                self._rendered(message)
            case Encoded(job=number, file=file, error=error):
                job = self._jobs.take(number)
                if job is not None:
                    job.answer(file or _failed("STORAGE_UNAVAILABLE", error))
            case StudioReady():
                for order in self._jobs.begin_anew():
                    self._near.studio.tell(order)
            case _:
                assert_never(message)
        return None

    def _generate(self, config: SoundConfig) -> SoundRefused | None:
        if self._jobs.full:
            return _BUSY
        self._order(Render(job=self._number(), clip_id=clip_id(config), config=config))
        return None

    def _read_clip(self, wish: ReadClip) -> SoundRefused | None:
        clip = self._ledger.clip
        if clip is None:
            return _NOTHING
        if self._jobs.full:
            return _BUSY
        answer = self.reply_later()
        if not self._jobs.join(clip.id, wish.format, answer):
            encode = Encode(job=self._number(), clip=clip, format=wish.format)
            self._order(encode, answer)
        return None

    def _order(self, order: Render | Encode, answer: Answer | None = None) -> None:
        self._jobs.add(order, answer or self.reply_later(), self._clock.now())
        self._near.studio.tell(order)

    def _number(self) -> int:
        self._ledger.jobs += 1
        return self._ledger.jobs

    def _rendered(self, rendered: Rendered) -> None:
        job = self._jobs.take(rendered.job)
        if job is None:
            return
        clip, ledger = rendered.clip, self._ledger
        if clip is not None and rendered.job > ledger.clip_job:
            ledger.clip, ledger.clip_job = clip, rendered.job
            ledger.wish = clip.config
        job.answer(clip or _failed("AUDIO_GENERATION_FAILED", rendered.error))

    # -- the sound of the audio API -------------------------------------------------------

    def _about_main(self, message: _Main) -> _Answer:
        match message:
            case Play(level=level):
                return self._play(level)
            case StopSound():
                self._choir.stop(MAIN)
            case ChangeSound():
                self._change(message)
            case ReadSound():
                pass
            case _:
                assert_never(message)
        return self._view()

    def _play(self, level: int) -> SoundRefused | Playing | None:
        clip = self._ledger.clip
        if clip is None:
            return _NOTHING
        if level not in self._near.outputs:
            allowed = " or ".join(map(str, self._near.outputs))
            return SoundRefused(
                code="INVALID_PARAMETER", field="level", reason=f"{level}; it is {allowed}"
            )
        told = Sounding(config=self._ledger.wish or clip.config, level=level, clip=clip)
        self._choir.start(MAIN, told)
        playing = Playing(clip=clip, level=level, output=self._levels.open(level))
        if playing.output.state not in _OPENING:
            return playing
        until = self._clock.now() + OPENING_S
        self._opening.append(_Opening(playing, self.reply_later(), until))
        return None

    def _answer_players(self, now: float = 0.0) -> None:
        """Answer those whose device has opened, or will not so soon."""
        for waiting in list(self._opening):
            view = self._ledger.outputs[waiting.playing.level]
            if view.state not in _OPENING or now > waiting.until:
                self._opening.remove(waiting)
                waiting.answer.offer(msgspec.structs.replace(waiting.playing, output=view))

    def _change(self, wish: ChangeSound) -> None:
        changes = {
            name: value
            for name, value in msgspec.structs.asdict(wish).items()
            if value is not None
        }
        ledger, sounding = self._ledger, self._ledger.voices.get(MAIN)
        same = sounding is None or sounding.clip == ledger.clip
        if ledger.wish is not None and same:
            ledger.wish = msgspec.structs.replace(ledger.wish, **changes)
        if sounding is not None and sounding.config is not None:
            sounding.config = msgspec.structs.replace(sounding.config, **changes)

    def _view(self) -> SoundView:
        ledger, sounding = self._ledger, self._ledger.voices.get(MAIN)
        played = 0
        if sounding is not None and sounding.first is not None:
            played = self._timeline.next - sounding.first
        return SoundView(
            clip=ledger.clip,
            playing=sounding is not None,
            position_s=played / SFREQ,
            config=ledger.wish if sounding is None else sounding.config,
            spectrum=self._spectrum,
            outputs=tuple(ledger.outputs[level] for level in sorted(ledger.outputs)),
            voices=tuple(name for name in ledger.voices if name != MAIN),
            skipped=self._timeline.skipped,
        )

    # -- the sessions' sound --------------------------------------------------------------

    def _about_voices(self, message: _Voices) -> None:
        match message:
            case StartVoice(session=session):
                self._start(message)
            case StopVoice(session=session):
                self._choir.stop(session)
                self._ledger.sent.pop(session, None)
            case SittingMeant(session=session, meaning=meaning):
                self._choir.lead(session, meaning)
            case SoundDemand(voice=voice, listeners=listeners):
                if listeners > 0:
                    self._ledger.listeners[voice] = listeners
                else:
                    self._ledger.listeners.pop(voice, None)
            case _:
                assert_never(message)

    def _start(self, order: StartVoice) -> None:
        """Let a session sound, or sound otherwise, without beginning anew."""
        before = self._ledger.voices.get(order.session)
        steady = order.config is not None
        if before is None or before.level != order.level:
            goes_on = False
        else:
            goes_on = steady == (before.config is not None)
        if before is not None and goes_on:
            before.config = order.config
        else:
            told = Sounding(config=order.config, level=order.level)
            self._choir.start(order.session, told)

    # -- in time --------------------------------------------------------------------------

    def _tick(self, now: float) -> None:
        for first in self._timeline.due(now):
            chord = self._choir.block(first)
            self._send(chord, first)
            self._ear(chord.shown, self._timeline.at(first))
        self._jobs.give_up(now)
        if self._opening:
            self._answer_players(now)

    def _send(self, chord: Chord, first: int) -> None:
        at = self._timeline.at(first)
        for voice, samples in chord.voices.items():
            if voice in self._ledger.listeners:
                block = SoundBlock(voice=voice, first_sample=first, at=at, samples=samples)
                self._stream(block)
        self._levels.play(chord.levels, first, at)

    def _stream(self, block: SoundBlock) -> None:
        sent, voice = self._ledger.sent, block.voice
        sent[voice] = sent.get(voice, 0) + 1
        told = self._ledger.voices.get(voice)
        meaning = None if told is None else told.meaning
        self._near.streams.tell(
            StreamFrame(
                topic=voice if voice != MAIN else MAIN_TOPIC,
                kind="audio",
                sequence=sent[voice],
                payload=pcm_of(block, self._clock),
                binary=True,
                captured_at=0.0 if meaning is None else meaning.captured_at,
                made_at=self._clock.now(),
            )
        )

    def _ear(self, shown: Samples | None, at: float) -> None:
        before = self._spectrum
        if shown is None:
            self._spectrum = SILENCE
        else:
            self._spectrum = tuple(spectrum(shown).tolist())
        if shown is not None or before is not SILENCE:
            self._near.ear.tell(SpectrumHeard(self._spectrum, at))


def clip_id(config: SoundConfig) -> str:
    """Name a sound by what it is made of: the same id, the same samples."""
    told = msgspec.json.encode((VERSION, config))
    return f"clip_{hashlib.sha256(told).hexdigest()[:24]}"


def _failed(code: str, why: str) -> SoundRefused:
    return SoundRefused(code=code, reason=why or "it could not be made")

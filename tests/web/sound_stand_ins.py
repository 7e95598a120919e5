"""A synth and presets that answer by what they were told."""
# ruff: noqa: ANN401  # answers are of as many types as questions

import wave
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from protocols.sound import (
    SFREQ,
    ClipFile,
    ClipView,
    DeletePreset,
    FrequencyRange,
    Generate,
    ListPresets,
    ListRanges,
    OutputView,
    Play,
    Playing,
    Preset,
    PresetDeleted,
    PresetSaved,
    PresetTable,
    PresetUnknown,
    RangeTable,
    ReadClip,
    SavePreset,
    SoundConfig,
    SoundRefused,
    SoundView,
    StopSound,
)
from tests.web.stand_ins import House, StandIn

OM = Preset(
    name="OM Frequency",
    frequency=136.1,
    description="Sacred OM frequency for meditation",
    prayer_bowl_mode=True,
    harmonic_strength=0.3,
    modulation_depth=0.05,
    volume=0.7,
)


class Synth:
    """Remembers what was generated; writes real files.

    Args:
        folder: for them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.outputs = {
            level: OutputView(level=level, device="", state="none") for level in (2, 3)
        }
        self.clip: ClipView | None = None
        self.config: SoundConfig | None = None
        self.refusal: SoundRefused | None = None
        """What it answers to everything, if anything."""

    def change(self, level: int, **changes: Any) -> None:
        self.outputs[level] = msgspec.structs.replace(self.outputs[level], **changes)

    def __call__(self, message: Any) -> Any:
        if self.refusal is not None:
            return self.refusal
        match message:
            case Generate(config=config):
                self.clip = self._render(config)
                return self.clip
            case Play() | ReadClip():
                return self._of_clip(message)
            case StopSound():
                self.config = None
        return self._view()

    def _of_clip(self, message: Play | ReadClip) -> Any:
        if self.clip is None:
            return SoundRefused(code="NO_AUDIO", reason="nothing was generated")
        if isinstance(message, ReadClip):
            return self._file(message.format)
        self.config, level = self.clip.config, message.level
        return Playing(clip=self.clip, level=level, output=self.outputs[level])

    def _render(self, config: SoundConfig) -> ClipView:
        return ClipView(
            id=f"clip_{config.seed}",
            config=config,
            samples=round(config.duration * SFREQ),
            peak=config.volume,
            loudness_lufs=None,
            gain=1.5,
            took_s=0.0123,
        )

    def _view(self) -> SoundView:
        plays = self.config is not None
        return SoundView(
            clip=self.clip,
            playing=plays,
            position_s=1.5 if plays else 0.0,
            config=self.config,
            spectrum=tuple((i / 64 if plays else 0.0) for i in range(64)),
            outputs=tuple(self.outputs.values()),
            voices=("", "sess_a") if plays else ("sess_a",),
        )

    def _file(self, kind: str) -> ClipFile:
        assert self.clip is not None
        path = self._folder / f"{self.clip.id}.{kind}"
        if not path.exists():
            self._write(path, self.clip)
        return ClipFile(
            path=str(path),
            mime={"wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg"}[kind],
            size=path.stat().st_size,
            clip=self.clip,
        )

    def _write(self, path: Path, clip: ClipView) -> None:
        with wave.open(str(path), "wb") as file:
            file.setparams((2, 2, SFREQ, 0, "NONE", ""))
            samples = np.random.default_rng(clip.config.seed)
            noise = samples.integers(-9, 9, (clip.samples, 2), np.int16)
            file.writeframes(noise.tobytes())


class Presets:
    """One documented preset, and own ones."""

    def __init__(self) -> None:
        self.own: dict[str, Preset] = {}

    def __call__(self, message: Any) -> Any:
        match message:
            case ListPresets():
                return PresetTable(presets={"om": OM} | self.own, own=tuple(self.own))
            case SavePreset(id=name, preset=preset):
                replaced = name in self.own
                self.own[name] = preset
                return PresetSaved(id=name, preset=preset, replaced=replaced)
            case DeletePreset(id=name):
                gone = self.own.pop(name, None)
                return PresetUnknown(name) if gone is None else PresetDeleted(name)
            case ListRanges():
                earth = FrequencyRange(name="Earth", min=7.0, max=10.0)
                chakra = FrequencyRange(name="Chakra", frequencies={"root": 256.0})
                return RangeTable({"earth_resonance": earth, "chakra": chakra})
            case _:
                return None


class SoundHouse(House):
    """A house with a synth.

    Args:
        folder: for its files.
        given: as a house's.
    """

    def __init__(self, folder: Path, **given: Any) -> None:
        self.synth, self.named = Synth(folder), Presets()
        self.sound: StandIn[Any] = StandIn(self.synth)
        presets: StandIn[Any] = StandIn(self.named)
        super().__init__(sound=self.sound, presets=presets, **given)

"""Sound: what the door and the sessions ask of the synth, and what it answers.

All sound is 44,100 samples a second, stereo. A block's samples are float32 between -1 and
1, shaped (samples, 2), read-only; its `first_sample` counts since the run began, and `at`
is the clock time of that sample: one time base with the pictures.
"""

from typing import Literal, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from protocols.meaning import Meaning
from protocols.time import Tick

SFREQ = 44_100
"""Samples a second."""

BLOCK = 4_410
"""Samples of a block: a tenth of a second."""

SPECTRUM_BINS = 64
"""Log-spaced, from 20 Hz to 20 kHz."""

FADE_S = 0.05
"""How long a sound takes to fade when it is stopped."""

MAIN = ""
"""Voice of the audio API (generate, play, stop); every other voice is a session's."""

MAIN_TOPIC = "audio"
"""Topic of the stream of `MAIN`; a session's voice is streamed under the session's id."""

PCM_MAGIC = b"PHS1"
PCM_HEADER = "<4sIQd"
"""Head of a stream's block, for `struct`: 24 bytes, little-endian: `PCM_MAGIC`, samples a
second, index of the first sample since the run began (a jump in it is a gap), Unix time at
which that sample is due. 16-bit samples follow, left and right in turn."""


class SoundConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A sound, as document 003 describes one; what it does not show comes after."""

    frequency: float
    """Hertz, 0.1 to 20,000."""

    duration: float
    """Seconds, 0.1 to 3,600."""

    volume: float = 0.8
    """0 to 1: peak of what comes out."""

    prayer_bowl_mode: bool = True
    """True: a singing bowl tuned to `frequency`; False: a plain tone."""

    harmonic_strength: float = 0.3
    """0 to 1: how loud a bowl's higher partials (a tone's overtones) are."""

    modulation_depth: float = 0.05
    """0 to 1: how deep the beating of a bowl's pairs (a tone's slow tremolo) is."""

    bowl: Literal["strike", "rub"] = "strike"
    """Struck again and again, or rubbed without end."""

    binaural_hz: float = 0.0
    """Difference between the ears, hertz; 0: none."""

    isochronic_hz: float = 0.0
    """Pulses a second; 0: none."""

    normalise_lufs: float | None = None
    """Integrated loudness to bring it to (ITU-R BS.1770); None: by peak alone."""

    seed: int = 0
    """Of what is left to chance: phases and strike strengths."""


class ClipView(msgspec.Struct, frozen=True, kw_only=True):
    """A sound that was rendered from its first to its last sample."""

    id: str
    config: SoundConfig
    samples: int
    """A channel; duration times 44,100."""

    peak: float
    """Largest sample of what comes out, 0 to 1."""

    loudness_lufs: float | None
    """Integrated; None where it is too short or too quiet to say."""

    gain: float
    """What was applied to reach volume or loudness."""

    took_s: float
    """Seconds that the rendering took."""


class Generate(msgspec.Struct, frozen=True):
    """Render a sound and make it the one to play. Answer: `ClipView` or `SoundRefused`."""

    config: SoundConfig


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """Play the generated sound from its beginning. Answer: `Playing` or `SoundRefused`.

    What becomes of the output is in the answer: where it cannot play, it sounds
    nevertheless, to those who listen to streams.
    """

    level: int
    """2: the passive output, 3: the amplified one."""


class Playing(msgspec.Struct, frozen=True, kw_only=True):
    """It sounds, to whoever listens to the stream and by the output that is named."""

    clip: ClipView
    level: int
    output: "OutputView"


class StopSound(msgspec.Struct, frozen=True):
    """Fade the sound out within 50 ms. Answer: `SoundView`."""


class ChangeSound(msgspec.Struct, frozen=True, kw_only=True):
    """Change what sounds, without a click; None leaves a field. Answer: `SoundView`.

    Where nothing sounds, the generated sound is played so from then on. What is generated
    next says all of it anew.
    """

    frequency: float | None = None
    volume: float | None = None
    prayer_bowl_mode: bool | None = None
    harmonic_strength: float | None = None
    modulation_depth: float | None = None


class ReadSound(msgspec.Struct, frozen=True):
    """Answer: `SoundView`."""


class ReadClip(msgspec.Struct, frozen=True, kw_only=True):
    """Have the generated sound as a file. Answer: `ClipFile` or `SoundRefused`."""

    format: Literal["wav", "flac", "ogg"]


class ClipFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is whole and stays as long as its clip is the newest, or longer."""

    path: str
    mime: str
    size: int
    """Bytes."""

    clip: ClipView


class OutputView(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two outputs, as it is now."""

    level: int
    device: str
    """As configured; empty: none is."""

    state: Literal["none", "closed", "opening", "playing", "lost", "failed"]
    """`none`: not configured; `lost`: the device went away and is looked for."""

    reason: str = ""
    underruns: int = 0
    """Times that the device had to be given silence, since the start."""


class SoundView(msgspec.Struct, frozen=True, kw_only=True):
    """What the synth does."""

    clip: ClipView | None
    """The generated sound, if there is one."""

    playing: bool
    position_s: float
    """How far it has been played."""

    config: SoundConfig | None
    """What sounds now, or would if it were played, with what was changed since; None: there
    is nothing to play."""

    spectrum: tuple[float, ...]
    """Of the last 100 ms of what sounds, 64 figures of 0 to 1; zeros in silence."""

    outputs: tuple[OutputView, ...]
    voices: tuple[str, ...]
    """Sessions that sound."""

    skipped: int = 0
    """Samples that came too late to be made, since the run began."""


class SoundRefused(msgspec.Struct, frozen=True, kw_only=True):
    """It cannot be done: which field, why, what is allowed."""

    code: str
    """`NO_AUDIO` (nothing was generated), `AUDIO_UNAVAILABLE` (too much waits),
    `AUDIO_GENERATION_FAILED`, `INVALID_PARAMETER`, `STORAGE_UNAVAILABLE` (the disk takes
    nothing)."""

    reason: str
    field: str = ""


class StartVoice(msgspec.Struct, frozen=True, kw_only=True):
    """A session sounds from now on. Safe to repeat: the newer one counts."""

    session: str
    config: SoundConfig | None
    """A steady sound; None: the sitting's features and mood drive it."""

    level: int | None = None
    """An output that it is also played by; None: streams alone."""


class StopVoice(msgspec.Struct, frozen=True):
    """A session sounds no more; it fades within 50 ms. Safe to repeat."""

    session: str


class SittingMeant(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What drives a session's sound (from its semantic stage)."""

    session: str
    meaning: Meaning | None
    """None: nothing drives it now."""


class SoundDemand(msgspec.Struct, frozen=True, kw_only=True):
    """How many listen to a voice's stream (from the gateway, on change)."""

    voice: str
    """Session id, or `MAIN`."""

    listeners: int


class SoundBlock(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A tenth of a second of a voice, for streams and outputs."""

    voice: str
    first_sample: int
    at: float
    """Clock time at which its first sample is due, seconds."""

    samples: npt.NDArray[np.float32]
    """Shape (samples, 2), read-only."""


class SpectrumHeard(msgspec.Struct, frozen=True):
    """What sounds now, for `/ws` (ten times a second while anything sounds, once after)."""

    bins: tuple[float, ...]
    at: float


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """The studio has rendered a clip, or could not (from the studio)."""

    job: int
    clip: ClipView | None
    error: str = ""


class Encoded(msgspec.Struct, frozen=True, kw_only=True):
    """The studio has written a clip's file, or could not (from the studio)."""

    job: int
    file: ClipFile | None
    error: str = ""


class StudioReady(msgspec.Struct, frozen=True):
    """A life of the studio begins; what the last one had in hand is lost (from it)."""


class OutputChanged(msgspec.Struct, frozen=True):
    """An output's state (from its actor, on change and once a second while it plays)."""

    view: OutputView


SynthInput: TypeAlias = (
    Generate
    | Play
    | StopSound
    | ChangeSound
    | ReadSound
    | ReadClip
    | StartVoice
    | StopVoice
    | SittingMeant
    | SoundDemand
    | Rendered
    | Encoded
    | StudioReady
    | OutputChanged
    | Tick
)


class Render(msgspec.Struct, frozen=True, kw_only=True):
    """Render a clip (to the studio)."""

    job: int
    clip_id: str
    config: SoundConfig


class Encode(msgspec.Struct, frozen=True, kw_only=True):
    """Write a clip's file (to the studio)."""

    job: int
    clip: ClipView
    format: Literal["wav", "flac", "ogg"]


class Proceed(msgspec.Struct, frozen=True):
    """Do the next piece of what waits (from the studio to itself)."""


StudioInput: TypeAlias = Render | Encode | Proceed


class OpenOutput(msgspec.Struct, frozen=True):
    """Be ready to play: blocks follow (to an output's actor). Safe to repeat."""


class CloseOutput(msgspec.Struct, frozen=True):
    """Play what you have, then let the device go. Safe to repeat."""


OutputInput: TypeAlias = OpenOutput | CloseOutput | SoundBlock | Tick


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A sound with a name; in JSON as document 003 shows it."""

    name: str
    frequency: float
    """Hertz."""

    description: str
    prayer_bowl_mode: bool
    harmonic_strength: float
    modulation_depth: float
    volume: float


class ListPresets(msgspec.Struct, frozen=True):
    """Answer: `PresetTable`."""


class PresetTable(msgspec.Struct, frozen=True, kw_only=True):
    """All presets by id, the documented ones first."""

    presets: dict[str, Preset]
    own: tuple[str, ...]
    """Ids of those that were saved here."""

    trouble: str = ""
    """Why the disk gives or takes no own presets now; empty: it does."""


class SavePreset(msgspec.Struct, frozen=True, kw_only=True):
    """Keep a preset, in place of an own one of that id. Safe to repeat.

    Answer: `PresetSaved`, or `SoundRefused` (`INVALID_PARAMETER`: a figure out of range, an
    id that is none or a documented one's, too many; `STORAGE_UNAVAILABLE`: the disk).
    """

    id: str
    """Lower-case letters, digits and hyphens, at most 64."""

    preset: Preset


class PresetSaved(msgspec.Struct, frozen=True, kw_only=True):
    """It is on the disk."""

    id: str
    preset: Preset
    replaced: bool


class DeletePreset(msgspec.Struct, frozen=True):
    """Answer: `PresetDeleted`, `PresetUnknown` or `SoundRefused`."""

    id: str


class PresetDeleted(msgspec.Struct, frozen=True):
    """It is gone from the disk too."""

    id: str


class PresetUnknown(msgspec.Struct, frozen=True):
    """No preset of that id."""

    id: str


class FrequencyRange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Frequencies that belong together: from `min` to `max`, or listed; hertz."""

    name: str
    min: float | None = None
    max: float | None = None
    frequencies: tuple[float, ...] | dict[str, float] | None = None
    description: str = ""


class ListRanges(msgspec.Struct, frozen=True):
    """Answer: `RangeTable`."""


class RangeTable(msgspec.Struct, frozen=True):
    """Recommended frequency ranges by id."""

    ranges: dict[str, FrequencyRange]


PresetsInput: TypeAlias = ListPresets | SavePreset | DeletePreset | ListRanges

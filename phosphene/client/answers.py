"""What the server answers. Fields that a newer server adds are passed over."""

from typing import Any

import msgspec


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the server is."""

    status: str
    """`healthy`, `degraded` (see `down` and `storage`) or `draining` (it goes down)."""

    service: str
    version: str
    timestamp: float
    """Seconds since 1970."""

    websocket_connections: int
    streaming_active: bool
    uptime_seconds: float
    down: tuple[str, ...] = ()
    """Parts that do not work now."""

    tick_late_p99_ms: float | None = None
    storage: dict[str, Any] = {}


# -- sittings (document 000) --------------------------------------------------------------


class SittingMade(msgspec.Struct, frozen=True, kw_only=True):
    """A sitting that has begun."""

    session_id: str
    status: str
    created_at: str
    websocket_url: str
    phase: str = ""
    reason: str = ""
    session_config: dict[str, Any] = {}
    """As it was taken: what was left out is filled in."""


class Sitting(msgspec.Struct, frozen=True, kw_only=True):
    """A sitting, as it is now."""

    session_id: str
    status: str
    """`active`, `paused`, `ended`, `failed`."""

    images_generated: int
    duration_seconds: int
    last_activity: str
    user_id: str = ""
    device_type: str = ""
    phase: str = ""
    reason: str = ""
    created_at: str = ""
    ended_at: str | None = None
    avg_latency_ms: float = 0.0
    websocket_url: str = ""
    session_config: dict[str, Any] = {}


class Sittings(msgspec.Struct, frozen=True, kw_only=True):
    """The sittings of one's key."""

    sessions: tuple[Sitting, ...]
    total: int


class SittingSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a sitting."""

    total_images: int
    duration_seconds: int
    avg_latency_ms: float


class SittingEnded(msgspec.Struct, frozen=True, kw_only=True):
    """A sitting is over."""

    session_id: str
    status: str
    summary: SittingSummary


# -- practices (document 003) -------------------------------------------------------------


class Modality(msgspec.Struct, frozen=True, kw_only=True):
    """A part that a practice starts and stops."""

    name: str
    state: str
    """`running`, `stopped` or `not_available`."""

    reason: str = ""


class Practice(msgspec.Struct, frozen=True, kw_only=True):
    """A named session, as it is now."""

    id: str
    name: str
    status: str
    """`created`, `running`, `completed` or `stopped`."""

    created_at: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    duration: float
    """Seconds; so are `elapsed` and `remaining`."""

    elapsed: float
    remaining: float
    intention: str = ""
    frequency: float
    modalities: tuple[Modality, ...] = ()
    reason: str = ""
    kept: bool = False
    """Whether it outlives the server's process."""

    websocket_url: str | None = None
    audio_url: str | None = None


class PracticePage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the practices that one may see, newest first."""

    sessions: tuple[Practice, ...]
    total: int
    limit: int
    offset: int
    storage: str = ""
    """`disk`, or `memory` while the disk takes nothing."""


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A practice was started, stopped or deleted."""

    session_id: str
    session_status: str
    message: str
    started_at: str | None = None
    stopped_at: str | None = None
    duration_actual: int | None = None
    """Seconds that it ran."""

    modalities: tuple[Modality, ...] = ()


# -- sound (document 003) -----------------------------------------------------------------


class Generated(msgspec.Struct, frozen=True, kw_only=True):
    """A sound was rendered."""

    id: str
    message: str
    config: dict[str, Any]
    """As it was taken: what was left out is filled in."""

    audio_generated: bool
    samples: int
    sfreq: int
    channels: int
    peak: float
    loudness_lufs: float | None
    gain: float
    generation_time_ms: float
    file_url: str


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """A device that plays."""

    level: int
    device: str
    state: str
    """`none` (not configured), `closed`, `opening`, `playing`, `lost` or `failed`."""

    reason: str = ""
    underruns: int = 0


class Playing(msgspec.Struct, frozen=True, kw_only=True):
    """A sound plays."""

    message: str
    hardware_level: int
    audio_duration: float
    audio_samples: int
    output: Output
    stream_url: str


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """It fades out."""

    message: str
    playing: bool


class SoundStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What there is, and what sounds."""

    has_audio: bool
    audio_duration: float
    spectrum_available: bool
    timestamp: float
    audio_samples: int
    playing: bool
    position: float
    """Seconds."""

    config: dict[str, Any] | None
    outputs: tuple[Output, ...] = ()
    sessions_sounding: int = 0
    skipped_samples: int = 0


class Spectrum(msgspec.Struct, frozen=True, kw_only=True):
    """Of the last 100 ms of what sounds."""

    spectrum: tuple[float, ...]
    """64 figures of 0 to 1; zeros in silence."""

    length: int
    timestamp: float
    playing: bool
    frequencies: tuple[float, ...]
    """Hertz, of the bins' middles."""


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A sound with a name."""

    name: str
    frequency: float
    description: str = ""
    prayer_bowl_mode: bool = True
    harmonic_strength: float = 0.3
    modulation_depth: float = 0.05
    volume: float = 0.8


class Presets(msgspec.Struct, frozen=True, kw_only=True):
    """All presets by id, the documented ones first."""

    presets: dict[str, Preset]
    count: int
    own: tuple[str, ...] = ()
    trouble: str = ""
    """Why own presets cannot be kept now, if so."""


class KeptPreset(msgspec.Struct, frozen=True, kw_only=True):
    """One preset."""

    id: str
    preset: Preset
    message: str = ""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Something was done."""

    message: str
    id: str = ""


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """Frequencies that belong together, hertz: from `min` to `max`, or listed."""

    name: str
    min: float | None = None
    max: float | None = None
    frequencies: tuple[float, ...] | dict[str, float] | None = None
    description: str = ""


class Ranges(msgspec.Struct, frozen=True, kw_only=True):
    """Recommended frequency ranges by id."""

    ranges: dict[str, Range]

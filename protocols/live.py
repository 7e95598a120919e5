"""What is said at `/ws`, both ways (document 003).

Every message is one JSON object with its kind in `type`. The fields that the document shows
come first; what it does not show is added after them, never in their place. Times are
seconds since 1970 UTC.
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

Topic: TypeAlias = Literal["realtime_data", "heartbeat", "domain_event"]
"""What a client may subscribe to. All else answers it and comes always."""

LOW_HZ, HIGH_HZ = 1, 10
"""How often `realtime_data` may be had, a second."""

Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]
Hertz: TypeAlias = Annotated[float, msgspec.Meta(ge=0.1, le=20_000)]
Rate: TypeAlias = Annotated[int, msgspec.Meta(ge=LOW_HZ, le=HIGH_HZ)]
Bins: TypeAlias = Annotated[tuple[Share, ...], msgspec.Meta(min_length=64, max_length=64)]


# -- from the server ----------------------------------------------------------------------


class ConnectionStatus(
    msgspec.Struct, frozen=True, kw_only=True, tag="connection_status", tag_field="type"
):
    """The first message of every connection."""

    status: Literal["connected"]
    connection_id: str
    server_time: float
    topics: tuple[Topic, ...]
    """What it is subscribed to: everything, until it says otherwise."""

    rate_hz: Rate
    """How often it gets `realtime_data`, a second."""


class LiveSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session, as everyone may see it."""

    id: str
    name: str
    status: str
    elapsed: int
    """Seconds since it began to run; whole ones."""


class SystemStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How the machine is."""

    cpu_usage: float
    """Percent of all cores, over the last second."""

    memory_usage: float
    """Percent."""

    websocket_connections: int


class RealtimeData(
    msgspec.Struct, frozen=True, kw_only=True, tag="realtime_data", tag_field="type"
):
    """How things are, up to ten times a second."""

    timestamp: float
    audio_spectrum: Bins
    """Of the last 100 ms of what sounds now: 64 bins, log-spaced from 20 Hz to 20 kHz, 0 to
    1; zeros in silence."""

    sessions: dict[str, LiveSession]
    """By id."""

    system_status: SystemStatus
    sequence: int
    """Of the beat, ten a second; at that rate a jump in it is a loss."""


class Heartbeat(
    msgspec.Struct, frozen=True, kw_only=True, tag="heartbeat", tag_field="type"
):
    """Every 30 seconds."""

    timestamp: float
    connection_count: int
    uptime: float
    """Seconds."""


class EventTold(
    msgspec.Struct, frozen=True, kw_only=True, tag="domain_event", tag_field="type"
):
    """Something happened. None is left out while the connection lasts."""

    event_name: str
    payload: dict[str, Any]
    timestamp: float
    """When it happened."""


class Pong(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag="pong",
    tag_field="type",
    omit_defaults=True,
):
    """The answer to `ping`."""

    timestamp: float
    ping_timestamp: float | None = None
    """As the ping had it; absent where it had none."""


class Subscribed(
    msgspec.Struct, frozen=True, kw_only=True, tag="subscribed", tag_field="type"
):
    """The answer to `SUBSCRIBE`: what holds from now on."""

    topics: tuple[Topic, ...]
    rate_hz: Rate
    timestamp: float


class SessionStarted(
    msgspec.Struct, frozen=True, kw_only=True, tag="session_started", tag_field="type"
):
    """The answer to `START_SESSION`, to who said it; all get a `domain_event`."""

    session_id: str
    name: str
    duration: float
    """Seconds after which it ends by itself."""

    intention: str
    timestamp: float


class SessionStopped(
    msgspec.Struct, frozen=True, kw_only=True, tag="session_stopped", tag_field="type"
):
    """The answer to `STOP_SESSION`, to who said it; all get a `domain_event`."""

    session_id: str
    status: str
    elapsed: float
    """Seconds that it ran."""

    timestamp: float


class SoundSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What `UPDATE_SETTINGS` can change."""

    frequency: Hertz
    volume: Share
    prayer_bowl_mode: bool
    harmonic_strength: Share
    modulation_depth: Share


class SettingsUpdated(
    msgspec.Struct, frozen=True, kw_only=True, tag="settings_updated", tag_field="type"
):
    """The answer to `UPDATE_SETTINGS`."""

    settings: SoundSettings | None
    """What sounds now, or, in silence, what the next sound begins from; None: nothing has
    been generated yet, and what was said holds for what will be."""

    playing: bool
    changed: tuple[str, ...]
    """Settings that were in the command and hold now."""

    ignored: tuple[str, ...]
    """Names in the command that are no settings."""

    timestamp: float


class ErrorTold(msgspec.Struct, frozen=True, kw_only=True, tag="error", tag_field="type"):
    """A command could not be obeyed. The connection stays."""

    status: Literal["error"]
    error_code: str
    message: str
    details: dict[str, Any]
    timestamp: str
    """ISO 8601."""

    command: str | None
    """`type` of what was said; None where it had none."""


LiveMessage: TypeAlias = (
    ConnectionStatus
    | RealtimeData
    | Heartbeat
    | EventTold
    | Pong
    | Subscribed
    | SessionStarted
    | SessionStopped
    | SettingsUpdated
    | ErrorTold
)


# -- from clients -------------------------------------------------------------------------


class StartSession(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag="START_SESSION",
    tag_field="type",
    omit_defaults=True,
):
    """Make a session and start it."""

    session_name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    duration: Annotated[float, msgspec.Meta(ge=1, le=86_400)] = 1800.0
    """Seconds."""

    intention: Annotated[str, msgspec.Meta(max_length=500)] = ""


class StopSession(
    msgspec.Struct, frozen=True, kw_only=True, tag="STOP_SESSION", tag_field="type"
):
    """Stop a running session."""

    session_id: str


class SettingsWish(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Settings to change; what is absent stays."""

    frequency: Hertz | None = None
    volume: Share | None = None
    prayer_bowl_mode: bool | None = None
    harmonic_strength: Share | None = None
    modulation_depth: Share | None = None


class UpdateSettings(
    msgspec.Struct, frozen=True, kw_only=True, tag="UPDATE_SETTINGS", tag_field="type"
):
    """Change what sounds, without a click."""

    settings: SettingsWish


class Ping(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag="ping",
    tag_field="type",
    omit_defaults=True,
):
    """Ask for a `pong`."""

    timestamp: float | None = None


class Subscribe(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag="SUBSCRIBE",
    tag_field="type",
    omit_defaults=True,
):
    """Choose what comes, and how often; what is absent stays as it is."""

    topics: tuple[Topic, ...] | None = None
    rate_hz: Rate | None = None


LiveCommand: TypeAlias = StartSession | StopSession | UpdateSettings | Ping | Subscribe

"""The channels of `/asyncapi.json`: every WebSocket, and what is said there."""

from typing import Any, Final

from protocols.live import (
    ConnectionStatus,
    ErrorTold,
    EventTold,
    Heartbeat,
    Ping,
    Pong,
    RealtimeData,
    SessionStarted,
    SessionStopped,
    SettingsUpdated,
    StartSession,
    StopSession,
    Subscribe,
    Subscribed,
    UpdateSettings,
)
from protocols.pushing import PushRefused, SamplesAccepted, SamplesPushed
from protocols.sound import PCM_HEADER
from protocols.wire import ImageMessage, SignalsMessage, StatusMessage
from web.audio_stream import AudioFormat
from web.describe.asyncapi import Bytes, Channel, Message
from web.ops_wire import EntriesTold, StateTold, TreeTold

_KEY: Final = {"type": "string", "description": "A key, where no header can be sent"}
_NUMBER: Final = {"type": "integer", "minimum": 0}
_SESSION: Final = "Id of a session; whoever knows it may look"
_SPECTRUM: Final = [0.1, 0.3, 0.5, *[0.0] * 61]
_SOUND: Final = (
    Message(type=AudioFormat),
    Bytes(
        name="SoundBlock",
        about="A tenth of a second: a head of 24 bytes, as Python's struct writes"
        f" {PCM_HEADER!r}, then 16-bit samples, left and right in turn",
        mime="application/octet-stream",
    ),
    Message(type=StatusMessage),
)

_REALTIME: Final[dict[str, Any]] = {
    "type": "realtime_data",
    "timestamp": 1234567890.123,
    "audio_spectrum": _SPECTRUM,
    "sessions": {
        "sess_abc123": {
            "id": "sess_abc123",
            "name": "Morning Meditation",
            "status": "running",
            "elapsed": 600,
        }
    },
    "system_status": {
        "cpu_usage": 25.5,
        "memory_usage": 42.3,
        "websocket_connections": 3,
    },
    "sequence": 6001,
}

_LIVE: Final = Channel(
    name="Live",
    address="/ws",
    about="How things are, ten times a second; what happens, as it happens; and commands."
    " No key on this machine, any key elsewhere. One address may hold five connections"
    " (`web.websockets_per_address`); one more is answered 429. What cannot be obeyed is"
    " answered with an `error` message, and the connection stays. A client that reads"
    " slowly gets the newest `realtime_data`; events wait for it, up to a bound, beyond"
    " which it is closed with 1013. Messages from clients may have 64 KiB.",
    sends=(
        Message(
            type=ConnectionStatus,
            examples=(
                {
                    "type": "connection_status",
                    "status": "connected",
                    "connection_id": "conn_xyz789",
                    "server_time": 1234567890.123,
                    "topics": ["realtime_data", "heartbeat", "domain_event"],
                    "rate_hz": 10,
                },
            ),
        ),
        Message(type=RealtimeData, examples=(_REALTIME,)),
        Message(
            type=Heartbeat,
            examples=(
                {
                    "type": "heartbeat",
                    "timestamp": 1234567890.123,
                    "connection_count": 3,
                    "uptime": 7200.5,
                },
            ),
        ),
        Message(
            type=EventTold,
            examples=(
                {
                    "type": "domain_event",
                    "event_name": "SESSION_STARTED",
                    "payload": {"session_id": "sess_abc123", "intention": "Global peace"},
                    "timestamp": 1234567890.123,
                },
            ),
        ),
        Message(type=Pong, examples=({"type": "pong", "timestamp": 1234567890.456},)),
        Message(type=Subscribed),
        Message(type=SessionStarted),
        Message(type=SessionStopped),
        Message(type=SettingsUpdated),
        Message(
            type=ErrorTold,
            examples=(
                {
                    "type": "error",
                    "status": "error",
                    "error_code": "INVALID_FREQUENCY",
                    "message": "frequency must be between 0.1 and 20000 Hz",
                    "details": {
                        "provided_value": -5.0,
                        "min_value": 0.1,
                        "max_value": 20000.0,
                    },
                    "timestamp": "2024-01-15T10:30:00.000Z",
                    "command": "UPDATE_SETTINGS",
                },
            ),
        ),
    ),
    hears=(
        Message(
            type=StartSession,
            examples=(
                {
                    "type": "START_SESSION",
                    "session_name": "Evening Meditation",
                    "duration": 1800,
                    "intention": "Peace and clarity",
                },
            ),
        ),
        Message(
            type=StopSession,
            examples=({"type": "STOP_SESSION", "session_id": "sess_abc123"},),
        ),
        Message(
            type=UpdateSettings,
            examples=(
                {
                    "type": "UPDATE_SETTINGS",
                    "settings": {
                        "frequency": 432.0,
                        "volume": 0.7,
                        "prayer_bowl_mode": True,
                    },
                },
            ),
        ),
        Message(type=Ping, examples=({"type": "ping", "timestamp": 1234567890.123},)),
        Message(
            type=Subscribe,
            examples=({"type": "SUBSCRIBE", "topics": ["realtime_data"], "rate_hz": 2},),
        ),
    ),
    query={"key": _KEY},
    security=("bearer", "header", "query"),
)

CHANNELS: Final = (
    _LIVE,
    Channel(
        name="Pictures",
        address="/stream/{session_id}",
        about="A session's pictures and states. `format` chooses the form: `json` (the"
        " picture in base64), `binary` or `signals`. `since` resumes after a picture."
        " A client that reads slowly gets fewer pictures, never older ones. The end of"
        " the session closes with 1000.",
        sends=(
            Message(type=ImageMessage),
            Message(type=StatusMessage),
            Message(type=SignalsMessage),
            Bytes(
                name="BinaryImage",
                about="`format=binary`: length of the head (4 bytes, big-endian), the head"
                " (MessagePack, as ImageMessage with an empty image_base64), the JPEG",
                mime="application/octet-stream",
            ),
        ),
        query={
            "format": {"type": "string", "enum": ["json", "binary", "signals"]},
            "since": _NUMBER | {"description": "Sequence of the last picture it has"},
        },
        parameters={"session_id": _SESSION},
    ),
    Channel(
        name="SessionSound",
        address="/stream/{session_id}/audio",
        about="A session's sound. First the format, then a block each tenth of a second;"
        " who is slower than half a second loses the oldest.",
        sends=_SOUND,
        parameters={"session_id": _SESSION},
    ),
    Channel(
        name="Sound",
        address="/api/v1/audio/stream",
        about="The sound of the audio API, as it plays. No key on this machine, any key"
        " elsewhere.",
        sends=_SOUND,
        query={"key": _KEY},
        security=("bearer", "header", "query"),
    ),
    Channel(
        name="Samples",
        address="/api/v1/ingest/stream",
        about="Samples for a session whose device is `ingest`. Each message is answered;"
        " the next one is read then. A message may have 1 MiB.",
        sends=(Message(type=SamplesAccepted), Message(type=PushRefused)),
        hears=(
            Message(
                type=SamplesPushed,
                examples=(
                    {
                        "session_id": "sess_abc123",
                        "sfreq": 256,
                        "ch_names": ["TP9", "AF7"],
                        "samples": [[1.5, 2.5], [0.5, 1.0]],
                    },
                ),
            ),
            Bytes(
                name="SampleBytes",
                about="Little-endian float32, all channels of a sample after another; what"
                " they are stands in the query",
                mime="application/octet-stream",
            ),
        ),
        query={
            "key": _KEY,
            "session_id": {"type": "string"},
            "sfreq": {"type": "number", "exclusiveMinimum": 0},
            "ch_names": {"type": "string", "description": "With commas between"},
            "mains_hz": {"type": "number"},
        },
        security=("bearer", "header", "query"),
    ),
    Channel(
        name="Operators",
        address="/ops/stream",
        about="What happens in the tree of actors, for operators. `since` goes on after"
        " an entry of the journal; no entry is left out.",
        sends=(Message(type=TreeTold), Message(type=EntriesTold), Message(type=StateTold)),
        query={"key": _KEY, "since": _NUMBER},
        security=("bearer", "header", "query"),
    ),
)

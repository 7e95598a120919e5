"""Document 003's named sessions."""

from typing import Any, Final

from config.schema import Settings
from protocols.sessions import ModalityView
from web.describe.operation import (
    ASKS,
    Access,
    Body,
    Chapter,
    Operation,
    Param,
    Said,
    path_id,
)
from web.describe.schema import (
    TIME,
    choice,
    exactly,
    flag,
    listed,
    maybe,
    number,
    obj,
    text,
    whole,
)
from web.practice_wish import (
    FAR,
    LISTED,
    MOST_LISTED,
    MOST_MODALITIES,
    SHORTEST_S,
    STATUSES,
)

_LONGEST_S: Final = 60.0 * Settings().sessions.max_duration_minutes
_USUAL_S: Final = 60.0 * Settings().sessions.duration_minutes
_ID: Final = path_id("session_id", "As `create` gave it", "sess_abc123")
_OK: Final = {"status": exactly("success")}
_STATUS: Final = choice(*STATUSES)
_AT: Final = "2024-01-15T10:30:00Z"
_WISH: Final = obj(
    {
        "name": text(low=1, high=200),
        "duration?": maybe(
            number("Seconds", low=SHORTEST_S, high=_LONGEST_S, default=_USUAL_S)
        ),
        "intention?": maybe(text(high=2000)),
        "frequency?": maybe(number("Hertz", low=0.1, high=20_000, default=136.1)),
        "modalities?": maybe(
            listed(
                text(),
                "`sound` (also `audio`, `prayer_bowl`), `pictures` (also `visualization`),"
                " `scalar_waves`, `radionics`, `blessing`, `rng`, `astrology`; not said:"
                " `sound`",
                high=MOST_MODALITIES,
            )
        ),
    }
)
_MODALITY_SEEN: Final = {
    "name": "sound",
    "state": "running",
    "reason": "steady, 136.1 Hz",
}
_FIELDS: Final[dict[str, Any]] = {
    "name": text(),
    "created_at": TIME,
    "started_at": maybe(TIME),
    "ended_at": maybe(TIME),
    "duration": number("Seconds until it ends by itself"),
    "elapsed": whole("Seconds that it has run", low=0),
    "remaining": number("Seconds", low=0),
    "intention": text(),
    "frequency": number("Hertz"),
    "modalities": listed(ModalityView, "What each of them does now, and why"),
    "reason": text("Of its status"),
    "kept": flag("It is on the disk as it is now"),
    "websocket_url": maybe(text("Its pictures, while it has any")),
    "audio_url": maybe(text("Its sound, while it has any")),
}
_SEEN: Final[dict[str, Any]] = {
    "name": "Morning Meditation",
    "created_at": _AT,
    "started_at": _AT,
    "ended_at": None,
    "duration": 1800,
    "elapsed": 600,
    "remaining": 1200,
    "intention": "Peace and healing for all beings",
    "frequency": 136.1,
    "modalities": [_MODALITY_SEEN],
    "reason": "",
    "kept": True,
    "websocket_url": None,
    "audio_url": "ws://localhost:8008/stream/sess_abc123/audio",
}
_SESSION: Final = obj({"id": text(), "status": _STATUS} | _FIELDS)
_SESSION_SEEN: Final = {"id": "sess_abc123", "status": "running"} | _SEEN
_MOVED: Final = obj(
    _OK
    | {
        "message": text("For a person"),
        "session_id": text(),
        "session_status": _STATUS,
        "started_at": maybe(TIME),
        "stopped_at?": TIME,
        "duration_actual?": whole("Seconds that it ran", low=0),
        "modalities": listed(ModalityView),
    }
)
_SHOWN: Final = {
    200: Said(
        about="The session",
        schema=obj(_OK | {"session": _SESSION}),
        example={"status": "success", "session": _SESSION_SEEN},
    )
}
_UNKNOWN: Final = "SESSION_NOT_FOUND"


def _moved(message: str, status: str, *, is_over: bool) -> dict[int, Said]:
    example: dict[str, Any] = {
        "status": "success",
        "message": message,
        "session_id": "sess_abc123",
        "session_status": status,
        "started_at": _AT,
        "modalities": [_MODALITY_SEEN],
    }
    if is_over:
        over = {"name": "sound", "state": "stopped", "reason": "the session was stopped"}
        example |= {"stopped_at": "2024-01-15T11:00:00Z", "duration_actual": 1800}
        example["modalities"] = [over]
    return {200: Said(about=message, schema=_MOVED, example=example)}


PRACTICES: Final = Chapter(
    name="Sessions (003)",
    about="A named session waits, runs until its time is over or somebody stops it, and"
    " outlives a restart. What is made without a key is everybody's.",
    operations=(
        Operation(
            method="GET",
            path="/api/v1/sessions",
            name="listSessions",
            summary="Those that the caller may see, newest first",
            access=Access.LOCAL,
            params=(
                Param(name="status", schema=_STATUS, about="Only these", example="running"),
                Param(
                    name="limit",
                    schema=whole(low=1, high=MOST_LISTED, default=LISTED),
                    about="How many",
                    example=20,
                ),
                Param(
                    name="offset",
                    schema=whole(low=0, high=FAR, default=0),
                    about="How many to pass over",
                    example=0,
                ),
            ),
            said={
                200: Said(
                    about="A part of them",
                    schema=obj(
                        _OK
                        | {
                            "sessions": listed(_SESSION),
                            "total": whole("With those before and after", low=0),
                            "limit": whole(),
                            "offset": whole(),
                            "storage": choice("disk", "memory"),
                        }
                    ),
                    example={
                        "status": "success",
                        "sessions": [_SESSION_SEEN],
                        "total": 1,
                        "limit": 20,
                        "offset": 0,
                        "storage": "disk",
                    },
                )
            },
            errors=(422, *ASKS),
        ),
        Operation(
            method="POST",
            path="/api/v1/sessions/create",
            name="createSession",
            summary="Make a session; it waits to be started",
            access=Access.LOCAL,
            body=Body(
                schema=_WISH,
                examples={
                    "documented": {
                        "name": "Morning Meditation",
                        "duration": 1800,
                        "intention": "Peace and healing for all beings",
                        "frequency": 136.1,
                        "modalities": ["scalar_waves", "radionics", "blessing"],
                    },
                    "sounding": {"name": "Evening", "modalities": ["sound", "pictures"]},
                },
            ),
            said={
                200: Said(
                    about="It is there",
                    schema=obj(
                        _OK | {"session_id": text(), "session_status": _STATUS} | _FIELDS
                    ),
                    example={
                        "status": "success",
                        "session_id": "sess_abc123",
                        "session_status": "created",
                    }
                    | _SEEN
                    | {"started_at": None, "elapsed": 0, "remaining": 1800},
                )
            },
            errors=ASKS,
            codes=("INVALID_FREQUENCY", "TOO_MANY_SESSIONS"),
        ),
        Operation(
            method="POST",
            path="/api/v1/sessions/{session_id}/start",
            name="startSession",
            summary="Let it run until its time is over",
            access=Access.LOCAL,
            params=(_ID,),
            said=_moved("Session started", "running", is_over=False),
            errors=(404, 409, *ASKS),
            codes=(
                _UNKNOWN,
                "SESSION_ALREADY_RUNNING",
                "SESSION_ENDED",
                "TOO_MANY_SESSIONS",
            ),
        ),
        Operation(
            method="POST",
            path="/api/v1/sessions/{session_id}/stop",
            name="stopSession",
            summary="Stop it before its time is over",
            access=Access.LOCAL,
            params=(_ID,),
            said=_moved("Session stopped", "stopped", is_over=True),
            errors=(404, 409, *ASKS),
            codes=(_UNKNOWN, "SESSION_NOT_RUNNING"),
        ),
        Operation(
            method="GET",
            path="/api/v1/sessions/{session_id}/status",
            name="getSessionStatus",
            summary="How it is",
            access=Access.LOCAL,
            params=(_ID,),
            said=_SHOWN,
            errors=(404, *ASKS),
            codes=(_UNKNOWN,),
        ),
        Operation(
            method="GET",
            path="/api/v1/sessions/{session_id}",
            name="getSession",
            summary="The same",
            access=Access.LOCAL,
            params=(_ID,),
            said=_SHOWN,
            errors=(404, *ASKS),
            codes=(_UNKNOWN,),
        ),
        Operation(
            method="DELETE",
            path="/api/v1/sessions/{session_id}",
            name="deleteSession",
            summary="Forget it; one that runs is stopped first",
            access=Access.LOCAL,
            params=(_ID,),
            said=_moved("Session deleted", "stopped", is_over=True),
            errors=(404, *ASKS),
            codes=(_UNKNOWN,),
        ),
    ),
)

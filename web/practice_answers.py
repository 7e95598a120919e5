"""Practices as document 003 shows them; what it does not show comes after."""

from typing import Any

from protocols.keys import KeyHolder
from protocols.sessions import (
    GetPractice,
    PracticeView,
    SessionConflict,
    SessionUnknown,
)
from web.answers import ask_actor, client_base
from web.auth import LOCAL
from web.door import Door
from web.errors import Problem
from web.origin import stream_url
from web.ownership import SESSION_ID, refusal_of
from web.times import iso_seconds


def owner_of(holder: KeyHolder) -> str:
    """To whom a practice belongs that this caller makes; empty: to everybody."""
    return "" if holder.id == LOCAL.id else holder.id


async def own_practice(door: Door, session: str, owner: str) -> PracticeView:
    """Find a practice that somebody may see.

    Raises:
        Problem: 404 for what is not there and for what is another's.
    """
    if not SESSION_ID.match(session):
        raise refusal_of(SessionUnknown(session))
    found = await ask_actor(door, door.sessions, GetPractice(session))
    if not isinstance(found, PracticeView) or found.settings.owner not in ("", owner):
        raise refusal_of(SessionUnknown(session))
    return found


def accepted_practice(reply: object) -> PracticeView:
    """Take the session manager's answer.

    Raises:
        Problem: 404 for an unknown session, 409 in the wrong state, 422 or 503.
    """
    if isinstance(reply, PracticeView):
        return reply
    if isinstance(reply, SessionConflict):
        details = {"session_id": reply.session, "session_status": reply.status}
        raise Problem(409, reply.reason, code=reply.code, details=details)
    raise refusal_of(reply)


def created(door: Door, view: PracticeView) -> dict[str, Any]:
    """The answer to `create`."""
    shown = practice(door, view)
    first = {"status": "success", "session_id": view.session}
    del shown["id"]
    return first | {"session_status": shown.pop("status")} | shown


def moved(door: Door, view: PracticeView, message: str) -> dict[str, Any]:
    """The answer to `start`, `stop` and `delete`."""
    shown: dict[str, Any] = {
        "status": "success",
        "message": message,
        "session_id": view.session,
        "session_status": view.status,
        "started_at": _time(door, view.started_at),
    }
    if view.ended_at is not None:
        shown["stopped_at"] = _time(door, view.ended_at)
        shown["duration_actual"] = int(view.elapsed_s)
    return shown | {"modalities": _modalities(view)}


def practice(door: Door, view: PracticeView) -> dict[str, Any]:
    """A session, as `status` and the list show it."""
    settings = view.settings
    elapsed = int(view.elapsed_s)
    left = settings.duration_s - elapsed if view.ended_at is None else 0
    base = f"{stream_url(client_base(door))}/stream/{view.session}"
    return {
        "id": view.session,
        "name": settings.name,
        "status": view.status,
        "created_at": _time(door, view.created_at),
        "started_at": _time(door, view.started_at),
        "ended_at": _time(door, view.ended_at),
        "duration": _plain(settings.duration_s),
        "elapsed": elapsed,
        "remaining": _plain(left),
        "intention": settings.intention,
        "frequency": settings.frequency,
        "modalities": _modalities(view),
        "reason": view.reason,
        "kept": view.kept,
        "websocket_url": base if view.stream else None,
        "audio_url": f"{base}/audio" if view.sound else None,
    }


def _modalities(view: PracticeView) -> list[dict[str, str]]:
    return [
        {"name": one.name, "state": one.state, "reason": one.reason}
        for one in view.modalities
    ]


def _time(door: Door, at: float | None) -> str | None:
    return None if at is None else iso_seconds(door.clock.unix(at))


def _plain(seconds: float) -> float:
    # The document shows whole seconds without a point, and so does whoever sent them.
    return int(seconds) if float(seconds).is_integer() else seconds

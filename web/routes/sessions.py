"""Sessions over HTTP (document 000).

GET  /api/v1/session                  the caller's sessions
POST /api/v1/session/create           make one
GET  /api/v1/session/<id>             status and statistics
POST /api/v1/session/<id>/end         end it; safe to repeat
POST /api/v1/session/<id>/pause       stop the samples; `/resume` goes on
PUT  /api/v1/session/<id>/sound       let its features sound, or be silent; also POST
POST /api/v1/session/<id>/brain       command the simulated sitter (see `web.brain`)

All need a key. Another's session answers as one that is not there.
"""

from typing import Any

from quart import Blueprint, Response

from protocols.sessions import (
    CommandBrain,
    CreateSession,
    EndSession,
    ListSessions,
    PauseSession,
    SessionView,
    SwitchSound,
)
from web.answers import answer, ask_actor, body_object, client_base
from web.auth import caller
from web.brain import brain_command
from web.door import Door
from web.errors import Problem
from web.origin import stream_url
from web.ownership import accepted_view, own_session
from web.session_wish import session_settings, sound_switch
from web.times import iso


def session_routes(door: Door) -> Blueprint:
    """Routes that make, show and end sessions."""
    routes = Blueprint("sessions", __name__, url_prefix="/api/v1/session")

    @routes.get("")
    @routes.get("/")
    async def listed() -> Response:
        owner = await caller(door)
        views = await ask_actor(door, door.sessions, ListSessions())
        own = [_status(door, view) for view in views if view.settings.owner == owner.id]
        return answer({"sessions": own, "total": len(own)})

    @routes.post("/create")
    async def create() -> Response:
        owner = await caller(door)
        wish = session_settings(await body_object(door), door.settings, owner.id)
        view = await ask_actor(door, door.sessions, CreateSession(wish))
        return answer(_created(door, accepted_view(view)))

    @routes.get("/<session>")
    async def show(session: str) -> Response:
        return answer(_status(door, await own_session(door, session)))

    @routes.post("/<session>/end")
    async def end(session: str) -> Response:
        await own_session(door, session)
        view = await ask_actor(door, door.sessions, EndSession(session))
        return answer(_ended(accepted_view(view)))

    @routes.post("/<session>/<any(pause, resume):verb>")
    async def pause(session: str, verb: str) -> Response:
        _still_going(await own_session(door, session))
        wish = PauseSession(session, verb == "pause")
        view = await ask_actor(door, door.sessions, wish)
        return answer(_status(door, accepted_view(view)))

    @routes.route("/<session>/sound", methods=["PUT", "POST"])
    async def switch(session: str) -> Response:
        _still_going(await own_session(door, session))
        wish = SwitchSound(session=session, sound=sound_switch(await body_object(door)))
        view = await ask_actor(door, door.sessions, wish)
        return answer(_status(door, accepted_view(view)))

    @routes.post("/<session>/brain")
    async def command(session: str) -> Response:
        _still_going(await own_session(door, session))
        wish = CommandBrain(session, brain_command(await body_object(door)))
        view = await ask_actor(door, door.sessions, wish)
        return answer(_status(door, accepted_view(view)))

    return routes


def _still_going(view: SessionView) -> None:
    if view.ended_at is not None:
        raise Problem(409, "the session has ended", code="SESSION_ENDED")


def _created(door: Door, view: SessionView) -> dict[str, Any]:
    return {
        "session_id": view.session,
        "status": view.status,
        "created_at": iso(door.clock.unix(view.created_at)),
        "websocket_url": stream_url(client_base(door)) + f"/stream/{view.session}",
        "phase": str(view.phase),
        "reason": view.reason,
        "session_config": _config(view),
    }


def _status(door: Door, view: SessionView) -> dict[str, Any]:
    ended_at = view.ended_at
    return {
        "session_id": view.session,
        "status": view.status,
        "images_generated": view.images,
        "duration_seconds": int(view.duration_s),
        "last_activity": iso(door.clock.unix(view.last_activity_at)),
        "user_id": view.settings.user_id,
        "device_type": view.settings.device_type,
        "phase": str(view.phase),
        "reason": view.reason,
        "created_at": iso(door.clock.unix(view.created_at)),
        "ended_at": None if ended_at is None else iso(door.clock.unix(ended_at)),
        "avg_latency_ms": _latency_ms(view),
        "websocket_url": stream_url(client_base(door)) + f"/stream/{view.session}",
        "session_config": _config(view),
    }


def _ended(view: SessionView) -> dict[str, Any]:
    return {
        "session_id": view.session,
        "status": view.status,
        "summary": {
            "total_images": view.images,
            "duration_seconds": int(view.duration_s),
            "avg_latency_ms": _latency_ms(view),
        },
    }


def _latency_ms(view: SessionView) -> float:
    # The document shows a number always: 0 where no picture was driven by a brain.
    return round((view.mean_latency_s or 0.0) * 1000, 1)


def _config(view: SessionView) -> dict[str, Any]:
    settings = view.settings
    return {
        "duration_minutes": settings.duration_s / 60,
        "model": settings.model,
        "width": settings.width,
        "height": settings.height,
        "seed": settings.seed,
        "speed": settings.speed,
        "loop": settings.loop,
        "mains_hz": settings.mains_hz,
        "window_s": settings.window_s,
        "step_s": settings.step_s,
        "pictures_hz": settings.pictures_hz,
        "sound": settings.sound,
    }

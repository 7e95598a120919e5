"""How the server is (document 003). No key.

GET /health      status and connections; `degraded` while a part is down or the disk full
GET /ws-stats    the WebSockets' statistics
GET /            the API's root for a program; a browser gets the live page
"""

from typing import Any

from quart import Blueprint, Response, request

from config.version import VERSION
from protocols.archive import ArchiveFigures, ArchiveStatus
from protocols.supervision import ChildState
from web.answers import answer
from web.ask import NoAnswerError, ask
from web.door import Door
from web.realtime import RATE_HZ
from web.shelf import Shelf

_LIVE_S = 2.0
"""A frame within so many seconds: something is streaming."""

_STORAGE_S = 1.0
"""Seconds that the library may take to say how it is."""


def vital_routes(door: Door, shelf: Shelf) -> Blueprint:
    """Routes that say how the server is.

    Args:
        door: whose figures.
        shelf: with the pages.
    """
    routes = Blueprint("vital", __name__)
    began_at = door.clock.now()

    def uptime_s() -> float:
        return round(door.clock.now() - began_at, 3)

    @routes.get("/health")
    async def health() -> Response:
        down, storage = _down(door), await _storage(door)
        return answer(
            {
                "status": "degraded" if down or storage["degraded"] else "healthy",
                "service": "phosphene",
                "version": VERSION,
                "timestamp": door.unix(),
                "websocket_connections": door.figures.active,
                "streaming_active": _streaming(door),
                "uptime_seconds": uptime_s(),
                "down": down,
                "storage": storage,
            }
        )

    @routes.get("/ws-stats")
    async def statistics() -> Response:
        figures, last = door.figures, door.figures.last_broadcast_at
        return answer(
            {
                "total_connections": figures.total,
                "active_connections": figures.active,
                "total_messages_sent": figures.sent,
                "total_messages_received": figures.received,
                "uptime_seconds": uptime_s(),
                "broadcast_rate_hz": RATE_HZ,
                "last_broadcast_time": 0.0 if last is None else door.clock.unix(last),
                "frames_dropped": figures.dropped,
                "frames_superseded": figures.superseded,
                "handshakes_refused": figures.refused,
                "heads_refused": figures.heads_refused,
                "closes": {str(kind): count for kind, count in figures.closes.items()},
            }
        )

    @routes.get("/")
    async def root() -> Response:
        kinds = request.accept_mimetypes
        if kinds.best_match(["application/json", "text/html"]) == "text/html":
            return shelf.page("live.html")
        said = answer(_root(door, uptime_s()))
        said.vary.add("Accept")
        return said

    return routes


def _root(door: Door, uptime_s: float) -> dict[str, Any]:
    figures = door.figures
    return {
        "message": "Phosphene API",
        "status": "active",
        "version": VERSION,
        "description": "Live pictures driven by brain signals",
        "websocket_stats": {
            "total_connections": figures.total,
            "active_connections": figures.active,
            "total_messages_sent": figures.sent,
            "uptime_seconds": uptime_s,
        },
        "live_page": "/live",
    }


def _down(door: Door) -> list[str]:
    wrong = (ChildState.FAILED, ChildState.WAITING)
    return [row.path for row in door.tree() if row.state in wrong]


async def _storage(door: Door) -> dict[str, Any]:
    try:
        figures = await ask(door.library, ArchiveStatus(), timeout_s=_STORAGE_S)
    except NoAnswerError as error:
        return {"degraded": f"the library is silent: {error}", "pictures": None}
    if not isinstance(figures, ArchiveFigures):
        raise TypeError(f"the library answered {figures!r}")
    return {"degraded": figures.degraded, "pictures": figures.pictures}


def _streaming(door: Door) -> bool:
    last = door.figures.last_broadcast_at
    return last is not None and door.clock.now() - last < _LIVE_S

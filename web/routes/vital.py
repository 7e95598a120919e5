"""How the server is (document 003). No key.

GET /health         status and connections: `healthy`; `degraded` while a part is down, does
                    not answer within half a second, or has a full disk; both 200; and
                    `draining`, with 503, once the server goes down
GET /health/ready   whether to send new clients here: 200 `ready`, or 503 with Retry-After
                    `not_ready` (who does not answer is named) or `draining`
GET /ws-stats       the WebSockets' statistics
GET /               the API's root for a program; a browser gets the live page
"""

from typing import Any, TypeVar

import trio
from quart import Blueprint, Response, request

from config.version import VERSION
from protocols.archive import ArchiveFigures, ArchiveStatus
from protocols.keys import CheckKey
from protocols.ports import Askable
from protocols.sessions import GetSession
from protocols.streams import BroadcastFigures, Status
from protocols.supervision import ChildState
from web.answers import answer
from web.ask import NoAnswerError, ask
from web.door import Door
from web.drain import RETRY_S
from web.ownership import without_ids
from web.realtime import RATE_HZ
from web.shelf import Shelf

M = TypeVar("M")
_LIVE_S = 2.0
"""A frame within so many seconds: something is streaming."""

_ANSWER_S = 0.5
"""Seconds that a part may take to say how it is."""


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
        seen = _Seen()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(seen.ask, "broadcaster", door.broadcaster, Status())
            nursery.start_soon(seen.ask, "library", door.library, ArchiveStatus())
        down, storage = _down(door) + seen.silent(), seen.storage()
        is_well = not down and not storage["degraded"]
        return _unless_draining(
            door,
            {
                "status": "healthy" if is_well else "degraded",
                "service": "phosphene",
                "version": VERSION,
                "timestamp": door.unix(),
                "websocket_connections": door.figures.active,
                "streaming_active": _streaming(door),
                "uptime_seconds": uptime_s(),
                "down": down,
                "tick_late_p99_ms": seen.tick_late_ms(),
                "storage": storage,
            },
        )

    @routes.get("/health/ready")
    async def ready() -> Response:
        seen = _Seen()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(seen.ask, "keyring", door.keyring, CheckKey(""))
            nursery.start_soon(seen.ask, "sessions", door.sessions, GetSession(""))
        silent = seen.silent()
        if silent and not door.draining.is_set():
            return _later({"status": "not_ready", "waiting_for": silent}, retry_s=1)
        return _unless_draining(door, {"status": "ready", "waiting_for": []})

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


def _unless_draining(door: Door, said: dict[str, Any]) -> Response:
    if not door.draining.is_set():
        return answer(said)
    return _later(said | {"status": "draining"}, retry_s=RETRY_S)


def _later(said: dict[str, Any], *, retry_s: int) -> Response:
    response = answer(said, 503)
    response.headers["retry-after"] = str(retry_s)
    return response


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
    rows = door.operators.tree()
    return [without_ids(row.path) for row in rows if row.state in wrong]


def _streaming(door: Door) -> bool:
    last = door.figures.last_broadcast_at
    return last is not None and door.clock.now() - last < _LIVE_S


class _Seen:
    """What the parts that were asked say of themselves."""

    def __init__(self) -> None:
        self._said: dict[str, Any] = {}
        self._why: dict[str, str] = {}

    async def ask(self, part: str, address: Askable[M], question: M) -> None:
        """Note what a part answers, or why it does not."""
        try:
            self._said[part] = await ask(address, question, timeout_s=_ANSWER_S)
        except NoAnswerError as error:
            self._why[part] = str(error)

    def silent(self) -> list[str]:
        """Who did not answer."""
        return sorted(self._why)

    def tick_late_ms(self) -> float | None:
        """How late a tick was handled, 99th percentile."""
        figures = self._said.get("broadcaster")
        if not isinstance(figures, BroadcastFigures):
            return None
        return round(figures.late_p99_ms, 3)

    def storage(self) -> dict[str, Any]:
        """How the library is."""
        figures = self._said.get("library")
        if not isinstance(figures, ArchiveFigures):
            why = self._why.get("library", "it said something else")
            return {"degraded": f"the library is silent: {why}", "pictures": None}
        return {"degraded": figures.degraded, "pictures": figures.pictures}

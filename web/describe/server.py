"""How the server is, its pages, and its description."""

from typing import Any, Final

from web.describe.operation import Access, Chapter, Operation, Param, Said
from web.describe.schema import (
    UNIX,
    anything,
    choice,
    exactly,
    flag,
    listed,
    mapped,
    maybe,
    number,
    obj,
    text,
    whole,
)

_HEALTH: Final = obj(
    {
        "status": choice("healthy", "degraded", "draining"),
        "service": text(),
        "version": text(),
        "timestamp": UNIX,
        "websocket_connections": whole(low=0),
        "streaming_active": flag(),
        "uptime_seconds": number(low=0),
        "down": listed(text(), "Parts that are down or silent"),
        "tick_late_p99_ms": maybe(number(low=0)),
        "storage": obj({"degraded": maybe(text()), "pictures": maybe(whole(low=0))}),
    }
)
_HEALTH_SEEN: Final = {
    "status": "healthy",
    "service": "phosphene",
    "version": "1.0",
    "timestamp": 1234567890.123,
    "websocket_connections": 2,
    "streaming_active": True,
    "uptime_seconds": 3600.5,
    "down": [],
    "tick_late_p99_ms": 1.2,
    "storage": {"degraded": "", "pictures": 12},
}
_READY: Final = obj(
    {
        "status": choice("ready", "not_ready", "draining"),
        "waiting_for": listed(text(), "Parts that do not answer yet"),
    }
)
_WEBSOCKETS: Final = {
    "total_connections": whole("Since the start", low=0),
    "active_connections": whole(low=0),
    "total_messages_sent": whole(low=0),
    "uptime_seconds": number(low=0),
}
_RETRY: Final = {"Retry-After": "Seconds to wait"}
_STATISTICS: Final = obj(
    {
        **_WEBSOCKETS,
        "total_messages_received": whole(low=0),
        "broadcast_rate_hz": number(low=0),
        "last_broadcast_time": UNIX,
        "frames_dropped": whole(low=0),
        "frames_superseded": whole(low=0),
        "handshakes_refused": whole(low=0),
        "heads_refused": whole(low=0),
        "closes": mapped(whole(low=0), "How WebSockets ended, by kind"),
    }
)
_ROOT: Final = obj(
    {
        "message": text(),
        "status": exactly("active"),
        "version": text(),
        "description": text(),
        "websocket_stats": obj(_WEBSOCKETS),
        "live_page": text(),
    }
)


def _page(path: str, name: str, summary: str) -> Operation:
    page = Said(about="The page", schema=text(), kind="text/html; charset=utf-8")
    return Operation(
        method="GET",
        path=path,
        name=name,
        summary=summary,
        access=Access.OPEN,
        said={200: page, 304: Said(about="As the client has it already")},
    )


HEALTH: Final = Chapter(
    name="Server (003)",
    about="How the server is. No key, and no limit: whoever watches is not shut out.",
    operations=(
        Operation(
            method="GET",
            path="/health",
            name="getHealth",
            summary="Status and connections",
            access=Access.OPEN,
            said={
                200: Said(
                    about="Healthy, or degraded", schema=_HEALTH, example=_HEALTH_SEEN
                ),
                503: Said(
                    about="It goes down",
                    schema=_HEALTH,
                    example=_HEALTH_SEEN | {"status": "draining"},
                    headers=_RETRY,
                ),
            },
        ),
        Operation(
            method="GET",
            path="/health/ready",
            name="getReadiness",
            summary="Whether to send new clients here",
            access=Access.OPEN,
            said={
                200: Said(
                    about="Yes",
                    schema=_READY,
                    example={"status": "ready", "waiting_for": []},
                ),
                503: Said(
                    about="Not yet, or not any more",
                    schema=_READY,
                    example={"status": "not_ready", "waiting_for": ["keyring"]},
                    headers=_RETRY,
                ),
            },
        ),
        Operation(
            method="GET",
            path="/ws-stats",
            name="getWebSocketStatistics",
            summary="The WebSockets' statistics",
            access=Access.OPEN,
            said={
                200: Said(
                    about="Counted since the start",
                    schema=_STATISTICS,
                    example={
                        "total_connections": 5,
                        "active_connections": 3,
                        "total_messages_sent": 15000,
                        "total_messages_received": 2500,
                        "uptime_seconds": 7200.3,
                        "broadcast_rate_hz": 10,
                        "last_broadcast_time": 1234567890.123,
                        "frames_dropped": 0,
                        "frames_superseded": 0,
                        "handshakes_refused": 0,
                        "heads_refused": 0,
                        "closes": {},
                    },
                )
            },
        ),
        Operation(
            method="GET",
            path="/",
            name="getRoot",
            summary="What this is; a browser gets the live page",
            access=Access.OPEN,
            said={
                200: Said(
                    about="For a program",
                    schema=_ROOT,
                    example={
                        "message": "Phosphene API",
                        "status": "active",
                        "version": "1.0",
                        "description": "Live pictures driven by brain signals",
                        "websocket_stats": {
                            "total_connections": 2,
                            "active_connections": 2,
                            "total_messages_sent": 1234,
                            "uptime_seconds": 3600.5,
                        },
                        "live_page": "/live",
                    },
                )
            },
        ),
    ),
)


def _document(path: str, name: str, summary: str) -> Operation:
    seen: Any = anything()
    return Operation(
        method="GET",
        path=path,
        name=name,
        summary=summary,
        access=Access.OPEN,
        said={200: Said(about="The document", schema=seen)},
    )


PAGES: Final = Chapter(
    name="Pages",
    about="For people: none needs another host.",
    operations=(
        _page("/live", "getLivePage", "The live page"),
        _page("/ops", "getOperatorsPage", "The operators' page"),
        _page("/docs", "getSwaggerUi", "This description, to be tried out (Swagger UI)"),
        _page("/redoc", "getRedoc", "This description, to be read (ReDoc)"),
        _document("/openapi.json", "getOpenApi", "This description (OpenAPI 3.1)"),
        _document("/asyncapi.json", "getAsyncApi", "What streams (AsyncAPI 3.0)"),
        Operation(
            method="GET",
            path="/static/{path}",
            name="getStaticFile",
            summary="What pages load",
            access=Access.OPEN,
            params=(
                Param(
                    name="path",
                    schema={"type": "string", "minLength": 1},
                    about="Of the file; it may have slashes",
                    example="phosphene.svg",
                    where="path",
                    required=True,
                ),
            ),
            said={
                200: Said(about="The file", schema=text(format="binary"), kind="*/*"),
                304: Said(about="As the client has it already"),
            },
            errors=(404,),
        ),
        Operation(
            method="GET",
            path="/images/{id}.png",
            name="getPicture",
            summary="A picture that was painted; its id cannot be guessed",
            access=Access.OPEN,
            params=(
                Param(
                    name="id",
                    schema={"type": "string", "minLength": 1},
                    about="As its address has it",
                    example="abc123",
                    where="path",
                    required=True,
                ),
            ),
            said={
                200: Said(
                    about="The picture; it never changes",
                    schema=text(format="binary"),
                    kind="image/png",
                ),
                304: Said(about="As the client has it already"),
            },
            errors=(404, 504),
        ),
    ),
)

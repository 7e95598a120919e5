"""Cross-origin requests: pages of `web.origins` may call the HTTP routes from a browser.

Keys are sent in headers and nothing by cookies, so no credentials are allowed and none are
needed. A preflight is answered for every path before any route sees it; what it asks for
is checked when it comes. WebSockets are not subject to this: see `web.admission`.
"""

from typing import Final

from quart import Response, request
from quart_trio import QuartTrio

from web.errors import Problem

_METHODS: Final = "GET, HEAD, POST, PUT, PATCH, DELETE"
_HEADERS: Final = (
    "Authorization, X-API-Key, Content-Type, Accept, Idempotency-Key, Prefer, If-None-Match"
)
_EXPOSED: Final = (
    "Retry-After, ETag, Location, Allow, Content-Disposition, Content-Range, RateLimit,"
    " RateLimit-Policy, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset,"
    " X-Cache-Status, X-Image-Id"
)
_REMEMBER_S: Final = "600"
"""Seconds that a browser need not ask again."""


def allow_origins(app: QuartTrio, origins: tuple[str, ...]) -> None:
    """Let pages of other origins call `app`.

    Args:
        app: the application.
        origins: `https://host:port`, or `*` for all.
    """

    def allowed() -> str | None:
        origin = request.headers.get("Origin")
        if origin is None or "*" in origins:
            return None if origin is None else "*"
        return origin if origin in origins else None

    async def preflight() -> Response | None:
        asked = request.headers.get("Access-Control-Request-Method")
        if request.method != "OPTIONS" or asked is None or "Origin" not in request.headers:
            return None
        if allowed() is None:
            raise Problem(403, "pages of this origin may not call; see web.origins")
        headers = {
            "access-control-allow-methods": _METHODS,
            "access-control-allow-headers": _HEADERS,
            "access-control-max-age": _REMEMBER_S,
        }
        return Response(b"", 204, headers=headers)

    async def say_so(response: Response) -> Response:
        if "*" not in origins:
            response.vary.add("Origin")  # a cache must not show one's answer to another
        origin = allowed()
        if origin is not None:
            response.headers["access-control-allow-origin"] = origin
            response.headers["access-control-expose-headers"] = _EXPOSED
        return response

    app.before_request(preflight)
    app.after_request(say_so)

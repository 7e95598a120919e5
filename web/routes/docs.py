"""The API's description (document 003). No key; nothing comes from another host.

GET /openapi.json   OpenAPI 3.1, made of `web.describe`
GET /docs           the same, to be tried out (Swagger UI)
GET /redoc          the same, to be read (ReDoc)
"""

import functools
import hashlib
from typing import Final

import msgspec
import trio
from quart import Blueprint, Response, request

from web.answers import client_base
from web.door import Door
from web.errors import JSON
from web.shelf import Shelf

_INLINE: Final = "'unsafe-inline'"
"""ReDoc and Swagger UI write style attributes and sheets; neither needs a script so."""


def docs_routes(door: Door, shelf: Shelf) -> Blueprint:
    """Routes that describe the routes.

    Args:
        door: for the address that clients use.
        shelf: with the pages.
    """
    routes = Blueprint("docs", __name__)

    @routes.get("/openapi.json")
    async def document() -> Response:
        data = await trio.to_thread.run_sync(_document, client_base(door))
        tag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
        headers = {"etag": tag, "cache-control": "no-cache"}
        if tag in request.headers.get("If-None-Match", ""):
            return Response(b"", 304, headers=headers)
        return Response(data, content_type=JSON, headers=headers)

    @routes.get("/docs")
    async def swagger() -> Response:
        return shelf.page("docs.html", style_src=_INLINE)

    @routes.get("/redoc")
    async def redoc() -> Response:
        return shelf.page("redoc.html", style_src=_INLINE, worker_src="'self' blob:")

    return routes


@functools.lru_cache(maxsize=8)
def _document(server: str) -> bytes:
    # Imported where it is asked for: 20 ms that the server's start does not need.
    from web.describe.chapters import CHAPTERS  # noqa: PLC0415
    from web.describe.document import openapi  # noqa: PLC0415

    return msgspec.json.encode(openapi(CHAPTERS, server))

"""GET /asyncapi.json: everything that streams, described (AsyncAPI 3.0). No key."""

import functools

import msgspec
import trio
from quart import Blueprint, Response

from web.answers import client_base
from web.door import Door
from web.errors import JSON


def asyncapi_routes(door: Door) -> Blueprint:
    """The route that describes the streams, by the address that the client used."""
    routes = Blueprint("asyncapi", __name__)

    @routes.get("/asyncapi.json")
    async def document() -> Response:
        data = await trio.to_thread.run_sync(_document, client_base(door))
        headers = {"cache-control": "no-cache"}
        return Response(data, content_type=JSON, headers=headers)

    return routes


@functools.lru_cache(maxsize=8)
def _document(server: str) -> bytes:
    # Imported where it is asked for: the server's start does not need it.
    from web.describe.asyncapi import asyncapi  # noqa: PLC0415
    from web.describe.channels import CHANNELS  # noqa: PLC0415

    return msgspec.json.encode(asyncapi(CHANNELS, server))

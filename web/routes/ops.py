"""An operator's view: who lives, and where mail waits. Needs a key.

GET /ops/tree      a row for every supervised child: path, state, lives, reason
GET /ops/edges     the books of every edge: came == taken + dropped + queued

A session's id opens its stream, so sessions bear other names here, the same as on `/ws`.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import trio
from quart import Blueprint, Response

from web.answers import answer
from web.auth import caller
from web.door import Door
from web.ownership import without_ids

_READERS: Final = 1
"""With hundreds of sessions the books take milliseconds, which streams must not wait."""


def ops_routes(door: Door) -> Blueprint:
    """Routes that look inside."""
    routes = Blueprint("ops", __name__, url_prefix="/ops")
    readers = trio.CapacityLimiter(_READERS)

    @routes.get("/tree")
    async def tree() -> Response:
        await caller(door)
        return answer({"children": await trio.to_thread.run_sync(_rows, door.tree)})

    @routes.get("/edges")
    async def edges() -> Response:
        await caller(door)
        rows = await trio.to_thread.run_sync(_rows, door.books, limiter=readers)
        return answer({"edges": rows})

    return routes


def _rows(look: Callable[[], Sequence[msgspec.Struct]]) -> list[dict[str, Any]]:
    return [_unnamed(msgspec.to_builtins(row)) for row in look()]


def _unnamed(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: without_ids(value) if isinstance(value, str) else value
        for name, value in row.items()
    }

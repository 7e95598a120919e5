"""The operators' API.

Every route needs an operator's key: 401 without a key, 403 with another.

GET  /ops/tree                 a row for every supervised child, and the whole in short
GET  /ops/tree?at=NUMBER       the same as it was after that entry; 404: not kept
GET  /ops/events?since=&limit= the oldest `limit` entries (1 to 1,000, by default 200) above
                               number `since` (by default 0)
GET  /ops/actors               everything about every actor
GET  /ops/actors/{path}        about one, with its latencies; 404 names the nearest path
GET  /ops/zombies              who hangs and was replaced, with stacks
GET  /ops/edges                the books of every edge: came == taken + dropped + queued
POST /ops/actors/{path}/{stop,start,restart,pause,resume}
                               {"reason": "…"}, 1 to 500 characters; answers with the
                               child's new row; 404; 409: makes no sense; 503: no answer

The forms are in `web.ops_wire`; the journal's entries in `protocols.supervision`. Paths are
real ones, with sessions' ids, which open their streams: give operator keys to operators.
`/ops/stream` is in `web.ops_stream`.
"""

from functools import partial
from typing import Final

import msgspec
from quart import Blueprint, Response, request

from protocols.operators import Operators
from web.answers import written
from web.auth import operator
from web.door import Door
from web.errors import Problem
from web.fields import Fields
from web.ops_orders import carry_out, read_order, unknown_path
from web.ops_wire import (
    ActorsSeen,
    ChildOrdered,
    ZombiesSeen,
    actor_seen,
    reading,
    tree_now,
    tree_then,
)
from web.readers import Reader

EVENTS_LIMIT: Final = 1000
_EVENTS_DEFAULT: Final = 200
_HIGHEST: Final = 10**15
_DIGITS: Final = 16
_DISK_READERS: Final = 2
_write: Final = msgspec.json.Encoder().encode


def ops_routes(door: Door) -> Blueprint:
    """Routes that look inside and give orders."""
    routes = Blueprint("ops", __name__, url_prefix="/ops")
    _look_at_now(routes, door)
    _look_back(routes, door)
    _give_orders(routes, door)
    return routes


def _look_at_now(routes: Blueprint, door: Door) -> None:
    reader = Reader(door)

    @routes.get("/actors")
    async def actors() -> Response:
        operators = await _allowed(door)

        def seen() -> bytes:
            facts = tuple(operators.actors())
            return _write(ActorsSeen(actors=facts, clock=reading(door.clock)))

        return written(await reader.read(seen))

    @routes.get("/actors/<path:path>")
    async def actor(path: str) -> Response:
        operators = await _allowed(door)
        facts = operators.actor(path)
        if facts is None:
            raise await unknown_path(operators, path)
        return written(_write(actor_seen(facts, door.clock)))

    @routes.get("/zombies")
    async def zombies() -> Response:
        operators = await _allowed(door)
        found = tuple(operators.zombies())
        return written(_write(ZombiesSeen(zombies=found, clock=reading(door.clock))))

    @routes.get("/edges")
    async def edges() -> Response:
        await operator(door)
        return written(await reader.read(lambda: _write({"edges": door.books()})))


def _look_back(routes: Blueprint, door: Door) -> None:
    reader, disk = Reader(door), Reader(door, _DISK_READERS)

    @routes.get("/tree")
    async def tree() -> Response:
        operators = await _allowed(door)
        query = _query("at")
        if not query.has("at"):
            return written(
                await reader.read(lambda: _write(tree_now(operators, door.clock)))
            )
        number = query.whole("at", low=0, high=_HIGHEST)
        query.finish()
        return written(await disk.recall(partial(_past, operators, door, number)))

    @routes.get("/events")
    async def events() -> Response:
        operators = await _allowed(door)
        query = _query("since", "limit")
        since = query.whole("since", 0, low=0, high=_HIGHEST)
        limit = query.whole("limit", _EVENTS_DEFAULT, low=1, high=EVENTS_LIMIT)
        query.finish()
        return written(await disk.recall(lambda: _write(operators.events(since, limit))))


def _give_orders(routes: Blueprint, door: Door) -> None:
    @routes.post("/actors/<path:path>/<action>")
    async def order(path: str, action: str) -> Response:
        holder = await operator(door)
        wish = await read_order(door, path, action, holder)
        row = await carry_out(door, wish)
        return written(_write(ChildOrdered(child=row, clock=reading(door.clock))))


async def _allowed(door: Door) -> Operators:
    await operator(door)
    return door.operators


def _past(operators: Operators, door: Door, number: int) -> bytes:
    seen = tree_then(operators, door.clock, number)
    if seen is not None:
        return _write(seen)
    kept = operators.events(operators.state().last_number, 1)
    raise Problem(
        404,
        f"the tree after entry {number} is not kept",
        details={"at": number, "first": kept.first, "last": kept.last},
    )


def _query(*names: str) -> Fields:
    given = {name: request.args[name] for name in names if name in request.args}
    return Fields(
        {
            name: int(text) if text.isdecimal() and len(text) <= _DIGITS else text
            for name, text in given.items()
        }
    )

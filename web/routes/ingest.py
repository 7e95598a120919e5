"""Samples in, over HTTP (document 000 names the service; compatibility.md says the rest).

POST /api/v1/ingest/stream     samples for a session whose device is `ingest`; needs a key

As `application/json` an object, as `application/x-ndjson` an object a line, as
`application/octet-stream` float32, sample by sample: see `web.pushed`. All or none of a
request's samples are taken. The same over a WebSocket: see `web.pusher`.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

from quart import Blueprint, Response, request

from protocols.sessions import PushSamples
from web.answers import answer, apart, body_bytes, is_json, wrong_kind
from web.auth import caller
from web.door import Door
from web.errors import JSON
from web.ownership import own_session
from web.pushed import from_bytes, from_json, from_lines
from web.pusher import push

BODY_BYTES: Final = 4 * 1024 * 1024
_Reader: TypeAlias = Callable[[bytes, Mapping[str, str]], PushSamples]
_READERS: Final[Mapping[str, _Reader]] = {
    JSON: from_json,
    "application/x-ndjson": from_lines,
    "application/ndjson": from_lines,
    "application/jsonl": from_lines,
    "application/octet-stream": from_bytes,
}


def ingest_routes(door: Door) -> Blueprint:
    """Routes that take samples in."""
    routes = Blueprint("ingest", __name__)

    @routes.post("/api/v1/ingest/stream")
    async def take() -> Response:
        owner = await caller(door)
        read, query = _reader(request.mimetype), dict(request.args)
        named = query.get("session_id")
        if named is not None:  # whose it is decides whether the body is read at all
            await own_session(door, named, owner)
        data = await body_bytes(door, BODY_BYTES)
        wish = await apart(len(data), partial(read, data, query))
        if wish.session != named:
            await own_session(door, wish.session, owner)
        taken = await push(door, wish)
        return answer(
            {"session_id": taken["session_id"], "accepted_samples": taken["samples"]}
        )

    return routes


def _reader(kind: str) -> _Reader:
    read = _READERS.get(JSON if is_json(kind) else kind)
    if read is None:
        raise wrong_kind(kind, *_READERS)
    return read

"""Samples in, over HTTP (document 000 names the service; compatibility.md says the rest).

POST /api/v1/ingest/stream     samples for a session whose device is `ingest`; needs a key

As JSON: `{"session_id": "sess_…", "sfreq": 256, "ch_names": ["TP9", "AF7"],
"samples": [[…], […]]}`, microvolts, one list a channel. As `application/octet-stream`:
little-endian float32, channel after channel, and the rest in the query:
`?session_id=sess_…&sfreq=256&ch_names=TP9,AF7`.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from quart import Blueprint, Response, request

from protocols.sessions import PushSamples, SamplesTaken
from web.answers import answer, ask_actor, body_bytes, body_object
from web.auth import caller
from web.door import Door
from web.fields import Fields
from web.ownership import own_session, refusal_of

BODY_BYTES: Final = 4 * 1024 * 1024
CHANNELS: Final = 256
_FLOAT32_MAX: Final = float(np.finfo(np.float32).max)
_SAMPLES: Final = "one list a channel, all of one length, of finite numbers (microvolts)"


def ingest_routes(door: Door) -> Blueprint:
    """Routes that take samples in."""
    routes = Blueprint("ingest", __name__)

    @routes.post("/api/v1/ingest/stream")
    async def push() -> Response:
        owner = await caller(door)
        if request.mimetype == "application/octet-stream":
            # The query first: whose it is decides whether the body is read at all.
            await own_session(door, request.args.get("session_id", ""), owner)
            wish = from_bytes(dict(request.args), await body_bytes(door, BODY_BYTES))
        else:
            wish = from_object(await body_object(door, BODY_BYTES))
            await own_session(door, wish.session, owner)
        reply = await ask_actor(door, door.sessions, wish)
        if not isinstance(reply, SamplesTaken):
            raise refusal_of(reply)
        return answer({"session_id": wish.session, "accepted_samples": reply.samples})

    return routes


def from_object(body: dict[str, Any]) -> PushSamples:
    """Read samples sent as JSON.

    Raises:
        Problem: 422 with every mistake.
    """
    fields = Fields(body)
    names = _names(fields, fields.raw("ch_names"))
    uv = _samples(fields.raw("samples"), len(names))
    if uv is None:
        fields.wrong("samples", _SAMPLES)
    return _push(fields, names, uv)


def from_bytes(query: dict[str, str], data: bytes) -> PushSamples:
    """Read samples sent as float32; the query says what they are.

    Raises:
        Problem: 422 with every mistake.
    """
    body: dict[str, Any] = dict(query)
    try:
        body["sfreq"] = float(query.get("sfreq", ""))
    except ValueError:
        body["sfreq"] = query.get("sfreq")
    fields = Fields(body)
    names = _names(fields, query.get("ch_names", "").split(","))
    uv = None
    if data and len(data) % (4 * max(1, len(names))) == 0:
        uv = _finite(np.frombuffer(data, "<f4").reshape(max(1, len(names)), -1))
    if uv is None:
        fields.wrong("samples", "finite float32, channel after channel")
    return _push(fields, names, uv)


def _push(
    fields: Fields, names: tuple[str, ...], uv: npt.NDArray[np.float32] | None
) -> PushSamples:
    session = fields.text("session_id", high=80)
    sfreq = fields.number("sfreq", low=1, high=20_000)
    mains_hz = fields.choice("mains_hz", (50, 60)) if fields.has("mains_hz") else None
    fields.finish()
    return PushSamples(
        session=session,
        sfreq=sfreq,
        ch_names=names,
        uv=np.empty((0, 0), np.float32) if uv is None else uv,
        mains_hz=mains_hz,
    )


def _names(fields: Fields, value: object) -> tuple[str, ...]:
    given = value if isinstance(value, list) else []
    names = tuple(name for name in given if isinstance(name, str) and 0 < len(name) <= 40)  # noqa: PLR2004
    wanted = len(given) == len(names) == len(set(names))
    if not (wanted and 1 <= len(names) <= CHANNELS):
        fields.wrong("ch_names", f"1 to {CHANNELS} different names of channels")
    return names


def _samples(value: object, channels: int) -> npt.NDArray[np.float32] | None:
    if not isinstance(value, list) or len(value) != channels or not channels:
        return None
    if not all(isinstance(row, list) and row for row in value):
        return None
    if len({len(row) for row in value}) > 1:
        return None
    if any(type(one) not in (int, float) for row in value for one in row):
        return None
    if any(abs(one) > _FLOAT32_MAX for row in value for one in row):
        return None
    return _finite(np.array(value, np.float32))


def _finite(uv: npt.NDArray[np.float32]) -> npt.NDArray[np.float32] | None:
    if not np.isfinite(uv).all():
        return None
    own = np.array(uv, np.float32)
    own.flags.writeable = False
    return own

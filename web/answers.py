"""What routes share: reading the request, asking an actor, writing JSON."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
import trio
from quart import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from protocols.ports import Askable
from web.ask import NoAnswerError, ask
from web.auth import unavailable
from web.body import read_object
from web.door import Door
from web.errors import JSON, Problem
from web.origin import base_url

M = TypeVar("M")
T = TypeVar("T")
BODY_BYTES: Final = 256 * 1024
"""Largest body of a control route; a neural embedding as JSON has about 12 KB."""

LARGE_BYTES: Final = 32 * 1024
"""JSON of this size takes about a millisecond to read."""

_write: Final = msgspec.json.Encoder().encode


def answer(value: Any, status: int = 200) -> Response:  # noqa: ANN401  # whatever is JSON
    """Write a JSON answer, which no cache may keep."""
    return written(_write(value), status)


def written(body: bytes, status: int = 200) -> Response:
    """Answer with JSON that is written already; no cache may keep it."""
    response = Response(body, status, content_type=JSON)
    response.headers["cache-control"] = "no-store"
    return response


async def body_object(door: Door, limit: int = BODY_BYTES) -> dict[str, Any]:
    """Read the request's body, which must be a JSON object.

    Args:
        door: with the limit of time.
        limit: bytes.

    Raises:
        Problem: 400, 408, 413 or 415.
    """
    if not is_json(request.mimetype):
        raise wrong_kind(request.mimetype, JSON)
    data = await body_bytes(door, limit)
    return await apart(len(data), partial(read_object, data))


def is_json(kind: str) -> bool:
    """Whether a body of this type is JSON."""
    return kind == JSON or (kind.startswith("application/") and kind.endswith("+json"))


def wrong_kind(kind: str, *allowed: str) -> Problem:
    """A body of another type than is allowed."""
    return Problem(
        415,
        f"the body must be sent as {' or '.join(allowed)}",
        details={"content_type": kind, "allowed": list(allowed)},
    )


async def apart(size: int, work: Callable[[], T]) -> T:
    """Do what takes long in a thread, so that streams go on meanwhile.

    Args:
        size: bytes of what is worked on; a few are worked on here.
        work: pure.
    """
    if size < LARGE_BYTES:
        return work()
    return await trio.to_thread.run_sync(work)


async def body_bytes(door: Door, limit: int) -> bytes:
    """Read the request's body, whatever it is.

    Args:
        door: with the limit of time.
        limit: bytes.

    Raises:
        Problem: 408 or 413.
    """
    too_large = Problem(
        413, f"the body may have {limit} bytes", details={"limit_bytes": limit}
    )
    if (request.content_length or 0) > limit:
        raise too_large
    data = bytearray()
    with trio.move_on_after(door.limits.body_s) as reading:
        try:
            async for part in request.body:
                data += part
                if len(data) > limit:
                    raise too_large
        except RequestEntityTooLarge as error:
            raise too_large from error
    if reading.cancelled_caught:
        raise Problem(408, "the body did not come in time")
    return bytes(data)


async def ask_actor(
    door: Door, address: Askable[M], message: M, *, timeout_s: float | None = None
) -> Any:  # noqa: ANN401  # as many types as questions
    """Ask an actor for a request's answer.

    Args:
        door: with the usual time limit.
        address: whom.
        message: what.
        timeout_s: another time limit, seconds.

    Raises:
        Problem: 503 or 504.
    """
    try:
        return await ask(address, message, timeout_s=timeout_s or door.limits.answer_s)
    except NoAnswerError as error:
        raise unavailable(error) from error


def client_base(door: Door) -> str:
    """The address that the client used, for links in the answer."""
    server = request.scope.get("server") or ("127.0.0.1", 80)
    fallback = f"{server[0]}:{server[1]}"
    return base_url(request.headers.get("Host", ""), door.settings.web.public_url, fallback)

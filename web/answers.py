"""What routes share: reading the request, asking an actor, writing JSON."""

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
BODY_BYTES: Final = 256 * 1024
"""Largest body of a control route; a neural embedding as JSON has about 12 KB."""

_write: Final = msgspec.json.Encoder().encode


def answer(value: Any, status: int = 200) -> Response:  # noqa: ANN401  # whatever is JSON
    """Write a JSON answer, which no cache may keep."""
    response = Response(_write(value), status, content_type=JSON)
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
    kind = request.mimetype
    if kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Problem(
            415,
            "the body must be sent as application/json",
            details={"content_type": kind, "allowed": [JSON]},
        )
    return read_object(await body_bytes(door, limit))


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

"""Who calls: keys, checked by the keyring."""

from quart import request

from protocols.keys import OPERATOR, CheckKey, KeyHolder
from web.ask import NoAnswerError, ask
from web.door import Door
from web.errors import Problem
from web.handshake import bearer_key


def unavailable(error: NoAnswerError) -> Problem:
    """Turn the silence of an actor into an answer: 504 after a timeout, else 503."""
    if error.timed_out:
        return Problem(504, str(error))
    retry = str(max(1, round(error.retry_after_s)))
    return Problem(503, str(error), headers={"retry-after": retry})


async def check_key(door: Door, key: str | None) -> KeyHolder:
    """Find a key's holder.

    Args:
        door: whose keyring.
        key: as the client sent it; None: it sent none.

    Raises:
        Problem: 401.
    """
    if key is None:
        raise _unauthorized("send a key: Authorization: Bearer KEY, or X-API-Key: KEY")
    try:
        holder = await ask(door.keyring, CheckKey(key), timeout_s=door.limits.answer_s)
    except NoAnswerError as error:
        raise unavailable(error) from error
    if not isinstance(holder, KeyHolder):
        raise _unauthorized("the key is not valid")
    return holder


async def caller(door: Door) -> KeyHolder:
    """Find out who makes the present HTTP request.

    Raises:
        Problem: 401.
    """
    headers = request.headers
    key = bearer_key(headers.get("Authorization"), headers.get("X-API-Key"))
    return await check_key(door, key)


async def operator(door: Door) -> KeyHolder:
    """Find out which operator makes the present HTTP request.

    Raises:
        Problem: 401; 403 with a key that is not an operator's.
    """
    return as_operator(await caller(door))


def as_operator(holder: KeyHolder) -> KeyHolder:
    """Let operators pass.

    Raises:
        Problem: 403.
    """
    if holder.role != OPERATOR:
        raise Problem(403, "this needs an operator's key: phosphene keys create --operator")
    return holder


def _unauthorized(message: str) -> Problem:
    return Problem(401, message, headers={"www-authenticate": "Bearer"})

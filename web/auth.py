"""Who calls: keys, checked by the keyring, and callers on this machine, who need none."""

from collections.abc import Mapping
from typing import Final

from quart import request

from protocols.keys import OPERATOR, CheckKey, KeyHolder
from web.ask import NoAnswerError, ask
from web.door import Door
from web.errors import Problem
from web.handshake import bearer_key
from web.origin import is_local_host, is_loopback, may_call

LOCAL: Final = KeyHolder(id="local", name="this machine", prefix="", created_at=0.0)
"""Who calls from this machine without a key."""

_FORWARDED: Final = ("forwarded", "x-forwarded-for")


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


async def caller_or_local(door: Door) -> KeyHolder:
    """Find out who makes the present HTTP request, where this machine needs no key.

    Document 003's rule: none on loopback, any key elsewhere; a key that is sent must be
    right.

    Returns:
        `LOCAL` for who is let in without a key.

    Raises:
        Problem: 401; 403 for a page of an origin that may not call.
    """
    headers = request.headers
    key = bearer_key(headers.get("Authorization"), headers.get("X-API-Key"))
    if key is not None:
        return await check_key(door, key)
    lower = {name.lower(): text for name, text in headers.items()}
    return local_caller(door, request.remote_addr or "", lower)


def local_caller(door: Door, peer: str, headers: Mapping[str, str]) -> KeyHolder:
    """Let in who calls from this machine without a key.

    A browser on this machine also runs pages of others: those send their `Origin`, or, if
    their name was made to lead here, a `Host` that is not this machine's. A proxy on this
    machine speaks for others.

    Args:
        door: with the origins that may call.
        peer: the other end's address.
        headers: of the request, names in lower case.

    Raises:
        Problem: 401, 403.
    """
    host = headers.get("host", "")
    is_proxied = any(name in headers for name in _FORWARDED)
    if not is_loopback(peer) or is_proxied or not is_local_host(host):
        raise _unauthorized("send a key: Authorization: Bearer KEY, or X-API-Key: KEY")
    if not may_call(headers.get("origin"), host, door.settings.web.origins):
        raise Problem(403, "pages of this origin may not call; see web.origins")
    return LOCAL


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

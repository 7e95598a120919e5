"""What a client of `/ws` may say, and what it is answered. Pure.

`ping` is answered here. The commands that need a synthesiser come with it; until then they
are answered with what is allowed, and the connection stays (compatibility.md, 003).
"""

from typing import Any, Final

import msgspec

from web.body import read_object
from web.errors import Family, Problem, envelope

ALLOWED: Final = ("ping",)
_LATER: Final = ("START_SESSION", "STOP_SESSION", "UPDATE_SETTINGS", "SUBSCRIBE")


def answer(text: str, unix_s: float) -> bytes:
    """Answer a client's message.

    Args:
        text: the whole message.
        unix_s: the time now, seconds since 1970.

    Returns:
        A JSON message.
    """
    try:
        command = read_object(text.encode())
        return _obey(command, unix_s)
    except Problem as problem:
        said = {"type": "error"} | envelope(Family.VAJRA, problem, unix_s)
        return msgspec.json.encode(said)


def _obey(command: dict[str, Any], unix_s: float) -> bytes:
    kind = command.get("type")
    if kind == "ping":
        return msgspec.json.encode({"type": "pong", "timestamp": unix_s})
    details = {"provided_value": kind, "allowed": list(ALLOWED)}
    if kind in _LATER:
        raise Problem(
            503, f"{kind} is not available yet", code="NOT_AVAILABLE", details=details
        )
    raise Problem(422, "no such command", details=details)

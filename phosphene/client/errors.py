"""What can go wrong with a call or a stream, as exceptions.

The server has four forms of an error, one for each family of its documents; all four are
read into one `ApiError`, or the subclass that its status has.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from protocols.errors import PhospheneError

_SHOWN: Final = 200
"""Characters of an answer that is no JSON which a message repeats."""


class ClientError(PhospheneError):
    """Root of what this client raises on purpose."""


class UnreachableError(ClientError):
    """No connection, or no answer in time."""


class AnswerError(ClientError):
    """The server said what this client does not understand."""


class StreamClosedError(ClientError):
    """A stream ended otherwise than by its own end, and was not raised again.

    Args:
        code: of the WebSocket's close; 1006: it broke without one.
        reason: as the server said it.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"the stream was closed with {code}: {reason or 'no reason'}")
        self.code = code
        self.reason = reason


class ApiError(ClientError):
    """The server refused, and said why.

    Args:
        status: of HTTP.
        code: for a program, such as `SESSION_NOT_FOUND`.
        message: for a person.
        details: what helps to do it right; often `mistakes`, one for each wrong field.
        retry_after_s: seconds after which it is worth another try, if the server said so.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: dict[str, Any] | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details or {}
        self.retry_after_s = retry_after_s


class InvalidError(ApiError):
    """What was sent is wrong (400, 413, 415, 422)."""

    @property
    def mistakes(self) -> list[dict[str, Any]]:
        """`field`, `value` and `allowed` of each wrong field, where the server says so."""
        found = self.details.get("mistakes")
        return found if isinstance(found, list) else []


class KeyRefusedError(ApiError):
    """No key, a wrong one, or one that may not do this (401, 403)."""


class NotThereError(ApiError):
    """No such thing, or another's (404)."""


class ConflictError(ApiError):
    """It is in no state for that (409)."""


class TooManyError(ApiError):
    """More than a limit allows (429); see `retry_after_s`."""


class UnavailableError(ApiError):
    """Not now (503, 504); see `retry_after_s`."""


_KINDS: Final[Mapping[int, type[ApiError]]] = {
    400: InvalidError,
    401: KeyRefusedError,
    403: KeyRefusedError,
    404: NotThereError,
    409: ConflictError,
    413: InvalidError,
    415: InvalidError,
    422: InvalidError,
    429: TooManyError,
    503: UnavailableError,
    504: UnavailableError,
}


def api_error(status: int, body: bytes, retry_after: str | None) -> ApiError:
    """Read an answer that is an error, in any of the server's four forms.

    Args:
        status: of HTTP.
        body: as it came; it may be what a proxy says, and no JSON.
        retry_after: the header, if there is one.
    """
    said = _object(body)
    inner = said.get("error")
    found = inner if isinstance(inner, dict) else said
    code = found.get("error_code") or found.get("code") or f"HTTP_{status}"
    text = body[:_SHOWN].decode(errors="replace").strip()
    message = found.get("message") or text or "no reason was given"
    details = found.get("details")
    return _KINDS.get(status, ApiError)(
        status,
        str(code),
        str(message),
        details=details if isinstance(details, dict) else {},
        retry_after_s=_seconds(retry_after),
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _seconds(header: str | None) -> float | None:
    try:
        found = float(header or "")
    except ValueError:
        return None
    return found if math.isfinite(found) and found >= 0 else None

"""Errors as clients see them: one exception here, an envelope for each document's family.

Whoever finds a mistake raises a `Problem`; this module alone knows the four forms.
"""

import enum
import re
from typing import Any, Final

import msgspec

from protocols.errors import PhospheneError
from web.times import iso

JSON: Final = "application/json"
_CODES: Final = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    408: "REQUEST_TIMEOUT",
    409: "CONFLICT",
    413: "BODY_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "INVALID_PARAMETER",
    429: "RATE_LIMIT_EXCEEDED",
    431: "HEAD_TOO_LARGE",
    500: "INTERNAL_ERROR",
    503: "UNAVAILABLE",
    504: "TIMEOUT",
}


_AS_003: Final = {
    "BAD_REQUEST": "INVALID_PARAMETER",
    "INVALID_JSON": "INVALID_PARAMETER",
    "NOT_FOUND": "RESOURCE_NOT_FOUND",
}
"""Document 003's own words for what is said elsewhere otherwise."""

_WRONG: Final = ("BAD_REQUEST", "INVALID_JSON", "INVALID_PARAMETER")
_WEBSOCKET: Final = re.compile(r"/ws/?\Z")


class Family(enum.Enum):
    """Whose documents a path is in, and so which envelope its errors bear."""

    ENV = "000"
    LIBRARY = "001"
    MARKET = "002"
    VAJRA = "003"


_PATHS: Final = (
    (
        re.compile(
            r"/(?:(?:health(?:/ready)?|ws-stats|ws|docs|redoc|openapi\.json|asyncapi\.json)/?)?\Z"
            r"|/api/v1/(?:audio|sessions|astrology|scalar|radionics|blessings|visualization"
            r"|rng-attunement|populations|automation)(?:/|\Z)"
        ),
        Family.VAJRA,
    ),
    (
        re.compile(
            r"/api/v1/(?:generations|flows|images|live)(?:/|\Z)"
            r"|/(?:cdn|api/bootstrap|api/admin)(?:/|\Z)"
        ),
        Family.LIBRARY,
    ),
    (re.compile(r"/v1(?:/|\Z)"), Family.MARKET),
)


class Problem(PhospheneError):  # noqa: N818  # RFC 9457's word; it is an answer, not a fault
    """A request cannot be answered as asked.

    Args:
        status: of HTTP.
        message: what is wrong and what is allowed, for a person.
        code: for a program; by default the status's own.
        details: anything that helps to do it right.
        headers: that the answer must bear.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        details: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or _CODES.get(status, f"HTTP_{status}")
        self.details = details or {}
        self.headers = headers or {}


def family_of(path: str) -> Family:
    """Tell by its path which document a request belongs to."""
    for pattern, family in _PATHS:
        if pattern.match(path):
            return family
    return Family.ENV


def fitted(path: str, problem: Problem) -> Problem:
    """Say a problem in the words of the document that a path is from.

    Document 001 knows one answer to whatever is wrong with a request, 400 with
    VALIDATION_ERROR; 003 has codes of its own for a wrong parameter, for what is not there
    and for what is wrong at its WebSocket. What is no JSON can still be told by `details`.
    """
    status, code, family = problem.status, problem.code, family_of(path)
    if family is Family.LIBRARY and code in _WRONG:
        status, code = 400, "VALIDATION_ERROR"
    elif family is Family.VAJRA and _WEBSOCKET.match(path) and code == "BAD_REQUEST":
        code = "WEBSOCKET_ERROR"
    elif family is Family.VAJRA:
        code = _AS_003.get(code, code)
    if code == problem.code:
        return problem
    details = problem.details
    if problem.code == "INVALID_JSON":
        details = {"reason": problem.code, **details}
    return Problem(
        status, problem.message, code=code, details=details, headers=problem.headers
    )


def envelope(family: Family, problem: Problem, unix_s: float) -> dict[str, Any]:
    """Put a problem into its family's form.

    Args:
        family: whose form.
        problem: what is wrong.
        unix_s: the time now, seconds since 1970.
    """
    code, message, details = problem.code, problem.message, problem.details
    match family:
        case Family.ENV:
            return {"error": {"code": code, "message": message, "details": details}}
        case Family.LIBRARY:
            inner: dict[str, Any] = {"message": message, "code": code}
            return {
                "success": False,
                "error": inner | ({"details": details} if details else {}),
            }
        case Family.MARKET:
            return {"message": message, "code": code} | (
                {"details": details} if details else {}
            )
        case Family.VAJRA:
            return {
                "status": "error",
                "error_code": code,
                "message": message,
                "details": details,
                "timestamp": iso(unix_s),
            }


def rendered(path: str, problem: Problem, unix_s: float) -> bytes:
    """Write the body of the answer to a request for `path`.

    Args:
        path: it decides the envelope.
        problem: as `fitted` made it, where its status may be another.
        unix_s: the time now, seconds since 1970.
    """
    return msgspec.json.encode(envelope(family_of(path), fitted(path, problem), unix_s))

"""Bodies, read strictly: what two readers could understand differently is refused.

Not JSON, not UTF-8, NaN or infinities, duplicate keys, numbers that no float holds, more
than 64 levels: 400. Never 500, whatever is sent.
"""

import json
import re
from typing import Any, Final

import msgspec

from web.errors import Problem

DEPTH: Final = 64
"""Levels of objects and lists in one another."""

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET: Final = re.compile(r"[\[\]{}]")


class _DuplicateError(ValueError):
    """An object says a key twice."""


def read_object(data: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Args:
        data: the body.

    Raises:
        Problem: 400, with what is wrong.
    """
    value = read_json(data)
    if not isinstance(value, dict):
        raise Problem(400, "the body must be a JSON object", code="INVALID_JSON")
    return value


def read_json(data: bytes) -> Any:  # noqa: ANN401  # JSON is of any type
    """Read a JSON value.

    Args:
        data: the body.

    Raises:
        Problem: 400, with what is wrong.
    """
    try:
        text = data.decode()
        if _depth(text) > DEPTH:
            raise Problem(400, f"nested deeper than {DEPTH} levels", code="INVALID_JSON")
        # msgspec refuses what is no JSON (NaN, lone surrogates, 1e999); the standard
        # library's reader alone can see a key twice.
        msgspec.json.decode(data)
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, msgspec.DecodeError) as error:
        said = str(error).removeprefix("JSON is malformed: ")
        raise Problem(
            400, f"the body is not valid JSON: {said}", code="INVALID_JSON"
        ) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise _DuplicateError(f"a key is there twice: {', '.join(twice)[:200]}")
    return found


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest

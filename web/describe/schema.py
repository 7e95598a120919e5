"""JSON Schema 2020-12, written short. Pure.

A schema is a dictionary, or a message type of `protocols`, whose schema msgspec makes.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import msgspec

Schema: TypeAlias = dict[str, Any] | type[msgspec.Struct]
SEED_HIGH: Final = 2**53 - 1


def obj(fields: Mapping[str, Schema], about: str = "") -> dict[str, Any]:
    """An object.

    Args:
        fields: by name; one whose name ends with `?` may be left out.
        about: for a person.
    """
    made: dict[str, Any] = {
        "type": "object",
        "properties": {name.rstrip("?"): schema for name, schema in fields.items()},
        "required": [name for name in fields if not name.endswith("?")],
    }
    return _said(made, about)


def text(about: str = "", *, low: int = 0, high: int = 0, **more: object) -> dict[str, Any]:
    """A text of `low` to `high` characters; 0 sets no bound."""
    made: dict[str, Any] = {"type": "string"} | more
    made |= {"minLength": low} if low else {}
    made |= {"maxLength": high} if high else {}
    return _said(made, about)


def number(
    about: str = "",
    *,
    low: float | None = None,
    high: float | None = None,
    default: float | None = None,
) -> dict[str, Any]:
    """A number from `low` to `high`."""
    return _said({"type": "number"} | _bounds(low, high, default), about)


def whole(
    about: str = "",
    *,
    low: int | None = None,
    high: int | None = None,
    default: int | None = None,
) -> dict[str, Any]:
    """A whole number from `low` to `high`."""
    return _said({"type": "integer"} | _bounds(low, high, default), about)


def flag(about: str = "", *, default: bool | None = None) -> dict[str, Any]:
    """True or false."""
    made: dict[str, Any] = {"type": "boolean"}
    return _said(made | ({} if default is None else {"default": default}), about)


def choice(*allowed: object, about: str = "", default: object = None) -> dict[str, Any]:
    """One of a few values."""
    made: dict[str, Any] = {"enum": list(allowed)}
    if all(isinstance(one, str) for one in allowed):
        made = {"type": "string"} | made
    return _said(made | ({} if default is None else {"default": default}), about)


def exactly(value: object) -> dict[str, Any]:
    """This value."""
    return {"const": value}


def listed(
    item: Schema, about: str = "", *, low: int | None = None, high: int | None = None
) -> dict[str, Any]:
    """A list of `low` to `high` items."""
    made: dict[str, Any] = {"type": "array", "items": item}
    made |= {} if low is None else {"minItems": low}
    made |= {} if high is None else {"maxItems": high}
    return _said(made, about)


def mapped(value: Schema, about: str = "") -> dict[str, Any]:
    """An object with any names, each of which has such a value."""
    return _said({"type": "object", "additionalProperties": value}, about)


def either(*schemas: Schema, about: str = "") -> dict[str, Any]:
    """Any of these."""
    return _said({"anyOf": list(schemas)}, about)


def maybe(schema: Schema) -> dict[str, Any]:
    """This, or null."""
    if isinstance(schema, dict) and isinstance(schema.get("type"), str):
        nullable = schema | {"type": [schema["type"], "null"]}
        return nullable | ({"enum": [*schema["enum"], None]} if "enum" in schema else {})
    return either(schema, {"type": "null"})


def anything(about: str = "") -> dict[str, Any]:
    """An object of which no more is said."""
    return _said({"type": "object"}, about)


def _bounds(low: float | None, high: float | None, default: float | None) -> dict[str, Any]:
    found = {"minimum": low, "maximum": high, "default": default}
    return {name: value for name, value in found.items() if value is not None}


def _said(schema: dict[str, Any], about: str) -> dict[str, Any]:
    return schema | ({"description": about} if about else {})


TIME: Final = text("ISO 8601, UTC", format="date-time")
UNIX: Final = number("Seconds since 1970 UTC")

"""A route as its clients see it: the words of which the description is made."""

import enum
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from web.describe.schema import Schema

JSON: Final = "application/json"


class Access(enum.Enum):
    """Who may use a route."""

    OPEN = "open"
    KEY = "key"
    LOCAL = "local"
    """Without a key on the server's own machine, with any key elsewhere."""

    OPERATOR = "operator"


class Param(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter in the path or the query."""

    name: str
    schema: dict[str, Any]
    about: str
    example: Any = None
    where: str = "query"
    """`query`, `path` or `header`."""

    required: bool = False


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a request must bring."""

    schema: Schema
    examples: Mapping[str, Any]
    """By name: each can be sent as it is."""

    required: bool = True
    others: Mapping[str, dict[str, Any]] = {}
    """Other content types, by name, with their schemas."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A success."""

    about: str
    schema: Schema | None = None
    """None: it has no body."""

    example: Any = None
    kind: str = JSON
    headers: Mapping[str, str] = {}
    """What they say, by name."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """A method of a path."""

    method: str
    path: str
    name: str
    """Unique: clients call it so."""

    summary: str
    about: str = ""
    access: Access = Access.KEY
    params: tuple[Param, ...] = ()
    body: Body | None = None
    said: Mapping[int, Said]
    errors: tuple[int, ...] = ()
    """Statuses of errors besides those that access, body and limits bring."""

    codes: tuple[str, ...] = ()
    """Codes of errors that mean something of their own here."""


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """Routes that belong together."""

    name: str
    about: str
    operations: tuple[Operation, ...]


ASKS: Final = (503, 504)
"""Errors of a route that asks an actor: it is starting again, or does not answer."""


def path_id(name: str, about: str, example: str) -> Param:
    """A part of the path."""
    schema = {"type": "string", "minLength": 1}
    return Param(
        name=name, schema=schema, about=about, example=example, where="path", required=True
    )

"""AsyncAPI 3.0 of everything that streams, made of the messages' own types. Pure.

In: channels (`web.describe.channels`). Out: the document. Schemas are what msgspec makes of
the structs that are really encoded, so the document cannot say other than what is sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from config.version import VERSION

ASYNCAPI: Final = "3.0.0"
_SCHEMAS: Final = "#/components/schemas/"
_BINDING: Final = "0.1.0"
_ABOUT: Final = """\
What streams: `/ws` for everyone, a session's pictures and sound, samples that are pushed,
and what operators see. Requests and answers are in `/openapi.json`.

Keys are sent in the handshake as `Authorization: Bearer KEY` or `X-API-Key: KEY`, or, where
a channel says so, as `?key=KEY`, for browsers cannot send headers. A handshake is refused
as any request is, with the error form of its document. The server sends a WebSocket ping to
who is silent for 20 s, and closes a connection that does not answer within 8 s; libraries
and browsers answer by themselves. Compression is never agreed to.
"""


class Bytes(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is no JSON."""

    name: str
    about: str
    mime: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message, with examples of it."""

    type: Any
    """A struct."""

    examples: tuple[dict[str, Any], ...] = ()


Spoken: TypeAlias = Message | Bytes


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """An address at which something streams."""

    name: str
    address: str
    about: str
    sends: tuple[Spoken, ...]
    """From the server."""

    hears: tuple[Spoken, ...] = ()
    """From clients."""

    query: Mapping[str, Any] = {}
    """Schemas by the query's names."""

    parameters: Mapping[str, str] = {}
    """Of the address: what each is."""

    security: tuple[str, ...] = ()
    """Names of schemes, each of which is enough; none: no key."""


_SECURITY: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key"},
    "header": {"type": "httpApiKey", "in": "header", "name": "X-API-Key"},
    "query": {"type": "httpApiKey", "in": "query", "name": "key"},
}


def asyncapi(channels: Sequence[Channel], server: str) -> dict[str, Any]:
    """Make the document.

    Args:
        channels: all of them.
        server: as clients reach it, `http://host:port`.
    """
    scheme, _, host = server.partition("://")
    protocol = "wss" if scheme == "https" else "ws"
    return {
        "asyncapi": ASYNCAPI,
        "info": {"title": "Phosphene streams", "version": VERSION, "description": _ABOUT},
        "defaultContentType": "application/json",
        "servers": {"this": {"host": host, "protocol": protocol}},
        "channels": {one.name: _channel(one) for one in channels},
        "operations": dict(_operations(channels)),
        "components": {
            "messages": {_name(one): _message(one) for one in _spoken(channels)},
            "schemas": _schemas(channels),
            "securitySchemes": _SECURITY,
        },
    }


def _channel(channel: Channel) -> dict[str, Any]:
    spoken = (*channel.sends, *channel.hears)
    made: dict[str, Any] = {
        "address": channel.address,
        "description": channel.about,
        "servers": [{"$ref": "#/servers/this"}],
        "messages": {
            _name(one): {"$ref": f"#/components/messages/{_name(one)}"} for one in spoken
        },
    }
    if channel.parameters:
        made["parameters"] = {
            name: {"description": about} for name, about in channel.parameters.items()
        }
    if channel.query:
        query = {"type": "object", "properties": dict(channel.query)}
        made["bindings"] = {
            "ws": {"method": "GET", "query": query, "bindingVersion": _BINDING}
        }
    return made


def _operations(channels: Sequence[Channel]) -> Iterable[tuple[str, dict[str, Any]]]:
    for channel in channels:
        ways = (("send", "tell", channel.sends), ("receive", "hear", channel.hears))
        for action, verb, spoken in ways:
            if spoken:
                yield verb + channel.name, _operation(channel, action, spoken)


def _operation(channel: Channel, action: str, spoken: tuple[Spoken, ...]) -> dict[str, Any]:
    at = f"#/channels/{channel.name}"
    made: dict[str, Any] = {
        "action": action,
        "channel": {"$ref": at},
        "messages": [{"$ref": f"{at}/messages/{_name(one)}"} for one in spoken],
    }
    if channel.security:
        made["security"] = [
            {"$ref": f"#/components/securitySchemes/{name}"} for name in channel.security
        ]
    return made


def _spoken(channels: Sequence[Channel]) -> list[Spoken]:
    found = {_name(s): s for one in channels for s in (*one.sends, *one.hears)}
    return list(found.values())


def _name(spoken: Spoken) -> str:
    return spoken.name if isinstance(spoken, Bytes) else str(spoken.type.__name__)


def _message(spoken: Spoken) -> dict[str, Any]:
    if isinstance(spoken, Bytes):
        return {
            "name": spoken.name,
            "contentType": spoken.mime,
            "summary": spoken.about,
            "payload": {"type": "string", "format": "binary"},
        }
    kind = spoken.type
    config = kind.__struct_config__
    made: dict[str, Any] = {
        "name": config.tag or kind.__name__,
        "title": kind.__name__,
        "summary": (kind.__doc__ or "").partition("\n")[0],
        "payload": {"$ref": f"{_SCHEMAS}{kind.__name__}"},
    }
    if spoken.examples:
        made["examples"] = [{"payload": example} for example in spoken.examples]
    return made


def _schemas(channels: Sequence[Channel]) -> dict[str, Any]:
    types = [one.type for one in _spoken(channels) if isinstance(one, Message)]
    _, schemas = msgspec.json.schema_components(types, ref_template=_SCHEMAS + "{name}")
    fitted: dict[str, Any] = _fitted(schemas)
    return fitted


def _fitted(schema: Any) -> Any:  # noqa: ANN401  # JSON is of any type
    """AsyncAPI's `discriminator` is the name alone; OpenAPI's (msgspec's) is more."""
    match schema:
        case {"discriminator": {"propertyName": str(field)}}:
            return {
                name: field if name == "discriminator" else _fitted(inner)
                for name, inner in schema.items()
            }
        case dict():
            return {name: _fitted(inner) for name, inner in schema.items()}
        case list():
            return [_fitted(inner) for inner in schema]
        case _:
            return schema

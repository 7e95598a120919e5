"""The WebSocket handshake and what comes in after it, by wsproto.

In: bytes. Out: what the client wants, then whole messages. Compression is never agreed to:
an extension that is not accepted is not spoken, so no small frame can become a large one.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import RemoteProtocolError

from web.errors import JSON, Problem, fitted, rendered
from web.frames import closing, pong

MESSAGE_BYTES: Final = 64 * 1024
"""A longer message from a client closes with 1009, unless more is allowed there."""

TOO_BIG: Final = 1009
_NORMAL: Final = 1000
_NO_CODE: Final = 1005
_HEADER: Final = re.compile(r"[\x21-\x7e\x80-\xff \t]*\Z")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asks to be upgraded to."""

    path: str
    """Decoded, without the query."""

    query: dict[str, str]
    host: str
    headers: dict[str, str]
    """Names in lower case; of a repeated one the last."""

    def key(self) -> str | None:
        """The key that came with it, if one did."""
        return bearer_key(self.headers.get("authorization"), self.headers.get("x-api-key"))


class Said(msgspec.Struct, frozen=True):
    """A whole text message."""

    text: str


class SaidBytes(msgspec.Struct, frozen=True):
    """A whole binary message."""

    data: bytes


class Answer(msgspec.Struct, frozen=True):
    """The protocol itself wants these bytes sent."""

    wire: bytes


class Goodbye(msgspec.Struct, frozen=True):
    """The conversation is over: send this close and go."""

    wire: bytes
    broken: bool
    """True: the client broke the protocol or a limit."""


Heard: TypeAlias = Said | SaidBytes | Answer | Goodbye


class BadHandshakeError(Exception):
    """It asks for an upgrade, but not as RFC 6455 wants it.

    Args:
        status: HTTP status of the refusal.
        message: what is wrong.
        headers: that the refusal must bear.
    """

    def __init__(self, status: int, message: str, headers: dict[str, str]) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


def bearer_key(authorization: str | None, api_key: str | None) -> str | None:
    """Take the key from `Authorization: Bearer` or `X-API-Key`."""
    if authorization is not None:
        scheme, _, key = authorization.strip().partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""
    return api_key.strip() if api_key is not None else None


def refusal(status: int, headers: dict[str, str], body: bytes) -> bytes:
    """Write the HTTP answer that stands in an upgrade's place."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {text}" for name, text in headers.items()]
    lines += [f"content-length: {len(body)}", "connection: close", "", ""]
    return "\r\n".join(lines).encode("latin1") + body


def refusing(path: str, problem: Problem, unix_s: float) -> bytes:
    """Write the whole answer to a request that no route will see.

    Args:
        path: as far as it is known; it decides the envelope.
        problem: what is wrong.
        unix_s: the time now, seconds since 1970.
    """
    said = fitted(path, problem)
    headers = {"content-type": JSON, **said.headers}
    return refusal(said.status, headers, rendered(path, said, unix_s))


class Conversation:
    """One WebSocket's protocol state, from the handshake to the close. No I/O."""

    def __init__(self) -> None:
        self._ws = WSConnection(ConnectionType.SERVER)
        self._parts: list[str | bytes] = []
        self._size = 0
        self.message_bytes = MESSAGE_BYTES
        """A longer message closes with 1009."""
        self.frames = 0
        """Frames that came, of any kind."""
        self.over = False
        """A close was heard, or the protocol broken: listen to nothing more."""

    def read_head(self, head: bytes) -> Wanted:
        """Take the request's head.

        Raises:
            BadHandshakeError: it cannot be accepted.
        """
        try:
            self._ws.receive_data(head)
            request = next(self._ws.events())
        except RemoteProtocolError as error:
            hint = error.event_hint
            status = hint.status_code if isinstance(hint, RejectConnection) else 400
            named = hint.headers if isinstance(hint, RejectConnection) else []
            headers = {
                name.decode("latin1"): value.decode("latin1") for name, value in named
            }
            raise BadHandshakeError(status, str(error), headers) from error
        except (ValueError, StopIteration) as error:  # a host or target that is not text
            raise BadHandshakeError(400, "the request is not well formed", {}) from error
        if not isinstance(request, Request):
            raise BadHandshakeError(400, "the request is not well formed", {})
        return _wanted(request)

    def accept(self) -> bytes:
        """Agree, without any extension."""
        return self._ws.send(AcceptConnection())

    def hear(self, data: bytes) -> Iterator[Heard]:
        """Take bytes that came in; stop listening once `over`."""
        self._ws.receive_data(data)
        for event in self._ws.events():
            self.frames += getattr(event, "frame_finished", True)
            match event:
                case TextMessage() | BytesMessage():
                    heard = self._gather(event)
                case Ping(payload=payload):
                    heard = Answer(pong(bytes(payload)))
                case CloseConnection(code=code, reason=reason):
                    heard = self._leave(code, reason)
                case _:
                    continue
            if heard is not None:
                yield heard
            if self.over:
                return

    def _gather(self, event: TextMessage | BytesMessage) -> Heard | None:
        data = event.data
        if data:  # empty fragments without end take no room
            self._parts.append(data if isinstance(data, str) else bytes(data))
            self._size += len(data.encode()) if isinstance(data, str) else len(data)
        if self._size > self.message_bytes:
            self.over = True
            return Goodbye(
                closing(TOO_BIG, f"at most {self.message_bytes} bytes a message"),
                broken=True,
            )
        if not event.message_finished:
            return None
        parts, self._parts, self._size = self._parts, [], 0
        if isinstance(event, TextMessage):
            return Said("".join(part for part in parts if isinstance(part, str)))
        return SaidBytes(
            b"".join(bytes(part) for part in parts if not isinstance(part, str))
        )

    def _leave(self, code: int, reason: str | None) -> Heard:
        self.over = True
        if self._ws.state is ConnectionState.REMOTE_CLOSING:
            echo = _NORMAL if code == _NO_CODE else int(code)
            return Goodbye(closing(echo), broken=False)
        # wsproto tells of a broken protocol as of a close that did not come.
        return Goodbye(closing(int(code), reason or ""), broken=True)


def _wanted(request: Request) -> Wanted:
    url = urlsplit(request.target)
    headers = {
        name.decode("latin1").lower(): value.decode("latin1")
        for name, value in request.extra_headers
    }
    if not all(_HEADER.match(value) for value in headers.values()):
        raise BadHandshakeError(400, "a header has control characters", {})
    return Wanted(
        path=unquote(url.path, errors="replace"),
        query=dict(parse_qsl(url.query, keep_blank_values=True, max_num_fields=20)),
        host=request.host,
        headers=headers,
    )

"""HTTP/1.1 by Hypercorn's protocol class, and nothing that it could turn into.

Hypercorn (0.18.0) changes a connection to HTTP/2 by its preface or by `Upgrade: h2c`, and
to a WebSocket by `Upgrade: websocket`, with compression that inflates before it measures.
Here HTTP stays HTTP: `h2c` is not heard (RFC 9110, section 7.8), other versions are
refused.
A client may ask for a WebSocket on a connection that it kept alive (Node's does); its whole
head is handed out, for the gateway, and nothing is answered here. Errors that no route sees
are answered in the usual envelope.
"""

import re
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

import h11
from hypercorn.events import Closed, Event
from hypercorn.protocol.events import Event as StreamEvent, Response
from hypercorn.protocol.h11 import H11Protocol

from web.door import Door
from web.errors import JSON, Problem, rendered

_VERSIONS: Final = (b"1.0", b"1.1")
_TARGET: Final = re.compile(rb"/|https?://[^/?#@\[\]]+(?:[/?]|\Z)", re.IGNORECASE)
_CLOSE: Final = (b"connection", b"close")
_UNKNOWN: Final = "/"
_WHY: Final = {
    400: "the request is not well formed",
    408: "the request's head did not come in time",
    431: "the request's head is too large",
    501: "the transfer coding is not known here",
    505: "this server speaks HTTP/1.1",
}


@dataclass(frozen=True)
class WebSocketWanted(Event):
    """The client asks for a WebSocket; all that it has said is taken."""

    head: bytes


class Http11(H11Protocol):
    """One connection's requests, one after the other.

    Args:
        door: of its clock, and whether it drains.
        parts: as Hypercorn's class wants them.
    """

    def __init__(self, door: Door, **parts: Any) -> None:  # noqa: ANN401  # Hypercorn's
        super().__init__(**parts)
        self._door = door
        self._is_head = False

    @property
    def reads_body(self) -> bool:
        """A request's head came, and its body is not whole."""
        return self.connection.their_state is h11.SEND_BODY

    @property
    def was_heard_out(self) -> bool:
        """All that the client has sent was taken, and was no nonsense."""
        states = (h11.SEND_BODY, h11.ERROR)
        unread, _ = self.connection.trailing_data
        return self.connection.their_state not in states and not unread

    async def refuse_rest(self) -> None:
        """Answer a request whose head does not become whole (408)."""
        if not self.was_heard_out and self.connection.our_state is h11.IDLE:
            await self._send_error_response(408)

    async def stream_send(self, event: StreamEvent) -> None:
        """Send a part of an answer; while we drain, the connection ends after it."""
        if isinstance(event, Response) and self._door.draining.is_set():
            event = replace(event, headers=[*event.headers, _CLOSE])
        await super().stream_send(event)

    async def _check_protocol(self, event: h11.Request) -> None:
        # Hypercorn would leave HTTP/1.1 here.
        self._is_head = event.method == b"HEAD"

    async def _create_stream(self, request: h11.Request) -> None:
        status = _refusal(request)
        if status:
            await self._send_error_response(status)
            await self.send(Closed())
            return
        if _wants_websocket(request):
            await self._hand_out(request)
            return
        await super()._create_stream(_without_upgrade(request))

    async def _hand_out(self, request: h11.Request) -> None:
        unread, _ = self.connection.trailing_data
        if unread:  # frames before the answer: they could be anybody's
            await self._send_error_response(400)
            await self.send(Closed())
            return
        line = b"%s %s HTTP/%s" % (request.method, request.target, request.http_version)
        fields = (b"%s: %s" % pair for pair in request.headers.raw_items())
        await self.send(WebSocketWanted(b"\r\n".join([line, *fields, b"", b""])))

    async def _send_error_response(self, status_code: int) -> None:
        problem = Problem(status_code, _WHY.get(status_code, _WHY[400]))
        body = rendered(_UNKNOWN, problem, self._door.unix())
        own = [
            (b"content-type", JSON.encode()),
            (b"content-length", b"%d" % len(body)),
            _CLOSE,
        ]
        headers = list(chain(own, self.config.response_headers("h11")))
        bare = self._is_head and self.connection.our_state is not h11.IDLE
        await self._send_h11_event(h11.Response(status_code=status_code, headers=headers))
        if not bare:
            await self._send_h11_event(h11.Data(data=body))
        await self._send_h11_event(h11.EndOfMessage())


def _refusal(request: h11.Request) -> int:
    if request.http_version not in _VERSIONS:
        return 505
    names = {name for name, _ in request.headers}
    if {b"content-length", b"transfer-encoding"} <= names:
        return 400  # two lengths: whoever stands before us may have believed the other
    is_all = request.target == b"*" and request.method == b"OPTIONS"
    return 0 if is_all or _TARGET.match(request.target) else 400


def _wants_websocket(request: h11.Request) -> bool:
    return request.method == b"GET" and any(
        name == b"upgrade" and text.strip().lower() == b"websocket"
        for name, text in request.headers
    )


def _without_upgrade(request: h11.Request) -> h11.Request:
    if all(name != b"upgrade" for name, _ in request.headers):
        return request
    return h11.Request(
        method=request.method,
        target=request.target,
        headers=[(name, text) for name, text in request.headers if name != b"upgrade"],
        http_version=request.http_version,
    )

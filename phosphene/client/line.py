"""One WebSocket that blocks, by wsproto over a socket.

One thread may listen while others talk.
"""

import socket
import ssl
import threading
from collections import deque
from contextlib import suppress
from typing import Final

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from phosphene.client.errors import ApiError, StreamClosedError, UnreachableError, api_error
from phosphene.client.patience import BROKEN, NORMAL
from phosphene.client.place import Place

_READ_BYTES: Final = 65_536
_PROTOCOL_ERROR: Final = 1002


class Line:
    """An open WebSocket.

    Args:
        place: the server.
        path: with what follows `?`.
        timeout_s: for the handshake, and for each sending.

    Raises:
        UnreachableError: nobody answers there, or not in time.
        ApiError: the server refused.
    """

    def __init__(self, place: Place, path: str, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._talk = WSConnection(ConnectionType.CLIENT)
        self._lock = threading.Lock()
        self._events: deque[Event] = deque()
        self._parts: list[str | bytes] = []
        self._sock = _connected(place, timeout_s)
        try:
            self._shake_hands(place, path)
        except BaseException:
            self._sock.close()
            raise

    def receive(self, quiet_s: float) -> str | bytes:
        """Wait for the next message.

        Args:
            quiet_s: after so long without a byte the server is asked whether it is
                there; after as long again the connection counts as lost.

        Raises:
            StreamClosedError: it was closed, or is lost.
        """
        while True:
            while self._events:
                message = self._taken(self._events.popleft())
                if message is not None:
                    return message
            self._hear(quiet_s)

    def send(self, text: bytes) -> None:
        """Say something.

        Raises:
            StreamClosedError: it cannot be said.
        """
        self._write(TextMessage(data=text.decode()))

    def close(self) -> None:
        """Say goodbye, and go; safe to repeat, and from any thread."""
        with suppress(StreamClosedError):
            self._write(CloseConnection(code=NORMAL))
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)  # who listens is woken by it
        self._sock.close()

    # -- the handshake --------------------------------------------------------------------

    def _shake_hands(self, place: Place, path: str) -> None:
        headers = [(name.encode(), value.encode()) for name, value in place.headers.items()]
        target = place.prefix + path
        try:
            self._write(
                Request(host=place.host_header, target=target, extra_headers=headers)
            )
            while not self._events:
                self._feed(self._read(self._timeout_s))
            answer = self._events.popleft()
            if isinstance(answer, AcceptConnection):
                return
            raise self._refusal(answer)
        except (StreamClosedError, TimeoutError) as error:
            raise UnreachableError(f"{place.url(path)}: {error}") from error

    def _refusal(self, answer: Event) -> ApiError:
        if not isinstance(answer, RejectConnection):
            return ApiError(0, "WEBSOCKET_ERROR", "the server did not answer the handshake")
        body, is_whole = b"", not answer.has_body
        while not is_whole:
            while not self._events:
                self._feed(self._read(self._timeout_s))
            part = self._events.popleft()
            if not isinstance(part, RejectData):
                break
            body, is_whole = body + part.data, part.body_finished
        headers = {name.decode().lower(): text.decode() for name, text in answer.headers}
        return api_error(answer.status_code, body, headers.get("retry-after"))

    # -- what comes and goes --------------------------------------------------------------

    def _hear(self, quiet_s: float) -> None:
        for is_asked in (False, True):
            try:
                data = self._read(quiet_s)
            except TimeoutError:
                if is_asked:
                    raise StreamClosedError(BROKEN, "the server is silent") from None
                self._write(Ping(payload=b"there?"))
                continue
            self._feed(data)
            return

    def _read(self, timeout_s: float) -> bytes:
        try:
            self._sock.settimeout(timeout_s)
            data = self._sock.recv(_READ_BYTES)
        except TimeoutError:
            raise
        except OSError as error:
            raise StreamClosedError(BROKEN, str(error)) from error
        if not data:
            raise StreamClosedError(BROKEN, "the connection ended without a goodbye")
        return data

    def _feed(self, data: bytes) -> None:
        try:
            with self._lock:
                self._talk.receive_data(data)
                self._events.extend(self._talk.events())
        except RemoteProtocolError as error:
            raise StreamClosedError(_PROTOCOL_ERROR, str(error)) from error

    def _taken(self, event: Event) -> str | bytes | None:
        match event:
            case TextMessage() | BytesMessage():
                return self._gathered(event)
            case Ping():
                self._write(event.response())
            case CloseConnection(code=code, reason=reason):
                with suppress(StreamClosedError):
                    self._write(event.response())
                self._sock.close()
                raise StreamClosedError(int(code), reason or "")
            case _:
                pass  # a pong: that something came is all that counts
        return None

    def _gathered(self, event: TextMessage | BytesMessage) -> str | bytes | None:
        data = event.data
        self._parts.append(data if isinstance(data, str) else bytes(data))
        if not event.message_finished:
            return None
        parts, self._parts = self._parts, []
        if isinstance(event, TextMessage):
            return "".join(part for part in parts if isinstance(part, str))
        return b"".join(part for part in parts if isinstance(part, bytes))

    def _write(self, event: Event) -> None:
        try:
            with self._lock:
                self._sock.settimeout(self._timeout_s)
                self._sock.sendall(self._talk.send(event))
        except (OSError, LocalProtocolError) as error:
            raise StreamClosedError(BROKEN, f"nothing can be said: {error}") from error


def _connected(place: Place, timeout_s: float) -> socket.socket:
    try:
        sock = socket.create_connection((place.host, place.port), timeout_s)
        if not place.is_tls:
            return sock
        context = ssl.create_default_context()
        return context.wrap_socket(sock, server_hostname=place.host)
    except OSError as error:
        raise UnreachableError(f"{place.base}: {error}") from error

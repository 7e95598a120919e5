"""A server's place taken by a script: what each WebSocket of a client meets in turn."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

Act = Callable[[ServerConnection], None]


class StandIn:
    """Lets one act after another meet the connections that come."""

    def __init__(self, acts: Sequence[Act | Response]) -> None:
        self.paths: list[str] = []
        self.headers: list[Headers] = []
        self._acts = list(acts)
        self._server = serve(
            self._meet, "127.0.0.1", 0, process_request=self._look, compression=None
        )
        self.base = f"http://127.0.0.1:{self._server.socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()

    def _look(self, _: ServerConnection, request: Request) -> Response | None:
        self.paths.append(request.path)
        self.headers.append(request.headers)
        if self._acts and isinstance(self._acts[0], Response):
            refusal = self._acts.pop(0)
            assert isinstance(refusal, Response)
            return refusal
        return None

    def _meet(self, connection: ServerConnection) -> None:
        act = self._acts.pop(0)
        assert not isinstance(act, Response)
        act(connection)


@contextmanager
def standing_in(*acts: Act | Response) -> Iterator[StandIn]:
    one = StandIn(acts)
    try:
        yield one
    finally:
        one.close()


def says(*messages: str | bytes, code: int = 1000, reason: str = "") -> Act:
    """Say something, then close."""

    def act(connection: ServerConnection) -> None:
        for message in messages:
            connection.send(message)
        connection.close(code, reason)

    return act


def refusal(status: int, body: bytes, **headers: str) -> Response:
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    given["Content-Length"] = str(len(body))
    return Response(status, "Refused", Headers(given), body)

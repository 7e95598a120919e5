"""Streams that break, against a script in a server's place; both clients."""

import threading

import pytest
import trio
from websockets.sync.server import ServerConnection

from phosphene.client import (
    NotThereError,
    Patience,
    Phosphene,
    StreamClosedError,
    TrioPhosphene,
    UnavailableError,
    UnreachableError,
)
from protocols.live import Subscribe
from tests.clients.said import block, picture, status
from tests.clients.stand_in import (
    Act,
    StandIn,
    refusal,
    says,
    standing_in,
)
from tests.journeys.server import PATIENCE_S

SOON = Patience(tries=3, first_s=0.01, quiet_s=PATIENCE_S)
GONE = b'{"error": {"code": "SESSION_NOT_FOUND", "message": "no such session"}}'
BUSY = b'{"error": {"code": "UNAVAILABLE", "message": "later"}}'


class Blocking:
    """Reads with the client that blocks."""

    def pictures(self, server: StandIn, patience: Patience = SOON) -> list[int]:
        with (
            Phosphene(server.base, "KEY", patience=patience) as client,
            client.sittings.pictures("sess_1") as stream,
        ):
            return [picture.about.sequence for picture in stream]


class UnderTrio:
    """Reads with the client under Trio, inside a scope of its own."""

    def pictures(self, server: StandIn, patience: Patience = SOON) -> list[int]:
        async def read() -> list[int]:
            async with (
                TrioPhosphene(server.base, "KEY", patience=patience) as client,
                client.sittings.pictures("sess_1") as stream,
            ):
                with trio.fail_after(PATIENCE_S):
                    return [picture.about.sequence async for picture in stream]

        return trio.run(read)


@pytest.fixture(params=[Blocking, UnderTrio])
def client(request: pytest.FixtureRequest) -> Blocking | UnderTrio:
    made: Blocking | UnderTrio = request.param()
    return made


@pytest.mark.parametrize("code", [1001, 1012, 1013])
def test_a_stream_that_restarts_goes_on_where_it_was(
    client: Blocking | UnderTrio, code: int
) -> None:
    first = says(status("streaming"), picture(1), picture(2), code=code)
    with standing_in(first, says(picture(3))) as server:
        assert client.pictures(server) == [1, 2, 3]

    assert server.paths[1] == "/stream/sess_1?format=binary&since=2"
    assert [head["Authorization"] for head in server.headers] == ["Bearer KEY"] * 2


def vanishes(connection: ServerConnection) -> None:
    connection.send(picture(1))
    connection.socket.shutdown(2)


def test_a_connection_that_breaks_is_raised_again(client: Blocking | UnderTrio) -> None:
    with standing_in(vanishes, says(picture(2))) as server:
        assert client.pictures(server) == [1, 2]


def test_a_server_that_is_not_ready_yet_is_tried_again(
    client: Blocking | UnderTrio,
) -> None:
    first = says(picture(1), code=1012)
    with standing_in(first, refusal(503, BUSY), says(picture(2))) as server:
        assert client.pictures(server) == [1, 2]


def test_a_session_that_is_gone_after_a_restart_is_told(
    client: Blocking | UnderTrio,
) -> None:
    first = says(picture(1), code=1012)
    with standing_in(first, refusal(404, GONE)) as server, pytest.raises(NotThereError):
        client.pictures(server)


def test_a_close_that_is_no_restart_is_told(client: Blocking | UnderTrio) -> None:
    with (
        standing_in(says(code=1008, reason="too many frames")) as server,
        pytest.raises(StreamClosedError, match="too many frames") as told,
    ):
        client.pictures(server)

    assert told.value.code == 1008
    assert len(server.paths) == 1


def test_patience_has_an_end(client: Blocking | UnderTrio) -> None:
    acts: list[Act] = [says(code=1012) for _ in range(4)]
    with standing_in(*acts) as server, pytest.raises(StreamClosedError) as told:
        client.pictures(server)

    assert told.value.code == 1012
    assert len(server.paths) == 4


def test_who_refuses_says_why(client: Blocking | UnderTrio) -> None:
    busy = refusal(503, BUSY, Retry_After="7")
    with standing_in(busy) as server, pytest.raises(UnavailableError) as told:
        client.pictures(server)

    assert (told.value.code, told.value.message) == ("UNAVAILABLE", "later")
    assert told.value.retry_after_s == 7.0


def test_where_nobody_is_nobody_answers(client: Blocking | UnderTrio) -> None:
    with standing_in() as server:
        pass

    with pytest.raises(UnreachableError):
        client.pictures(server)


def test_a_silent_server_is_asked_and_then_given_up(client: Blocking | UnderTrio) -> None:
    done = threading.Event()

    def deaf(connection: ServerConnection) -> None:
        connection.send(picture(1))
        # Who holds this lock keeps what comes from being read, so no ping is answered.
        with connection.protocol_mutex:
            done.wait(PATIENCE_S)

    def there(connection: ServerConnection) -> None:
        done.set()
        connection.send(picture(2))

    patience = Patience(tries=1, first_s=0.01, quiet_s=0.3)
    with standing_in(deaf, there) as server:
        assert client.pictures(server, patience) == [1, 2]


def test_a_quiet_server_that_answers_is_waited_for(client: Blocking | UnderTrio) -> None:
    def quiet(connection: ServerConnection) -> None:
        # Three answers to pings of ours are some time without a message.
        for _ in range(3):
            assert connection.ping().wait(PATIENCE_S)
            assert not stop.wait(0.4)
        connection.send(picture(1))

    stop = threading.Event()
    patience = Patience(tries=0, quiet_s=0.5)
    with standing_in(quiet) as server:
        assert client.pictures(server, patience) == [1]


def test_a_subscription_holds_after_a_restart() -> None:
    heard: list[str] = []

    def listens(connection: ServerConnection) -> None:
        heard.append(str(connection.recv(PATIENCE_S)))
        connection.close(1012)

    def once_more(connection: ServerConnection) -> None:
        heard.append(str(connection.recv(PATIENCE_S)))

    with (
        standing_in(listens, once_more) as server,
        Phosphene(server.base, patience=SOON) as client,
        client.live(topics=["heartbeat"], rate_hz=2) as live,
    ):
        assert list(live) == []

    assert heard[0] == '{"type":"SUBSCRIBE","topics":["heartbeat"],"rate_hz":2}'
    assert heard == heard[:1] * 2
    assert Subscribe(topics=("heartbeat",), rate_hz=2) == live._live.wanted


def test_a_stream_is_closed_from_another_thread() -> None:
    done = threading.Event()

    def sounds(connection: ServerConnection) -> None:
        connection.send(block(0))
        done.wait(PATIENCE_S)

    with standing_in(sounds) as server, Phosphene(server.base) as client:
        stream = client.audio.stream()
        assert next(stream).first_sample == 0
        closing = threading.Thread(target=stream.close)
        closing.start()
        assert list(stream) == []
        closing.join()
        done.set()

"""Streams: who sees which picture, when, and what a stream's end looks like."""

import json

import httpx
import pytest
from trio_websocket import ConnectionClosed, WebSocketConnection

from protocols.streams import Demand
from tests.web.stand_ins import OTHER_KEY, House, opened
from web.figures import Closed


@pytest.fixture
def house() -> House:
    house = House()
    house.sessions.add("sess_a")
    return house


async def test_a_picture_goes_to_everyone_who_watches_its_session(house: House) -> None:
    async with opened(house), house.watching(*["/stream/sess_a"] * 3) as viewers:
        house.picture("sess_a", 1)
        assert [await viewer.get_message() for viewer in viewers] == ["picture 1"] * 3


async def test_a_late_joiner_gets_the_status_and_the_newest_picture(house: House) -> None:
    async with opened(house), house.watching("/stream/sess_a") as [first]:
        house.picture("sess_a", 1)
        house.picture("sess_a", 1, "streaming", control=True)
        house.picture("sess_a", 2)
        while await first.get_message() != "picture 2":
            pass
        async with house.watching("/stream/sess_a") as [late]:
            assert [await late.get_message() for _ in "12"] == ["streaming", "picture 2"]


async def test_a_status_that_is_repeated_for_a_viewer_comes_once(house: House) -> None:
    async with opened(house), house.watching("/stream/sess_a") as [viewer]:
        for sequence in (1, 2, 3):
            house.picture("sess_a", sequence, "frozen", control=True)
        house.picture("sess_a", 4)
        assert [await viewer.get_message() for _ in "12"] == ["frozen", "picture 4"]


@pytest.mark.parametrize(("since", "first"), [(1, "picture 2"), (2, "picture 3")])
async def test_who_resumes_is_not_sent_what_it_has(
    house: House, since: int, first: str
) -> None:
    async with opened(house), house.watching("/stream/sess_a") as [early]:
        house.picture("sess_a", 2)
        await early.get_message()
        async with house.watching(f"/stream/sess_a?since={since}") as [resumed]:
            house.picture("sess_a", 3)
            assert await resumed.get_message() == first


async def test_forms_of_a_stream_are_apart(house: House) -> None:
    paths = ("/stream/sess_a", "/stream/sess_a?format=binary")
    async with opened(house), house.watching(*paths) as [plain, binary]:
        house.picture("sess_a", 1, "bytes", kind="binary", binary=True)
        house.picture("sess_a", 1, "text")
        assert await binary.get_message() == b"bytes"
        assert await plain.get_message() == "text"


async def test_the_broadcaster_hears_who_watches_which_form(house: House) -> None:
    async with opened(house), house.watching("/stream/sess_a?format=signals"):
        pass

    assert house.demands.next() == Demand(session="sess_a", kind="signals", watchers=1)
    assert house.demands.next() == Demand(session="sess_a", kind="signals", watchers=0)


async def test_a_stream_says_its_last_word_and_closes_with_1000(house: House) -> None:
    async with opened(house), house.watching("/stream/sess_a") as [viewer]:
        house.picture("sess_a", 1, "ended", control=True, last=True)
        assert await viewer.get_message() == "ended"
        assert await _closed(viewer) == 1000
        async with house.watching("/stream/sess_a") as [late]:
            assert await late.get_message() == "ended"
            assert await _closed(late) == 1000

    assert house.door.figures.closes == {Closed.ENDED: 2}


async def test_who_comes_after_the_end_is_told_so(house: House) -> None:
    house.sessions.add("sess_a", status="ended", ended_at=101.0, reason="asked")
    async with opened(house), house.watching("/stream/sess_a") as [viewer]:
        said = json.loads(await viewer.get_message())
        assert await _closed(viewer) == 1000

    assert (said["type"], said["status"], said["reason"]) == ("status", "ended", "asked")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/stream/sess_nobody", 404, "SESSION_NOT_FOUND"),
        ("/stream/a%00b", 404, "SESSION_NOT_FOUND"),
        ("/stream/..%2f..", 404, "NOT_FOUND"),
        ("/stream/sess_a?format=gif&since=x", 422, "INVALID_PARAMETER"),
        ("/elsewhere", 404, "NOT_FOUND"),
    ],
)
async def test_a_refused_handshake_says_why(
    house: House, path: str, status: int, code: str
) -> None:
    async with opened(house):
        refused = await _refused(house, path)

    assert refused.status_code == status
    assert refused.json()["error"]["code"] == code


async def test_a_key_is_not_needed_to_watch_but_a_wrong_one_is_refused(
    house: House,
) -> None:
    async with opened(house):
        refused = await _refused(house, "/stream/sess_a", Authorization="Bearer wrong")
        async with house.watching("/stream/sess_a", X_API_Key=OTHER_KEY):
            pass

    assert refused.status_code == 401


async def test_http_and_streams_share_every_port(house: House) -> None:
    async with opened(house, ports=2):
        for port in list(house.ports):
            house.ports = [port]
            async with house.client() as client:
                assert (await client.get("/health")).json()["status"] == "healthy"
            async with house.watching("/stream/sess_a?since=0") as [viewer]:
                house.picture("sess_a", port)
                while await viewer.get_message() != f"picture {port}":
                    pass


async def test_everyone_hears_1012_when_the_server_goes_down(house: House) -> None:
    async with opened(house), house.watching("/stream/sess_a", "/ws") as [viewer, other]:
        house.stop.set()
        assert await _closed(viewer) == 1012
        assert await _closed(other) == 1012

    assert house.door.figures.closes == {Closed.SHUTDOWN: 2}
    with pytest.raises(httpx.ConnectError):
        async with house.client() as client:
            await client.get("/health")


async def _listen(viewer: WebSocketConnection) -> None:
    while True:
        await viewer.get_message()


async def _closed(viewer: WebSocketConnection) -> int:
    """Pass over messages to the close, and tell its code."""
    with pytest.raises(ConnectionClosed) as closed:
        await _listen(viewer)
    assert closed.value.reason is not None
    return closed.value.reason.code


async def _refused(house: House, path: str, **headers: str) -> httpx.Response:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    async with house.client(key=None) as client:
        return await client.get(path, headers=upgrade | headers)

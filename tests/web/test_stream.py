"""Streams: who sees which picture, when, and what a stream's end looks like."""

import json

import httpx
import pytest
import trio
from trio_websocket import ConnectionClosed, ConnectionRejected

from protocols.streams import Demand
from tests.web.stand_ins import House, opened


async def test_a_picture_goes_to_everyone_who_watches_its_session() -> None:
    house = House()
    house.sessions.add("sess_a")
    async with opened(house), trio.open_nursery() as nursery:
        viewers = [await house.stream(nursery, "/stream/sess_a") for _ in range(3)]
        house.picture("sess_a", 1)
        seen = [await viewer.get_message() for viewer in viewers]
        nursery.cancel_scope.cancel()

    assert seen == ["picture 1"] * 3


async def test_a_late_joiner_gets_the_status_and_the_newest_picture_at_once() -> None:
    house = House()
    house.sessions.add("sess_a")
    async with opened(house), trio.open_nursery() as nursery:
        first = await house.stream(nursery, "/stream/sess_a")
        house.picture("sess_a", 1)
        house.picture("sess_a", 1, "streaming", control=True)
        house.picture("sess_a", 2)
        while await first.get_message() != "picture 2":
            pass
        late = await house.stream(nursery, "/stream/sess_a")
        seen = [await late.get_message(), await late.get_message()]
        nursery.cancel_scope.cancel()

    assert seen == ["streaming", "picture 2"]


@pytest.mark.parametrize(("since", "first"), [(1, "picture 2"), (2, "picture 3")])
async def test_who_resumes_is_not_sent_what_it_has(since: int, first: str) -> None:
    house = House()
    house.sessions.add("sess_a")
    async with opened(house), trio.open_nursery() as nursery:
        early = await house.stream(nursery, "/stream/sess_a")
        house.picture("sess_a", 2)
        await early.get_message()
        resumed = await house.stream(nursery, f"/stream/sess_a?since={since}")
        house.picture("sess_a", 3)
        seen = await resumed.get_message()
        nursery.cancel_scope.cancel()

    assert seen == first


async def test_forms_of_a_stream_are_apart() -> None:
    house = House()
    house.sessions.add("sess_a")
    async with opened(house), trio.open_nursery() as nursery:
        plain = await house.stream(nursery, "/stream/sess_a")
        binary = await house.stream(nursery, "/stream/sess_a?format=binary")
        house.picture("sess_a", 1, "bytes", kind="binary", binary=True)
        house.picture("sess_a", 1, "text")
        seen = [await binary.get_message(), await plain.get_message()]
        nursery.cancel_scope.cancel()

    assert seen == [b"bytes", "text"]


async def test_the_broadcaster_hears_who_watches_which_form() -> None:
    house = House()
    house.sessions.add("sess_a")
    async with opened(house):
        async with trio.open_nursery() as nursery:
            viewer = await house.stream(nursery, "/stream/sess_a?format=signals")
            await viewer.aclose()
        house.stop.set()

    assert house.demands.next() == Demand(session="sess_a", kind="signals", watchers=1)
    assert house.demands.next() == Demand(session="sess_a", kind="signals", watchers=0)


async def test_a_stream_says_its_last_word_and_closes_with_1000() -> None:
    house = House()
    house.sessions.add("sess_a")
    async with opened(house), trio.open_nursery() as nursery:
        viewer = await house.stream(nursery, "/stream/sess_a")
        house.picture("sess_a", 1, "ended", control=True, last=True)
        assert await viewer.get_message() == "ended"
        with pytest.raises(ConnectionClosed) as closed:
            await viewer.get_message()
        late = await house.stream(nursery, "/stream/sess_a")
        assert await late.get_message() == "ended"
        with pytest.raises(ConnectionClosed):
            await late.get_message()

    assert closed.value.reason is not None
    assert closed.value.reason.code == 1000


async def test_who_comes_after_the_end_is_told_so() -> None:
    house = House()
    house.sessions.add("sess_a", status="ended", ended_at=101.0, reason="asked")
    async with opened(house), trio.open_nursery() as nursery:
        viewer = await house.stream(nursery, "/stream/sess_a")
        said = json.loads(await viewer.get_message())
        with pytest.raises(ConnectionClosed):
            await viewer.get_message()

    assert (said["type"], said["status"], said["reason"]) == ("status", "ended", "asked")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/stream/sess_nobody", 404, "SESSION_NOT_FOUND"),
        ("/stream/..%2f..", 404, "SESSION_NOT_FOUND"),
        ("/stream/sess_a?format=gif&since=x", 422, "INVALID_PARAMETER"),
        ("/elsewhere", 404, "NOT_FOUND"),
    ],
)
async def test_a_refused_handshake_says_why(path: str, status: int, code: str) -> None:
    house = House()
    house.sessions.add("sess_a")
    async with opened(house), trio.open_nursery() as nursery:
        with pytest.raises(ConnectionRejected) as refused:
            await house.stream(nursery, path)

    assert refused.value.status_code == status
    assert refused.value.body is not None
    assert json.loads(refused.value.body)["error"]["code"] == code


async def test_a_key_is_not_needed_to_watch_but_a_wrong_one_is_refused() -> None:
    house = House()
    house.sessions.add("sess_a")
    async with opened(house), trio.open_nursery() as nursery:
        with pytest.raises(ConnectionRejected) as refused:
            await house.stream(nursery, "/stream/sess_a", Authorization="Bearer wrong")
        await house.stream(nursery, "/stream/sess_a", X_API_Key="key-of-bob")
        nursery.cancel_scope.cancel()

    assert refused.value.status_code == 401


async def test_http_and_streams_share_every_port() -> None:
    house = House()
    house.sessions.add("sess_a")
    async with opened(house, ports=2), trio.open_nursery() as nursery:
        for port in list(house.ports):
            house.ports = [port]
            async with house.client() as client:
                assert (await client.get("/health")).json()["status"] == "healthy"
            viewer = await house.stream(nursery, "/stream/sess_a")
            house.picture("sess_a", port)
            assert await viewer.get_message() == f"picture {port}"
            await viewer.aclose()


async def test_everyone_hears_1012_when_the_server_goes_down() -> None:
    house = House()
    house.sessions.add("sess_a")
    async with trio.open_nursery() as nursery:
        async with opened(house):
            viewer = await house.stream(nursery, "/stream/sess_a")
            house.stop.set()
            with pytest.raises(ConnectionClosed) as closed:
                await viewer.get_message()

    assert closed.value.reason is not None
    assert closed.value.reason.code == 1012
    with pytest.raises(httpx.ConnectError):
        async with house.client() as client:
            await client.get("/health")

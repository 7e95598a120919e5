"""Five WebSockets an address at `/ws`, more by setting."""

import json

import msgspec
import pytest

from config.schema import Settings
from tests.web.raw import connected
from tests.web.stand_ins import KEY, House, opened
from web.errors import Problem
from web.places import Places


def settings(most: int, **web: object) -> Settings:
    usual = Settings()
    changed = msgspec.structs.replace(usual.web, websockets_per_address=most, **web)
    return msgspec.structs.replace(usual, web=changed)


def test_a_place_is_given_back_whatever_happens() -> None:
    places = Places(1)
    with places.any() as mine, places.any() as other, places.any():
        mine.take("a")
        other.take("b")
        with places.any() as more, pytest.raises(Problem):
            more.take("a")
        assert (places.taken("a"), places.taken("b")) == (1, 1)

    assert (places.taken("a"), places.taken("b")) == (0, 0)


async def test_the_sixth_is_told_to_come_later_and_may_when_one_has_left() -> None:
    house = House()
    async with opened(house), connected(house.ports[0]) as sixth:
        async with house.watching(*["/ws"] * 5):
            head = await sixth.shake("/ws")
            body = json.loads(await sixth.rest())
        await house.left()
        async with house.watching("/ws") as [viewer]:
            greeting = json.loads(await viewer.get_message())

    assert head.startswith("HTTP/1.1 429")
    assert "retry-after: 5" in head
    assert "x-ratelimit-limit: 5" in head
    assert (body["status"], body["error_code"]) == ("error", "RATE_LIMIT_EXCEEDED")
    assert body["details"]["limit"] == 5
    assert greeting["type"] == "connection_status"


async def test_streams_of_sessions_are_not_counted() -> None:
    house = House(settings=settings(1))
    house.sessions.add("sess_a")
    async with opened(house), house.watching("/ws", *["/stream/sess_a"] * 3):
        assert house.door.figures.active == 4


@pytest.mark.parametrize(("most", "wanted"), [(0, 12), (7, 7)])
async def test_the_setting_says_how_many(most: int, wanted: int) -> None:
    house = House(settings=settings(most))
    async with opened(house), house.watching(*["/ws"] * wanted):
        assert house.door.figures.active == wanted


async def test_a_handshake_that_fails_leaves_no_place_taken() -> None:
    house = House(settings=settings(1))
    async with opened(house):
        for _ in range(3):
            async with connected(house.ports[0]) as raw:
                head = await raw.shake("/ws", "Authorization: Bearer nobody\r\n")
                assert head.startswith("HTTP/1.1 401")
        async with house.watching("/ws"):
            assert house.door.figures.active == 1


async def test_clients_of_a_proxy_are_counted_one_by_one() -> None:
    house = House(settings=settings(1, trusted_proxies=("127.0.0.1",)))
    key = f"Authorization: Bearer {KEY}\r\n"
    async with opened(house):
        heads = []
        async with (
            connected(house.ports[0]) as one,
            connected(house.ports[0]) as two,
            connected(house.ports[0]) as again,
        ):
            for raw, client in (
                (one, "192.0.2.1"),
                (two, "192.0.2.2"),
                (again, "192.0.2.1"),
            ):
                heads.append(await raw.shake("/ws", f"{key}X-Forwarded-For: {client}\r\n"))

    assert [head[9:12] for head in heads] == ["101", "101", "429"]

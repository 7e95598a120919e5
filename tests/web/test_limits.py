"""Limits at the door: what the headers say is what then happens."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import httpx
import pytest
import trio

from config.errors import BadSettingsError
from config.load import load_settings
from config.schema import RateLimits, Settings, WebSettings
from tests.web.stand_ins import House, opened

COUNTED = "/api/v1/audio/nothing-here"  # that it is not there does not matter
GENERATE = "/api/v1/audio/generate"
PROXY = ("127.0.0.0/8",)


def house(*, proxies: tuple[str, ...] = (), **limits: Any) -> House:  # noqa: ANN401
    web = WebSettings(trusted_proxies=proxies)
    return House(settings=Settings(limits=RateLimits(**limits), web=web))


def whole(got: httpx.Response, name: str) -> int:
    return int(got.headers[f"x-ratelimit-{name}"])


async def at_once(
    client: httpx.AsyncClient, count: int, path: str = COUNTED
) -> list[httpx.Response]:
    """So many requests in parallel."""
    got: list[httpx.Response] = []

    async def one() -> None:
        got.append(await client.get(path))

    async with trio.open_nursery() as nursery:
        for _ in range(count):
            nursery.start_soon(one)
    return got


def refused(got: Sequence[httpx.Response]) -> list[httpx.Response]:
    return [one for one in got if one.status_code == 429]


async def test_the_documented_headers_say_what_is_left() -> None:
    scene = house()
    async with opened(scene), scene.client(None) as client:
        first, second = [await client.get(COUNTED) for _ in range(2)]

    assert [whole(first, "limit"), whole(first, "remaining")] == [100, 99]
    assert whole(second, "remaining") == 98
    assert whole(first, "reset") == scene.clock.unix(scene.clock.now()) + 60
    assert first.headers["ratelimit-policy"] == '"requests";q=100;w=60'
    assert first.headers["ratelimit"] == '"requests";r=99;t=60'


async def test_a_hundred_at_once_get_a_hundred_different_remainders() -> None:
    scene = house()
    async with opened(scene), scene.client(None) as client:
        got = await at_once(client, 100)
        more = await at_once(client, 20)

    assert sorted(whole(one, "remaining") for one in got) == list(range(100))
    assert not refused(got)
    assert len(refused(more)) == 20
    assert {whole(one, "remaining") for one in more} == {0}


async def test_parallel_requests_above_the_limit_are_refused_exactly() -> None:
    scene = house(requests_a_minute=30)
    async with opened(scene), scene.client(None) as client:
        got = await at_once(client, 100)

    assert len(refused(got)) == 70
    passed = [one for one in got if one.status_code != 429]
    assert sorted(whole(one, "remaining") for one in passed) == list(range(30))


async def test_who_waits_as_told_is_let_in_and_not_before() -> None:
    scene = house(requests_a_minute=2)
    async with opened(scene), scene.client(None) as client:
        for _ in range(2):
            await client.get(COUNTED)
            scene.clock.at += 7.25
        too_many = await client.get(COUNTED)
        wait_s = int(too_many.headers["retry-after"])
        scene.clock.at += wait_s - 1
        early = await client.get(COUNTED)
        scene.clock.at += 1
        let_in = await client.get(COUNTED)
        reset_at = whole(let_in, "reset")
        scene.clock.at += reset_at - scene.clock.unix(scene.clock.at)
        after = await client.get(COUNTED)

    said = too_many.json()
    assert (too_many.status_code, said["error_code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert said["details"]["retry_after_seconds"] == wait_s == 46
    assert (early.status_code, let_in.status_code) == (429, 404)
    assert whole(after, "remaining") == 1  # all that there is, less this one


async def test_generating_has_a_limit_of_its_own_within_the_general_one() -> None:
    scene = house(requests_a_minute=20, generations_a_minute=3)
    async with opened(scene), scene.client(None) as client:
        got = [await client.post(GENERATE, json={}) for _ in range(5)]
        other = await client.get(COUNTED)

    assert [one.status_code == 429 for one in got] == [False] * 3 + [True] * 2
    assert [whole(one, "limit") for one in got] == [3] * 5
    assert [whole(one, "remaining") for one in got] == [2, 1, 0, 0, 0]
    assert got[0].headers["ratelimit"] == '"requests";r=19;t=60, "generations";r=2;t=60'
    assert got[-1].json()["details"]["counted"] == "generations"
    assert whole(other, "remaining") == 16  # what was refused cost nothing here either


@pytest.mark.parametrize(
    "path",
    [
        "/health",
        "/health/ready",
        "/ws-stats",
        "/",
        "/live",
        "/static/live/main.js",
        "/api/v1/session",
        "/ops/tree",
        "/metrics",
        "/nowhere",
    ],
)
async def test_who_watches_is_not_shut_out(path: str) -> None:
    scene = house(requests_a_minute=1)
    async with opened(scene), scene.client(None) as client:
        got = [await client.get(path) for _ in range(3)]

    assert not refused(got)
    assert all("ratelimit" not in one.headers for one in got)


async def test_a_limit_of_zero_is_none() -> None:
    scene = house(requests_a_minute=0, generations_a_minute=0)
    async with opened(scene), scene.client(None) as client:
        got = await at_once(client, 150)
    assert not refused(got)
    assert "x-ratelimit-limit" not in got[0].headers


async def test_a_preflight_is_no_request() -> None:
    scene = house(requests_a_minute=1)
    page = scene.door.settings.web.origins[0]
    asks = {"Origin": page, "Access-Control-Request-Method": "POST"}
    async with opened(scene), scene.client(None) as client:
        for _ in range(3):
            assert (await client.options(COUNTED, headers=asks)).status_code == 204
        allowed = await client.get(COUNTED, headers={"Origin": page})
        shut_out = await client.get(COUNTED, headers={"Origin": page})

    assert allowed.status_code == 404
    assert shut_out.status_code == 429
    exposed = re.split(r",\s*", shut_out.headers["access-control-expose-headers"].lower())
    told = {name for name in shut_out.headers if "ratelimit" in name} | {"retry-after"}
    assert told <= set(exposed)
    assert shut_out.headers["access-control-allow-origin"] == page


async def test_clients_behind_a_trusted_proxy_are_told_apart() -> None:
    scene = house(proxies=PROXY, requests_a_minute=1)
    async with opened(scene), scene.client(None) as client:
        ask = partial(client.get, COUNTED)
        ada = await ask(headers={"X-Forwarded-For": "1.1.1.1"})
        bob = await ask(headers={"X-Forwarded-For": "2.2.2.2"})
        again = await ask(headers={"X-Forwarded-For": "9.9.9.9, 1.1.1.1"})
    assert [one.status_code for one in (ada, bob, again)] == [404, 404, 429]


async def test_nobody_else_can_be_whom_they_like() -> None:
    scene = house(requests_a_minute=1)
    async with opened(scene), scene.client(None) as client:
        got = [
            await client.get(COUNTED, headers={"X-Forwarded-For": f"1.1.1.{i}"})
            for i in range(3)
        ]
    assert [one.status_code for one in got] == [404, 429, 429]


@pytest.mark.parametrize("wrong", ["10.0.0.999", "10.0.0.0/40", "::1/129", "proxy"])
def test_a_proxy_that_is_no_address_is_told_at_the_start(wrong: str) -> None:
    with pytest.raises(BadSettingsError, match=r"web\.trusted_proxies"):
        load_settings(environment={"PHOSPHENE_WEB__TRUSTED_PROXIES": wrong})

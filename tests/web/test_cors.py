"""Pages of other origins that call from a browser."""

import httpx
import pytest

from config.schema import Settings, WebSettings
from tests.web.stand_ins import House, opened

CREATE = "/api/v1/session/create"
PAGE, STRANGER = "http://localhost:5173", "https://elsewhere.example"


def allowing(*origins: str) -> House:
    return House(settings=Settings(web=WebSettings(origins=origins)))


async def preflight(house: House, origin: str, path: str = CREATE) -> httpx.Response:
    asks = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    async with house.client(None) as client:
        return await client.options(path, headers=asks)


@pytest.mark.parametrize(("origins", "said"), [((PAGE,), PAGE), (("*",), "*")])
async def test_a_preflight_of_an_allowed_page_is_granted(
    origins: tuple[str, ...], said: str
) -> None:
    house = allowing(*origins)
    async with opened(house):
        granted = await preflight(house, PAGE)

    assert (granted.status_code, granted.content) == (204, b"")
    assert granted.headers["access-control-allow-origin"] == said
    assert "POST" in granted.headers["access-control-allow-methods"]
    allowed = granted.headers["access-control-allow-headers"].lower()
    assert {"authorization", "x-api-key", "content-type"} <= set(allowed.split(", "))
    assert "access-control-allow-credentials" not in granted.headers
    assert ("origin" in granted.headers.get("vary", "").lower()) is (said == PAGE)


async def test_a_preflight_of_another_page_is_refused() -> None:
    house = allowing(PAGE)
    async with opened(house):
        refused = await preflight(house, STRANGER)

    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(
    ("path", "status"), [(CREATE, 401), ("/health", 200), ("/no", 404)]
)
async def test_answers_and_errors_can_be_read_by_allowed_pages_only(
    path: str, status: int
) -> None:
    house = allowing(PAGE)
    async with opened(house), house.client(None) as client:
        method = "POST" if path == CREATE else "GET"
        mine = await client.request(method, path, headers={"Origin": PAGE})
        theirs = await client.request(method, path, headers={"Origin": STRANGER})
        plain = await client.request(method, path)

    assert mine.status_code == theirs.status_code == plain.status_code == status
    assert mine.headers["access-control-allow-origin"] == PAGE
    assert "Retry-After" in mine.headers["access-control-expose-headers"]
    for other in (theirs, plain):
        assert "access-control-allow-origin" not in other.headers
        assert "Origin" in other.headers["vary"]


async def test_what_already_varies_goes_on_to() -> None:
    house = allowing(PAGE)
    async with opened(house), house.client(None) as client:
        root = await client.get("/live", headers={"Origin": PAGE})
    assert {part.strip().lower() for part in root.headers["vary"].split(",")} == {
        "accept",
        "origin",
    }


async def test_options_without_a_page_are_the_route_s_methods() -> None:
    house = allowing(PAGE)
    async with opened(house), house.client(None) as client:
        got = await client.options("/health")
    assert got.status_code == 200
    assert "GET" in got.headers["allow"]

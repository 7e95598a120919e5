"""Headers that keep browsers from doing what nobody meant."""

import re

import pytest

from config.schema import Settings, WebSettings
from tests.web.stand_ins import House, opened

PAGES = ("/live", "/ops")
OTHERS = ("/health", "/nowhere", "/api/v1/session", "/static/live/main.js", "/images/x.png")


def directives(policy: str) -> dict[str, list[str]]:
    """A content security policy, by directive."""
    found = (part.split() for part in policy.split(";"))
    return {name: allowed for name, *allowed in found}


@pytest.mark.parametrize("path", [*PAGES, *OTHERS])
async def test_every_answer_is_guarded(path: str) -> None:
    async with opened(House()) as house, house.client(None) as client:
        got = await client.get(path)

    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["x-frame-options"] == "DENY"
    assert got.headers["referrer-policy"] == "no-referrer"
    assert got.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in got.headers["permissions-policy"]
    assert directives(got.headers["content-security-policy"])["frame-ancestors"] == [
        "'none'"
    ]
    shown = "cross-origin" if path.startswith("/images/") else "same-origin"
    assert got.headers["cross-origin-resource-policy"] == shown


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_runs_no_script_but_files_of_ours(path: str) -> None:
    async with opened(House()) as house, house.client(None) as client:
        got = await client.get(path)

    policy = directives(got.headers["content-security-policy"])
    assert (
        policy["script-src"] == policy["style-src"] == policy["connect-src"] == ["'self'"]
    )
    assert not re.search(r"<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=|<style", got.text)
    assert not re.search(r"(?:src|href)=\"(?!/|#)", got.text)


async def test_what_is_no_page_may_nothing() -> None:
    async with opened(House()) as house, house.client(None) as client:
        got = await client.get("/health")
    assert directives(got.headers["content-security-policy"])["default-src"] == ["'none'"]


async def test_pages_may_connect_to_the_public_address_too() -> None:
    web = WebSettings(public_url="https://art.example/live")
    house = House(settings=Settings(web=web))
    async with opened(house), house.client(None) as client:
        got = await client.get("/live")
    policy = directives(got.headers["content-security-policy"])
    assert policy["connect-src"] == ["'self'", "https://art.example", "wss://art.example"]

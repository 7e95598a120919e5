"""Pages and static files: from their folders and nowhere else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.raw import connected
from tests.web.stand_ins import House, opened

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "files"
    (inside / "live").mkdir(parents=True)
    (inside / "live.html").write_text("<!doctype html>live")
    (inside / "live" / "main.js").write_text("export {}")
    (inside / ".hidden").write_text("secret")
    (tmp_path / "outside.js").write_text("secret")
    return inside


@pytest.fixture
async def house(folder: Path) -> AsyncIterator[House]:
    house = House(folder=folder)
    async with opened(house):
        yield house


async def test_a_browser_gets_the_live_page_and_no_other_host(house: House) -> None:
    async with house.client(None) as client:
        root = await client.get("/", headers={"Accept": BROWSER})
        live = await client.get("/live")

    assert root.text == live.text == "<!doctype html>live"
    assert live.headers["content-type"] == "text/html; charset=utf-8"
    policy = live.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert live.headers["x-content-type-options"] == "nosniff"


async def test_a_file_is_sent_again_only_when_it_has_changed(
    house: House, folder: Path
) -> None:
    async with house.client(None) as client:
        first = await client.get("/static/live/main.js")
        tag = {"If-None-Match": first.headers["etag"]}
        same = await client.get("/static/live/main.js", headers=tag)
        (folder / "live" / "main.js").write_text("export let x = 1")
        changed = await client.get("/static/live/main.js", headers=tag)

    assert first.headers["content-type"].startswith("text/javascript")
    assert (same.status_code, same.content) == (304, b"")
    assert (changed.status_code, changed.text) == (200, "export let x = 1")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../outside.js",
        "/static/%2e%2e/outside.js",
        "/static/..%2foutside.js",
        "/static//etc/passwd",
        "/static/.hidden",
        "/static/live",
        "/static/live/%00",
        "/static/" + "x" * 300,
        "/static/",
    ],
)
async def test_nothing_outside_is_served(house: House, path: str) -> None:
    async with connected(house.ports[0]) as raw:  # a client library would tidy the path
        await raw.send(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        answer = await raw.rest()

    assert answer.startswith(b"HTTP/1.1 404")
    assert b"secret" not in answer


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (BROWSER, "text/html"),
        ("text/html", "text/html"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("text/html;q=0.1, application/json", "application/json"),
    ],
)
async def test_the_root_is_what_the_client_prefers(
    house: House, accept: str, kind: str
) -> None:
    async with house.client(None) as client:
        got = await client.get("/", headers={"Accept": accept})

    assert got.headers["content-type"].split(";")[0] == kind
    assert "accept" in got.headers["vary"].lower()

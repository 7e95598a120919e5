"""A real browser for tests: Debian's Chromium under playwright, and a page that tattles.

The page's own complaints fail the test that caused them: console errors, uncaught
exceptions, and any request to another host.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

FLAGS: Final = (
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS: Final = 40_000
"""A busy machine of CI shares two cores between the server, the painter and Chromium."""

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
DESK: Final[ViewportSize] = {"width": 1440, "height": 900}
PHONE: Final[ViewportSize] = {"width": 320, "height": 640}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser; skip the test where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def clean_page(
    browser: Browser,
    *,
    viewport: ViewportSize = DESK,
    reduced_motion: bool = False,
    forgive: tuple[str, ...] = (),
) -> Iterator[Page]:
    """Open a page of a fresh profile; at the end it must have had nothing to complain of.

    Args:
        browser: to open it in.
        viewport: size of the window.
        reduced_motion: whether the person asked for it.
        forgive: parts of console errors that the test itself provokes.
    """
    context = browser.new_context(
        viewport=viewport, reduced_motion="reduce" if reduced_motion else "no-preference"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    hosts: set[str] = set()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.extend(_error(said)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).netloc))
    yield page
    own = urlsplit(page.url).netloc
    context.close()
    assert [said for said in complaints if not any(part in said for part in forgive)] == []
    assert {host for host in hosts if host} <= {own}


def _error(said: ConsoleMessage) -> list[str]:
    return [f"{said.text} {said.location['url']}"] if said.type == "error" else []

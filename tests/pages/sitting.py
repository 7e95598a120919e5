"""What a person does on the live page, in words."""

import re
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Page, expect

from tests.pages.stand_in import KEY


def enter(page: Page, address: str) -> None:
    """Open the address that the server prints."""
    page.goto(f"{address}/live#key={KEY}")
    expect(page.get_by_role("radio", name="Simulated brain")).to_be_checked()


def begin(page: Page, address: str) -> None:
    """Begin a sitting with the simulated brain and wait for its first pictures."""
    enter(page, address)
    page.get_by_role("button", name="Begin").click()
    pictures(page, at_least=3)


def sequence(page: Page) -> int:
    """Of the newest picture."""
    return int(page.locator("#stage").get_attribute("data-sequence") or 0)


def pictures(page: Page, *, at_least: int) -> None:
    """Wait until the stream's sequence is that far."""
    while sequence(page) < at_least:
        seen = page.locator("#stage").get_attribute("data-sequence") or ""
        stage = page.locator(f"#stage:not([data-sequence='{seen}'])[data-sequence]")
        expect(stage).to_be_attached()


def state(page: Page, word: str) -> None:
    """Wait until the page is in that state and says so."""
    expect(page.locator("#status-word")).to_have_text(word)
    expect(page.locator("body")).to_have_attribute("data-status", word.lower())


def session(page: Page) -> str:
    """Id of the sitting's session."""
    kept = page.evaluate("sessionStorage.getItem('phosphene.session')")
    found = re.search(r"sess_\w+", kept)
    assert found is not None
    return found[0]


def happen(page: Page, what: str) -> None:
    """Make the stand-in do what a real server does not do on demand."""
    page.request.post(urljoin(page.url, f"/_test/{session(page)}/{what}"))


def heard(page: Page) -> list[dict[str, Any]]:
    """What the sitter was told so far."""
    answer = page.request.get(urljoin(page.url, f"/_test/{session(page)}/commands"))
    commands: list[dict[str, Any]] = answer.json()
    return commands


def telling(page: Page, part: str) -> AbstractContextManager[object]:
    """Wait at the end of the block until a command with this in it has been answered."""
    return page.expect_request_finished(lambda request: part in (request.post_data or ""))

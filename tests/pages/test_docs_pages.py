"""Swagger UI and ReDoc in a real browser: from our own files, under our own policy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.chromium import clean_page
from tests.web.described import full_house, in_thread

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with in_thread(full_house(tmp_path_factory.mktemp("sound"))) as address:
        yield address


def test_swagger_ui_shows_every_chapter_and_sends_a_request(
    browser: Browser, server: str
) -> None:
    with clean_page(browser) as page:
        page.goto(f"{server}/docs")
        expect(page.locator(".info .title")).to_contain_text("Phosphene")
        expect(page.locator(".opblock-tag-section")).not_to_have_count(0)
        page.locator("[id$='-getHealth'] .opblock-summary-control").click()
        page.locator(".opblock.is-open .execute").click()
        answer = page.locator(
            ".opblock.is-open .live-responses-table tr.response .response-col_status"
        )
        expect(answer.first).to_contain_text("200")
        shown = page.screenshot()
    assert len(shown) > 10_000


def test_redoc_shows_the_operations(browser: Browser, server: str) -> None:
    with clean_page(browser) as page:
        page.goto(f"{server}/redoc")
        expect(page.locator("#redoc h1").first).to_contain_text("Phosphene")
        expect(page.get_by_role("heading", name="Make a session").first).to_be_visible()
        box = page.get_by_placeholder("Search...")
        box.fill("spectrum")
        expect(page.locator("[role=search] [role=menuitem]").first).to_be_visible()
        shown = page.screenshot()
    assert len(shown) > 10_000

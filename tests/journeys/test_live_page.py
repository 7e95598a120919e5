"""A person sits down: the real server, the real page, a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.server import Server
from tests.pages.chromium import PHONE, chromium, clean_page
from tests.pages.sitting import pictures, sequence, state

LISTED = ("/api/v1/devices",)
"""The page lives without this list; Chromium complains of its 404 all the same."""

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """The page at the address that the server printed, its sitting begun with Enter."""
    with clean_page(browser, forgive=LISTED) as opened:
        opened.goto(server.page)
        expect(opened.get_by_role("button", name="Begin")).to_be_focused()
        opened.keyboard.press("Enter")
        driven(opened)
        yield opened
        opened.get_by_role("button", name="End", exact=True).click()
        expect(opened.get_by_role("button", name="Begin another")).to_be_visible()


def driven(page: Page) -> None:
    """Wait for a picture that a brain drives."""
    stage = page.locator("#stage[data-driven='true']")
    expect(stage).to_be_attached()


def test_a_newcomer_presses_enter_and_watches(page: Page, tmp_path: Path) -> None:
    state(page, "Streaming")
    pictures(page, at_least=sequence(page) + 10)
    expect(page.locator("#words li")).not_to_have_count(0)
    expect(page.locator("#words .because").first).not_to_be_empty()
    expect(page.locator("#contact-list li")).not_to_have_count(0)
    expect(page.locator("#bands-table td[data-far]")).to_have_count(5)
    expect(page.locator("#latency-legend div[data-stage=generate]")).to_be_visible()
    expect(page.locator("#eeg-plot canvas")).to_be_visible()
    expect(page.locator("#made-by")).to_contain_text("phosphene-painter")
    shot = tmp_path / "live.png"
    shot.write_bytes(page.screenshot())  # given a path, playwright would leave a thread
    assert shot.stat().st_size > 50_000  # a blank page of this size has a tenth of that


def test_closed_eyes_are_seen_over_the_occiput(page: Page) -> None:
    page.get_by_label("Eyes closed").click()
    page.get_by_label("relaxed").fill("1")
    alpha = "#bands-table tr:has(th:text-is('O1')) td:nth-child(4)"
    expect(page.locator(alpha)).to_have_text(  # percent of the power
        re.compile(r"^([5-9]\d|100)$")
    )


def test_a_brain_is_heard_on_the_page_until_the_button_is_pressed_again(page: Page) -> None:
    button = page.get_by_role("button", name="Sound", exact=True)
    button.click()
    expect(page.locator("#sound-word")).to_have_text("Playing")
    expect(page.locator("#sound-row[data-heard='true']")).to_be_visible()
    page.wait_for_function("document.querySelector('#sound-level').value > -55")
    expect(page.locator("#latency-note")).to_contain_text(re.compile(r"sound \d+ ms"))

    button.click()

    expect(page.locator("#sound-row")).to_be_hidden()


def test_space_stops_the_stream_and_lets_it_go_on(page: Page) -> None:
    page.keyboard.press("Space")
    state(page, "Paused")
    page.keyboard.press("Space")
    state(page, "Streaming")
    pictures(page, at_least=sequence(page) + 3)


def test_an_unplugged_headset_is_searched_and_its_picture_driven_by_nothing(
    page: Page,
) -> None:
    page.get_by_label("Unplugged").click()
    state(page, "Searching")
    expect(page.locator("#veil-reason")).to_contain_text("unplugged")
    expect(page.get_by_text("nothing drives this picture")).to_be_visible()
    page.get_by_label("Unplugged").click()
    state(page, "Streaming")
    driven(page)


def test_an_electrode_that_is_loose_says_so_with_its_reason(page: Page) -> None:
    page.get_by_label("O2", exact=True).click()
    row = page.locator("#contact-list li", has_text="O2")
    expect(row).not_to_have_attribute("data-state", "good")
    expect(row.locator(".why")).not_to_be_empty()


def test_a_reload_keeps_the_session(page: Page) -> None:
    seen = sequence(page)
    page.reload()
    pictures(page, at_least=seen + 1)


def test_the_page_fits_a_telephone(browser: Browser, server: Server) -> None:
    with clean_page(browser, viewport=PHONE, forgive=LISTED) as page:
        page.goto(server.page)
        page.get_by_role("button", name="Begin").click()
        driven(page)
        expect(page.locator("#bands-table td[data-far]")).to_have_count(5)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        page.get_by_role("button", name="End", exact=True).click()
        expect(page.get_by_role("button", name="Begin another")).to_be_visible()

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.chromium import PHONE, clean_page
from tests.pages.sitting import (
    begin,
    enter,
    happen,
    heard,
    pictures,
    sequence,
    session,
    state,
    telling,
)
from tests.pages.stand_in import CHANNELS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REFUSED = "401"
"""Chromium itself writes a console error for every refused request."""


def test_the_key_leaves_the_address_bar_and_stays_for_the_tab(
    page: Page, stand_in: str
) -> None:
    enter(page, stand_in)
    assert urlsplit(page.url).fragment == ""
    page.reload()
    expect(page.get_by_role("button", name="Begin")).to_be_visible()


def test_without_a_key_the_page_asks_for_one_and_says_how_to_get_it(
    page: Page, stand_in: str
) -> None:
    page.goto(f"{stand_in}/live")
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    expect(page.get_by_text("phosphene keys create")).to_be_visible()


def test_a_wrong_key_is_refused_with_a_reason_and_asked_for_again(
    browser: Browser, stand_in: str
) -> None:
    with clean_page(browser, forgive=(REFUSED,)) as page:
        page.goto(f"{stand_in}/live#key=phos_wrong")
        expect(page.get_by_text("That key is not known.")).to_be_visible()
        expect(page.get_by_label("Key", exact=True)).to_be_focused()


def test_a_device_that_is_absent_can_be_chosen_and_says_so(
    page: Page, stand_in: str
) -> None:
    enter(page, stand_in)
    reason = page.get_by_text("no headband in reach")
    expect(reason).to_be_hidden()
    page.get_by_text("Other devices").click()
    expect(reason).to_be_visible()
    expect(page.get_by_role("radio", name="Muse")).to_be_enabled()


def test_a_refused_session_says_why(browser: Browser, stand_in: str) -> None:
    with clean_page(browser, forgive=("422",)) as page:
        enter(page, stand_in)
        page.get_by_text("Other devices").click()
        page.get_by_label("Another device, by its name").fill("nothing")
        page.keyboard.press("Enter")
        expect(page.get_by_text("there is no device `nothing`")).to_be_visible()


def test_enter_is_enough_to_see_pictures_words_and_signals(
    page: Page, stand_in: str
) -> None:
    enter(page, stand_in)
    page.keyboard.press("Enter")
    pictures(page, at_least=5)
    state(page, "Streaming")
    expect(page.locator("#words .word").first).to_have_text(re.compile(r"\w+"))
    expect(page.locator("#words .because").first).to_have_text(re.compile(r"\d"))
    expect(page.locator("#contact-list li")).to_have_count(len(CHANNELS))
    expect(page.locator("#bands-table tbody tr")).to_have_count(len(CHANNELS) + 1)
    expect(page.locator("#eeg-plot canvas")).to_be_visible()
    expect(page.locator("#latency-total")).to_have_text(re.compile(r"\d+ ms"))
    expect(page.locator("#arousal")).to_have_text(re.compile("[+\N{MINUS SIGN}][01][.]"))


def test_the_picture_on_the_screen_is_the_one_that_came(page: Page, stand_in: str) -> None:
    begin(page, stand_in)
    pictures(page, at_least=20)  # the first fade is over
    middle = page.evaluate(
        """() => {
          const picture = document.getElementById("picture");
          const at = picture.getContext("2d").getImageData(128, 40, 1, 1).data;
          return [picture.width, ...at];
        }"""
    )
    assert middle[0] == 256
    assert middle[3] > middle[2 - 1] > 0  # the stand-in's sky is more blue than red


def test_what_is_done_to_the_sitter_is_sent(page: Page, stand_in: str) -> None:
    begin(page, stand_in)
    with telling(page, "relaxation"):
        page.get_by_label("Eyes closed").check()
        page.get_by_label("relaxed").fill("0.9")
    with telling(page, "blink"):
        page.get_by_role("button", name="Blink").click()
    page.get_by_label("O1", exact=True).check()
    row = page.locator("#contact-list li", has_text="O1")
    expect(row).to_contain_text("noisy")
    expect(row).to_contain_text("mains hum 34 µV RMS")
    told = {key: value for command in heard(page) for key, value in command.items()}
    assert told.items() >= {"eyes_closed": True, "relaxation": 0.9, "channel": "O1"}.items()
    assert {"command": "blink"} in heard(page)


def test_a_hand_on_a_slider_ends_the_script_and_sends_all_that_it_shows(
    page: Page, stand_in: str
) -> None:
    with telling(page, "wander"):
        begin(page, stand_in)
    expect(page.get_by_label("Script")).to_have_value("wander")
    with telling(page, "focus"):
        page.get_by_label("focused").fill("1")
    expect(page.get_by_label("Script")).to_have_value("")
    assert heard(page)[-1] == {
        "command": "set_state",
        "eyes_closed": False,
        "relaxation": 0.5,
        "focus": 1,
        "drowsiness": 0,
        "pleasure": 0,
    }


def test_a_command_that_came_too_early_is_sent_again(
    browser: Browser, stand_in: str
) -> None:
    with clean_page(browser, forgive=("503",)) as page:
        with telling(page, "wander"):
            begin(page, stand_in)
        happen(page, "deafen")
        with page.expect_response(
            lambda answer: answer.status == 200 and "brain" in answer.url
        ):
            page.get_by_role("button", name="Blink").click()
        assert heard(page)[-1] == {"command": "blink"}
        expect(page.locator("#notice")).to_be_empty()


def test_space_pauses_and_goes_on(page: Page, stand_in: str) -> None:
    begin(page, stand_in)
    page.keyboard.press("Space")
    state(page, "Paused")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    seen = sequence(page)
    page.keyboard.press("Space")
    state(page, "Streaming")
    pictures(page, at_least=seen + 2)


def test_space_on_a_button_presses_that_button_alone(page: Page, stand_in: str) -> None:
    begin(page, stand_in)
    with telling(page, "blink"):
        page.get_by_role("button", name="Blink").press("Space")
    pictures(page, at_least=sequence(page) + 3)
    assert heard(page)[1:] == [{"command": "blink"}]  # after the script
    state(page, "Streaming")


def test_after_a_click_space_means_the_page_again(page: Page, stand_in: str) -> None:
    begin(page, stand_in)
    page.get_by_label("Eyes closed").click()
    page.keyboard.press("Space")
    state(page, "Paused")
    expect(page.get_by_label("Eyes closed")).to_be_checked()


def test_r_and_c_change_between_raw_and_clean(page: Page, stand_in: str) -> None:
    begin(page, stand_in)
    page.keyboard.press("r")
    expect(page.get_by_role("radio", name="Raw")).to_be_checked()
    page.keyboard.press("c")
    expect(page.get_by_role("radio", name="Clean")).to_be_checked()


def test_f_fills_the_screen_with_the_picture_and_leaves_it(
    page: Page, stand_in: str
) -> None:
    begin(page, stand_in)
    page.keyboard.press("f")
    expect(page.locator("#stage:fullscreen")).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator("#stage:fullscreen")).to_have_count(0)


def test_a_question_mark_opens_help_and_escape_closes_it(page: Page, stand_in: str) -> None:
    begin(page, stand_in)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Help")).to_be_hidden()


def test_a_frozen_picture_says_why_on_the_picture_and_aloud(
    page: Page, stand_in: str
) -> None:
    begin(page, stand_in)
    happen(page, "freeze")
    state(page, "Frozen")
    reason = "contact too poor: 1 of 8 channels is good"
    expect(page.locator("#veil-reason")).to_have_text(reason)
    expect(page.get_by_role("status")).to_have_text(f"Frozen: {reason}")


def test_an_unplugged_headset_is_searched_and_found(page: Page, stand_in: str) -> None:
    begin(page, stand_in)
    page.get_by_label("Unplugged").check()
    state(page, "Searching")
    expect(page.locator("#status-reason")).to_have_text(re.compile("trying again"))
    page.get_by_label("Unplugged").uncheck()
    state(page, "Streaming")


def test_a_lost_connection_is_taken_up_where_it_was(page: Page, stand_in: str) -> None:
    begin(page, stand_in)
    seen = sequence(page)
    with page.expect_websocket(lambda socket: "since=" in socket.url) as again:
        happen(page, "drop")
    since = re.search(r"since=(\d+)", again.value.url)
    assert since is not None
    assert int(since[1]) >= seen
    pictures(page, at_least=int(since[1]) + 2)
    state(page, "Streaming")


def test_a_session_that_the_server_forgot_is_over(browser: Browser, stand_in: str) -> None:
    with clean_page(browser, forgive=("404", "WebSocket")) as page:
        begin(page, stand_in)
        happen(page, "forget")
        state(page, "Ended")
        expect(page.get_by_role("button", name="Begin another")).to_be_visible()


def test_a_reloaded_page_goes_on_with_its_session(page: Page, stand_in: str) -> None:
    begin(page, stand_in)
    before, seen = session(page), sequence(page)
    page.reload()
    pictures(page, at_least=seen + 1)
    assert session(page) == before


def test_an_ended_session_tells_what_it_was_and_another_can_begin(
    page: Page, stand_in: str
) -> None:
    begin(page, stand_in)
    page.get_by_role("button", name="End", exact=True).click()
    expect(page.get_by_text(re.compile(r"\d+ pictures in \d+ s, 48 ms"))).to_be_visible()
    page.get_by_role("button", name="Begin another").press("Enter")
    expect(page.get_by_role("button", name="Begin")).to_be_focused()


def test_nothing_scrolls_sideways_at_320_pixels(browser: Browser, stand_in: str) -> None:
    with clean_page(browser, viewport=PHONE) as page:
        enter(page, stand_in)
        assert _too_wide(page) == []
        begin(page, stand_in)
        expect(page.locator("#bands-table tbody tr")).to_have_count(len(CHANNELS) + 1)
        assert _too_wide(page) == []


def test_every_control_is_reached_by_tab_in_the_order_it_is_read(
    page: Page, stand_in: str
) -> None:
    begin(page, stand_in)
    expect(page.locator("#sitter-loose input")).to_have_count(len(CHANNELS))
    reached: list[str] = []
    while (here := _next_stop(page)) not in reached:
        reached.append(here)
    first = reached.index("skip")
    reached = reached[first:] + reached[:first]  # the walk began in the middle of the page
    tops = ["skip", "pause", "full", "end", "help-open"]
    sitter = ["sitter-script", "sitter-eyes", "sitter-relaxation", "sitter-focus"]
    assert [stop for stop in reached if stop in tops] == tops
    assert [stop for stop in reached if stop in sitter] == sitter
    assert reached.index("sitter-unplug") < reached.index("look-clean")


def test_text_has_the_contrast_that_wcag_aa_asks_for(page: Page, stand_in: str) -> None:
    enter(page, stand_in)
    inks = ["text", "muted", "accent", "good", "note", "idle", "warn", "bad"]
    colours = page.evaluate(
        """names => names.map(name => getComputedStyle(document.documentElement)
             .getPropertyValue(`--${name}`).trim())""",
        [*inks, "ground", "card", "raised"],
    )
    grounds = colours[len(inks) :]
    low = [
        (ink, ground)
        for ink in colours[: len(inks)]
        for ground in grounds
        if _contrast(ink, ground) < 4.5
    ]
    assert low == []


def _too_wide(page: Page) -> list[str]:
    """What sticks out on the right, outside of what clips or scrolls by itself."""
    wide: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("body, body *")]
          .filter(e => !e.closest(".glow, .spoken, .skip, .sprite, .scroll *"))
          .filter(e => e.getBoundingClientRect().right > innerWidth + 0.5)
          .map(e => `${e.tagName}#${e.id}.${e.className}`)
          .concat(document.documentElement.scrollWidth > innerWidth ? ["the page"] : [])"""
    )
    return wide


def _next_stop(page: Page) -> str:
    page.keyboard.press("Tab")
    stop: str = page.evaluate(
        """() => {
          const here = document.activeElement;
          return here.id || here.className || here.parentNode.textContent;
        }"""
    )
    return stop


def _contrast(ink: str, ground: str) -> float:
    bright, dark = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """WCAG's relative luminance of `#rrggbb`."""
    levels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (
        (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4) for s in levels
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b

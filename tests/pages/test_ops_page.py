"""The operators' page in a real browser, before the real door."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from protocols.operators import Action, OperatorOrder, Zombie
from protocols.supervision import ChildState, LettersLost, OperatorActed, ProcessStalled
from tests.pages.chromium import PHONE, clean_page
from tests.pages.watched_house import READER, WatchedHouse, watched_house
from tests.web.stand_ins import KEY, OPERATOR_KEY

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SESSION = "root/sessions/houses/sess_1"
HALF_ZOOM = {"width": 720, "height": 450}
"""A screen of 1440 by 900 at 200 %."""

LONG_SINCE = -174_500.0
"""Two days and half an hour before the door's clock: no age changes within a test."""


@pytest.fixture
def house() -> Iterator[WatchedHouse]:
    with watched_house() as opened:
        yield opened


@pytest.fixture
def ops(page: Page, house: WatchedHouse) -> Page:
    """The page, entered and live."""
    return entered(page, house)


def entered(page: Page, house: WatchedHouse) -> Page:
    page.goto(house.page)
    expect(page.locator("#status-word")).to_have_text("Live")
    expect(line(page, "root/archive")).to_be_visible()
    return page


def line(page: Page, path: str) -> Locator:
    return page.locator(f"#tree .line[data-path='{path}']")


def lines(page: Page) -> list[str]:
    """Names of the lines that are there, with what is below the folded ones."""
    return page.locator("#tree .lines .name").all_inner_texts()


def focused(page: Page) -> str:
    """Path of the line that has the focus."""
    return str(page.evaluate("document.activeElement.dataset.path ?? ''"))


def opened(page: Page, path: str) -> Locator:
    """The panel of an actor, opened from its line."""
    if path.startswith(f"{SESSION}/") and not line(page, path).count():
        line(page, SESSION).locator(".twisty").click()
    line(page, path).click()
    expect(page.locator("#actor-path")).to_have_text(path)
    return page.locator("#actor")


def happenings(page: Page) -> Locator:
    """How chains began, newest first."""
    return page.locator("#events > .chain > .entry-line .text")


# -- the key ------------------------------------------------------------------------------


def test_the_key_leaves_the_address_bar_and_stays_for_this_tab_only(ops: Page) -> None:
    kept = ops.evaluate("[Object.values(sessionStorage), localStorage.length]")
    assert urlsplit(ops.url).fragment == ""
    assert kept == [[OPERATOR_KEY], 0]


def test_no_request_has_the_key_in_its_address_but_the_stream_that_must(
    page: Page, house: WatchedHouse
) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    with page.expect_websocket() as stream:
        entered(page, house)
    assert [url for url in requests if OPERATOR_KEY in url.partition("#")[0]] == []
    assert urlsplit(stream.value.url).path == "/ops/stream"


def test_without_a_key_the_page_asks_for_one_and_says_how_to_get_it(
    page: Page, house: WatchedHouse
) -> None:
    page.goto(f"{house.address}/ops")
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    expect(page.get_by_text("phosphene keys create --operator")).to_be_visible()
    page.keyboard.type(OPERATOR_KEY)
    page.keyboard.press("Enter")
    expect(page.locator("#status-word")).to_have_text("Live")


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("key-of-nobody", "the key is not valid"),
        (KEY, "this needs an operator's key"),
        ("clé", "That is not a key"),
    ],
)
def test_a_key_that_is_no_operator_s_is_refused_with_the_reason(
    browser: Browser, house: WatchedHouse, key: str, why: str
) -> None:
    with clean_page(browser, forgive=("401", "403")) as page:
        page.goto(f"{house.address}/ops#key={key}")
        expect(page.get_by_role("alert").filter(has_text=why)).to_be_visible()
        expect(page.get_by_label("Key", exact=True)).to_be_focused()


# -- the tree -----------------------------------------------------------------------------


def test_the_tree_is_there_with_its_sessions_folded(ops: Page) -> None:
    assert lines(ops) == [
        *("archive", "keyring", "library", "front", "generators", "painters"),
        *("painter-1", "painter-2", "painter-10", "pool", "output", "broadcaster"),
        *("sessions", "houses", "sess_1", "sess_2", "manager"),
        *("surroundings", "analysis", "metronome"),
    ]
    expect(line(ops, SESSION)).to_have_attribute("aria-expanded", "false")
    expect(line(ops, SESSION).locator(".below")).to_have_text("5 running")
    expect(ops.locator("#tree-note")).to_have_text("30 actors, 10 folded away")


def test_a_hundred_sessions_are_one_line_until_it_is_opened(page: Page) -> None:
    with watched_house(100) as house:
        entered(page, house)
        houses = line(page, "root/sessions/houses")
        expect(houses.locator(".below")).to_have_text("500 running")
        house.step(READER, state=ChildState.FAILED, reason="it broke")
        expect(houses.locator(".below")).to_have_text("1 failed 499 running")
        assert page.locator("#tree .lines .line").count() == 18


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"state": ChildState.STARTING}, "starting"),
        ({"state": ChildState.RUNNING}, "running"),
        ({"state": ChildState.RUNNING, "paused": True}, "paused"),
        ({"state": ChildState.STOPPING}, "stopping"),
        ({"state": ChildState.STOPPED}, "stopped"),
        ({"state": ChildState.STOPPED, "held": True}, "held"),
        ({"state": ChildState.WAITING}, "waiting"),
        ({"state": ChildState.FAILED}, "failed"),
    ],
)
def test_a_state_is_told_by_its_word_and_its_shape(
    ops: Page, house: WatchedHouse, changes: dict[str, Any], word: str
) -> None:
    house.step("root/archive/library", **changes)
    state = line(ops, "root/archive/library").locator(".state")
    expect(state.locator(".word")).to_have_text(word)
    expect(state.locator("use")).to_have_attribute("href", f"#s-{word}")
    assert ops.locator(f"symbol#s-{word} > *").count() > 0


def test_a_line_has_its_figures(ops: Page, house: WatchedHouse) -> None:
    house.crash(READER)
    house.work(READER)
    opened(ops, READER)
    told = line(ops, READER).locator(".cell")
    expect(told.nth(1)).to_have_text("running")
    expect(told.nth(3)).to_have_text("2")
    expect(told.nth(4)).to_have_text("1 / 10")
    expect(told.nth(5)).to_have_text("3 · 500 ms")
    expect(told.nth(6)).to_have_text("Tick · 250 ms")
    expect(told.nth(7)).to_have_text("256 µs / 4.1 ms")


def test_only_what_needs_a_look_can_be_shown(ops: Page, house: WatchedHouse) -> None:
    ops.get_by_label("Only what needs a look").check()
    expect(ops.get_by_text("Nothing needs a look.")).to_be_visible()
    house.step(READER, state=ChildState.WAITING, reason="no headset")
    expect(line(ops, READER)).to_be_visible()
    assert lines(ops) == ["sessions", "houses", "sess_1", "reader"]
    house.step(READER, state=ChildState.RUNNING)
    expect(line(ops, READER)).to_have_count(0)


def test_who_comes_and_goes_does_so_in_the_tree(ops: Page, house: WatchedHouse) -> None:
    house.tree.add("root/generators/painters/painter-3")
    house.step("root/generators/painters/painter-3", state=ChildState.STARTING)
    expect(line(ops, "root/generators/painters/painter-3")).to_be_visible()
    assert lines(ops)[6:10] == ["painter-1", "painter-2", "painter-3", "painter-10"]
    house.leave(SESSION)
    expect(line(ops, SESSION)).to_have_count(0)
    expect(ops.locator("#tree-note")).to_have_text("25 actors, 5 folded away")


def test_the_tree_is_walked_with_the_keys_of_a_treegrid(ops: Page) -> None:
    ops.keyboard.press("t")
    steps = [
        ("ArrowDown", "root/archive/keyring"),
        ("ArrowUp", "root/archive"),
        ("ArrowLeft", "root/archive"),  # it closes
        ("ArrowDown", "root/front"),
        ("ArrowUp", "root/archive"),
        ("ArrowRight", "root/archive"),  # it opens
        ("ArrowRight", "root/archive/keyring"),
        ("ArrowLeft", "root/archive"),
        ("End", "root/surroundings/metronome"),
        ("Home", "root/archive"),
        ("PageDown", "root/output"),
        ("s", "root/sessions"),
        *((key, "root/sessions") for key in "ess"),
        ("_", "root/sessions/houses/sess_1"),
        ("Enter", "root/sessions/houses/sess_1"),
    ]
    walked = []
    for key, _ in steps:
        ops.keyboard.press(key)
        walked.append((key, focused(ops)))
    assert walked[:-1] == steps[:-1]
    expect(ops.locator("#actor-title")).to_be_focused()
    expect(line(ops, SESSION)).to_have_attribute("aria-selected", "true")
    ops.keyboard.press("Escape")
    expect(line(ops, SESSION)).to_be_focused()
    expect(ops.locator("#actor")).to_be_hidden()


def test_a_star_opens_all_beside(ops: Page) -> None:
    line(ops, SESSION).focus()
    ops.keyboard.press("*")
    expect(line(ops, f"{SESSION}/reader")).to_be_visible()
    expect(line(ops, "root/sessions/houses/sess_2/reader")).to_be_visible()


def test_the_keyboard_stays_in_the_tree_when_its_line_goes(
    ops: Page, house: WatchedHouse
) -> None:
    line(ops, SESSION).focus()
    house.leave(SESSION)
    expect(line(ops, "root/sessions/houses")).to_be_focused()


def test_of_600_lines_only_those_are_touched_that_changed(page: Page) -> None:
    with watched_house(100) as house:
        for path in house.tree.facts:
            house.row(path, since=LONG_SINCE)
        entered(page, house)
        line(page, "root/sessions/houses").focus()
        page.keyboard.press("ArrowRight")
        line(page, SESSION).focus()
        page.keyboard.press("*")
        expect(page.locator("#tree .lines .line")).to_have_count(618)
        with page.expect_response("**/ops/actors"):
            pass  # what is known of all of them has come
        expect(line(page, "root/front").locator(".budget")).to_have_text("0 / 10")
        page.evaluate(WATCH)
        house.step("root/sessions/houses/sess_50/reader", state=ChildState.WAITING)
        reader = line(page, "root/sessions/houses/sess_50/reader")
        expect(reader.locator(".word")).to_have_text("waiting")
        with page.expect_response("**/ops/actors"):
            pass
        with page.expect_response("**/ops/actors"):
            pass  # the one before is painted by now
        touched = page.evaluate("watched")
    assert touched["lines"] == ["root/sessions/houses/sess_50/reader"]
    assert touched["moved"] == 0
    assert touched["records"] <= 12


WATCH = """() => {
  window.watched = { lines: [], moved: 0, records: 0 };
  new MutationObserver(records => {
    for (const { target, type, addedNodes, removedNodes } of records) {
      const element = target.nodeType === 1 ? target : target.parentElement;
      const path = element.closest(".line")?.dataset.path;
      if (path && !watched.lines.includes(path)) watched.lines.push(path);
      watched.moved += [...addedNodes, ...removedNodes]
        .filter(node => node.classList?.contains("line")).length;
      watched.records += 1;
    }
  }).observe(document.getElementById("tree"),
    { subtree: true, childList: true, attributes: true, characterData: true });
}"""


# -- one actor ----------------------------------------------------------------------------


def test_a_crash_appears_with_its_traceback(ops: Page, house: WatchedHouse) -> None:
    house.crash(READER)
    crash = ops.locator("#events > .chain").first
    expect(crash).to_contain_text("reader crashed in Tick (life 1): DeviceGoneError")
    crash.get_by_text("Traceback", exact=True).click()
    expect(crash.locator("pre")).to_contain_text("chunk = self._source.read(now)")
    crash.get_by_role("button", name=re.compile("reader$")).click()
    panel = ops.locator("#actor")
    expect(panel.locator("#actor-title")).to_be_focused()
    expect(panel.locator("#actor-end pre")).to_contain_text("DeviceGoneError: the headset")
    expect(panel.locator("#actor-end")).to_contain_text("Life 1 ended in Tick")


def test_a_traceback_can_be_copied(ops: Page, house: WatchedHouse) -> None:
    ops.context.grant_permissions(["clipboard-read", "clipboard-write"])
    house.crash(READER)
    panel = opened(ops, READER)
    panel.get_by_role("button", name="Copy the traceback").click()
    expect(panel.get_by_text("Copied.")).to_be_visible()
    copied = ops.evaluate("navigator.clipboard.readText()")
    assert copied == house.tree.facts[READER].last_end.trace  # type: ignore[union-attr]


def test_where_no_clipboard_is_given_the_traceback_is_selected(
    ops: Page, house: WatchedHouse
) -> None:
    ops.evaluate("delete Navigator.prototype.clipboard")  # so it is on a page of plain http
    house.crash(READER)
    panel = opened(ops, READER)
    panel.get_by_role("button", name="Copy the traceback").click()
    expect(panel.get_by_text("Selected: press Ctrl+C")).to_be_visible()
    assert "DeviceGoneError" in ops.evaluate("getSelection().toString()")


def test_an_actor_s_times_are_bars_words_and_a_table(
    ops: Page, house: WatchedHouse
) -> None:
    house.work(READER)
    panel = opened(ops, READER)
    bars = panel.get_by_role("img")
    expect(bars).to_have_attribute(
        "aria-label",
        "1,275 messages: half took at most 256 µs, 99 of 100 at most 4.1 ms; mean 329 µs",
    )
    expect(bars.locator("rect")).to_have_count(7)
    panel.get_by_text("As a table").click()
    row = panel.get_by_role("row", name="≤ 256 µs")
    expect(row.get_by_role("cell")).to_have_text(["900", "70.6 %"])


def test_an_actor_s_facts_and_mail_are_told(ops: Page, house: WatchedHouse) -> None:
    house.work(READER)
    panel = opened(ops, READER)
    expect(panel.locator("#actor-facts")).to_contain_text("3 wait, the oldest for 500 ms")
    expect(panel.locator("#actor-facts")).to_contain_text("Tick, for 250 ms")
    mail = panel.get_by_role("row", name=f"{READER}:chunks")
    expect(mail.get_by_role("cell")).to_have_text(
        ["1,278", "1,270", "54 stale, 1 overrun", "3"]
    )


def test_an_actor_that_is_gone_is_said_to_be(browser: Browser, house: WatchedHouse) -> None:
    with clean_page(browser, forgive=("404",)) as page:
        panel = opened(entered(page, house), READER)
        house.leave(SESSION)
        expect(panel.get_by_text("It is in the tree no longer.")).to_be_visible()


# -- orders -------------------------------------------------------------------------------


def test_to_stop_an_actor_needs_a_reason(ops: Page, house: WatchedHouse) -> None:
    panel = opened(ops, READER)
    panel.get_by_role("button", name="Stop", exact=True).click()
    dialog = ops.get_by_role("dialog", name="Stop this actor?")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    for reason in ("", "   "):
        dialog.get_by_label("Reason").fill(reason)
        dialog.get_by_role("button", name="Stop").click()
        expect(dialog.get_by_role("alert")).to_contain_text("Give a reason")
        expect(dialog.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    assert not house.tree.orders
    dialog.get_by_label("Reason").fill("the headset is being changed")
    dialog.get_by_role("button", name="Stop").click()
    expect(dialog).to_be_hidden()
    expect(panel.get_by_role("status").first).to_have_text("Stop: done. It is held now.")
    expect(line(ops, READER).locator(".word")).to_have_text("held")
    assert house.tree.orders == [
        OperatorOrder(
            path=READER,
            action=Action.STOP,
            reason="the headset is being changed",
            who="Eve (eve)",
        )
    ]


def test_an_order_is_given_and_taken_back_by_keyboard(
    ops: Page, house: WatchedHouse
) -> None:
    line(ops, "root/archive/library").focus()
    ops.keyboard.press("Enter")
    expect(ops.locator("#actor-title")).to_be_focused()
    restart = ops.get_by_role("button", name="Restart")
    restart.press("Enter")
    ops.keyboard.press("Escape")
    expect(ops.get_by_role("dialog")).to_be_hidden()
    expect(restart).to_be_focused()
    assert not house.tree.orders
    ops.keyboard.press("Enter")
    ops.keyboard.type("it is slow")
    ops.keyboard.press("Tab")
    ops.keyboard.press("Enter")
    expect(ops.get_by_text("Restart: done. It is running now.")).to_be_visible()
    assert [order.action for order in house.tree.orders] == [Action.RESTART]


def test_what_the_server_refuses_is_said_in_the_dialog(
    browser: Browser, house: WatchedHouse
) -> None:
    with clean_page(browser, forgive=("409",)) as page:
        entered(page, house)
        house.tree.answer = lambda _: ValueError("its supervisor does not work now")
        opened(page, READER).get_by_role("button", name="Pause").click()
        dialog = page.get_by_role("dialog", name="Pause this actor?")
        dialog.get_by_label("Reason").fill("to see")
        dialog.get_by_role("button", name="Pause").click()
        refused = dialog.get_by_role("alert")
        expect(refused).to_have_text("its supervisor does not work now")
        dialog.get_by_role("button", name="Cancel").click()
        expect(dialog).to_be_hidden()


def test_orders_that_make_no_sense_cannot_be_given(ops: Page, house: WatchedHouse) -> None:
    def possible(path: str) -> list[str]:
        buttons = opened(ops, path).locator("#actor-orders button:enabled")
        return buttons.all_inner_texts()

    house.row("root/archive/library", paused=True)
    house.step("root/archive/keyring", state=ChildState.STOPPED, held=True)
    expect(line(ops, "root/archive/keyring").locator(".word")).to_have_text("held")
    assert possible(READER) == ["Stop", "Restart", "Pause"]
    assert possible("root/archive/keyring") == ["Start", "Restart", "Pause"]
    assert possible("root/archive") == ["Stop", "Restart"]
    expect(line(ops, "root/archive/library").locator(".word")).to_have_text("paused")
    assert possible("root/archive/library") == ["Stop", "Restart", "Resume"]


def test_an_order_to_a_supervisor_says_whom_else_it_concerns(ops: Page) -> None:
    opened(ops, SESSION).get_by_role("button", name="Stop", exact=True).click()
    expect(ops.locator("#order-what")).to_contain_text("everything below it: 5 actors")


# -- what happened ------------------------------------------------------------------------


def test_consequences_are_folded_under_their_cause(ops: Page, house: WatchedHouse) -> None:
    for _ in range(2):
        house.crash(READER)
    house.tree.note(ProcessStalled(seconds=0.75))
    expect(happenings(ops)).to_have_text(
        [
            "the whole process stood still for 0.75 s",
            re.compile(r"crashed in Tick \(life 2\)"),
            re.compile(r"crashed in Tick \(life 1\)"),
        ]
    )
    chain = ops.locator("#events > .chain").nth(1)
    fold = chain.get_by_role("button", name="… and 3 consequences")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(chain.locator(".rest")).to_be_hidden()
    fold.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(chain.locator(".rest .text")).to_have_text(
        ["restarts reader at once: 1 of 10 within 30 s", "starting", "started, life 3"]
    )


def test_consequences_that_come_later_are_counted(ops: Page, house: WatchedHouse) -> None:
    ordered = house.tree.note(
        OperatorActed(who="Eve", action="stop", path=READER, reason="to see")
    )
    expect(happenings(ops)).to_have_text(["Eve ordered stop: to see"])
    house.step(READER, ordered.number, state=ChildState.STOPPING)
    fold = ops.get_by_role("button", name="… and 1 consequence", exact=True)
    expect(fold).to_be_visible()
    fold.click()
    house.step(READER, ordered.number, state=ChildState.STOPPED)
    expect(ops.get_by_role("button", name="… and 2 consequences")).to_be_visible()
    expect(ops.locator(".rest .text")).to_have_text(["stopping", "stopped"])


def test_times_are_local_and_in_full_when_asked(ops: Page, house: WatchedHouse) -> None:
    house.tree.note(ProcessStalled(seconds=0.75))
    time = ops.locator("#events time")
    expect(time).to_have_attribute("datetime", "2023-11-14T22:13:21.000Z")
    expect(time).to_have_attribute("title", re.compile("^2023-11-14T22:13:21.000Z"))
    expect(time).to_have_text(re.compile(r"\d\d:13:21$"))


@pytest.mark.parametrize(
    ("find", "shown"),
    [
        (lambda page: page.get_by_label("Path").fill("sess_2"), "waiting: no headset"),
        (lambda page: page.get_by_label("Kind").select_option("mail"), "Chunk lost: stale"),
        (lambda page: page.get_by_label("Text").fill("STOOD"), "the whole process stood"),
    ],
    ids=["path", "kind", "text"],
)
def test_what_happened_is_found_by_path_kind_and_text(
    ops: Page, house: WatchedHouse, find: Callable[[Page], None], shown: str
) -> None:
    house.tree.note(ProcessStalled(seconds=0.75))
    house.crash(READER)
    filters = "root/sessions/houses/sess_2/filters"
    house.step(filters, state=ChildState.WAITING, reason="no headset")
    house.tree.note(
        LettersLost(edge=f"{READER}:chunks", reason="stale", message="Chunk", count=7)
    )
    expect(happenings(ops)).to_have_count(4)
    find(ops)
    expect(happenings(ops)).to_have_text([re.compile(shown)])
    ops.get_by_role("button", name="Show everything").click()
    expect(happenings(ops)).to_have_count(4)


def test_what_is_sought_among_consequences_is_unfolded(
    ops: Page, house: WatchedHouse
) -> None:
    house.crash(READER)
    expect(happenings(ops)).to_have_count(1)
    ops.get_by_label("Text").fill("restarts reader")
    found = ops.locator(".rest .entry-line.found .text")
    expect(found).to_have_text(["restarts reader at once: 1 of 10 within 30 s"])


def test_what_happened_to_one_actor_is_a_press_away(ops: Page, house: WatchedHouse) -> None:
    house.tree.note(ProcessStalled(seconds=0.75))
    house.crash(READER)
    opened(ops, READER).get_by_role("button", name="What happened to it").click()
    expect(ops.get_by_label("Path")).to_have_value(READER)
    expect(happenings(ops)).to_have_count(1)


def test_paused_it_stands_still_and_loses_nothing(ops: Page, house: WatchedHouse) -> None:
    house.tree.note(ProcessStalled(seconds=1))
    expect(happenings(ops)).to_have_count(1)
    ops.keyboard.press("p")
    for _ in range(3):
        house.tree.note(ProcessStalled(seconds=2))
    button = ops.get_by_role("button", name="Paused, 3 new entries")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(happenings(ops)).to_have_count(1)
    button.click()
    expect(happenings(ops)).to_have_count(4)


def test_a_long_past_is_shown_by_and_by(page: Page, house: WatchedHouse) -> None:
    for number in range(700):
        house.tree.note(ProcessStalled(seconds=number))
    entered(page, house)
    older = page.get_by_role("button", name="Show older")
    expect(happenings(page)).to_have_count(60)
    for shown in range(120, 660, 60):
        older.click()
        expect(happenings(page)).to_have_count(shown)
    older.click()
    older.click()
    expect(happenings(page)).to_have_count(700)
    expect(older).to_be_hidden()


# -- the whole, and the link --------------------------------------------------------------


def test_the_whole_is_told_in_short(ops: Page, house: WatchedHouse) -> None:
    house.whole(journal="full", zombies=1, stalls=2, longest_stall_s=1.5, up_s=7300.0)
    expect(ops.locator("#whole-journal")).to_have_text("full")
    expect(ops.locator("#whole-up")).to_have_text("2 h 1 min")
    expect(ops.locator("#whole-stalls")).to_have_text("2, longest 1.5 s")
    expect(ops.locator("#whole-letters")).to_have_text("3")
    expect(ops.locator("#draining")).to_be_hidden()
    house.whole(draining="streams")
    expect(ops.get_by_role("alert").filter(has_text="Draining: streams")).to_be_visible()


def test_zombies_are_listed_with_their_stacks(ops: Page, house: WatchedHouse) -> None:
    house.tree.hung.append(
        Zombie(path=READER, life=3, during="Tick", since=70.0, stack="in read_forever")
    )
    house.whole(zombies=1)
    expect(ops.locator("#whole-zombies")).to_have_text("1")
    ops.locator("#whole-zombies").click()
    dialog = ops.get_by_role("dialog", name="1 zombie")
    expect(dialog).to_contain_text("Life 3 hangs in Tick; it was replaced 30 s ago.")
    expect(dialog.locator("pre")).to_have_text("in read_forever")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_lost_mail_is_told_by_reason(ops: Page) -> None:
    ops.locator("#whole-letters").click()
    dialog = ops.get_by_role("dialog", name="Messages that nobody handled")
    expect(dialog.get_by_role("row", name="vacant")).to_contain_text("3")


def test_a_lost_connection_is_said_and_goes_on_where_it_was(
    browser: Browser, house: WatchedHouse
) -> None:
    lost = ("WebSocket", "ERR_CONNECTION", "ERR_EMPTY", "ERR_SOCKET", "503")
    with clean_page(browser, forgive=lost) as page:
        entered(page, house)
        house.crash(READER)
        expect(happenings(page)).to_have_count(1)
        house.close()
        expect(page.locator("#status-word")).to_have_text("Connection lost")
        expect(page.locator("#status-spoken")).to_have_text("Connection lost, trying again")
        house.crash("root/archive/library")
        with page.expect_websocket(lambda socket: "since=4" in socket.url):
            house.open()
        expect(page.locator("#status-word")).to_have_text("Live")
        expect(happenings(page)).to_have_text([re.compile("life 1"), re.compile("life 1")])
        expect(line(page, "root/archive/library").locator(".life")).to_have_text("2")


def test_a_key_that_counts_no_longer_leads_to_the_key_s_form(
    browser: Browser, house: WatchedHouse
) -> None:
    with clean_page(browser, forgive=("WebSocket", "401", "ERR_CONNECTION")) as page:
        entered(page, house)
        house.close()
        house.open(revoked=True)
        said = page.get_by_role("alert").filter(has_text="the key is not valid")
        expect(said).to_be_visible()
        expect(page.get_by_label("Key", exact=True)).to_be_focused()


# -- for everyone -------------------------------------------------------------------------


def test_the_treegrid_has_the_roles_and_states_that_aria_asks_for(ops: Page) -> None:
    expect(ops.get_by_role("treegrid", name="Supervision tree")).to_be_visible()
    wrong = ops.evaluate(
        """() => {
          const grid = document.getElementById("tree");
          const rows = [...grid.querySelectorAll(".lines [role=row]")];
          const columns = grid.querySelectorAll("[role=columnheader]").length;
          const parents = rows.filter(row => row.hasAttribute("aria-expanded"));
          return {
            columns,
            cells: rows.map(row => row.querySelectorAll("[role=gridcell]").length)
              .filter(cells => cells !== columns).length,
            levels: rows.filter(row => !(row.ariaLevel >= 1 && row.ariaPosInSet >= 1
              && row.ariaPosInSet <= row.ariaSetSize)).length,
            stops: grid.querySelectorAll("[tabindex='0']").length,
            unselected: rows.filter(row => row.ariaSelected !== "false").length,
            parents: parents.map(row => row.dataset.path.split("/").pop()),
            owned: [...grid.children].every(group => group.role === "rowgroup"),
          };
        }"""
    )
    assert wrong == {
        "columns": 8,
        "cells": 0,
        "levels": 0,
        "stops": 1,
        "unselected": 0,
        "parents": [
            *("archive", "generators", "painters", "output", "sessions", "houses"),
            *("sess_1", "sess_2", "surroundings"),
        ],
        "owned": True,
    }


def test_everything_that_can_be_used_has_a_name(ops: Page, house: WatchedHouse) -> None:
    house.crash(READER)
    house.work(READER)
    opened(ops, READER).get_by_role("button", name="Stop", exact=True).click()
    session = ops.context.new_cdp_session(ops)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    roles = ("button", "textbox", "combobox", "checkbox", "dialog", "image", "treegrid")
    assert [
        node["role"]["value"]
        for node in nodes
        if not node["ignored"]
        and node["role"]["value"] in roles
        and not node["name"]["value"]
    ] == []
    assert ops.evaluate(DANGLING) == []


DANGLING = """() => {
  const named = [...document.querySelectorAll("[aria-labelledby], [aria-describedby]")]
    .flatMap(e => `${e.getAttribute("aria-labelledby") ?? ""} `
      .concat(e.getAttribute("aria-describedby") ?? "").trim().split(/\\s+/));
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
  const uses = [...document.querySelectorAll("use")]
    .map(e => e.getAttribute("href").slice(1));
  return [...named, ...uses].filter(id => !document.getElementById(id))
    .concat(ids.filter((id, i) => ids.indexOf(id) !== i));
}"""


def test_every_control_is_reached_by_tab_in_the_order_it_is_read(
    ops: Page, house: WatchedHouse
) -> None:
    house.crash(READER)
    opened(ops, READER)
    expect(ops.locator("#actor-end pre")).to_be_visible()
    ops.evaluate("document.activeElement.blur()")
    reached: list[str] = []
    while (here := _next_stop(ops)) not in reached:
        reached.append(here)
    wanted = [
        *("skip", "whole-zombies", "whole-letters", "help-open", "only-troubled", "line"),
        *("actor-close", "Stop", "Restart", "Pause", "actor-edges", "the traceback"),
        *("Copy the traceback", "actor-events", "events-pause", "find-path", "find-kind"),
        *("find-text", "… and 3 consequences"),
    ]
    first = reached.index("skip")
    reached = reached[first:] + reached[:first]
    assert [stop for stop in reached if stop in wanted] == wanted


@pytest.mark.parametrize("viewport", [PHONE, HALF_ZOOM], ids=["320 pixels", "200 %"])
def test_nothing_scrolls_sideways_and_all_can_be_done(
    browser: Browser, house: WatchedHouse, viewport: dict[str, int]
) -> None:
    house.crash(READER)
    house.work(READER)
    with clean_page(browser, viewport=viewport) as page:  # type: ignore[arg-type]
        entered(page, house)
        panel = opened(page, READER)
        expect(panel.locator("pre")).to_be_visible()
        page.get_by_role("button", name="… and 3 consequences").click()
        assert _too_wide(page) == []
        panel.get_by_role("button", name="Stop", exact=True).click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Reason").fill("to see")
        assert _too_wide(page) == []
        dialog.get_by_role("button", name="Stop").click()
        expect(panel.get_by_text("Stop: done. It is held now.")).to_be_visible()


def test_text_has_the_contrast_that_wcag_aa_asks_for(
    ops: Page, house: WatchedHouse
) -> None:
    for number, state in enumerate(ChildState):
        house.step(f"root/sessions/houses/sess_2/s{number}", state=state, reason="why")
    house.crash(READER)
    house.work(READER)
    line(ops, "root/sessions/houses/sess_2").locator(".twisty").click()
    opened(ops, READER)
    expect(ops.locator("#actor-end pre")).to_be_visible()
    assert ops.evaluate(CONTRAST) == []


CONTRAST = """() => {
  const parse = colour => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [11, 12, 16];
  };
  return [...document.querySelectorAll("body *")]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .filter(e => e.checkVisibility() && !e.closest(":disabled, svg, .spoken, select"))
    .flatMap(e => {
      const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return ratio < 4.5 ? [`${e.className} ${e.textContent} ${ratio.toFixed(2)}`] : [];
    });
}"""


def test_what_changed_is_lit_for_a_moment_but_not_with_reduced_motion(
    browser: Browser, house: WatchedHouse
) -> None:
    library, dark = "root/archive/library", "rgba(0, 0, 0, 0)"
    with clean_page(browser, reduced_motion=True) as still, clean_page(browser) as page:
        for opened_page in (still, page):
            entered(opened_page, house)
        house.step(library, state=ChildState.WAITING)
        expect(line(page, library)).to_have_css("background-color", "rgb(42, 39, 33)")
        expect(line(still, library).locator(".word")).to_have_text("waiting")
        expect(line(still, library)).to_have_css("background-color", dark)
        expect(line(page, library)).to_have_css("background-color", dark)


def _too_wide(page: Page) -> list[str]:
    """What sticks out on the right, outside of what scrolls by itself."""
    wide: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("body, body *")]
          .filter(e => !e.closest(".spoken, .skip, .sprite, pre, .wide *, .titles-group"))
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
          if (here === document.body) return "the browser";
          return here.id || here.getAttribute("aria-label")
            || here.classList[0]?.match("skip|line")?.[0] || here.innerText.trim();
        }"""
    )
    return stop

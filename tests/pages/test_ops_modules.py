"""The operators' page's pure modules by themselves, in the browser that runs them."""

import json
import random
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from actors.journal.fold import timeless, tree_after
from protocols.operators import HANDLING_LE_S, Histogram
from protocols.supervision import (
    ChildEnded,
    ChildGone,
    ChildHeld,
    ChildRow,
    ChildStarted,
    ChildState,
    ChildStepped,
    Entry,
    LifeEvent,
)
from tests.pages.chromium import clean_page
from tests.pages.samples import EVENTS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TREE = """async ({ entries }) => {
  const { Tree, summaryOf } = await import("/static/ops/tree.js");
  const tree = new Tree();
  for (const entry of entries) tree.take(entry);
  const rows = [...tree.nodes()].map(({ row }) => row);
  const above = [...tree.nodes()].map(n => [n.path, n.parent?.path ?? null]);
  return { rows, above: Object.fromEntries(above) };
}"""
CHAINS = """async ({ newer, older }) => {
  const { Chains } = await import("/static/ops/chains.js");
  const chains = new Chains();
  chains.add(newer);
  if (older) chains.addOlder(older);
  return chains.newestFirst().map(({ links }) => links.map(
    ({ entry, depth }) => [entry.number, depth]));
}"""


@pytest.fixture(scope="module")
def blank(browser: Browser, stand_in: str) -> Iterator[Page]:
    with clean_page(browser) as page:
        page.goto(f"{stand_in}/live")
        yield page


def row(path: str, state: ChildState = ChildState.STARTING, life: int = 1) -> ChildRow:
    return ChildRow(
        path=path, kind="worker", state=state, life=life, restarts=0, dispatcher="shared"
    )


def entries(*events: LifeEvent) -> list[Entry]:
    return [
        Entry(number=number, at=1e9 + number, cause=None, event=event)
        for number, event in enumerate(events, 1)
    ]


def caused(*causes: int | None) -> list[dict[str, Any]]:
    """Entries by their causes alone, numbered from 1."""
    event = {"type": "stall", "seconds": 1}
    return [
        {"number": number, "at": 0, "cause": cause, "event": event}
        for number, cause in enumerate(causes, 1)
    ]


def plain(value: object) -> Any:  # noqa: ANN401  # whatever JSON it is
    return json.loads(msgspec.json.encode(value))


def test_the_histogram_s_bounds_are_the_kernel_s(blank: Page) -> None:
    bounds = blank.evaluate(
        """async () => (await import("/static/ops/amounts.js")).BOUNDS_S"""
    )
    assert bounds == pytest.approx(HANDLING_LE_S)


def test_quantiles_are_those_of_the_kernel(blank: Page) -> None:
    rng = random.Random(8)  # noqa: S311  # no secret
    many = [[rng.choice((0, 0, 1, 7, 300)) for _ in range(15)] for _ in range(50)]
    many += [[0] * 15, [0] * 14 + [1]]
    told = blank.evaluate(
        """async many => {
          const { quantile } = await import("/static/ops/amounts.js");
          return many.map(counts => [0.5, 0.99].map(share => quantile(counts, share)));
        }""",
        many,
    )
    for counts, (half, most) in zip(many, told, strict=True):
        known = Histogram(counts=tuple(counts), seconds=0.0)
        wanted = [known.quantile(0.5), known.quantile(0.99)]
        assert [float("inf") if v is None else v for v in (half, most)] == pytest.approx(
            wanted
        )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0"),
        (4e-6, "4 µs"),
        (1.6e-5, "16 µs"),
        (0.0009996, "1 ms"),
        (0.0041, "4.1 ms"),
        (0.42, "420 ms"),
        (0.9999, "1 s"),
        (16.7, "17 s"),
        (None, "> 67 s"),
    ],
)
def test_a_time_is_told_to_two_figures(
    blank: Page, seconds: float | None, words: str
) -> None:
    script = "async s => (await import('/static/ops/amounts.js')).took(s)"
    assert blank.evaluate(script, seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (9.9, "9 s"),
        (19.9, "10 s"),
        (59.9, "50 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (7_380, "2 h 3 min"),
        (180_000, "2 d 2 h"),
    ],
)
def test_an_age_is_told_so_that_it_changes_seldom(
    blank: Page, seconds: float, words: str
) -> None:
    script = "async s => (await import('/static/ops/amounts.js')).age(s)"
    assert blank.evaluate(script, seconds) == words


def test_every_event_of_the_journal_is_said_in_words(blank: Page) -> None:
    known = {kind.__struct_config__.tag for kind in get_args(LifeEvent)}
    assert {plain(event)["type"] for event in EVENTS} == known
    said = blank.evaluate(
        """async events => {
          const { sayingOf, KINDS } = await import("/static/ops/sayings.js");
          return events.map(event => ({ ...sayingOf(event), known: Object.keys(KINDS) }));
        }""",
        plain(EVENTS),
    )
    for event, saying in zip(EVENTS, said, strict=True):
        assert saying["kind"] in saying["known"]
        assert saying["tone"] in ("good", "note", "idle", "warn", "bad")
        assert saying["text"]
        assert not any(word in saying["text"] for word in ("undefined", "{", "NaN")), event


def test_an_event_of_a_newer_server_is_said_as_it_came(blank: Page) -> None:
    said = blank.evaluate(
        """async event => (await import("/static/ops/sayings.js")).sayingOf(event)""",
        {"type": "sneezed", "path": "root/front", "times": 3},
    )
    assert (said["path"], said["text"]) == ("root/front", 'sneezed {"times":3}')


def test_entries_change_the_rows_as_the_journal_s_fold_does(blank: Page) -> None:
    happened = entries(
        ChildStepped(row=row("root/a")),
        ChildStarted(path="root/a", life=1),
        ChildStepped(row=row("root/a/b")),
        ChildStarted(path="root/a/b", life=1),
        ChildEnded(path="root/a/b", life=1, normal=False, reason="it broke"),
        ChildStepped(row=row("root/a/b", ChildState.WAITING, 1)),
        ChildStepped(row=row("root/a/b", life=2)),
        ChildEnded(path="root/a/b", life=1, normal=True, reason="the word of a late one"),
        ChildStarted(path="root/a/b", life=2),
        ChildHeld(path="root/a", held=True, paused=False),
        ChildStepped(row=row("root/ab")),
        ChildStepped(row=row("root/c/d/e")),
        ChildStepped(row=row("root/c")),
        ChildGone(path="root/a"),
        ChildStarted(path="root/a/b", life=2),
        ChildHeld(path="root/a", held=False, paused=False),
        ChildEnded(path="root/c", life=1, normal=True, reason=""),
    )
    told: dict[str, Any] = {}
    for upto in range(1, len(happened) + 1):
        known = tree_after(happened[:upto])
        told = blank.evaluate(TREE, {"entries": plain(happened[:upto])})
        rows = msgspec.convert(told["rows"], list[ChildRow])
        assert known is not None
        assert sorted(timeless(rows), key=lambda r: r.path) == list(timeless(known))
    assert told["above"] == {"root/ab": None, "root/c": None, "root/c/d/e": "root/c"}


def test_entries_are_in_chains_by_their_causes(blank: Page) -> None:
    newer = caused(None, 1, 1, None, 2, 99)
    assert blank.evaluate(CHAINS, {"newer": newer, "older": None}) == [
        [[6, 0]],
        [[4, 0]],
        [[1, 0], [2, 1], [3, 1], [5, 2]],
    ]


def test_what_comes_of_the_past_joins_the_chains(blank: Page) -> None:
    every = caused(None, 1, 2, None)
    chains = blank.evaluate(CHAINS, {"newer": every[2:], "older": every[:3]})
    assert chains == [[[4, 0]], [[1, 0], [2, 1], [3, 2]]]


def test_an_entry_that_comes_twice_is_there_once(blank: Page) -> None:
    every = caused(None, 1)
    chains = blank.evaluate(CHAINS, {"newer": every + every, "older": None})
    assert chains == [[[1, 0], [2, 1]]]


def test_the_page_keeps_the_newest_entries_only(blank: Page) -> None:
    every = caused(*[None] * 5_001)
    chains = blank.evaluate(CHAINS, {"newer": every, "older": None})
    assert (chains[0], chains[-1], len(chains)) == ([[5001, 0]], [[1002, 0]], 4000)

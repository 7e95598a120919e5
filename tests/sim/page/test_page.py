"""The page of a simulated run: one file, and everything in it is in the report."""

import re
from html.parser import HTMLParser

import msgspec
import pytest

from protocols.supervision import ChildRow, ChildState
from sim.page.page import page
from sim.page.plots import MOST_POINTS, Plot, bars, line
from sim.page.tables import MOST_ROWS, table
from sim.report import (
    LATENCY_LE_MS,
    AskFigures,
    DropRow,
    LatencyRow,
    Report,
    RunParameters,
    Second,
    SessionFigures,
    Violation,
)

PLOT = Plot("Frames", "Frames: many", "")
REPORT = Report(
    parameters=RunParameters(
        seed=7, seconds=3.0, sessions=1, pictures_hz=10.0, painter=False, slice=16
    ),
    outcome="done",
    replay="phosphene sim --seed 7",
    virtual_s=3.2,
    wall_s=0.1,
    cpu_s=0.1,
    journal_sha256="ab" * 32,
    journal_entries=1234,
    slices=10,
    messages=5678,
    frames=29,
    sessions=(
        SessionFigures(
            session="sess_0001",
            created_s=0.0,
            ended_s=None,
            status="active",
            reason="<script>alert(1)</script>",
            frames=29,
            driven=28,
            first_frame_s=0.5,
            longest_gap_s=0.1,
        ),
    ),
    latency=(
        LatencyRow(
            stage="frame",
            counts=(0,) * 8 + (29,) + (0,) * (len(LATENCY_LE_MS) - 8),
            p50_ms=30.0,
            p99_ms=30.0,
            most_ms=27.5,
        ),
    ),
    restarts={"root/sessions/houses/*/filters": 2},
    asks=AskFigures(asked=5, answered=4, failed={"RefusedError": 1}, open=0),
    drops=(DropRow(edge="reader>filters", reason="overrun", count=11),),
    edges=(),
    faults=(),
    timeline=tuple(
        Second(at_s=float(n), frames=10 * n, restarts=0, queued=1, sessions=1, messages=99)
        for n in (1, 2, 3)
    ),
    tree=(
        ChildRow(
            path="root/output",
            kind="supervisor",
            state=ChildState.FAILED,
            life=2,
            restarts=1,
            dispatcher="supervision",
            reason="fell",
        ),
    ),
    violations=(),
)


class Seen(HTMLParser):
    """What a browser would fetch or run, and whether all that opens is closed."""

    VOID = frozenset({"meta"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outside += [tag for name, _ in attrs if name in ("src", "href")]
        if tag == "script":
            self.outside.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outside += [tag for name, _ in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_it_needs_nothing_from_elsewhere_and_is_whole() -> None:
    seen = Seen()
    seen.feed(page(REPORT))

    assert seen.outside == []
    assert seen.open == []


@pytest.mark.parametrize(
    "words",
    ["1,234 entries", "ab" * 32, "phosphene sim --seed 7", "✕ output", "RefusedError 1"],
)
def test_it_tells_what_the_report_has(words: str) -> None:
    assert words in page(REPORT)


def test_words_of_the_report_are_words_and_not_markup() -> None:
    assert "&lt;script&gt;" in page(REPORT)
    assert "<script>" not in page(REPORT)


def test_a_broken_invariant_is_said_first() -> None:
    broken = Violation(invariant="every ask resolves", at_s=2.0, detail="one is open")
    made = page(msgspec.structs.replace(REPORT, violations=(broken,)))

    assert "Every invariant held" in page(REPORT)
    assert "Every invariant held" not in made
    assert made.index("every ask resolves") < made.index("Over time")


def test_a_line_goes_through_its_values() -> None:
    drawn = line(PLOT, [0.0, 1.0, 2.0], [0.0, 5.0, 10.0])
    points = re.findall(r"([\d.]+),([\d.]+)", drawn.split('points="')[1])
    heights = [float(y) for _, y in points]

    assert heights == sorted(heights, reverse=True)
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.2)


def test_a_long_line_is_folded_and_keeps_its_peak() -> None:
    values = [0.0] * 10_000
    values[4321] = 7.0
    drawn = line(PLOT, [float(n) for n in range(10_000)], values)
    points = re.findall(r"([\d.]+),([\d.]+)", drawn.split('points="')[1])

    assert len(points) <= MOST_POINTS
    assert len({y for _, y in points}) == 2


def test_each_bar_tells_its_count() -> None:
    drawn = bars(PLOT, ["a", "b"], [3, 0])

    assert "<title>a: 3</title>" in drawn
    assert "<title>b: 0</title>" in drawn


def test_a_plot_of_nothing_is_a_plot() -> None:
    assert "svg" in line(PLOT, [], [])
    assert "svg" in bars(PLOT, [], [])


def test_what_is_too_much_for_a_table_is_counted() -> None:
    rows = ((n, "x") for n in range(MOST_ROWS + 5))

    assert "and 5 more" in table("Many", ("n", "what"), rows)


def test_an_empty_table_says_so() -> None:
    assert table("Faults", ("at",), []) == "<p>Faults: none.</p>"

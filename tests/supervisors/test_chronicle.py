"""The chronicle: numbers, causes, who hears what, and what it leaves of the tree."""

import logging
import threading
from collections.abc import Iterator

import pytest

from actors.journal.fold import timeless, tree_after
from protocols.supervision import (
    ChildEnded,
    ChildGone,
    ChildHeld,
    ChildHung,
    ChildStarted,
    ChildState,
    ChildStepped,
    Entry,
    LifeEvent,
    OperatorActed,
    ProcessStalled,
    RestartSpent,
    SupervisorGaveUp,
    ZombieListed,
)
from supervisors.chronicle import KEPT_ENTRIES, Chronicle
from supervisors.orders import (
    Hung,
    PauseChild,
    RemoveChild,
    RestartChild,
    StartChild,
    StopChild,
)
from supervisors.restart import AutoShutdown, Backoff, Intensity, Restart, Strategy
from supervisors.spec import Flags
from tests.probe import Probe
from tests.supervisors.bench import Bench
from tests.time_stand_ins import VirtualClock

GONE = ChildGone(path="root/a")
STALL = ProcessStalled(seconds=1.0)


@pytest.fixture
def chronicle() -> Chronicle:
    return Chronicle(VirtualClock(at=10.0))


# -- numbers ------------------------------------------------------------------------------


def test_entries_count_from_one_and_are_dated(chronicle: Chronicle) -> None:
    assert [chronicle.note(GONE), chronicle.note(STALL, cause=1)] == [1, 2]

    at = VirtualClock().unix(10.0)
    assert chronicle.entries(0, 9)[0] == [
        Entry(number=1, at=at, cause=None, event=GONE),
        Entry(number=2, at=at, cause=1, event=STALL),
    ]
    assert chronicle.last == 2


def test_a_run_counts_on_from_the_last_one() -> None:
    chronicle = Chronicle(VirtualClock(), after=41)

    assert chronicle.note(GONE) == 42
    assert (chronicle.last, chronicle.written) == (42, 41)
    assert chronicle.entries(0, 9) == (chronicle.entries(41, 9)[0], 42)


def test_entries_above_a_number_come_oldest_first_and_no_more_than_asked(
    chronicle: Chronicle,
) -> None:
    for _ in range(10):
        chronicle.note(GONE)

    def numbers(since: int, limit: int) -> list[int]:
        return [entry.number for entry in chronicle.entries(since, limit)[0]]

    assert numbers(0, 3) == [1, 2, 3]
    assert numbers(3, 3) == [4, 5, 6]
    assert numbers(8, 99) == [9, 10]
    assert numbers(10, 99) == []
    assert numbers(99, 99) == []
    assert numbers(0, 0) == []


def test_an_empty_chronicle_says_that_nothing_is_kept(chronicle: Chronicle) -> None:
    assert chronicle.entries(0, 9) == ([], 0)


def test_only_the_newest_are_kept_and_it_says_from_where(chronicle: Chronicle) -> None:
    for _ in range(KEPT_ENTRIES + 5):
        chronicle.note(GONE)
    entries, oldest = chronicle.entries(0, 2)

    assert oldest == 6
    assert [entry.number for entry in entries] == [6, 7]
    assert chronicle.last == KEPT_ENTRIES + 5


def test_numbers_have_no_gap_and_no_double_whoever_notes(chronicle: Chronicle) -> None:
    told: Probe[LifeEvent] = Probe()
    chronicle.watch(told)
    given: Probe[int] = Probe()

    def note(path: str) -> None:
        for life in range(500):
            given.tell(chronicle.note(ChildStarted(path=path, life=life)))

    threads = [threading.Thread(target=note, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(given.all()) == list(range(1, 2001))
    entries, _ = chronicle.entries(0, 9999)
    assert [entry.number for entry in entries] == list(range(1, 2001))
    assert told.all() == [entry.event for entry in entries]  # in that same order


# -- who hears ----------------------------------------------------------------------------


def test_a_watcher_hears_its_kinds_and_one_without_hears_all(chronicle: Chronicle) -> None:
    some: Probe[LifeEvent] = Probe()
    every: Probe[LifeEvent] = Probe()
    chronicle.watch(some, ChildStarted, ProcessStalled)
    chronicle.watch(every)
    events: list[LifeEvent] = [GONE, STALL, ChildStarted(path="root/a", life=1)]
    for event in events:
        chronicle.tell(event)

    assert some.all() == events[1:]
    assert every.all() == events


def test_a_watcher_hears_nothing_of_what_was_before(chronicle: Chronicle) -> None:
    chronicle.tell(GONE)
    told: Probe[LifeEvent] = Probe()
    chronicle.watch(told)

    assert told.all() == []


def test_a_reader_is_woken_when_there_is_something_to_read(chronicle: Chronicle) -> None:
    read: list[int] = []
    chronicle.wake(lambda: read.append(chronicle.entries(0, 9)[0][-1].number))
    chronicle.note(GONE)
    chronicle.note(GONE)

    assert read == [1, 2]


@pytest.mark.parametrize(
    ("event", "level", "text"),
    [
        (
            ChildEnded(path="root/a", life=2, normal=False, reason="ValueError()"),
            logging.ERROR,
            "root/a (life 2) died: ValueError()",
        ),
        (
            SupervisorGaveUp(path="root", reason="too many"),
            logging.ERROR,
            "root gives up: too many",
        ),
        (
            ChildHung(path="root/a", life=2, during="Tick", for_s=5.25, stack="here"),
            logging.ERROR,
            "root/a (life 2) hangs in Tick for 5.2 s:\nhere",
        ),
        (
            ZombieListed(path="root/a", life=2, zombies=3),
            logging.ERROR,
            "root/a (life 2) is a zombie now; there are 3",
        ),
        (STALL, logging.WARNING, "the process stood still for 1.00 s"),
    ],
    ids=["death", "gave up", "hung", "zombie", "stall"],
)
def test_what_matters_to_a_person_is_logged(
    chronicle: Chronicle,
    caplog: pytest.LogCaptureFixture,
    event: LifeEvent,
    level: int,
    text: str,
) -> None:
    chronicle.note(event)

    assert [(r.levelno, r.getMessage()) for r in caplog.records] == [(level, text)]


def test_what_is_as_it_should_be_is_not_logged(
    chronicle: Chronicle, caplog: pytest.LogCaptureFixture
) -> None:
    chronicle.note(ChildStarted(path="root/a", life=1))
    chronicle.note(ChildEnded(path="root/a", life=1, normal=True, reason=""))

    assert [r for r in caplog.records if r.levelno > logging.DEBUG] == []


# -- causes -------------------------------------------------------------------------------


class Causes:
    """Entries of a bench, and the way from each to what led to it."""

    def __init__(self, bench: Bench, since: int = 0) -> None:
        bench.rows()
        self.entries = [entry for entry in bench.entries() if entry.number > since]
        self._all = {entry.number: entry for entry in bench.entries()}

    def of(self, kind: type[LifeEvent], path: str) -> Entry:
        """The one entry of a kind about a path."""
        [entry] = [e for e in self.entries if isinstance(e.event, kind) and at(e) == path]
        return entry

    def way(self, entry: Entry) -> Iterator[Entry]:
        """From an entry back to what had no cause."""
        yield entry
        while entry.cause is not None:
            assert entry.cause < entry.number
            entry = self._all[entry.cause]
            yield entry

    def root(self, entry: Entry) -> Entry:
        """What it all began with."""
        return list(self.way(entry))[-1]


def at(entry: Entry) -> str:
    event = entry.event
    return event.row.path if isinstance(event, ChildStepped) else getattr(event, "path", "")


def told(entry: Entry) -> str:
    """An entry in a word or two."""
    event = entry.event
    step = event.row.state.value if isinstance(event, ChildStepped) else ""
    return f"{step or type(event).__name__} {at(entry).rpartition('/')[2]}"


def test_all_that_a_death_leads_to_leads_back_to_it(bench: Bench) -> None:
    bench.up("a", "b", "c", strategy=Strategy.REST_FOR_ONE)
    since = bench.chronicle.last
    bench.address("b").tell("fall")
    bench.until(ChildStarted, "root/c", 2)

    causes = Causes(bench, since)
    death = causes.of(ChildEnded, "root/b")
    assert death.cause is None
    assert {causes.root(entry).number for entry in causes.entries} == {death.number}
    assert [told(entry) for entry in causes.way(causes.of(ChildStarted, "root/c"))] == [
        "ChildStarted c",
        "ChildEnded c",
        "RestartSpent root",
        "ChildEnded b",
    ]
    assert [told(entry) for entry in causes.way(causes.of(ChildStarted, "root/b"))] == [
        "ChildStarted b",
        "RestartSpent root",
        "ChildEnded b",
    ]


def test_a_loop_leads_back_to_its_first_death(bench: Bench) -> None:
    bench.up("a", intensity=Intensity(max_restarts=2))
    bench.plans["a"] = [OSError("not yet")] * 9
    since = bench.chronicle.last
    bench.address("a").tell("fall")
    bench.died()

    entries = [entry for entry in bench.entries() if entry.number > since]
    deaths = [entry for entry in entries if isinstance(entry.event, ChildEnded)]
    assert [entry.cause is None for entry in deaths] == [True, False, False]
    causes = {entry.number: entry.cause for entry in entries}
    for entry in entries:
        number: int = entry.number
        while (cause := causes[number]) is not None:
            number = cause
        assert number == deaths[0].number


def test_a_death_after_a_life_has_no_cause_before_it(bench: Bench) -> None:
    bench.up("a", intensity=Intensity(max_restarts=9))
    for life in (2, 3):
        bench.address("a").tell("fall")
        bench.until(ChildStarted, "root/a", life)

    deaths = [e for e in bench.entries() if isinstance(e.event, ChildEnded)]
    assert [entry.cause for entry in deaths] == [None, None]


@pytest.mark.parametrize("order", [StopChild, RestartChild, RemoveChild])
def test_what_an_operator_orders_leads_back_to_the_order(
    bench: Bench, order: type[StopChild]
) -> None:
    bench.up("a", "b")
    acted = OperatorActed(who="me", action="x", path="root/a", reason="why not")
    cause = bench.chronicle.note(acted)
    bench.ask(order("a", cause))

    causes = Causes(bench, cause)
    assert causes.entries
    assert {causes.root(entry).number for entry in causes.entries} == {cause}
    assert causes.of(ChildEnded, "root/a").cause == cause


def test_the_order_that_started_a_child_is_not_why_it_falls_later(bench: Bench) -> None:
    bench.up("a", "b")
    acted = OperatorActed(who="me", action="start", path="root/a", reason="why not")
    cause = bench.chronicle.note(acted)
    bench.ask(StopChild("a"))
    bench.ask(StartChild("a", cause))
    bench.ask(StartChild("a", cause))  # which changes nothing
    since = bench.chronicle.last
    bench.address("a").tell("fall")
    bench.until(ChildStarted, "root/a", 3)

    causes = Causes(bench, since)
    assert causes.of(ChildEnded, "root/a").cause is None


def test_what_a_hung_child_leads_to_leads_back_to_the_watchdog(bench: Bench) -> None:
    bench.up("a", "b", strategy=Strategy.ONE_FOR_ALL)
    bench.hang("a")
    event = ChildHung(path="root/a", life=1, during="Hang", for_s=6.0, stack="")
    cause = bench.chronicle.note(event)
    bench.root.reports.tell(Hung(child="a", life=1, cause=cause, reason="hung", stack=""))
    bench.until(ChildStarted, "root/b", 2)

    causes = Causes(bench, cause)
    assert {causes.root(entry).number for entry in causes.entries} == {cause}
    assert causes.of(ZombieListed, "root/a").cause == cause


def test_a_branch_that_gives_up_leads_back_to_the_leaf(bench: Bench) -> None:
    none = Flags(intensity=Intensity(max_restarts=0))
    bench.up(bench.branch("left", "x", "y", flags=none), "b")
    since = bench.chronicle.last
    bench.address("x").tell("fall")
    bench.until(ChildStarted, "root/left", 2)

    causes = Causes(bench, since)
    leaf = causes.of(ChildEnded, "root/left/x")
    assert [told(e) for e in causes.way(causes.of(ChildStarted, "root/left"))] == [
        "ChildStarted left",
        "RestartSpent root",
        "ChildEnded left",
        "SupervisorGaveUp left",
        "ChildEnded x",
    ]
    assert causes.of(ChildEnded, "root/left/y").cause is not None
    new_lives = [e for e in causes.entries if isinstance(e.event, ChildStarted)]
    assert [told(entry) for entry in new_lives] == [
        "ChildStarted x",
        "ChildStarted y",
        "ChildStarted left",
    ]
    assert {causes.root(entry).number for entry in new_lives} == {leaf.number}


def test_what_a_branch_does_because_a_sibling_fell_leads_back_to_that(
    bench: Bench,
) -> None:
    bench.up("a", bench.branch("left", "x"), strategy=Strategy.REST_FOR_ONE)
    since = bench.chronicle.last
    bench.address("a").tell("fall")
    bench.until(ChildStarted, "root/left", 2)

    causes = Causes(bench, since)
    death = causes.of(ChildEnded, "root/a").number
    below = [entry for entry in causes.entries if at(entry) == "root/left/x"]
    assert [told(entry) for entry in below] == [
        "stopping x",
        "ChildEnded x",
        "ChildGone x",
        "starting x",
        "ChildStarted x",
    ]
    assert {causes.root(entry).number for entry in below} == {death}


def test_a_significant_end_is_why_its_supervisor_ends(bench: Bench) -> None:
    child = bench.child("x", restart=Restart.TRANSIENT, significant=True)
    flags = Flags(auto_shutdown=AutoShutdown.ANY_SIGNIFICANT)
    bench.up(bench.branch("left", child, "y", flags=flags), "b")
    since = bench.chronicle.last
    bench.address("x").tell("end")
    bench.until(ChildStarted, "root/left", 2)

    causes = Causes(bench, since)
    end = causes.of(ChildEnded, "root/left/x").number
    assert causes.of(ChildEnded, "root/left").cause == end
    assert causes.root(causes.of(ChildEnded, "root/left/y")).number == end


def test_a_start_that_is_taken_back_leads_back_to_who_failed(bench: Bench) -> None:
    bench.plans["b"] = [OSError("no device")]
    bench.launch("a", "b")
    bench.died()

    failed, stopped = (
        next(e for e in bench.entries() if isinstance(e.event, ChildEnded) and at(e) == p)
        for p in ("root/b", "root/a")
    )
    assert stopped.cause == failed.number


def test_a_restart_says_what_is_left_and_how_long_it_waits(bench: Bench) -> None:
    backoff = Backoff(first_s=2.0, most_s=4.0, jitter=0.0)
    bench.up(
        bench.child("a", backoff=backoff), intensity=Intensity(max_restarts=5, within_s=9.0)
    )
    bench.address("a").tell("fall")
    bench.until(ChildEnded, "root/a")

    entry = Causes(bench).of(RestartSpent, "root")
    assert entry.event == RestartSpent(
        path="root", child="a", spent=1, of=5, within_s=9.0, wait_s=2.0
    )


# -- what it leaves of the tree -----------------------------------------------------------


def folded(bench: Bench) -> None:
    """The entries fold into the tree as it is."""
    bench.rows()
    rows = tree_after(bench.entries())
    assert rows is not None
    assert timeless(rows) == timeless(bench.world.view.rows())


def test_entries_fold_into_the_live_tree(bench: Bench) -> None:
    backoff = Backoff(first_s=1.0, most_s=1.0)
    bench.up(
        bench.branch("left", "x", "y"),
        bench.child("a", backoff=backoff),
        "b",
        intensity=Intensity(max_restarts=99),
    )
    folded(bench)
    bench.address("a").tell("fall")
    bench.until(ChildEnded, "root/a")
    folded(bench)
    bench.ask(StopChild("b"))
    bench.ask(PauseChild("a", paused=True))
    folded(bench)
    bench.address("left").tell("no such order")
    bench.until(ChildStarted, "root/left", 2)
    folded(bench)
    bench.ask(RemoveChild("a"))
    folded(bench)
    assert {row.path: row.state for row in bench.world.view.rows()} == {
        "root/left": ChildState.RUNNING,
        "root/left/x": ChildState.RUNNING,
        "root/left/y": ChildState.RUNNING,
        "root/b": ChildState.STOPPED,
    }
    bench.root.stop()
    bench.died()
    assert tree_after(bench.entries()) == ()


def test_a_mark_on_one_that_was_never_started_folds_too(bench: Bench) -> None:
    """It is held while the start of another goes on."""
    gate = bench.gate()
    bench.plans["a"] = [gate]
    bench.launch("a", "b")
    assert bench.log.next() == "+a"
    stopped = bench.order(StopChild("b"))
    bench.ask(PauseChild("b", paused=True))
    folded(bench)
    gate.set()
    stopped.get(timeout=5.0)
    folded(bench)

    row = bench.world.view.row("root/b")
    assert row is not None
    assert (row.state, row.held, row.paused) == (ChildState.STOPPED, True, True)


def test_a_mark_on_one_that_is_about_to_start_again_folds_too(bench: Bench) -> None:
    """Its restart is counted, and waits for the end of another."""
    bench.up("a", "b")
    gate = bench.hang_at_end("b")
    bench.root.tell(StopChild("b"))
    bench.address("a").tell("fall")
    bench.until(ChildEnded, "root/a")
    bench.ask(PauseChild("a", paused=True))
    folded(bench)
    gate.set()
    bench.until(ChildStarted, "root/a", 2)
    folded(bench)
    marks = [e for e in bench.entries() if isinstance(e.event, ChildHeld)]
    assert len(marks) == 2

"""Supervisors: starts, falls, restarts, orders, limits. Real actors, virtual time."""

import dataclasses
import threading

import numpy as np
import pytest

from actors.stage import Stage
from protocols.supervision import (
    Born,
    ChildEnded,
    ChildStarted,
    ChildState,
    Exit,
    IgnoreError,
    ShutdownError,
    SupervisorGaveUp,
)
from supervisors.orders import (
    AddChild,
    GaveUpError,
    RestartChild,
    StartChild,
    StartFailedError,
    StopChild,
)
from supervisors.restart import Intensity, Restart, Strategy
from supervisors.spec import Flags
from tests.supervisors.bench import Bench

# -- start and stop -----------------------------------------------------------------------


def test_children_start_in_order_and_stop_in_reverse(bench: Bench) -> None:
    bench.launch("a", "b", "c")
    assert bench.lives.next() == Born(child="root", life=1)
    assert bench.log.all() == ["+a", "+b", "+c"]
    assert bench.events.all() == [
        ChildStarted(path=f"root/{name}", life=1) for name in "abc"
    ]

    bench.root.stop()

    assert bench.died().normal
    assert bench.log.all() == ["-c", "-b", "-a"]
    assert [
        (e.path, e.normal) for e in bench.events.all() if isinstance(e, ChildEnded)
    ] == [
        ("root/c", True),
        ("root/b", True),
        ("root/a", True),
    ]


def test_it_is_up_only_when_the_last_child_is_and_answers_meanwhile(bench: Bench) -> None:
    gate = bench.gate()
    bench.plans["b"] = [gate]
    bench.launch("a", "b")
    bench.until(ChildStarted, "root/a")

    assert [row.state for row in bench.rows().values()] == ["running", "starting"]
    assert bench.lives.all() == []
    gate.set()
    assert bench.lives.next() == Born(child="root", life=1)


def test_no_children_is_up_at_once(bench: Bench) -> None:
    bench.launch()

    assert bench.lives.next() == Born(child="root", life=1)


def test_a_first_start_that_fails_takes_the_others_back(bench: Bench) -> None:
    bench.plans["c"] = [OSError("no device")]
    bench.launch("a", "b", "c", "d")

    died = bench.died()
    assert isinstance(died.error, StartFailedError)
    assert "root/c" in str(died.error)
    assert isinstance(died.error.__cause__, OSError)
    assert bench.log.all() == ["+a", "+b", "+c", "-c", "-b", "-a"]
    assert bench.world.view.rows() == []


def test_a_maker_that_fails_is_a_start_that_fails(bench: Bench) -> None:
    def make() -> None:
        raise SystemExit

    bench.launch("a", bench.child("b", make=make))

    assert isinstance(bench.died().error, StartFailedError)
    assert bench.log.all() == ["+a", "-a"]
    assert isinstance(bench.until(ChildEnded, "root/b"), ChildEnded)


def test_a_stop_cuts_a_start_short(bench: Bench) -> None:
    gate = bench.gate()
    bench.plans["b"] = [gate]
    bench.launch("a", "b", "c")
    assert [bench.log.next(), bench.log.next()] == ["+a", "+b"]
    bench.root.stop()
    bench.rows()
    gate.set()

    assert bench.died().normal
    assert bench.log.all() == ["-b", "-a"]


# -- falls --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategy", "lives", "log"),
    [
        (Strategy.ONE_FOR_ONE, [1, 2, 1, 1], "-b+b"),
        (Strategy.REST_FOR_ONE, [1, 2, 2, 2], "-b-d-c+b+c+d"),
        (Strategy.ONE_FOR_ALL, [2, 2, 2, 2], "-b-d-c-a+a+b+c+d"),
    ],
)
def test_who_falls_is_raised_and_so_are_those_who_fall_with_it(
    bench: Bench, strategy: Strategy, lives: list[int], log: str
) -> None:
    bench.up("a", "b", "c", "d", strategy=strategy)
    bench.address("b").tell("fall")
    bench.until(ChildStarted, "root/b", 2)
    if strategy is not Strategy.ONE_FOR_ONE:
        bench.until(ChildStarted, "root/d", 2)

    rows = bench.rows()
    assert [row.life for row in rows.values()] == lives
    assert {row.state for row in rows.values()} == {"running"}
    assert "".join(bench.log.all()) == log
    assert (rows["b"].restarts, rows["c"].restarts) == (1, 0)


def test_an_end_is_told_before_the_new_life(bench: Bench) -> None:
    bench.up("a")
    bench.address("a").tell("fall")
    bench.until(ChildEnded, "root/a", 1)

    assert bench.events.next() == ChildStarted(path="root/a", life=2)


def test_deaths_at_once_are_one_cycle(bench: Bench) -> None:
    """The supervisor is held meanwhile; its budget allows a single restart."""
    bench.up(
        "a",
        "b",
        "c",
        strategy=Strategy.ONE_FOR_ALL,
        intensity=Intensity(max_restarts=1),
    )
    held = bench.gate()
    bench.hold(held)
    for name in "abc":
        bench.address(name).tell("fall")
    assert sorted(bench.log.next() for _ in range(3)) == ["-a", "-b", "-c"]
    held.set()
    for name in "abc":
        bench.until(ChildStarted, f"root/{name}", 2)

    assert [row.life for row in bench.rows().values()] == [2, 2, 2]
    assert "".join(bench.log.all()) == "+a+b+c"


@pytest.mark.parametrize(
    ("restart", "message", "outcome"),
    [
        (Restart.PERMANENT, "end", ("running", 2)),
        (Restart.PERMANENT, "shutdown", ("running", 2)),
        (Restart.PERMANENT, "fall", ("running", 2)),
        (Restart.TRANSIENT, "end", ("stopped", 1)),
        (Restart.TRANSIENT, "shutdown", ("stopped", 1)),
        (Restart.TRANSIENT, "fall", ("running", 2)),
        (Restart.TEMPORARY, "end", None),
        (Restart.TEMPORARY, "shutdown", None),
        (Restart.TEMPORARY, "fall", None),
    ],
)
def test_what_an_end_leads_to(
    bench: Bench, restart: Restart, message: str, outcome: tuple[str, int] | None
) -> None:
    bench.up(bench.child("a", restart=restart), "b")
    bench.address("a").tell(message)
    bench.until(ChildEnded, "root/a", 1)
    if outcome == ("running", 2):
        bench.until(ChildStarted, "root/a", 2)

    row = bench.rows().get("a")
    assert outcome == (None if row is None else (row.state, row.life))


@pytest.mark.parametrize(
    ("message", "end", "reason"),
    [
        ("end", Exit.NORMAL, ""),
        ("shutdown", Exit.SHUTDOWN, ""),
        ("fall", Exit.ABNORMAL, "ValueError('a') during str"),
    ],
)
def test_an_end_is_written_down_as_what_it_was(
    bench: Bench, message: str, end: Exit, reason: str
) -> None:
    bench.up("a")
    bench.address("a").tell(message)
    ended = bench.until(ChildEnded, "root/a", 1)

    assert isinstance(ended, ChildEnded)
    assert (ended.exit, ended.reason, ended.during) == (end, reason, "str")
    assert ended.normal is (end is not Exit.ABNORMAL)
    assert ("raise ValueError(self._name)" in ended.trace) is (message == "fall")


@pytest.mark.parametrize("restart", list(Restart))
def test_who_is_stopped_by_somebody_else_has_shut_down(
    bench: Bench, restart: Restart
) -> None:
    bench.up(bench.child("a", restart=restart))
    bench.address("a").stop()
    ended = bench.until(ChildEnded, "root/a", 1)

    assert isinstance(ended, ChildEnded)
    assert ended.exit is Exit.SHUTDOWN
    bench.rows()
    if restart is Restart.PERMANENT:
        bench.until(ChildStarted, "root/a", 2)


def test_a_temporary_sibling_is_taken_along_but_not_raised(bench: Bench) -> None:
    bench.up(
        "a",
        bench.child("b", restart=Restart.TEMPORARY),
        "c",
        strategy=Strategy.ONE_FOR_ALL,
    )
    bench.address("a").tell("fall")
    bench.until(ChildStarted, "root/c", 2)

    assert list(bench.rows()) == ["a", "c"]


def test_mail_finds_the_next_life_at_the_same_address(bench: Bench) -> None:
    bench.up("a")
    bench.address("a").tell("fall")
    bench.until(ChildStarted, "root/a", 2)

    assert bench.address("a").ask("hello", timeout_s=5.0).get(timeout=5.0) == "hello"


# -- budget -------------------------------------------------------------------------------


def test_one_restart_too_many_and_it_gives_up(bench: Bench) -> None:
    bench.up("a", "b", intensity=Intensity(max_restarts=2, within_s=5.0))
    for life in (2, 3):
        bench.address("a").tell("fall")
        bench.until(ChildStarted, "root/a", life)
    bench.address("a").tell("fall")

    died = bench.died()
    assert isinstance(died.error, GaveUpError)
    gave_up = bench.until(SupervisorGaveUp, "root")
    assert isinstance(gave_up, SupervisorGaveUp)
    assert "more than 2 restarts in 5 s" in gave_up.reason
    assert bench.log.all()[-2:] == ["-a", "-b"]


def test_falls_further_apart_are_forgiven(bench: Bench) -> None:
    bench.up("a", intensity=Intensity(max_restarts=1, within_s=5.0))
    for life in range(2, 8):
        bench.clock.advance(5.0)
        bench.address("a").tell("fall")
        bench.until(ChildStarted, "root/a", life)

    assert bench.rows()["a"].restarts == 6


def test_restarts_that_fail_count_too(bench: Bench) -> None:
    bench.up("a", intensity=Intensity(max_restarts=3))
    bench.plans["a"] = [OSError(str(n)) for n in range(9)]
    bench.address("a").tell("fall")

    assert isinstance(bench.died().error, GaveUpError)
    assert len(bench.plans["a"]) == 9 - 3


def test_a_supervisor_that_gave_up_is_raised_by_its_own(bench: Bench) -> None:
    bench.up(
        bench.branch("left", "a", "b", flags=Flags(intensity=Intensity(max_restarts=0))),
        "right",
    )
    bench.address("a").tell("fall")
    bench.until(ChildStarted, "root/left", 2)

    assert "".join(bench.log.all()) == "-a-b+a+b"
    assert bench.rows()["right"].life == 1
    lives = {row.path: row.life for row in bench.world.view.rows()}
    assert lives == {
        "root/left": 2,
        "root/left/a": 2,
        "root/left/b": 2,
        "root/right": 1,
    }
    assert bench.address("a").ask("hello", timeout_s=5.0).get(timeout=5.0) == "hello"


def test_a_branch_is_up_when_its_children_are(bench: Bench) -> None:
    gate = bench.gate()
    bench.plans["b"] = [gate]
    bench.launch(bench.branch("left", "a", "b"), "c")
    bench.until(ChildStarted, "root/left/a")
    assert bench.rows()["left"].state is ChildState.STARTING
    gate.set()

    assert bench.lives.next() == Born(child="root", life=1)
    assert [e.path for e in bench.events.all() if isinstance(e, ChildStarted)] == [
        "root/left/b",
        "root/left",
        "root/c",
    ]


def test_a_branch_that_cannot_start_takes_the_root_back(bench: Bench) -> None:
    bench.plans["b"] = [OSError("no device")]
    bench.launch("x", bench.branch("left", "a", "b"), "c")

    assert "root/left" in str(bench.died().error)
    assert "".join(bench.log.all()) == "+x+a+b-b-a-x"


# -- late words ---------------------------------------------------------------------------


def test_a_life_that_hung_does_not_harm_the_next(bench: Bench) -> None:
    hung = bench.gate()
    bench.up(bench.child("a", start_within_s=3.0))
    bench.plans["a"] = [hung]
    bench.address("a").tell("fall")
    assert [bench.log.next(), bench.log.next()] == ["-a", "+a"]
    bench.clock.advance(3.0)
    bench.until(ChildStarted, "root/a", 3)
    bench.log.all()

    hung.set()
    assert bench.log.next() == "-a"
    assert bench.rows()["a"].life == 3
    assert bench.rows()["a"].state is ChildState.RUNNING


def test_a_supervisor_that_fails_ends_its_children(bench: Bench) -> None:
    bench.up("a", bench.branch("left", "b", "c"))
    bench.address("left").tell("no such order")
    bench.until(ChildStarted, "root/left", 2)

    assert sorted(bench.log.next() for _ in range(4)) == ["+b", "+c", "-b", "-c"]
    assert bench.address("b").ask("hello", timeout_s=5.0).get(timeout=5.0) == "hello"
    lives = {row.path: row.life for row in bench.world.view.rows()}
    assert lives["root/left/b"] == 2


def test_deaths_are_heard_however_much_mail_there_is(bench: Bench) -> None:
    """The supervisor is held while its line fills up."""
    held = bench.gate()
    bench.up("a")
    bench.hold(held)
    for _ in range(2000):
        bench.root.tell(StartChild("nobody"))
    bench.address("a").tell("fall")
    assert bench.log.next() == "-a"
    held.set()

    bench.until(ChildStarted, "root/a", 2)
    assert bench.root.mail.count().dropped["full"] > 0


def test_a_fall_while_it_is_ending_raises_nobody(bench: Bench) -> None:
    bench.up("a", "b")
    gate = bench.hang("b")
    bench.root.stop()
    assert bench.rows()["b"].state is ChildState.STOPPING
    bench.address("a").tell("fall")
    bench.until(ChildEnded, "root/a")
    gate.set()

    assert bench.died().normal
    assert bench.log.all() == ["-a", "-b"]
    assert not any(isinstance(event, ChildStarted) for event in bench.events.all())


# -- not needed now -----------------------------------------------------------------------


def test_a_child_that_is_not_needed_is_no_failure_and_the_others_start(
    bench: Bench,
) -> None:
    bench.plans["b"] = [IgnoreError("no such device here")]
    bench.launch("a", "b", "c")

    assert bench.lives.next() == Born(child="root", life=1)
    row = bench.rows()["b"]
    assert (row.state, row.reason) == (ChildState.STOPPED, "ignored: no such device here")
    ended = bench.until(ChildEnded, "root/b")
    assert isinstance(ended, ChildEnded)
    assert (ended.normal, ended.exit, ended.trace) == (True, Exit.SHUTDOWN, "")
    assert bench.ask(StartChild("b")).life == 2  # it may be needed now


def test_a_restart_that_is_not_needed_any_more_is_the_last(bench: Bench) -> None:
    bench.up("a", intensity=Intensity(max_restarts=1))
    bench.plans["a"] = [IgnoreError("gone")]
    bench.address("a").tell("fall")
    bench.until(ChildEnded, "root/a", 2)

    assert bench.rows()["a"].state is ChildState.STOPPED
    assert bench.rows()["a"].restarts == 1


def test_a_temporary_child_that_is_not_needed_is_forgotten(bench: Bench) -> None:
    bench.plans["a"] = [IgnoreError("gone")]
    bench.up(bench.child("a", restart=Restart.TEMPORARY), "b")

    assert list(bench.rows()) == ["b"]


def test_who_says_so_after_its_start_has_shut_down(bench: Bench) -> None:
    class Late(Stage):
        def handle(self, message: object) -> object:
            raise IgnoreError(str(message))

    bench.up(bench.child("a", make=Late, restart=Restart.TRANSIENT))
    bench.address("a").tell("late")
    ended = bench.until(ChildEnded, "root/a")

    assert isinstance(ended, ChildEnded)
    assert ended.exit is Exit.SHUTDOWN
    assert bench.rows()["a"].state is ChildState.STOPPED


def test_a_shutdown_during_the_first_start_is_a_failed_start(bench: Bench) -> None:
    bench.plans["b"] = [ShutdownError("not today")]
    bench.launch("a", "b")

    assert isinstance(bench.died().error, StartFailedError)


# -- escalation ---------------------------------------------------------------------------


def test_what_no_branch_can_make_good_ends_the_root_with_all_reasons(
    bench: Bench,
) -> None:
    """A leaf falls; neither its branch nor the root may restart anything."""
    none = Flags(intensity=Intensity(max_restarts=0))
    bench.up("before", bench.branch("left", "a", "b", flags=none), "after", flags=none)
    bench.address("b").tell("fall")

    died = bench.died()
    assert isinstance(died.error, GaveUpError)
    assert not died.normal
    text = str(died.error)
    for part in ("root: left fell again", "root/left: b fell again", "ValueError('b')"):
        assert part in text
    assert bench.log.all() == ["-b", "-a", "-after", "-before"]
    gave_up = [e.event for e in bench.entries() if isinstance(e.event, SupervisorGaveUp)]
    assert [event.path for event in gave_up] == ["root/left", "root"]
    assert bench.world.view.rows() == []
    assert bench.world.roll.posts() == []


def test_a_machine_without_a_thread_left_fails_the_first_start(bench: Bench) -> None:
    class Full:
        def make(self, *_what: object) -> None:
            raise RuntimeError("can't start new thread")

    bench.world = dataclasses.replace(bench.world, nursery=Full())
    bench.launch("a", "b")

    error = bench.died().error
    assert isinstance(error, StartFailedError)
    assert "new thread" in str(error)


def test_a_machine_without_a_thread_left_spends_the_budget(bench: Bench) -> None:
    class Full:
        name = "full"

        def attach(self, inbox: object, run: object) -> None:  # noqa: ARG002
            raise RuntimeError("can't start new thread")

        def replace(self, thread: int) -> None:
            raise AssertionError(thread)

    bench.up("a")
    with pytest.raises(StartFailedError, match="new thread"):
        bench.ask(AddChild(bench.child("b", dispatcher=Full())))

    assert list(bench.rows()) == ["a"]


# -- many at once -------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", list(Strategy))
def test_a_child_never_has_two_lives_at_once_whatever_comes(
    bench: Bench, strategy: Strategy
) -> None:
    """Falls and orders from four threads; starts and ends of each alternate."""
    names = "abc"
    bench.up(*names, strategy=strategy, intensity=Intensity(max_restarts=10**6))

    def trouble(seed: int) -> None:
        rng = np.random.default_rng(seed)
        orders = (RestartChild, StopChild, StartChild)
        for _ in range(60):
            name = names[rng.integers(3)]
            if rng.random() < 0.5:
                bench.address(name).tell("fall")
            else:
                bench.ask(orders[rng.integers(3)](name))

    threads = [threading.Thread(target=trouble, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in names:
        bench.ask(StartChild(name))
    bench.root.stop()
    bench.died()

    said = bench.log.all()
    for name in names:
        own = [word for word in said if word[1:] == name]
        assert own[::2] == [f"-{name}"] * len(own[::2])
        assert own[1::2] == [f"+{name}"] * len(own[1::2])
    assert all(bench.address(name).audit() == [] for name in names)


@pytest.mark.parametrize(
    ("strategy", "spent"), [(Strategy.ONE_FOR_ONE, 3), (Strategy.REST_FOR_ONE, 1)]
)
def test_deaths_at_once_cost_one_restart_a_cycle(
    bench: Bench, strategy: Strategy, spent: int
) -> None:
    """The first falls first: with it, the others are in its cycle."""
    bench.up("a", "b", "c", strategy=strategy)
    held = bench.gate()
    bench.hold(held)
    for name in "abc":
        bench.address(name).tell("fall")
        assert bench.log.next() == f"-{name}"
    held.set()
    for name in "abc":
        bench.until(ChildStarted, f"root/{name}", 2)

    office = bench.world.roll.office("root")
    assert office is not None
    assert office.budget.spent == spent

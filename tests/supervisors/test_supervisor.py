"""Supervisors: starts, falls, restarts, orders, limits. Real actors, virtual time."""

import pykka
import pytest

from protocols.supervision import (
    Born,
    ChildEnded,
    ChildStarted,
    ChildState,
    SupervisorGaveUp,
)
from supervisors.orders import (
    AddChild,
    GaveUpError,
    RemoveChild,
    RestartChild,
    StartChild,
    StartFailedError,
    StopChild,
)
from supervisors.restart import (
    Backoff,
    Intensity,
    Restart,
    SpecError,
    Strategy,
)
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


def test_a_mistake_in_the_specifications_starts_nobody(bench: Bench) -> None:
    bench.launch("a", "a")

    assert isinstance(bench.died().error, SpecError)
    assert bench.log.all() == []


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "a/b"}, {"start_within_s": 0.0}, {"stop_within_s": -1}]
)
def test_a_specification_is_checked_when_it_is_made(
    bench: Bench, wrong: dict[str, object]
) -> None:
    with pytest.raises(SpecError, match="allowed"):
        bench.child(**{"name": "a", **wrong})  # type: ignore[arg-type]


def test_a_start_that_takes_too_long_is_taken_back(bench: Bench) -> None:
    gate = bench.gate()
    bench.plans["b"] = [gate]
    bench.launch("a", bench.child("b", start_within_s=3.0))
    bench.until(ChildStarted, "root/a")
    bench.rows()
    bench.clock.advance(3.0)

    assert "not up in 3 s" in str(bench.died().error)
    assert "-a" in bench.log.all()


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


def test_a_child_that_does_not_stop_is_abandoned(bench: Bench) -> None:
    bench.up("a", bench.child("b", stop_within_s=2.0), "c")
    gate = bench.hang("b")
    bench.root.stop()
    bench.until(ChildEnded, "root/c")
    bench.rows()
    bench.clock.advance(2.0)

    assert bench.died().normal
    assert bench.log.all() == ["-c", "-a"]
    assert bench.address("b").tenant is None
    gate.set()
    assert bench.log.next() == "-b"  # it still lets go what it holds


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
        (Restart.PERMANENT, "fall", ("running", 2)),
        (Restart.TRANSIENT, "end", ("stopped", 1)),
        (Restart.TRANSIENT, "fall", ("running", 2)),
        (Restart.TEMPORARY, "end", None),
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


# -- backoff ------------------------------------------------------------------------------


def test_a_child_with_a_backoff_waits_twice_as_long_each_time(bench: Bench) -> None:
    bench.up(
        bench.child("a", backoff=Backoff(first_s=1.0, most_s=8.0, jitter=0.0)),
        intensity=Intensity(max_restarts=99),
    )
    bench.plans["a"] = [OSError("not yet")] * 4
    bench.address("a").tell("fall")
    bench.until(ChildEnded, "root/a", 1)
    for life, delay_s in ((2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0)):
        assert bench.rows()["a"].state is ChildState.WAITING
        bench.clock.advance(delay_s - 0.1)
        assert bench.rows()["a"].life == life - 1
        bench.clock.advance(0.1)
        bench.until(ChildEnded, "root/a", life)
    bench.rows()
    bench.clock.advance(8.0)

    bench.until(ChildStarted, "root/a", 6)


def test_who_has_worked_long_waits_the_first_wait_again(bench: Bench) -> None:
    bench.up(bench.child("a", backoff=Backoff(first_s=1.0, most_s=8.0, jitter=0.0)))
    for life in (1, 2):
        bench.clock.advance(60.0)
        bench.address("a").tell("fall")
        bench.until(ChildEnded, "root/a", life)
        bench.rows()
        bench.clock.advance(1.0)
        bench.until(ChildStarted, "root/a", life + 1)

    assert bench.rows()["a"].restarts == 2


def test_who_waits_holds_back_those_who_start_after_it(bench: Bench) -> None:
    bench.up(
        "a",
        bench.child("b", backoff=Backoff(first_s=1.0, most_s=8.0, jitter=0.0)),
        "c",
        strategy=Strategy.ONE_FOR_ALL,
    )
    bench.address("b").tell("fall")
    bench.until(ChildStarted, "root/a", 2)

    assert {n: row.state for n, row in bench.rows().items()} == {
        "a": "running",
        "b": "waiting",
        "c": "stopped",
    }
    bench.clock.advance(1.0)
    bench.until(ChildStarted, "root/c", 2)
    assert "".join(bench.log.all()) == "-b-c-a+a+b+c"


def test_an_operator_may_end_the_wait_either_way(bench: Bench) -> None:
    bench.up(bench.child("a", backoff=Backoff(first_s=1.0, most_s=8.0, jitter=0.0)))
    bench.address("a").tell("fall")
    bench.until(ChildEnded, "root/a", 1)
    assert bench.ask(StopChild("a")).state is ChildState.STOPPED
    bench.clock.advance(9.0)
    assert bench.rows()["a"].state is ChildState.STOPPED

    row = bench.ask(StartChild("a"))
    assert (row.state, row.life) == (ChildState.RUNNING, 2)


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


# -- orders -------------------------------------------------------------------------------


def test_a_child_is_added_and_removed(bench: Bench) -> None:
    bench.up("a")
    row = bench.ask(AddChild(bench.child("b")))
    assert (row.path, row.state, row.life) == ("root/b", ChildState.RUNNING, 1)
    assert list(bench.rows()) == ["a", "b"]

    assert bench.ask(RemoveChild("b")) is True
    assert list(bench.rows()) == ["a"]
    assert [row.path for row in bench.world.view.rows()] == ["root/a"]
    assert bench.log.all() == ["+b", "-b"]


def test_an_id_that_is_taken_is_refused(bench: Bench) -> None:
    bench.up("a")
    with pytest.raises(SpecError, match="'a'"):
        bench.ask(AddChild(bench.child("a")))

    assert bench.rows()["a"].life == 1


def test_an_added_child_that_does_not_come_up_is_not_kept(bench: Bench) -> None:
    bench.up("a", intensity=Intensity(max_restarts=0))
    bench.plans["b"] = [OSError("no device")]
    with pytest.raises(StartFailedError, match="no device"):
        bench.ask(AddChild(bench.child("b")))
    with pytest.raises(StartFailedError, match="division"):
        bench.ask(AddChild(bench.child("c", make=lambda: 1 / 0)))

    assert list(bench.rows()) == ["a"]
    assert isinstance(bench.until(ChildEnded, "root/c"), ChildEnded)


def test_an_added_child_that_ends_well_is_forgotten(bench: Bench) -> None:
    bench.up()
    bench.ask(AddChild(bench.child("b", restart=Restart.TRANSIENT)))
    bench.address("b").tell("end")
    bench.until(ChildEnded, "root/b")

    assert bench.rows() == {}


@pytest.mark.parametrize("order", [RemoveChild, StopChild, StartChild, RestartChild])
def test_an_order_for_a_child_that_is_not_there_is_answered_with_false(
    bench: Bench, order: type[StopChild]
) -> None:
    bench.up("a")

    assert bench.ask(order("nobody")) is False


def test_who_was_stopped_stays_stopped_whatever_its_siblings_do(bench: Bench) -> None:
    bench.up("a", "b", "c", strategy=Strategy.ONE_FOR_ALL)
    assert bench.ask(StopChild("b")).state is ChildState.STOPPED
    bench.address("a").tell("fall")
    bench.until(ChildStarted, "root/c", 2)
    assert {n: r.state for n, r in bench.rows().items()} == {
        "a": "running",
        "b": "stopped",
        "c": "running",
    }

    row = bench.ask(StartChild("b"))
    assert (row.state, row.life) == (ChildState.RUNNING, 2)


def test_starting_who_runs_changes_nothing(bench: Bench) -> None:
    bench.up("a")

    assert bench.ask(StartChild("a")).life == 1


def test_an_ordered_restart_costs_no_budget(bench: Bench) -> None:
    bench.up("a", intensity=Intensity(max_restarts=0))
    for life in (2, 3, 4):
        row = bench.ask(RestartChild("a"))
        assert (row.state, row.life) == (ChildState.RUNNING, life)


def test_a_child_that_falls_as_it_is_ordered_to_restart_costs_no_budget(
    bench: Bench,
) -> None:
    bench.up("a", intensity=Intensity(max_restarts=0))
    gate = bench.hang("a")
    bench.address("a").tell("fall")
    asked = bench.order(RestartChild("a"))
    bench.rows()
    gate.set()

    assert asked.get(timeout=5.0).life == 2


def test_a_start_that_hangs_can_be_stopped(bench: Bench) -> None:
    gate = bench.gate()
    bench.up("a")
    bench.plans["b"] = [gate]
    added = bench.order(AddChild(bench.child("b", stop_within_s=2.0)))
    assert bench.log.next() == "+b"
    stopped = bench.order(StopChild("b"))
    bench.rows()
    bench.clock.advance(2.0)

    assert added.get(timeout=5.0).state is ChildState.FAILED
    assert stopped.get(timeout=5.0).state is ChildState.FAILED
    assert bench.ask(StartChild("b")).state is ChildState.RUNNING


def test_who_is_removed_before_it_was_up_never_came_up(bench: Bench) -> None:
    gate = bench.gate()
    bench.up("a")
    bench.plans["b"] = [gate]
    added = bench.order(AddChild(bench.child("b")))
    assert bench.log.next() == "+b"
    removed = bench.order(RemoveChild("b"))
    bench.rows()
    gate.set()

    assert removed.get(timeout=5.0) is True
    with pytest.raises(StartFailedError, match="removed"):
        added.get(timeout=5.0)
    assert list(bench.rows()) == ["a"]


def test_orders_to_one_that_is_ending_are_answered(bench: Bench) -> None:
    bench.up("a")
    gate = bench.hang("a")
    bench.root.stop()
    added = bench.order(AddChild(bench.child("b")))
    started = bench.order(StartChild("a"))
    with pytest.raises(StartFailedError, match="ending"):
        added.get(timeout=5.0)
    gate.set()

    assert bench.died().normal
    with pytest.raises(pykka.ActorDeadError):
        started.get(timeout=5.0)
    assert bench.log.all() == ["-a"]


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

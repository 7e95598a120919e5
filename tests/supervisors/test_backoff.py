"""Backoffs: who waits how long before it is started again, and what ends the wait."""

import dataclasses

import numpy as np

from protocols.supervision import ChildEnded, ChildStarted, ChildState, RestartSpent
from supervisors.orders import RestartChild, StartChild, StopChild
from supervisors.restart import Backoff, Intensity, Strategy
from tests.supervisors.bench import Bench


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


def test_a_restart_may_end_the_wait_too_and_costs_nothing(bench: Bench) -> None:
    bench.up(
        bench.child("a", backoff=Backoff(first_s=1.0, most_s=8.0, jitter=0.0)),
        intensity=Intensity(max_restarts=1),
    )
    bench.address("a").tell("fall")
    bench.until(ChildEnded, "root/a", 1)

    row = bench.ask(RestartChild("a"))
    assert (row.state, row.life, row.restarts) == (ChildState.RUNNING, 2, 1)
    bench.clock.advance(9.0)  # the wait that was cancelled
    assert bench.rows()["a"].life == 2


def test_the_end_of_its_supervisor_ends_the_wait(bench: Bench) -> None:
    bench.up("a", bench.child("b", backoff=Backoff(first_s=1.0, most_s=8.0, jitter=0.0)))
    bench.address("b").tell("fall")
    bench.until(ChildEnded, "root/b", 1)
    assert bench.rows()["b"].state is ChildState.WAITING
    bench.root.stop()

    assert bench.died().normal
    bench.clock.advance(9.0)
    assert bench.log.all() == ["-b", "-a"]


def test_others_are_raised_while_one_waits(bench: Bench) -> None:
    bench.up("a", bench.child("b", backoff=Backoff(first_s=1.0, most_s=8.0)), "c")
    bench.address("b").tell("fall")
    bench.until(ChildEnded, "root/b", 1)
    for name in "ac":
        bench.address(name).tell("fall")
        bench.until(ChildStarted, f"root/{name}", 2)

    assert bench.rows()["b"].state is ChildState.WAITING


def test_those_who_fall_together_wait_differently_within_the_jitter(bench: Bench) -> None:
    bench.world = dataclasses.replace(bench.world, rng=np.random.default_rng(3))
    backoff = Backoff(first_s=10.0, most_s=10.0, jitter=0.2)
    names = "abcdefgh"
    bench.up(
        *(bench.child(name, backoff=backoff) for name in names),
        intensity=Intensity(max_restarts=99),
    )
    for name in names:
        bench.address(name).tell("fall")
    for _ in names:
        bench.events.until(ChildEnded)
    bench.rows()

    waits = [
        entry.event.wait_s
        for entry in bench.entries()
        if isinstance(entry.event, RestartSpent)
    ]
    assert len(set(waits)) == len(names)
    assert all(8.0 <= wait_s <= 12.0 for wait_s in waits)
    bench.clock.advance(min(waits) * (1 + 1e-9))
    states = [row.state for row in bench.rows().values()]
    assert states.count(ChildState.WAITING) == len(names) - 1


def test_a_failure_soon_after_the_start_counts_on(bench: Bench) -> None:
    bench.up(
        bench.child("a", backoff=Backoff(first_s=1.0, most_s=8.0, jitter=0.0)),
        intensity=Intensity(max_restarts=99),
    )
    for life, wait_s in ((1, 1.0), (2, 2.0), (3, 4.0)):
        bench.clock.advance(8.0)  # no longer than it would ever wait
        bench.address("a").tell("fall")
        bench.until(ChildEnded, "root/a", life)
        bench.rows()
        bench.clock.advance(wait_s)
        bench.until(ChildStarted, "root/a", life + 1)


def test_an_operator_who_stops_whom_all_wait_for_lets_the_others_start(
    bench: Bench,
) -> None:
    slow = bench.child("a", backoff=Backoff(first_s=1.0, most_s=8.0, jitter=0.0))
    bench.up(slow, "b", strategy=Strategy.ONE_FOR_ALL)
    bench.address("a").tell("fall")
    bench.until(ChildEnded, "root/b", 1)
    assert bench.rows()["b"].state is ChildState.STOPPED
    bench.ask(StopChild("a"))

    bench.until(ChildStarted, "root/b", 2)
    assert bench.rows()["a"].held

"""Significant children: whose end for good ends their supervisor, and whose does not."""

from typing import Any

import pytest

from protocols.supervision import (
    ChildEnded,
    ChildStarted,
    ChildState,
    Exit,
    ShutdownError,
    SupervisorGaveUp,
)
from supervisors.orders import (
    AddChild,
    DeleteChild,
    RemoveChild,
    RestartChild,
    SetFlags,
    StartChild,
    StopChild,
)
from supervisors.restart import AutoShutdown, Intensity, Restart, Strategy
from supervisors.spec import ChildSpec, Flags
from tests.supervisors.bench import Bench

ANY = Flags(auto_shutdown=AutoShutdown.ANY_SIGNIFICANT)
ALL = Flags(auto_shutdown=AutoShutdown.ALL_SIGNIFICANT)


def significant(
    bench: Bench,
    name: str,
    restart: Restart = Restart.TRANSIENT,
    **how: Any,  # noqa: ANN401
) -> ChildSpec:
    return bench.child(name, restart=restart, significant=True, **how)


def test_the_first_significant_end_ends_a_supervisor_in_order(bench: Bench) -> None:
    bench.up("a", significant(bench, "b"), significant(bench, "c"), "d", flags=ANY)
    bench.address("b").tell("end")

    died = bench.died()
    assert (died.exit, died.normal) == (Exit.SHUTDOWN, True)
    assert isinstance(died.error, ShutdownError)
    assert "b, which is significant, has ended" in str(died.error)
    assert bench.log.all() == ["-b", "-d", "-c", "-a"]


def test_only_the_last_significant_end_does_where_all_count(bench: Bench) -> None:
    bench.up("a", significant(bench, "b"), significant(bench, "c"), flags=ALL)
    bench.address("b").tell("end")
    bench.until(ChildEnded, "root/b")
    assert bench.rows()["b"].state is ChildState.STOPPED
    bench.address("c").tell("shutdown")

    died = bench.died()
    assert died.exit is Exit.SHUTDOWN
    assert "all significant" in str(died.error)
    assert bench.log.all() == ["-b", "-c", "-a"]


def test_an_ordinary_childs_end_for_good_ends_nobody_else(bench: Bench) -> None:
    bench.up(bench.child("a", restart=Restart.TRANSIENT), "b")
    bench.address("a").tell("end")
    bench.until(ChildEnded, "root/a")

    assert bench.rows()["b"].state is ChildState.RUNNING


@pytest.mark.parametrize("flags", [ANY, ALL], ids=["any", "all"])
def test_a_failure_that_is_made_good_does_not_count(bench: Bench, flags: Flags) -> None:
    bench.up(significant(bench, "a"), "b", flags=flags)
    bench.address("a").tell("fall")
    bench.until(ChildStarted, "root/a", 2)

    assert bench.rows()["b"].life == 1


@pytest.mark.parametrize("message", ["end", "shutdown", "fall"])
def test_any_end_of_a_temporary_one_is_for_good(bench: Bench, message: str) -> None:
    bench.up(significant(bench, "a", Restart.TEMPORARY), "b", flags=ANY)
    bench.address("a").tell(message)

    assert bench.died().exit is Exit.SHUTDOWN


@pytest.mark.parametrize("flags", [ANY, ALL], ids=["any", "all"])
@pytest.mark.parametrize("restart", [Restart.TRANSIENT, Restart.TEMPORARY])
def test_an_ordered_stop_does_not_count(
    bench: Bench, flags: Flags, restart: Restart
) -> None:
    bench.up(significant(bench, "a", restart), "b", flags=flags)
    assert bench.ask(StopChild("a")).state is ChildState.STOPPED
    assert bench.ask(StartChild("a")).life == 2
    assert bench.ask(RestartChild("a")).life == 3
    bench.ask(StopChild("a"))
    assert bench.ask(DeleteChild("a")) is True
    assert bench.ask(AddChild(significant(bench, "a", restart))).life == 4
    assert bench.ask(RemoveChild("a")) is True

    assert bench.rows()["b"].life == 1


def test_who_was_stopped_by_order_is_not_waited_for(bench: Bench) -> None:
    """As in OTP: the last of those that are active counts."""
    bench.up(significant(bench, "a"), significant(bench, "b"), flags=ALL)
    bench.ask(StopChild("a"))
    bench.address("b").tell("end")

    assert bench.died().exit is Exit.SHUTDOWN


def test_who_is_just_being_raised_is_waited_for(bench: Bench) -> None:
    gate = bench.gate()
    bench.up(significant(bench, "a"), significant(bench, "b"), "c", flags=ALL)
    bench.plans["a"] = [gate]
    bench.address("a").tell("fall")
    assert [bench.log.next(), bench.log.next()] == ["-a", "+a"]
    bench.address("b").tell("end")
    bench.until(ChildEnded, "root/b")

    assert bench.rows()["c"].state is ChildState.RUNNING
    gate.set()
    bench.until(ChildStarted, "root/a", 2)


def test_who_is_taken_along_by_a_sibling_has_not_ended_by_itself(bench: Bench) -> None:
    flags = Flags(strategy=Strategy.ONE_FOR_ALL, auto_shutdown=AutoShutdown.ANY_SIGNIFICANT)
    bench.up("a", significant(bench, "b", Restart.TEMPORARY), "c", flags=flags)
    bench.address("a").tell("fall")
    bench.until(ChildStarted, "root/c", 2)

    assert list(bench.rows()) == ["a", "c"]


def test_flags_changed_while_it_runs_count_from_then_on(bench: Bench) -> None:
    bench.up(significant(bench, "a"), significant(bench, "b"), flags=ALL)
    assert bench.ask(SetFlags(ANY)) is True
    bench.address("a").tell("end")

    assert "a, which is significant" in str(bench.died().error)


@pytest.mark.parametrize(
    ("restart", "outcome"),
    [
        (Restart.PERMANENT, (ChildState.RUNNING, 2)),
        (Restart.TRANSIENT, (ChildState.STOPPED, 1)),
        (Restart.TEMPORARY, None),
    ],
)
def test_to_its_own_supervisor_such_an_end_is_a_shutdown(
    bench: Bench, restart: Restart, outcome: tuple[ChildState, int] | None
) -> None:
    branch = bench.branch("left", significant(bench, "a"), flags=ANY, restart=restart)
    bench.up(branch, "b")
    bench.address("a").tell("end")
    ended = bench.until(ChildEnded, "root/left", 1)
    if restart is Restart.PERMANENT:
        bench.until(ChildStarted, "root/left", 2)

    assert isinstance(ended, ChildEnded)
    assert (ended.exit, ended.trace) == (Exit.SHUTDOWN, "")
    row = bench.rows().get("left")
    assert outcome == (None if row is None else (row.state, row.life))


def test_a_significant_branch_takes_its_own_supervisor_along(bench: Bench) -> None:
    branch = bench.branch(
        "left",
        significant(bench, "a"),
        flags=ANY,
        restart=Restart.TRANSIENT,
        significant=True,
    )
    bench.up(branch, "b", flags=ANY)
    bench.address("a").tell("end")

    assert bench.died().exit is Exit.SHUTDOWN
    assert bench.log.all() == ["-a", "-b"]


def test_such_ends_that_are_made_good_cost_budget(bench: Bench) -> None:
    bench.up(
        bench.branch("left", significant(bench, "a"), flags=ANY),
        intensity=Intensity(max_restarts=1),
    )
    for life in (1, 2):
        bench.address("a").tell("end")
        bench.until(ChildEnded, "root/left", life)
        if life == 1:
            bench.until(ChildStarted, "root/left", 2)

    assert isinstance(bench.until(SupervisorGaveUp, "root"), SupervisorGaveUp)

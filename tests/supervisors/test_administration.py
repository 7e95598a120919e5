"""Orders: what may be ordered of children, whatever they are just doing."""

from collections.abc import Callable

import pykka
import pytest

from protocols.supervision import (
    ChildEnded,
    ChildHeld,
    ChildRow,
    ChildStarted,
    ChildState,
    IgnoreError,
    SupervisorChanged,
    SupervisorGaveUp,
)
from supervisors.orders import (
    AddChild,
    ChildCount,
    ChildLivesError,
    CountChildren,
    DeleteChild,
    GetFlags,
    GetSpec,
    PauseChild,
    RemoveChild,
    RestartChild,
    SetFlags,
    StartChild,
    StartFailedError,
    StartFromTemplate,
    StopChild,
    TooManyChildrenError,
)
from supervisors.restart import Backoff, Intensity, Restart, SpecError, Strategy
from supervisors.spec import Flags
from tests.supervisors.bench import Bench, FailLate

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


def test_a_removal_is_not_undone_by_a_start_that_comes_meanwhile(bench: Bench) -> None:
    bench.up("a", "b")
    gate = bench.hang("a")
    removed = bench.order(RemoveChild("a"))
    late = [bench.order(StartChild("a")), bench.order(RestartChild("a"))]
    bench.rows()
    gate.set()

    assert removed.get(timeout=5.0) is True
    assert {answer.get(timeout=5.0).state for answer in late} == {ChildState.STOPPED}
    assert list(bench.rows()) == ["b"]
    assert bench.address("a").tenant is None
    assert bench.log.all() == ["-a"]


def test_a_temporary_child_that_was_stopped_stays_though_its_siblings_fall(
    bench: Bench,
) -> None:
    temporary = bench.child("b", restart=Restart.TEMPORARY)
    bench.up("a", temporary, "c", strategy=Strategy.ONE_FOR_ALL)
    bench.ask(StopChild("b"))
    bench.address("a").tell("fall")
    bench.until(ChildStarted, "root/c", 2)
    assert bench.rows()["b"].held

    assert bench.ask(StartChild("b")).state is ChildState.RUNNING
    assert bench.rows()["b"].state is ChildState.RUNNING


def test_an_operators_stop_outlives_the_supervisor(bench: Bench) -> None:
    bench.up(bench.branch("left", "a", "b"))
    left = bench.address("left")
    assert left.ask(StopChild("b"), timeout_s=9e9).get(timeout=5.0).held
    left.tell("no such order")
    bench.until(ChildStarted, "root/left", 2)

    row = bench.world.view.row("root/left/b")
    assert row is not None
    assert (row.state, row.held) == (ChildState.STOPPED, True)
    started = left.ask(StartChild("b"), timeout_s=9e9).get(timeout=5.0)
    assert (started.state, started.held) == (ChildState.RUNNING, False)
    left.tell("no such order")
    bench.until(ChildStarted, "root/left", 3)
    row = bench.world.view.row("root/left/b")
    assert row is not None
    assert row.state is ChildState.RUNNING


def test_a_child_of_an_id_that_was_stopped_and_forgotten_is_a_new_one(
    bench: Bench,
) -> None:
    bench.up("a")
    bench.ask(StopChild("a"))
    bench.ask(RemoveChild("a"))
    row = bench.ask(AddChild(bench.child("a")))

    assert (row.state, row.held, row.restarts) == (ChildState.RUNNING, False, 0)
    assert row.life == 2  # what the first may still say is not taken for its word


def test_a_stopped_child_that_went_with_its_supervisor_and_is_added_anew_lives(
    bench: Bench,
) -> None:
    bench.up(bench.branch("left", "a"))
    left = bench.address("left")
    left.ask(AddChild(bench.child("b")), timeout_s=9e9).get(timeout=5.0)
    left.ask(StopChild("b"), timeout_s=9e9).get(timeout=5.0)
    left.tell("no such order")
    bench.until(ChildStarted, "root/left", 2)
    assert bench.world.view.row("root/left/b") is None

    added = left.ask(AddChild(bench.child("b")), timeout_s=9e9).get(timeout=5.0)
    assert (added.state, added.held) == (ChildState.RUNNING, False)


def test_the_mark_of_an_operator_is_written_down(bench: Bench) -> None:
    bench.up("a")
    bench.ask(StopChild("a"))
    bench.ask(StopChild("a"))
    bench.ask(StartChild("a"))

    marks = [e.event for e in bench.entries() if isinstance(e.event, ChildHeld)]
    assert [mark.held for mark in marks] == [True, False]


# -- in the middle of it ------------------------------------------------------------------
#
# A child `a` between `before` and `after`; it has fallen once. In the loop, its second
# life is in a setup that will fail when the gate opens; in the wait, it has a backoff.


def _in_a_loop(bench: Bench) -> None:
    bench.up("before", "a", "after", intensity=Intensity(max_restarts=9))
    bench.plans["a"] = [FailLate(bench.gate(), OSError("not yet"))]
    bench.address("a").tell("fall")
    assert [bench.log.next(), bench.log.next()] == ["-a", "+a"]


def _in_a_backoff(bench: Bench) -> None:
    backoff = Backoff(first_s=5.0, most_s=5.0, jitter=0.0)
    bench.up("before", bench.child("a", backoff=backoff), "after")
    bench.address("a").tell("fall")
    assert bench.log.next() == "-a"
    bench.until(ChildEnded, "root/a", 1)


def _go_on(bench: Bench) -> None:
    """Open the gate, or let the wait be over."""
    for gate in bench.gates:
        gate.set()
    bench.rows()
    bench.clock.advance(5.0)


MIDDLES = pytest.mark.parametrize(
    "begin", [_in_a_loop, _in_a_backoff], ids=["loop", "backoff"]
)
Begin = Callable[[Bench], None]


def ordered(bench: Bench, order: object) -> ChildRow:
    """The answer to an order that is given in the middle of it."""
    asked = bench.order(order)
    _go_on(bench)
    row = asked.get(timeout=5.0)
    assert isinstance(row, ChildRow)
    return row


@MIDDLES
def test_a_stop_in_the_middle_is_the_end_of_it(bench: Bench, begin: Begin) -> None:
    begin(bench)
    row = ordered(bench, StopChild("a"))
    bench.clock.advance(60.0)

    assert row.held
    assert row.state in (ChildState.STOPPED, ChildState.FAILED)
    assert bench.rows()["a"] == row
    assert bench.rows()["after"].life == 1


@MIDDLES
def test_a_start_in_the_middle_is_answered_when_it_is_up(
    bench: Bench, begin: Begin
) -> None:
    begin(bench)
    row = ordered(bench, StartChild("a"))

    assert (row.state, row.held) == (ChildState.RUNNING, False)


@MIDDLES
def test_a_restart_in_the_middle_begins_anew_and_costs_no_budget(
    bench: Bench, begin: Begin
) -> None:
    begin(bench)
    row = ordered(bench, RestartChild("a"))

    assert (row.state, row.restarts) == (ChildState.RUNNING, 1)
    office = bench.world.roll.office("root")
    assert office is not None
    assert office.budget.spent == 1


@MIDDLES
def test_a_removal_in_the_middle_forgets_it(bench: Bench, begin: Begin) -> None:
    begin(bench)
    asked = bench.order(RemoveChild("a"))
    _go_on(bench)

    assert asked.get(timeout=5.0) is True
    bench.clock.advance(60.0)
    assert list(bench.rows()) == ["before", "after"]
    assert bench.world.view.row("root/a") is None


@MIDDLES
def test_a_deletion_in_the_middle_is_refused(bench: Bench, begin: Begin) -> None:
    begin(bench)
    with pytest.raises(ChildLivesError, match="stop it first"):
        bench.ask(DeleteChild("a"))
    _go_on(bench)

    bench.until(ChildStarted, "root/a")
    assert "a" in bench.rows()


@MIDDLES
def test_questions_in_the_middle_are_answered_at_once(bench: Bench, begin: Begin) -> None:
    begin(bench)

    assert bench.ask(CountChildren()).specs == 3
    assert list(bench.rows()) == ["before", "a", "after"]
    assert bench.rows()["a"].restarts == 1
    spec = bench.ask(GetSpec("a"))
    assert spec.address is bench.address("a")


@MIDDLES
def test_a_child_added_in_the_middle_comes_up(bench: Bench, begin: Begin) -> None:
    begin(bench)
    asked = bench.order(AddChild(bench.child("new")))
    _go_on(bench)

    assert asked.get(timeout=5.0).state is ChildState.RUNNING


@MIDDLES
def test_a_pause_in_the_middle_holds_for_the_life_that_comes(
    bench: Bench, begin: Begin
) -> None:
    begin(bench)
    assert bench.ask(PauseChild("a", paused=True)).paused
    _go_on(bench)
    bench.until(ChildStarted, "root/a")
    asked = bench.address("a").ask("hello", timeout_s=9e9)

    assert bench.rows()["a"].paused
    bench.ask(PauseChild("a", paused=False))
    assert asked.get(timeout=5.0) == "hello"


@MIDDLES
def test_flags_changed_in_the_middle_count_what_was_spent(
    bench: Bench, begin: Begin
) -> None:
    begin(bench)
    bench.ask(SetFlags(Flags(intensity=Intensity(max_restarts=1, within_s=60.0))))
    _go_on(bench)
    if begin is _in_a_backoff:
        bench.until(ChildStarted, "root/a", 2)
        bench.address("a").tell("fall")

    gave_up = bench.until(SupervisorGaveUp, "root")
    assert isinstance(gave_up, SupervisorGaveUp)
    assert "more than 1 restarts in 60 s" in gave_up.reason


# -- list, count, get, delete -------------------------------------------------------------


def test_children_are_counted_by_kind_and_by_life(bench: Bench) -> None:
    bench.up("a", bench.branch("left", "x"), "c")
    bench.ask(StopChild("c"))

    assert bench.ask(CountChildren()) == ChildCount(
        specs=3, active=2, supervisors=1, workers=2
    )


def test_a_spec_is_given_as_it_was_and_an_unknown_one_is_none(bench: Bench) -> None:
    spec = bench.child("a")
    bench.up(spec)

    assert bench.ask(GetSpec("a")) is spec
    assert bench.ask(GetSpec("nobody")) is None


def test_a_child_that_has_no_life_is_deleted(bench: Bench) -> None:
    bench.up("a", "b")
    with pytest.raises(ChildLivesError, match="root/a is running"):
        bench.ask(DeleteChild("a"))
    bench.ask(StopChild("a"))

    assert bench.ask(DeleteChild("a")) is True
    assert bench.ask(DeleteChild("a")) is False
    assert list(bench.rows()) == ["b"]
    assert bench.world.roll.spec("root/a") is None


# -- dynamic children ---------------------------------------------------------------------


def _dynamic(bench: Bench, **how: object) -> Flags:
    def template(name: object) -> object:
        return bench.child(str(name), restart=Restart.TRANSIENT)

    return Flags(template=template, **how)  # type: ignore[arg-type]


def test_children_come_of_a_template(bench: Bench) -> None:
    bench.up(flags=_dynamic(bench))

    rows = [bench.ask(StartFromTemplate(name)) for name in "abc"]
    assert [(row.path, row.state, row.life) for row in rows] == [
        (f"root/{name}", ChildState.RUNNING, 1) for name in "abc"
    ]
    bench.address("b").tell("fall")
    bench.until(ChildStarted, "root/b", 2)
    bench.address("a").tell("end")
    bench.until(ChildEnded, "root/a", 1)
    assert list(bench.rows()) == ["b", "c"]


def test_a_supervisor_with_a_template_takes_no_other_children(bench: Bench) -> None:
    bench.up(flags=_dynamic(bench))
    with pytest.raises(SpecError, match="the template only"):
        bench.ask(AddChild(bench.child("a")))


def test_a_supervisor_without_a_template_starts_nobody_from_it(bench: Bench) -> None:
    bench.up("a")
    with pytest.raises(SpecError, match="template"):
        bench.ask(StartFromTemplate("b"))


def test_an_argument_that_the_template_cannot_take_fails_that_start_only(
    bench: Bench,
) -> None:
    flags = Flags(template=lambda wish: bench.child(wish["name"]))
    bench.up(flags=flags)
    bench.ask(StartFromTemplate({"name": "a"}))
    with pytest.raises(StartFailedError, match="KeyError"):
        bench.ask(StartFromTemplate({}))
    with pytest.raises(SpecError, match="'a/b'"):
        bench.ask(StartFromTemplate({"name": "a/b"}))

    assert bench.rows()["a"].life == 1


def test_a_dynamic_child_that_is_not_needed_is_answered_and_forgotten(
    bench: Bench,
) -> None:
    bench.up(flags=_dynamic(bench))
    bench.plans["a"] = [IgnoreError("not now")]
    row = bench.ask(StartFromTemplate("a"))

    assert (row.state, row.reason) == (ChildState.STOPPED, "ignored: not now")
    assert bench.rows() == {}


def test_there_are_no_more_children_than_allowed(bench: Bench) -> None:
    bench.up(flags=_dynamic(bench, max_children=2))
    for name in "ab":
        bench.ask(StartFromTemplate(name))
    with pytest.raises(TooManyChildrenError, match="root has 2 children"):
        bench.ask(StartFromTemplate("c"))
    bench.ask(StopChild("a"))
    with pytest.raises(TooManyChildrenError):  # it is known still
        bench.ask(StartFromTemplate("c"))
    bench.ask(DeleteChild("a"))

    assert bench.ask(StartFromTemplate("c")).state is ChildState.RUNNING


def test_room_is_counted_for_children_that_are_being_made(bench: Bench) -> None:
    bench.up(flags=_dynamic(bench, max_children=1))
    bench.plans["a"] = [bench.gate()]
    first = bench.order(StartFromTemplate("a"))
    assert bench.log.next() == "+a"
    with pytest.raises(TooManyChildrenError):
        bench.ask(StartFromTemplate("b"))
    bench.gates[0].set()

    assert first.get(timeout=5.0).state is ChildState.RUNNING


def test_room_is_there_again_after_a_start_that_failed(bench: Bench) -> None:
    bench.up(flags=_dynamic(bench, max_children=1))
    bench.plans["a"] = [OSError("no device")]
    with pytest.raises(StartFailedError):
        bench.ask(StartFromTemplate("a"))

    assert bench.ask(StartFromTemplate("b")).life == 1


def test_another_template_makes_those_who_come_later(bench: Bench) -> None:
    bench.up(flags=_dynamic(bench))
    bench.ask(StartFromTemplate("a"))
    other = Flags(template=lambda name: bench.child(f"{name}2"), max_children=2)
    assert bench.ask(SetFlags(other)) is True

    assert bench.ask(StartFromTemplate("a")).path == "root/a2"
    with pytest.raises(TooManyChildrenError):
        bench.ask(StartFromTemplate("b"))


# -- flags while it runs ------------------------------------------------------------------


def test_another_strategy_counts_from_the_next_fall(bench: Bench) -> None:
    bench.up("a", "b", "c")
    assert bench.ask(SetFlags(Flags(strategy=Strategy.REST_FOR_ONE))) is True
    bench.address("b").tell("fall")
    bench.until(ChildStarted, "root/c", 2)

    assert [row.life for row in bench.rows().values()] == [1, 2, 2]


def test_restarts_that_were_spent_count_against_another_intensity(bench: Bench) -> None:
    bench.up("a", intensity=Intensity(max_restarts=9, within_s=60.0))
    for life in (2, 3, 4):
        bench.address("a").tell("fall")
        bench.until(ChildStarted, "root/a", life)
    bench.ask(SetFlags(Flags(intensity=Intensity(max_restarts=2, within_s=60.0))))
    assert bench.rows()["a"].state is ChildState.RUNNING  # not for what was
    bench.address("a").tell("fall")

    assert isinstance(bench.until(SupervisorGaveUp, "root"), SupervisorGaveUp)


def test_a_larger_budget_lets_a_loop_go_on(bench: Bench) -> None:
    bench.up("a", intensity=Intensity(max_restarts=1, within_s=60.0))
    bench.address("a").tell("fall")
    bench.until(ChildStarted, "root/a", 2)
    bench.ask(SetFlags(Flags(intensity=Intensity(max_restarts=2, within_s=60.0))))
    bench.address("a").tell("fall")

    bench.until(ChildStarted, "root/a", 3)


def test_fewer_children_allowed_than_there_are_ends_nobody(bench: Bench) -> None:
    bench.up("a", "b", "c")
    assert bench.ask(SetFlags(Flags(max_children=1))) is True
    assert list(bench.rows()) == ["a", "b", "c"]
    with pytest.raises(TooManyChildrenError):
        bench.ask(AddChild(bench.child("d")))


def test_a_change_of_flags_is_shown_and_written_down_with_its_cause(bench: Bench) -> None:
    bench.up("a")
    flags = Flags(strategy=Strategy.ONE_FOR_ALL)
    bench.ask(SetFlags(flags, cause=1))

    assert bench.ask(GetFlags()) is flags
    office = bench.world.roll.office("root")
    assert office is not None
    assert office.flags is flags
    [entry] = [e for e in bench.entries() if isinstance(e.event, SupervisorChanged)]
    assert isinstance(entry.event, SupervisorChanged)
    assert entry.cause == 1
    assert (entry.event.before["strategy"], entry.event.after["strategy"]) == (
        "one_for_one",
        "one_for_all",
    )


# -- pauses -------------------------------------------------------------------------------


def test_a_paused_childs_mail_waits_until_it_goes_on(bench: Bench) -> None:
    bench.up("a")
    row = bench.ask(PauseChild("a", paused=True))
    assert (row.state, row.paused) == (ChildState.RUNNING, True)
    asked = [bench.address("a").ask(n, timeout_s=9e9) for n in range(3)]
    bench.rows()
    assert not any(answer.is_done() for answer in asked)
    assert bench.world.view.rows()[0].paused

    assert not bench.ask(PauseChild("a", paused=False)).paused
    assert [answer.get(timeout=5.0) for answer in asked] == [0, 1, 2]


def test_a_stop_reaches_a_paused_child(bench: Bench) -> None:
    bench.up("a")
    bench.ask(PauseChild("a", paused=True))
    asked = bench.address("a").ask("hello", timeout_s=9e9)

    assert bench.ask(StopChild("a")).state is ChildState.STOPPED
    with pytest.raises(pykka.ActorDeadError):
        asked.get(timeout=5.0)


def test_a_pause_holds_over_the_lives_of_a_child(bench: Bench) -> None:
    bench.up("a")
    bench.ask(PauseChild("a", paused=True))
    row = bench.ask(RestartChild("a"))
    assert (row.state, row.life, row.paused) == (ChildState.RUNNING, 2, True)
    asked = bench.address("a").ask("hello", timeout_s=9e9)
    assert bench.rows()["a"].paused
    assert not asked.is_done()

    bench.ask(PauseChild("a", paused=False))
    assert asked.get(timeout=5.0) == "hello"


def test_mail_that_is_too_much_for_a_paused_child_is_dropped_by_its_edge(
    bench: Bench,
) -> None:
    bench.up("a")
    latest = bench.address("a").latest("state", lambda _: "one")
    bench.ask(PauseChild("a", paused=True))
    for number in range(100):
        latest.tell(number)
    for number in range(1100):
        bench.address("a").tell(number)
    assert latest.count().queued == 1
    assert latest.count().dropped == {"superseded": 99}
    assert bench.address("a").mail.count().dropped == {"full": 1100 - 1023}

    bench.ask(PauseChild("a", paused=False))
    bench.address("a").reports.ask("end", timeout_s=9e9).get(timeout=5.0)
    assert latest.count().taken == 1


def test_a_supervisor_is_not_paused(bench: Bench) -> None:
    bench.up(bench.branch("left", "x"))
    with pytest.raises(SpecError, match="for workers only"):
        bench.ask(PauseChild("left", paused=True))

    assert not bench.rows()["left"].paused
    assert bench.ask(RestartChild("left")).life == 2


def test_a_pause_is_no_cause_of_what_comes_later(bench: Bench) -> None:
    bench.up("a")
    bench.ask(PauseChild("a", paused=True, cause=1))
    bench.ask(PauseChild("a", paused=False, cause=1))
    bench.address("a").tell("fall")
    bench.until(ChildEnded, "root/a")

    held = [entry for entry in bench.entries() if isinstance(entry.event, ChildHeld)]
    [ended] = [entry for entry in bench.entries() if isinstance(entry.event, ChildEnded)]
    assert [entry.cause for entry in held] == [1, 1]
    assert ended.cause is None

"""The rules of the journal: what breaks each, and what does not."""

from collections.abc import Sequence

from protocols.supervision import (
    ChildEnded,
    ChildGone,
    ChildRow,
    ChildStarted,
    ChildState,
    ChildStepped,
    Entry,
    LifeEvent,
    OperatorActed,
    RestartSpent,
)
from supervisors.invariants import JournalRules


def broken(
    *events: LifeEvent | tuple[LifeEvent, int | None], every_s: float = 1.0
) -> list[str]:
    """Names of the rules that these entries break; one entry every so many seconds."""
    return [violation.invariant for violation in rules(events, every_s).violations]


def rules(
    events: Sequence[LifeEvent | tuple[LifeEvent, int | None]], every_s: float = 1.0
) -> JournalRules:
    found = JournalRules(0.0, frozenset({"root/houses"}))
    entries = []
    for number, event in enumerate(events, start=1):
        what, cause = event if isinstance(event, tuple) else (event, None)
        entries.append(Entry(number=number, at=every_s * number, cause=cause, event=what))
    found.take(entries)
    return found


def step(path: str, state: ChildState, life: int = 1) -> ChildStepped:
    row = ChildRow(
        path=path, kind="worker", state=state, life=life, restarts=0, dispatcher="pinned"
    )
    return ChildStepped(row=row)


def starting(path: str, life: int = 1) -> ChildStepped:
    return step(path, ChildState.STARTING, life)


def stopping(path: str, life: int = 1) -> ChildStepped:
    return step(path, ChildState.STOPPING, life)


def up(path: str, life: int = 1) -> tuple[LifeEvent, LifeEvent]:
    return starting(path, life), ChildStarted(path=path, life=life)


def end(path: str, life: int = 1) -> ChildEnded:
    return ChildEnded(path=path, life=life, normal=False, reason="fell")


def restart(spent: int, of: int = 2, within_s: float = 10.0) -> RestartSpent:
    return RestartSpent(
        path="root", child="a", spent=spent, of=of, within_s=within_s, wait_s=0.0
    )


def test_a_birth_a_death_and_a_birth_break_nothing() -> None:
    assert broken(*up("root/a"), end("root/a"), *up("root/a", 2)) == []


def test_a_life_that_begins_while_another_lives_is_found() -> None:
    assert broken(*up("root/a"), starting("root/a", 2)) == ["one_life"]


def test_a_life_whose_number_came_before_is_found() -> None:
    assert broken(*up("root/a"), end("root/a"), starting("root/a", 1)) == ["one_life"]


def test_a_birth_of_nobody_is_found() -> None:
    assert broken(ChildStarted(path="root/a", life=1)) == ["one_life"]


def test_a_second_end_of_one_life_is_found() -> None:
    assert broken(*up("root/a"), end("root/a"), end("root/a")) == ["one_life"]


def test_two_children_that_are_started_at_once_are_found() -> None:
    assert broken(starting("root/a"), starting("root/b")) == ["one_step"]


def test_two_supervisors_may_each_start_one_at_once() -> None:
    assert broken(starting("root/x/a"), starting("root/y/a")) == []


def test_a_start_that_is_cut_short_is_one_step() -> None:
    assert broken(starting("root/a"), stopping("root/a"), end("root/a")) == []


def test_a_start_that_is_taken_back_before_it_lived_ends_the_step() -> None:
    taken_back = step("root/a", ChildState.STOPPED)
    assert broken(starting("root/a"), taken_back, starting("root/b")) == []


def again(*names: str) -> list[LifeEvent]:
    """A supervisor's second life, which starts these."""
    events: list[LifeEvent] = [*up("root/x")]
    events += [*up("root/x/a"), *up("root/x/b")]
    events += [end("root/x"), ChildGone(path="root/x/a"), ChildGone(path="root/x/b")]
    events += [starting("root/x", 2)]
    for name in names:
        events += up(f"root/x/{name}", 2)
    return events


def test_children_that_start_in_another_order_are_found() -> None:
    assert broken(*again("a", "b")) == []
    assert broken(*again("b", "a")) == ["starts_in_order"]


def test_an_operator_starts_whom_he_likes_when_he_likes() -> None:
    order = OperatorActed(who="me", action="start", path="root/x/a", reason="")
    begin = again("b")
    late = (starting("root/x/a", 2), len(begin) + 1)
    assert broken(*begin, order, late) == []


def test_children_that_come_by_orders_have_no_order() -> None:
    first = [*up("root/houses"), *up("root/houses/1"), *up("root/houses/2")]
    gone: list[LifeEvent] = [
        end("root/houses"),
        ChildGone(path="root/houses/1"),
        ChildGone(path="root/houses/2"),
    ]
    second = [starting("root/houses", 2), *up("root/houses/2", 2), *up("root/houses/1", 2)]
    assert broken(*first, *gone, *second) == []


def test_a_supervisor_that_ends_stops_its_children_in_reverse() -> None:
    begin = [*up("root/x"), *up("root/x/a"), *up("root/x/b"), stopping("root/x")]
    a, b = ((stopping(f"root/x/{name}"), end(f"root/x/{name}")) for name in "ab")
    assert broken(*begin, *b, *a) == []
    assert broken(*begin, *a, *b) == ["stops_in_reverse"]


def test_children_may_be_stopped_in_any_order_while_their_supervisor_lives() -> None:
    begin = [*up("root/x"), *up("root/x/a"), *up("root/x/b")]
    a, b = ((stopping(f"root/x/{name}"), end(f"root/x/{name}")) for name in "ab")
    assert broken(*begin, *a, *b) == []


def test_the_root_ends_when_it_is_told() -> None:
    begin = [*up("root/a"), *up("root/b")]
    found = rules(begin)
    found.root_ends()
    late: list[LifeEvent] = [stopping("root/a"), end("root/a"), stopping("root/b")]
    found.take(
        Entry(number=10 + n, at=10.0 + n, cause=None, event=event)
        for n, event in enumerate(late)
    )
    assert [v.invariant for v in found.violations] == ["stops_in_reverse"]


def test_more_restarts_than_the_budget_are_found() -> None:
    assert broken(restart(1), restart(2)) == []
    assert broken(restart(1), restart(2), restart(3)) == ["budget_holds"]


def test_restarts_that_are_counted_too_low_are_found_too() -> None:
    assert broken(restart(1), restart(2), restart(2)) == ["budget_holds"]


def test_restarts_further_apart_are_forgiven() -> None:
    assert broken(restart(1), restart(2), restart(2), every_s=6.0) == []


def test_a_new_life_of_a_supervisor_has_a_new_budget() -> None:
    spent = RestartSpent(path="root/x", child="a", spent=1, of=1, within_s=99.0, wait_s=0.0)
    assert broken(*up("root/x"), spent, end("root/x"), *up("root/x", 2), spent) == []


def test_an_entry_that_came_of_a_later_one_is_found() -> None:
    assert broken((end("root/a"), 1))[0] == "causes_come_first"
    assert broken(*up("root/a"), (end("root/a"), 2)) == []


def test_a_violation_says_when_and_what() -> None:
    (violation,) = rules([starting("root/a"), starting("root/b")]).violations
    assert violation.at_s == 2.0
    assert violation.detail == "root/b and root/a at once"

import msgspec
from hypothesis import given, strategies as st

from actors.journal.fold import Recall, timeless, tree_after
from protocols.supervision import (
    ChildEnded,
    ChildGone,
    ChildHeld,
    ChildStarted,
    ChildState,
    ChildStepped,
    EntriesLost,
    LifeEvent,
    ProcessStalled,
    TreeSnapshot,
)
from tests.actors.journal.entries import AT, RUN, entry, numbered, row
from tests.actors.journal.happenings import events


def test_a_birth_makes_a_row_run_since_its_entry() -> None:
    tree = tree_after(
        numbered([ChildStepped(row=row("root/a")), ChildStarted(path="root/a", life=2)])
    )

    running = row("root/a", ChildState.RUNNING, life=2)
    assert tree == (msgspec.structs.replace(running, since=AT + 2),)


def test_a_death_says_why_and_whether_it_was_in_order() -> None:
    def after(*, normal: bool) -> tuple[ChildState, str]:
        end = ChildEnded(path="root/a", life=1, normal=normal, reason="why")
        tree = tree_after(numbered([ChildStepped(row=row("root/a")), end]))
        assert tree is not None
        return tree[0].state, tree[0].reason

    assert after(normal=True) == (ChildState.STOPPED, "why")
    assert after(normal=False) == (ChildState.FAILED, "why")


def test_the_late_word_of_an_earlier_life_changes_nothing() -> None:
    up = row("root/a", ChildState.RUNNING, life=3)
    late = ChildEnded(path="root/a", life=2, normal=False, reason="zombie")

    tree = tree_after(numbered([ChildStepped(row=up), late]))

    assert tree is not None
    assert timeless(tree) == (up,)


def test_marks_are_set_without_touching_the_state() -> None:
    tree = tree_after(
        numbered(
            [
                ChildStepped(row=row("root/a", ChildState.RUNNING)),
                ChildHeld(path="root/a", held=True, paused=True),
            ]
        )
    )

    assert tree is not None
    assert (tree[0].held, tree[0].paused) == (True, True)
    assert (tree[0].state, tree[0].since) == (ChildState.RUNNING, AT + 1)


def test_what_is_gone_takes_all_below_along_and_nobody_else() -> None:
    paths = ["root/a", "root/a/b", "root/ab"]
    steps: list[LifeEvent] = [ChildStepped(row=row(path)) for path in paths]

    tree = tree_after(numbered([*steps, ChildGone(path="root/a")]))

    assert tree is not None
    assert [left.path for left in tree] == ["root/ab"]


def test_a_run_begins_with_an_empty_tree() -> None:
    assert tree_after(numbered([ChildStepped(row=row("root/a")), RUN])) == ()


def test_rows_come_by_path() -> None:
    paths = ["root/b", "root", "root/a"]
    tree = tree_after(numbered([ChildStepped(row=row(path)) for path in paths]))

    assert tree is not None
    assert [found.path for found in tree] == sorted(paths)


def test_no_entries_leave_an_empty_tree() -> None:
    assert tree_after([]) == ()


def test_what_comes_after_missing_entries_is_not_known() -> None:
    first, last = entry(1, ChildStepped(row=row("root/a"))), entry(3, ChildGone(path="x"))

    assert tree_after([first, last]) is None
    assert tree_after([first, entry(2, EntriesLost(first=2, last=2, reason=""))]) is None


def test_a_snapshot_or_a_new_run_makes_the_tree_known_again() -> None:
    lost = entry(5, EntriesLost(first=2, last=5, reason=""))
    found = (row("root/z"),)

    assert tree_after([entry(1, RUN), lost, entry(5, TreeSnapshot(rows=found))]) == found
    assert tree_after([entry(1, RUN), lost, entry(6, RUN)]) == ()


def test_a_copy_goes_its_own_way() -> None:
    tree = Recall()
    twin = tree.copy()
    twin.take(entry(1, ChildStepped(row=row("root/a"))))

    assert (tree.number, tree.rows()) == (0, ())
    assert (twin.number, len(twin.rows())) == (1, 1)


@given(st.lists(events), st.data())
def test_a_snapshot_anywhere_stands_for_all_before_it(
    happened: list[LifeEvent], data: st.DataObject
) -> None:
    entries = numbered(happened)
    cut = data.draw(st.integers(0, len(entries)))
    before = tree_after(entries[:cut])
    assert before is not None

    snapshot = entry(cut, TreeSnapshot(rows=before))

    if entries:
        assert tree_after([snapshot, *entries[cut:]]) == tree_after(entries)


@given(st.lists(events))
def test_an_entry_read_twice_counts_once(happened: list[LifeEvent]) -> None:
    entries = numbered([*happened, ProcessStalled(seconds=1.0)])
    twice = Recall()
    for one in entries:
        twice.take(one)
    for one in entries:
        twice.take(one)

    assert twice.known
    assert twice.rows() == tree_after(entries)

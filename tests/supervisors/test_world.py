"""The world: the tree as it is, and who makes children."""

import threading

import pytest

from actors.stage import Stage
from protocols.supervision import ChildRow, ChildState
from supervisors.orders import Made
from supervisors.world import KEPT_LIVES, ThreadedNursery, TreeView, made
from tests.probe import Probe
from tests.supervisors.bench import Bench


def row(path: str, life: int = 1) -> ChildRow:
    return ChildRow(
        path=path,
        kind="worker",
        state=ChildState.RUNNING,
        life=life,
        restarts=0,
        dispatcher="pinned",
    )


@pytest.fixture
def view() -> TreeView:
    return TreeView()


def paths(view: TreeView) -> list[str]:
    return [seen.path for seen in view.rows()]


# -- the tree as it is --------------------------------------------------------------------


def test_the_newest_row_of_each_child_is_seen_by_path(view: TreeView) -> None:
    for path in ("root/b", "root/a", "root/b/c"):
        view.put(row(path))
    view.put(row("root/a", life=2))

    assert paths(view) == ["root/a", "root/b", "root/b/c"]
    assert view.row("root/a") == row("root/a", life=2)
    assert view.row("root/nobody") is None


def test_who_is_dropped_goes_with_all_below_and_nobody_beside(view: TreeView) -> None:
    for path in ("root/b", "root/b/c", "root/b/c/d", "root/bc", "root/b2"):
        view.put(row(path))
    view.drop("root/b")

    assert paths(view) == ["root/b2", "root/bc"]


def test_lives_count_on_over_the_lives_of_a_supervisor(view: TreeView) -> None:
    assert [view.begin_life("root/b/c") for _ in range(3)] == [1, 2, 3]
    view.drop("root/b")

    assert view.begin_life("root/b/c") == 4
    assert view.begin_life("root/b/other") == 1


def test_lives_count_on_when_an_id_is_used_again(view: TreeView) -> None:
    for _ in range(3):
        view.begin_life("root/b/c")
    view.forget("root/b")
    assert view.begin_life("root/b/c") == 4
    view.forget("root/b/c")

    assert view.begin_life("root/b/c") == 5


def test_no_more_lives_of_the_forgotten_are_kept_than_may_matter(view: TreeView) -> None:
    for number in range(KEPT_LIVES + 1):
        view.begin_life(f"root/{number}")
        view.forget(f"root/{number}")

    assert view.begin_life("root/0") == 1
    assert view.begin_life("root/1") == 2


def test_a_mark_changes_a_row_and_nothing_else_of_it(view: TreeView) -> None:
    view.put(row("root/a"))
    view.mark("root/a", held=True, paused=True)

    seen = view.row("root/a")
    assert seen is not None
    assert (seen.held, seen.paused, seen.state) == (True, True, ChildState.RUNNING)


def test_a_mark_makes_no_row(view: TreeView) -> None:
    view.mark("root/a", held=True, paused=False)

    assert paths(view) == []
    assert view.is_held("root/a")


def test_who_is_held_stays_so_until_it_is_forgotten(view: TreeView) -> None:
    view.mark("root/b/c", held=True, paused=False)
    view.drop("root/b")
    assert view.is_held("root/b/c")
    view.forget("root/b")

    assert not view.is_held("root/b/c")


# -- who makes children -------------------------------------------------------------------


def test_a_child_is_made_in_a_thread_of_its_own_which_ends() -> None:
    done = Probe[Made]()
    where: Probe[threading.Thread] = Probe()
    stage = Stage()

    def make() -> Stage:
        where.tell(threading.current_thread())
        return stage

    ThreadedNursery().make(make, "a", 3, done)

    brought = done.next()
    assert (brought.child, brought.life, brought.error) == ("a", 3, None)
    assert brought.stage is stage
    thread = where.next()
    assert thread.name == "making a"
    thread.join(5.0)
    assert not thread.is_alive()


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(1), KeyboardInterrupt()])
def test_a_maker_that_fails_in_any_way_is_told_of(error: BaseException) -> None:
    def make() -> Stage:
        raise error

    brought = made(make, "a", 1)

    assert (brought.stage, brought.error) == (None, error)


def test_a_world_s_addresses_share_its_office_and_its_fence(bench: Bench) -> None:
    address = bench.world.address("role")
    address.tell("nobody is there")

    assert bench.world.office.newest[-1].edge == "role:mail"
    assert address.fence is bench.world.fence
    assert address.clock is bench.clock
    bench.launch()

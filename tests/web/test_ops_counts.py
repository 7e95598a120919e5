"""Counters of parts that come and go."""

from hypothesis import given, strategies as st

from tests.web.stand_ins import Watched
from tests.web.unhurried import UNHURRIED
from web.ops_counts import Grown, is_session, role
from web.ops_wire import nearest

STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.booleans()))


def test_a_role_names_no_session() -> None:
    path = "root/sessions/houses/sess_a-B_1/filters"

    assert role(path) == "root/sessions/houses/*/filters"
    assert role("sess_a-B_1:reader>filters") == "*:reader>filters"
    assert (
        role("root/generators/painters/painter-1") == "root/generators/painters/painter-1"
    )


def test_a_session_is_its_house_and_nothing_below_it() -> None:
    assert is_session("root/sessions/houses/sess_a-B_1")
    assert not is_session("root/sessions/houses/sess_a-B_1/filters")
    assert not is_session("root/sessions")


def test_parts_of_a_label_are_added_up() -> None:
    grown: Grown[str] = Grown()

    assert grown.read(
        [("a", "x", (1, 2.5)), ("b", "x", (3, 1.0)), ("c", "y", (1, 0.0))]
    ) == {
        "x": (4, 3.5),
        "y": (1, 0.0),
    }


def test_a_part_that_ends_takes_nothing_away() -> None:
    grown: Grown[str] = Grown()
    grown.read([("a", "x", (5,)), ("b", "x", (2,))])

    assert grown.read([("b", "x", (3,))]) == {"x": (8,)}
    assert grown.read([]) == {"x": (8,)}


def test_a_part_that_begins_anew_is_added_from_nothing() -> None:
    grown: Grown[str] = Grown()
    grown.read([("a", "x", (5, 5))])

    assert grown.read([("a", "x", (6, 2))]) == {"x": (11, 7)}


def test_two_parts_of_one_name_are_one() -> None:
    grown: Grown[str] = Grown()
    grown.read([("a", "x", (5,)), ("a", "x", (1,))])

    assert grown.read([("a", "x", (5,)), ("a", "x", (2,))]) == {"x": (7,)}


@UNHURRIED
@given(STEPS)
def test_whatever_comes_and_goes_sums_are_all_that_was_seen(
    steps: list[tuple[str, int, bool]],
) -> None:
    grown: Grown[str] = Grown()
    alive: dict[tuple[str, int], int] = {}
    lives = dict.fromkeys("abc", 0)
    total = 0
    for name, more, ends in steps:
        part = (name, lives[name])
        alive[part] = alive.get(part, 0) + more
        total += more
        assert grown.read((p, "x", (n,)) for p, n in alive.items()) == {"x": (total,)}
        if ends:
            del alive[part]
            lives[name] += 1


# -- the nearest path -------------------------------------------------------------------

ROWS = Watched(
    "root",
    "root/generators",
    "root/generators/painters/painter-1",
    "root/generators/painters/painter-2",
    "root/sessions/manager",
    "root/sessions/houses/sess_abc/filters",
).tree()


def test_the_nearest_path_is_found_name_by_name() -> None:
    for wrong, near in (
        ("root/generator", "root/generators"),
        ("root/session/manger", "root/sessions/manager"),
        ("root/generators/painter/painter2", "root/generators/painters/painter-2"),
        ("root/sessions/houses/sess_xyz/filter", "root/sessions/houses/sess_abc/filters"),
        ("root/sessions/manager/nobody", "root/sessions/manager"),
        ("/", "root"),
        ("", "root"),
    ):
        assert nearest(wrong, ROWS) == near


def test_a_path_without_a_row_of_its_own_leads_to_the_first_below() -> None:
    assert nearest("root/sessions/house", ROWS) == "root/sessions/houses/sess_abc/filters"


def test_in_an_empty_tree_nothing_is_near() -> None:
    assert nearest("root", []) is None


@UNHURRIED
@given(st.text(alphabet="rot/gens_x-1é", max_size=400))
def test_whatever_is_asked_for_some_path_is_named(path: str) -> None:
    assert nearest(path, ROWS) in {row.path for row in ROWS}

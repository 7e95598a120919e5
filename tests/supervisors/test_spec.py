"""Specifications: what is wrong is found before anything starts, and named."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from protocols.errors import PhospheneError
from supervisors.orders import AddChild, SetFlags
from supervisors.restart import (
    AutoShutdown,
    Backoff,
    Intensity,
    Restart,
    SpecError,
    Strategy,
)
from supervisors.spec import ABANDON, NEVER, ChildSpec, Flags
from tests.supervisors.bench import Bench

NAN = math.nan
BACKOFF = Backoff(first_s=1.0, most_s=2.0)
SIGNIFICANT = {"restart": Restart.TRANSIENT, "significant": True}


def refusal(error: pytest.ExceptionInfo[SpecError]) -> tuple[str, object]:
    """Field and value that it names; its text has both, and what is allowed."""
    wrong = error.value
    assert isinstance(wrong, PhospheneError)
    assert str(wrong).startswith(f"{wrong.field} is {wrong.value!r}; allowed: ")
    return wrong.field, wrong.value


# -- one field ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("id", ["", "a/b", "/"]),
        ("start_within_s", [0.0, -1.0, math.inf, NAN]),
        ("stop_within_s", [-0.1, -math.inf, NAN]),
        ("hang_after_s", [0.0, -1.0, math.inf, NAN]),
    ],
)
def test_a_childs_field_out_of_its_range_is_named_with_its_value(
    bench: Bench, field: str, values: list[Any]
) -> None:
    for value in values:
        how = {} if field == "id" else {field: value}
        with pytest.raises(SpecError) as caught:
            bench.child(value if field == "id" else "a", **how)
        found, said = refusal(caught)
        assert found == field
        assert said is value


@pytest.mark.parametrize(
    "how",
    [
        {"stop_within_s": ABANDON},
        {"stop_within_s": NEVER},
        {"hang_after_s": None},
        {"start_within_s": 1e-9, "stop_within_s": 1e-9, "hang_after_s": 1e-9},
        {"restart": Restart.TRANSIENT, "backoff": BACKOFF, "significant": True},
        {"restart": Restart.TEMPORARY, "significant": True},
    ],
)
def test_a_child_at_the_edge_of_what_is_allowed_is_taken(
    bench: Bench, how: dict[str, Any]
) -> None:
    spec = bench.child("a", **how)

    assert {field: getattr(spec, field) for field in how} == how


@pytest.mark.parametrize(
    ("field", "how"),
    [
        ("max_restarts", {"max_restarts": -1}),
        ("within_s", {"within_s": 0.0}),
        ("within_s", {"within_s": math.inf}),
        ("within_s", {"within_s": NAN}),
    ],
)
def test_an_intensity_out_of_its_range_is_named(field: str, how: dict[str, Any]) -> None:
    with pytest.raises(SpecError) as caught:
        Intensity(**how)

    assert refusal(caught) == (field, pytest.approx(how[field], nan_ok=True))


@pytest.mark.parametrize(
    ("field", "how"),
    [
        ("first_s", {"first_s": 0.0, "most_s": 1.0}),
        ("first_s", {"first_s": math.inf, "most_s": math.inf}),
        ("most_s", {"first_s": 2.0, "most_s": 1.0}),
        ("most_s", {"first_s": 2.0, "most_s": math.inf}),
        ("jitter", {"first_s": 1.0, "most_s": 1.0, "jitter": -0.1}),
        ("jitter", {"first_s": 1.0, "most_s": 1.0, "jitter": 1.1}),
    ],
)
def test_a_backoff_that_is_no_wait_is_named(field: str, how: dict[str, Any]) -> None:
    with pytest.raises(SpecError) as caught:
        Backoff(**how)

    assert refusal(caught) == (field, how[field])


@pytest.mark.parametrize("most", [0, -1])
def test_room_for_less_than_one_child_is_refused(most: int) -> None:
    with pytest.raises(SpecError) as caught:
        Flags(max_children=most)

    assert refusal(caught) == ("max_children", most)


# -- two that do not go together ----------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "how"),
    [
        ("significant", {"significant": True, "restart": Restart.PERMANENT}),
        ("backoff", {"backoff": BACKOFF, "restart": Restart.TEMPORARY}),
        ("stop_within_s", {"stop_within_s": ABANDON, "is_supervisor": True}),
    ],
    ids=["significant and permanent", "backoff and temporary", "abandoned supervisor"],
)
def test_a_child_that_contradicts_itself_is_refused(
    bench: Bench, field: str, how: dict[str, Any]
) -> None:
    with pytest.raises(SpecError) as caught:
        bench.child("a", **how)

    assert refusal(caught) == (field, how[field])


@pytest.mark.parametrize("strategy", [Strategy.ONE_FOR_ALL, Strategy.REST_FOR_ONE])
def test_a_template_goes_with_one_for_one_only(strategy: Strategy, bench: Bench) -> None:
    with pytest.raises(SpecError) as caught:
        Flags(template=bench.child, strategy=strategy)

    assert refusal(caught) == ("strategy", strategy.value)


def _twins(bench: Bench) -> list[ChildSpec]:
    return [bench.child("a"), bench.child("b"), bench.child("a")]


def _flatmates(bench: Bench) -> list[ChildSpec]:
    return [bench.child("a"), bench.child("b", address=bench.address("a"))]


def _significant(bench: Bench) -> list[ChildSpec]:
    return [bench.child("a"), bench.child("b", **SIGNIFICANT)]


def _three(bench: Bench) -> list[ChildSpec]:
    return [bench.child(name) for name in "abc"]


@pytest.mark.parametrize(
    ("children", "flags", "field", "value"),
    [
        (_twins, Flags(), "id", "a"),
        (_flatmates, Flags(), "address", "a"),
        (_significant, Flags(), "significant", True),
        (_three, Flags(max_children=2), "max_children", 2),
        (_three, Flags(template=lambda name: name), "children", 3),
    ],
    ids=[
        "an id twice",
        "an address twice",
        "significant for nothing",
        "too many",
        "beside a template",
    ],
)
def test_children_that_do_not_go_together_start_nobody(
    bench: Bench,
    children: Callable[[Bench], list[ChildSpec]],
    flags: Flags,
    field: str,
    value: object,
) -> None:
    bench.launch(*children(bench), flags=flags)

    error = bench.died().error
    assert isinstance(error, SpecError)
    assert (error.field, error.value) == (field, value)
    assert bench.log.all() == []
    assert bench.world.view.rows() == []


def test_specifications_that_cannot_be_made_start_nobody(bench: Bench) -> None:
    bench.launch(make=lambda: [bench.child("a"), bench.child("b/c")])

    assert isinstance(bench.died().error, SpecError)
    assert bench.log.all() == []


@pytest.mark.parametrize(
    ("how", "field", "value"),
    [
        ({"name": "a"}, "id", "a"),
        ({"name": "b", "address": "a"}, "address", "a"),
        ({"name": "b", **SIGNIFICANT}, "significant", True),
    ],
    ids=["an id twice", "an address twice", "significant for nothing"],
)
def test_a_child_that_does_not_go_with_those_there_is_not_added(
    bench: Bench, how: dict[str, Any], field: str, value: object
) -> None:
    bench.up("a")
    if "address" in how:
        how = {**how, "address": bench.address(how["address"])}
    with pytest.raises(SpecError) as caught:
        bench.ask(AddChild(bench.child(**how)))

    assert refusal(caught) == (field, value)
    assert list(bench.rows()) == ["a"]
    assert bench.log.all() == []


def test_flags_that_the_children_do_not_fit_are_refused_and_change_nothing(
    bench: Bench,
) -> None:
    flags = Flags(auto_shutdown=AutoShutdown.ANY_SIGNIFICANT)
    bench.up("a", bench.child("b", **SIGNIFICANT), flags=flags)
    with pytest.raises(SpecError) as caught:
        bench.ask(SetFlags(Flags()))
    assert refusal(caught) == ("significant", True)
    with pytest.raises(SpecError) as caught:
        bench.ask(SetFlags(Flags(template=bench.child)))
    assert caught.value.field == "significant"

    bench.address("b").tell("end")

    assert bench.died().normal  # it still ends with its significant child


def test_a_template_does_not_come_to_a_supervisor_that_has_other_children(
    bench: Bench,
) -> None:
    bench.up("a")
    with pytest.raises(SpecError) as caught:
        bench.ask(SetFlags(Flags(template=bench.child)))

    assert refusal(caught)[0] == "template"


def test_flags_are_told_with_their_names_as_the_journal_keeps_them() -> None:
    flags = Flags(
        strategy=Strategy.REST_FOR_ONE,
        intensity=Intensity(max_restarts=7, within_s=2.0),
        auto_shutdown=AutoShutdown.ALL_SIGNIFICANT,
    )

    assert flags.told() == {
        "strategy": "rest_for_one",
        "max_restarts": 7,
        "within_s": 2.0,
        "auto_shutdown": "all_significant",
        "max_children": 0,
    }

"""The hunt: it finds what was planted, and names the seed that shows it again."""

from collections.abc import Iterator

import pytest

from supervisors.hunt import Catch, chase, hunt, setup_of
from supervisors.planted import Bug

MOST = 200
"""Seeds in which each planted bug must be found."""

BROKEN_BY = {
    Bug.LOST_ASK: {"asks_resolve", "no_deadlock"},
    Bug.DOUBLE_OPEN: {"one_holder"},
    Bug.MISSED_RESTART: {"up_means_alive"},
}


def broken(catch: Catch) -> set[str]:
    return {violation.invariant for violation in catch.violations}


def first_caught(catches: Iterator[Catch], rules: set[str]) -> Catch | None:
    return next((catch for catch in catches if broken(catch) & rules), None)


@pytest.mark.slow
@pytest.mark.parametrize("bug", list(Bug))
def test_a_planted_bug_is_found_by_the_rule_that_it_breaks(bug: Bug) -> None:
    caught = first_caught(hunt(range(MOST), 1, frozenset({bug})), BROKEN_BY[bug])
    assert caught is not None


def test_a_seed_breaks_nothing_and_can_be_run_again() -> None:
    (first,), (again,) = hunt(range(3, 4), 1), hunt(range(3, 4), 1)
    assert first.violations == ()
    assert first.entries > 100
    assert first.faults > 0
    assert first.sha256 == again.sha256 == chase(3).sha256


def test_a_seed_decides_what_is_simulated() -> None:
    assert setup_of(3) == setup_of(3)
    assert setup_of(3) != setup_of(4)
    assert setup_of(3).replay == "phosphene sim --seeds 1 --from-seed 3"


@pytest.mark.slow
def test_several_processes_find_the_same_in_the_same_order() -> None:
    alone = [(catch.seed, catch.sha256) for catch in hunt(range(12), 1)]
    together = [(catch.seed, catch.sha256) for catch in hunt(range(12), 2)]
    assert alone == together

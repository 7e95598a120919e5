"""Decisions: who falls with whom, what is made good, how often, after how long."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from protocols.supervision import Exit
from supervisors.restart import (
    Backoff,
    Budget,
    Intensity,
    Restart,
    Strategy,
    fallen,
    is_made_good,
)

SIBLINGS = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("strategy", "dead", "expected"),
    [
        (Strategy.ONE_FOR_ONE, "b", ["b"]),
        (Strategy.REST_FOR_ONE, "a", SIBLINGS),
        (Strategy.REST_FOR_ONE, "c", ["c", "d"]),
        (Strategy.REST_FOR_ONE, "d", ["d"]),
        (Strategy.ONE_FOR_ALL, "c", SIBLINGS),
    ],
)
def test_who_falls_with_whom(strategy: Strategy, dead: str, expected: list[str]) -> None:
    assert fallen(strategy, SIBLINGS, dead) == expected


@pytest.mark.parametrize(
    ("restart", "after_normal", "after_failure"),
    [
        (Restart.PERMANENT, True, True),
        (Restart.TRANSIENT, False, True),
        (Restart.TEMPORARY, False, False),
    ],
)
def test_what_is_made_good(
    restart: Restart,
    after_normal: bool,  # noqa: FBT001
    after_failure: bool,  # noqa: FBT001
) -> None:
    assert is_made_good(restart, Exit.NORMAL) is after_normal
    assert is_made_good(restart, Exit.SHUTDOWN) is after_normal
    assert is_made_good(restart, Exit.ABNORMAL) is after_failure


def test_one_restart_too_many_in_the_window_is_not_forgiven() -> None:
    budget = Budget(Intensity(max_restarts=3, within_s=5.0))

    assert [budget.spend(now) for now in (0.0, 1.0, 2.0, 3.0)] == [True, True, True, False]


def test_the_window_slides() -> None:
    budget = Budget(Intensity(max_restarts=2, within_s=5.0))

    assert [budget.spend(now) for now in (0.0, 1.0, 5.0, 6.0, 7.0)] == [
        True,
        True,
        True,
        True,
        False,
    ]


def test_a_budget_of_none_forgives_nothing() -> None:
    assert not Budget(Intensity(max_restarts=0)).spend(0.0)


@given(
    times=st.lists(st.floats(0.0, 100.0), max_size=40).map(sorted),
    most=st.integers(0, 5),
    within_s=st.floats(0.1, 20.0),
)
def test_the_budget_is_spent_exactly_when_the_window_holds_too_many(
    times: list[float], most: int, within_s: float
) -> None:
    budget = Budget(Intensity(max_restarts=most, within_s=within_s))
    for n, now in enumerate(times):
        in_window = sum(1 for at in times[: n + 1] if at > now - within_s)
        assert budget.spend(now) is (in_window <= most)


def test_waits_double_up_to_a_limit() -> None:
    backoff = Backoff(first_s=0.5, most_s=3.0)

    assert [backoff.delay_s(n) for n in range(6)] == [0.5, 0.5, 1.0, 2.0, 3.0, 3.0]


@given(
    first_s=st.floats(1e-3, 10.0),
    times=st.floats(1.0, 1e3),
    jitter=st.floats(0.0, 1.0),
    failures=st.integers(0, 2000),
    draw=st.floats(0.0, 1.0),
)
def test_a_wait_stays_within_its_jitter_however_many_failures(
    first_s: float, times: float, jitter: float, failures: int, draw: float
) -> None:
    backoff = Backoff(first_s=first_s, most_s=first_s * times, jitter=jitter)
    middle = backoff.delay_s(failures)
    wait = backoff.delay_s(failures, draw)

    assert backoff.first_s <= middle <= backoff.most_s
    assert middle * (1 - jitter) * (1 - 1e-9) <= wait <= middle * (1 + jitter) * (1 + 1e-9)


def test_what_fell_together_does_not_come_back_together() -> None:
    backoff = Backoff(first_s=1.0, most_s=8.0, jitter=0.2)
    rng = np.random.default_rng(7)
    waits = np.array([backoff.delay_s(3, float(rng.random())) for _ in range(1000)])

    assert np.unique(waits).size > 990
    assert waits.min() < 3.3
    assert waits.max() > 4.7
    assert abs(waits.mean() - 4.0) < 0.05


@given(
    times=st.lists(st.floats(0.0, 50.0), min_size=1, max_size=30).map(sorted),
    before=st.integers(0, 5),
    after=st.integers(0, 5),
)
def test_what_was_spent_counts_against_a_new_intensity(
    times: list[float], before: int, after: int
) -> None:
    budget = Budget(Intensity(max_restarts=before, within_s=10.0))
    for now in times[:-1]:
        budget.spend(now)
    budget.intensity = Intensity(max_restarts=after, within_s=10.0)

    in_window = sum(1 for at in times if at > times[-1] - 10.0)
    assert budget.spend(times[-1]) is (in_window <= after)

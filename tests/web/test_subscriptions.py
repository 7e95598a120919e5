"""Who of `/ws` gets what, and how often."""

from itertools import pairwise

import pytest

from tests.web.clients_of_none import client
from web.subscriptions import ALL, Subscription, Subscriptions


@pytest.mark.parametrize("rate", range(1, 11))
def test_of_ten_beats_in_a_row_as_many_come_as_were_wanted(rate: int) -> None:
    all_of_them, one = Subscriptions(), client()
    all_of_them.put(one, Subscription(rate_hz=rate))
    came = [bool(all_of_them.due(beat)) for beat in range(1, 121)]

    later = came[10:]  # the first beat comes at once, whatever the grid
    assert {sum(later[at : at + 10]) for at in range(101)} == {rate}
    gaps = [at for at, is_there in enumerate(later) if is_there]
    steps = {after - before for before, after in pairwise(gaps)}
    assert max(steps) - min(steps) <= 1


def test_who_wants_the_same_gets_the_same() -> None:
    all_of_them, one, other, third = Subscriptions(), client(), client(), client()
    all_of_them.put(one, Subscription(rate_hz=3))
    all_of_them.put(other, Subscription(rate_hz=10))
    for beat in range(8):
        all_of_them.due(beat)
    all_of_them.put(third, Subscription(rate_hz=3))

    for beat in range(8, 40):
        due = all_of_them.due(beat)
        assert other in due
        assert (one in due) == (third in due)


def test_beats_that_are_missing_delay_nobody_twice() -> None:
    all_of_them, one = Subscriptions(), client()
    all_of_them.put(one, Subscription(rate_hz=1))
    assert all_of_them.due(10) == (one,)
    assert all_of_them.due(11) == ()
    assert all_of_them.due(27) == (one,)
    assert all_of_them.due(29) == ()
    assert all_of_them.due(30) == (one,)


def test_a_kind_that_is_not_wanted_does_not_come() -> None:
    all_of_them, one, other = Subscriptions(), client(), client()
    all_of_them.put(one, Subscription())
    all_of_them.put(other, Subscription(topics=("domain_event",)))

    assert all_of_them.due(1) == (one,)
    assert all_of_them.hearers("heartbeat") == (one,)
    assert all_of_them.hearers("domain_event") == (one, other)
    all_of_them.put(other, Subscription(topics=()))
    assert all_of_them.hearers("domain_event") == (one,)


def test_who_left_gets_nothing() -> None:
    all_of_them, one = Subscriptions(), client()
    all_of_them.put(one, Subscription())
    all_of_them.remove(one)
    all_of_them.remove(one)

    assert len(all_of_them) == 0
    assert all_of_them.due(1) == all_of_them.hearers("heartbeat") == ()
    assert all_of_them.of(one) == Subscription(topics=ALL, rate_hz=10)

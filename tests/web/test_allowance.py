"""A sliding window, client by client: exact, and of bounded memory."""

import pytest
from hypothesis import given, strategies as st

from web.allowance import Allowance
from web.peers import Peers, one_client

SPAN_S = 60.0


def test_what_remains_is_what_then_passes() -> None:
    allowance = Allowance(3, SPAN_S)
    said = [allowance.take("a", 10.0 + i) for i in range(4)]

    assert [s.is_allowed for s in said] == [True, True, True, False]
    assert [s.remaining for s in said] == [2, 1, 0, 0]
    refused = said[-1]
    assert (refused.more_s, refused.whole_s) == (57.0, 59.0)
    assert not allowance.take("a", 13.0 + 56.9).is_allowed
    assert allowance.take("a", 13.0 + 57.0).is_allowed


def test_clients_have_each_its_own() -> None:
    allowance = Allowance(1, SPAN_S)
    assert allowance.take("a", 0.0).is_allowed
    assert allowance.take("b", 0.0).is_allowed
    assert not allowance.take("a", 0.0).is_allowed


def test_a_refusal_and_a_look_cost_nothing() -> None:
    allowance = Allowance(2, SPAN_S)
    allowance.take("a", 0.0)
    for _ in range(5):
        assert allowance.look("a", 1.0).remaining == 1
        assert not allowance.take("a", 1.0, 2).is_allowed
    assert allowance.take("a", 1.0).is_allowed


def test_what_costs_more_waits_for_as_much() -> None:
    allowance = Allowance(4, SPAN_S)
    for at in (0.0, 1.0, 2.0):
        allowance.take("a", at)
    refused = allowance.take("a", 3.0, 3)
    assert not refused.is_allowed
    assert refused.more_s == 58.0  # two of the three must go
    assert allowance.take("a", 61.0, 3).is_allowed


@given(
    steps=st.lists(st.tuples(st.floats(0.0, 20.0), st.integers(1, 3)), max_size=200),
    quota=st.integers(3, 12),
)
def test_no_span_of_time_ever_has_more_than_the_quota(
    steps: list[tuple[float, int]], quota: int
) -> None:
    allowance = Allowance(quota, SPAN_S)
    now, taken = 1000.0, []
    for pause, cost in steps:
        now += pause
        before = allowance.look("a", now, cost)
        said = allowance.take("a", now, cost)
        assert said.is_allowed is before.is_allowed
        if said.is_allowed:
            taken += [now] * cost
        lately = [at for at in taken if at > now - SPAN_S + 1e-5]
        assert len(lately) <= quota
        assert said.remaining <= quota - len(lately)
        if not said.is_allowed:
            assert allowance.look("a", now + said.more_s, cost).is_allowed


def test_memory_has_a_bound_however_many_come() -> None:
    allowance = Allowance(100, SPAN_S, most_clients=50, most_moments=200)
    for i in range(5000):
        assert allowance.take(f"client {i}", i * 1e-4).is_allowed
        assert allowance.clients <= 50
    for i in range(5000):
        allowance.take(f"other {i % 10}", 1.0)
    left = [allowance.look(f"other {i}", 1.0).remaining for i in range(10)]
    assert sum(100 - one for one in left) <= 200


def test_who_has_been_silent_is_forgotten() -> None:
    allowance = Allowance(5, SPAN_S)
    for i in range(100):
        allowance.take(f"client {i}", float(i) / 10)
    allowance.take("late", 200.0)
    assert allowance.clients == 1


def test_a_client_with_nothing_left_to_count_is_forgotten() -> None:
    allowance = Allowance(5, SPAN_S)
    allowance.take("a", 0.0)
    assert allowance.take("a", 60.0, 0).remaining == 5
    assert allowance.clients == 0
    assert not allowance.take("b", 60.0, 6).is_allowed
    assert allowance.take("c", 61.0).is_allowed


def test_the_busy_are_not_forgotten_for_the_many() -> None:
    allowance = Allowance(5, SPAN_S, most_clients=10)
    for i in range(5):
        allowance.take("busy", float(i))
        for j in range(8):
            allowance.take(f"stranger {i} {j}", float(i))
    assert not allowance.take("busy", 5.0).is_allowed


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ((), "10.0.0.1", "1.2.3.4", "10.0.0.1"),
        (("10.0.0.1",), "10.0.0.1", "1.2.3.4", "1.2.3.4"),
        (("10.0.0.0/8",), "10.9.9.9", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        (("10.0.0.0/8",), "1.2.3.4", "6.6.6.6", "1.2.3.4"),
        (("10.0.0.0/8",), "10.0.0.1", "", "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", "1.2.3.4, nonsense", "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", "10.0.0.5", "10.0.0.5"),
        (("::1",), "::1", "2001:DB8::1", "2001:db8::1"),
        (("10.0.0.1",), "::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ((), "no address", "1.2.3.4", "no address"),
    ],
)
def test_a_forwarded_address_counts_of_trusted_proxies_only(
    trusted: tuple[str, ...], peer: str, forwarded: str, client: str
) -> None:
    assert Peers(trusted).client(peer, forwarded) == client


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("no address", "no address"),
    ],
)
def test_a_client_of_ipv6_is_its_network(address: str, counted: str) -> None:
    assert one_client(address) == counted

"""Leases: one holder of a resource, whoever comes."""

import threading

import pytest

from actors.lease import Lease, LeaseHeldError, Leases
from protocols.errors import PhospheneError
from protocols.supervision import LeaseRefused


def test_a_lease_is_held_until_it_is_given_back() -> None:
    leases = Leases()
    lease = leases.take("port", "a")
    assert (lease.resource, lease.holder) == ("port", "a")
    assert leases.held() == {"port": "a"}
    lease.release()

    assert leases.held() == {}
    assert leases.take("port", "b").holder == "b"


def test_who_wants_what_another_holds_hears_who_has_it() -> None:
    leases = Leases()
    leases.take("port", "a")
    with pytest.raises(LeaseHeldError, match="port is held by a") as caught:
        leases.take("port", "b")

    assert isinstance(caught.value, PhospheneError)
    assert (caught.value.resource, caught.value.held_by) == ("port", "a")
    assert leases.held() == {"port": "a"}


def test_another_resource_is_another_lease() -> None:
    leases = Leases()
    for resource in ("port", "card"):
        leases.take(resource, "a")

    assert leases.held() == {"port": "a", "card": "a"}


def test_even_its_holder_does_not_get_it_twice() -> None:
    """It may be a zombie of that name."""
    leases = Leases()
    leases.take("port", "a")

    with pytest.raises(LeaseHeldError):
        leases.take("port", "a")


def test_a_lease_given_back_twice_does_not_end_the_next_ones() -> None:
    leases = Leases()
    first = leases.take("port", "a")
    first.release()
    leases.take("port", "b")
    first.release()

    assert leases.held() == {"port": "b"}


def test_a_refusal_is_told() -> None:
    told: list[LeaseRefused] = []
    leases = Leases(told.append)
    leases.take("port", "a")
    with pytest.raises(LeaseHeldError):
        leases.take("port", "b")

    assert told == [LeaseRefused(resource="port", wanted_by="b", held_by="a")]


def test_of_many_who_want_it_at_once_one_holds_it() -> None:
    leases = Leases()
    got: list[Lease] = []
    most = 0
    start = threading.Barrier(8)

    def want(name: str) -> None:
        nonlocal most
        start.wait(5.0)
        for _ in range(300):
            try:
                lease = leases.take("port", name)
            except LeaseHeldError:
                continue
            got.append(lease)
            most = max(most, len(got))
            got.remove(lease)
            lease.release()

    threads = [threading.Thread(target=want, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 1
    assert leases.held() == {}

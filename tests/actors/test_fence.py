"""The fence: who was replaced sends nothing more, by whatever edge."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from actors.edges import Edge
from actors.fence import NOBODY, Fence
from actors.inbox import Address, DeadLetterOffice, Inbox
from tests.time_stand_ins import VirtualClock

Way = Callable[[Address], Edge[Any]]

WAYS: dict[str, Way] = {
    "mail": lambda address: address.mail,
    "reports": lambda address: address.reports,
    "orders": lambda address: address.orders,
    "fifo": lambda address: address.fifo(
        "fifo", depth=4, age_s=9.0, fold=lambda _gap, _lost: None
    ),
    "latest": lambda address: address.latest("latest", lambda _: "one"),
}


class Yard:
    """An address, a fence before it, and a zombie that may be anybody."""

    def __init__(self) -> None:
        self.me = 1
        self.fence = Fence(lambda: self.me)
        self.office = DeadLetterOffice()
        self.address = Address("role", VirtualClock(), self.office, self.fence)
        self.inbox = Inbox()
        self.inbox.bind(self.address)
        self.zombie = Inbox()
        self.zombie.thread = 2


@pytest.fixture
def yard() -> Yard:
    return Yard()


def test_as_long_as_nobody_is_shut_out_nobody_is_asked() -> None:
    def who() -> int:
        raise AssertionError("asked")

    fence = Fence(who)
    address = Address("role", VirtualClock(), None, fence)
    Inbox().bind(address)
    address.tell("hello")

    assert not fence.up
    assert address.mail.count().queued == 1


@pytest.mark.parametrize("way", list(WAYS))
def test_what_comes_from_who_is_shut_out_is_lost_whatever_the_edge(
    yard: Yard, way: str
) -> None:
    edge = WAYS[way](yard.address)
    yard.fence.shut_out(yard.zombie)
    edge.tell("mine")
    yard.me = 2
    edge.tell("the zombie's")
    asked = edge.ask("the zombie's too", timeout_s=1.0)

    assert asked.is_done()
    count = edge.count()
    assert (count.came, count.dropped, count.queued) == (3, {"fenced": 2}, 1)
    assert yard.address.audit() == []
    assert [(letter.reason, letter.message) for letter in yard.office.newest] == [
        ("fenced", "the zombie's"),
        ("fenced", "the zombie's too"),
    ]


def test_who_has_ended_is_let_go(yard: Yard) -> None:
    yard.fence.shut_out(yard.zombie)
    assert yard.fence.up
    yard.fence.let_go(yard.zombie)
    yard.me = 2
    yard.address.tell("somebody else on that thread")

    assert (yard.fence.up, yard.address.mail.count().queued) == (False, 1)


def test_it_stays_up_until_the_last_has_ended(yard: Yard) -> None:
    other = Inbox()
    other.thread = 3
    for zombie in (yard.zombie, other):
        yard.fence.shut_out(zombie)
    yard.fence.let_go(yard.zombie)

    assert yard.fence.up
    yard.me = 3
    assert yard.fence.is_outside()
    yard.me = 2
    assert not yard.fence.is_outside()


def test_a_zombie_between_two_slices_is_nobody(yard: Yard) -> None:
    yard.zombie.thread = NOBODY
    yard.fence.shut_out(yard.zombie)
    yard.address.tell("mine")

    assert yard.address.mail.count().queued == 1


def test_letting_go_of_who_is_inside_changes_nothing(yard: Yard) -> None:
    yard.fence.let_go(yard.zombie)

    assert not yard.fence.up


def test_threads_are_told_apart_by_their_numbers() -> None:
    fence = Fence()
    address = Address("role", VirtualClock(), None, fence)
    Inbox().bind(address)
    zombie = Inbox()
    said = threading.Event()

    def haunt() -> None:
        zombie.thread = fence.who()
        fence.shut_out(zombie)
        address.tell("from beyond")
        said.set()

    thread = threading.Thread(target=haunt)
    thread.start()
    thread.join()
    zombie.thread = NOBODY
    address.tell("mine")

    assert said.is_set()
    count = address.mail.count()
    assert (count.dropped, count.queued) == ({"fenced": 1}, 1)

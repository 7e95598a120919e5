"""Addresses and edges: order, bounds, books, and mail that nobody will take.

Most tests play the actor themselves: they move an inbox in and draw from it.
"""

from typing import TYPE_CHECKING, Any

import msgspec
import pykka
import pytest
from hypothesis import given, settings, strategies as st

from actors.answer import Answer
from actors.edges import DRAW, Edge, KeepingEdge, Letter, PatientEdge
from actors.inbox import Address, DeadLetterOffice, Inbox
from protocols.errors import ExpiredError, RefusedError
from tests.time_stand_ins import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable


class Chunk(msgspec.Struct, frozen=True):
    number: int
    samples: int = 10


class Lost(msgspec.Struct, frozen=True):
    samples: int


class Command(msgspec.Struct, frozen=True):
    """Must not be lost."""

    number: int


def fold(gap: Lost | None, message: object) -> Lost | None:
    if isinstance(message, Chunk):
        return Lost((gap.samples if gap else 0) + message.samples)
    return None


class House:
    """An address whose tenant is the test."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.office = DeadLetterOffice()
        self.address = Address("role", self.clock, self.office)
        self.inbox = Inbox()
        self.woken = 0
        self.handed: list[Answer | None] = []
        """Of all letters that were taken."""

    def move_in(self) -> None:
        self.inbox = Inbox()
        self.inbox.wake = self._count
        self.inbox.bind(self.address)

    def vacate(self, reason: str = "crashed") -> list[Answer]:
        return self.address.vacate(self.inbox, reason)

    def take(self) -> list[Any]:
        """All that waits, as an actor would take it."""
        return [letter[1] for letter in self.letters()]

    def one(self) -> object:
        """The next, as an actor would take it."""
        while self.inbox.line:
            letter = self._draw(self.inbox.line.popleft())
            if letter is not None:
                return letter[1]
        return None

    def letters(self) -> list[Letter]:
        taken = []
        while self.inbox.line:
            letter = self._draw(self.inbox.line.popleft())
            if letter is not None:
                taken.append(letter)
        return taken

    def _draw(self, letter: Letter) -> Letter | None:
        edge = letter[0]
        if letter[3] == DRAW:
            assert isinstance(edge, KeepingEdge)
            drawn = edge.draw(self.inbox)
            self.handed.append(None if drawn is None else drawn[2])
            return drawn
        edge.taken()
        self.handed.append(letter[2])
        return letter

    def _count(self) -> None:
        self.woken += 1


@pytest.fixture
def house() -> House:
    house = House()
    house.move_in()
    return house


def balanced(edge: Edge[Any]) -> bool:
    count = edge.count()
    return count.came == count.taken + sum(count.dropped.values()) + count.queued


# -- commands --------------------------------------------------------------------------


def test_mail_is_taken_by_arrival_whatever_edge_it_came_by(house: House) -> None:
    fifo = house.address.fifo("samples", depth=8, age_s=1.0, fold=fold)
    latest = house.address.latest("state", lambda message: message[0])
    house.address.tell("a")
    fifo.tell(Chunk(1))
    latest.tell(("mood", 1))
    house.address.tell("b")
    fifo.tell(Chunk(2))

    assert house.take() == ["a", Chunk(1), ("mood", 1), "b", Chunk(2)]


def test_a_full_line_refuses_commands_and_says_so(house: House) -> None:
    edge: Edge[int] = house.address.add(Edge("commands", house.address, depth=2))
    for number in (1, 2, 3):
        edge.tell(number)
    refused = edge.ask(4, timeout_s=1.0)

    with pytest.raises(RefusedError, match="commands is full"):
        refused.get(timeout=0)
    assert house.take() == [1, 2]
    assert edge.count().dropped == {"full": 2}
    assert [(letter.reason, letter.message) for letter in house.office.newest] == [
        ("full", 3),
        ("full", 4),
    ]
    assert house.office.count == {"full": 2}


def test_reports_of_lives_are_never_refused(house: House) -> None:
    for number in range(1100):
        house.address.tell(number)
        house.address.reports.tell(number)

    assert house.address.mail.count().dropped == {"full": 1100 - 512}
    assert house.address.reports.count().queued == 1100


def test_a_vacant_address_answers_at_once_and_keeps_books(house: House) -> None:
    house.vacate("closed")
    house.address.tell("lost")
    asked = house.address.ask("lost too", timeout_s=1.0)

    with pytest.raises(pykka.ActorDeadError, match="vacant"):
        asked.get(timeout=0)
    count = house.address.mail.count()
    assert (count.came, count.dropped, count.queued) == (2, {"vacant": 2}, 0)


def test_who_leaves_loses_what_waits_and_asks_are_answered(house: House) -> None:
    house.address.tell("lost")
    asked = house.address.ask("question", timeout_s=1.0)

    house.vacate("crashed")

    with pytest.raises(pykka.ActorDeadError, match="crashed"):
        asked.get(timeout=0)
    assert house.address.mail.count().dropped == {"crashed": 2}
    house.move_in()
    assert house.take() == []


def test_a_letter_that_slips_in_behind_who_left_is_lost_in_the_books(house: House) -> None:
    """A sender that was between its look at the tenant and its `append`."""
    edge, gone, asked = house.address.mail, house.inbox, Answer()
    house.vacate("crashed")
    house.move_in()
    edge._arrived()

    gone.append((edge, "late", asked, 0.0))
    house.address.rouse(gone)

    with pytest.raises(pykka.ActorDeadError, match="crashed"):
        asked.get(timeout=0)
    assert not gone.line
    assert edge.count().dropped == {"crashed": 1}
    assert house.take() == []


def test_one_at_a_time_lives_at_an_address(house: House) -> None:
    with pytest.raises(ValueError, match="has a tenant"):
        Inbox().bind(house.address)


def test_an_idle_actor_is_woken_once_and_only_when_it_is_idle(house: House) -> None:
    house.address.tell("while it works")
    assert house.woken == 0
    assert not house.inbox.rest()  # there is mail
    house.take()

    assert house.inbox.rest()
    house.address.tell("wakes")
    house.address.tell("it is awake")
    assert house.woken == 1


def test_an_order_to_stop_wakes_and_is_answered_by_who_ends(house: House) -> None:
    assert house.inbox.rest()
    ended = Answer()
    house.address.stop(answer=ended)

    assert house.woken == 1
    assert not house.inbox.rest()
    assert house.vacate("closed") == [ended]
    assert not ended.is_done()


def test_a_vacant_address_cannot_be_stopped(house: House) -> None:
    gone = house.inbox
    house.vacate("closed")
    ended, other = Answer(), Answer()
    house.address.stop(answer=ended)
    house.move_in()
    house.address.stop(gone, other)  # only if that one lives here

    for answer in (ended, other):
        with pytest.raises(pykka.ActorDeadError):
            answer.get(timeout=0)
    assert not house.inbox.stops


def test_an_evicted_actor_is_woken_to_find_out(house: House) -> None:
    assert house.inbox.rest()
    house.vacate("abandoned")

    assert house.woken == 1
    assert not house.inbox.rest()


def test_a_question_with_no_time_at_all_still_has_a_deadline(house: House) -> None:
    asked = [
        house.address.ask("now", timeout_s=0.0),
        house.address.ask("yesterday", timeout_s=-5.0),
    ]

    assert len(house.inbox.line) == len(asked)
    assert all(deadline > 0 for _, _, _, deadline in house.inbox.line)


def test_a_watch_sees_every_dead_letter_but_only_the_newest_are_kept() -> None:
    seen: list[Any] = []
    office = DeadLetterOffice(lambda letter: seen.append(letter.message))
    address = Address("nobody", VirtualClock(), office)
    for number in range(100):
        address.tell(number)

    assert seen == list(range(100))
    assert [letter.message for letter in office.newest] == list(range(36, 100))
    assert office.count == {"vacant": 100}


# -- samples ---------------------------------------------------------------------------


def test_too_many_samples_lose_the_oldest_and_the_gap_comes_first(house: House) -> None:
    edge = house.address.fifo("samples", depth=2, age_s=9.0, fold=fold)
    for number in range(5):
        edge.tell(Chunk(number))

    assert house.take() == [Lost(30), Chunk(3), Chunk(4)]
    assert edge.count().dropped == {"overrun": 3}


def test_samples_too_old_are_lost_when_newer_come(house: House) -> None:
    edge = house.address.fifo("samples", depth=8, age_s=0.25, fold=fold)
    edge.tell(Chunk(0))
    house.clock.advance(0.2)
    edge.tell(Chunk(1))
    house.clock.advance(0.2)
    edge.tell(Chunk(2))

    assert house.take() == [Lost(10), Chunk(1), Chunk(2)]
    assert edge.count().dropped == {"stale": 1}


def test_samples_grown_old_in_the_line_are_lost_but_the_newest_is_taken(
    house: House,
) -> None:
    edge = house.address.fifo("samples", depth=8, age_s=0.25, fold=fold)
    for number in range(3):
        edge.tell(Chunk(number))
    house.clock.advance(60.0)

    assert house.take() == [Lost(20), Chunk(2)]


def test_what_must_not_be_lost_waits_beyond_depth_and_age(house: House) -> None:
    edge = house.address.fifo("samples", depth=2, age_s=0.25, fold=fold)
    edge.tell(Command(1))
    for number in range(4):
        house.clock.advance(0.2)
        edge.tell(Chunk(number))

    assert house.take() == [Lost(30), Command(1), Chunk(3)]


def test_what_must_not_be_lost_is_bounded_too(house: House) -> None:
    edge = house.address.fifo("samples", depth=2, age_s=0.25, fold=fold)
    for number in range(1500):
        edge.tell(Command(number))

    assert house.take() == [Command(number) for number in range(1024)]
    assert edge.count().dropped == {"full": 476}


def test_a_restart_is_a_gap_of_all_that_was_lost_meanwhile(house: House) -> None:
    edge = house.address.fifo("samples", depth=8, age_s=9.0, fold=fold)
    edge.tell(Chunk(0))
    house.vacate("crashed")
    edge.tell(Chunk(1))
    house.move_in()
    assert house.take() == []
    edge.tell(Chunk(2))

    assert house.take() == [Lost(20), Chunk(2)]
    assert edge.count().dropped == {"crashed": 1, "vacant": 1}


def test_a_stalled_actor_s_line_does_not_grow(house: House) -> None:
    edge = house.address.fifo("samples", depth=4, age_s=0.25, fold=fold)
    latest = house.address.latest("state", lambda _: "one")
    for number in range(1000):
        house.clock.advance(0.1)
        edge.tell(Chunk(number))
        latest.tell(number)

    assert len(house.inbox.line) <= 8
    assert house.take() == [Lost(9970), Chunk(997), 999, Chunk(998), Chunk(999)]


# -- state -----------------------------------------------------------------------------


def test_only_the_newest_state_waits_in_the_place_of_the_older(house: House) -> None:
    edge = house.address.latest("state", lambda message: message[0])
    edge.tell(("a", 1))
    edge.tell(("b", 1))
    edge.tell(("a", 2))

    assert house.take() == [("a", 2), ("b", 1)]
    assert edge.count().dropped == {"superseded": 1}
    assert not house.office.newest  # as it should be: not worth a letter


def test_what_has_no_key_is_not_replaced(house: House) -> None:
    edge = house.address.latest("state", lambda message: message[0])
    for message in ((None, 1), ("a", 1), (None, 2), ("a", 2)):
        edge.tell(message)

    assert house.take() == [(None, 1), ("a", 2), (None, 2)]


def test_a_question_that_is_replaced_is_answered(house: House) -> None:
    edge = house.address.latest("state", lambda _: "one")
    older = edge.ask(1, timeout_s=9.0)
    newer = edge.ask(2, timeout_s=9.0)

    with pytest.raises(RefusedError):
        older.get(timeout=0)
    assert [letter[2] for letter in house.letters()] == [newer]


def test_a_question_on_an_edge_with_a_policy_expires_too(house: House) -> None:
    edge = house.address.latest("state", lambda _: "one")
    asked = edge.ask(1, timeout_s=0.5)
    house.clock.advance(0.6)

    assert house.take() == []
    with pytest.raises(ExpiredError):
        asked.get(timeout=0)
    assert edge.count().dropped == {"expired": 1}


def test_keys_are_bounded(house: House) -> None:
    edge = house.address.latest("state", lambda number: number)
    for number in range(1100):
        edge.tell(number)

    assert house.take() == list(range(1024))
    assert edge.count().dropped == {"full": 76}


def test_an_evicted_actor_draws_nothing(house: House) -> None:
    edge = house.address.fifo("samples", depth=4, age_s=9.0, fold=fold)
    edge.tell(Chunk(1))
    evicted, token = house.inbox, house.inbox.line[0]
    house.vacate("abandoned")
    house.move_in()
    edge.tell(Chunk(2))

    assert isinstance(token[0], KeepingEdge)
    assert token[0].draw(evicted) is None
    assert house.take() == [Lost(10), Chunk(2)]


# -- pauses ----------------------------------------------------------------------------


def test_a_paused_actor_rests_though_mail_waits_and_is_woken_to_go_on(
    house: House,
) -> None:
    house.address.pause(paused=True)
    house.address.tell("waits")
    assert house.inbox.rest()
    house.address.tell("waits too")
    assert house.inbox.rest()

    house.woken = 0
    house.address.pause(paused=False)
    assert house.woken == 1
    assert not house.inbox.rest()
    assert house.take() == ["waits", "waits too"]


def test_going_on_wakes_nobody_where_no_mail_waits(house: House) -> None:
    house.address.pause(paused=True)
    assert house.inbox.rest()
    house.address.pause(paused=False)

    assert house.woken == 0


def test_a_stop_wakes_a_paused_actor(house: House) -> None:
    house.address.pause(paused=True)
    assert house.inbox.rest()
    house.address.stop()

    assert house.woken == 1
    assert not house.inbox.rest()


def test_each_edge_keeps_its_policy_while_mail_waits_at_a_pause(house: House) -> None:
    house.address.pause(paused=True)
    house.inbox.rest()
    fifo = house.address.fifo("samples", depth=2, age_s=9.0, fold=fold)
    latest = house.address.latest("state", lambda _: "one")
    for number in range(5):
        fifo.tell(Chunk(number))
        latest.tell(number)
    house.address.pause(paused=False)

    assert house.take() == [Lost(30), Chunk(3), 4, Chunk(4)]
    assert fifo.count().dropped == {"overrun": 3}
    assert latest.count().dropped == {"superseded": 4}


def test_a_pause_is_the_addresses_and_not_the_tenants(house: House) -> None:
    house.address.pause(paused=True)
    house.vacate()
    house.move_in()
    house.address.tell("waits")

    assert house.inbox.rest()
    assert house.address.paused


# -- conservation ----------------------------------------------------------------------

STEPS = st.lists(
    st.sampled_from(
        [
            "tell",
            "command",
            "chunk",
            "state",
            "ask",
            "take",
            "later",
            "crash",
            "raise",
            "pause",
            "go on",
        ]
    ),
    max_size=120,
)


@settings(deadline=None)
@given(steps=STEPS)
def test_what_came_was_taken_dropped_or_waits_whatever_happens(steps: list[str]) -> None:
    house = House()
    house.move_in()
    address = house.address
    plain: Edge[Any] = address.add(Edge("plain", address, depth=3))
    fifo = address.fifo("fifo", depth=3, age_s=0.25, fold=fold)
    latest = address.latest("latest", lambda number: number % 3)
    taken: list[Any] = []
    asked: list[Answer] = []
    acts: dict[str, Callable[[int], object]] = {
        "tell": plain.tell,
        "command": lambda n: fifo.tell(Command(n)),
        "chunk": lambda n: fifo.tell(Chunk(n)),
        "state": latest.tell,
        "ask": lambda n: asked.append(latest.ask(n, timeout_s=0.15)),
        "take": lambda _: taken.append(house.one()),
        "later": lambda _: house.clock.advance(0.1),
        "crash": lambda _: house.vacate("crashed"),
        "raise": lambda _: house.move_in() if address.tenant is None else None,
        "pause": lambda _: address.pause(paused=True),
        "go on": lambda _: address.pause(paused=False),
    }
    for number, step in enumerate(steps):
        acts[step](number)
        assert all(balanced(edge) for edge in (plain, fifo, latest))
    if address.tenant is None:
        house.move_in()
    taken += house.take()

    fifo.tell(Chunk(len(steps)))  # brings the gap that still waits
    taken += house.take()

    counts = {count.edge: count for count in address.counts()}
    assert all(count.queued == 0 for count in counts.values())
    chunks = [m.number for m in taken if isinstance(m, Chunk)]
    gaps = sum(m.samples for m in taken if isinstance(m, Lost))
    assert chunks == sorted(chunks)
    assert gaps + 10 * len(chunks) == 10 * (steps.count("chunk") + 1)
    assert counts["plain"].came == steps.count("tell")
    assert counts["latest"].came == steps.count("state") + steps.count("ask")
    assert all(answer.is_done() or answer in house.handed for answer in asked)


# -- patient edges ------------------------------------------------------------------------


def test_orders_given_to_a_vacant_role_wait_for_who_comes(house: House) -> None:
    orders = house.address.orders
    house.vacate()
    orders.tell(Command(1))
    orders.tell(Command(2))
    house.move_in()

    assert house.take() == [Command(1), Command(2)]
    assert balanced(orders)


def test_orders_that_wait_at_a_death_are_the_next_ones_and_the_one_in_hand_is_lost(
    house: House,
) -> None:
    orders = house.address.orders
    for number in range(3):
        orders.tell(Command(number))
    assert house.one() == Command(0)

    old = house.inbox
    house.vacate()
    house.move_in()

    assert house.take() == [Command(1), Command(2)]
    assert not old.line
    assert orders.count().dropped == {}
    assert balanced(orders)


def test_an_order_keeps_its_place_among_other_mail(house: House) -> None:
    orders = house.address.orders
    states = house.address.latest("states", lambda _: "state")
    states.tell(Chunk(1))
    orders.tell(Command(1))
    states.tell(Chunk(2))

    assert house.take() == [Chunk(2), Command(1)]


def test_a_question_that_waited_too_long_for_a_tenant_has_expired(house: House) -> None:
    orders = house.address.orders
    house.vacate()
    answer = orders.ask(Command(1), timeout_s=1.0)
    house.clock.advance(1.5)
    house.move_in()

    assert house.take() == []
    with pytest.raises(ExpiredError):
        answer.get(timeout=0.0)
    assert balanced(orders)


def test_who_waits_at_a_role_that_has_ended_for_good_is_answered(house: House) -> None:
    orders = house.address.orders
    house.vacate()
    answer = orders.ask(Command(1), timeout_s=1.0)
    orders.abandon()
    house.move_in()

    assert house.take() == []
    with pytest.raises(pykka.ActorDeadError):
        answer.get(timeout=0.0)
    assert orders.count().dropped == {"closed": 1}
    assert balanced(orders)


def test_more_orders_than_a_role_can_keep_are_refused(house: House) -> None:
    orders = PatientEdge[Command]("orders", house.address, depth=1)
    house.address.add(orders)
    house.vacate()
    orders.tell(Command(1))
    refused = orders.ask(Command(2), timeout_s=1.0)

    with pytest.raises(RefusedError):
        refused.get(timeout=0.0)
    house.move_in()
    assert house.take() == [Command(1)]
    assert balanced(orders)

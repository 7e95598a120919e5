"""Dispatchers: who runs where, and who is not harmed by whom."""

import threading
from collections.abc import Iterator

import msgspec
import pytest

from actors.clock import LiveClock
from actors.dispatch import PinnedDispatcher, SharedDispatcher
from actors.inbox import Address
from actors.stage import Stage
from protocols.supervision import Born, Died
from tests.probe import Probe


class Gate(msgspec.Struct, frozen=True, eq=False):
    """Hang until it is open; say when it is in hand."""

    held: threading.Event
    gate: threading.Event


class Where(Stage):
    """Answers in which thread it is; waits at a gate, counts, or falls."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def handle(self, message: object) -> object:
        self.seen += 1
        match message:
            case threading.Event():
                return message.wait(5.0)
            case Gate(held=held, gate=gate):
                held.set()
                return gate.wait(5.0)
            case "fall":
                raise ValueError
            case _:
                return threading.current_thread().name


@pytest.fixture
def shared() -> Iterator[SharedDispatcher]:
    shared = SharedDispatcher("pool", 2)
    yield shared
    shared.close()


def address(name: str = "role") -> Address:
    return Address(name, LiveClock())


def ask(where: Address, message: object = "where") -> object:
    return where.ask(message, timeout_s=5.0).get(timeout=5.0)


def test_a_pinned_actor_has_a_thread_of_its_own_named_after_its_address() -> None:
    dispatcher, first, second = PinnedDispatcher(), address("first"), address("second")
    for role in (first, second):
        Where().launch(role, dispatcher)

    assert (ask(first), ask(second)) == ("first", "second")
    first.stop()
    second.stop()


def test_a_pinned_thread_ends_with_its_actor() -> None:
    role, lives = address("mortal"), Probe[Born | Died]()
    Where().launch(role, PinnedDispatcher(), lives)
    role.tell("fall")
    lives.until(Died)

    for thread in threading.enumerate():
        if thread.name == "mortal":
            thread.join(5.0)
            assert not thread.is_alive()


def test_shared_actors_run_in_the_pool(shared: SharedDispatcher) -> None:
    roles = [address(f"role {n}") for n in range(20)]
    for role in roles:
        Where().launch(role, shared)

    assert {ask(role) for role in roles} <= {"pool-0", "pool-1"}
    for role in roles:
        role.stop()


def test_one_that_blocks_leaves_the_other_threads_to_the_others(
    shared: SharedDispatcher,
) -> None:
    gate, blocked, free = threading.Event(), address(), address()
    for role in (blocked, free):
        Where().launch(role, shared)
    waiting = blocked.ask(gate, timeout_s=9.0)

    assert ask(free) in {"pool-0", "pool-1"}
    gate.set()
    assert waiting.get(timeout=5.0) is True
    blocked.stop()
    free.stop()


def test_one_with_much_mail_does_not_keep_others_from_their_turn() -> None:
    single, gate = SharedDispatcher("single", 1), threading.Event()
    busy, other, holder = address(), address(), address()
    hoarder = Where()
    hoarder.launch(busy, single)
    for role in (other, holder):
        Where().launch(role, single)
    held = holder.ask(gate, timeout_s=9.0)
    for n in range(1000):
        busy.tell(n)
    asked = other.ask("where", timeout_s=9.0)
    seen = Probe[int]()
    asked.when_done(lambda: seen.tell(hoarder.seen))
    gate.set()

    assert held.get(timeout=5.0) is True
    assert seen.next() <= 32
    for role in (busy, other, holder):
        role.stop()
    single.close()


def test_an_actor_never_runs_twice_at_once(shared: SharedDispatcher) -> None:
    """`seen += 1` would lose counts if two threads ran it."""
    role, stage = address(), Where()
    stage.launch(role, shared)
    senders = [
        threading.Thread(target=lambda: [ask(role) for _ in range(200)]) for _ in range(4)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert stage.seen == 800
    role.stop()


def test_the_pool_survives_every_death(shared: SharedDispatcher) -> None:
    lives: Probe[Born | Died] = Probe()
    for _ in range(20):
        role = address()
        Where().launch(role, shared, lives)
        role.tell("fall")
        died = lives.until(Died)
        assert isinstance(died, Died)
        assert not died.normal

    role = address()
    Where().launch(role, shared)
    assert ask(role) in {"pool-0", "pool-1"}
    role.stop()


# -- threads that are replaced ------------------------------------------------------------


def hang(stage: Where, role: Address) -> tuple[int, threading.Event]:
    """Have an actor hang; gives its thread, and what ends that."""
    gate = threading.Event()
    held = threading.Event()
    role.tell(Gate(held, gate))
    assert held.wait(5.0)
    activity = stage.activity()
    assert activity is not None
    return activity.thread, gate


def test_the_others_go_on_in_the_place_of_a_thread_that_hangs() -> None:
    single, lives = SharedDispatcher("single", 1), Probe[Born | Died]()
    stage, stuck, other = Where(), address("stuck"), address("other")
    stage.launch(stuck, single, lives)
    Where().launch(other, single)
    thread, gate = hang(stage, stuck)
    waiting = other.ask("where", timeout_s=9.0)
    assert not waiting.is_done()

    single.replace(thread)

    assert waiting.get(timeout=5.0) == "single-1"
    stage.evict("hung")
    gate.set()
    assert isinstance(lives.until(Died), Died)
    assert ask(other) == "single-1"  # the first has ended, and takes no work
    other.stop()
    single.close()


def test_a_thread_is_replaced_once_however_often_that_is_wished() -> None:
    single = SharedDispatcher("single", 1)
    stage, stuck, other = Where(), address("stuck"), address("other")
    stage.launch(stuck, single)
    Where().launch(other, single)
    thread, gate = hang(stage, stuck)
    for _ in range(3):
        single.replace(thread)
    assert ask(other) == "single-1"
    names = {t.name for t in threading.enumerate() if t.name.startswith("single-")}
    gate.set()

    assert names == {"single-0", "single-1"}
    for role in (stuck, other):
        role.stop()
    single.close()


def test_a_thread_that_is_nobodys_is_not_replaced(shared: SharedDispatcher) -> None:
    before = threading.active_count()
    shared.replace(threading.get_ident())
    shared.replace(0)

    assert threading.active_count() == before


def test_a_replaced_thread_that_comes_back_leaves_what_it_has_begun_in_order() -> None:
    """Its actor was not evicted: it goes on, in another thread."""
    single = SharedDispatcher("single", 1)
    stage, role = Where(), address("slow")
    stage.launch(role, single)
    thread, gate = hang(stage, role)
    asked = [role.ask("where", timeout_s=9.0) for _ in range(40)]
    single.replace(thread)
    gate.set()

    where = [answer.get(timeout=5.0) for answer in asked]
    assert where == sorted(where)
    assert set(where) <= {"single-0", "single-1"}
    assert where[-1] == "single-1"
    role.stop()
    single.close()


def test_a_pinned_thread_hangs_for_nobody_else() -> None:
    pinned = PinnedDispatcher()
    stage, stuck, other = Where(), address("stuck"), address("other")
    stage.launch(stuck, pinned)
    Where().launch(other, pinned)
    thread, gate = hang(stage, stuck)
    pinned.replace(thread)

    assert ask(other) == "other"
    gate.set()
    for role in (stuck, other):
        role.stop()


def test_who_hangs_is_seen_in_its_own_thread(shared: SharedDispatcher) -> None:
    stages = [Where(), Where()]
    roles = [address("one"), address("two")]
    for stage, role in zip(stages, roles, strict=True):
        stage.launch(role, shared)
    hangs = [hang(stage, role) for stage, role in zip(stages, roles, strict=True)]
    names = {t.ident: t.name for t in threading.enumerate()}

    assert {names[thread] for thread, _ in hangs} == {"pool-0", "pool-1"}
    for (_, gate), role in zip(hangs, roles, strict=True):
        gate.set()
        role.stop()

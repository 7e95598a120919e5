"""Who hangs is replaced; what is left of it can send and write no more, and is listed."""

import threading
from collections.abc import Callable

import msgspec
import pykka
import pytest

from actors.inbox import Address
from actors.lease import Leases
from actors.stage import EvictedError, Stage
from protocols.operators import Zombie
from protocols.supervision import (
    Born,
    ChildEnded,
    ChildHung,
    ChildStarted,
    ChildState,
    Died,
    Exit,
    LifeEvent,
    ZombieEnded,
    ZombieListed,
)
from supervisors.chronicle import Chronicle
from supervisors.orders import Hung, RemoveChild, StopChild
from supervisors.restart import Backoff, Intensity, Restart
from supervisors.zombies import MOST, LifeWatch, Zombies
from tests.probe import Probe
from tests.supervisors.bench import Bench
from tests.time_stand_ins import VirtualClock


class Work(msgspec.Struct, frozen=True, eq=False):
    """Hang until the gate opens; then send, and write if that is permitted."""

    held: threading.Event
    gate: threading.Event


class Writer(Stage):
    """Holds a device, sends to others, and writes."""

    def __init__(self, leases: Leases, others: Address, said: Probe[object]) -> None:
        super().__init__()
        self._leases = leases
        self._others = others
        self._said = said

    def setup(self) -> None:
        self._lease = self._leases.take("device", "writer")

    def handle(self, message: object) -> object:
        match message:
            case Work(held=held, gate=gate):
                held.set()
                gate.wait(5.0)
                self._others.tell("from beyond")
                self._said.tell(self._try_to_write())
        return message

    def teardown(self) -> None:
        self._others.tell("from the last breath")
        self._lease.release()

    def _try_to_write(self) -> object:
        try:
            self.permit()
        except EvictedError as error:
            return error
        return "written"


class Haunted:
    """A bench with a writer that hangs, and who hears of it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.said: Probe[object] = Probe()
        self.told: Probe[LifeEvent] = Probe()
        self.bench.chronicle.watch(self.told, ZombieListed, ZombieEnded)
        self.others = bench.address("b")
        self.leases = bench.world.leases

    def writer(self) -> Stage:
        return Writer(self.leases, self.others, self.said)

    def hang(self, name: str = "a") -> threading.Event:
        """Have it hang, and the watchdog tell of it; gives what ends that."""
        held, gate = threading.Event(), self.bench.gate()
        self.bench.address(name).tell(Work(held, gate))
        assert held.wait(5.0)
        self.report(name)
        return gate

    def report(self, name: str = "a", life: int = 1) -> int:
        """Tell the supervisor as the watchdog does; the number of that entry."""
        hung = ChildHung(
            path=f"root/{name}", life=life, during="Work", for_s=6.0, stack="there"
        )
        cause = self.bench.chronicle.note(hung)
        self.bench.root.reports.tell(
            Hung(child=name, life=life, cause=cause, reason="hung", stack="there")
        )
        return cause


@pytest.fixture
def haunted(bench: Bench) -> Haunted:
    return Haunted(bench)


# -- who hangs ----------------------------------------------------------------------------


def test_who_hangs_is_replaced_and_listed_with_where_it_is(haunted: Haunted) -> None:
    bench = haunted.bench
    bench.up("a", "b")
    bench.hang("a")
    bench.clock.advance(6.0)
    haunted.report()
    bench.until(ChildStarted, "root/a", 2)

    assert bench.world.zombies.rows() == [
        Zombie(path="root/a", life=1, during="Hang", since=6.0, stack="there")
    ]
    assert haunted.told.next() == ZombieListed(path="root/a", life=1, zombies=1)
    row = bench.rows()["a"]
    assert (row.state, row.life, row.restarts) == (ChildState.RUNNING, 2, 1)
    assert bench.address("a").ask("hello", timeout_s=9e9).get(timeout=5.0) == "hello"


def test_what_a_zombie_still_sends_is_refused(haunted: Haunted) -> None:
    bench = haunted.bench
    bench.up(bench.child("a", make=haunted.writer, restart=Restart.TEMPORARY), "b")
    gate = haunted.hang()
    bench.until(ChildEnded, "root/a", 1)
    before = bench.address("b").mail.count()
    gate.set()
    assert isinstance(haunted.told.until(ZombieEnded), ZombieEnded)

    after = bench.address("b").mail.count()
    assert (after.came - before.came, after.taken) == (2, before.taken)
    assert after.dropped == {"fenced": 2}
    assert [
        (letter.reason, letter.message)
        for letter in bench.world.office.newest
        if letter.edge == "b:mail"
    ] == [("fenced", "from beyond"), ("fenced", "from the last breath")]
    assert bench.address("b").audit() == []


def test_what_a_zombie_asks_is_answered_at_once(bench: Bench) -> None:
    answers: Probe[object] = Probe()
    held, gate = threading.Event(), bench.gate()

    class Asker(Stage):
        def handle(self, message: object) -> object:
            held.set()
            gate.wait(5.0)
            asked = bench.address("b").ask("too late", timeout_s=9e9)
            answers.tell(asked.is_done())
            return message

    bench.up(bench.child("a", make=Asker, restart=Restart.TEMPORARY), "b")
    bench.address("a").tell("hang")
    assert held.wait(5.0)
    bench.root.reports.tell(Hung(child="a", life=1, cause=0, reason="hung", stack=""))
    bench.until(ChildEnded, "root/a", 1)
    gate.set()

    assert answers.next() is True


def test_a_zombie_is_not_permitted_to_write(haunted: Haunted) -> None:
    bench = haunted.bench
    bench.up(bench.child("a", make=haunted.writer, restart=Restart.TEMPORARY), "b")
    gate = haunted.hang()
    bench.until(ChildEnded, "root/a", 1)
    gate.set()

    error = haunted.said.next()
    assert isinstance(error, EvictedError)
    assert "a (life 1) was replaced" in str(error)


def test_who_was_not_replaced_is_permitted(haunted: Haunted) -> None:
    bench = haunted.bench
    bench.up(bench.child("a", make=haunted.writer), "b")
    held, gate = threading.Event(), bench.gate()
    gate.set()
    bench.address("a").tell(Work(held, gate))

    assert haunted.said.next() == "written"
    assert bench.address("b").ask("x", timeout_s=9e9).get(timeout=5.0) == "x"
    assert bench.address("b").mail.count().taken == 2


def test_a_zombie_keeps_its_device_until_it_has_let_it_go(haunted: Haunted) -> None:
    """Its successor fails, waits, and comes up when the device is free."""
    bench = haunted.bench
    backoff = Backoff(first_s=1.0, most_s=1.0, jitter=0.0)
    bench.up(bench.child("a", make=haunted.writer, backoff=backoff), "b")
    gate = haunted.hang()
    bench.until(ChildEnded, "root/a", 1)
    bench.rows()
    bench.clock.advance(1.0)
    refused = bench.until(ChildEnded, "root/a", 2)
    assert isinstance(refused, ChildEnded)
    assert "LeaseHeldError('device is held by writer')" in refused.reason
    assert haunted.leases.held() == {"device": "writer"}
    gate.set()
    assert isinstance(haunted.told.until(ZombieEnded), ZombieEnded)
    bench.rows()
    bench.clock.advance(1.0)

    bench.until(ChildStarted, "root/a", 3)


def test_who_asked_a_child_that_hangs_is_answered_when_it_is_replaced(
    haunted: Haunted,
) -> None:
    bench = haunted.bench
    bench.up("a", "b")
    bench.hang("a")
    asked = [bench.address("a").ask(n, timeout_s=9e9) for n in range(3)]
    haunted.report()
    bench.until(ChildStarted, "root/a", 2)

    for answer in asked:
        with pytest.raises(pykka.ActorDeadError, match="hung"):
            answer.get(timeout=0.0)


def test_its_end_is_noted_and_harms_nobody(haunted: Haunted) -> None:
    bench = haunted.bench
    bench.up("a", "b")
    gate = bench.hang("a")
    haunted.report()
    bench.until(ChildStarted, "root/a", 2)
    before = bench.rows()
    bench.clock.advance(7.0)
    gate.set()

    ended = haunted.told.until(ZombieEnded)
    assert ended == ZombieEnded(path="root/a", life=1, after_s=7.0, zombies=0)
    assert bench.world.zombies.rows() == []
    assert bench.rows() == before
    assert bench.address("a").ask("hello", timeout_s=9e9).get(timeout=5.0) == "hello"
    assert not bench.world.fence.up


def test_its_replacement_costs_a_restart(haunted: Haunted) -> None:
    bench = haunted.bench
    bench.up("a", "b", intensity=Intensity(max_restarts=0))
    bench.hang("a")
    haunted.report()

    assert "hung" in str(bench.died().error)


@pytest.mark.parametrize(
    ("restart", "outcome"),
    [
        (Restart.PERMANENT, ChildState.RUNNING),
        (Restart.TRANSIENT, ChildState.RUNNING),
        (Restart.TEMPORARY, None),
    ],
)
def test_who_hangs_is_replaced_by_its_restart_type(
    haunted: Haunted, restart: Restart, outcome: ChildState | None
) -> None:
    bench = haunted.bench
    bench.up(bench.child("a", restart=restart), "b")
    bench.hang("a")
    haunted.report()
    ended = bench.until(ChildEnded, "root/a", 1)
    if outcome is not None:
        bench.until(ChildStarted, "root/a", 2)

    assert isinstance(ended, ChildEnded)
    assert (ended.exit, ended.reason) == (Exit.ABNORMAL, "hung")
    row = bench.rows().get("a")
    assert outcome == (None if row is None else row.state)


def _back(bench: Bench) -> None:
    bench.address("a").tell("fall")
    bench.until(ChildStarted, "root/a", 2)


def _gone(bench: Bench) -> None:
    bench.ask(RemoveChild("a"))


def _stopped(bench: Bench) -> None:
    bench.ask(StopChild("a"))


@pytest.mark.parametrize("since", [_back, _gone, _stopped])
def test_a_word_that_comes_too_late_replaces_nobody(
    haunted: Haunted, since: Callable[[Bench], None]
) -> None:
    bench = haunted.bench
    bench.up("a", "b")
    since(bench)
    before = bench.rows()
    haunted.report()

    assert bench.rows() == before
    assert bench.world.zombies.rows() == []


def test_one_that_ends_when_its_supervisor_is_gone_is_off_the_list(
    haunted: Haunted,
) -> None:
    """The branch ends while its child hangs; the child comes back later."""
    bench = haunted.bench
    bench.up(bench.branch("left", bench.child("x", stop_within_s=2.0)), "b")
    gate = bench.hang("x")
    removed = bench.order(RemoveChild("left"))
    bench.rows()
    bench.clock.advance(2.0)
    assert removed.get(timeout=5.0) is True
    assert [zombie.path for zombie in bench.world.zombies.rows()] == ["root/left/x"]
    gate.set()

    assert isinstance(haunted.told.until(ZombieEnded), ZombieEnded)
    assert bench.world.zombies.rows() == []


def test_a_supervisor_that_fails_leaves_who_hangs_as_a_zombie(haunted: Haunted) -> None:
    bench = haunted.bench
    bench.up(bench.branch("left", "x", "y"), "b")
    gate = bench.hang("x")
    bench.address("left").tell("no such order")
    bench.until(ChildStarted, "root/left", 2)

    assert [(z.path, z.life) for z in bench.world.zombies.rows()] == [("root/left/x", 1)]
    row = bench.world.view.row("root/left/x")
    assert row is not None
    assert (row.state, row.life) == (ChildState.RUNNING, 2)
    gate.set()
    assert isinstance(haunted.told.until(ZombieEnded), ZombieEnded)


# -- the list -----------------------------------------------------------------------------


class List:
    """A list of zombies, and what it said."""

    def __init__(self, most: int = MOST) -> None:
        self.clock = VirtualClock()
        self.chronicle = Chronicle(self.clock)
        self.zombies = Zombies(self.clock, self.chronicle, most)
        self.alarms = 0
        self.zombies.too_many = self._alarm

    def add(self, path: str, life: int = 1) -> int:
        zombie = Zombie(
            path=path, life=life, during="Tick", since=self.clock.now(), stack=""
        )
        return self.zombies.add(zombie, None)

    def _alarm(self) -> None:
        self.alarms += 1


def test_at_the_cap_whoever_runs_the_process_is_told_once() -> None:
    listed = List()
    for name in "ab":
        listed.add(name)
    assert listed.alarms == 0
    listed.add("c")
    listed.add("d")

    assert (MOST, listed.alarms) == (3, 1)


def test_who_comes_back_makes_room_below_the_cap() -> None:
    listed = List()
    for name in "ab":
        listed.add(name)
    assert listed.zombies.end("a", 1)
    listed.add("c")
    assert listed.alarms == 0
    listed.add("d")

    assert listed.alarms == 1


def test_two_lives_of_one_place_are_two_zombies() -> None:
    listed = List()
    listed.add("a", 1)
    listed.add("a", 2)

    assert [zombie.life for zombie in listed.zombies.rows()] == [1, 2]
    assert listed.zombies.end("a", 2)
    assert [zombie.life for zombie in listed.zombies.rows()] == [1]


def test_who_is_not_listed_does_not_end_twice() -> None:
    listed = List()
    listed.add("a")

    assert not listed.zombies.end("a", 2)
    assert not listed.zombies.end("b", 1)
    assert listed.zombies.end("a", 1)
    assert not listed.zombies.end("a", 1)
    assert len(listed.chronicle.entries(0, 9)[0]) == 2


def test_a_list_that_nobody_minds_is_only_a_list() -> None:
    zombies = Zombies(VirtualClock(), Chronicle(VirtualClock()), most=1)
    zombie = Zombie(path="a", life=1, during="Tick", since=0.0, stack="")

    assert zombies.add(zombie, 7) == 1
    assert zombies.rows() == [zombie]


def test_a_birth_changes_no_list_and_is_passed_on() -> None:
    listed, told = List(), Probe[Born | Died]()
    listed.add("root/a")
    watch = LifeWatch(listed.zombies, "root/a", told)
    watch.tell(Born(child="a", life=1))
    assert len(listed.zombies.rows()) == 1
    died = Died(child="a", life=1, exit=Exit.ABNORMAL, error=None, during="Tick")
    watch.tell(died)

    assert told.all() == [Born(child="a", life=1), died]
    assert listed.zombies.rows() == []

"""The watchdog: who hangs is found, told of and replaced; who is merely stalled is not."""

from collections.abc import Iterator

import pytest

from actors.answer import Answer
from protocols.supervision import (
    ChildHung,
    ChildStarted,
    LettersLost,
    ProcessStalled,
    ZombieEnded,
    ZombieListed,
)
from supervisors.watchdog import SCAN_S, Look, Stalls, Watchdog
from tests.probe import Probe
from tests.supervisors.bench import Bench


class Kennel:
    """A bench with a watchdog that looks when it is told to."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.beats: Probe[str] = Probe()
        self.stalls = Stalls()
        self.root_answers = True
        self.told: Probe[object] = Probe()
        self.bench.chronicle.watch(
            self.told, ChildHung, ZombieListed, ZombieEnded, ProcessStalled, LettersLost
        )
        self.dog = Watchdog(
            self.bench.world,
            Probe[Look](),
            lambda _: self._answer(),
            lambda: self.beats.tell("beat"),
            self.stalls,
        )

    def look(self, times: int = 1, *, every_s: float = SCAN_S) -> None:
        """Look as the timer would have it, `every_s` apart."""
        for _ in range(times):
            self.bench.clock.advance(every_s)
            self.dog.handle(Look(self.bench.clock.now()))

    def _answer(self) -> Answer:
        answer = Answer()
        if self.root_answers:
            answer.set(None)
        return answer


@pytest.fixture
def kennel() -> Iterator[Kennel]:
    kennel = Kennel()
    yield kennel
    kennel.bench.close()


def test_who_hangs_is_found_within_its_limit_and_half_a_second(kennel: Kennel) -> None:
    bench = kennel.bench
    bench.up(bench.child("a", hang_after_s=1.0))
    bench.hang("a")
    hung_at = bench.clock.now()
    kennel.look(7)
    bench.until(ChildStarted, "root/a", 2)

    hung = kennel.told.next()
    assert isinstance(hung, ChildHung)
    assert (hung.path, hung.life, hung.during) == ("root/a", 1, "Hang")
    assert hung.for_s - 1.0 <= 0.5
    assert bench.clock.now() - hung_at == pytest.approx(1.75)
    assert "gate.wait" in hung.stack
    assert isinstance(kennel.told.next(), ZombieListed)


def test_a_look_that_comes_a_moment_early_finds_who_hangs(kennel: Kennel) -> None:
    bench = kennel.bench
    bench.up(bench.child("a", hang_after_s=1.0))
    bench.hang("a")
    kennel.look(every_s=SCAN_S + 0.02)  # and the first one late
    kennel.look(3)
    assert kennel.told.all() == []
    kennel.look(every_s=SCAN_S - 0.02)

    hung = kennel.told.next()
    assert isinstance(hung, ChildHung)
    assert hung.for_s == pytest.approx(0.98)


def test_who_hangs_is_not_told_of_before_its_limit(kennel: Kennel) -> None:
    bench = kennel.bench
    bench.up(bench.child("a", hang_after_s=1.0))
    bench.hang("a")
    kennel.look(4)

    assert bench.rows()["a"].life == 1
    assert kennel.told.all() == []


def test_who_comes_on_is_not_hung_however_long_it_works(kennel: Kennel) -> None:
    bench = kennel.bench
    bench.up(bench.child("a", hang_after_s=1.0))
    for _ in range(4):
        gate = bench.hang("a")
        kennel.look(3)
        gate.set()
        assert bench.address("a").ask("back", timeout_s=9e9).get(timeout=5.0) == "back"

    assert kennel.told.all() == []


def test_a_child_without_a_limit_may_take_its_time(kennel: Kennel) -> None:
    bench = kennel.bench
    bench.up(bench.child("a", hang_after_s=None))
    bench.hang("a")
    kennel.look(200)

    assert bench.rows()["a"].life == 1


def test_a_setup_has_the_supervisors_limit_and_not_the_watchdogs(kennel: Kennel) -> None:
    bench = kennel.bench
    gate = bench.gate()
    bench.plans["a"] = [gate]
    bench.launch(bench.child("a", hang_after_s=1.0, start_within_s=60.0))
    assert bench.log.next() == "+a"
    kennel.look(20)

    assert kennel.told.all() == []
    assert bench.rows()["a"].state == "starting"


def test_a_stall_of_the_process_is_noted_and_nobody_is_blamed(kennel: Kennel) -> None:
    bench = kennel.bench
    bench.up(bench.child("a", hang_after_s=1.0))
    bench.hang("a")
    kennel.look(2)
    kennel.look(every_s=30.0)
    kennel.look()

    stalled = kennel.told.next()
    assert isinstance(stalled, ProcessStalled)
    assert stalled.seconds == pytest.approx(30.0 - SCAN_S)
    assert kennel.told.all() == []
    assert (kennel.stalls.count, bench.rows()["a"].life) == (1, 1)
    kennel.look(2)
    assert isinstance(kennel.told.next(), ChildHung)


def test_a_zombie_that_comes_back_ends_and_is_no_zombie_any_more(kennel: Kennel) -> None:
    bench = kennel.bench
    bench.up(bench.child("a", hang_after_s=1.0))
    gate = bench.hang("a")
    kennel.look(7)
    bench.until(ChildStarted, "root/a", 2)
    [zombie] = bench.world.zombies.rows()
    assert (zombie.path, zombie.life, zombie.during) == ("root/a", 1, "Hang")

    gate.set()
    ended = kennel.told.until(ZombieEnded)
    assert isinstance(ended, ZombieEnded)
    assert (ended.path, ended.life, ended.zombies) == ("root/a", 1, 0)
    assert bench.world.zombies.rows() == []
    assert bench.rows()["a"].life == 2


def test_the_rest_of_a_shared_dispatcher_goes_on(kennel: Kennel) -> None:
    bench = kennel.bench
    shared = bench.world.shared
    bench.up(
        *(bench.child(n, dispatcher=shared, hang_after_s=1.0) for n in "ab"),
        bench.child("c", dispatcher=shared),
    )
    for name in "ab":  # both of its threads
        bench.hang(name)
    kennel.look(7)
    for name in "ab":
        bench.until(ChildStarted, f"root/{name}", 2)

    assert bench.address("c").ask("well", timeout_s=9e9).get(timeout=5.0) == "well"
    assert len(bench.world.zombies.rows()) == 2


def test_at_three_zombies_whoever_runs_the_process_is_told(kennel: Kennel) -> None:
    bench = kennel.bench
    bench.world.zombies.too_many = lambda: kennel.beats.tell("too many")
    bench.up(*(bench.child(n, hang_after_s=1.0) for n in "abc"))
    for name in "abc":
        bench.hang(name)
    kennel.look(7)
    for name in "abc":
        bench.until(ChildStarted, f"root/{name}", 2)

    assert [beat for beat in kennel.beats.all() if beat == "too many"] == ["too many"]


def test_the_guard_hears_nothing_while_the_root_does_not_answer(kennel: Kennel) -> None:
    kennel.look(2)
    assert len(kennel.beats.all()) == 2

    kennel.root_answers = False
    kennel.look(4)
    assert len(kennel.beats.all()) == 1  # it had answered before


def test_dead_letters_are_written_down_by_kind(kennel: Kennel) -> None:
    nobody = kennel.bench.world.address("nobody")
    for _ in range(3):
        nobody.tell("hello")
    nobody.tell(5)
    kennel.look(2)

    assert kennel.told.all() == [
        LettersLost(edge="nobody:mail", reason="vacant", message="str", count=3),
        LettersLost(edge="nobody:mail", reason="vacant", message="int", count=1),
    ]

"""The roll: whoever is looked up lives, and nobody else is found."""

import threading

from actors.clock import LiveClock
from actors.dispatch import PinnedDispatcher
from actors.inbox import Address
from actors.stage import Stage
from protocols.operators import Budget
from protocols.supervision import ChildEnded, ChildStarted, Died
from supervisors.orders import Hung, RemoveChild, SetFlags, StartChild, StopChild
from supervisors.restart import Backoff, Intensity, Strategy
from supervisors.roll import Post, Roll
from supervisors.spec import ChildSpec, Flags
from tests.probe import Probe
from tests.supervisors.bench import Bench


def names(bench: Bench) -> list[str]:
    return sorted(post.path for post in bench.world.roll.posts())


def test_everybody_who_lives_is_found_in_that_life(bench: Bench) -> None:
    bench.up("a", bench.branch("left", "x"))
    post = bench.world.roll.find("root/a")

    assert names(bench) == ["root/a", "root/left", "root/left/x"]
    assert post is not None
    assert (post.life, post.spec.id) == (1, "a")
    assert post.stage.actor_inbox is bench.address("a").tenant
    assert post.supervisor is bench.root
    below = bench.world.roll.find("root/left/x")
    assert below is not None
    assert below.supervisor is bench.address("left")


def test_who_waits_for_its_next_life_is_not_found(bench: Bench) -> None:
    bench.up(bench.child("a", backoff=Backoff(first_s=1.0, most_s=1.0, jitter=0.0)), "b")
    bench.address("a").tell("fall")
    bench.until(ChildEnded, "root/a", 1)
    assert bench.world.roll.find("root/a") is None
    assert names(bench) == ["root/b"]
    bench.rows()
    bench.clock.advance(1.0)
    bench.until(ChildStarted, "root/a", 2)

    post = bench.world.roll.find("root/a")
    assert post is not None
    assert post.life == 2


def test_who_has_ended_is_not_found_though_nobody_has_heard_of_it(bench: Bench) -> None:
    """The supervisor is held meanwhile."""
    bench.up("a", "b")
    post = bench.world.roll.find("root/a")
    assert post is not None
    held = bench.gate()
    bench.hold(held)
    bench.address("a").tell("fall")
    assert post.stage.actor_stopped.wait(5.0)
    for thread in threading.enumerate():
        if thread.name == "a":
            thread.join(5.0)

    assert bench.world.roll.find("root/a") is None
    assert names(bench) == ["root/b"]
    held.set()
    bench.until(ChildStarted, "root/a", 2)
    assert names(bench) == ["root/a", "root/b"]


def test_who_was_replaced_is_not_found_though_it_runs(bench: Bench) -> None:
    bench.up("a")
    gate = bench.hang("a")
    hung = bench.world.roll.find("root/a")
    bench.root.reports.tell(Hung(child="a", life=1, cause=0, reason="hung", stack=""))
    bench.until(ChildStarted, "root/a", 2)

    post = bench.world.roll.find("root/a")
    assert post is not None
    assert hung is not None
    assert post.stage is not hung.stage
    assert not hung.stage.has_ended()
    gate.set()


def test_who_is_being_made_is_not_found(bench: Bench) -> None:
    held, gate = threading.Event(), bench.gate()

    def make() -> Stage:
        held.set()
        gate.wait(5.0)
        return Stage()

    bench.launch("a", bench.child("b", make=make))
    assert held.wait(5.0)
    assert names(bench) == ["root/a"]
    gate.set()
    bench.until(ChildStarted, "root/b")

    assert names(bench) == ["root/a", "root/b"]


def test_a_place_that_is_forgotten_is_so_with_all_below_it(bench: Bench) -> None:
    bench.up("a", bench.branch("left", "x"))
    roll = bench.world.roll
    bench.ask(RemoveChild("left"))

    assert names(bench) == ["root/a"]
    for path in ("root/left", "root/left/x"):
        assert (roll.spec(path), roll.office(path), roll.cause(path)) == (None, None, None)
    assert roll.spec("root/a") is not None


def test_who_was_stopped_is_known_but_not_found(bench: Bench) -> None:
    spec = bench.child("a")
    bench.up(spec)
    bench.ask(StopChild("a"))
    assert bench.world.roll.find("root/a") is None
    assert bench.world.roll.spec("root/a") is spec

    bench.ask(StartChild("a"))
    assert bench.world.roll.find("root/a") is not None


def test_the_last_failure_of_a_place_is_kept_over_its_lives(bench: Bench) -> None:
    bench.up("a")
    assert bench.world.roll.last_end("root/a") is None
    bench.clock.advance(3.0)
    bench.address("a").tell("fall")
    bench.until(ChildStarted, "root/a", 2)
    bench.address("a").tell("end")
    bench.until(ChildStarted, "root/a", 3)

    kept = bench.world.roll.last_end("root/a")
    assert kept is not None
    end, at = kept
    assert (end.life, end.reason, at) == (1, "ValueError('a') during str", 3.0)


def test_an_office_shows_the_flags_and_what_is_spent(bench: Bench) -> None:
    intensity = Intensity(max_restarts=4, within_s=9.0)
    bench.up("a", intensity=intensity)
    office = bench.world.roll.office("root")
    assert office is not None
    assert office.address is bench.root
    assert office.budget == Budget(spent=0, of=4, within_s=9.0)
    bench.address("a").tell("fall")
    bench.until(ChildStarted, "root/a", 2)
    office = bench.world.roll.office("root")
    assert office is not None
    assert office.budget.spent == 1
    bench.ask(SetFlags(Flags(strategy=Strategy.ONE_FOR_ALL)))

    office = bench.world.roll.office("root")
    assert office is not None
    assert office.flags.strategy is Strategy.ONE_FOR_ALL
    assert office.budget == Budget(spent=1, of=3, within_s=5.0)


def test_an_office_closes_with_its_supervisor(bench: Bench) -> None:
    bench.up("a")
    bench.root.stop()
    bench.died()

    assert bench.world.roll.office("root") is None
    assert bench.world.roll.posts() == []


def test_a_late_leave_does_not_take_the_next_life_off() -> None:
    roll, role = Roll(), Address("a", LiveClock())
    spec = ChildSpec(id="a", make=Stage, address=role, dispatcher=PinnedDispatcher())
    for life in (1, 2):
        roll.enter(
            Post(path="root/a", life=life, spec=spec, stage=Stage(), supervisor=role)
        )
    roll.leave("root/a", 1)

    found = roll.find("root/a")
    assert found is not None
    assert found.life == 2


def test_the_dead_are_never_handed_out_while_they_die_by_the_hundred() -> None:
    """Lives come and go; who looks finds one that has not ended, or none."""
    roll, role, dispatcher = Roll(), Address("a", LiveClock()), PinnedDispatcher()
    spec = ChildSpec(id="a", make=Stage, address=role, dispatcher=dispatcher)
    lives: Probe[object] = Probe()
    ended: set[int] = set()
    wrong: list[int] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            before = frozenset(ended)  # ended before we looked
            wrong.extend(post.life for post in roll.posts() if post.life in before)

    looker = threading.Thread(target=look)
    looker.start()
    for life in range(1, 101):
        stage = Stage()
        roll.enter(Post(path="a", life=life, spec=spec, stage=stage, supervisor=role))
        stage.launch(role, dispatcher, lives, life=life)
        role.stop()
        assert isinstance(lives.until(Died), Died)
        ended.add(life)  # and its supervisor never hears of it
    done.set()
    looker.join()

    assert wrong == []

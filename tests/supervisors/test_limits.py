"""Time limits: children that do not come up, do not end, or do not come back.

Nothing here is timed: what must go on goes on while the gates are closed.
"""

import threading
from typing import Any

import pytest

from actors.stage import Stage
from protocols.supervision import ChildEnded, ChildStarted, ChildState, Exit
from supervisors.orders import (
    AddChild,
    ChildLivesError,
    CountChildren,
    DeleteChild,
    GetFlags,
    GetSpec,
    ListChildren,
    PauseChild,
    RestartChild,
    SetFlags,
    StartFailedError,
    StopChild,
)
from supervisors.restart import Intensity
from supervisors.spec import ABANDON, NEVER, ChildSpec, Flags
from tests.supervisors.bench import Bench, Child


class Maker:
    """Makes a child; the lives in `hangs` wait at the gate."""

    def __init__(self, bench: Bench, name: str, *hangs: int) -> None:
        self.gate = bench.gate()
        self.held = threading.Event()
        """Somebody waits at the gate."""

        self._bench, self._name, self._hangs = bench, name, hangs
        self._life = 0

    def __call__(self) -> Stage:
        self._life += 1
        if self._life in self._hangs:
            self.held.set()
            self.gate.wait(5.0)
        return Child(self._name, self._bench.log, None)

    def come_back(self) -> None:
        """Open the gate; what was made late has been told to the supervisor."""
        self.gate.set()
        for thread in threading.enumerate():
            if thread.name == f"making {self._name}":
                thread.join(5.0)
                assert not thread.is_alive()


# -- coming up ----------------------------------------------------------------------------


def test_a_start_that_takes_too_long_is_taken_back(bench: Bench) -> None:
    gate = bench.gate()
    bench.plans["b"] = [gate]
    bench.launch("a", bench.child("b", start_within_s=3.0), "c")
    assert [bench.log.next(), bench.log.next()] == ["+a", "+b"]
    bench.clock.advance(2.9)
    assert bench.rows()["b"].state is ChildState.STARTING
    bench.clock.advance(0.1)

    assert "b: not up in 3 s" in str(bench.died().error)
    assert "-a" in bench.log.all()


def test_a_maker_that_hangs_is_a_start_that_takes_too_long(bench: Bench) -> None:
    make = Maker(bench, "b", 1)
    bench.launch("a", bench.child("b", make=make, start_within_s=3.0))
    assert make.held.wait(5.0)
    bench.clock.advance(3.0)

    assert "b: not up in 3 s" in str(bench.died().error)
    assert bench.log.all() == ["+a", "-a"]


def test_what_a_maker_brings_too_late_never_lives(bench: Bench) -> None:
    make = Maker(bench, "a", 2)
    bench.up(bench.child("a", make=make, start_within_s=3.0))
    bench.address("a").tell("fall")
    assert make.held.wait(5.0)
    bench.clock.advance(3.0)
    bench.until(ChildStarted, "root/a", 3)
    make.come_back()

    row = bench.rows()["a"]
    assert (row.state, row.life, row.restarts) == (ChildState.RUNNING, 3, 2)
    assert bench.log.all() == ["-a", "+a"]


def test_what_a_maker_brings_for_a_child_that_was_added_anew_never_lives(
    bench: Bench,
) -> None:
    """Its id is the same, and its life would be: the first."""
    make = Maker(bench, "b", 1)
    bench.up("a")
    spec = bench.child("b", make=make, start_within_s=3.0)
    first = bench.order(AddChild(spec))
    assert make.held.wait(5.0)
    bench.clock.advance(3.0)
    with pytest.raises(StartFailedError, match="not up in 3 s"):
        first.get(timeout=5.0)
    second = bench.ask(AddChild(spec))
    make.come_back()

    assert bench.rows()["b"] == second
    assert bench.log.all() == ["+b"]


def test_starts_that_take_too_long_are_counted(bench: Bench) -> None:
    make = Maker(bench, "a", 2, 3)
    bench.up(
        bench.child("a", make=make, start_within_s=3.0),
        intensity=Intensity(max_restarts=2, within_s=60.0),
    )
    bench.address("a").tell("fall")
    for life in (2, 3):
        assert make.held.wait(5.0)
        make.held.clear()
        bench.clock.advance(3.0)
        bench.until(ChildEnded, "root/a", life)

    assert "more than 2 restarts in 60 s" in str(bench.died().error)


def test_a_stop_ends_a_making_at_once(bench: Bench) -> None:
    make = Maker(bench, "a", 2)
    bench.up(bench.child("a", make=make))
    bench.address("a").tell("fall")
    assert make.held.wait(5.0)

    assert bench.ask(StopChild("a")).state is ChildState.STOPPED
    make.come_back()
    assert bench.rows()["a"].state is ChildState.STOPPED
    assert bench.log.all() == ["-a"]


def test_a_restart_of_one_that_is_being_made_makes_it_anew(bench: Bench) -> None:
    make = Maker(bench, "a", 2)
    bench.up(bench.child("a", make=make), intensity=Intensity(max_restarts=1))
    bench.address("a").tell("fall")
    assert make.held.wait(5.0)

    assert bench.ask(RestartChild("a")).life == 3
    make.come_back()
    assert bench.rows()["a"].life == 3
    assert bench.log.all() == ["-a", "+a"]


# -- ending -------------------------------------------------------------------------------


def test_a_child_that_does_not_end_in_its_seconds_is_abandoned(bench: Bench) -> None:
    bench.up("a", bench.child("b", stop_within_s=2.0), "c")
    gate = bench.hang("b")
    bench.root.stop()
    bench.until(ChildEnded, "root/c")
    assert bench.rows()["b"].state is ChildState.STOPPING
    bench.clock.advance(1.9)
    assert bench.rows()["b"].state is ChildState.STOPPING
    bench.clock.advance(0.1)

    assert bench.died().normal
    ended = bench.until(ChildEnded, "root/b")
    assert isinstance(ended, ChildEnded)
    assert (ended.exit, ended.reason) == (Exit.ABNORMAL, "no end in time")
    assert bench.log.all() == ["-c", "-a"]
    assert bench.address("b").tenant is None
    gate.set()
    assert bench.log.next() == "-b"  # it still lets go what it holds


def test_a_teardown_that_hangs_is_abandoned_too(bench: Bench) -> None:
    bench.up(bench.child("a", stop_within_s=2.0))
    bench.hang_at_end("a")
    stopped = bench.order(StopChild("a"))
    assert bench.log.next() == "-a"
    bench.clock.advance(2.0)

    assert stopped.get(timeout=5.0).state is ChildState.FAILED
    [zombie] = bench.world.zombies.rows()
    assert (zombie.path, zombie.during) == ("root/a", "teardown")
    assert "self._at_end.wait" in zombie.stack


def test_a_child_without_a_limit_is_waited_for_however_long(bench: Bench) -> None:
    bench.up("a", bench.child("b", stop_within_s=NEVER))
    gate = bench.hang_at_end("b")
    bench.root.stop()
    assert bench.log.next() == "-b"
    bench.clock.advance(1e9)
    assert bench.rows()["b"].state is ChildState.STOPPING
    gate.set()

    assert bench.died().normal
    assert bench.log.all() == ["-a"]
    assert bench.world.zombies.rows() == []


def test_who_is_to_be_abandoned_is_not_asked_to_end(bench: Bench) -> None:
    bench.up("a", bench.child("b", stop_within_s=ABANDON))
    gate = bench.hang("b")
    row = bench.ask(StopChild("b"))

    assert (row.state, row.reason) == (ChildState.STOPPED, "")
    assert bench.address("b").tenant is None
    assert [zombie.path for zombie in bench.world.zombies.rows()] == ["root/b"]
    assert bench.ask(RestartChild("b")).life == 2
    gate.set()
    assert bench.log.until(str) == "+b"
    assert bench.log.next() == "-b"
    assert bench.rows()["b"].life == 2


def test_who_is_abandoned_with_nothing_in_hand_is_no_zombie(bench: Bench) -> None:
    bench.up(bench.child("a", stop_within_s=ABANDON))
    bench.address("a").ask("hello", timeout_s=9e9).get(timeout=5.0)
    bench.ask(StopChild("a"))

    assert bench.log.next() == "-a"
    assert bench.ask(RestartChild("a")).life == 2


# -- a supervisor answers -----------------------------------------------------------------


def _hang_in_maker(bench: Bench) -> ChildSpec:
    make = Maker(bench, "a", 1)
    spec = bench.child("a", make=make)
    bench.root.tell(AddChild(spec))
    assert make.held.wait(5.0)
    return spec


def _hang_in_setup(bench: Bench) -> ChildSpec:
    bench.plans["a"] = [bench.gate()]
    spec = bench.child("a")
    bench.root.tell(AddChild(spec))
    assert bench.log.next() == "+a"
    return spec


def _hang_in_handle(bench: Bench) -> ChildSpec:
    spec = bench.child("a")
    bench.ask(AddChild(spec))
    bench.hang("a")
    return spec


def _hang_in_teardown(bench: Bench) -> ChildSpec:
    spec = bench.child("a")
    bench.ask(AddChild(spec))
    bench.hang_at_end("a")
    bench.log.all()
    bench.root.tell(StopChild("a"))
    assert bench.log.next() == "-a"
    return spec


@pytest.mark.parametrize(
    ("hang", "state"),
    [
        (_hang_in_maker, ChildState.STARTING),
        (_hang_in_setup, ChildState.STARTING),
        (_hang_in_handle, ChildState.RUNNING),
        (_hang_in_teardown, ChildState.STOPPING),
    ],
    ids=["maker", "setup", "handle", "teardown"],
)
def test_a_supervisor_answers_whatever_its_child_hangs_in(
    bench: Bench,
    hang: Any,  # noqa: ANN401  # a function of those above
    state: ChildState,
) -> None:
    bench.up("b")
    spec = hang(bench)

    assert {name: row.state for name, row in bench.rows().items()} == {
        "b": ChildState.RUNNING,
        "a": state,
    }
    count = bench.ask(CountChildren())
    assert (count.specs, count.active) == (2, 2)
    assert bench.ask(GetSpec("a")) is spec
    flags = bench.ask(GetFlags())
    assert bench.ask(SetFlags(flags)) is True
    with pytest.raises(ChildLivesError, match=state.value):
        bench.ask(DeleteChild("a"))
    assert bench.ask(PauseChild("a", paused=True)).paused
    assert bench.ask(PauseChild("a", paused=False)).state is state


def test_all_supervisors_answer_though_all_that_can_hang_does(bench: Bench) -> None:
    """They share one thread."""
    make = Maker(bench, "m", 1)
    bench.up(bench.branch("left", "x"), bench.branch("right", "y"), "h", "t")
    bench.hang("h")
    bench.hang_at_end("t")
    bench.root.tell(StopChild("t"))
    assert bench.log.next() == "-t"
    bench.plans["s"] = [bench.gate()]
    left, right = bench.address("left"), bench.address("right")
    left.tell(AddChild(bench.child("m", make=make)))
    assert make.held.wait(5.0)
    right.tell(AddChild(bench.child("s")))
    assert bench.log.next() == "+s"

    seen: dict[str, str] = {}
    for address in (bench.root, left, right):
        asked = address.ask(ListChildren(), timeout_s=9e9)
        seen |= {row.path: row.state.value for row in asked.get(timeout=5.0)}
    assert seen == {
        "root/left": "running",
        "root/left/x": "running",
        "root/left/m": "starting",
        "root/right": "running",
        "root/right/y": "running",
        "root/right/s": "starting",
        "root/h": "running",
        "root/t": "stopping",
    }


def test_deaths_meanwhile_are_made_good_when_the_step_is_done(bench: Bench) -> None:
    bench.up("a", bench.child("b", stop_within_s=NEVER), flags=Flags())
    gate = bench.hang_at_end("b")
    bench.root.tell(StopChild("b"))
    assert bench.log.next() == "-b"
    bench.address("a").tell("fall")
    bench.until(ChildEnded, "root/a", 1)
    assert bench.rows()["a"].state is ChildState.FAILED
    gate.set()

    bench.until(ChildStarted, "root/a", 2)
    assert bench.rows()["b"].held

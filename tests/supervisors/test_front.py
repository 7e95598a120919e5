"""The front as an actor: it comes up with its run, falls with it, and lets it leave."""

import threading
from collections.abc import Callable

import pytest
import trio

from actors.answer import Answer
from actors.clock import LiveClock
from actors.dispatch import PinnedDispatcher
from actors.inbox import Address
from protocols.supervision import Born, Died
from supervisors.front import (
    PROVE_S,
    FrontActor,
    FrontFellError,
    ProveRun,
    Serve,
    Stepped,
)
from supervisors.stacks import stack_of
from tests.poison import Stuck
from tests.probe import Probe
from tests.time_stand_ins import VirtualClock, VirtualTimers


class Ran:
    """A door's run: does as it is told, and tells how it went."""

    def __init__(self) -> None:
        self.told: Probe[str] = Probe()
        self.break_down = trio.Event()
        self.token: trio.lowlevel.TrioToken | None = None

    async def serve(
        self,
        up: Callable[[], object],
        stop: trio.Event,
        *,
        hurry: trio.Event,
        stepped: Stepped,
    ) -> None:
        self.token = trio.lowlevel.current_trio_token()
        up()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._break)
            await stop.wait()
            self.told.tell("streams closed")
            stepped("streams", 0.0, "hurried" if hurry.is_set() else "done")
            nursery.cancel_scope.cancel()

    async def slow(
        self,
        up: Callable[[], object],
        stop: trio.Event,
        *,
        hurry: trio.Event,
        stepped: Stepped,
    ) -> None:
        up()
        await stop.wait()
        self.told.tell("waits for a client")
        await hurry.wait()
        stepped("streams", 0.0, "hurried")

    async def never_up(self, *_args: object, **_named: object) -> None:
        raise OSError("no listener")

    async def silent(
        self, _up: Callable[[], object], stop: trio.Event, **_named: object
    ) -> None:
        await stop.wait()

    async def leaves(
        self, up: Callable[[], object], _stop: trio.Event, **_named: object
    ) -> None:
        up()

    def fall(self) -> None:
        assert self.token is not None
        self.token.run_sync_soon(self.break_down.set)

    async def _break(self) -> None:
        await self.break_down.wait()
        raise ValueError("broken")


def launched(
    serve: Serve, start_within_s: float = 5.0
) -> tuple[Address, Probe[Born | Died]]:
    address = Address("front", LiveClock())
    lives: Probe[Born | Died] = Probe()
    front = FrontActor(serve, address, start_within_s)
    front.launch(address, PinnedDispatcher("test"), lives)
    return address, lives


class Steps:
    """What is told of going down."""

    def __init__(self) -> None:
        self.told: Probe[tuple[str, str]] = Probe()

    def __call__(self, phase: str, _took_s: float, outcome: str) -> None:
        self.told.tell((phase, outcome))


def soon(is_so: Callable[[], bool]) -> None:
    """Look until it is so."""
    clock = LiveClock()
    until = clock.now() + 30.0
    while not is_so():
        assert clock.now() < until


def end_of(lives: Probe[Born | Died]) -> Died:
    died = lives.until(Died)
    assert isinstance(died, Died)
    return died


def test_it_is_born_when_connections_are_taken_and_leaves_in_order() -> None:
    ran = Ran()
    address, lives = launched(ran.serve)
    assert isinstance(lives.next(), Born)
    assert ran.told.all() == []

    stopped = Answer()
    address.stop(answer=stopped)

    died = end_of(lives)
    assert died.normal
    assert ran.told.all() == ["streams closed"]  # before it ended
    assert stopped.is_done()


@pytest.mark.parametrize("is_early", [True, False])
def test_it_can_be_hurried_before_and_while_it_goes(is_early: bool) -> None:  # noqa: FBT001
    ran, steps = Ran(), Steps()
    address = Address("front", LiveClock())
    lives: Probe[Born | Died] = Probe()
    front = FrontActor(ran.slow, address, stepped=steps)
    if is_early:
        front.hurry()
    front.launch(address, PinnedDispatcher("test"), lives)
    assert isinstance(lives.next(), Born)

    address.stop()
    assert ran.told.next() == "waits for a client"
    front.hurry()

    assert end_of(lives).normal
    assert steps.told.all() == [("streams", "hurried")]
    front.hurry()  # too late, and no error


def test_it_falls_with_its_run() -> None:
    ran = Ran()
    _, lives = launched(ran.serve)
    assert isinstance(lives.next(), Born)

    ran.fall()

    died = end_of(lives)
    assert isinstance(died.error, FrontFellError)
    assert isinstance(died.error.__cause__, BaseExceptionGroup)


def test_a_run_that_ends_by_itself_is_a_fall_too() -> None:
    _, lives = launched(Ran().leaves)

    assert isinstance(end_of(lives).error, FrontFellError)


def test_a_run_that_cannot_begin_says_why() -> None:
    _, lives = launched(Ran().never_up)

    died = end_of(lives)
    assert (type(died.error), died.during) == (FrontFellError, "setup")
    assert isinstance(died.error, FrontFellError)
    assert str(died.error.__cause__) == "no listener"


def test_a_run_that_takes_no_connections_in_time_is_a_failed_start() -> None:
    _, lives = launched(Ran().silent, start_within_s=0.05)

    died = end_of(lives)
    assert (type(died.error), died.during) == (FrontFellError, "setup")


@pytest.mark.parametrize("poison", [object(), None])
def test_poison_ends_the_run_in_order_before_the_next_life(poison: object) -> None:
    ran = Ran()
    address, lives = launched(ran.serve)
    assert isinstance(lives.next(), Born)

    address.tell(poison)

    assert not end_of(lives).normal
    assert ran.told.all() == ["streams closed"]


def test_a_run_that_answers_proves_it_and_the_actor_goes_on() -> None:
    ran, clock = Ran(), VirtualClock()
    timers = VirtualTimers(clock)
    address = Address("front", clock)
    lives: Probe[Born | Died] = Probe()
    front = FrontActor(ran.serve, address, timers=timers)
    front.launch(address, PinnedDispatcher("test"), lives)
    assert isinstance(lives.next(), Born)

    def has_proved_twice() -> bool:
        clock.advance(PROVE_S)  # one is asked for when the last was given
        return address.counts()[0].taken >= 2  # it may be further when one looks

    soon(has_proved_twice)
    address.stop()

    assert end_of(lives).normal
    [mail] = address.counts()
    clock.advance(10 * PROVE_S)
    assert address.counts() == [mail]  # nobody asks who has left


def test_a_run_that_hangs_is_an_actor_that_hangs_where_the_run_does() -> None:
    ran, gate = Ran(), threading.Event()
    address = Address("front", LiveClock())
    lives: Probe[Born | Died] = Probe()
    front = FrontActor(ran.serve, address)
    front.launch(address, PinnedDispatcher("test"), lives)
    assert isinstance(lives.next(), Born)
    assert ran.token is not None
    hanging = threading.Event()

    def hang_in_trio() -> None:
        hanging.set()
        gate.wait()

    ran.token.run_sync_soon(hang_in_trio)
    assert hanging.wait(5.0)
    address.tell(ProveRun())

    def is_found_there() -> bool:
        at = front.activity()
        return at is not None and "hang_in_trio" in stack_of(at.thread)

    soon(is_found_there)
    at = front.activity()
    assert at is not None
    assert at.during == "ProveRun"
    gate.set()
    address.stop()
    assert end_of(lives).normal


def test_a_life_that_was_replaced_leaves_though_its_actor_hangs() -> None:
    ran, steps = Ran(), Steps()
    address, own = Address("front", LiveClock()), Probe[object]()
    lives: Probe[Born | Died] = Probe()
    front = FrontActor(ran.slow, own, stepped=steps)
    front.launch(address, PinnedDispatcher("test"), lives)
    assert isinstance(lives.next(), Born)
    stuck = Stuck()
    address.tell(stuck)
    assert stuck.hangs.wait(5.0)
    front.evict("hung")

    front.leave()

    assert ran.told.next() == "waits for a client"
    assert steps.told.next() == ("streams", "hurried")
    stuck.gate.set()
    assert not end_of(lives).normal
    assert own.all() == []  # its end is not the next life's

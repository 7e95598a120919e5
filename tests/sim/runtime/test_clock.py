from sim.runtime.clock import EPOCH, VirtualClock, VirtualTimers
from tests.probe import Probe


def advance(clock: VirtualClock, timers: VirtualTimers, until: float) -> None:
    while (at := timers.next_at()) is not None and at <= until:
        clock.at = at
        timers.fire()
    clock.at = until


def test_the_clock_stands_still_until_it_is_moved() -> None:
    clock = VirtualClock()
    assert clock.now() == clock.now() == 0.0
    clock.at = 2.5
    assert clock.now() == 2.5
    assert clock.unix(2.5) == EPOCH + 2.5


def test_a_message_comes_when_it_is_due() -> None:
    clock, told = VirtualClock(), Probe[str]()
    timers = VirtualTimers(clock)
    timers.after(2.0, told, "late")
    timers.after(1.0, told, "soon")
    advance(clock, timers, 0.9)
    assert told.all() == []
    advance(clock, timers, 3.0)
    assert told.all() == ["soon", "late"]


def test_what_is_due_at_one_instant_comes_in_the_order_of_the_wishes() -> None:
    clock, told = VirtualClock(), Probe[int]()
    timers = VirtualTimers(clock)
    for number in range(5):
        timers.after(1.0, told, number)
    advance(clock, timers, 1.0)
    assert told.all() == [0, 1, 2, 3, 4]


def test_a_cancelled_timer_does_not_come_and_is_no_timer() -> None:
    clock, told = VirtualClock(), Probe[str]()
    timers = VirtualTimers(clock)
    timers.after(1.0, told, "no").cancel()
    assert timers.next_at() is None
    advance(clock, timers, 2.0)
    assert told.all() == []


def test_a_grid_skips_the_slots_that_were_missed() -> None:
    clock, calls = VirtualClock(), list[tuple[float, int]]()
    timers = VirtualTimers(clock)
    timers.every(0.5, lambda at, number: calls.append((at, number)))
    advance(clock, timers, 1.0)
    clock.at = 2.7  # stood still for a while: 1.5, 2.0 and 2.5 were missed
    timers.fire()
    advance(clock, timers, 3.0)
    assert calls == [(0.5, 0), (1.0, 1), (1.5, 2), (3.0, 5)]


def test_a_grid_can_be_ended_by_its_own_call() -> None:
    clock, calls = VirtualClock(), list[int]()
    timers = VirtualTimers(clock)

    def call(_at: float, number: int) -> None:
        calls.append(number)
        timer.cancel()

    timer = timers.every(0.5, call)
    advance(clock, timers, 5.0)
    assert calls == [0]
    assert timers.next_at() is None


def test_what_is_wished_for_the_past_is_due_now() -> None:
    clock, calls = VirtualClock(), list[float]()
    clock.at = 3.0
    timers = VirtualTimers(clock)
    timers.at(1.0, lambda: calls.append(clock.now()))
    timers.fire()
    assert calls == [3.0]

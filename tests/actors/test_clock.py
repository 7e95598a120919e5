"""Live time. What is waited for is an event, never a duration."""

from collections.abc import Iterator

import pytest

from actors.clock import LiveClock, LiveTimers
from tests.probe import Probe


@pytest.fixture
def timers() -> Iterator[LiveTimers]:
    timers = LiveTimers(LiveClock())
    yield timers
    timers.close()


def test_the_clock_never_goes_back_and_knows_the_date() -> None:
    clock = LiveClock()
    readings = [clock.now() for _ in range(1000)]

    assert readings == sorted(readings)
    assert clock.unix(10.5) - clock.unix(10.0) == pytest.approx(0.5)
    assert clock.unix(clock.now()) > 1_700_000_000


def test_messages_come_in_the_order_in_which_they_are_due(timers: LiveTimers) -> None:
    told: Probe[str] = Probe()
    timers.after(0.03, told, "third")
    timers.after(0.02, told, "second")
    timers.after(0.01, told, "first")

    assert [told.next() for _ in range(3)] == ["first", "second", "third"]


def test_what_is_due_at_once_keeps_its_order(timers: LiveTimers) -> None:
    told: Probe[int] = Probe()
    for number in range(50):
        timers.after(0.0, told, number)

    assert [told.next() for _ in range(50)] == list(range(50))


def test_a_cancelled_message_never_comes(timers: LiveTimers) -> None:
    told: Probe[str] = Probe()
    timer = timers.after(0.01, told, "no")
    timer.cancel()
    timer.cancel()
    timers.after(0.02, told, "yes")

    assert told.next() == "yes"
    assert told.all() == []


def test_a_period_is_a_grid_and_numbers_count_slots(timers: LiveTimers) -> None:
    beats: Probe[tuple[float, int]] = Probe()
    timer = timers.every(0.005, lambda due, number: beats.tell((due, number)))
    got = [beats.next() for _ in range(5)]
    timer.cancel()

    start = got[0][0] - got[0][1] * 0.005
    assert [number for _, number in got] == sorted({number for _, number in got})
    for due, number in got:
        assert due == pytest.approx(start + number * 0.005, abs=1e-6)


def test_slots_that_a_stall_missed_are_skipped_not_made_up_for() -> None:
    class Jumping(LiveClock):
        """Stalls 1 s at the first beat."""

        ahead_s = 0.0

        def now(self) -> float:
            return super().now() + self.ahead_s

    clock = Jumping()
    timers = LiveTimers(clock)
    beats: Probe[int] = Probe()

    def beat(_due: float, number: int) -> None:
        clock.ahead_s = 1.0
        beats.tell(number)

    timers.every(0.01, beat)
    first, second = beats.next(), beats.next()
    timers.close()

    assert first == 0
    assert second >= 100


def test_a_call_that_fails_does_not_end_the_timers(
    timers: LiveTimers, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def tell(self, _message: object, /) -> None:
            raise ValueError("broken mailbox")

    told: Probe[str] = Probe()
    timers.after(0.0, Broken(), "x")
    timers.after(0.01, told, "still here")

    assert told.next() == "still here"
    assert "broken mailbox" in caplog.text


def test_after_close_nothing_comes() -> None:
    timers, told = LiveTimers(LiveClock()), Probe[str]()
    timers.after(0.01, told, "never")
    timers.close()

    assert told.all() == []

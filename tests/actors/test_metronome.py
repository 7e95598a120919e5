"""The metronome: beats in, ticks out, each subscriber in its slot."""

import itertools
from typing import Any

import pytest

from actors.metronome import Metronome, Roster
from protocols.time import Beat, MetronomeFigures, MetronomeStatus, Tick
from tests.probe import Probe
from tests.time_stand_ins import VirtualClock, VirtualTimers

SLOT_S = 0.01


class Bench:
    """A metronome that is not started: the test passes its beats on."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.roster = Roster()
        self.beats: Probe[Any] = Probe()
        self.metronome = Metronome(
            self.clock, VirtualTimers(self.clock), self.beats, self.roster
        )

    def member(self, name: str, slot: int | None = None) -> Probe[Tick]:
        ticks: Probe[Tick] = Probe()
        self.roster.join(name, ticks, slot)
        return ticks

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / SLOT_S)):
            self.clock.advance(SLOT_S)
            for beat in self.beats.all():
                self.metronome.handle(beat)

    def figures(self) -> MetronomeFigures:
        figures = self.metronome.handle(MetronomeStatus())
        assert figures is not None
        return figures


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.metronome.setup()
    return bench


def test_everybody_gets_ten_ticks_a_second(bench: Bench) -> None:
    members = [bench.member(str(n)) for n in range(25)]
    bench.run(1.0)

    for member in members:
        ticks = member.all()
        assert [tick.number for tick in ticks] == list(range(10))
        gaps = [b.now - a.now for a, b in itertools.pairwise(ticks)]
        assert gaps == pytest.approx([0.1] * 9)


def test_members_are_spread_over_the_slots() -> None:
    roster = Roster()
    for number in range(25):
        roster.join(str(number), Probe[Tick]())

    assert sorted(len(roster.members(slot)) for slot in range(10)) == [2] * 5 + [3] * 5


def test_a_member_may_choose_its_slot(bench: Bench) -> None:
    member = bench.member("broadcaster", slot=7)
    bench.run(0.1)

    assert member.next().now == pytest.approx(0.08)  # the eighth slot of 10 ms


def test_a_name_is_there_once(bench: Bench) -> None:
    older = bench.member("same", slot=3)
    newer = bench.member("same", slot=4)
    bench.run(0.2)

    assert (len(older.all()), len(newer.all())) == (0, 2)


def test_who_left_ticks_no_more(bench: Bench) -> None:
    member = bench.member("gone")
    bench.run(0.3)
    bench.roster.leave("gone")
    bench.roster.leave("never there")
    bench.run(0.3)

    assert len(member.all()) == 3


def test_a_short_stall_costs_nobody_a_tick(bench: Bench) -> None:
    members = [bench.member(str(n), slot=n) for n in range(10)]
    bench.metronome.handle(Beat(0.01, 0))
    bench.metronome.handle(Beat(0.07, 6))  # the timer skipped five slots
    bench.metronome.handle(Beat(0.10, 9))

    told = [member.all() for member in members]
    assert [len(ticks) for ticks in told] == [1] * 10
    assert [ticks[0].now for ticks in told] == pytest.approx(
        [0.01 * (n + 1) for n in range(10)]
    )


def test_a_long_stall_gives_each_member_one_tick_and_counts_the_missed(
    bench: Bench,
) -> None:
    members = [bench.member(str(n), slot=n) for n in range(10)]
    bench.metronome.handle(Beat(0.01, 0))
    for member in members:
        member.all()
    bench.metronome.handle(Beat(0.55, 54))

    assert [[tick.number for tick in member.all()] for member in members] == (
        [[5]] * 5 + [[4]] * 5
    )
    figures = bench.figures()
    assert (figures.ticks, figures.missed) == (2, 4)


def test_figures_say_how_late_the_first_slot_was(bench: Bench) -> None:
    bench.clock.advance(0.004)
    for tick in range(100):
        due_at = bench.clock.now() - (0.020 if tick == 50 else 0.004)
        bench.metronome.handle(Beat(due_at, 10 * tick))
    figures = bench.figures()

    assert (figures.ticks, figures.missed) == (100, 0)
    assert figures.late_p50_ms == pytest.approx(4.0)
    assert figures.late_p99_ms == pytest.approx(20.0)


def test_before_the_first_beat_there_are_figures_too(bench: Bench) -> None:
    assert bench.figures() == MetronomeFigures(
        ticks=0, missed=0, late_p50_ms=0.0, late_p99_ms=0.0
    )


def test_after_teardown_the_timer_calls_no_more(bench: Bench) -> None:
    bench.run(0.05)
    bench.metronome.teardown()
    bench.clock.advance(1.0)

    assert bench.beats.all() == []
    Bench().metronome.teardown()  # setup never came: nothing to cancel

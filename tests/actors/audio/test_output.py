"""An output's actor, by what it tells and what it asks of its process."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from actors.apart.keeper import Keeper
from actors.audio.output import Count, OutputActor, Search
from actors.audio.output_orders import Answer, player
from protocols.sound import (
    CloseOutput,
    OpenOutput,
    OutputChanged,
    OutputView,
    SoundBlock,
)
from protocols.time import Tick
from tests.actors.audio.halls import PretendedHall, surroundings
from tests.actors.audio.output_bench import BLOCK, tone
from tests.probe import Probe

if TYPE_CHECKING:
    from actors.apart.child import ChildNews
    from protocols.supervision import ChildProcess


class Bench:
    """An output whose actor, and whose clock, is the test."""

    def __init__(self, device: str) -> None:
        self.synth: Probe[OutputChanged] = Probe()
        self.news: Probe[ChildNews] = Probe()
        reports: Probe[ChildProcess] = Probe()
        keeper = Keeper(player(PretendedHall.module), "out", self.news, reports)
        self.output = OutputActor(2, device, 0.2, keeper, self.synth)
        self.now = 0.0

    def view(self) -> OutputView:
        """What is told next; meanwhile the process's news are heard."""
        while not (told := self.synth.all()):
            self.output.handle(self.news.next(20.0))
        assert len(told) == 1, told
        return told[0].view

    def tick(self, seconds: float = 0.1) -> None:
        self.now += seconds
        self.output.handle(Tick(self.now, 0))

    def hear(self) -> None:
        self.output.handle(self.news.next(20.0))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with surroundings(PretendedHall(tmp_path).environment):
        bench = Bench("hall")
        bench.output.setup()
        assert bench.view().state == "closed"
        yield bench
        bench.output.teardown()


def test_an_output_without_a_device_says_so_and_takes_everything() -> None:
    bench = Bench("")
    bench.output.setup()
    block = SoundBlock(voice="", first_sample=0, at=0.0, samples=tone(0, 440.0))
    for message in (OpenOutput(), block, Tick(1.0, 10), CloseOutput()):
        bench.output.handle(message)
    bench.output.teardown()

    assert bench.view() == OutputView(level=2, device="", state="none")
    assert bench.news.all() == []


@pytest.mark.slow
def test_orders_that_are_repeated_change_nothing(bench: Bench) -> None:
    bench.output.handle(CloseOutput())
    bench.output.handle(CloseOutput())
    bench.output.handle(OpenOutput())
    bench.output.handle(OpenOutput())

    assert bench.view().state == "opening"
    assert bench.synth.all() == []


@pytest.mark.slow
def test_an_output_that_is_closed_before_its_process_is_there_is_closed_at_once(
    bench: Bench,
) -> None:
    bench.output.handle(OpenOutput())
    assert bench.view().state == "opening"
    bench.output.handle(CloseOutput())

    assert bench.view().state == "closed"


@pytest.mark.slow
def test_blocks_that_nobody_wants_are_not_kept(bench: Bench) -> None:
    block = SoundBlock(voice="", first_sample=0, at=0.0, samples=tone(0, 440.0))
    bench.output.handle(block)

    assert not bench.output._blocks


@pytest.mark.slow
def test_of_blocks_that_cannot_be_played_yet_the_newest_are_kept(bench: Bench) -> None:
    bench.output.handle(OpenOutput())
    silence = np.zeros((BLOCK, 2), np.float32)
    for number in range(100):
        bench.output.handle(
            SoundBlock(voice="", first_sample=number * BLOCK, at=0.0, samples=silence)
        )

    kept = [block.first_sample // BLOCK for block in bench.output._blocks]
    assert kept == [94, 95, 96, 97, 98, 99]


@pytest.mark.slow
def test_a_playing_output_tells_once_a_second_how_it_is(bench: Bench) -> None:
    bench.output.handle(OpenOutput())
    assert bench.view().state == "opening"
    while (view := _next_view(bench)).state != "playing":
        pass
    told_at = bench.now
    assert _next_view(bench) == view
    assert bench.now - told_at == pytest.approx(1.0, abs=0.11)


def _next_view(bench: Bench) -> OutputView:
    """What is told next, ticking and hearing by turns."""
    while True:
        bench.tick()
        if told := bench.synth.all():
            return told[-1].view
        bench.hear()
        if told := bench.synth.all():
            return told[-1].view


def test_a_device_that_was_there_is_looked_for_every_two_seconds_at_last() -> None:
    search = Search(been_there=True)
    pauses = []
    for _ in range(6):
        search.in_vain(100.0)
        pauses.append(search.next_at - 100.0)

    assert pauses == [0.25, 0.5, 1.0, 2.0, 2.0, 2.0]


def test_a_name_that_was_never_there_is_looked_for_less_and_less() -> None:
    search = Search()
    for _ in range(10):
        search.in_vain(100.0)

    assert search.next_at == 110.0
    search.at_once()
    assert search.next_at == 0.0


def test_underruns_of_processes_that_are_gone_still_count() -> None:
    count = Count()
    told = [(1, 0), (1, 2), (2, 0), (2, 1), (3, 0), (3, 5)]
    counted = [
        count.add(Answer(pid=pid, state="playing", underruns=number))
        for pid, number in told
    ]

    assert counted == [0, 2, 2, 3, 3, 8]

import pytest

from actors.device.actor import DeviceActor
from protocols.eeg import FilterInput, Gap, Phase, RawChunk, SourceState
from protocols.errors import (
    DeviceLostError,
    DeviceNotFoundError,
    RecordingEndedError,
    RecordingError,
)
from protocols.simulation import DeviceStatus, Pause
from protocols.time import Tick
from tests.actors.device.stand_ins import INFO, HandClock, ScriptedSource, chunk
from tests.probe import Probe

STREAMING = "scripted: 2 channels at 250 Hz"


class Bench:
    """A reader, built but not started."""

    def __init__(self) -> None:
        self.clock, self.source = HandClock(), ScriptedSource()
        self.filters: Probe[FilterInput] = Probe()
        self.reader = DeviceActor(
            clock=self.clock, open_source=lambda: self.source, downstream=self.filters
        )
        self.reader.setup()

    def tick(self, now: float) -> list[FilterInput]:
        self.clock.at = now
        self.reader.handle(Tick(now=now, number=round(now * 10)))
        return self.filters.all()

    def stream(self) -> None:
        """Open at 0.0, and forget what was told of it."""
        self.source.openings = [INFO]
        self.tick(0.0)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def state(phase: Phase, reason: str, at: float) -> SourceState:
    return SourceState(phase=phase, reason=reason, at=at)


def test_the_first_tick_opens_and_says_so(bench: Bench) -> None:
    bench.source.openings = [INFO]

    told = bench.tick(0.0)

    assert told == [
        Gap(samples=0, reason="restart"),
        state(Phase.STREAMING, STREAMING, 0.0),
    ]


def test_chunks_go_downstream_stamped(bench: Bench) -> None:
    bench.stream()
    bench.source.readings = [[chunk(0), chunk(25)]]

    told = bench.tick(0.2)

    assert [(c.first_sample, c.read_at) for c in told if isinstance(c, RawChunk)] == [
        (0, 0.2),
        (25, 0.2),
    ]


def test_a_jump_is_told_as_a_gap_before_the_chunk(bench: Bench) -> None:
    bench.stream()
    bench.source.readings = [[chunk(0)], [chunk(55)]]
    bench.tick(0.1)

    gap, after = bench.tick(0.2)

    assert gap == Gap(samples=30, reason="device")
    assert isinstance(after, RawChunk)


def test_a_jump_after_a_long_absence_is_an_overrun(bench: Bench) -> None:
    bench.stream()
    bench.source.readings = [[chunk(0)], [chunk(12_500)]]
    bench.tick(0.1)

    assert bench.tick(60.0)[0] == Gap(samples=12_475, reason="overrun")


def test_a_missing_device_is_searched_for_with_growing_waits(bench: Bench) -> None:
    for tenth in range(400):
        bench.tick(tenth / 10)

    assert bench.source.opened_at == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 23.5, 31.5, 39.5]


def test_searching_is_told_again_for_those_who_come_late(bench: Bench) -> None:
    told = [bench.tick(tenth / 10) for tenth in range(120)]

    assert told[0] == [state(Phase.SEARCHING, "nothing there; trying again in 0.5 s", 0.0)]
    at = [n / 10 for n, messages in enumerate(told) if messages]
    assert at == [0.0, 0.5, 1.5, 3.5, 5.5, 7.5, 9.5, 11.5]
    assert all(
        message.phase is Phase.SEARCHING and message.at == 0.0
        for messages in told
        for message in messages
        if isinstance(message, SourceState)
    )


def test_a_device_that_comes_late_streams(bench: Bench) -> None:
    bench.tick(0.0)
    bench.source.openings = [INFO]

    assert bench.tick(0.5)[-1] == state(Phase.STREAMING, STREAMING, 0.5)


def test_a_lost_device_is_closed_searched_for_and_reopened_with_a_gap(
    bench: Bench,
) -> None:
    bench.stream()
    bench.source.readings = [[chunk(0)], DeviceLostError("unplugged"), [chunk(0)]]
    bench.source.openings = [DeviceNotFoundError("unplugged"), INFO]
    bench.tick(0.1)

    lost = bench.tick(0.2)
    assert lost == [state(Phase.SEARCHING, "unplugged; trying again in 0.5 s", 0.2)]
    assert bench.source.closed == 1
    bench.tick(0.7)
    assert bench.tick(1.7) == [
        Gap(samples=0, reason="reopened"),
        state(Phase.STREAMING, STREAMING, 1.7),
    ]
    (again,) = bench.tick(1.8)
    assert isinstance(again, RawChunk)


def test_after_streaming_the_first_wait_is_short_again(bench: Bench) -> None:
    for now in (0.0, 0.5, 1.5):
        bench.tick(now)
    bench.source.openings = [INFO]
    bench.tick(3.5)
    bench.source.readings = [DeviceLostError("gone")]

    (told,) = bench.tick(3.6)

    assert told == state(Phase.SEARCHING, "gone; trying again in 0.5 s", 3.6)


@pytest.mark.parametrize(
    "error", [RecordingEndedError("came to its end"), RecordingError("line 3 is broken")]
)
def test_what_cannot_come_back_ends_with_its_reason(bench: Bench, error: Exception) -> None:
    bench.stream()
    bench.source.readings = [error, [chunk(0)]]

    assert bench.tick(0.1) == [state(Phase.ENDED, str(error), 0.1)]
    assert bench.tick(9.0) == []
    assert bench.source.closed == 1


def test_a_recording_that_cannot_be_opened_is_not_tried_again(bench: Bench) -> None:
    bench.source.openings = [RecordingError("of no known format"), INFO]

    assert bench.tick(0.0) == [state(Phase.ENDED, "of no known format", 0.0)]
    assert bench.tick(60.0) == []


def test_who_asks_hears_the_state(bench: Bench) -> None:
    assert bench.reader.handle(DeviceStatus()) == state(Phase.SEARCHING, "starting", 0.0)
    bench.stream()
    assert bench.reader.handle(DeviceStatus()) == state(Phase.STREAMING, STREAMING, 0.0)


def test_a_pause_throws_samples_away_and_counts_them(bench: Bench) -> None:
    bench.stream()
    bench.source.readings = [[chunk(0)], [chunk(25)], [chunk(60)], [chunk(90)]]
    bench.tick(0.1)

    bench.reader.handle(Pause(paused=True))
    bench.reader.handle(Pause(paused=True))
    assert bench.filters.all() == [state(Phase.PAUSED, "paused", 0.1)]
    assert bench.tick(0.2) == bench.tick(0.3) == []
    bench.reader.handle(Pause(paused=False))
    assert bench.filters.all() == [state(Phase.STREAMING, STREAMING, 0.3)]

    gap, after = bench.tick(0.4)
    assert gap == Gap(samples=65, reason="paused")
    assert isinstance(after, RawChunk)
    assert after.first_sample == 90


def test_what_ended_stays_ended_in_a_pause(bench: Bench) -> None:
    bench.stream()
    bench.reader.handle(Pause(paused=True))
    bench.source.readings = [RecordingEndedError("came to its end")]

    bench.tick(0.1)

    assert bench.reader.handle(DeviceStatus()) == state(Phase.ENDED, "came to its end", 0.1)


def test_teardown_lets_the_device_go(bench: Bench) -> None:
    bench.stream()
    bench.reader.teardown()

    assert bench.source.closed == 1


def test_a_failure_that_nobody_foresaw_is_not_hidden(bench: Bench) -> None:
    bench.source.openings = [ZeroDivisionError("a driver's bug")]

    with pytest.raises(ZeroDivisionError):
        bench.tick(0.0)


def test_every_sample_is_told_or_counted_as_lost(bench: Bench) -> None:
    bench.stream()
    firsts = [0, 25, 75, 100, 160, 185, 300]
    bench.source.readings = [[chunk(first)] for first in firsts]
    told: list[FilterInput] = []
    for n in range(len(firsts)):
        if n in (2, 5):
            bench.reader.handle(Pause(paused=n == 2))
        told += bench.tick((n + 1) / 10)

    handed = sum(m.uv.shape[1] for m in told if isinstance(m, RawChunk))
    lost = sum(m.samples for m in told if isinstance(m, Gap))
    assert handed + lost == 325


def test_a_started_reader_reads_answers_and_lets_the_device_go() -> None:
    clock, source = HandClock(), ScriptedSource()
    filters: Probe[FilterInput] = Probe()
    source.openings, source.readings = [INFO], [[chunk(0)]]
    reader = DeviceActor.start(clock=clock, open_source=lambda: source, downstream=filters)

    reader.tell(Tick(now=0.0, number=0))
    reader.tell(Tick(now=0.1, number=1))
    assert isinstance(filters.until(RawChunk), RawChunk)
    assert reader.ask(DeviceStatus(), timeout=5) == state(Phase.STREAMING, STREAMING, 0.0)
    reader.stop(timeout=5)

    assert source.closed == 1

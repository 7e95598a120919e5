from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from actors.device.recording import Loss
from actors.device.replay import ReplaySource
from protocols.eeg import RawChunk
from protocols.errors import DeviceLostError, RecordingEndedError, RecordingError
from tests.actors.device.makers import ramp


def opened(samples: int = 1000, *, lost: Sequence[Loss] = (), **how: float) -> ReplaySource:
    recording = ramp(samples, lost=lost)
    loop = bool(how.get("loop", 0))
    source = ReplaySource(lambda: recording, speed=how.get("speed", 1.0), loop=loop)
    source.open(100.0)
    return source


def heard(chunks: Sequence[RawChunk]) -> dict[int, float]:
    """Sample index to the microvolts of channel 0."""
    return {
        chunk.first_sample + i: float(value)
        for chunk in chunks
        for i, value in enumerate(chunk.uv[0])
    }


def test_samples_come_when_they_are_due() -> None:
    source = opened()

    assert source.read(100.0) == []
    (chunk,) = source.read(100.1)
    assert (chunk.first_sample, chunk.uv.shape) == (0, (2, 25))
    assert chunk.captured_at == pytest.approx(100.0 + 24 / 250)
    assert source.read(100.1) == []


def test_the_signal_says_where_it_comes_from() -> None:
    info = ReplaySource(ramp).open(3.0)

    assert (info.device, info.sfreq, info.ch_names) == (
        "replay:ramp.edf",
        250.0,
        ("A", "B"),
    )
    assert info.opened_at == 3.0


@settings(deadline=None)
@given(st.lists(st.floats(0.001, 1.9), max_size=30))
def test_every_sample_comes_once_however_the_ticks_fall(steps: list[float]) -> None:
    source = opened(lost=[Loss(column=300, samples=40), Loss(column=310, samples=3)])
    now = 100.0
    chunks: list[RawChunk] = []
    for step in [*steps, 5.0]:
        now += step
        try:
            chunks += source.read(now)
        except RecordingEndedError:
            break
    at, uv = zip(*heard(chunks).items(), strict=True)

    assert list(uv) == list(range(1000))
    assert list(at) == [*range(300), *range(340, 350), *range(353, 1043)]


def test_speed_shortens_the_clock_not_the_samples() -> None:
    source = opened(speed=4.0)

    (chunk,) = source.read(100.1)

    assert chunk.uv.shape == (2, 100)
    assert chunk.captured_at == pytest.approx(100.0 + 99 / 1000)


def test_a_recording_that_does_not_loop_ends() -> None:
    source = opened(1000)

    assert sum(c.uv.shape[1] for c in source.read(200.0)) == 1000
    with pytest.raises(RecordingEndedError, match=r"replay:ramp\.edf came to its end"):
        source.read(200.1)


def test_a_loop_begins_again_after_a_hole() -> None:
    source = opened(1000, loop=1)

    before = source.read(104.0)
    after = source.read(104.2)

    assert max(heard(before)) == 999
    assert heard(after) == {1025 + i: float(i) for i in range(25)}
    assert after[0].captured_at == pytest.approx(100.0 + 1049 / 250)


def test_one_reading_may_hold_several_rounds() -> None:
    source = opened(1000, loop=1)

    chunks = source.read(110.0)

    assert [c.first_sample for c in chunks] == [0, 1025, 2050]
    assert [c.uv.shape[1] for c in chunks] == [1000, 1000, 450]


@pytest.mark.parametrize("speed", [1.0, 1000.0])
def test_a_late_reader_gets_the_newest_ten_seconds(speed: float) -> None:
    source = opened(100_000, loop=1, speed=speed)
    source.read(100.0 + 1 / speed)

    chunks = source.read(100.0 + 60 / speed)

    assert chunks[0].first_sample == 50 * 250
    assert sum(c.uv.shape[1] for c in chunks) == 2500


def test_a_clock_that_goes_back_gives_nothing_twice() -> None:
    source = opened()
    source.read(101.0)

    assert source.read(100.5) == []
    assert source.read(101.1)[0].first_sample == 250


def test_opening_again_begins_at_the_beginning() -> None:
    source = opened()
    source.read(101.0)

    source.open(200.0)

    assert source.read(200.1)[0].first_sample == 0
    assert heard(opened().read(100.1)) == {i: float(i) for i in range(25)}


def test_a_source_that_is_not_open_is_lost() -> None:
    source = opened()
    source.close()

    with pytest.raises(DeviceLostError):
        source.read(101.0)


def test_a_broken_recording_says_so_at_opening() -> None:
    def broken() -> None:
        raise RecordingError("a.edf: broken")

    with pytest.raises(RecordingError, match=r"a\.edf: broken"):
        ReplaySource(broken).open(0.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("speed", [0.0, -1.0, np.inf, np.nan])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be above 0"):
        ReplaySource(ramp, speed=speed)

"""What every `EegSource` must do, whatever stands behind it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from actors.device.loading import load_recording
from actors.device.replay import ReplaySource
from protocols.eeg import RawChunk
from protocols.errors import DeviceLostError, RecordingEndedError
from protocols.ports import EegSource
from sim.brain import Brain
from sim.headset import SimHeadset
from tests.actors.device.makers import (
    DATA,
    read_only,
    waves,
    write_edf,
    write_muse,
    write_openbci,
    write_xdf,
)

MakeSource = Callable[[Path], EegSource]
RING_S = 10.0


def replay(write: Callable[[Path], Path], **how: float) -> MakeSource:
    """Makes a source that replays what `write` makes in a folder."""

    def make(folder: Path) -> EegSource:
        file = write(folder)
        speed, loop = how.get("speed", 1.0), bool(how.get("loop", 1))
        return ReplaySource(lambda: load_recording(file), speed=speed, loop=loop)

    return make


LONG_S = 12.0
SOURCES: dict[str, MakeSource] = {
    "simulator": lambda _: SimHeadset(Brain(seed=2)),
    "edf": replay(lambda d: write_edf(d / "a.edf", waves(2, LONG_S))),
    "bdf": replay(lambda d: write_edf(d / "a.bdf", waves(2, LONG_S))),
    "openbci": replay(
        lambda d: write_openbci(
            d / "a.txt",
            waves(2, LONG_S),
            index=[(n + 30 * (n > 700)) % 256 for n in range(3000)],  # loses 30 packets
        )
    ),
    "muse": replay(lambda d: write_muse(d / "a.csv", waves(5, LONG_S, 256.0))),
    "xdf": replay(lambda d: write_xdf(d / "a.xdf", waves(4, LONG_S, 256.0))),
    "fast": replay(lambda d: write_edf(d / "a.edf", waves(2, LONG_S)), speed=7.0),
    "once": replay(lambda d: write_edf(d / "a.edf", waves(2, 700.0)), loop=0),
}
REAL = {
    name: replay(lambda _, name=name: DATA / name)  # type: ignore[misc]
    for name in (
        "rest_20ch_500hz.edf",
        "openbci_blinks_jaw_alpha.txt",
        "muse_ssvep.csv",
        "muse_over_lsl.xdf",
    )
}


@pytest.fixture(params=[*SOURCES, *REAL])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> EegSource:
    if request.param in REAL and not DATA.is_dir():
        pytest.skip(f"no recordings at {DATA}")
    return (SOURCES | REAL)[request.param](tmp_path)


def speed_of(source: EegSource, now: float = 50.0) -> float:
    """Samples a second of the clock that a source gives, over its own rate."""
    info = source.open(now)
    given: int = sum(c.uv.shape[1] for n in range(1, 9) for c in source.read(now + n / 10))
    return float(given / (0.8 * info.sfreq))


def test_the_signal_is_described(source: EegSource) -> None:
    info = source.open(50.0)

    assert info.opened_at == 50.0
    assert info.sfreq >= 100
    assert len(info.ch_names) == len(set(info.ch_names)) > 0
    assert info.mains_hz in (None, 50.0, 60.0)


def test_nothing_is_due_at_opening(source: EegSource) -> None:
    source.open(50.0)

    assert list(source.read(50.0)) == []


def test_chunks_are_read_only_float32_of_the_described_shape(source: EegSource) -> None:
    info = source.open(50.0)

    for now in (50.1, 50.15, 50.9):
        for chunk in source.read(now):
            assert chunk.info == info
            assert chunk.uv.dtype == np.float32
            assert chunk.uv.shape[0] == len(info.ch_names)
            assert chunk.uv.shape[1] > 0
            assert np.isfinite(chunk.uv).all()
            assert read_only(chunk.uv)


def test_samples_come_at_a_steady_pace(source: EegSource) -> None:
    speed = speed_of(source)

    assert round(speed, 2) in (1.0, 7.0)


def test_samples_stand_in_order_and_in_the_past(source: EegSource) -> None:
    info = source.open(50.0)
    expected, last_at = 0, 50.0
    for now in (50.1, 50.11, 50.5, 51.0, 53.7, 61.2, 64.0, 64.1):
        for chunk in source.read(now):
            assert chunk.first_sample >= expected
            expected = chunk.first_sample + chunk.uv.shape[1]
            assert last_at <= chunk.captured_at <= now
            last_at = chunk.captured_at
    assert expected >= 14 * info.sfreq - info.sfreq * 0.2


def test_reading_again_at_the_same_time_gives_nothing(source: EegSource) -> None:
    source.open(50.0)
    source.read(50.4)

    assert list(source.read(50.4)) == []


def test_a_clock_that_goes_back_gives_nothing(source: EegSource) -> None:
    source.open(50.0)
    (before, *_) = source.read(50.4)

    assert list(source.read(49.0)) == []
    (after, *_) = source.read(50.5)
    assert after.first_sample == before.first_sample + before.uv.shape[1]


def test_a_late_reader_gets_at_most_ten_seconds_and_sees_the_jump(
    source: EegSource,
) -> None:
    info = source.open(50.0)
    (first, *_) = source.read(50.1)

    chunks = source.read(50.1 + 600.0)

    samples = sum(c.uv.shape[1] for c in chunks)
    assert 0.9 * RING_S * info.sfreq <= samples <= RING_S * info.sfreq + 1
    assert chunks[0].first_sample > first.uv.shape[1]
    assert len(chunks) <= 4


def test_after_a_late_reading_the_pace_is_the_old(source: EegSource) -> None:
    source.open(50.0)
    late = source.read(500.0)[-1]

    after = source.read(500.1)

    assert after[0].first_sample >= late.first_sample + late.uv.shape[1]
    assert sum(c.uv.shape[1] for c in after) < 0.9 * late.info.sfreq


def test_closing_is_safe_before_opening_and_twice(source: EegSource) -> None:
    source.close()
    source.open(50.0)
    source.close()
    source.close()

    with pytest.raises(DeviceLostError):
        source.read(50.1)


def test_a_source_opens_again_and_counts_from_zero(source: EegSource) -> None:
    source.open(50.0)
    source.read(50.7)
    source.close()

    info = source.open(60.0)

    assert info.opened_at == 60.0
    assert source.read(60.1)[0].first_sample == 0
    assert source.read(60.2)[0].info == info


def heard(source: EegSource, ticks: list[float]) -> list[RawChunk]:
    source.open(50.0)
    return [chunk for now in ticks for chunk in source.read(now)]


@pytest.mark.parametrize("name", SOURCES)
def test_two_of_a_kind_give_the_same_however_they_are_read(
    name: str, tmp_path: Path
) -> None:
    even = heard(SOURCES[name](tmp_path), [50 + n / 10 for n in range(1, 31)])
    rough = heard(SOURCES[name](tmp_path), [50.01, 50.02, 51.33, 51.4, 52.5, 53.0])

    def signal(chunks: list[RawChunk]) -> tuple[np.ndarray, list[int]]:
        at = [c.first_sample + i for c in chunks for i in range(c.uv.shape[1])]
        return np.concatenate([c.uv for c in chunks], axis=1), at

    np.testing.assert_array_equal(signal(even)[0], signal(rough)[0])
    assert signal(even)[1] == signal(rough)[1]


def test_what_does_not_loop_ends_and_stays_ended(tmp_path: Path) -> None:
    source = SOURCES["once"](tmp_path)
    source.open(0.0)
    source.read(701.0)

    for now in (701.1, 900.0):
        with pytest.raises(RecordingEndedError):
            source.read(now)

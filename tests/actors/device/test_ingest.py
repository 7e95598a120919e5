from threading import Thread
from typing import TYPE_CHECKING

import numpy as np
import pytest

from actors.device.ingest import IngestSource, Signal
from protocols.errors import DeviceLostError, DeviceNotFoundError
from tests.actors.device.makers import read_only

if TYPE_CHECKING:
    from protocols.eeg import RawChunk

SIGNAL = Signal(sfreq=250.0, ch_names=("A", "B"))


def block(first: int, samples: int = 25) -> np.ndarray:
    return np.stack([np.arange(first, first + samples), np.zeros(samples)])


def pushed(*firsts: int) -> IngestSource:
    source = IngestSource()
    source.announce(SIGNAL)
    for n, first in enumerate(firsts):
        source.push(block(first), at=10.0 + n / 10)
    return source


def test_nobody_is_there_until_the_first_push() -> None:
    source = IngestSource()
    with pytest.raises(DeviceNotFoundError):
        source.open(10.0)
    source.announce(SIGNAL)
    with pytest.raises(DeviceNotFoundError):
        source.open(10.0)


def test_what_was_pushed_comes_out_in_order_and_as_one_chunk() -> None:
    source = pushed(0, 25)

    info = source.open(10.1)
    (chunk,) = source.read(10.1)

    assert (info.device, info.ch_names, info.sfreq) == ("ingest", ("A", "B"), 250.0)
    assert info.opened_at == pytest.approx(10.0 - 24 / 250)
    assert (chunk.first_sample, chunk.captured_at) == (0, 10.1)
    assert chunk.uv[0].tolist() == list(range(50))
    assert not chunk.uv.flags.writeable
    assert source.read(10.2) == []


def test_what_was_pushed_is_copied_and_read_only() -> None:
    source = IngestSource()
    source.announce(SIGNAL)
    mine = block(0)
    source.push(mine, at=10.0)
    mine[:] = 7.0

    source.open(10.0)
    (chunk,) = source.read(10.0)

    assert chunk.uv[0, 3] == 3.0
    assert read_only(chunk.uv)


def test_the_oldest_makes_room_and_the_reader_sees_the_jump() -> None:
    source = pushed(0)
    source.open(10.0)
    source.read(10.0)
    for n in range(1, 151):
        source.push(block(25 * n), at=10.0 + n / 10)

    chunks = source.read(25.0)

    assert sum(c.uv.shape[1] for c in chunks) == 2500
    assert chunks[0].first_sample == 25 + 150 * 25 - 2500
    assert chunks[0].uv[0, 0] == chunks[0].first_sample


def test_one_push_longer_than_the_ring_keeps_its_end() -> None:
    source = pushed(0)
    source.open(10.0)
    source.read(10.0)
    source.push(block(25, 4000), at=26.0)

    (chunk,) = source.read(26.0)

    assert (chunk.first_sample, chunk.uv.shape) == (25 + 1500, (2, 2500))


def test_silence_loses_the_device_until_somebody_pushes_again() -> None:
    source = pushed(0)
    source.open(10.0)
    source.read(10.0)

    with pytest.raises(DeviceLostError, match="no samples for 5 s"):
        source.read(15.1)
    source.close()
    with pytest.raises(DeviceNotFoundError):
        source.open(15.2)
    source.push(block(25), at=20.0)
    source.open(20.0)
    assert [c.first_sample for c in source.read(20.0)] == [0]


def test_another_signal_is_opened_anew() -> None:
    source = pushed(0)
    source.open(10.0)
    source.announce(SIGNAL)
    assert len(source.read(10.0)) == 1
    source.announce(Signal(sfreq=500.0, ch_names=("C",)))

    with pytest.raises(DeviceLostError, match="another signal"):
        source.read(10.1)
    source.close()
    source.push(np.zeros((1, 50)), at=10.2)

    assert source.open(10.2).sfreq == 500.0
    assert source.read(10.2)[0].first_sample == 0


@pytest.mark.parametrize(
    ("uv", "message"),
    [
        (np.zeros((3, 25)), "expected 2 channels by samples"),
        (np.zeros(25), "expected 2 channels by samples"),
        (np.full((2, 25), np.nan), "not a finite number"),
        (np.full((2, 25), 1e300), "not a finite number"),
    ],
)
def test_what_does_not_fit_is_refused(uv: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pushed().push(uv, at=10.0)


def test_a_push_before_the_announcement_is_refused() -> None:
    with pytest.raises(ValueError, match="before their signal"):
        IngestSource().push(block(0), at=10.0)


@pytest.mark.parametrize(
    "signal", [Signal(sfreq=250.0, ch_names=()), Signal(sfreq=10.0, ch_names=("A",))]
)
def test_a_signal_that_is_none_is_refused(signal: Signal) -> None:
    with pytest.raises(ValueError, match="at least one channel"):
        IngestSource().announce(signal)


def test_two_threads_lose_nothing_between_them() -> None:
    source = pushed(0)
    source.open(10.0)

    def push_all() -> None:
        for n in range(1, 80):
            source.push(block(25 * n), at=10.0)

    writer = Thread(target=push_all)
    writer.start()
    chunks: list[RawChunk] = []
    while writer.is_alive():
        chunks += source.read(10.0)
    writer.join()
    chunks += source.read(10.0)

    assert np.concatenate([c.uv[0] for c in chunks]).tolist() == list(range(2000))
    ends = np.cumsum([c.uv.shape[1] for c in chunks]).tolist()
    assert [c.first_sample for c in chunks] == [0, *ends[:-1]]

"""The studio does one order after the other, and a long one keeps nobody waiting."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.audio.clip import measure_clip
from actors.audio.files import SoundShelf
from actors.audio.studio import StudioActor, StudioNews
from protocols.sound import (
    ClipView,
    Encode,
    Encoded,
    Proceed,
    Render,
    Rendered,
    SoundConfig,
    StudioReady,
)
from tests.actors.audio.measuring import tone
from tests.probe import Probe
from tests.time_stand_ins import VirtualClock


class Row:
    """The studio's own mailbox, emptied by the test."""

    def __init__(self) -> None:
        self.waiting = 0

    def tell(self, _message: Proceed, /) -> None:
        self.waiting = 1  # as the tree's edge: one at a time


class Bench:
    """A studio, and who hears of it."""

    def __init__(self, folder: Path, quota_bytes: int = 10**9) -> None:
        self.folder = folder
        self.synth: Probe[StudioNews] = Probe()
        self.row = Row()
        shelf = SoundShelf(folder, quota_bytes=quota_bytes)
        self.stage = StudioActor(VirtualClock(), shelf, self.row, self.synth)
        self.stage.setup()

    def work(self) -> Iterator[StudioNews]:
        """Let it do all there is; what it tells."""
        while self.row.waiting:
            self.row.waiting = 0
            self.stage.handle(Proceed())
            yield from self.synth.all()

    def clip(self, config: SoundConfig, name: str = "clip_a") -> ClipView:
        self.stage.handle(Render(job=1, clip_id=name, config=config))
        (told,) = self.work()
        assert isinstance(told, Rendered)
        assert told.clip is not None
        return told.clip


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path / "sounds")
    assert bench.synth.all() == [StudioReady()]
    return bench


def test_a_clip_is_what_measuring_it_gives(bench: Bench) -> None:
    config = SoundConfig(frequency=136.1, duration=2.5, volume=0.6)

    clip = bench.clip(config)

    measured = measure_clip(config)
    assert (clip.id, clip.config, clip.samples) == ("clip_a", config, 110_250)
    assert clip.gain == measured.gain
    assert clip.peak == pytest.approx(0.6, abs=1e-6)
    assert clip.loudness_lufs == measured.loudness


def test_a_short_sound_does_not_wait_for_a_long_one(bench: Bench) -> None:
    orders = (
        Render(job=1, clip_id="long", config=tone(duration=30.0)),
        Render(job=2, clip_id="short", config=tone(duration=1.0)),
    )
    for order in orders:
        bench.stage.handle(order)

    done = [news.job for news in bench.work() if isinstance(news, Rendered)]

    assert done == [2, 1]


def test_an_order_that_is_repeated_is_done_once(bench: Bench) -> None:
    order = Render(job=5, clip_id="a", config=tone(duration=1.0))
    bench.stage.handle(order)
    bench.stage.handle(order)

    assert len(list(bench.work())) == 1


def test_a_file_is_written_once_and_then_found(bench: Bench) -> None:
    clip = bench.clip(tone(duration=3.0))

    def encoded(job: int) -> tuple[Encoded, int]:
        bench.stage.handle(Encode(job=job, clip=clip, format="flac"))
        steps = 0
        while bench.row.waiting:
            bench.row.waiting = 0
            bench.stage.handle(Proceed())
            steps += 1
        told = bench.synth.next()
        assert isinstance(told, Encoded)
        return told, steps

    first, pieces = encoded(2)
    second, at_once = encoded(3)

    assert first.file is not None
    assert first.file == second.file
    assert Path(first.file.path).parent == bench.folder
    assert (pieces, at_once) == (5, 1)  # begin, three seconds, finish


def test_a_disk_that_takes_nothing_is_told_and_the_next_order_is_done(
    tmp_path: Path,
) -> None:
    (tmp_path / "sounds").touch()
    bench = Bench(tmp_path / "sounds")
    assert bench.synth.all() == [StudioReady()]
    clip = bench.clip(tone(duration=1.0))

    bench.stage.handle(Encode(job=2, clip=clip, format="wav"))
    (told,) = bench.work()

    assert isinstance(told, Encoded)
    assert told.file is None
    assert told.error
    assert bench.clip(tone(duration=0.5)).samples == 22_050


def test_a_sound_that_is_too_large_for_the_disk_leaves_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "sounds", quota_bytes=300_000)
    bench.synth.all()
    clip = bench.clip(tone(duration=5.0))

    bench.stage.handle(Encode(job=2, clip=clip, format="wav"))
    (told,) = bench.work()

    assert isinstance(told, Encoded)
    assert "sounds_quota_mib" in told.error
    assert list(bench.folder.iterdir()) == []


def test_a_new_life_begins_with_an_empty_folder(bench: Bench) -> None:
    clip = bench.clip(tone(duration=2.0))
    bench.stage.handle(Encode(job=2, clip=clip, format="wav"))
    list(bench.work())
    bench.stage.handle(Encode(job=3, clip=clip, format="ogg"))
    bench.stage.handle(Proceed())  # one that is begun
    assert len(list(bench.folder.iterdir())) == 2

    again = Bench(bench.folder)

    assert again.synth.all() == [StudioReady()]
    assert list(again.folder.iterdir()) == []


def test_who_is_stopped_in_the_middle_leaves_no_half_file(bench: Bench) -> None:
    clip = bench.clip(tone(duration=2.0))
    bench.stage.handle(Encode(job=3, clip=clip, format="ogg"))
    bench.stage.handle(Proceed())

    bench.stage.teardown()

    assert list(bench.folder.iterdir()) == []

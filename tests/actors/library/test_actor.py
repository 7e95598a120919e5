import json
from pathlib import Path

import pytest

from actors.library.actor import MOST_IN_MEMORY, MOST_WRITTEN, RETRY_S, LibraryActor
from protocols.archive import (
    ArchiveFigures,
    ArchiveStatus,
    FetchPicture,
    KeepFailed,
    KeepPicture,
    PictureData,
    PictureKept,
    PictureMissing,
)
from protocols.errors import UnavailableError
from protocols.time import Tick

PNG = KeepPicture(
    data=b"\x89PNG", mime="image/png", meta={"prompt": "a calm sea", "seed": 7}
)


class HandClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at

    def unix(self, at: float) -> float:
        return 1_800_000_000.0 + at


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def stage(clock: HandClock, tmp_path: Path) -> LibraryActor:
    return LibraryActor(clock, tmp_path, quota_bytes=10**9)


def keep(stage: LibraryActor, wish: KeepPicture = PNG) -> PictureKept:
    kept = stage.handle(wish)
    assert isinstance(kept, PictureKept)
    return kept


def fetch(stage: LibraryActor, picture: str) -> bytes | None:
    found = stage.handle(FetchPicture(picture))
    assert isinstance(found, PictureData | PictureMissing)
    return found.data if isinstance(found, PictureData) else None


def figures(stage: LibraryActor) -> ArchiveFigures:
    told = stage.handle(ArchiveStatus())
    assert isinstance(told, ArchiveFigures)
    return told


def put_in_the_way(tmp_path: Path) -> Path:
    """Make the disk refuse: a file where the pictures' folder should be."""
    obstacle = tmp_path / "pictures"
    obstacle.touch()
    return obstacle


def test_a_kept_picture_can_be_fetched(stage: LibraryActor) -> None:
    kept = keep(stage)

    found = stage.handle(FetchPicture(kept.id))

    assert isinstance(found, PictureData)
    assert (found.data, found.mime) == (PNG.data, "image/png")
    assert kept.on_disk


def test_pictures_outlive_the_process(
    stage: LibraryActor, clock: HandClock, tmp_path: Path
) -> None:
    kept = keep(stage, KeepPicture(data=b"jpeg", mime="image/jpeg"))

    again = LibraryActor(clock, tmp_path, quota_bytes=10**9)
    found = again.handle(FetchPicture(kept.id))

    assert isinstance(found, PictureData)
    assert (found.data, found.mime) == (b"jpeg", "image/jpeg")


def test_where_a_picture_came_from_lies_beside_it(
    stage: LibraryActor, tmp_path: Path
) -> None:
    picture = keep(stage).id

    beside = json.loads(
        (tmp_path / "pictures" / picture[:2] / f"{picture}.json").read_bytes()
    )

    assert beside == {
        "id": picture,
        "mime": "image/png",
        "bytes": 4,
        "kept_at": 1_800_000_100.0,
        "meta": {"prompt": "a calm sea", "seed": 7},
    }


def test_ids_are_128_random_bits(stage: LibraryActor) -> None:
    ids = {keep(stage).id for _ in range(20)}

    assert len(ids) == 20
    assert {len(bytes.fromhex(picture)) for picture in ids} == {16}


def test_what_was_never_kept_is_missing(stage: LibraryActor) -> None:
    assert stage.handle(FetchPicture("0" * 32)) == PictureMissing("0" * 32)
    assert stage.handle(FetchPicture("../keys")) == PictureMissing("../keys")


@pytest.mark.parametrize(
    "wish",
    [
        KeepPicture(data=b"<svg/>", mime="image/svg+xml"),
        KeepPicture(data=b"", mime="image/png"),
        KeepPicture(data=b"x" * 2000, mime="image/png"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_reason(
    clock: HandClock, tmp_path: Path, wish: KeepPicture
) -> None:
    stage = LibraryActor(clock, tmp_path, quota_bytes=1000)

    refused = stage.handle(wish)

    assert isinstance(refused, KeepFailed)
    assert refused.reason


def test_an_address_works_though_the_disk_takes_nothing(
    stage: LibraryActor, tmp_path: Path
) -> None:
    put_in_the_way(tmp_path)

    kept = keep(stage)

    assert not kept.on_disk
    assert fetch(stage, kept.id) == PNG.data
    told = figures(stage)
    assert (told.waiting, told.pictures) == (1, 0)
    assert "pictures" in told.degraded
    assert told.degraded_since == 1_800_000_100.0


def test_a_degraded_library_leaves_the_disk_alone_until_the_retry(
    stage: LibraryActor, clock: HandClock, tmp_path: Path
) -> None:
    obstacle = put_in_the_way(tmp_path)
    kept = keep(stage)
    obstacle.unlink()

    clock.at += RETRY_S / 2
    stage.handle(Tick(now=clock.at, number=1))
    assert figures(stage).waiting == 1

    clock.at += RETRY_S / 2
    stage.handle(Tick(now=clock.at, number=2))
    told = figures(stage)
    assert (told.waiting, told.pictures, told.degraded) == (0, 1, "")
    assert (tmp_path / "pictures" / kept.id[:2] / f"{kept.id}.png").read_bytes() == PNG.data


def test_what_waits_is_written_a_few_at_a_time(
    stage: LibraryActor, clock: HandClock, tmp_path: Path
) -> None:
    obstacle = put_in_the_way(tmp_path)
    for _ in range(MOST_WRITTEN + 1):
        keep(stage)
    obstacle.unlink()
    clock.at += RETRY_S

    waiting = []
    for number in range(2):
        stage.handle(Tick(now=clock.at, number=number))
        waiting.append(figures(stage).waiting)

    assert waiting == [1, 0]


def test_a_picture_pushed_out_before_the_disk_took_it_is_counted_as_lost(
    stage: LibraryActor, tmp_path: Path
) -> None:
    put_in_the_way(tmp_path)

    first = keep(stage)
    for _ in range(MOST_IN_MEMORY):
        keep(stage)

    assert fetch(stage, first.id) is None
    told = figures(stage)
    assert (told.lost, told.in_memory, told.waiting) == (1, MOST_IN_MEMORY, MOST_IN_MEMORY)


def test_the_newest_pictures_are_fetched_from_memory(
    stage: LibraryActor, tmp_path: Path
) -> None:
    kept = keep(stage)
    (tmp_path / "pictures" / kept.id[:2] / f"{kept.id}.png").unlink()

    assert fetch(stage, kept.id) == PNG.data


def test_a_picture_that_the_disk_does_not_give_is_a_failure_not_a_lie(
    clock: HandClock, tmp_path: Path
) -> None:
    picture = "ab" * 16
    (tmp_path / "pictures" / "ab" / f"{picture}.png").mkdir(parents=True)

    library = LibraryActor.start(clock, tmp_path, quota_bytes=10**9)
    try:
        with pytest.raises(UnavailableError):
            library.ask(FetchPicture(picture), timeout=5.0)
    finally:
        library.stop(timeout=5.0)


def test_old_pictures_make_room_once_all_are_counted(
    clock: HandClock, tmp_path: Path
) -> None:
    earlier = LibraryActor(clock, tmp_path, quota_bytes=10**9)
    old = [keep(earlier).id for _ in range(5)]
    room = figures(earlier).disk_bytes // 5 * 3

    stage = LibraryActor(clock, tmp_path, quota_bytes=room)
    for number in range(300):
        stage.handle(Tick(now=clock.at, number=number))

    told = figures(stage)
    assert told.counted
    assert (told.pictures, told.disk_bytes) == (3, room)
    assert sum(fetch(stage, picture) is not None for picture in old) == 3


def test_messages_with_pictures_are_short_in_a_log() -> None:
    assert repr(KeepPicture(data=b"x" * 1000, mime="image/png")) == (
        "KeepPicture(1000 bytes of image/png)"
    )
    assert (
        repr(PictureData(data=b"x" * 1000, mime="image/png"))
        == "PictureData(1000 bytes of image/png)"
    )

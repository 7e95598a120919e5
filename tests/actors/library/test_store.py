import json
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from actors.library.store import STALE_S, PictureStore

NOW = 1_800_000_000.0
A, B, C = "a" * 32, "b" * 32, "c" * 32


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """A disk that takes no file larger than `size` bytes: the system really refuses."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def counted(folder: Path, quota_bytes: int = 10**9) -> PictureStore:
    store = PictureStore(folder, quota_bytes=quota_bytes)
    while not store.counted:
        store.survey_step(NOW)
    return store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


def test_a_picture_is_read_as_it_was_written(folder: Path) -> None:
    store = counted(folder)
    store.write(A, b"picture", ".png", b'{"about": 1}')

    assert store.read(A) == (b"picture", ".png")
    assert json.loads((folder / "aa" / f"{A}.json").read_bytes()) == {"about": 1}
    assert sorted(file.name for file in (folder / "aa").iterdir()) == [
        f"{A}.json",
        f"{A}.png",
    ]


def test_pictures_are_for_their_owner_only(folder: Path) -> None:
    counted(folder).write(A, b"picture", ".png", b"{}")

    assert stat.S_IMODE((folder / "aa").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "name", ["../secret", "", "a", A + "\n", A.upper(), "aa/" + A, "a\0"]
)
def test_what_is_no_id_is_never_looked_for(folder: Path, name: str) -> None:
    (folder.parent / "secret.png").write_bytes(b"secret")

    assert counted(folder).read(name) is None


def test_a_file_that_the_disk_refuses_leaves_nothing_behind(folder: Path) -> None:
    store = counted(folder)

    with files_at_most(1000), pytest.raises(OSError, match="File too large"):
        store.write(A, b"x" * 5000, ".png", b"{}")

    assert list((folder / "aa").iterdir()) == []
    assert store.read(A) is None
    assert (len(store), store.bytes) == (0, 0)


def test_a_file_in_the_way_of_the_folder_is_an_error(folder: Path) -> None:
    folder.touch()
    store = PictureStore(folder, quota_bytes=1000)

    with pytest.raises(OSError, match=r"File exists|Not a directory"):
        store.write(A, b"picture", ".png", b"{}")


def test_pictures_of_earlier_runs_are_counted_with_what_lies_beside_them(
    folder: Path,
) -> None:
    store = counted(folder)
    store.write(A, b"12345", ".png", b"{}")
    store.write(B, b"123", ".webp", b"{}")

    again = counted(folder)

    assert (len(again), again.bytes) == (len(store), store.bytes) == (2, 12)


def test_what_is_written_while_counting_is_counted_once(folder: Path) -> None:
    store = PictureStore(folder, quota_bytes=10**9)
    store.write(A, b"12345", ".png", b"{}")
    while not store.counted:
        store.survey_step(NOW)

    assert (len(store), store.bytes) == (1, 7)


def test_the_oldest_picture_goes_first_whichever_run_made_it(folder: Path) -> None:
    earlier = counted(folder)
    for picture, written_at in ((C, 1000.0), (A, 3000.0), (B, 2000.0)):
        earlier.write(picture, b"x" * 98, ".png", b"{}")
        os.utime(folder / picture[:2] / f"{picture}.png", (written_at, written_at))

    store = counted(folder, quota_bytes=200)
    assert store.trim() == 1
    assert [store.read(picture) is not None for picture in (C, B, A)] == [False, True, True]

    store.write("d" * 32, b"x" * 98, ".png", b"{}")
    assert store.trim() == 1
    assert store.read(B) is None
    assert list((folder / "bb").iterdir()) == []


def test_nothing_goes_before_all_are_counted(folder: Path) -> None:
    counted(folder).write(A, b"x" * 98, ".png", b"{}")

    store = PictureStore(folder, quota_bytes=1)
    store.survey_step(NOW)

    assert store.trim() == 0
    assert store.read(A) is not None


def test_rubbish_of_a_crash_goes_and_what_is_being_written_stays(folder: Path) -> None:
    shard = folder / "aa"
    shard.mkdir(parents=True)
    for name, age_s in ((f"{A}.png.part", STALE_S + 1.0), (f"{A}.json.part", 1.0)):
        (shard / name).write_bytes(b"half")
        os.utime(shard / name, (NOW - age_s, NOW - age_s))

    store = counted(folder)

    assert [file.name for file in shard.iterdir()] == [f"{A}.json.part"]
    assert len(store) == 0

import errno
import os
from pathlib import Path

import pytest

from sim.disk import SimDisk, SimPictureStore

PICTURE = "ab" * 16


def test_a_disk_writes_until_it_is_full(tmp_path: Path) -> None:
    disk = SimDisk()
    calls = disk.calls()
    descriptor = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    try:
        assert calls.write(descriptor, b"abc") == 3
        calls.sync(descriptor)
        disk.full = True
        with pytest.raises(OSError, match="No space left") as full:
            calls.write(descriptor, b"def")
        with pytest.raises(OSError, match="No space left"):
            calls.sync(descriptor)
    finally:
        os.close(descriptor)
    assert full.value.errno == errno.ENOSPC
    assert disk.refused == 2
    assert (tmp_path / "file").read_bytes() == b"abc"


def test_the_library_keeps_no_picture_on_a_full_disk(tmp_path: Path) -> None:
    disk = SimDisk()
    store = SimPictureStore(tmp_path, disk, quota_bytes=1000)
    disk.full = True
    with pytest.raises(OSError, match="No space left"):
        store.write(PICTURE, b"data", ".png", b"{}")
    disk.full = False
    store.write(PICTURE, b"data", ".png", b"{}")
    assert store.read(PICTURE) == (b"data", ".png")

"""A real disk with no room: a tmpfs so small that it is soon full."""

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.journal.actor import RETRY_S, JournalActor
from actors.journal.fold import tree_after
from actors.journal.folder import FOLDER, JournalLock
from protocols.journal import JournalFigures, JournalStatus, NewEntries
from protocols.time import Tick
from tests.actors.journal.entries import SmallRing, run_of
from tests.actors.journal.writers import numbers, read, tree_at
from tests.time_stand_ins import VirtualClock

pytestmark = pytest.mark.slow

SIZE = "256k"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A tiny disk of its own."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a disk that is small enough to fill")
    command = [mount, "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    yield tmp_path
    subprocess.run([unmount, "--lazy", str(tmp_path)], check=True)  # noqa: S603


def fill(disk: Path) -> Path:
    """Leave no byte free."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        file.writelines(itertools.repeat(bytes(4096)))
    return ballast


@pytest.mark.parametrize("from_the_start", [True, False])
def test_on_a_full_disk_the_journal_waits_and_loses_nothing(
    disk: Path, *, from_the_start: bool
) -> None:
    happened = [entry.event for entry in run_of(200)]
    clock, ring, lock = VirtualClock(), SmallRing(), JournalLock(disk / FOLDER)
    journal = JournalActor(clock, lock, ring)
    if from_the_start:
        ballast = fill(disk)
        journal.setup()
    else:
        journal.setup()
        ring.note(*happened[:1])
        journal.handle(NewEntries())
        ballast = fill(disk)

    ring.note(*happened[ring.last :])
    for _ in range(3):
        clock.advance(RETRY_S)
        journal.handle(Tick(now=clock.now(), number=0))
    told = journal.handle(JournalStatus())
    assert isinstance(told, JournalFigures)
    assert told.state == ring.state == "full"
    assert "No space left" in told.reason
    assert told.written == ring.written < len(happened)
    assert numbers(read(disk / FOLDER)) == list(range(1, told.written + 1))

    ballast.unlink()
    clock.advance(RETRY_S)
    journal.handle(Tick(now=clock.now(), number=0))
    journal.teardown()
    lock.release()

    assert read(disk / FOLDER) == run_of(200)
    assert tree_at(disk / FOLDER, len(happened)) == tree_after(run_of(200))

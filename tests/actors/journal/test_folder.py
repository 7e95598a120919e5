import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.journal.folder import (
    JournalLock,
    JournalLockedError,
    file_name,
    journal_files,
    last_number,
)
from actors.journal.lines import line_of
from tests.actors.journal.entries import run_of, stalls
from tests.actors.journal.writers import write

HOLD = """
import sys
from pathlib import Path
from actors.journal.folder import JournalLock
JournalLock(Path(sys.argv[1])).take()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that writes the journal in `tmp_path`."""
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_two_processes_never_write_one_journal(
    other: subprocess.Popen[str], tmp_path: Path
) -> None:
    with pytest.raises(JournalLockedError, match=f"by process {other.pid}; end it") as held:
        JournalLock(tmp_path).take()

    assert held.value.folder == tmp_path


def test_a_process_that_was_killed_holds_no_lock(
    other: subprocess.Popen[str], tmp_path: Path
) -> None:
    other.kill()
    other.wait()

    lock = JournalLock(tmp_path)
    lock.take()
    lock.release()


def test_a_lock_is_taken_once_for_all_lives_of_a_process(tmp_path: Path) -> None:
    lock = JournalLock(tmp_path / "journal")
    for _ in range(3):
        lock.take()
    with pytest.raises(JournalLockedError, match=str(os.getpid())):
        JournalLock(tmp_path / "journal").take()
    lock.release()
    lock.release()

    again = JournalLock(tmp_path / "journal")
    again.take()
    again.release()


def test_a_lock_that_was_removed_with_its_folder_is_taken_anew(tmp_path: Path) -> None:
    lock = JournalLock(tmp_path / "journal")
    lock.take()
    (tmp_path / "journal" / "lock").unlink()

    lock.take()

    with pytest.raises(JournalLockedError):
        JournalLock(tmp_path / "journal").take()
    lock.release()


def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    write(tmp_path / "journal", stalls(3))

    modes = {
        path.name: path.stat().st_mode & 0o777
        for path in [tmp_path / "journal", *(tmp_path / "journal").iterdir()]
    }
    assert modes == {"journal": 0o700, "lock": 0o600, file_name(1): 0o600}


def test_files_come_by_number_and_others_are_left_alone(tmp_path: Path) -> None:
    for name in (file_name(20), file_name(3), "lock", "notes.jsonl", "3.jsonl.bak"):
        (tmp_path / name).touch()

    assert [file.first for file in journal_files(tmp_path)] == [3, 20]


def test_where_there_is_no_journal_no_number_was_given(tmp_path: Path) -> None:
    assert last_number(tmp_path / "journal") == 0


def test_the_last_number_is_found(tmp_path: Path) -> None:
    write(tmp_path, run_of(30))

    assert last_number(tmp_path) == 91


def test_a_last_line_that_is_torn_gave_no_number(tmp_path: Path) -> None:
    lines = [line_of(entry) for entry in stalls(3)]
    (tmp_path / file_name(1)).write_bytes(b"".join(lines)[:-1])

    assert last_number(tmp_path) == 2


def test_a_number_is_found_behind_lines_longer_than_a_block(tmp_path: Path) -> None:
    lines = [line_of(entry) for entry in stalls(3)]
    junk = b"x" * 300_000
    (tmp_path / file_name(1)).write_bytes(b"".join(lines) + junk + b"\n" + junk)

    assert last_number(tmp_path) == 3


def test_a_files_name_counts_where_no_line_can_be_read(tmp_path: Path) -> None:
    write(tmp_path, stalls(3))
    (tmp_path / file_name(18)).touch()
    assert last_number(tmp_path) == 17

    (tmp_path / file_name(18)).write_bytes(b"\0\n\0\n")
    assert last_number(tmp_path) == 17

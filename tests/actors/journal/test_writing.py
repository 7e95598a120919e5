import errno
import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from actors.journal.fold import tree_after
from actors.journal.folder import JournalError, JournalLockedError, file_name, last_number
from actors.journal.limits import Limits
from actors.journal.lines import entry_of
from actors.stage import EvictedError
from protocols.supervision import EntriesLost, Entry, LifeEvent, TreeSnapshot
from tests.actors.journal.entries import numbered, run_of, stalls
from tests.actors.journal.happenings import events
from tests.actors.journal.writers import (
    SmallDisk,
    names,
    numbers,
    read,
    read_bad,
    tree_at,
    write,
    writer,
)

SMALL = Limits(file_bytes=2048, files=4, total_bytes=16_384)
ROOMY = Limits(file_bytes=2048, files=1000, total_bytes=10**9)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write(tmp_path, run_of(20), by=7)

    assert read(tmp_path) == run_of(20)
    assert numbers(read(tmp_path, since=58)) == [59, 60, 61]


def test_a_batch_is_one_write(tmp_path: Path) -> None:
    disk = SmallDisk()
    with writer(tmp_path, disk=disk) as out:
        out.open()
        out.write(run_of(100))
        out.write(stalls(100, after=301))

    assert disk.writes == 2


def test_numbers_run_on_over_all_runs(tmp_path: Path) -> None:
    for after in (0, 31, 62):
        assert last_number(tmp_path) == after
        write(tmp_path, run_of(10, after=after))

    assert numbers(read(tmp_path)) == list(range(1, 94))
    assert names(tmp_path) == [file_name(1)]


def test_a_full_file_is_followed_by_another_named_by_its_first_number(
    tmp_path: Path,
) -> None:
    write(tmp_path, run_of(40), limits=ROOMY, by=10)

    assert numbers(read(tmp_path)) == list(range(1, 122))
    assert len(names(tmp_path)) > 5
    for name in names(tmp_path):
        lines = (tmp_path / name).read_bytes().splitlines(keepends=True)
        head, _ = entry_of(lines[0])
        first, _ = entry_of(lines[1])
        assert head is not None
        assert first is not None
        assert isinstance(head.event, TreeSnapshot)
        assert head.number == first.number - 1
        assert name == file_name(first.number)
        assert sum(map(len, lines[1:])) <= ROOMY.file_bytes


def test_the_tree_can_be_computed_from_any_file_on(tmp_path: Path) -> None:
    entries = run_of(40)
    write(tmp_path, entries, limits=ROOMY, by=10)

    while names(tmp_path):
        kept = read(tmp_path)
        for entry in kept:
            assert tree_at(tmp_path, entry.number) == tree_after(entries[: entry.number])
        (tmp_path / names(tmp_path)[0]).unlink()


def test_the_oldest_files_go_first(tmp_path: Path) -> None:
    write(tmp_path, run_of(200), limits=SMALL, by=10)

    kept = numbers(read(tmp_path))
    assert len(names(tmp_path)) == 4
    assert 0 < len(kept) < 601
    assert kept == list(range(kept[0], 602))


def test_all_files_together_stay_within_their_limit(tmp_path: Path) -> None:
    limits = Limits(file_bytes=2048, files=100, total_bytes=8192)
    for after in range(0, 300, 3):
        write(tmp_path, stalls(3, after), limits=limits)
        sizes = [(tmp_path / name).stat().st_size for name in names(tmp_path)]
        assert sum(sizes) <= limits.total_bytes

    assert numbers(read(tmp_path))[-1] == 300


def test_an_entry_longer_than_a_file_has_one_of_its_own(tmp_path: Path) -> None:
    entries = numbered([EntriesLost(first=1, last=1, reason="x" * 9000)] * 3)

    write(tmp_path, entries, limits=ROOMY)

    assert read(tmp_path) == entries
    assert len(names(tmp_path)) == 3


def test_what_is_written_already_is_passed_over(tmp_path: Path) -> None:
    entries = run_of(10)
    with writer(tmp_path) as out:
        out.open()
        out.write(entries[:20])
        out.write(entries)

    lines = (tmp_path / file_name(1)).read_bytes().count(b"\n")
    assert lines == len(entries) + 1


def test_missing_numbers_are_told_in_their_place(tmp_path: Path) -> None:
    entries = run_of(10)
    with writer(tmp_path) as out:
        out.open()
        out.write(entries[:5])
        out.write(entries[9:], why_lost="because")

    found = read(tmp_path)
    assert numbers(found) == [1, 2, 3, 4, 5, *range(9, 32)]
    assert found[5].event == EntriesLost(first=6, last=9, reason="because")
    assert tree_at(tmp_path, 5) == tree_after(entries[:5])
    assert [tree_at(tmp_path, number) for number in (7, 9, 31)] == [None] * 3


def test_entries_passed_over_still_count_for_the_tree(tmp_path: Path) -> None:
    entries = run_of(10)
    with writer(tmp_path) as out:
        out.open()
        out.write(entries[:5])
        for entry in entries[5:9]:
            out.pass_over(entry)
        out.write(entries[9:])
        assert out.lost == 4

    assert numbers(read(tmp_path)) == [1, 2, 3, 4, 5, *range(9, 32)]
    assert tree_at(tmp_path, 7) is None
    for number in (9, 10, 31):
        assert tree_at(tmp_path, number) == tree_after(entries[:number])


def test_a_torn_last_line_is_cut_off(tmp_path: Path) -> None:
    write(tmp_path, stalls(3))
    file = tmp_path / file_name(1)
    file.write_bytes(file.read_bytes()[:-5])

    write(tmp_path, stalls(2, after=2))

    assert numbers(read(tmp_path)) == [1, 2, 3, 4]


def test_a_new_file_in_which_nothing_is_whole_is_removed(tmp_path: Path) -> None:
    write(tmp_path, run_of(3))
    (tmp_path / file_name(11)).write_bytes(b'{"number":10,"at":1')

    write(tmp_path, stalls(2, after=10))

    assert names(tmp_path) == [file_name(1)]
    assert numbers(read(tmp_path)) == list(range(1, 13))


def test_a_bad_line_in_the_middle_is_reported_and_passed_over(tmp_path: Path) -> None:
    entries = run_of(10)
    write(tmp_path, entries)
    file = tmp_path / file_name(1)
    lines = file.read_bytes().splitlines(keepends=True)
    lines[5] = b"\0" * 50 + b"\n"
    file.write_bytes(b"".join(lines))

    found, bad = read_bad(tmp_path)

    assert numbers(found) == [1, 2, 3, 4, *range(6, 32)]
    assert [(line.path, line.line) for line in bad] == [(file, 6)]
    assert "malformed" in bad[0].reason
    assert tree_at(tmp_path, 4) == tree_after(entries[:4])
    assert tree_at(tmp_path, 6) is None  # who knows what the line told


def test_a_full_disk_takes_what_it_can_and_the_rest_later(tmp_path: Path) -> None:
    entries = run_of(20)
    disk = SmallDisk(room=1500)
    with writer(tmp_path, disk=disk) as out:
        out.open()
        with pytest.raises(OSError, match="No space left"):
            out.write(entries)
        assert not out.is_open
        with pytest.raises(JournalError, match="not open"):
            out.write(entries)

        disk.room = None
        out.open()
        assert 0 < out.written < 61
        out.write(entries)

    assert read(tmp_path) == entries
    assert tree_at(tmp_path, 61) == tree_after(entries)


@pytest.mark.slow
@given(room=st.integers(0, 12_000), by=st.integers(1, 30))
def test_wherever_a_disk_is_full_nothing_is_lost_or_doubled(
    tmp_path_factory: pytest.TempPathFactory, room: int, by: int
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    entries = run_of(20)
    disk = SmallDisk(room)
    with writer(folder, limits=ROOMY, disk=disk) as out:
        for start in range(0, len(entries), by):
            try:
                if not out.is_open:
                    out.open()
                out.write(entries[: start + by])
            except OSError as error:
                assert error.errno == errno.ENOSPC  # noqa: PT017  # it may not come
                assert numbers(read(folder)) == list(range(1, len(read(folder)) + 1))
                disk.room = None
        out.open()
        out.write(entries)

    assert read(folder) == entries
    assert tree_at(folder, 61) == tree_after(entries)


def test_a_sync_that_fails_closes_the_file(tmp_path: Path) -> None:
    disk = SmallDisk()
    with writer(tmp_path, disk=disk) as out:
        out.open()
        out.write(stalls(3))
        disk.failing = "Input/output error"
        with pytest.raises(OSError, match="Input/output"):
            out.sync()
        assert not out.is_open

        disk.failing = ""
        out.open()
        out.write(stalls(6))
        out.sync()

    assert numbers(read(tmp_path)) == [1, 2, 3, 4, 5, 6]


def test_nothing_is_synced_twice(tmp_path: Path) -> None:
    disk = SmallDisk()
    with writer(tmp_path, disk=disk) as out:
        out.open()
        out.write(stalls(3))
        for _ in range(3):
            out.sync()
        assert disk.syncs == 1
        out.write(stalls(4))
        out.close()
    assert disk.syncs == 2


def test_a_file_that_somebody_removed_is_noticed_and_begun_anew(tmp_path: Path) -> None:
    entries = run_of(10)
    with writer(tmp_path) as out:
        out.open()
        out.write(entries[:20])
        (tmp_path / file_name(1)).unlink()
        with pytest.raises(FileNotFoundError, match="was removed"):
            out.sync()

        out.open()
        out.write(entries[20:], why_lost="removed")

    found = read(tmp_path)
    assert numbers(found) == list(range(20, 32))
    assert found[0].event == EntriesLost(first=1, last=20, reason="removed")
    assert tree_at(tmp_path, 31) == tree_after(entries)


def test_who_was_replaced_writes_nothing(tmp_path: Path) -> None:
    allowed = [True]

    def permit() -> None:
        if not allowed[0]:
            raise EvictedError("replaced")

    with writer(tmp_path, limits=SMALL, permit=permit) as out:
        out.open()
        out.write(stalls(3))
        before = (tmp_path / file_name(1)).read_bytes()
        allowed[0] = False
        for entries in (stalls(4), stalls(400)):
            with pytest.raises(EvictedError):
                out.write(entries)
        with pytest.raises(EvictedError):
            out.open()

    assert (tmp_path / file_name(1)).read_bytes() == before
    assert names(tmp_path) == [file_name(1)]


def test_a_journal_that_another_writes_is_left_alone(tmp_path: Path) -> None:
    with writer(tmp_path) as first, writer(tmp_path) as second:
        first.open()
        with pytest.raises(JournalLockedError):
            second.open()


def _lengths(count: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, 9), min_size=1, max_size=count)


@pytest.mark.slow
@given(
    happened=st.lists(events, min_size=1, max_size=40),
    lengths=_lengths(20),
    data=st.data(),
)
def test_cut_at_any_byte_the_journal_is_whole_up_to_there(
    tmp_path_factory: pytest.TempPathFactory,
    happened: Sequence[LifeEvent],
    lengths: Sequence[int],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    entries = numbered(happened)
    with writer(folder, limits=ROOMY) as out:
        out.open()
        at = 0
        for length in itertools.cycle(lengths):
            out.write(entries[at : at + length])
            at += length
            if at >= len(entries):
                break
    file = folder / names(folder)[-1]
    kept = file.read_bytes()
    cut = data.draw(st.integers(0, len(kept)))
    file.write_bytes(kept[:cut])

    whole = _prefix(read(folder), entries)
    assert last_number(folder) == whole
    write(folder, entries[whole:], limits=ROOMY)

    assert read(folder) == entries
    for number in (whole, len(entries)):
        assert tree_at(folder, number) == tree_after(entries[:number])


def _prefix(found: list[Entry], entries: list[Entry]) -> int:
    """How many entries were found, which must be the first ones."""
    assert found == entries[: len(found)]
    return len(found)

from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.dispatch import PinnedDispatcher
from actors.inbox import Address
from actors.journal.actor import (
    MOST_READ,
    MOST_WAITING,
    RETRY_S,
    SYNC_S,
    JournalActor,
)
from actors.journal.closing import write_rest
from actors.journal.fold import tree_after
from actors.journal.folder import JournalLock, file_name
from actors.journal.limits import Limits
from actors.journal.ring import LATE
from actors.stage import EvictedError
from protocols.errors import UnavailableError
from protocols.journal import (
    JournalFigures,
    JournalStatus,
    NewEntries,
    ReadEntries,
    ReadTree,
)
from protocols.operators import Events
from protocols.supervision import (
    Born,
    ChildStepped,
    Died,
    EntriesLost,
    LifeEvent,
    ProcessStalled,
    RunEnded,
)
from protocols.time import Tick
from tests.actors.journal.entries import RUN, SmallRing, row, run_of
from tests.actors.journal.writers import SmallDisk, numbers, read, tree_at, write
from tests.probe import Probe
from tests.started import Started
from tests.time_stand_ins import VirtualClock

STALL = ProcessStalled(seconds=0.25)


class Desk:
    """A journal in a folder, a ring before it, and a disk below."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = VirtualClock(at=100.0)
        self.disk = SmallDisk()
        self.lock = JournalLock(folder)
        self.ring = SmallRing()

    def journal(self, limits: Limits | None = None) -> JournalActor:
        """A life of the journal, not begun."""
        return JournalActor(
            self.clock, self.lock, self.ring, limits=limits, disk=self.disk.calls()
        )

    def begun(self, limits: Limits | None = None) -> JournalActor:
        """A life of the journal, in the test's own thread."""
        journal = self.journal(limits)
        journal.setup()
        return journal

    def note(self, journal: JournalActor, *events: LifeEvent) -> None:
        """Note events and wake the journal."""
        self.ring.note(*events)
        journal.handle(NewEntries())

    def tick(self, journal: JournalActor, seconds: float) -> None:
        """Let time go by, and tell."""
        self.clock.advance(seconds)
        journal.handle(Tick(now=self.clock.now(), number=0))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "journal")
    yield desk
    desk.lock.release()


def figures(journal: JournalActor) -> JournalFigures:
    told = journal.handle(JournalStatus())
    assert isinstance(told, JournalFigures)
    return told


def events_of(journal: JournalActor, since: int, limit: int = 1000) -> Events:
    told = journal.handle(ReadEntries(since=since, limit=limit))
    assert isinstance(told, Events)
    return told


def test_what_is_noted_is_written_at_the_next_wake_up(desk: Desk) -> None:
    journal = desk.begun()

    desk.note(journal, RUN, STALL, STALL)

    assert numbers(read(desk.folder)) == [1, 2, 3]
    assert (desk.ring.written, desk.ring.state) == (3, "writing")


def test_a_tick_writes_what_nobody_woke_it_for(desk: Desk) -> None:
    journal = desk.begun()
    desk.ring.note(RUN)

    desk.tick(journal, 0.1)

    assert desk.ring.written == 1


def test_it_syncs_at_most_once_a_second(desk: Desk) -> None:
    journal = desk.begun()
    for _ in range(10):
        desk.note(journal, STALL)
        desk.tick(journal, SYNC_S / 4)

    assert desk.disk.syncs == 2


def test_a_crash_loses_nothing_that_the_ring_holds(desk: Desk) -> None:
    desk.note(desk.begun(), RUN, STALL)  # and never heard of again

    desk.ring.note(STALL, STALL)
    desk.begun()
    assert desk.ring.written == 2

    desk.note(desk.begun(), STALL)
    assert numbers(read(desk.folder)) == [1, 2, 3, 4, 5]


def test_what_a_ring_lost_while_no_journal_lived_is_told(desk: Desk) -> None:
    desk.ring = SmallRing(kept=3)
    desk.note(desk.begun(), RUN)
    desk.ring.note(*[STALL] * 9)

    journal = desk.begun()
    desk.note(journal)

    found = read(desk.folder)
    assert numbers(found) == [1, 7, 8, 9, 10]
    assert found[1].event == EntriesLost(first=2, last=7, reason=LATE)
    assert journal.handle(ReadTree(10)) is None
    assert figures(journal).lost == 6


def test_an_end_in_order_writes_the_rest_and_syncs(desk: Desk) -> None:
    journal = desk.begun()
    desk.ring.note(RUN, STALL)

    journal.teardown()

    assert numbers(read(desk.folder)) == [1, 2]
    assert (desk.disk.syncs, desk.ring.state, desk.ring.written) == (1, "down", 2)


def test_a_full_disk_is_a_state_and_what_waits_is_written_later(desk: Desk) -> None:
    journal = desk.begun()
    desk.note(journal, RUN)
    desk.disk.room = 10
    desk.note(journal, STALL, STALL)

    told = figures(journal)
    assert (told.state, told.written, told.waiting) == ("full", 1, 2)
    assert "No space left" in told.reason
    assert (desk.ring.state, desk.ring.written) == ("full", 1)

    desk.disk.room = None
    desk.tick(journal, RETRY_S - 0.1)
    assert desk.ring.state == "full"
    desk.tick(journal, 0.2)

    assert (desk.ring.state, desk.ring.written) == ("writing", 3)
    assert numbers(read(desk.folder)) == [1, 2, 3]
    told = figures(journal)
    assert (told.state, told.reason, told.waiting, told.lost) == ("writing", "", 0, 0)


def test_the_ring_may_lose_what_already_waits_for_the_disk(desk: Desk) -> None:
    desk.ring = SmallRing(kept=10)
    journal = desk.begun()
    desk.disk.room = 0
    for _ in range(5):
        desk.note(journal, *[STALL] * 10)

    desk.disk.room = None
    desk.tick(journal, RETRY_S)

    assert numbers(read(desk.folder)) == list(range(1, 51))


def test_what_the_disk_did_not_take_in_time_is_told_with_the_tree_after_it(
    desk: Desk,
) -> None:
    journal = desk.begun()
    desk.note(journal, RUN, STALL)
    desk.disk.room = 0
    desk.note(journal, ChildStepped(row=row("root/a")), ChildStepped(row=row("root/b")))
    desk.note(journal, *[STALL] * MOST_WAITING)
    assert figures(journal).waiting == MOST_WAITING

    desk.disk.room = None
    desk.tick(journal, RETRY_S)

    found = read(desk.folder)
    assert numbers(found) == [1, 2, *range(4, MOST_WAITING + 5)]
    assert isinstance(lost := found[2].event, EntriesLost)
    assert (lost.first, lost.last) == (3, 4)
    assert "No space left" in lost.reason
    tree = journal.handle(ReadTree(4))
    assert isinstance(tree, tuple)
    assert [child.path for child in tree] == ["root/a", "root/b"]
    assert tree == tree_at(desk.folder, MOST_WAITING + 4)
    assert figures(journal).lost == 2


def test_a_folder_that_cannot_be_made_is_tried_again(desk: Desk) -> None:
    desk.folder.touch()  # a file in the way
    journal = desk.begun()
    desk.note(journal, RUN, STALL)
    assert desk.ring.state == "full"

    desk.folder.unlink()
    desk.tick(journal, RETRY_S)

    assert numbers(read(desk.folder)) == [1, 2]


def test_a_disk_that_does_not_sync_is_a_state(desk: Desk) -> None:
    journal = desk.begun()
    desk.note(journal, RUN)
    desk.disk.failing = "Input/output error"
    desk.tick(journal, SYNC_S)
    assert figures(journal).reason == "[Errno 5] Input/output error"

    desk.disk.failing = ""
    desk.tick(journal, RETRY_S)
    desk.note(journal, STALL)
    assert numbers(read(desk.folder)) == [1, 2]


def test_a_run_that_does_not_count_on_writes_over_nothing(desk: Desk) -> None:
    write(desk.folder, run_of(5))

    journal = desk.begun()
    desk.note(journal, RUN)
    desk.tick(journal, RETRY_S)

    assert "ends with number 16, but this run has only come to 1" in figures(journal).reason
    assert read(desk.folder) == run_of(5)


def test_a_run_counts_on_from_the_last(desk: Desk) -> None:
    write(desk.folder, run_of(5))
    desk.ring = SmallRing(after=16)
    journal = desk.begun()

    desk.note(journal, RUN, ChildStepped(row=row("root/new")))

    assert numbers(read(desk.folder)) == list(range(1, 19))
    assert journal.handle(ReadTree(16)) == tree_after(run_of(5))
    tree = journal.handle(ReadTree(18))
    assert isinstance(tree, tuple)
    assert [child.path for child in tree] == ["root/new"]


def test_entries_are_read_oldest_first_and_a_few_at_a_time(desk: Desk) -> None:
    journal = desk.begun(
        limits=Limits(file_bytes=1024, files=100, total_bytes=10**9),
    )
    desk.note(journal, *[entry.event for entry in run_of(30)])
    assert figures(journal).files > 3

    told = events_of(journal, since=40, limit=5)

    assert numbers(told.entries) == [41, 42, 43, 44, 45]
    assert (told.first, told.last) == (1, 91)
    assert numbers(events_of(journal, since=0).entries) == list(range(1, 92))
    assert events_of(journal, since=91).entries == ()
    assert events_of(journal, since=-5, limit=-1).entries == ()


def test_an_answer_is_no_longer_than_it_may_be(desk: Desk) -> None:
    journal = desk.begun()
    desk.note(journal, *[STALL] * (MOST_READ + 1))

    assert len(events_of(journal, since=0, limit=10**9).entries) == MOST_READ


def test_the_oldest_that_can_be_had_is_told(desk: Desk) -> None:
    journal = desk.begun(limits=Limits(file_bytes=1024, files=2, total_bytes=4096))
    assert events_of(journal, since=0).first == 0
    for _ in range(100):
        desk.note(journal, STALL)

    told = events_of(journal, since=0)
    assert told.first == told.entries[0].number > 1
    assert figures(journal).first == told.first
    assert journal.handle(ReadTree(1)) is None


def test_the_tree_is_known_while_the_disk_takes_nothing(desk: Desk) -> None:
    journal = desk.begun()
    desk.note(journal, *[entry.event for entry in run_of(3)])
    desk.disk.room = 0
    desk.note(journal, *[entry.event for entry in run_of(3)[1:]])

    entries = [*run_of(3), *desk.ring.entries(10, 100)[0]]
    for number in (5, 10, 13, 19):
        assert journal.handle(ReadTree(number)) == tree_after(entries[:number])
    assert journal.handle(ReadTree(20)) is None


def test_a_bad_line_is_counted_once(desk: Desk) -> None:
    write(desk.folder, run_of(5))
    with (desk.folder / file_name(1)).open("ab") as file:
        file.write(b"not an entry\n")
    desk.ring = SmallRing(after=16)
    journal = desk.begun()
    desk.note(journal, RUN)

    for _ in range(3):
        assert len(events_of(journal, since=0).entries) == 17
    assert figures(journal).bad_lines == 1


def test_a_disk_that_gives_nothing_back_fails_the_question_only(
    desk: Desk, started: Started
) -> None:
    (desk.folder / file_name(1)).mkdir(parents=True)
    journal = started(desk.journal())

    for question in (ReadEntries(since=0, limit=5), ReadTree(0), JournalStatus()):
        with pytest.raises(UnavailableError, match="the journal cannot answer now"):
            journal.ask(question, timeout_s=5.0).get(timeout=5.0)


def test_a_life_in_its_own_thread_writes_and_answers(desk: Desk, started: Started) -> None:
    journal = started(desk.journal())
    desk.ring.note(RUN, STALL)
    journal.tell(NewEntries())

    told = journal.ask(ReadEntries(since=0, limit=10), timeout_s=5.0).get(timeout=5.0)

    assert numbers(told.entries) == [1, 2]
    assert (told.first, told.last) == (1, 2)


def test_a_stop_writes_the_rest(desk: Desk) -> None:
    address, watcher = Address("journal", desk.clock), Probe[Born | Died]()
    desk.journal().launch(address, PinnedDispatcher("test"), watcher)
    watcher.until(Born)
    desk.ring.note(RUN, STALL)

    address.stop()

    died = watcher.until(Died)
    assert isinstance(died, Died)
    assert died.error is None
    assert numbers(read(desk.folder)) == [1, 2]
    assert desk.ring.state == "down"


def test_a_journal_that_was_replaced_writes_nothing_more(desk: Desk) -> None:
    address = Address("journal", desk.clock)
    zombie = desk.journal()
    zombie.actor_inbox.bind(address)
    zombie.setup()
    desk.ring.note(RUN)
    zombie.handle(NewEntries())

    zombie.evict("hung")
    successor = desk.begun()
    desk.note(successor, STALL)
    kept = (desk.folder / file_name(1)).read_bytes()

    desk.ring.note(STALL)
    with pytest.raises(EvictedError):
        zombie.handle(NewEntries())
    assert (desk.folder / file_name(1)).read_bytes() == kept
    assert (desk.ring.written, desk.ring.state) == (2, "writing")

    successor.handle(NewEntries())
    assert numbers(read(desk.folder)) == [1, 2, 3]


def test_what_is_noted_after_its_end_is_written_by_the_last_word(desk: Desk) -> None:
    journal = desk.begun()
    desk.note(journal, RUN)
    journal.teardown()
    desk.ring.note(STALL, RunEnded(code=0, reason="SIGTERM"))

    write_rest(desk.lock, desk.ring)

    assert numbers(read(desk.folder)) == [1, 2, 3]
    assert desk.ring.written == 3
    write_rest(desk.lock, desk.ring)
    assert numbers(read(desk.folder)) == [1, 2, 3]

"""Entries for tests of the journal: small trees that live, and a ring to pull from."""

from collections import deque
from collections.abc import Iterable

from protocols.supervision import (
    ChildEnded,
    ChildRow,
    ChildStarted,
    ChildState,
    ChildStepped,
    Entry,
    LifeEvent,
    ProcessStalled,
    RunBegan,
)

RUN = RunBegan(run="r", version="1", pid=1)
AT = 1_767_225_600.0


def row(path: str, state: ChildState = ChildState.STARTING, life: int = 1) -> ChildRow:
    """A line of the tree."""
    return ChildRow(
        path=path, kind="worker", state=state, life=life, restarts=0, dispatcher="shared"
    )


def entry(number: int, event: LifeEvent, cause: int | None = None) -> Entry:
    """An entry, dated by its number."""
    return Entry(number=number, at=AT + number, cause=cause, event=event)


def numbered(events: Iterable[LifeEvent], after: int = 0) -> list[Entry]:
    """Entries that count on from `after`."""
    return [entry(number, event) for number, event in enumerate(events, start=after + 1)]


def stalls(count: int, after: int = 0) -> list[Entry]:
    """Entries that change no row."""
    return numbered([ProcessStalled(seconds=0.25)] * count, after)


def run_of(lives: int, after: int = 0) -> list[Entry]:
    """A run in which children are born and die: 1 + 3 entries a life."""
    events: list[LifeEvent] = [RUN]
    for life in range(1, lives + 1):
        path = f"root/child-{life % 3}"
        events += [
            ChildStepped(row=row(path, life=life)),
            ChildStarted(path=path, life=life),
            ChildEnded(path=path, life=life, normal=False, reason="boom\nand more"),
        ]
    return numbered(events, after)


class SmallRing:
    """Fills `actors.journal.actor.Ring`."""

    def __init__(self, *, kept: int = 100_000, after: int = 0) -> None:
        self.last = self.written = after
        self.state = "down"
        self._kept: deque[Entry] = deque(maxlen=kept)

    def note(self, *events: LifeEvent) -> None:
        """Number and keep."""
        for event in events:
            self.last += 1
            self._kept.append(entry(self.last, event))

    def entries(self, since: int, limit: int) -> tuple[list[Entry], int]:
        """The oldest kept above a number."""
        above = [kept for kept in self._kept if kept.number > since]
        return above[:limit], self._kept[0].number if self._kept else 0

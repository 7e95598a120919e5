"""The fold: entries in, the tree that they leave out.

Pure: no file, no clock. The rows that come out are those of the live tree (`TreeView`),
but for `since`: a live row's is clock time, which means nothing in another process, so a
recalled row's is the time of the entry that brought it into its state, in seconds since
1970 UTC. `timeless` takes `since` off, so that the two can be compared.

A fold knows what it does not know: where entries are missing the tree is unknown until a
run begins or a snapshot comes.
"""

from collections.abc import Iterable
from typing import final

import msgspec

from protocols.supervision import (
    ChildEnded,
    ChildGone,
    ChildHeld,
    ChildRow,
    ChildStarted,
    ChildState,
    ChildStepped,
    EntriesLost,
    Entry,
    LifeEvent,
    RunBegan,
    TreeSnapshot,
)


def tree_after(entries: Iterable[Entry]) -> tuple[ChildRow, ...] | None:
    """Fold consecutive entries.

    Args:
        entries: in order; the tree was empty before the first.

    Returns:
        The rows by path; None: entries are missing between them.
    """
    tree: Recall | None = None
    for entry in entries:
        if tree is None:
            tree = Recall(after=entry.number - 1)
        tree.take(entry)
    if tree is None:
        return ()
    return tree.rows() if tree.known else None


def timeless(rows: Iterable[ChildRow]) -> tuple[ChildRow, ...]:
    """The rows without `since`: what of a live and a recalled tree is equal."""
    return tuple(msgspec.structs.replace(row, since=0.0) for row in rows)


@final
class Recall:
    """The tree, as the entries up to `number` leave it.

    Args:
        after: number of the entry before the first that will come.
        known: whether the tree is known then: it is empty.
    """

    def __init__(self, *, after: int = 0, known: bool = True) -> None:
        self.number = after
        self.known = known
        """False: entries are missing; the rows are what the others tell."""

        self._rows: dict[str, ChildRow] = {}

    def rows(self) -> tuple[ChildRow, ...]:
        """All children, by path; `since` in seconds since 1970 UTC."""
        return tuple(self._rows[path] for path in sorted(self._rows))

    def copy(self) -> "Recall":
        """Another one that goes its own way from here."""
        twin = Recall(after=self.number, known=self.known)
        twin._rows = dict(self._rows)
        return twin

    def take(self, entry: Entry) -> None:
        """Take the next entry; one that was taken before changes nothing."""
        if isinstance(entry.event, TreeSnapshot) and entry.number >= self.number:
            self.number, self.known = entry.number, True
            self._rows = {row.path: row for row in entry.event.rows}
            return
        if entry.number <= self.number:
            return
        if entry.number > self.number + 1:
            self.known = False
        self.number = entry.number
        self._change(entry.event, entry.at)

    def _change(self, event: LifeEvent, at: float) -> None:
        match event:
            case ChildStepped(row=row):
                self._rows[row.path] = msgspec.structs.replace(row, since=at)
            case ChildStarted(path=path, life=life):
                self._step(path, life, ChildState.RUNNING, "", at)
            case ChildEnded(path=path, life=life, normal=normal, reason=reason):
                state = ChildState.STOPPED if normal else ChildState.FAILED
                self._step(path, life, state, reason, at)
            case ChildHeld(path=path, held=held, paused=paused):
                if (marked := self._rows.get(path)) is not None:
                    self._rows[path] = msgspec.structs.replace(
                        marked, held=held, paused=paused
                    )
            case ChildGone(path=path):
                self._drop(path)
            case RunBegan():
                self._rows, self.known = {}, True
            case EntriesLost():
                self.known = False
            case _:
                pass  # it changes no row

    def _step(
        self, path: str, life: int, state: ChildState, reason: str, at: float
    ) -> None:
        row = self._rows.get(path)
        if row is None or life < row.life:
            return  # gone from the tree, or the late word of an earlier life
        self._rows[path] = msgspec.structs.replace(
            row, state=state, life=life, reason=reason, since=at
        )

    def _drop(self, path: str) -> None:
        below = path + "/"
        for gone in [p for p in self._rows if p == path or p.startswith(below)]:
            del self._rows[gone]

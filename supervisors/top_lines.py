"""The lines of `phosphene top`: which actors are shown, in which order. Pure.

Sessions are folded, and so is a supervisor of many; what is in trouble is shown in any
case, with all that is above it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from protocols.operators import ActorFacts
from protocols.supervision import ChildRow, ChildState

MANY: Final = 20
"""Children of a supervisor that are shown at once."""

SLOW_S: Final = 1.0
_SESSION: Final = re.compile(r"root/sessions/[^/]+/[^/]+\Z")
BY_GRAVITY: Final = (
    *("failed", "waiting", "held", "paused"),
    *("stopping", "starting", "stopped", "running"),
)
"""All words of `word`, worst first."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One actor as it is shown."""

    name: str
    """Below its parent."""

    level: int
    """How far it is set in, from 0."""

    row: ChildRow
    facts: ActorFacts | None
    below: tuple[tuple[str, int], ...] = ()
    """Of what is folded away: how many are in which state, worst first."""

    is_worrying: bool = False


def word(row: ChildRow) -> str:
    """An actor's state in one word."""
    if row.held and row.state is ChildState.STOPPED:
        return "held"
    if row.paused and row.state is ChildState.RUNNING:
        return "paused"
    return row.state.value


def is_worrying(row: ChildRow, facts: ActorFacts | None) -> bool:
    """Whether an operator should look at it."""
    if word(row) not in ("running", "stopped"):
        return True
    return facts is not None and max(facts.handling_s, facts.oldest_s) > SLOW_S


def tree_lines(
    rows: Sequence[ChildRow], actors: Iterable[ActorFacts], *, unfold: bool
) -> list[Line]:
    """Put the tree into lines.

    Args:
        rows: all, in any order.
        actors: what is known of them.
        unfold: whether everything is to be shown.
    """
    return list(_Folder(rows, actors, unfold=unfold).lines())


def shortened(lines: Sequence[Line], most: int) -> tuple[list[Line], int]:
    """Leave lines out where there are too many: those in trouble stay longest.

    Args:
        lines: in order.
        most: how many may stay, at least 1.

    Returns:
        Those that stay, and how many are left out.
    """
    if len(lines) <= most:
        return list(lines), 0
    by_need = sorted(range(len(lines)), key=lambda i: (not lines[i].is_worrying, i))
    kept = sorted(by_need[:most])
    return [lines[i] for i in kept], len(lines) - most


class _Folder:
    def __init__(
        self, rows: Sequence[ChildRow], actors: Iterable[ActorFacts], *, unfold: bool
    ) -> None:
        self._unfold = unfold
        self._facts = {facts.row.path: facts for facts in actors}
        self._rows = {row.path: row for row in rows}
        self._children: dict[str, list[ChildRow]] = {}
        for row in sorted(rows, key=_natural):
            self._children.setdefault(self._above(row.path), []).append(row)

    def lines(self, above: str = "", level: int = 0) -> Iterator[Line]:
        everything = not above or self._is_open(self._rows[above])
        for row in self._children.get(above, ()):
            if not everything and not self._worries(row):
                continue
            yield Line(
                name=row.path.removeprefix(f"{above}/" if above else "root/"),
                level=level,
                row=row,
                facts=self._facts.get(row.path),
                below=() if self._is_open(row) else self._summary(row),
                is_worrying=self._worries(row),
            )
            yield from self.lines(row.path, level + 1)

    def _above(self, path: str) -> str:
        while path := path.rpartition("/")[0]:
            if path in self._rows:
                return path
        return ""

    def _is_open(self, row: ChildRow) -> bool:
        many = len(self._children.get(row.path, ())) > MANY
        return self._unfold or not (many or _SESSION.match(row.path))

    def _worries(self, row: ChildRow) -> bool:
        if is_worrying(row, self._facts.get(row.path)):
            return True
        return any(map(self._worries, self._children.get(row.path, ())))

    def _summary(self, row: ChildRow) -> tuple[tuple[str, int], ...]:
        counts = Counter(
            word(other)
            for other in self._all_below(row)
            if other.kind != "supervisor" or word(other) != "running"
        )
        return tuple((name, counts[name]) for name in BY_GRAVITY if counts[name])

    def _all_below(self, row: ChildRow) -> Iterator[ChildRow]:
        for child in self._children.get(row.path, ()):
            yield child
            yield from self._all_below(child)


def _natural(row: ChildRow) -> list[tuple[str, int]]:
    """So that painter-10 comes after painter-2."""
    parts = re.split(r"(\d+)", row.path)
    return [
        (text, int(number or 0))
        for text, number in zip(parts[::2], [*parts[1::2], "0"], strict=True)
    ]

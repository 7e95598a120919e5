"""What `phosphene top` shows: a server's answers in, a screen out.

A state is told by a sign, a word and a colour: without colours nothing is lost. Whatever
came from elsewhere (reasons, names) is cleaned of what would steer a terminal.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from protocols.operators import ActorFacts, SystemState
from protocols.supervision import (
    ChildEnded,
    ChildHung,
    ChildRow,
    Entry,
    ProcessStalled,
    SupervisorGaveUp,
    ZombieListed,
)
from supervisors.ops_client import Seen
from supervisors.sentences import sentence
from supervisors.top_lines import Line, shortened, tree_lines, word

FRAME: Final = 8
"""Lines beside the head, the tree and the events: titles, gaps, the busiest and others."""

LEAST_EVENTS: Final = 3
WIDE: Final = 100
"""Columns from which there is room for reasons and times."""

_FIRST: Final = 3  # of the busiest, deepest and oldest
_SHOWN_S: Final = 0.25
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_NONE: Final = "-"

_STYLES: Final = {
    "starting": "blue",
    "running": "green",
    "stopping": "blue",
    "stopped": "dim",
    "waiting": "yellow",
    "held": "yellow",
    "paused": "yellow",
    "failed": "bold red",
}
_SIGNS: Final = {
    "starting": "◌",
    "running": "●",
    "stopping": "◍",
    "stopped": "□",
    "waiting": "↻",
    "held": "▣",
    "paused": "‖",
    "failed": "✖",
}
_PLAIN_SIGNS: Final = {
    "starting": "o",
    "running": "*",
    "stopping": "o",
    "stopped": ".",
    "waiting": "~",
    "held": "#",
    "paused": "=",
    "failed": "X",
}
_JOURNAL: Final = {"writing": "green", "full": "bold red", "down": "bold red"}
_GRAVE: Final = (ChildHung, SupervisorGaveUp, ZombieListed, ProcessStalled)


class Screen:
    """Makes screens of what was seen; remembers the last to tell who was busy since.

    Args:
        unfold: whether to show every actor.
        plain: whether the terminal knows no other signs than ASCII's.
    """

    def __init__(self, *, unfold: bool, plain: bool) -> None:
        self._unfold = unfold
        self._signs = _PLAIN_SIGNS if plain else _SIGNS
        self._worked: dict[str, tuple[int, float]] = {}
        self._looked_at = 0.0

    def show(
        self, seen: Seen, width: int, height: int | None, lost: str = ""
    ) -> RenderableType:
        """Make a screen.

        Args:
            seen: the newest answers.
            width: columns of the terminal.
            height: lines of the terminal; None: as many as it takes.
            lost: why there are no newer ones; empty: these are new.
        """
        head = self._head(seen.tree.state, lost, with_reasons=width >= WIDE)
        lines = tree_lines(seen.tree.children, seen.actors.actors, unfold=self._unfold)
        entries, left_out = list(reversed(seen.events.entries)), 0
        if height is not None:
            head.no_wrap, head.overflow = True, "ellipsis"
            room = height - FRAME - len(head.split())
            lines, left_out = shortened(lines, max(1, room - LEAST_EVENTS))
            entries = entries[: max(LEAST_EVENTS, room - len(lines))]
        parts: list[RenderableType] = [
            head,
            self._first(seen),
            Text(),
            self._tree(lines, seen, width),
        ]
        if left_out:
            parts.append(Text(f"{left_out:,} more lines do not fit", style="dim"))
        return Group(*parts, Text(), self._events(entries, wraps=height is None))

    # -- the whole --------------------------------------------------------------------

    def _head(self, state: SystemState, lost: str, *, with_reasons: bool) -> Text:
        head = Text.assemble(("Phosphene", "bold"), f"  up {age(state.up_s)}")
        head.append("  journal ").append(
            clean(state.journal), _JOURNAL.get(state.journal, "yellow")
        )
        head.append(f"  zombies {state.zombies}", "bold red" if state.zombies else "")
        longest = f" (longest {took(state.longest_stall_s)})" if state.stalls else ""
        head.append(f"  stalls {state.stalls}{longest}", "yellow" if state.stalls else "")
        letters = shares(state.dead_letters) if with_reasons else ""
        total = sum(state.dead_letters.values())
        head.append(f"  lost mail {total:,}{f' ({letters})' if letters else ''}")
        if state.draining:
            head.append(f"\ndraining: {clean(state.draining)}", "bold yellow")
        if lost:
            head.append(f"\nconnection lost, trying again: {clean(lost)}", "bold red")
        return head

    def _first(self, seen: Seen) -> Text:
        actors, now = seen.actors.actors, seen.actors.clock.now
        shares_of_time = self._busy(actors, now)
        busiest = _top(actors, lambda facts: shares_of_time[facts.row.path])
        deepest = _top(actors, lambda facts: facts.depth)
        oldest = _top(actors, lambda facts: facts.oldest_s)
        text = Text(no_wrap=True, overflow="ellipsis")
        for title, told in (
            ("busiest", [(f, f"{shares_of_time[f.row.path]:.1%}") for f in busiest]),
            ("deepest", [(f, f"{f.depth:,} wait") for f in deepest]),
            ("oldest", [(f, took(f.oldest_s)) for f in oldest]),
        ):
            text.append(f"{title:<8}", "dim")
            said = "   ".join(f"{_short(f.row.path)} {figure}" for f, figure in told)
            text.append(f"{said or _NONE}\n")
        text.rstrip()
        return text

    def _busy(self, actors: Sequence[ActorFacts], now: float) -> dict[str, float]:
        """Share of the time since the last look, or of its life, that each worked."""
        apart, shares_of_time = now - self._looked_at, {}
        for facts in actors:
            row, seconds = facts.row, facts.handled.seconds
            life, before = self._worked.get(row.path, (-1, 0.0))
            if life == row.life and apart > 0:
                share = (seconds - before) / apart
            else:
                share = seconds / max(now - row.since, 1.0)
            shares_of_time[row.path] = min(max(share, 0.0), 1.0)
        self._worked = {f.row.path: (f.row.life, f.handled.seconds) for f in actors}
        self._looked_at = now
        return shares_of_time

    # -- the tree ---------------------------------------------------------------------

    def _tree(self, lines: Sequence[Line], seen: Seen, width: int) -> Table:
        now, is_wide = seen.tree.clock.now, width >= WIDE
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, expand=True)
        table.add_column("NAME", ratio=1, min_width=16, no_wrap=True)
        table.add_column("STATE", min_width=10, max_width=24, no_wrap=True)
        for title in ("FOR", "LIFE", "BUDGET", "INBOX"):
            table.add_column(title, no_wrap=True)
        table.add_column("IN HAND", min_width=7, max_width=18, no_wrap=True)
        if is_wide:
            table.add_column("P50/P99", no_wrap=True)
        for line in lines:
            cells = self._cells(line, now, with_reason=is_wide)
            table.add_row(*cells[: len(table.columns)])
        return table

    def _cells(self, line: Line, now: float, *, with_reason: bool) -> list[Text]:
        row = line.row
        name = Text("  " * line.level + clean(line.name))
        for told, count in line.below:
            name.append(f"  {self._signs[told]} {count} {told}", _STYLES[told])
        return [
            name,
            self._state(row, with_reason=with_reason),
            Text(age(now - row.since) if row.since else _NONE),
            Text(str(row.life) if row.life else _NONE),
            *_figures(line.facts),
        ]

    def _state(self, row: ChildRow, *, with_reason: bool) -> Text:
        told = word(row)
        text = Text(f"{self._signs.get(told, '?')} {told}", _STYLES.get(told, ""))
        if row.reason and with_reason:
            text.append(f" {clean(row.reason)}", "dim")
        return text

    # -- what happened ----------------------------------------------------------------

    def _events(self, entries: Sequence[Entry], *, wraps: bool) -> Text:
        text = Text("WHAT HAPPENED", no_wrap=not wraps, overflow="ellipsis")
        for entry in entries:
            moment = dt.datetime.fromtimestamp(entry.at, dt.UTC).astimezone()
            cause = "" if entry.cause is None else f"<{entry.cause}"
            text.append(f"\n{moment:%H:%M:%S} #{entry.number}{cause:<7} ", "dim")
            text.append(clean(sentence(entry.event)), _gravity(entry))
        if not entries:
            text.append("\nnothing yet", "dim")
        return text


def _figures(facts: ActorFacts | None) -> list[Text]:
    if facts is None:
        return [Text(_NONE)] * 4
    budget, limit = facts.budget, facts.hang_after_s
    spent = Text(_NONE)
    if budget is not None:
        style = "bold red" if budget.spent >= budget.of else "yellow"
        spent = Text(f"{budget.spent}/{budget.of}", style if budget.spent else "dim")
    inbox = Text(str(facts.depth), "" if facts.depth else "dim")
    if facts.oldest_s >= _SHOWN_S:
        inbox.append(f" {took(facts.oldest_s)}", "yellow" if facts.oldest_s > 1 else "")
    hand = Text(clean(facts.handling) or _NONE, "" if facts.handling else "dim")
    if facts.handling_s >= _SHOWN_S:
        hangs = limit is not None and facts.handling_s > limit
        hand.append(f" {took(facts.handling_s)}", "bold red" if hangs else "yellow")
    if not sum(facts.handled.counts):
        return [spent, inbox, hand, Text(_NONE, "dim")]
    half, most = facts.handled.quantile(0.5), facts.handled.quantile(0.99)
    return [spent, inbox, hand, Text(f"{took(half)}/{took(most)}")]


def _gravity(entry: Entry) -> str:
    match entry.event:
        case ChildEnded(normal=False):
            return "red"
        case event if isinstance(event, _GRAVE):
            return "red"
        case _:
            return ""


def _top(
    actors: Iterable[ActorFacts], figure: Callable[[ActorFacts], float]
) -> list[ActorFacts]:
    workers = [facts for facts in actors if facts.row.kind != "supervisor"]
    ordered = sorted(workers, key=lambda facts: (-figure(facts), facts.row.path))
    return [facts for facts in ordered[:_FIRST] if figure(facts) > 0]


def _short(path: str) -> str:
    return clean("/".join(path.split("/")[-2:]))


def clean(text: str) -> str:
    """The text on one line, without anything that a terminal would obey."""
    return "".join(c if c.isprintable() else "·" for c in " ".join(text.split()))


def shares(counts: Mapping[str, int]) -> str:
    """Counts by reason, the largest first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{count:,} {clean(reason)}" for reason, count in ordered if count)


def took(seconds: float) -> str:
    """A time to two figures: `256 µs`."""
    if seconds == float("inf"):
        return "over 67 s"
    for limit, unit, scale in ((999.5e-6, "µs", 1e6), (0.9995, "ms", 1e3)):
        if 0 < seconds < limit:
            return f"{_two(seconds * scale)} {unit}"
    return f"{_two(seconds)} s"


def _two(value: float) -> str:
    return f"{value:.2g}" if value < 10 else str(round(value))  # noqa: PLR2004  # two figures


def age(seconds: float) -> str:
    """How long ago: `12 s`, `2 h 3 min`."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"

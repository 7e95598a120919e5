"""Metrics of how things are at this moment. Pure: what is given in, families out.

Names and units are as Prometheus wants them: seconds, `_total` for what only grows.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)

from config.version import VERSION
from protocols.operators import ActorFacts, SystemState
from protocols.supervision import ChildState
from web.figures import Figures
from web.ops_counts import is_session, role

Family: TypeAlias = (
    CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily | InfoMetricFamily
)
Labels: TypeAlias = tuple[str, ...]
"""Values of a family's labels."""

JOURNAL: Final = ("writing", "full", "down")
KINDS: Final = ("worker", "supervisor")


def of_the_whole(state: SystemState) -> Iterator[Family]:
    """The process and its journal."""
    who = {"version": VERSION, "run": state.run}
    yield InfoMetricFamily("phosphene", "Version, and which run this is", value=who)
    yield _gauge("up_seconds", "Since the start", state.up_s)
    yield _gauge("draining", "1 while the server goes down", bool(state.draining))
    yield _gauge("zombies", "Hung actors that were replaced and still run", state.zombies)
    yield _counter("stalls", "Times that the whole process stood still", state.stalls)
    longest = state.longest_stall_s
    yield _gauge("longest_stall_seconds", "The longest of these", longest)
    yield gauges(
        "journal_state",
        "1 for how the journal is: writing, full (its disk), or down",
        ("state",),
        {(name,): name == state.journal for name in JOURNAL},
    )
    yield _counter("journal_entries", "Number of the newest entry", state.last_number)
    yield counters(
        "dead_letters",
        "Messages that nobody handled, by reason",
        ("reason",),
        {(reason,): count for reason, count in state.dead_letters.items()},
    )


def of_children(actors: Sequence[ActorFacts]) -> Iterator[Family]:
    """How many there are, and how they are."""
    rows = [facts.row for facts in actors]
    found = Counter((row.kind, str(row.state)) for row in rows)
    yield gauges(
        "children",
        "Supervised children by what they are and their state",
        ("kind", "state"),
        {(k, str(s)): found[k, str(s)] for k in KINDS for s in ChildState},
    )
    held, paused = sum(row.held for row in rows), sum(row.paused for row in rows)
    yield _gauge("children_held", "Children that an operator stopped", held)
    yield _gauge("children_paused", "Children that an operator paused", paused)
    running = (row.path for row in rows if row.state is ChildState.RUNNING)
    yield _gauge("sessions", "Sessions that run", sum(map(is_session, running)))
    yield gauges(
        "budget_used_ratio",
        "Share of its supervisor's restarts that are spent, the highest of a role",
        ("role",),
        _highest(actors, _spent),
    )


def of_inboxes(actors: Sequence[ActorFacts]) -> Iterator[Family]:
    """What waits, and what is in hand."""
    depths: Counter[Labels] = Counter()
    for facts in actors:
        depths[(role(facts.row.path),)] += facts.depth
    yield gauges("inbox_messages", "Messages that wait, by role", ("role",), depths)
    yield gauges(
        "inbox_oldest_seconds",
        "For how long the oldest message of a role has waited, to a quarter of a second",
        ("role",),
        _highest(actors, lambda facts: facts.oldest_s),
    )
    yield gauges(
        "handling_seconds",
        "For how long the message in hand has been, the longest of a role",
        ("role",),
        _highest(actors, lambda facts: facts.handling_s),
    )


def of_the_door(figures: Figures) -> Iterator[Family]:
    """The WebSockets."""
    yield _gauge("stream_clients", "WebSockets that are open", figures.active)
    yield _counter("stream_connections", "WebSockets ever opened", figures.total)
    yield counters(
        "stream_closes",
        "WebSockets that ended, by reason",
        ("reason",),
        {(str(why),): count for why, count in figures.closes.items()},
    )
    for name, what, count in (
        ("frames_sent", "Messages handed whole to the kernel", figures.sent),
        ("frames_dropped", "Frames that a newer one replaced", figures.dropped),
        ("frames_superseded", "Frames that no client was served", figures.superseded),
        ("messages_received", "Whole messages from clients", figures.received),
        ("handshakes_refused", "WebSocket handshakes refused", figures.refused),
        ("heads_refused", "Connections without a whole head", figures.heads_refused),
    ):
        yield _counter(name, what, count)


def counters(
    name: str,
    what: str,
    labels: Sequence[str],
    counts: Mapping[Labels, float],
) -> CounterMetricFamily:
    """A family of what only grows.

    Args:
        name: without prefix and `_total`.
        what: it is, for a person.
        labels: their names.
        counts: by the labels' values.
    """
    family = CounterMetricFamily(f"phosphene_{name}", what, labels=labels)
    for values in sorted(counts):
        family.add_metric(values, counts[values])
    return family


def gauges(
    name: str,
    what: str,
    labels: Sequence[str],
    values: Mapping[Labels, float],
) -> GaugeMetricFamily:
    """A family of what goes up and down; arguments as of `counters`."""
    family = GaugeMetricFamily(f"phosphene_{name}", what, labels=labels)
    for named in sorted(values):
        family.add_metric(named, values[named])
    return family


def _counter(name: str, what: str, count: float) -> CounterMetricFamily:
    return counters(name, what, (), {(): count})


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return gauges(name, what, (), {(): value})


def _highest(
    actors: Sequence[ActorFacts], measure: Callable[[ActorFacts], float]
) -> dict[Labels, float]:
    highest: dict[Labels, float] = {}
    for facts in actors:
        named = (role(facts.row.path),)
        highest[named] = max(highest.get(named, 0.0), measure(facts))
    return highest


def _spent(facts: ActorFacts) -> float:
    budget = facts.budget
    return budget.spent / budget.of if budget is not None and budget.of else 0.0

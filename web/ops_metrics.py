"""`/metrics`: the tree and the door in figures, for Prometheus, by its client library.

In: what operators see, the books of the edges, the door's figures. Out: the text format, or
OpenMetrics for who asks for it. All is computed when it is asked for; a crash forgets what
ended parts had counted, and counters begin anew, as Prometheus expects of them.

The registry is our own: the library's global one is shared with whatever else is imported.
Importing this takes 0.1 s (the library imports an HTTP server), so the route does it at the
first question.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Final

from prometheus_client import GCCollector, ProcessCollector
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry
from prometheus_client.utils import floatToGoString

from protocols.operators import HANDLING_LE_S, ActorFacts, Operators
from web.door import Book
from web.figures import Figures
from web.ops_counts import Grown, role
from web.ops_families import (
    Family,
    Labels,
    counters,
    gauges,
    of_children,
    of_inboxes,
    of_the_door,
    of_the_whole,
)

_LE: Final = tuple(map(floatToGoString, (*HANDLING_LE_S, float("inf"))))


class Metrics(Collector):
    """Writes what Prometheus reads. One thread at a time.

    Args:
        operators: who shows the tree.
        books: of every edge.
    """

    def __init__(self, operators: Operators, books: Callable[[], Sequence[Book]]) -> None:
        self._operators = operators
        self._books = books
        self._figures = Figures()
        self._restarts: Grown[Labels] = Grown()
        self._handled: Grown[Labels] = Grown()
        self._carried: Grown[Labels] = Grown()
        self._dropped: Grown[Labels] = Grown()
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._registry.register(self)

    def write(self, accept: str, figures: Figures) -> tuple[bytes, str]:
        """Write all metrics.

        Args:
            accept: what the client takes, as in the header.
            figures: the door's, a copy.

        Returns:
            The body and its content type.
        """
        self._figures = figures
        encode, kind = choose_encoder(accept)
        return encode(self._registry), kind

    def collect(self) -> Iterator[Family]:
        """Compute all families; for the library."""
        actors = self._operators.actors()
        yield from of_the_whole(self._operators.state())
        yield from of_children(actors)
        yield from of_inboxes(actors)
        yield from self._of_lives(actors)
        yield from self._of_edges(self._books())
        yield from of_the_door(self._figures)

    def _of_lives(self, actors: Sequence[ActorFacts]) -> Iterator[Family]:
        rows = [facts.row for facts in actors]
        restarts = self._restarts.read(
            (row.path, (role(row.path),), (row.restarts,)) for row in rows
        )
        yield counters(
            "restarts",
            "Restarts by role",
            ("role",),
            {named: count for named, (count,) in restarts.items()},
        )
        handled = self._handled.read(
            (
                (facts.row.path, facts.row.life),
                (role(facts.row.path),),
                (*facts.handled.counts, facts.handled.seconds),
            )
            for facts in actors
        )
        family = HistogramMetricFamily(
            "phosphene_handled_seconds", "How long messages took, by role", labels=["role"]
        )
        for named in sorted(handled):
            *counts, seconds = handled[named]
            cumulative = list(zip(_LE, accumulate(counts), strict=True))
            family.add_metric(named, cumulative, seconds)
        yield family

    def _of_edges(self, books: Sequence[Book]) -> Iterator[Family]:
        carried = self._carried.read(
            (book.edge, (role(book.edge),), (book.came, book.taken)) for book in books
        )
        dropped = self._dropped.read(
            ((book.edge, reason), (role(book.edge), reason), (count,))
            for book in books
            for reason, count in book.dropped.items()
        )
        queued: dict[Labels, float] = {}
        for book in books:
            named = (role(book.edge),)
            queued[named] = queued.get(named, 0) + book.queued
        yield counters(
            "edge_came",
            "Messages that came to an edge",
            ("edge",),
            {named: came for named, (came, _) in carried.items()},
        )
        yield counters(
            "edge_taken",
            "Messages taken out of an edge",
            ("edge",),
            {named: taken for named, (_, taken) in carried.items()},
        )
        yield counters(
            "edge_dropped",
            "Messages that an edge lost, by reason",
            ("edge", "reason"),
            {named: count for named, (count,) in dropped.items()},
        )
        yield gauges("edge_queued", "Messages that wait in an edge", ("edge",), queued)

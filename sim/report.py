"""The report of a simulated run: what was simulated, what came of it, what was broken.

It is written as JSON (`report.json`) and read by whoever draws it. Times called `at_s` are
virtual seconds since the run began; nothing here but `wall_s` and `cpu_s` depends on the
machine, so the same parameters give the same report.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from protocols.supervision import ChildRow

LATENCY_LE_MS: Final[tuple[float, ...]] = (
    *(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 50.0),
    *(75.0, 100.0, 150.0, 200.0, 300.0, 500.0, 1e3, 2e3, 5e3, 1e4),
)
"""Upper bounds of the latency histograms' buckets, milliseconds; then infinity."""

STAGES: Final = (
    *("read", "filter", "encode", "semantic", "queue", "generate", "deliver"),
    *("wish", "frame"),
)
"""Rows of the latency histograms. The first seven are the parts of a frame's way, in order;
`wish` is from the last sample to the wish for a picture, `frame` to the client."""


class RunParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is made of; the same again gives the same journal."""

    seed: int
    seconds: float
    """Virtual seconds until the drain begins."""

    sessions: int
    """That are kept alive: one that ends makes place for another."""

    pictures_hz: float
    """Wished for by each session."""

    painter: bool
    """True: the real painter made the pictures; False: flat ones took its place."""

    slice: int
    """Messages that an actor handles before another has its turn."""

    faults: str = ""
    """Name of the file of faults; empty: none."""

    rates: dict[str, float] = {}
    """Random faults a virtual minute, by kind."""

    version: str = ""
    """Of the program."""


class SessionFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One simulated session."""

    session: str
    created_s: float
    ended_s: float | None
    """None: it lived until the drain."""

    status: str
    """As the session manager had it last: `active`, `paused`, `ended` or `failed`."""

    reason: str
    frames: int
    """Pictures that reached its viewers."""

    driven: int
    """Of these, driven by its sitter."""

    first_frame_s: float | None
    longest_gap_s: float
    """Longest time between two frames."""


class LatencyRow(msgspec.Struct, frozen=True, kw_only=True):
    """How long one stage took, over all driven frames that reached a client."""

    stage: str
    """One of `STAGES`."""

    counts: tuple[int, ...]
    """By bucket of `LATENCY_LE_MS`, and one more above."""

    p50_ms: float
    p99_ms: float
    """Upper bounds of the buckets in which these are; the most, above the last bound."""

    most_ms: float


class DropRow(msgspec.Struct, frozen=True, kw_only=True):
    """What an edge dropped, and why; sessions' edges are told together.

    The edges of sessions bear `*` in place of the session's id.
    """

    edge: str
    reason: str
    count: int


class EdgeRow(msgspec.Struct, frozen=True, kw_only=True):
    """An edge's books at the end; sessions' edges are told together (`*`)."""

    edge: str
    came: int
    taken: int
    dropped: int
    queued: int


class FaultRow(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that was injected."""

    at_s: float
    kind: str
    where: str
    detail: str
    entry: int
    """Its number in the journal."""


class Second(msgspec.Struct, frozen=True, kw_only=True):
    """One virtual second."""

    at_s: float
    """At its end."""

    frames: int
    """That reached clients in it."""

    restarts: int
    """Of children, in it."""

    queued: int
    """Messages that wait at its end, in all edges."""

    sessions: int
    """Alive at its end."""

    messages: int
    """That were sent in it."""


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must hold and did not."""

    invariant: str
    """Its name in `supervisors.invariants`."""

    at_s: float
    detail: str


class AskFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What became of all questions."""

    asked: int
    answered: int
    failed: dict[str, int]
    """Answered with an error, by its type."""

    open: int
    """Never answered: a violation."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One simulated run."""

    parameters: RunParameters
    outcome: str
    """`done`; or why it ended before its time: `fell: …`, `deadlock: …`, …"""

    replay: str
    """The command that runs it again."""

    virtual_s: float
    """Until the tree was down."""

    wall_s: float
    cpu_s: float
    """Processor time, seconds."""

    journal_sha256: str
    """Of the canonical bytes of all entries, in order."""

    journal_entries: int
    slices: int
    """Turns that the scheduler gave."""

    messages: int
    """That were sent."""

    frames: int
    sessions: tuple[SessionFigures, ...]
    latency: tuple[LatencyRow, ...]
    restarts: dict[str, int]
    """Of children, by path; sessions' ids are `*`."""

    asks: AskFigures
    drops: tuple[DropRow, ...]
    edges: tuple[EdgeRow, ...]
    faults: tuple[FaultRow, ...]
    timeline: tuple[Second, ...]
    tree: tuple[ChildRow, ...]
    """As it was when the drain began."""

    violations: tuple[Violation, ...]


write_report = msgspec.json.Encoder().encode
read_report = msgspec.json.Decoder(Report).decode


def quantile_ms(counts: Sequence[int], share: float, most_ms: float) -> float:
    """Upper bound of the bucket in which `share` (0 to 1) of all counts are.

    Args:
        counts: by bucket of `LATENCY_LE_MS`, and one more above.
        share: of all.
        most_ms: the largest value that was counted; no answer is above it.

    Returns:
        Milliseconds; 0 when nothing was counted.
    """
    wanted, seen = share * sum(counts), 0
    for count, bound in zip(counts, LATENCY_LE_MS, strict=False):
        seen += count
        if seen >= wanted and seen:
            return min(bound, most_ms)
    return most_ms if any(counts) else 0.0

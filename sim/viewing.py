"""What simulated viewers see: frames by session, and how long each took by stage."""

import math
import struct
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from protocols.sessions import SessionView
from protocols.streams import StreamFrame
from sim.report import LATENCY_LE_MS, STAGES, LatencyRow, SessionFigures, quantile_ms

_LENGTH: Final = struct.Struct(">I")
_BEFORE_WISH: Final = ("read", "filter", "encode", "semantic")


class _Metadata(msgspec.Struct):
    driven: bool


class _Head(msgspec.Struct):
    """Of a binary frame: what a viewer wants of it."""

    latency_ms: dict[str, float]
    metadata: _Metadata


_read_head = msgspec.msgpack.Decoder(_Head).decode


class Times:
    """One stage's latencies."""

    def __init__(self) -> None:
        self._counts = [0] * (len(LATENCY_LE_MS) + 1)
        self._most_ms = 0.0

    def add(self, ms: float) -> None:
        """Count one, in milliseconds."""
        self._counts[bisect_left(LATENCY_LE_MS, ms)] += 1
        self._most_ms = max(self._most_ms, ms)

    def row(self, stage: str) -> LatencyRow:
        """As the report has it."""
        return LatencyRow(
            stage=stage,
            counts=tuple(self._counts),
            p50_ms=quantile_ms(self._counts, 0.50, self._most_ms),
            p99_ms=quantile_ms(self._counts, 0.99, self._most_ms),
            most_ms=self._most_ms,
        )


@dataclass
class Viewing:
    """One session, as its viewers saw it."""

    session: str
    created_at: float
    serial: int = 0
    """Of the headset."""

    ended_at: float | None = None
    status: str = "active"
    reason: str = ""
    frames: int = 0
    driven: int = 0
    first_at: float | None = None
    last_at: float = 0.0
    longest_gap_s: float = 0.0

    def see(self, now: float, *, driven: bool) -> None:
        """A picture came."""
        if self.first_at is None:
            self.first_at = now
        else:
            self.longest_gap_s = max(self.longest_gap_s, now - self.last_at)
        self.last_at = now
        self.frames += 1
        self.driven += driven

    def learn(self, view: SessionView) -> None:
        """What the session manager says."""
        self.status, self.reason = view.status, view.reason
        self.ended_at = view.ended_at

    def figures(self) -> SessionFigures:
        """As the report has it; times from clock times, for the clock begins at 0."""
        return SessionFigures(
            session=self.session,
            created_s=self.created_at,
            ended_s=self.ended_at,
            status=self.status,
            reason=self.reason,
            frames=self.frames,
            driven=self.driven,
            first_frame_s=self.first_at,
            longest_gap_s=self.longest_gap_s,
        )


@dataclass
class Seen:
    """Everything that viewers saw."""

    sessions: dict[str, Viewing] = field(default_factory=dict)
    learned_at: float = 0.0
    """Clock time at which the session manager last told of all sessions."""

    frames: int = 0
    times: dict[str, Times] = field(
        default_factory=lambda: {stage: Times() for stage in STAGES}
    )

    def take(self, frame: StreamFrame, now: float) -> float | None:
        """A binary frame came; the seconds since its sample, if one drove it."""
        head = _head(frame.payload)
        viewing = self.sessions.get(frame.topic)
        self.frames += 1
        driven = head.metadata.driven
        if viewing is not None:
            viewing.see(now, driven=driven)
        if not driven:
            return None
        took_s = now - frame.captured_at
        self._count(head.latency_ms, 1e3 * took_s)
        return took_s

    def _count(self, latency_ms: Mapping[str, float], frame_ms: float) -> None:
        times = self.times
        for stage, ms in latency_ms.items():
            if stage in times:
                times[stage].add(ms)
        times["wish"].add(math.fsum(latency_ms[stage] for stage in _BEFORE_WISH))
        times["frame"].add(frame_ms)

    def rows(self) -> tuple[LatencyRow, ...]:
        """By stage."""
        return tuple(times.row(stage) for stage, times in self.times.items())


def _head(payload: bytes) -> _Head:
    (length,) = _LENGTH.unpack_from(payload)
    return _read_head(payload[_LENGTH.size : _LENGTH.size + length])

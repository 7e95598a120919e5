"""Time as a message."""

from typing import TypeAlias

import msgspec


class Tick(msgspec.Struct, frozen=True):
    """The metronome struck."""

    now: float
    """Clock time at which it was due, seconds."""

    number: int
    """Counts from 0; a jump means ticks were missed and skipped."""


class Beat(msgspec.Struct, frozen=True):
    """The timer's call to the metronome: a slot of the tick is due."""

    due_at: float
    """Clock time, seconds."""

    number: int
    """Counts slots from 0."""


class MetronomeStatus(msgspec.Struct, frozen=True):
    """Ask for the metronome's figures; the answer is `MetronomeFigures`."""


class MetronomeFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How true the metronome is, over the last 600 ticks of its first slot."""

    ticks: int
    missed: int
    late_p50_ms: float
    late_p99_ms: float


MetronomeInput: TypeAlias = Beat | MetronomeStatus

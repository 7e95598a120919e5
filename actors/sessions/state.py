"""A session's course, as arithmetic: state and message in, state and orders out."""

import math
from collections.abc import Mapping
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from protocols.eeg import Phase, SourceState
from protocols.sessions import FrameSent, FrameWritten, SessionSettings, SessionView

KEPT_ENDED = 1000
"""Ended sessions that can still be asked for; the oldest go first."""


class Sitting(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a session."""

    session: str
    settings: SessionSettings
    created_at: float
    last_activity_at: float
    status: str = "active"
    phase: Phase = Phase.SEARCHING
    reason: str = "starting"
    ended_at: float | None = None
    images: int = 0
    driven_images: int = 0
    latency_sum_s: float = 0.0
    written_images: int = 0
    written_sum_s: float = 0.0

    def view(self, now: float) -> SessionView:
        """As the door shows it at clock time `now`."""
        until = now if self.ended_at is None else self.ended_at
        return SessionView(
            session=self.session,
            settings=self.settings,
            status=self.status,
            phase=self.phase,
            reason=self.reason,
            created_at=self.created_at,
            ended_at=self.ended_at,
            images=self.images,
            last_activity_at=self.last_activity_at,
            duration_s=until - self.created_at,
            mean_latency_s=self._mean_latency_s(),
        )

    def _mean_latency_s(self) -> float | None:
        if self.written_images:
            return self.written_sum_s / self.written_images
        return self.latency_sum_s / self.driven_images if self.driven_images else None


Sittings: TypeAlias = Mapping[str, Sitting]


def is_over(sitting: Sitting) -> bool:
    """Whether it has ended, well or badly."""
    return sitting.ended_at is not None


def due(sittings: Sittings, now: float) -> list[str]:
    """Sessions whose time is up."""
    return [
        name
        for name, s in sittings.items()
        if not is_over(s) and now - s.created_at >= s.settings.duration_s
    ]


def end(sitting: Sitting, now: float, reason: str, *, failed: bool = False) -> Sitting:
    """End a session; one that is over stays as it is."""
    if is_over(sitting):
        return sitting
    return replace(
        sitting,
        status="failed" if failed else "ended",
        phase=Phase.ENDED,
        reason=reason,
        ended_at=now,
    )


def count_frame(sitting: Sitting, frame: FrameSent) -> Sitting:
    """A picture went out; only those that a brain drove count for the latency."""
    driven = frame.driven and math.isfinite(frame.latency_s)
    return replace(
        sitting,
        images=sitting.images + 1,
        driven_images=sitting.driven_images + driven,
        latency_sum_s=sitting.latency_sum_s + (frame.latency_s if driven else 0.0),
        last_activity_at=frame.sent_at,
    )


def count_written(sitting: Sitting, frame: FrameWritten) -> Sitting:
    """A driven picture reached its viewers' sockets."""
    return replace(
        sitting,
        written_images=sitting.written_images + 1,
        written_sum_s=sitting.written_sum_s + frame.latency_s,
    )


def see_source(sitting: Sitting, state: SourceState) -> Sitting:
    """The source does something else now."""
    if is_over(sitting):
        return sitting
    return replace(sitting, phase=state.phase, reason=state.reason)


def forget_oldest(sittings: Sittings) -> dict[str, Sitting]:
    """Keep the sessions that live and the newest that ended."""
    over = sorted(
        (s for s in sittings.values() if is_over(s)), key=lambda s: s.ended_at or 0.0
    )
    gone = {s.session for s in over[: max(0, len(over) - KEPT_ENDED)]}
    return {name: s for name, s in sittings.items() if name not in gone}

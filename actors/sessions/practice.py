"""A practice's course, as arithmetic: created, running, then completed or stopped.

No clock and no parts: what is started and stopped along with it is `practices`'s.
"""

from collections.abc import Mapping
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from protocols.sessions import PracticeSettings, PracticeStatus, SessionConflict

KEPT_OVER = 1000
"""Practices that are over and can still be asked for; the oldest go first."""

MOST_CREATED = 1000
"""Practices that wait to be started; one more is refused."""

_CLOSE_S = 1e-6
"""What adding a duration to a clock's time may lose."""


class Practice(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a practice. Times are clock times."""

    session: str
    settings: PracticeSettings
    created_at: float
    status: PracticeStatus = "created"
    reason: str = ""
    started_at: float | None = None
    ended_at: float | None = None
    no_pictures: str = ""
    """Why its pictures could not be started, if they could not."""

    def elapsed_s(self, now: float) -> float:
        """Seconds that it has run, by `now` or until its end."""
        if self.started_at is None:
            return 0.0
        until = now if self.ended_at is None else self.ended_at
        ran_s, whole_s = until - self.started_at, self.settings.duration_s
        return whole_s if ran_s > whole_s - _CLOSE_S else max(0.0, ran_s)

    def remaining_s(self, now: float) -> float:
        """Seconds until it ends by itself; 0 once it is over."""
        if self.ended_at is not None:
            return 0.0
        return self.settings.duration_s - self.elapsed_s(now)

    def due_at(self) -> float | None:
        """When it ends by itself; None: it does not run."""
        if self.status != "running" or self.started_at is None:
            return None
        return self.started_at + self.settings.duration_s


Practices: TypeAlias = Mapping[str, Practice]


def start(practice: Practice, now: float) -> Practice | SessionConflict:
    """Let it run from `now` on."""
    match practice.status:
        case "created":
            return replace(practice, status="running", started_at=now)
        case "running":
            return _conflict(practice, "SESSION_ALREADY_RUNNING", "it runs already")
        case _:
            reason = "it is over; create another"
            return _conflict(practice, "SESSION_ENDED", reason)


def stop(practice: Practice, now: float, reason: str) -> Practice | SessionConflict:
    """Stop it; one whose time is over by `now` is completed all the same."""
    if practice.status != "running":
        why = "it has not been started" if practice.status == "created" else "it is over"
        return _conflict(practice, "SESSION_NOT_RUNNING", why)
    return complete(practice, now) or replace(
        practice, status="stopped", reason=reason, ended_at=now
    )


def complete(practice: Practice, now: float) -> Practice | None:
    """End it at its due time, if that has come by `now`; None: it has not."""
    due_at = practice.due_at()
    if due_at is None or now < due_at - _CLOSE_S:
        return None
    return replace(practice, status="completed", ended_at=due_at)


def after_restart(practice: Practice, now: float, alive_at: float | None) -> Practice:
    """What becomes of one that was kept, in a process that begins at `now`.

    Args:
        practice: as it was kept.
        now: clock time.
        alive_at: None: its time went on meanwhile. Else it was stopped with the process,
            which was last known to be alive then.
    """
    started_at = practice.started_at
    if practice.status != "running" or started_at is None:
        return practice
    if started_at > now:  # the wall clock was set back meanwhile
        practice, started_at = replace(practice, started_at=now), now
    if alive_at is None:
        return complete(practice, now) or practice
    ended_at = max(started_at, min(alive_at, now))
    return complete(practice, ended_at) or replace(
        practice, status="stopped", reason="the server ended", ended_at=ended_at
    )


def is_over(practice: Practice) -> bool:
    """Whether it has ended, by itself or not."""
    return practice.ended_at is not None


def visible(practices: Practices, owner: str) -> list[Practice]:
    """Those that a key's owner may see (empty: nobody's in particular), newest first."""
    found = [p for p in practices.values() if p.settings.owner in ("", owner)]
    return sorted(found, key=lambda p: p.created_at, reverse=True)


def too_old(practices: Practices) -> list[str]:
    """Those that are over and kept no longer."""
    over = [p for p in practices.values() if is_over(p)]
    over.sort(key=lambda p: p.ended_at or 0.0)
    return [p.session for p in over[: max(0, len(over) - KEPT_OVER)]]


def _conflict(practice: Practice, code: str, reason: str) -> SessionConflict:
    return SessionConflict(
        session=practice.session, status=practice.status, code=code, reason=reason
    )

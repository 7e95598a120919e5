"""Sessions of both kinds in short, for everyone who listens. Pure."""

from actors.sessions.ledger import Ledger
from actors.sessions.practice import Practice
from actors.sessions.state import Sitting
from protocols.sessions import ReadOverview, SessionRow


def overview(ledger: Ledger, now: float, asked: ReadOverview) -> tuple[SessionRow, ...]:
    """Rows of those that live or ended a moment ago, newest first.

    A practice's own sitting has no row beside the practice's.

    Args:
        ledger: of the manager.
        now: clock time.
        asked: how many, and how long ago.
    """
    since = now - asked.ended_within_s
    rows = [
        _of_sitting(sitting, now)
        for sitting in ledger.sittings.values()
        if sitting.session not in ledger.practices
        and (sitting.ended_at is None or sitting.ended_at >= since)
    ]
    rows += [
        _of_practice(practice, now)
        for practice in ledger.practices.values()
        if practice.ended_at is None or practice.ended_at >= since
    ]
    rows.sort(key=lambda row: row.created_at, reverse=True)
    return tuple(rows[: asked.most])


def _of_sitting(sitting: Sitting, now: float) -> SessionRow:
    until = now if sitting.ended_at is None else sitting.ended_at
    elapsed_s = until - sitting.created_at
    left_s = sitting.settings.duration_s - elapsed_s
    return SessionRow(
        session=sitting.session,
        kind="sitting",
        name=sitting.settings.device_type,
        status=sitting.status,
        owner=sitting.settings.owner,
        created_at=sitting.created_at,
        started_at=sitting.created_at,
        elapsed_s=elapsed_s,
        remaining_s=max(0.0, left_s) if sitting.ended_at is None else 0.0,
    )


def _of_practice(practice: Practice, now: float) -> SessionRow:
    return SessionRow(
        session=practice.session,
        kind="practice",
        name=practice.settings.name,
        status=practice.status,
        owner=practice.settings.owner,
        created_at=practice.created_at,
        started_at=practice.started_at,
        elapsed_s=practice.elapsed_s(now),
        remaining_s=practice.remaining_s(now),
    )

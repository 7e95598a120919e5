"""The 10 Hz broadcast of `/ws` (document 003): `realtime_data` and `heartbeat`.

While somebody listens, sessions are asked for twice a second, the machine's load is
sampled once a second in a thread, and each beat sends what is known: it asks nobody.
The spectrum is of what sounds now, as the synth told it last.

Ids of sittings open streams, so this public message bears others: see `shown_id`.
"""

import math
from contextlib import suppress
from typing import Final

import msgspec
import psutil
import trio

from protocols.live import Heartbeat, LiveSession, RealtimeData, SystemStatus
from protocols.sessions import ReadOverview, SessionRow
from web.ask import NoAnswerError, ask
from web.audience import Audience
from web.door import Door
from web.live_events import shown_id

PERIOD_S: Final = 0.1
RATE_HZ: Final = 10
_SESSIONS_S: Final = 0.5
_LOAD_S: Final = 1.0
_DIGITS: Final = 4
_write: Final = msgspec.json.Encoder().encode


class Realtime:
    """Tells everyone at `/ws` how things are; made and used inside one Trio run."""

    def __init__(self, door: Door, audience: Audience) -> None:
        self._door = door
        self._audience = audience
        self._sessions: dict[str, LiveSession] = {}
        self._cpu = self._memory = 0.0
        self._began_at = door.clock.now()

    async def run(self) -> None:
        """Broadcast until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._beat)
            nursery.start_soon(self._say_heartbeats)
            nursery.start_soon(self._follow_sessions)
            nursery.start_soon(self._sample_load)

    async def _beat(self) -> None:
        began, beat = trio.current_time(), 0
        while True:
            await self._audience.came()
            # Absolute deadlines; beats that were missed are skipped, not caught up.
            late = (trio.current_time() - began) / PERIOD_S
            beat = max(beat + 1, math.ceil(late))
            await trio.sleep_until(began + beat * PERIOD_S)
            self._audience.beat(beat, _write(self._realtime_data(beat)))

    async def _say_heartbeats(self) -> None:
        while True:
            await self._audience.came()
            await trio.sleep(self._door.limits.heartbeat_s)
            self._audience.heartbeat(_write(self._heartbeat()))

    def _realtime_data(self, beat: int) -> RealtimeData:
        door = self._door
        bins = door.ear.bins(door.clock.now())
        return RealtimeData(
            timestamp=door.unix(),
            audio_spectrum=tuple([round(one, _DIGITS) for one in bins]),
            sessions=self._sessions,
            system_status=SystemStatus(
                cpu_usage=self._cpu,
                memory_usage=self._memory,
                websocket_connections=door.figures.active,
            ),
            sequence=beat,
        )

    def _heartbeat(self) -> Heartbeat:
        return Heartbeat(
            timestamp=self._door.unix(),
            connection_count=self._door.figures.active,
            uptime=self._door.clock.now() - self._began_at,
        )

    async def _follow_sessions(self) -> None:
        while True:
            await self._audience.came()
            with suppress(NoAnswerError):  # what was known stays
                rows = await ask(self._door.sessions, ReadOverview(), timeout_s=_LOAD_S)
                self._sessions = {row.id: row for row in map(_row, rows)}
            await trio.sleep(_SESSIONS_S)

    async def _sample_load(self) -> None:
        while True:
            await self._audience.came()
            self._cpu, self._memory = await trio.to_thread.run_sync(_load)
            await trio.sleep(_LOAD_S)


def _row(row: SessionRow) -> LiveSession:
    return LiveSession(
        id=shown_id(row.session, row.owner, kind=row.kind),
        name=row.name,
        status="running" if row.status == "active" else row.status,
        elapsed=int(row.elapsed_s),
    )


def _load() -> tuple[float, float]:
    return psutil.cpu_percent(None), psutil.virtual_memory().percent

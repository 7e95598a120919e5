"""The 10 Hz broadcast of `/ws` (document 003): `realtime_data` and `heartbeat`.

While somebody listens, sessions are asked for twice a second, the machine's load is
sampled once a second in a thread, and each beat sends what is known: it asks nobody.
Nothing is synthesised yet: the spectrum is silence, 64 zeros, which is what is played.

Session ids open streams, so this public message bears others: see `public_name`.
"""

import math
from contextlib import suppress
from typing import Any, Final

import msgspec
import psutil
import trio

from protocols.sessions import ListSessions, SessionView
from protocols.streams import StreamFrame
from web.admission import BROADCAST
from web.ask import NoAnswerError, ask
from web.door import Door
from web.gateway import Gateway
from web.ownership import public_name

PERIOD_S: Final = 0.1
RATE_HZ: Final = 10
HEARTBEAT_S: Final = 30.0
_SESSIONS_S: Final = 0.5
_LOAD_S: Final = 1.0
_BEATS_A_HEART: Final = round(HEARTBEAT_S / PERIOD_S)
_BINS: Final = 64
_write: Final = msgspec.json.Encoder().encode


class Realtime:
    """Tells everyone at `/ws` how things are; made and used inside one Trio run."""

    def __init__(self, door: Door, gateway: Gateway) -> None:
        self._door = door
        self._gateway = gateway
        self._sessions: dict[str, dict[str, Any]] = {}
        self._cpu = self._memory = 0.0
        self._began_at = door.clock.now()
        self._sequence = 0

    async def run(self) -> None:
        """Broadcast until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._beat)
            nursery.start_soon(self._follow_sessions)
            nursery.start_soon(self._sample_load)

    async def _beat(self) -> None:
        began, beat, next_heart = 0.0, 0, _BEATS_A_HEART
        while True:
            if await self._gateway.listened_to():
                began, beat, next_heart = trio.current_time(), 0, _BEATS_A_HEART
            # Absolute deadlines; beats that were missed are skipped, not caught up.
            late = (trio.current_time() - began) / PERIOD_S
            beat = max(beat + 1, math.ceil(late))
            await trio.sleep_until(began + beat * PERIOD_S)
            self._tell(self._realtime_data(), control=False)
            if beat >= next_heart:
                next_heart += _BEATS_A_HEART
                self._tell(self._heartbeat(), control=True)

    def _tell(self, said: dict[str, Any], *, control: bool) -> None:
        self._sequence += not control
        now = self._door.clock.now()
        self._door.hub.tell(
            StreamFrame(
                topic=BROADCAST,
                kind="json",
                sequence=self._sequence,
                payload=_write(said),
                binary=False,
                control=control,
                made_at=now,
            )
        )

    def _realtime_data(self) -> dict[str, Any]:
        return {
            "type": "realtime_data",
            "timestamp": self._door.unix(),
            "audio_spectrum": [0.0] * _BINS,
            "sessions": self._sessions,
            "system_status": {
                "cpu_usage": self._cpu,
                "memory_usage": self._memory,
                "websocket_connections": self._door.figures.active,
            },
        }

    def _heartbeat(self) -> dict[str, Any]:
        return {
            "type": "heartbeat",
            "timestamp": self._door.unix(),
            "connection_count": self._door.figures.active,
            "uptime": self._door.clock.now() - self._began_at,
        }

    async def _follow_sessions(self) -> None:
        while True:
            await self._gateway.listened_to()
            with suppress(NoAnswerError):  # what was known stays
                views = await ask(self._door.sessions, ListSessions(), timeout_s=_LOAD_S)
                self._sessions = dict(map(_row, views))
            await trio.sleep(_SESSIONS_S)

    async def _sample_load(self) -> None:
        while True:
            await self._gateway.listened_to()
            self._cpu, self._memory = await trio.to_thread.run_sync(_load)
            await trio.sleep(_LOAD_S)


def _row(view: SessionView) -> tuple[str, dict[str, Any]]:
    name = public_name(view.session)
    status = "running" if view.status == "active" else view.status
    row = {
        "id": name,
        "name": view.settings.device_type,
        "status": status,
        "elapsed": int(view.duration_s),
    }
    return name, row


def _load() -> tuple[float, float]:
    return psutil.cpu_percent(None), psutil.virtual_memory().percent

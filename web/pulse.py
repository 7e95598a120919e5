"""Protocol pings: who is silent is asked whether it is there (RFC 6455, section 5.5.2).

A listener that says nothing for hours answers pings, and stays: its browser or library does
it for it. Who does not answer is gone, whatever its connection looks like, and its place
is free again. Silence counts while we listen: a client that is read slowly, or whose
message is being answered, is not asked.
"""

from collections.abc import Collection
from typing import Final

import trio

from web.door import Limits
from web.fanout import Fanout
from web.figures import Closed
from web.frames import closing, ping
from web.viewer import Viewer

SILENT: Final = 1011
"""As other servers close then; clients take it as a reason to connect again."""

LOOK_S: Final = 1.0


class Pulse:
    """Asks all; made and used inside one Trio run.

    Args:
        fanout: writes to the clients.
        viewers: everyone.
        limits: of silence.
    """

    def __init__(self, fanout: Fanout, viewers: Collection[Viewer], limits: Limits) -> None:
        self._fanout = fanout
        self._viewers = viewers
        self._ping_s = limits.ping_s
        self._pong_s = limits.pong_s
        self._gone = closing(SILENT, f"no answer to a ping in {limits.pong_s:g} s")

    async def run(self) -> None:
        """Look at everyone, until cancelled."""
        while True:
            await trio.sleep(min(LOOK_S, self._ping_s / 4, self._pong_s / 4))
            now = trio.current_time()
            for viewer in list(self._viewers):
                self._look_at(viewer, now)

    def _look_at(self, viewer: Viewer, now: float) -> None:
        quiet_since, client = viewer.quiet_since, viewer.client
        if quiet_since is None or client.closing:
            return
        pinged_at = viewer.pinged_at
        if pinged_at is None or pinged_at < quiet_since:
            if now - quiet_since >= self._ping_s:
                viewer.pinged_at = now
                self._fanout.tell(client, ping())
        elif now - pinged_at >= self._pong_s:
            self._fanout.say_goodbye(client, self._gone, at_once=True)
            client.end(Closed.SILENT, 0.0)

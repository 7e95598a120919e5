"""One task writes to every viewer's socket.

In: encoded frames and who is to have them. Out: bytes, without ever waiting for one
client. Who cannot take a frame now goes into an epoll object whose descriptor Trio awaits;
who takes nothing for `stall_s` is closed.
"""

import select
from collections.abc import Iterable
from typing import Final

import trio

from web.clients import Client
from web.figures import Closed, Figures
from web.frames import closing

TRY_AGAIN_LATER: Final = 1013
GOODBYE_S: Final = 2.0
"""How long a client may take to answer our close."""
_SWEEPS: Final = 8
"""Looks for stalled clients in one `stall_s`."""


class Fanout:
    """Sends to many; made and used inside one Trio run.

    Args:
        figures: where it counts.
        stall_s: seconds without progress after which a client is closed.
    """

    def __init__(self, figures: Figures, *, stall_s: float) -> None:
        self._figures = figures
        self._stall_s = stall_s
        self._poll = select.epoll()
        self._waiting: dict[int, Client] = {}

    def broadcast(self, clients: Iterable[Client], data: bytes) -> None:
        """Give a frame to every client: now, or into its slot in place of an older one."""
        now, size = trio.current_time(), len(data)
        sent = dropped = 0
        for client in clients:
            if client.idle:
                try:
                    taken = client.send(data)
                except BlockingIOError:
                    taken = 0
                except OSError:
                    client.end(Closed.GONE, 0.0)
                    continue
                if taken == size:
                    sent += 1
                else:
                    client.hold(data, taken, now)
                    self._wait_for(client)
            elif client.offer(data):
                dropped += 1
        self._figures.sent += sent
        self._figures.dropped += dropped

    def tell(self, client: Client, data: bytes) -> None:
        """Give one client a control message, which is never dropped while it lives."""
        now = trio.current_time()
        if not client.push(data, now):
            client.say_goodbye(
                closing(TRY_AGAIN_LATER, "reads too slowly"), now, at_once=True
            )
            client.end(Closed.SLOW, GOODBYE_S)
        self._flush(client)

    def say_goodbye(self, client: Client, data: bytes, *, at_once: bool = False) -> None:
        """Give one client the close frame, after what already waits for it.

        Args:
            client: who is to go.
            data: the close frame.
            at_once: before the control messages that wait.
        """
        client.say_goodbye(data, trio.current_time(), at_once=at_once)
        self._flush(client)

    def forget(self, client: Client) -> None:
        """Let go of a client whose socket is about to be closed."""
        if self._waiting.pop(client.fd, None) is not None:
            self._poll.unregister(client.fd)

    async def run(self) -> None:
        """Flush who became ready and close who stalls, until cancelled."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._flush_ready)
                nursery.start_soon(self._sweep)
        finally:
            self._poll.close()

    async def _flush_ready(self) -> None:
        while True:
            await trio.lowlevel.wait_readable(self._poll.fileno())
            for fd, _ in self._poll.poll(0):
                self._flush(self._waiting[fd])

    async def _sweep(self) -> None:
        while True:
            await trio.sleep(self._stall_s / _SWEEPS)
            limit = trio.current_time() - self._stall_s
            for client in [c for c in self._waiting.values() if c.moved_at < limit]:
                self.forget(client)
                client.end(Closed.SLOW, 0.0)

    def _flush(self, client: Client) -> None:
        try:
            self._figures.sent += client.flush(trio.current_time())
        except OSError:
            self.forget(client)
            client.end(Closed.GONE, 0.0)
            return
        if client.waiting:
            self._wait_for(client)
        else:
            self.forget(client)

    def _wait_for(self, client: Client) -> None:
        if client.fd not in self._waiting and not self._poll.closed:  # else we fell
            self._waiting[client.fd] = client
            self._poll.register(client.fd, select.EPOLLOUT)

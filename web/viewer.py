"""One WebSocket's life after its handshake: listen, answer, leave.

Writing is the fan-out's; this task reads, so that a client that leaves or breaks the rules
is noticed while frames go out, and closes the socket at the end.
"""

import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeAlias, assert_never

import trio

from web import wires
from web.clients import Client
from web.fanout import GOODBYE_S, Fanout
from web.figures import Closed, Figures
from web.frames import closing
from web.handshake import Answer, Conversation, Goodbye, Heard, Said, SaidBytes

RECEIVE_BYTES: Final = 16 * 1024
BURST_S: Final = 2.0
"""So many seconds' worth of frames may come at once."""
FLOOD: Final = 1000
"""Who owes more frames than these when it has been read once is closed with 1008. Only
tiny frames come so thick: empty pings, or a message in pieces of a byte."""
NOT_ALLOWED: Final = 1008
LOOK_S: Final = 1.0
"""A client that is read slowly is looked after so often."""

Answerer: TypeAlias = Callable[[Said | SaidBytes], Awaitable[bytes | None]]
"""Makes the frame that answers a message, if any does."""


class Viewer:
    """Reads what one client says.

    Args:
        sock: non-blocking, after the handshake; the caller closes it.
        talk: the protocol's state after the handshake.
        fanout: through which answers go out.
        figures: where messages are counted.
        frames_hz: a client that sends more frames a second is read more slowly, so that
            its pings cost the others nothing; who sends very many more is closed.
        waiting: how many frames may wait for it.
    """

    def __init__(
        self,
        *,
        sock: socket.socket,
        talk: Conversation,
        fanout: Fanout,
        figures: Figures,
        frames_hz: float,
        waiting: int = 1,
    ) -> None:
        self.client = Client(
            send=sock.send, end=self._end, fd=sock.fileno(), frames=waiting
        )
        self.reason: Closed | None = None
        """Why it ends or ended: the first reason counts."""
        self.quiet_since: float | None = None
        """Since when nothing came, though we listen (Trio's time); None: we do not."""
        self.pinged_at: float | None = None
        """When it was asked whether it is there (Trio's time)."""
        self._sock = sock
        self._talk = talk
        self._fanout = fanout
        self._figures = figures
        self._scope = trio.CancelScope()
        self._frame_s = 1 / frames_hz
        self._flood_s = BURST_S + FLOOD / frames_hz
        self._flooded = closing(NOT_ALLOWED, f"at most {frames_hz:g} frames a second")
        self._paid_until = trio.current_time()  # for the frames that came, at their rate

    async def listen(self, answer: Answerer) -> None:
        """Listen until the conversation ends or is ended.

        Args:
            answer: what comes meanwhile waits in the kernel.
        """
        with self._scope:
            while not self._talk.over:
                data = await self._receive()
                if not data:
                    self._end(Closed.GONE, 0.0)
                    return
                before = self._talk.frames
                for heard in self._talk.hear(data):
                    await self._take(heard, answer)
                    await trio.lowlevel.checkpoint()  # a thousand pings are not one turn
                await self._slow_down(self._talk.frames - before)
            await self._part()

    async def _take(self, heard: Heard, answer: Answerer) -> None:
        match heard:
            case Said() | SaidBytes():
                self._figures.received += 1
                if (wire := await answer(heard)) is not None:
                    self._fanout.tell(self.client, wire)
            case Answer(wire=wire):
                self._fanout.tell(self.client, wire)
            case Goodbye(wire=wire, broken=broken):
                self._fanout.say_goodbye(self.client, wire)
                self._end(Closed.PROTOCOL if broken else Closed.CLIENT, GOODBYE_S)
            case _:
                assert_never(heard)

    async def _part(self) -> None:
        # Closing with bytes unread resets the connection, and our close frame may be lost
        # with it: so read on until the client closes, for as long as the scope allows.
        while self.client.waiting:
            if not await self._receive():
                return
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)
        while await self._receive():
            pass

    async def _slow_down(self, frames: int) -> None:
        now = trio.current_time()
        self._paid_until = max(self._paid_until, now) + frames * self._frame_s
        if self._paid_until - now > self._flood_s and not self._talk.over:
            self._talk.over = True
            self._fanout.say_goodbye(self.client, self._flooded, at_once=True)
            self._end(Closed.PROTOCOL, GOODBYE_S)
        while not self._talk.over and (wait_s := self._paid_until - BURST_S - now) > 0:
            # Its end lies behind all that it has sent; we do not read so far now.
            if wires.has_left(self._sock):
                self._end(Closed.GONE, 0.0)
            await trio.sleep(min(wait_s, LOOK_S))
            now = trio.current_time()

    async def _receive(self) -> bytes:
        self.quiet_since = trio.current_time()
        try:
            return await wires.read_some(self._sock, RECEIVE_BYTES)
        except OSError:
            return b""
        finally:
            self.quiet_since = None

    def _end(self, reason: Closed, within_s: float) -> None:
        if self.reason is None:
            self.reason = reason
        self._scope.deadline = min(self._scope.deadline, trio.current_time() + within_s)

"""Who listens at `/ws`: greeted, told, heard, and answered (document 003).

In: the broadcast's beats (`web.realtime`), events from the hub, clients' messages. Out:
each message, encoded once, to all who want it. A crash forgets who wanted what: clients
connect again and say it again.

`ping` and `SUBSCRIBE` are answered at once. What an actor has to carry out goes, in order,
through a task of the client's own, so that it is heard meanwhile: its pings are answered
and its goodbye is noticed. Of such commands a few may wait; for more, it is read no further
until one is done.
"""

import secrets
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
import trio

from protocols.keys import KeyHolder
from protocols.live import ConnectionStatus, LiveMessage, Ping, Pong, Subscribe, Subscribed
from protocols.streams import StreamFrame
from web.clients import Client
from web.commands import BadCommandError, Order, error_told, name_of, read_command
from web.door import Door
from web.errors import Problem
from web.fanout import Fanout
from web.frames import TEXT, frame
from web.handshake import Said, SaidBytes
from web.live_orders import carry_out
from web.subscriptions import Subscription, Subscriptions
from web.viewer import Viewer

COMMANDS: Final = 16
"""Commands of one client that may wait for actors."""

_NOT_TEXT: Final = Problem(422, "commands are text messages", code="WEBSOCKET_ERROR")
_write: Final = msgspec.json.Encoder().encode


class Audience:
    """Everyone at `/ws`; made and used inside one Trio run.

    Args:
        door: whom commands go to.
        fanout: writes to the clients.
    """

    def __init__(self, door: Door, fanout: Fanout) -> None:
        self._door = door
        self._fanout = fanout
        self._subscriptions = Subscriptions()
        self._somebody_came = trio.Event()

    async def show(self, viewer: Viewer, holder: KeyHolder) -> None:
        """Serve one listener until the conversation ends.

        Args:
            viewer: the connection.
            holder: whose it is.
        """
        client = viewer.client
        wanted = Subscription()
        self._tell(client, self._greeting(wanted))
        self._subscriptions.put(client, wanted)
        self._somebody_came.set()
        try:
            async with trio.open_nursery() as nursery:
                send, receive = trio.open_memory_channel[Order](COMMANDS)
                nursery.start_soon(self._carry_out, client, holder, receive)
                await viewer.listen(self._answerer(client, send))
                nursery.cancel_scope.cancel()
        finally:
            self._subscriptions.remove(client)
            if not len(self._subscriptions):
                self._somebody_came = trio.Event()

    async def came(self) -> None:
        """Wait until somebody listens."""
        while not len(self._subscriptions):
            await self._somebody_came.wait()

    def beat(self, beat: int, data: bytes) -> None:
        """Tell `realtime_data` to those who are to get it now.

        Args:
            beat: its number, ten a second.
            data: the message.
        """
        due = self._subscriptions.due(beat)
        if due:
            self._note_sending()
            self._fanout.broadcast(due, frame(TEXT, data))

    def heartbeat(self, data: bytes) -> None:
        """Tell a `heartbeat`; none is left out."""
        self._tell_all(self._subscriptions.hearers("heartbeat"), data)

    def event(self, made: StreamFrame) -> None:
        """Tell a `domain_event`; none is left out."""
        self._tell_all(self._subscriptions.hearers("domain_event"), made.payload)

    def _tell_all(self, clients: tuple[Client, ...], data: bytes) -> None:
        if clients:
            self._note_sending()
            wire = frame(TEXT, data)
            for client in clients:
                self._fanout.tell(client, wire)

    def _note_sending(self) -> None:
        self._door.figures.last_broadcast_at = self._door.clock.now()

    def _tell(self, client: Client, said: LiveMessage) -> None:
        self._fanout.tell(client, frame(TEXT, _write(said)))

    def _greeting(self, wanted: Subscription) -> ConnectionStatus:
        return ConnectionStatus(
            status="connected",
            connection_id=f"conn_{secrets.token_hex(6)}",
            server_time=self._door.unix(),
            topics=wanted.topics,
            rate_hz=wanted.rate_hz,
        )

    # -- commands ---------------------------------------------------------------------

    def _answerer(
        self, client: Client, later: trio.MemorySendChannel[Order]
    ) -> Callable[[Said | SaidBytes], Awaitable[bytes | None]]:
        async def answer(heard: Said | SaidBytes) -> bytes | None:
            said = self._obey(client, heard)
            if isinstance(said, Order):
                await later.send(said)
                return None
            return frame(TEXT, _write(said))

        return answer

    def _obey(self, client: Client, heard: Said | SaidBytes) -> LiveMessage | Order:
        """Answer what can be answered now; an order comes back."""
        now = self._door.unix()
        if isinstance(heard, SaidBytes):
            return error_told(_NOT_TEXT, None, now)
        try:
            command = read_command(heard.text)
        except BadCommandError as error:
            return error_told(error.problem, error.command, now)
        match command:
            case Ping(timestamp=sent_at):
                return Pong(timestamp=now, ping_timestamp=sent_at)
            case Subscribe():
                return self._subscribe(client, command, now)
            case _:
                return command

    def _subscribe(self, client: Client, said: Subscribe, now: float) -> Subscribed:
        before = self._subscriptions.of(client)
        wanted = Subscription(
            topics=before.topics if said.topics is None else said.topics,
            rate_hz=before.rate_hz if said.rate_hz is None else said.rate_hz,
        )
        self._subscriptions.put(client, wanted)
        return Subscribed(topics=wanted.topics, rate_hz=wanted.rate_hz, timestamp=now)

    async def _carry_out(
        self,
        client: Client,
        holder: KeyHolder,
        orders: trio.MemoryReceiveChannel[Order],
    ) -> None:
        async for order in orders:
            try:
                said: LiveMessage = await carry_out(self._door, order, holder)
            except Problem as problem:
                said = error_told(problem, name_of(order), self._door.unix())
            self._tell(client, said)

"""The stream gateway: every WebSocket of the server.

In: connections whose first request asks for an upgrade, and frames from the hub. Out: each
frame, encoded once, to all who watch it; how many watch, to the broadcaster; samples that
are pushed, to their session. Operators are served by `ops_stream`. A crash forgets who is
connected: clients connect again and resume with `?since=`.
"""

import logging
import math
import socket
from typing import Final, NamedTuple, assert_never

import msgspec
import trio

from protocols.sessions import FrameWritten
from protocols.streams import Demand, StreamFrame
from protocols.wire import StatusMessage
from web import wires
from web.admission import (
    BROADCAST,
    Admission,
    Admitted,
    AdmittedListener,
    AdmittedOperator,
    AdmittedPusher,
    admit,
)
from web.audience import Audience
from web.audio_stream import KIND as SOUND, WAITING, AudioStream
from web.door import Door
from web.drain import going_down
from web.errors import Problem
from web.fanout import GOODBYE_S, Fanout
from web.figures import Closed
from web.frames import TEXT, closing, frame
from web.handshake import BadHandshakeError, Conversation, Said, SaidBytes, refusing
from web.ops_stream import OpsStream
from web.places import Place, Places
from web.pulse import Pulse
from web.pusher import PUSH_BYTES, Pusher
from web.sockets import prepare_stream
from web.topics import Topics
from web.viewer import Viewer

NORMAL: Final = 1000
FAILED: Final = 1011
RESTARTING: Final = 1012
PICTURES: Final = ("json", "binary")
_UNKNOWN_PATH: Final = "/stream/"
_GOING_DOWN: Final = closing(RESTARTING, "the server goes down")
_FAILED: Final = closing(FAILED, "an unexpected error; it is in the log")
_LOG: Final = logging.getLogger(__name__)


class _Asked(NamedTuple):
    """Who asks for an upgrade."""

    head: bytes
    peer: str
    place: Place


class Gateway:
    """Serves WebSockets; made and used inside one Trio run."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._figures = door.figures
        self._fanout = Fanout(door.figures, stall_s=door.limits.stall_s)
        self.audience = Audience(door, self._fanout)
        """Everyone at `/ws`."""
        self._ops = OpsStream(door, self._fanout)
        self._places = Places(door.settings.web.websockets_per_address)
        self._topics = Topics()
        self._sound = AudioStream(door, self._topics, self._fanout)
        self._viewers: set[Viewer] = set()
        self._pulse = Pulse(self._fanout, self._viewers, door.limits)
        self._shaking = 0  # connections amid their handshake
        self._changed = trio.Event()
        self._ends = False

    async def run(self) -> None:
        """Carry frames from the hub to the viewers, until cancelled."""
        self._door.hub.attach()
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._fanout.run)
                nursery.start_soon(self._deliver)
                nursery.start_soon(self._ops.run)
                nursery.start_soon(self._sound.run)
                nursery.start_soon(self._pulse.run)
        finally:
            self._door.hub.detach()
            # The broadcaster outlives us: let it not encode for who is gone.
            for session, kind in self._topics.watched():
                if kind == SOUND:
                    self._sound.forget(session)
                else:
                    self._door.demands.tell(Demand(session=session, kind=kind, watchers=0))

    async def converse(self, sock: socket.socket, head: bytes, peer: str) -> None:
        """Serve one WebSocket from its handshake to its end; the caller closes `sock`.

        Args:
            sock: non-blocking; the head is read, and nothing after it.
            head: of the request that asks for the upgrade.
            peer: the client's address.
        """
        talk = Conversation()
        admitted = None
        with self._places.any() as place:
            self._shaking += 1
            try:
                with trio.move_on_after(self._door.limits.head_s):
                    asked = _Asked(head, peer, place)
                    admitted = await self._shake_hands(sock, talk, asked)
            finally:
                self._shaking -= 1
                self._changed.set()
            if admitted is not None:
                await self._serve(sock, talk, admitted)

    async def left(self) -> None:
        """Wait until no WebSocket is open, nor about to be."""
        while self._figures.active or self._shaking:
            self._changed = trio.Event()
            await self._changed.wait()

    async def end(self) -> None:
        """Say goodbye to everyone (1012), and wait until they are gone."""
        self._ends = True
        for viewer in list(self._viewers):
            self._say_goodbye(viewer)
        await self.left()

    def cut(self) -> None:
        """End every WebSocket now."""
        for viewer in list(self._viewers):
            viewer.client.end(Closed.SHUTDOWN, 0.0)

    # -- frames -----------------------------------------------------------------------

    async def _deliver(self) -> None:
        while True:
            for made in await self._door.hub.take():
                self._publish(made)
                await trio.lowlevel.checkpoint()  # let readers read between two streams
            self._figures.superseded += self._door.hub.count_superseded()

    def _publish(self, made: StreamFrame) -> None:
        if made.topic == BROADCAST:
            self.audience.event(made)
            return
        name = (made.topic, made.kind)
        wire = self._topics.take(made)
        if wire is None:
            return
        if made.kind == SOUND:
            self._sound.heard(made.topic)
        is_picture = made.kind in PICTURES and not made.control
        clients = (
            self._topics.due(name, made.sequence)
            if is_picture
            else self._topics.clients(name)
        )
        if clients:
            self._figures.last_broadcast_at = self._door.clock.now()
        if not made.control:
            self._fanout.broadcast(clients, wire)
            if is_picture and clients and made.captured_at:
                self._tell_written(made)
        else:
            for client in clients:
                self._fanout.tell(client, wire)
        if made.last:
            for client in self._topics.close(name):
                self._fanout.say_goodbye(client, closing(NORMAL, "the session ended"))
                client.end(Closed.ENDED, GOODBYE_S)
            self._sound.end(made.topic, "the session ended")

    def _tell_written(self, made: StreamFrame) -> None:
        latency_s = self._door.clock.now() - made.captured_at
        self._door.sessions.tell(FrameWritten(session=made.topic, latency_s=latency_s))

    # -- clients ----------------------------------------------------------------------

    async def _shake_hands(
        self, sock: socket.socket, talk: Conversation, asked: "_Asked"
    ) -> Admission | None:
        path = _UNKNOWN_PATH
        try:
            wanted = talk.read_head(asked.head)
            path = wanted.path
            self._check_room()
            admitted = await admit(self._door, wanted, asked.peer)
            self._check_room()  # it may have waited long
            if isinstance(admitted, AdmittedListener):
                asked.place.take(admitted.address)
        except BadHandshakeError as error:
            problem = Problem(error.status, str(error), headers=error.headers)
            await self._refuse(sock, path, problem)
        except Problem as problem:
            await self._refuse(sock, path, problem)
        else:
            await wires.write_all(sock, talk.accept())
            return admitted
        return None

    def _check_room(self) -> None:
        """See whether one more may come.

        Raises:
            Problem: 503.
        """
        if self._door.draining.is_set():
            raise going_down()
        if self._figures.active + self._shaking > self._door.limits.websockets:
            raise Problem(503, "too many WebSockets are open", headers={"retry-after": "5"})

    async def _refuse(self, sock: socket.socket, path: str, problem: Problem) -> None:
        self._figures.refused += 1
        await wires.write_all(sock, refusing(path, problem, self._door.unix()))

    async def _serve(
        self, sock: socket.socket, talk: Conversation, what: Admission
    ) -> None:
        limits = self._door.limits
        prepare_stream(
            sock,
            send_buffer=limits.send_buffer,
            unsent_bytes=limits.unsent_bytes,
            vanished_s=limits.pong_s,
        )
        pushes = isinstance(what, AdmittedPusher)
        viewer = Viewer(
            sock=sock,
            talk=talk,
            fanout=self._fanout,
            figures=self._figures,
            frames_hz=limits.pushed_hz if pushes else limits.said_hz,
            waiting=WAITING if isinstance(what, Admitted) and what.kind == SOUND else 1,
        )
        self._figures.active += 1
        self._figures.total += 1
        self._viewers.add(viewer)
        if self._ends:
            self._say_goodbye(viewer)
        try:
            await self._attend(viewer, talk, what)
        except Exception:  # noqa: BLE001  # one conversation is not the gateway's end
            _LOG.exception("a WebSocket ended with an error")
            viewer.reason = Closed.FAILED
            self._fanout.say_goodbye(viewer.client, _FAILED, at_once=True)
            await wires.part(sock, limits.linger_s)
        finally:
            if viewer.reason is None:  # the whole door falls: say it, if there is room
                self._fanout.say_goodbye(viewer.client, _GOING_DOWN, at_once=True)
            self._fanout.forget(viewer.client)
            self._viewers.remove(viewer)
            self._figures.active -= 1
            self._figures.closes[viewer.reason or Closed.SHUTDOWN] += 1
            self._changed.set()

    async def _attend(self, viewer: Viewer, talk: Conversation, what: Admission) -> None:
        match what:
            case Admitted():
                await self._show(viewer, what)
            case AdmittedPusher(owner=owner, query=query):
                talk.message_bytes = PUSH_BYTES
                await viewer.listen(Pusher(self._door, owner, query).answer)
            case AdmittedOperator():
                await self._ops.show(viewer, what)
            case AdmittedListener(holder=holder):
                await self.audience.show(viewer, holder)
            case _:
                assert_never(what)

    def _say_goodbye(self, viewer: Viewer) -> None:
        self._fanout.say_goodbye(viewer.client, _GOING_DOWN, at_once=True)
        viewer.client.end(Closed.SHUTDOWN, math.inf)

    async def _show(self, viewer: Viewer, what: Admitted) -> None:
        self._welcome(viewer, what)
        try:
            await viewer.listen(_say_nothing)
        finally:
            if self._topics.leave((what.topic, what.kind), viewer.client):
                self._tell_demand(what)

    def _welcome(self, viewer: Viewer, what: Admitted) -> None:
        name, client = (what.topic, what.kind), viewer.client
        if what.ended is not None or self._topics.last_word(name) is not None:
            last = self._topics.last_word(name) or self._ended(what)
            self._fanout.tell(client, last)
            self._fanout.say_goodbye(client, closing(NORMAL, "the session ended"))
            client.end(Closed.ENDED, GOODBYE_S)
            return
        if what.kind == SOUND:
            self._sound.welcome(client)
        for wire in self._topics.join(name, client, what.since):
            self._fanout.tell(client, wire)
        self._tell_demand(what)

    def _tell_demand(self, what: Admitted) -> None:
        if what.kind == SOUND:
            self._sound.tell_demand(what.topic)
            return
        watchers = self._topics.count((what.topic, what.kind))
        self._door.demands.tell(
            Demand(session=what.topic, kind=what.kind, watchers=watchers)
        )

    def _ended(self, what: Admitted) -> bytes:
        said = StatusMessage(
            status="ended",
            reason=what.ended or "ended",
            timestamp=self._door.unix(),
            sequence=what.since or 0,
        )
        return frame(TEXT, msgspec.json.encode(said))


async def _say_nothing(_: Said | SaidBytes) -> None:
    """Watchers of a stream have nothing to command; what they say is counted."""

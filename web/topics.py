"""Who watches what, and what a late joiner is shown first. Pure: no socket, no clock.

A topic is one form of one stream. It keeps its newest picture and its newest status while
the stream is open, and of an ended stream its last word, for who comes a moment too late.
"""

from collections import OrderedDict
from typing import Final, TypeAlias

import msgspec

from protocols.streams import StreamFrame, StreamKind
from web.clients import Client
from web.frames import message

TopicName: TypeAlias = tuple[str, StreamKind]
"""Session id (`""` for `/ws`) and form."""

ENDED_LIMIT: Final = 512
"""Ended streams whose last words are kept."""


class Kept(msgspec.Struct, frozen=True):
    """A frame as it goes over the wire."""

    sequence: int
    wire: bytes


class Topic:
    """One form of one stream."""

    __slots__ = ("_everyone", "clients", "picture", "resumed", "status")

    def __init__(self) -> None:
        self.clients: dict[Client, None] = {}  # in the order of joining
        self.resumed: dict[Client, int] = {}  # who came back, and what they have
        self.picture: Kept | None = None
        self.status: Kept | None = None
        self._everyone: tuple[Client, ...] | None = ()

    def everyone(self) -> tuple[Client, ...]:
        """Who watches; made anew only after a change, for it is asked for every frame."""
        if self._everyone is None:
            self._everyone = tuple(self.clients)
        return self._everyone

    def add(self, client: Client, since: int | None) -> None:
        """Let one watch, who may have pictures up to `since`."""
        self.clients[client] = None
        if since is not None:
            self.resumed[client] = since
        self._everyone = None

    def remove(self, client: Client) -> None:
        """Let one watch no longer."""
        del self.clients[client]
        self.resumed.pop(client, None)
        self._everyone = None


class Topics:
    """All open streams, by name."""

    def __init__(self) -> None:
        self._open: dict[TopicName, Topic] = {}
        self._ended: OrderedDict[TopicName, bytes] = OrderedDict()

    def clients(self, name: TopicName) -> tuple[Client, ...]:
        """Who watches now."""
        topic = self._open.get(name)
        return topic.everyone() if topic else ()

    def due(self, name: TopicName, sequence: int) -> tuple[Client, ...]:
        """Who is to get a picture: all but those who came back and have it."""
        topic = self._open.get(name)
        if topic is None:
            return ()
        if not topic.resumed:
            return topic.everyone()
        for client, since in list(topic.resumed.items()):
            if sequence > since:
                del topic.resumed[client]
        return tuple(client for client in topic.clients if client not in topic.resumed)

    def count(self, name: TopicName) -> int:
        """How many watch."""
        topic = self._open.get(name)
        return len(topic.clients) if topic else 0

    def watched(self) -> list[TopicName]:
        """What somebody watches."""
        return [name for name, topic in self._open.items() if topic.clients]

    def take(self, frame: StreamFrame) -> bytes | None:
        """Encode a frame once and keep it for late joiners.

        Returns:
            The bytes for every viewer; None for a status that all of them have.
        """
        name = (frame.topic, frame.kind)
        wire = message(frame.payload, binary=frame.binary)
        topic = self._open.setdefault(name, Topic())
        if frame.last:
            self._ended[name] = wire
            if len(self._ended) > ENDED_LIMIT:
                self._ended.popitem(last=False)
        elif frame.control:
            if topic.status is not None and topic.status.wire == wire:
                return None
            topic.status = Kept(frame.sequence, wire)
        elif frame.kind != "audio":  # of sound nothing old is played to who comes late
            topic.picture = Kept(frame.sequence, wire)
        return wire

    def join(self, name: TopicName, client: Client, since: int | None) -> list[bytes]:
        """Add a viewer.

        Args:
            name: what it watches.
            client: the viewer.
            since: the sequence of the last picture that it has, if it has one.

        Returns:
            What it is to be sent at once: the status, then the picture if it is news.
        """
        topic = self._open.setdefault(name, Topic())
        topic.add(client, since)
        first = [topic.status.wire] if topic.status else []
        if topic.picture and (since is None or topic.picture.sequence > since):
            first.append(topic.picture.wire)
        return first

    def leave(self, name: TopicName, client: Client) -> bool:
        """Take a viewer out; False if it was not in."""
        topic = self._open.get(name)
        if topic is None or client not in topic.clients:
            return False
        topic.remove(client)
        if not topic.clients:
            topic.picture = None  # nobody's: the next viewer is not shown an old one
            if topic.status is None:
                del self._open[name]
        return True

    def close(self, name: TopicName) -> tuple[Client, ...]:
        """Forget an ended form of a stream, and its other forms that nobody watches.

        Returns:
            Who watched it.
        """
        topic = self._open.pop(name, None)
        for other in [
            n for n, t in self._open.items() if n[0] == name[0] and not t.clients
        ]:
            del self._open[other]
        return topic.everyone() if topic else ()

    def last_word(self, name: TopicName) -> bytes | None:
        """The last message of an ended stream, if it is still known."""
        return self._ended.get(name)

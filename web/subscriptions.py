"""Who of `/ws` gets what, and how often. Pure: no socket, no clock.

The broadcast beats ten times a second. Who wants fewer messages is left out of some beats:
of ten beats in a row exactly as many reach a client as it wants, as evenly as whole beats
allow, and all who want the same get the same ones.
"""

from typing import Final, get_args

import msgspec

from protocols.live import HIGH_HZ, Topic
from web.clients import Client

ALL: Final[tuple[Topic, ...]] = get_args(Topic)


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """What one client gets."""

    topics: tuple[Topic, ...] = ALL
    rate_hz: int = HIGH_HZ
    """Of `realtime_data`: 1 to 10."""


class Subscriptions:
    """Everyone's. Answers are made anew only after a change: all is asked at every beat."""

    def __init__(self) -> None:
        self._held: dict[Client, Subscription] = {}  # in the order of joining
        self._by_topic: dict[Topic, tuple[Client, ...]] = {}
        self._by_rate: dict[int, tuple[Client, ...]] | None = {}
        self._steps: dict[int, int] = {}  # by rate: of the last beat that went out

    def __len__(self) -> int:
        return len(self._held)

    def of(self, client: Client) -> Subscription:
        """What a client gets; before it came, everything."""
        return self._held.get(client, Subscription())

    def put(self, client: Client, wanted: Subscription) -> None:
        """Let a client get this from now on."""
        self._held[client] = wanted
        self._forget_answers()

    def remove(self, client: Client) -> None:
        """Let a client get nothing more; safe to repeat."""
        if self._held.pop(client, None) is not None:
            self._forget_answers()

    def hearers(self, topic: Topic) -> tuple[Client, ...]:
        """Who wants a kind of message."""
        found = self._by_topic.get(topic)
        if found is None:
            found = tuple(c for c, held in self._held.items() if topic in held.topics)
            self._by_topic[topic] = found
        return found

    def due(self, beat: int) -> tuple[Client, ...]:
        """Who is to get `realtime_data` at a beat.

        Args:
            beat: its number; it grows, though beats may be missing.
        """
        due: tuple[Client, ...] = ()
        for rate, clients in self._rates().items():
            step = beat * rate // HIGH_HZ
            if self._steps.get(rate) != step:
                self._steps[rate] = step
                due = due + clients if due else clients
        return due

    def _rates(self) -> dict[int, tuple[Client, ...]]:
        if self._by_rate is None:
            found: dict[int, list[Client]] = {}
            for client in self.hearers("realtime_data"):
                found.setdefault(self._held[client].rate_hz, []).append(client)
            self._by_rate = {rate: tuple(clients) for rate, clients in found.items()}
        return self._by_rate

    def _forget_answers(self) -> None:
        self._by_topic, self._by_rate = {}, None

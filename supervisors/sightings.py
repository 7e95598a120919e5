"""Sightings: since when an actor is at the same message, and its mail has not moved.

Whoever looks often enough need not time every message: the same object in an actor's hand
at two looks means that it did not come further in between. So the kernel pays nothing, and
what is known is known to a quarter of a second, the distance of two looks.
"""

from dataclasses import dataclass
from threading import Lock

from supervisors.roll import Post


@dataclass
class Sighting:
    """What was seen of one life."""

    life: int
    holding: object = None
    holding_since: float = 0.0
    """Clock time of the first look that saw it, seconds."""

    head: object = None
    head_since: float = 0.0
    reported: bool = False
    """The watchdog has told of it."""


class Sightings:
    """Of everybody on the roll. Any thread reads; one looks."""

    def __init__(self) -> None:
        self._seen: dict[str, Sighting] = {}
        self._lock = Lock()

    def look(self, post: Post, now: float) -> Sighting:
        """Look at an actor at `now`."""
        with self._lock:
            seen = self._seen.get(post.path)
            if seen is None or seen.life != post.life:
                seen = self._seen[post.path] = Sighting(life=post.life)
            activity = post.stage.activity()
            holding = None if activity is None else activity.holding
            if holding is not seen.holding:
                seen.holding, seen.holding_since = holding, now
            head = post.stage.oldest_letter()
            if head is not seen.head:
                seen.head, seen.head_since = head, now
            return seen

    def keep(self, paths: set[str]) -> None:
        """Forget all others."""
        with self._lock:
            for gone in self._seen.keys() - paths:
                del self._seen[gone]

    def forgive(self, seconds: float) -> None:
        """The process stood still for so long: nobody could have come further."""
        with self._lock:
            for seen in self._seen.values():
                seen.holding_since += seconds
                seen.head_since += seconds

    def handling_s(self, path: str, now: float) -> float:
        """For how long it has had the same message in hand, seconds; 0: it has none."""
        with self._lock:
            seen = self._seen.get(path)
            busy = seen is not None and seen.holding is not None
            return now - seen.holding_since if busy and seen is not None else 0.0

    def oldest_s(self, path: str, now: float) -> float:
        """For how long its oldest mail has waited, seconds; 0: none waits."""
        with self._lock:
            seen = self._seen.get(path)
            waits = seen is not None and seen.head is not None
            return now - seen.head_since if waits and seen is not None else 0.0

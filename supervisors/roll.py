"""The roll: who lives where in the tree, for the watchdog and for operators.

It never hands out the dead: who was replaced is off it at once, and who has ended too,
before its supervisor has heard of it; and whoever looks a name up gets an address, which
outlives whoever lives there.
"""

from dataclasses import dataclass
from threading import Lock

from actors.inbox import Address
from actors.stage import Stage
from protocols.operators import Budget
from protocols.supervision import ChildEnded
from supervisors.spec import ChildSpec, Flags


@dataclass(frozen=True, kw_only=True)
class Post:
    """A child that lives, or is just being started or stopped."""

    path: str
    life: int
    spec: ChildSpec
    stage: Stage
    supervisor: Address
    """Its parent's."""


@dataclass(frozen=True, kw_only=True)
class Office:
    """A supervisor, as operators see it."""

    path: str
    address: Address
    flags: Flags
    budget: Budget


class Roll:
    """Who lives, and how the last life of each place ended. Any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._posts: dict[str, Post] = {}
        self._offices: dict[str, Office] = {}
        self._specs: dict[str, ChildSpec] = {}
        self._ends: dict[str, tuple[ChildEnded, float]] = {}
        self._causes: dict[str, int] = {}

    def enter(self, post: Post) -> None:
        """A life begins."""
        with self._lock:
            self._posts[post.path] = post
            self._specs[post.path] = post.spec

    def leave(self, path: str, life: int) -> None:
        """That life has ended, or was replaced."""
        with self._lock:
            post = self._posts.get(path)
            if post is not None and post.life == life:
                del self._posts[path]

    def ended(self, end: ChildEnded, at: float) -> None:
        """Keep a failure; `at` is the clock time."""
        with self._lock:
            self._ends[end.path] = end, at

    def open(self, office: Office) -> None:
        """A supervisor works, or its budget or its flags changed."""
        with self._lock:
            self._offices[office.path] = office

    def close(self, path: str) -> None:
        """A supervisor, and all below it, works no longer."""
        below = path + "/"
        with self._lock:
            for gone in [p for p in self._offices if p == path or p.startswith(below)]:
                del self._offices[gone]

    def because(self, path: str, entry: int) -> None:
        """A supervisor is started or stopped; `entry` of the chronicle says so."""
        with self._lock:
            self._causes[path] = entry

    def cause(self, path: str) -> int | None:
        """Why a supervisor starts or stops its children now; None: nobody told it to."""
        with self._lock:
            return self._causes.get(path)

    def forget(self, path: str) -> None:
        """A place, and all below it, will never be there again."""
        below = path + "/"
        with self._lock:
            for known in (
                self._posts,
                self._offices,
                self._specs,
                self._ends,
                self._causes,
            ):
                for gone in [p for p in known if p == path or p.startswith(below)]:
                    known.pop(gone)

    def find(self, path: str) -> Post | None:
        """Who lives there; None: nobody does."""
        with self._lock:
            post = self._posts.get(path)
        return None if post is None or post.stage.has_ended() else post

    def posts(self) -> list[Post]:
        """Everybody who lives."""
        with self._lock:
            posts = list(self._posts.values())
        return [post for post in posts if not post.stage.has_ended()]

    def below(self, path: str) -> list[Post]:
        """Everybody who lives below a supervisor, the newest life first."""
        return [p for p in reversed(self.posts()) if p.path.startswith(path + "/")]

    def office(self, path: str) -> Office | None:
        """A supervisor that works."""
        with self._lock:
            return self._offices.get(path)

    def spec(self, path: str) -> ChildSpec | None:
        """How the child at a place was last started; None: it never was."""
        with self._lock:
            return self._specs.get(path)

    def last_end(self, path: str) -> tuple[ChildEnded, float] | None:
        """The last failure there, and its clock time."""
        with self._lock:
            return self._ends.get(path)

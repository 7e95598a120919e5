"""Edges: one sender's way into an address, with a policy for mail that is too much.

An edge counts what came, what was taken and what was dropped and why:

    came == taken + dropped + queued

A plain `Edge` (commands) takes no lock. Under the interpreter's lock three facts are
enough: a deque's `append` and `popleft` are whole, so a letter leaves the line once; a
sender looks *after* its `append` whether the address has changed hands, and loses what
is left in that line if so; an actor looks *after* it said that it is idle whether mail
has come. Whichever of the two comes second sees the other, so no ask stays unanswered.

`FifoEdge` (samples), `LatestEdge` (state) and `PatientEdge` (orders that must outlive a
tenant) must look into what waits, and work under the address's lock. They keep their
letters themselves and put a token for each into the line, so that mail is taken by
arrival whatever edge it came by.
"""

import itertools
import sys
from abc import ABC, abstractmethod
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar, final

import msgspec

from actors.answer import Answer

if TYPE_CHECKING:
    from actors.inbox import Address, Inbox

M = TypeVar("M")

COMMAND_DEPTH: Final = 1024
"""Letters in a line at which plain edges refuse more."""

Letter: TypeAlias = tuple["Edge[Any]", Any, Answer | None, float]
"""Edge, message, who is to be answered, and a clock time after which nobody waits for it
(0: always welcome; `DRAW` and `CALL`: to be looked at first)."""

Loss: TypeAlias = tuple[Letter, str]
"""A letter that nobody will handle, and why."""

DRAW: Final = -1.0
"""A token: the letter is to be drawn from its edge."""

CALL: Final = -2.0
"""A message of Pykka's own: a proxy's call."""


class EdgeCount(msgspec.Struct, frozen=True, kw_only=True):
    """An edge's books; `came == taken + sum(dropped) + queued`."""

    edge: str
    came: int
    taken: int
    dropped: dict[str, int]
    """By reason, as in `protocols.supervision.DeadLetter`."""

    queued: int


class Tally:
    """Counts from any thread; `up()` is one call into C, so nothing is counted twice."""

    def __init__(self) -> None:
        self.up: Callable[[], int] = itertools.count().__next__
        self._looks = 0

    def read(self) -> int:
        """How often `up` was called by others. One reader at a time."""
        seen = self.up() - self._looks
        self._looks += 1
        return seen


class Edge(Generic[M]):
    """A way in for commands: lossless, refused when full.

    Fills `Mailbox[M]` and `Askable[M]`; the subclasses change what happens when it is full.

    Args:
        name: of the edge.
        address: where it leads.
        depth: letters in the line (whoever sent them) at which it refuses more; None takes
            whatever comes (for what must never be lost, such as reports of deaths).
    """

    def __init__(
        self, name: str, address: "Address", depth: int | None = COMMAND_DEPTH
    ) -> None:
        self.name = name
        self._address = address
        self._depth = sys.maxsize if depth is None else depth
        self._dropped: dict[str, int] = {}
        self._came, self._taken = Tally(), Tally()
        self._arrived = self._came.up
        self.taken = self._taken.up

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def tell(self, message: M, /) -> None:
        """Hand a message over; what cannot be kept is counted and becomes a dead letter."""
        self.post((self, message, None, 0.0))

    def ask(self, message: M, /, *, timeout_s: float) -> Answer:
        """Hand a question over; a full or vacant address answers with the error at once.

        Args:
            message: the question.
            timeout_s: seconds; taken out later than this, it is thrown away.
        """
        answer = Answer()
        deadline_at = self._address.clock.now() + timeout_s
        self.post((self, message, answer, max(deadline_at, sys.float_info.min)))
        return answer

    def post(self, letter: Letter) -> None:
        """Put a letter in line. Any thread; takes no lock when all is well."""
        self._arrived()
        address = self._address
        if address.fence.up and (reason := address.fence.holds_back(letter)):
            address.lose(letter, reason)
            return
        inbox = address.tenant
        if inbox is None:
            address.lose(letter, "vacant")
        elif len(inbox.line) >= self._depth:
            address.lose(letter, "full")
        else:
            inbox.append(letter)
            if inbox.idle or address.tenant is not inbox:
                address.rouse(inbox)

    def count(self) -> EdgeCount:
        """The books, consistent."""
        with self._address.lock:
            # What came is read last, so that nothing has left that has not come.
            taken, dropped = self._taken.read(), dict(self._dropped)
            came = self._came.read()
            return EdgeCount(
                edge=self.name,
                came=came,
                taken=taken,
                dropped=dropped,
                queued=came - taken - sum(dropped.values()),
            )

    def draw(self, _inbox: "Inbox", /) -> Letter | None:
        """Take the next letter out for a token; a plain edge gives none out."""
        return None

    def oldest(self) -> Letter | None:
        """The letter that is drawn next; None: none waits. Any thread."""
        return None

    # -- under the address's lock -----------------------------------------------------

    def queued(self) -> int:
        """How many letters wait, by the books. Under the address's lock."""
        # What came is read last, so that nothing has left that has not come.
        gone = self._taken.read() + sum(self._dropped.values())
        return self._came.read() - gone

    def kept(self) -> int:
        """How many letters the edge itself keeps. Under the address's lock."""
        return 0

    def welcome(self, _inbox: "Inbox") -> None:
        """Somebody moves in. Under the address's lock."""

    def lost(self, letter: Letter, reason: str) -> Loss:
        """Write a loss into the books. Under the address's lock."""
        self._dropped[reason] = self._dropped.get(reason, 0) + 1
        return letter, reason

    def flush(self, _reason: str) -> list[Loss]:
        """Lose all that the edge itself keeps. Under the address's lock."""
        return []


class KeepingEdge(Edge[M], ABC):
    """An edge that keeps its letters itself, in a slot each, until they are drawn."""

    def __init__(self, name: str, address: "Address", depth: int) -> None:
        super().__init__(name, address, depth)
        self._token: Letter = (self, None, None, DRAW)
        self._tokens = 0  # in the line now; never fewer than letters

    def post(self, letter: Letter) -> None:
        """Keep a letter and see that a token for it is in line. Any thread."""
        address = self._address
        if address.fence.up and (reason := address.fence.holds_back(letter)):
            self._arrived()
            address.lose(letter, reason)
            return
        with address.lock:
            self._arrived()
            inbox = address.tenant
            if inbox is None:
                losses = self.admit_vacant(letter)
            else:
                losses = self.admit(letter)
                if self._tokens < self.kept():
                    self._tokens += 1
                    inbox.append(self._token)
                    inbox.rouse()
        if losses:
            address.bury(losses)

    def draw(self, inbox: "Inbox", /) -> Letter | None:
        """Take the next letter out for a token; None when it is not there any more."""
        address = self._address
        with address.lock:
            if address.tenant is not inbox:
                return None
            self._tokens -= 1
            letter, losses = self.pick(inbox)
            if letter is not None and letter[3] != DRAW:  # the kernel's own are not counted
                if 0.0 < letter[3] < address.clock.now():
                    losses.append(self.lost(letter, "expired"))
                    letter = None
                else:
                    self.taken()
        if losses:
            address.bury(losses)
        return letter

    def flush(self, reason: str) -> list[Loss]:
        """Lose all letters; the tokens go with the line."""
        self._tokens = 0
        return [self.lost(letter, reason) for letter in self.empty()]

    @abstractmethod
    def kept(self) -> int:
        """How many letters wait."""

    def oldest(self) -> Letter | None:
        """The letter that is drawn next; None: none waits. Any thread."""
        with self._address.lock:
            return self.first()

    @abstractmethod
    def first(self) -> Letter | None:
        """The letter that is drawn next."""

    def admit_vacant(self, letter: Letter) -> list[Loss]:
        """Take a letter where nobody lives; say what is lost."""
        return [self.lost(letter, "vacant")]

    @abstractmethod
    def admit(self, letter: Letter) -> list[Loss]:
        """Keep a letter; say what is lost for it."""

    @abstractmethod
    def pick(self, inbox: "Inbox") -> tuple[Letter | None, list[Loss]]:
        """Take the next letter out; say what is lost on the way."""

    @abstractmethod
    def empty(self) -> list[Letter]:
        """Give up all letters, oldest first."""


@final
class FifoEdge(KeepingEdge[M]):
    """Samples: in order, bounded by depth and age; what is lost arrives as a gap.

    Args:
        name: of the edge.
        address: where it leads.
        depth: messages that may wait.
        age_s: seconds that a message may wait; the newest may always.
        fold: gap so far (or None) and a lost message: the gap that tells of both; None for
            a message that must not be lost (it waits beyond depth and age, and is refused
            only when `COMMAND_DEPTH` letters wait).
    """

    def __init__(
        self,
        name: str,
        address: "Address",
        *,
        depth: int,
        age_s: float,
        fold: Callable[[Any, M], Any],
    ) -> None:
        super().__init__(name, address, depth)
        self._age_s = age_s
        self._fold = fold
        self._gap: Any = None
        self._kept: deque[tuple[Letter, float]] = deque()  # with the time each came

    def admit(self, letter: Letter) -> list[Loss]:
        """Keep the newest; lose the oldest where they are too many or too old."""
        if len(self._kept) >= max(COMMAND_DEPTH, self._depth):
            return [self.lost(letter, "full")]  # of these, none may be lost
        now = self._address.clock.now()
        self._kept.append((letter, now))
        return self._shed(now)

    def pick(self, inbox: "Inbox") -> tuple[Letter | None, list[Loss]]:
        """The gap first, where something was lost, then the letters."""
        if not self._kept:
            return None, []
        losses = self._shed(self._address.clock.now())
        if self._gap is None:
            return self._kept.popleft()[0], losses
        gap, self._gap = self._gap, None
        self._tokens += 1
        inbox.line.appendleft(self._token)
        return (self, gap, None, DRAW), losses

    def kept(self) -> int:
        """How many letters wait."""
        return len(self._kept)

    def first(self) -> Letter | None:
        """The oldest."""
        return self._kept[0][0] if self._kept else None

    def empty(self) -> list[Letter]:
        """Give up all letters."""
        kept, self._kept = self._kept, deque()
        return [letter for letter, _ in kept]

    def lost(self, letter: Letter, reason: str) -> Loss:
        """Also let the gap grow."""
        gap = self._fold(self._gap, letter[1])
        if gap is not None:
            self._gap = gap
        return super().lost(letter, reason)

    def _shed(self, now: float) -> list[Loss]:
        excess = len(self._kept) - self._depth
        if excess <= 0 and now - self._kept[0][1] <= self._age_s:
            return []
        kept: deque[tuple[Letter, float]] = deque()
        losses: list[Loss] = []
        newest = self._kept[-1]
        for entry in self._kept:
            letter, came_at = entry
            stale = now - came_at > self._age_s and entry is not newest
            if (excess > 0 or stale) and self._fold(None, letter[1]) is not None:
                losses.append(self.lost(letter, "overrun" if excess > 0 else "stale"))
                excess -= 1
            else:
                kept.append(entry)
        self._kept = kept
        return losses


@final
class LatestEdge(KeepingEdge[M]):
    """State: only the newest matters.

    Args:
        name: of the edge.
        address: where it leads.
        key: messages with the same key replace one another, in the older one's place in
            the line (nobody starves); None for a message that must not be replaced.
        depth: letters that may wait; more keys than that are refused.
    """

    def __init__(
        self,
        name: str,
        address: "Address",
        key: Callable[[M], Hashable | None],
        depth: int = COMMAND_DEPTH,
    ) -> None:
        super().__init__(name, address, depth)
        self._key = key
        self._kept: OrderedDict[Hashable, Letter] = (
            OrderedDict()
        )  # in the order of their first coming

    def admit(self, letter: Letter) -> list[Loss]:
        """Keep a letter in place of an older one of its key."""
        key = self._key(letter[1])
        if key is None:
            key = object()  # like no other
        older = self._kept.get(key)
        if older is None and len(self._kept) >= self._depth:
            return [self.lost(letter, "full")]
        self._kept[key] = letter
        return [] if older is None else [self.lost(older, "superseded")]

    def pick(self, inbox: "Inbox") -> tuple[Letter | None, list[Loss]]:  # noqa: ARG002
        """The key that has waited longest."""
        if not self._kept:
            return None, []
        return self._kept.popitem(last=False)[1], []

    def kept(self) -> int:
        """How many letters wait."""
        return len(self._kept)

    def first(self) -> Letter | None:
        """That of the key that has waited longest."""
        return next(iter(self._kept.values()), None)

    def empty(self) -> list[Letter]:
        """Give up all letters."""
        kept, self._kept = self._kept, OrderedDict()
        return list(kept.values())


@final
class PatientEdge(KeepingEdge[M]):
    """Orders that outlive a tenant: what waits when one dies is the next one's.

    Only the message that a tenant dies of is lost. For orders between roles (open this
    stream, forget that session), which nobody would give a second time.

    Args:
        name: of the edge.
        address: where it leads.
        depth: letters that may wait; more are refused.
    """

    def __init__(self, name: str, address: "Address", depth: int = COMMAND_DEPTH) -> None:
        super().__init__(name, address, depth)
        self._kept: deque[Letter] = deque()

    def abandon(self) -> None:
        """The role has ended for good: lose what waits, and answer who asked."""
        with self._address.lock:
            losses = [self.lost(letter, "closed") for letter in self.empty()]
        self._address.bury(losses)

    def welcome(self, inbox: "Inbox") -> None:
        """Put what waited into the line of who moves in."""
        self._tokens = len(self._kept)
        inbox.line.extend([self._token] * self._tokens)

    def flush(self, _reason: str) -> list[Loss]:
        """Lose nothing; the tokens go with the line."""
        self._tokens = 0
        return []

    def admit_vacant(self, letter: Letter) -> list[Loss]:
        """Let it wait for who comes."""
        return self.admit(letter)

    def admit(self, letter: Letter) -> list[Loss]:
        """Keep it, unless there are too many."""
        if len(self._kept) >= self._depth:
            return [self.lost(letter, "full")]
        self._kept.append(letter)
        return []

    def pick(self, inbox: "Inbox") -> tuple[Letter | None, list[Loss]]:  # noqa: ARG002
        """The oldest."""
        return (self._kept.popleft() if self._kept else None), []

    def kept(self) -> int:
        """How many letters wait."""
        return len(self._kept)

    def first(self) -> Letter | None:
        """The oldest."""
        return self._kept[0] if self._kept else None

    def empty(self) -> list[Letter]:
        """Give up all letters."""
        kept, self._kept = self._kept, deque()
        return list(kept)

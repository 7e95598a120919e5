"""Addresses and inboxes: where mail waits, and what happens to mail that cannot.

An `Address` is a role (`encoder of sess_1`); it outlives the actors that fill it, one at
a time. Each sender has an `Edge` into it with a policy of its own; an edge counts what
came, what was taken and what was dropped and why, and at every moment

    came == taken + dropped + queued

All of an address is guarded by one lock, which is also the lock under which it closes:
after `vacate` nothing can slip in behind, so no ask stays unanswered.

A crash forgets the mail that waited; it is counted, answered with `ActorDeadError` where
it was asked, and becomes a `Gap` on the edges that promise one.
"""

from _thread import allocate_lock
from collections import deque
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar, final

import msgspec
import pykka

from actors.answer import Answer
from protocols.errors import ExpiredError, RefusedError
from protocols.ports import Clock
from protocols.supervision import DeadLetter

M = TypeVar("M")

# A letter: [number in the address, message, answer or None, deadline or 0, sent at or 0].
# A list, because the newest message may take an older one's place in the line.
Letter = list[Any]
_NUMBER, _MESSAGE, _ANSWER, _DEADLINE, _SENT = range(5)

COMMAND_DEPTH = 1024
KEPT_LETTERS = 256


class EdgeCount(msgspec.Struct, frozen=True, kw_only=True):
    """An edge's books; `came == taken + sum(dropped) + queued` always holds."""

    edge: str
    came: int
    taken: int
    dropped: dict[str, int]
    """By reason, as in `protocols.supervision.DeadLetter`."""

    queued: int


class DeadLetterOffice:
    """Keeps the newest dead letters and counts all of them. Any thread."""

    def __init__(self, watch: Callable[[DeadLetter], None] | None = None) -> None:
        self.newest: deque[DeadLetter] = deque(maxlen=KEPT_LETTERS)
        self._watch = watch

    def take(self, letter: DeadLetter) -> None:
        """Keep a letter; never raises for a sender."""
        self.newest.append(letter)
        if self._watch is not None:
            self._watch(letter)


class Edge(Generic[M]):
    """One sender's way into an address: lossless, refused when full.

    Fills `Mailbox[M]` and `Askable[M]`. The subclasses change what happens when it is full.
    """

    def __init__(self, name: str, address: "Address", depth: int = COMMAND_DEPTH) -> None:
        self.name = name
        self._address = address
        self._depth = depth
        self._mail: deque[Letter] = deque()
        self._came = 0
        self._taken = 0
        self._dropped: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def tell(self, message: M, /) -> None:
        """Hand a message over; what cannot be kept is counted and becomes a dead letter."""
        self._send(message, None, 0.0)

    def ask(self, message: M, /, *, timeout_s: float) -> Answer:
        """Hand a question over; a full or vacant address answers with the error at once.

        Args:
            message: the question.
            timeout_s: seconds; taken out later than this, it is thrown away.
        """
        answer = Answer()
        self._send(message, answer, self._address.clock.now() + timeout_s)
        return answer

    def count(self) -> EdgeCount:
        """The books, consistent."""
        with self._address.lock:
            return EdgeCount(
                edge=self.name,
                came=self._came,
                taken=self._taken,
                dropped=dict(self._dropped),
                queued=self._queued(),
            )

    # -- under the address's lock -----------------------------------------------------

    def _send(self, message: M, answer: Answer | None, deadline_at: float) -> None:
        address = self._address
        with address.lock:
            self._came += 1
            tenant = address.tenant
            if tenant is None:
                lost = [self._lose(self._letter(message, answer, deadline_at), "vacant")]
            else:
                lost = self._admit(self._letter(message, answer, deadline_at))
                if tenant.idle:
                    tenant.idle = False
                    tenant.wake()
        if lost:
            address.bury(lost)

    def _letter(self, message: M, answer: Answer | None, deadline_at: float) -> Letter:
        self._address.number += 1
        return [self._address.number, message, answer, deadline_at, 0.0]

    def _admit(self, letter: Letter) -> "list[Loss]":
        if len(self._mail) >= self._depth:
            return [self._lose(letter, "full")]
        self._mail.append(letter)
        return []

    def _lose(self, letter: Letter, reason: str) -> "Loss":
        self._dropped[reason] = self._dropped.get(reason, 0) + 1
        return self, letter, reason

    def head(self) -> int | None:
        """Number of the letter that is next, None when there is none. Under the lock."""
        return self._mail[0][_NUMBER] if self._mail else None

    def pop(self) -> Letter:
        """Take the next letter out. Under the lock."""
        self._taken += 1
        return self._mail.popleft()

    def flush(self, reason: str) -> "list[Loss]":
        """Lose all that waits. Under the lock."""
        mail, self._mail = self._mail, deque()
        return [self._lose(letter, reason) for letter in mail]

    def expire(self, letter: Letter) -> "Loss":
        """A letter that was popped turns out to be too late. Under the lock."""
        self._taken -= 1
        return self._lose(letter, "expired")

    def _queued(self) -> int:
        return len(self._mail)


Loss = tuple[Edge[Any], Letter, str]


@final
class FifoEdge(Edge[M]):
    """Samples: in order, bounded by depth and age; what is lost arrives as a gap.

    Args:
        name: of the edge.
        address: where it leads.
        depth: messages that may wait.
        age_s: seconds that a message may wait.
        fold: gap so far (or None) and a lost message: the gap that tells of both; None for
            a message that must not be lost (it waits beyond depth and age).
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

    def _letter(self, message: M, answer: Answer | None, deadline_at: float) -> Letter:
        letter = super()._letter(message, answer, deadline_at)
        letter[_SENT] = self._address.clock.now()
        return letter

    def _admit(self, letter: Letter) -> list[Loss]:
        self._mail.append(letter)
        if len(self._mail) <= self._depth and (
            letter[_SENT] - self._mail[0][_SENT] <= self._age_s
        ):
            return []
        return self._shed(letter[_SENT])

    def _shed(self, now: float) -> list[Loss]:
        kept: deque[Letter] = deque()
        lost: list[Loss] = []
        excess = len(self._mail) - self._depth
        for letter in self._mail:
            late = now - letter[_SENT] > self._age_s
            if (excess > 0 or late) and self._fold(None, letter[_MESSAGE]) is not None:
                lost.append(self._lose(letter, "overrun" if excess > 0 else "stale"))
                excess -= 1
            else:
                kept.append(letter)
        self._mail = kept
        return lost

    def _lose(self, letter: Letter, reason: str) -> Loss:
        gap = self._fold(self._gap, letter[_MESSAGE])
        if gap is not None:
            self._gap = gap
        return super()._lose(letter, reason)

    def pop(self) -> Letter:
        """The gap first, where something was lost, then the letters."""
        if self._gap is not None:
            gap, self._gap = self._gap, None
            return [0, gap, None, 0.0, 0.0]  # the kernel's own word: not in the books
        return super().pop()


@final
class LatestEdge(Edge[M]):
    """State: only the newest matters.

    Args:
        name: of the edge.
        address: where it leads.
        key: messages with the same key replace one another, in the older one's place in
            the line (nobody starves); None for a message that must not be replaced.
    """

    def __init__(
        self, name: str, address: "Address", key: Callable[[M], Hashable | None]
    ) -> None:
        super().__init__(name, address)
        self._key = key
        self._newest: dict[Hashable, Letter] = {}

    def _admit(self, letter: Letter) -> list[Loss]:
        key = self._key(letter[_MESSAGE])
        if key is None:
            return super()._admit(letter)
        older = self._newest.get(key)
        if older is None:
            self._newest[key] = letter
            self._mail.append(letter)
            return []
        replaced = older.copy()
        older[_MESSAGE:] = letter[_MESSAGE:]
        return [self._lose(replaced, "superseded")]

    def pop(self) -> Letter:
        """Take the next out; its key is free again."""
        letter = super().pop()
        key = self._key(letter[_MESSAGE])
        if key is not None:
            del self._newest[key]
        return letter

    def flush(self, reason: str) -> list[Loss]:
        """Lose all that waits."""
        self._newest.clear()
        return super().flush(reason)


class Inbox:
    """One life's end of an address: the side that an actor takes from.

    Fills what Pykka expects of an inbox (`put`, `get`, `empty`) for `ActorRef`.
    """

    def __init__(self) -> None:
        self.idle = False
        """True while the actor waits for mail; set and read under the address's lock."""

        self.wake: Callable[[], object] = _nobody
        """How the dispatcher is told that there is mail."""

        self._address: Address | None = None

    @property
    def address(self) -> "Address":
        """Where it takes its mail from; a private one unless it was given one."""
        if self._address is None:
            self._address = Address("anonymous", _STILL)
            self._address.move_in(self)
        return self._address

    def bind(self, address: "Address") -> None:
        """Move into `address`, which must be vacant."""
        address.move_in(self)
        self._address = address

    def put(self, envelope: Any) -> None:
        """Take a Pykka envelope (`ActorRef.tell`, `ActorRef.ask`).

        Raises:
            pykka.ActorDeadError: told to a dead actor; an ask gets it as its answer.
        """
        address = self.address
        message, answer = envelope.message, envelope.reply_to
        if address.tenant is not self:
            error = pykka.ActorDeadError(f"{address.name} is dead")
            if answer is None:
                raise error
            answer.set_exception((type(error), error, None))
        elif type(message).__name__ == "_ActorStop":
            address.stop(self, answer)
        else:
            address.mail._send(message, answer, 0.0)  # noqa: SLF001  # same module

    def get(self) -> Any:
        """Pykka's blocking loop is not used: dispatchers run actors.

        Raises:
            TypeError: always.
        """
        raise TypeError("a dispatcher runs this actor; nothing waits on its inbox")

    def empty(self) -> bool:
        """Whether no letter waits."""
        return self.address.is_empty()


STOP = object()
"""Stands in a letter's place for message: the actor must end now."""


@final
class Address:
    """A role that messages are sent to, whoever fills it.

    Fills `Askable` through its own edge of commands (`mail`).

    Args:
        name: path of the role: `sessions/sess_1/encoder`.
        clock: for deadlines and ages.
        office: where dead letters go.
    """

    def __init__(
        self, name: str, clock: Clock, office: DeadLetterOffice | None = None
    ) -> None:
        self.name = name
        self.clock = clock
        self.lock = allocate_lock()
        self.tenant: Inbox | None = None
        self.number = 0
        self._office = office
        self._stops: deque[Answer | None] = deque()
        self.mail: Edge[Any] = Edge(f"{name}:mail", self)
        self._edges: list[Edge[Any]] = [self.mail]

    def __repr__(self) -> str:
        return f"<Address {self.name}>"

    def tell(self, message: Any, /) -> None:
        """Hand a command over."""
        self.mail.tell(message)

    def ask(self, message: Any, /, *, timeout_s: float) -> Answer:
        """Hand a question over."""
        return self.mail.ask(message, timeout_s=timeout_s)

    # -- edges --------------------------------------------------------------------------

    def add(self, edge: Edge[M]) -> Edge[M]:
        """Let mail come in by `edge` too."""
        with self.lock:
            self._edges.append(edge)
        return edge

    def fifo(
        self, name: str, *, depth: int, age_s: float, fold: Callable[[Any, Any], Any]
    ) -> Edge[Any]:
        """A new edge for samples; see `FifoEdge`."""
        return self.add(FifoEdge(name, self, depth=depth, age_s=age_s, fold=fold))

    def latest(self, name: str, key: Callable[[Any], Hashable | None]) -> Edge[Any]:
        """A new edge for state; see `LatestEdge`."""
        return self.add(LatestEdge(name, self, key))

    def counts(self) -> list[EdgeCount]:
        """The books of all edges."""
        with self.lock:
            edges = list(self._edges)
        return [edge.count() for edge in edges]

    # -- the tenant's side ----------------------------------------------------------------

    def move_in(self, inbox: Inbox) -> None:
        """Let `inbox` take the mail from now on.

        Raises:
            ValueError: somebody lives here.
        """
        with self.lock:
            if self.tenant is not None:
                raise ValueError(f"{self.name} has a tenant")
            self.tenant = inbox

    def stop(self, inbox: Inbox | None = None, answer: Answer | None = None) -> None:
        """Ask the tenant to end, ahead of all mail; a vacant address answers at once.

        Args:
            inbox: only if this is the tenant; None means whoever lives here.
            answer: set once the tenant has ended.
        """
        with self.lock:
            tenant = self.tenant
            if tenant is None or (inbox is not None and inbox is not tenant):
                tenant = None
            else:
                self._stops.append(answer)
                if tenant.idle:
                    tenant.idle = False
                    tenant.wake()
        if tenant is None and answer is not None:
            answer.fail(pykka.ActorDeadError(f"{self.name} is vacant"))

    def take(self, inbox: Inbox) -> Letter | None:
        """The next letter for `inbox`: stops first, then by arrival.

        Returns:
            The letter; None when there is none (`inbox` is idle then) or when `inbox` lives
            here no longer.
        """
        late: list[Loss] = []
        with self.lock:
            letter = self._next(inbox, late)
        if late:
            self.bury(late)
        return letter

    def _next(self, inbox: Inbox, late: list[Loss]) -> Letter | None:
        if self.tenant is not inbox:
            return None
        if self._stops:
            return [0, STOP, self._stops.popleft(), 0.0, 0.0]
        while True:
            edge = self._first()
            if edge is None:
                inbox.idle = True
                return None
            letter = edge.pop()
            if letter[_DEADLINE] and letter[_DEADLINE] < self.clock.now():
                late.append(edge.expire(letter))
                continue
            return letter

    def _first(self) -> Edge[Any] | None:
        found: Edge[Any] | None = None
        lowest = 0
        for edge in self._edges:
            number = edge.head()
            if number is not None and (found is None or number < lowest):
                found, lowest = edge, number
        return found

    def vacate(self, inbox: Inbox, reason: str) -> list[Answer]:
        """`inbox` lives here no longer; what waits is lost, and asks are answered.

        Returns:
            Answers of those who asked it to stop; to be set when it has ended.
        """
        with self.lock:
            if self.tenant is not inbox:
                return []
            self.tenant = None
            lost = [loss for edge in self._edges for loss in edge.flush(reason)]
            stops = [answer for answer in self._stops if answer is not None]
            self._stops.clear()
        self.bury(lost)
        return stops

    def is_empty(self) -> bool:
        """Whether no letter waits."""
        with self.lock:
            return self._first() is None and not self._stops

    def bury(self, lost: list[Loss]) -> None:
        """Answer lost asks and hand lost letters to the office. Outside the lock."""
        for edge, letter, reason in lost:
            answer = letter[_ANSWER]
            if answer is not None:
                answer.fail(_why(edge.name, reason))
            if self._office is not None and reason != "superseded":
                self._office.take(
                    DeadLetter(edge=edge.name, reason=reason, message=letter[_MESSAGE])
                )


def _why(edge: str, reason: str) -> Exception:
    if reason == "full":
        return RefusedError(edge)
    if reason == "expired":
        return ExpiredError(f"{edge}: taken out after its deadline")
    return pykka.ActorDeadError(f"{edge}: {reason}")


class _StillClock:
    def now(self) -> float:
        return 0.0

    def unix(self, at: float) -> float:
        return at


_STILL: Clock = _StillClock()


def _nobody() -> None:
    pass

"""Addresses and inboxes: where mail waits, and what happens to mail that cannot.

An `Address` is a role (`encoder of sess_1`); it outlives the actors that fill it, one at
a time. Each life has an `Inbox` of its own: a line of letters, and a lane for orders to
stop, which go ahead of all mail. Who leaves an address loses the line that is left, and
so does a sender who finds that he put a letter into the line of one who left; each
letter leaves a line once. `actors.edges` says why that needs no lock for plain mail.

A crash forgets the mail that waited; it is counted, answered with `ActorDeadError` where
it was asked, and becomes a `Gap` on the edges that promise one. Only what came by a
`PatientEdge` waits on for the next tenant.
"""

from _thread import allocate_lock
from collections import deque
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any, Final, TypeVar, final

import pykka
from pykka import messages

from actors.answer import Answer
from actors.edges import (
    CALL,
    DRAW,
    Edge,
    EdgeCount,
    FifoEdge,
    KeepingEdge,
    LatestEdge,
    Letter,
    Loss,
    PatientEdge,
)
from actors.fence import NOBODY, Fence
from actors.handled import Handled
from protocols.errors import ExpiredError, RefusedError
from protocols.ports import Clock
from protocols.supervision import DeadLetter

M = TypeVar("M")

KEPT_LETTERS: Final = 64
"""Few, because a dead letter may hold a picture."""

SLICE: Final = 16
"""Messages that an actor may handle before others on its dispatcher have their turn."""

_CALLS = (messages.ProxyCall, messages.ProxyGetAttr, messages.ProxySetAttr)


class DeadLetterOffice:
    """Keeps the newest dead letters and counts all of them. Any thread.

    Args:
        watch: is told of each, in the sender's thread; must be quick and not raise.
    """

    def __init__(self, watch: Callable[[DeadLetter], None] | None = None) -> None:
        self.newest: deque[DeadLetter] = deque(maxlen=KEPT_LETTERS)
        self.count: dict[str, int] = {}
        """All that ever came, by reason."""

        self._lock = allocate_lock()
        self._watch = watch
        self._kinds: dict[tuple[str, str, str], int] = {}

    def collect(self) -> dict[tuple[str, str, str], int]:
        """How many came since it was last asked, by edge, reason and type of message."""
        with self._lock:
            kinds, self._kinds = self._kinds, {}
            return kinds

    def take(self, letter: DeadLetter) -> None:
        """Keep a letter; never raises for a sender."""
        kind = letter.edge, letter.reason, type(letter.message).__name__
        with self._lock:
            self.newest.append(letter)
            self.count[letter.reason] = self.count.get(letter.reason, 0) + 1
            self._kinds[kind] = self._kinds.get(kind, 0) + 1
        if self._watch is not None:
            self._watch(letter)


class Inbox:
    """One life's end of an address: the side that an actor takes from.

    Fills what Pykka expects of an inbox (`put`, `get`, `empty`) for `ActorRef`.
    """

    def __init__(self) -> None:
        self.line: deque[Letter] = deque()
        self.append = self.line.append
        self.stops: deque[Answer | None] = deque()
        """Orders to stop; who gave one hears through the answer when it is obeyed."""

        self.idle = False
        """True while the actor waits for mail; changed under the address's lock."""

        self.over = False
        """The life has ended: no dispatcher need come back."""

        self.fate = "closed"
        """Why what comes too late is lost."""

        self.wake: Callable[[], object] = nobody
        """How the dispatcher is told that there is mail; once between two idle spells."""

        self.thread = NOBODY
        """`Fence.who` of the slice that the actor works in; `NOBODY` between slices."""

        self.slice = SLICE
        """Messages to a slice; a dispatcher may set it when it begins to run the actor."""

        self.handled = Handled()

    @cached_property
    def address(self) -> "Address":
        """Where it takes its mail from; a private one unless it was given one."""
        address = Address("anonymous", _STILL)
        address.move_in(self)
        return address

    def bind(self, address: "Address") -> None:
        """Move into `address`.

        Raises:
            ValueError: somebody lives there.
        """
        address.move_in(self)
        self.address = address

    def rouse(self) -> None:
        """Have the dispatcher come if the actor is idle. Under the address's lock."""
        if self.idle:
            self.idle = False
            self.wake()

    def rest(self) -> bool:
        """Become idle, unless there is something to do; for the actor itself.

        Returns:
            True: idle; another thread may run the actor from now on. False: there is mail,
            an order to stop, or no address any more.
        """
        address = self.address
        with address.lock:
            if address.tenant is not self:
                return False
            self.idle = True
            if self.stops or (self.line and not address.paused):
                self.idle = False
            return self.idle

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
            answer.fail(error)
        elif isinstance(message, messages._ActorStop):  # noqa: SLF001  # Pykka's own
            address.stop(self, answer)
        else:
            kind = CALL if isinstance(message, _CALLS) else 0.0
            address.mail.post((address.mail, message, answer, kind))

    def get(self) -> Any:
        """Pykka's blocking loop is not used: dispatchers run actors.

        Raises:
            TypeError: always.
        """
        raise TypeError("a dispatcher runs this actor; nothing waits on its inbox")

    def empty(self) -> bool:
        """Whether no letter waits."""
        return not (self.line or self.stops)


@final
class Address:
    """A role that messages are sent to, whoever fills it.

    Fills `Askable` through its own edge of commands (`mail`).

    Args:
        name: path of the role: `sessions/sess_1/encoder`.
        clock: for deadlines and ages.
        office: where dead letters go.
        fence: keeps out who was replaced; one for all addresses of a world. None: its own.
    """

    tell: Callable[[Any], None]
    """Hand a command over. Any thread; never blocks."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        office: DeadLetterOffice | None = None,
        fence: Fence | None = None,
    ) -> None:
        self.name = name
        self.clock = clock
        self.fence = Fence() if fence is None else fence
        self.paused = False
        """Its tenant, whoever that is, handles no mail; orders to stop reach it."""

        self.lock = allocate_lock()
        self.tenant: Inbox | None = None
        self._office = office
        self.mail: Edge[Any] = Edge(f"{name}:mail", self)
        self.tell = self.mail.tell
        self._edges: list[Edge[Any]] = [self.mail]
        self._reports: Edge[Any] | None = None
        self._orders: PatientEdge[Any] | None = None

    def __repr__(self) -> str:
        return f"<Address {self.name}>"

    def ask(self, message: Any, /, *, timeout_s: float) -> Answer:
        """Hand a question over."""
        return self.mail.ask(message, timeout_s=timeout_s)

    # -- edges --------------------------------------------------------------------------

    @property
    def reports(self) -> Edge[Any]:
        """The edge for what must not be lost however full the line is: lives and deaths."""
        with self.lock:
            if self._reports is None:
                self._reports = Edge(f"{self.name}:reports", self, depth=None)
                self._edges.append(self._reports)
            return self._reports

    @property
    def orders(self) -> PatientEdge[Any]:
        """The edge for orders that outlive a tenant: one, so that they keep their order."""
        with self.lock:
            if self._orders is None:
                self._orders = PatientEdge(f"{self.name}:orders", self)
                self._edges.append(self._orders)
            return self._orders

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

    def audit(self) -> list[str]:
        """Edges whose books are wrong, in words; true only while nobody sends or takes."""
        with self.lock:
            line = () if self.tenant is None else tuple(self.tenant.line)
            plain = [letter[0] for letter in line if letter[3] != DRAW]
            books = [
                (edge.name, edge.queued(), edge.kept() + plain.count(edge))
                for edge in self._edges
            ]
        return [
            f"{name}: {queued} by the books, {there} there"
            for name, queued, there in books
            if queued != there
        ]

    # -- coming and going -----------------------------------------------------------------

    def move_in(self, inbox: Inbox) -> None:
        """Let `inbox` take the mail from now on.

        Raises:
            ValueError: somebody lives here.
        """
        with self.lock:
            if self.tenant is not None:
                raise ValueError(f"{self.name} has a tenant")
            self.tenant = inbox
            for edge in self._edges:
                edge.welcome(inbox)

    def stop(self, inbox: Inbox | None = None, answer: Answer | None = None) -> None:
        """Ask the tenant to end, ahead of all mail.

        Args:
            inbox: only if this is the tenant; None means whoever lives here.
            answer: set once the tenant has ended; fails at once at a vacant address.
        """
        with self.lock:
            tenant = self.tenant
            found = tenant is not None and inbox in (None, tenant)
            if tenant is not None and found:
                tenant.stops.append(answer)
                tenant.rouse()
        if not found and answer is not None:
            answer.fail(pykka.ActorDeadError(f"{self.name} is vacant"))

    def pause(self, *, paused: bool) -> None:
        """Let the mail wait, or go on; holds for all tenants until it is taken back.

        A message that is in hand, and what was already taken with it, is still handled.
        """
        with self.lock:
            self.paused = paused
            if self.tenant is not None and self.tenant.line:
                self.tenant.rouse()

    def vacate(self, inbox: Inbox, reason: str) -> list[Answer]:
        """`inbox` lives here no longer; what waits is lost, and asks are answered.

        Any thread: an actor that hangs, or is merely slow, is woken if it can be, finds
        itself evicted, and ends.

        Returns:
            Answers of those who asked it to stop, for the caller to set or fail.
        """
        with self.lock:
            if self.tenant is not inbox:
                return []
            self.tenant = None
            inbox.fate = reason
            losses = self._clear(inbox)
            for edge in self._edges:
                losses += edge.flush(reason)
            stops = [answer for answer in inbox.stops if answer is not None]
            inbox.stops.clear()
            inbox.rouse()
        self.bury(losses)
        return stops

    def close(self) -> None:
        """The role has ended for good: whoever waits for its next tenant is told so."""
        with self.lock:
            orders = self._orders
        if orders is not None:
            orders.abandon()

    # -- what edges need ------------------------------------------------------------------

    def rouse(self, inbox: Inbox) -> None:
        """After an `append` to the line of `inbox`: see that somebody takes the letter."""
        losses: list[Loss] = []
        with self.lock:
            if self.tenant is inbox:
                inbox.rouse()
            else:
                losses = self._clear(inbox)
        self.bury(losses)

    def lose(self, letter: Letter, reason: str) -> None:
        """A letter that never came into the line, or was taken from it too late."""
        with self.lock:
            loss = letter[0].lost(letter, reason)
        self.bury([loss])

    def bury(self, losses: list[Loss]) -> None:
        """Answer lost asks and hand lost letters to the office. Outside the lock."""
        for (edge, message, answer, _), reason in losses:
            if answer is not None:
                answer.fail(_why(edge.name, reason))
            if self._office is not None and reason != "superseded":
                self._office.take(
                    DeadLetter(edge=edge.name, reason=reason, message=message)
                )

    def _clear(self, inbox: Inbox) -> list[Loss]:
        losses: list[Loss] = []
        while True:
            try:
                letter = inbox.line.popleft()
            except IndexError:  # empty, or an evicted actor was quicker
                return losses
            edge = letter[0]
            if not isinstance(edge, KeepingEdge):  # of those, tokens are in line
                losses.append(edge.lost(letter, inbox.fate))


def _why(edge: str, reason: str) -> Exception:
    if reason in ("full", "superseded", "overrun", "stale"):
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


def nobody() -> None:
    """Wake no one."""

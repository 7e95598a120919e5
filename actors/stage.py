"""The stage: what every actor is made of.

Built on Pykka's three runtime hooks (`_create_actor_inbox`, `_create_future`,
`_start_actor_loop`), so `ActorRef.tell`, `ask`, `stop` and proxies keep working; but an
actor does not own a thread: a dispatcher lends it one while it has mail.

A life has three parts, all in the dispatcher's threads, never two at once: `setup`, then
`handle` for each message, then `teardown`, which also runs after a failure. Any failure
in any part, `SystemExit` included, ends this actor and no other; whoever asked gets the
cause; whoever watches gets one `Died`, after `teardown`. An actor that was evicted (its
address was vacated by somebody else) finds out before its next message, and ends too; what
it still sends until then is kept out by the fence, what it still writes by `permit`.
"""

import logging
from _thread import allocate_lock
from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

import pykka
from pykka import ActorRegistry  # noqa: TID251  # start() registers there

from actors.answer import Answer
from actors.edges import CALL, DRAW, Letter
from actors.fence import NOBODY
from actors.inbox import Address, Inbox, nobody
from protocols.errors import PhospheneError
from protocols.operators import Histogram
from protocols.ports import Mailbox
from protocols.supervision import Born, Died, Exit, IgnoreError, ShutdownError

log = logging.getLogger(__name__)


class EvictedError(PhospheneError):
    """The actor was replaced; what it is about to do is no longer its to do."""


class Activity(NamedTuple):
    """What an actor is at."""

    thread: int
    """`Fence.who` of its slice; live: the thread's number."""

    holding: object
    """Is another object for every message, so that who looks twice sees progress."""

    during: str
    """`setup`, `teardown`, `stop`, or the type of the message in hand."""


class Dispatcher(Protocol):
    """Who lends threads to actors."""

    name: str

    def attach(self, inbox: Inbox, run: Callable[[], bool]) -> None:
        """Begin to run an actor, and again whenever `inbox.wake` is called.

        Args:
            inbox: gets its `wake`; `over` once the actor has ended.
            run: one slice of the actor's work; True means that there is more.
        """

    def replace(self, thread: int) -> None:
        """An actor hangs in `thread`: have another do the work of all others."""


class Stage(pykka.Actor):
    """An actor. Subclasses wire in `__init__` and act in `setup`, `handle`, `teardown`."""

    born_when_set_up = True
    """False: the stage itself calls `announce` once it is ready (a supervisor)."""

    # -- for subclasses -----------------------------------------------------------------

    def setup(self) -> None:
        """Open what must be open before the first message. In the actor's thread."""

    def handle(self, message: Any) -> Any:
        """Take one message; what is returned answers an ask. In the actor's thread."""
        raise TypeError(f"{type(self).__name__} takes no {type(message).__name__}")

    def teardown(self) -> None:
        """Let go what `setup` opened; runs after a failure too. In the actor's thread."""

    def stopping(self) -> bool:
        """Asked to stop: True ends at once, False means that `halt` will follow."""
        return True

    def reply_later(self) -> Answer:
        """In `handle`: keep the question; `handle`'s own return value is not its answer.

        What is still owed when the actor ends is answered with `ActorDeadError`.
        """
        answer = None if self.__letter is None else self.__letter[2]
        if answer is None:
            return Answer()  # nobody asked; nobody will read it
        self.__later = True
        self.__owed = [owed for owed in self.__owed if not owed.is_done()]
        self.__owed.append(answer)
        return answer

    def halt(self) -> None:
        """End, normally, after this message."""
        self.__halting = True

    def permit(self) -> None:
        """Before a write that must not come from an actor that was replaced. Any thread.

        Raises:
            EvictedError: this one was.
        """
        if self.__evicted:
            raise EvictedError(f"{self.__name} (life {self.__life}) was replaced")

    def announce(self) -> None:
        """Tell whoever watches that this actor is up (only with `born_when_set_up` off)."""
        self.__watcher.tell(Born(child=self.__name, life=self.__life))

    # -- a life ---------------------------------------------------------------------------

    __watcher: Mailbox[Born | Died]
    __name = ""
    __life = 1
    __during = "setup"  # where no message is in hand
    __letter: Letter | None = None  # the one in hand
    __later = False  # reply_later took its question
    __owed: list[Answer]
    __stops: list[Answer]
    actor_inbox: Inbox  # type: ignore[mutable-override]  # narrower, made by our own hook
    __halting = False
    __told = False  # to stop
    __alive = False
    __ended = False
    __evicted = False
    __slice: object = None

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        super().__init__()
        self.__owed = []
        self.__stops = []
        self.__watcher = _Unwatched()

    def launch(
        self,
        address: Address,
        dispatcher: Dispatcher,
        watcher: Mailbox[Born | Died] | None = None,
        *,
        name: str = "",
        life: int = 1,
    ) -> pykka.ActorRef["Stage"]:
        """Begin to live at `address`; returns at once.

        Args:
            address: where its mail comes; must be vacant.
            dispatcher: who lends the threads.
            watcher: gets `Born` after `setup`, and `Died` after the end.
            name: how the watcher knows it.
            life: counts the lives of that name.

        Raises:
            ValueError: the address has a tenant.
        """
        self.actor_inbox.bind(address)
        self.__name, self.__life = name or address.name, life
        if watcher is not None:
            self.__watcher = watcher
        try:
            dispatcher.attach(self.actor_inbox, self.__run_slice)
        except BaseException:  # the machine has no thread left
            self.__leave("never began")
            raise
        return self.actor_ref

    def activity(self) -> Activity | None:
        """What the actor is at; None: it waits for mail, or for its turn. Any thread."""
        thread = self.actor_inbox.thread
        if thread == NOBODY:
            return None
        letter = self.__letter
        during = self.__during if letter is None else type(letter[1]).__name__
        return Activity(thread, letter or self.__slice, during)

    def oldest_letter(self) -> object:
        """The letter that is next, None if none waits. Any thread."""
        try:
            letter = self.actor_inbox.line[0]
        except IndexError:
            return None
        return letter[0].oldest() if letter[3] == DRAW else letter

    def waiting(self) -> int:
        """How many letters wait. Any thread."""
        return len(self.actor_inbox.line)

    def has_ended(self) -> bool:
        """Whether `teardown` is over. Any thread."""
        return self.__ended

    def handled(self) -> Histogram:
        """How long its messages took. Any thread."""
        return self.actor_inbox.handled.read()

    def evict(self, reason: str) -> None:
        """Take the address away from an actor that hangs. From any other thread.

        The address is free at once and whoever waits for this actor is answered; the actor
        ends itself as soon as it can, and what it still answers counts no more.
        """
        self.__evicted = True
        self.actor_inbox.address.fence.shut_out(self.actor_inbox)
        if self.__ended:  # it was quicker
            self.actor_inbox.address.fence.let_go(self.actor_inbox)
        self.__leave(reason)

    def __leave(self, reason: str) -> None:
        inbox, letter = self.actor_inbox, self.__letter
        waiting = [] if letter is None or letter[2] is None else [letter[2]]
        waiting += self.__owed + self.__stops + inbox.address.vacate(inbox, reason)
        for answer in waiting:
            answer.fail(pykka.ActorDeadError(f"{self.__name}: {reason}"))

    def __run_slice(self) -> bool:
        inbox = self.actor_inbox
        if inbox.over:
            return False
        address = inbox.address
        self.__slice = object()
        inbox.thread = address.fence.who()
        try:
            if not self.__alive:
                self.__begin()
            more = None if self.__halting else self.__work(inbox, address)
        except BaseException as error:  # noqa: BLE001  # the one place that may: see the module
            self.__end(error)
            return False
        if more is None:
            self.__end(None)
        return bool(more)

    def __begin(self) -> None:
        self.__alive = True
        self.setup()
        if self.born_when_set_up:
            self.announce()

    def __work(self, inbox: Inbox, address: Address) -> bool | None:
        """Handle some messages.

        Returns:
            True: there are more. False: the actor is idle, and may be running in another
            thread already. None: it has to end.
        """
        began_at = address.clock.now()
        handled, most = 0, inbox.slice
        stops, line, handle = inbox.stops, _line(inbox, address), self.handle
        while handled < most:
            if stops:
                self.__hear_stop(inbox)
            elif line:
                try:
                    self.__letter = letter = line.popleft()
                except IndexError:  # whoever evicted it was quicker
                    continue
                handled += 1
                edge, message, answer, deadline = letter
                if deadline or address.tenant is not inbox:
                    self.__look(inbox, address, letter)
                else:
                    edge.taken()
                    value = handle(message)
                    if answer is not None:
                        self.__reply(answer, value)
            elif self.__rest(inbox, address.clock.now() - began_at, handled):
                return False
            else:
                began_at, handled = address.clock.now(), 0
                line = _line(inbox, address)
                continue
            if self.__halting:
                return None
        inbox.handled.add(address.clock.now() - began_at, handled)
        inbox.thread = NOBODY
        return True

    def __rest(self, inbox: Inbox, seconds: float, handled: int) -> bool:
        """Become idle, or find that there is more to do."""
        self.__letter = None
        if handled:
            inbox.handled.add(seconds, handled)
        # From the moment of rest another thread may run the actor.
        mine, inbox.thread = inbox.thread, NOBODY
        if inbox.rest():
            return True
        inbox.thread = mine
        self.__check(inbox)
        return False

    def __reply(self, answer: Answer | None, value: Any) -> None:
        if self.__later:
            self.__later = False
        elif answer is not None:
            answer.offer(value)

    def __look(self, inbox: Inbox, address: Address, letter: Letter) -> None:
        """Handle a letter that is not simply to be handled."""
        edge, message, answer, deadline = letter
        if deadline == DRAW:
            self.__letter = drawn = edge.draw(inbox)
            if drawn is not None:
                value = self.handle(drawn[1])
                if drawn[2] is not None:
                    self.__reply(drawn[2], value)
        elif address.tenant is not inbox:
            self.__letter = None
            address.lose(letter, inbox.fate)
        elif 0.0 < deadline < address.clock.now():
            address.lose(letter, "expired")
        else:
            edge.taken()
            take = self._handle_receive if deadline == CALL else self.handle
            self.__reply(answer, take(message))
        if address.tenant is not inbox:
            self.__check(inbox)

    def __check(self, inbox: Inbox) -> None:
        if inbox.address.tenant is not inbox:
            raise pykka.ActorDeadError(f"{self.__name} was evicted: {inbox.fate}")

    def __hear_stop(self, inbox: Inbox) -> None:
        self.__letter, self.__during, self.__told = None, "stop", True
        try:
            answer = inbox.stops.popleft()
        except IndexError:  # whoever evicted it took the order
            return
        if answer is not None:
            self.__stops.append(answer)
        if self.stopping():
            self.__halting = True

    def __end(self, error: BaseException | None) -> None:
        inbox, letter, during = self.actor_inbox, self.__letter, self.__during
        inbox.over = True
        self.__letter, self.__during, self.__slice = None, "teardown", object()
        # It leads back to this actor: cut, what the actor held goes with its last name and
        # does not wait for a collection of cyclic garbage.
        inbox.wake = nobody
        if letter is not None:
            during = type(letter[1]).__name__
            if error is not None and letter[2] is not None:
                letter[2].fail(error)
        fate = "closed" if error is None else "crashed"
        stops = self.__stops + inbox.address.vacate(inbox, fate)
        try:
            self.teardown()
        except BaseException as second:  # the cause of the end is what counts
            if error is None:
                error, during = second, "teardown"
            else:
                log.exception("%s failed again in teardown", self.__name)
        self.actor_stopped.set()
        ActorRegistry.unregister(self.actor_ref)
        for owed in self.__owed:
            owed.fail(pykka.ActorDeadError(f"{self.__name} ended before it answered"))
        for stop in stops:
            stop.offer(None)
        # Who was replaced is kept out until here; that it has ended, is to be heard.
        inbox.thread = NOBODY
        self.__ended = True
        inbox.address.fence.let_go(inbox)
        self.__watcher.tell(
            Died(
                child=self.__name,
                life=self.__life,
                exit=self.__exit(error),
                error=error,
                during=during,
            )
        )

    def __exit(self, error: BaseException | None) -> Exit:
        if error is not None:
            orderly = isinstance(error, ShutdownError | IgnoreError)
            return Exit.SHUTDOWN if orderly else Exit.ABNORMAL
        return Exit.SHUTDOWN if self.__told else Exit.NORMAL

    # -- Pykka's hooks ------------------------------------------------------------------

    @staticmethod
    def _create_actor_inbox() -> Any:
        return Inbox()

    @staticmethod
    def _create_future() -> Answer:
        return Answer()

    def _start_actor_loop(self) -> None:
        """`start`: a thread of its own, and a handshake: returns once `setup` has ended."""
        from actors.dispatch import PinnedDispatcher  # noqa: PLC0415  # it knows stages

        address = self.actor_inbox.address
        address.name = str(self)
        self.__name = address.name
        starter = _Unwatched()
        self.__watcher = starter
        PinnedDispatcher(address.name).attach(self.actor_inbox, self.__run_slice)
        starter.begun.acquire()

    def on_receive(self, message: Any) -> Any:
        """Pykka's name for `handle`."""
        return self.handle(message)


_EMPTY: Final = deque[Letter]()


def _line(inbox: Inbox, address: Address) -> deque[Letter]:
    return _EMPTY if address.paused else inbox.line


class _Unwatched:
    """Stands where nobody watches: logs failures, and opens a gate at the first word."""

    def __init__(self) -> None:
        self.begun = allocate_lock()
        self.begun.acquire()

    def tell(self, event: Born | Died, /) -> None:
        if isinstance(event, Died) and event.error is not None:
            log.error("%s died during %s", event.child, event.during, exc_info=event.error)
        if self.begun.locked():
            self.begun.release()

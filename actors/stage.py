"""The stage: what every actor is made of.

Built on Pykka's three runtime hooks (`_create_actor_inbox`, `_create_future`,
`_start_actor_loop`), so `ActorRef.tell`, `ask`, `stop` and proxies keep working; but an
actor does not own a thread: a dispatcher lends it one while it has mail.

A life has three parts, all in the dispatcher's threads, never two at once: `setup`, then
`handle` for each message, then `teardown`, which also runs after a failure. Any failure
in any part, `SystemExit` included, ends this actor and no other; whoever asked gets the
cause; whoever watches gets one `Died`, after `teardown`.
"""

import logging
from collections.abc import Callable
from typing import Any, Protocol

import pykka
from pykka import ActorRegistry, messages  # noqa: TID251  # start() registers there

from actors.answer import Answer
from actors.inbox import STOP, Address, Inbox, Letter
from protocols.ports import Mailbox
from protocols.supervision import Born, Died

log = logging.getLogger(__name__)

SLICE = 16
"""Messages that an actor may handle before others on its dispatcher have their turn."""

_PYKKA_CALLS = (messages.ProxyCall, messages.ProxyGetAttr, messages.ProxySetAttr)


class Dispatcher(Protocol):
    """Who lends threads to actors."""

    name: str

    def attach(self, inbox: Inbox, run: Callable[[], bool]) -> None:
        """Begin to run an actor, and again whenever `inbox.wake` is called.

        Args:
            inbox: gets its `wake`.
            run: one slice of the actor's work; True means that there is more.
        """


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
        """In `handle`: keep the question; `handle`'s own return value is not its answer."""
        answer = self._asked
        self._asked = None
        if answer is None:
            return Answer()  # nobody asked; nobody will read it
        self._owed = [owed for owed in self._owed if not owed.is_done()]
        self._owed.append(answer)
        return answer

    def halt(self) -> None:
        """End, normally, after this message."""
        self._halting = True

    def announce(self) -> None:
        """Tell whoever watches that this actor is up (only with `born_when_set_up` off)."""
        if self._watcher is not None:
            self._watcher.tell(Born(child=self._name, life=self._life))

    # -- a life ---------------------------------------------------------------------------

    _watcher: Mailbox[Born | Died] | None = None
    _dispatcher: Dispatcher | None = None
    _name = ""
    _life = 1
    _asked: Answer | None = None
    _owed: list[Answer]
    _stops: list[Answer]
    actor_inbox: Inbox  # type: ignore[mutable-override]  # narrower, made by our own hook
    _halting = False
    _alive = False
    _ended = False

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        super().__init__()
        self._owed = []
        self._stops = []

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
        self._watcher, self._name, self._life = watcher, name or address.name, life
        self._dispatcher = dispatcher
        dispatcher.attach(self.actor_inbox, self._run_slice)
        return self.actor_ref

    def _run_slice(self) -> bool:
        if not self._alive:
            if self._ended or not self._begin():
                return False
            self._alive = True
        take, inbox = self.actor_inbox.address.take, self.actor_inbox
        for _ in range(SLICE):
            letter = take(inbox)
            if letter is None:
                return False
            if not self._live(letter):
                return False
        return True

    def _begin(self) -> bool:
        try:
            self.setup()
        except BaseException as error:  # noqa: BLE001  # the one place that may: see the module
            self._end(error, "setup")
            return False
        if self.born_when_set_up and self._watcher is not None:
            self._watcher.tell(Born(child=self._name, life=self._life))
        if self._halting:
            self._end(None, "setup")
            return False
        return True

    def _live(self, letter: Letter) -> bool:
        """Handle one letter; False when that was the last."""
        message, answer = letter[1], letter[2]
        self._asked = answer
        try:
            if message is STOP:
                if answer is not None:
                    self._stops.append(answer)
                self._halting = self.stopping() or self._halting
            elif isinstance(message, _PYKKA_CALLS):
                self._reply(self._handle_receive(message))
            else:
                self._reply(self.handle(message))
        except BaseException as error:  # noqa: BLE001  # the one place that may: see the module
            if message is not STOP and answer is not None:
                answer.fail(error)
            self._end(error, "stop" if message is STOP else type(message).__name__)
            return False
        if self._halting:
            self._end(None, type(message).__name__)
            return False
        return True

    def _reply(self, value: Any) -> None:
        if self._asked is not None:  # not kept by reply_later
            self._asked.set(value)
            self._asked = None

    def _end(self, error: BaseException | None, during: str) -> None:
        self._ended, self._alive = True, False
        address = self.actor_inbox.address
        stops = self._stops + address.vacate(
            self.actor_inbox, "closed" if error is None else "crashed"
        )
        try:
            self.teardown()
        except BaseException as second:  # the cause of the end is what counts
            if error is None:
                error, during = second, "teardown"
            else:
                log.exception("%s failed again in teardown", self._name)
        self.actor_stopped.set()
        ActorRegistry.unregister(self.actor_ref)
        for owed in self._owed:
            owed.fail(pykka.ActorDeadError(f"{self._name} ended before it answered"))
        for stop in stops:
            stop.set(None)
        if self._watcher is not None:
            self._watcher.tell(
                Died(
                    child=self._name,
                    life=self._life,
                    normal=error is None,
                    error=error,
                    during=during,
                )
            )
        elif error is not None:
            log.error("%s died during %s", self._name, during, exc_info=error)

    # -- Pykka's hooks ------------------------------------------------------------------

    @staticmethod
    def _create_actor_inbox() -> Any:
        return Inbox()

    @staticmethod
    def _create_future() -> Answer:
        return Answer()

    def _start_actor_loop(self) -> None:
        from actors.dispatch import PinnedDispatcher  # noqa: PLC0415  # it knows stages

        self._name = str(self)
        address = self.actor_inbox.address
        address.name = self._name
        self._dispatcher = PinnedDispatcher(self._name)
        self._dispatcher.attach(self.actor_inbox, self._run_slice)

    def on_receive(self, message: Any) -> Any:
        """Pykka's name for `handle`."""
        return self.handle(message)

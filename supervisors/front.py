"""The front: the door's Trio run as an actor, started last and stopped first.

In comes nothing but its own run's fall; out go the stages' messages, over HTTP and
WebSocket. Trio has a thread of its own, next to the actor's: the actor waits for it to be
ready, notices when it falls (and falls too, so that the supervisor raises it), and lets it
close its streams when it is told to stop. A crash forgets all connections; clients come
back with `since=`.
"""

import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

import msgspec
import trio

from actors.stage import Stage
from protocols.ports import Mailbox

Stepped = Callable[[str, float, str], object]
"""Told after each step of going down, in Trio's thread: see `web.drain`."""


class Serve(Protocol):
    """The door's run."""

    def __call__(
        self,
        up: Callable[[], object],
        stop: trio.Event,
        /,
        *,
        hurry: trio.Event,
        stepped: Stepped,
    ) -> Awaitable[None]:
        """Serve until `stop` is set.

        Args:
            up: called once connections are taken.
            stop: set: go down.
            hurry: set: go down faster.
            stepped: told after each step of going down.
        """


def _tell_nobody(_phase: str, _took_s: float, _outcome: str) -> None:
    """Steps are reported to whoever asks for it."""


class FrontFell(msgspec.Struct, frozen=True, eq=False):
    """The Trio run ended though nobody had told it to."""

    error: BaseException | None


class FrontFellError(RuntimeError):
    """The door's run ended by itself; its cause is chained."""


class FrontActor(Stage):
    """Owns the door's run.

    Args:
        serve: the run.
        own: this actor's own mailbox.
        start_within_s: seconds until connections must be taken.
        stepped: told how the run goes down, also when it falls by itself.
    """

    def __init__(
        self,
        serve: Serve,
        own: Mailbox[FrontFell],
        start_within_s: float = 8.0,
        *,
        stepped: Stepped = _tell_nobody,
    ) -> None:
        super().__init__()
        self._serve = serve
        self._own = own
        self._stepped = stepped
        self._start_within_s = start_within_s
        self._up = threading.Event()  # or ended before it was
        self._is_up = False
        self._token: trio.lowlevel.TrioToken | None = None
        self._leave: trio.Event | None = None
        self._hurry: trio.Event | None = None
        self._is_hurried = False
        self._error: BaseException | None = None
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="front-trio", daemon=True)

    def setup(self) -> None:
        """Run the door until it takes connections.

        Raises:
            FrontFellError: it fell before, or did not get there in time.
        """
        self._thread.start()
        self._up.wait(self._start_within_s)
        if not self._is_up:
            raise FrontFellError("the door did not open") from self._error

    def handle(self, message: FrontFell) -> None:
        """Fall with the run.

        Raises:
            FrontFellError: always.
        """
        raise FrontFellError("the door's run ended") from message.error

    def teardown(self) -> None:
        """Let the run go down step by step, then wait for its end."""
        self._is_stopping = True
        if self._token is not None and self._leave is not None:
            try:
                self._token.run_sync_soon(self._leave.set)
            except trio.RunFinishedError:
                return
        if self._thread.is_alive():
            self._thread.join()  # the supervisor's time limit stands behind this

    def hurry(self) -> None:
        """Leave less time to what is left of going down. Any thread, at any time."""
        self._is_hurried = True
        if self._token is not None and self._hurry is not None:
            with suppress(trio.RunFinishedError):
                self._token.run_sync_soon(self._hurry.set)

    def _run(self) -> None:
        try:
            trio.run(self._main)
        except BaseException as error:  # noqa: BLE001  # told to the actor, which falls with it
            self._error = error
        self._up.set()
        if not self._is_stopping:
            self._own.tell(FrontFell(self._error))

    async def _main(self) -> None:
        self._leave, self._hurry = trio.Event(), trio.Event()
        self._token = trio.lowlevel.current_trio_token()
        if self._is_stopping:  # who stops looks at the token second, and may not see it
            return
        if self._is_hurried:
            self._hurry.set()

        def up() -> None:
            self._is_up = True
            self._up.set()

        await self._serve(up, self._leave, hurry=self._hurry, stepped=self._stepped)

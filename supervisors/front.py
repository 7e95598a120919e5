"""The front: the door's Trio run as an actor, started last and stopped first.

In come its own run's fall and the timer's calls; out go the stages' messages, over HTTP and
WebSocket. Trio has a thread of its own, next to the actor's: the actor waits for it to be
ready, notices when it falls (and falls too, so that the supervisor raises it), and lets it
close its streams when it is told to stop. A crash forgets all connections; clients come
back with `since=`.

The watchdog looks at actors, and Trio's thread is none. So the actor has the run answer
four times a second and waits for it: a run that hangs is an actor that hangs.
"""

import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Protocol, TypeAlias, assert_never

import msgspec
import trio

from actors.stage import Activity, Stage
from protocols.ports import Mailbox, Timer, Timers

PROVE_S: Final = 0.25
"""Seconds from one proof of life that is asked of the run to the next."""

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


class ProveRun(msgspec.Struct, frozen=True):
    """The timer: see whether the Trio run still answers."""


FrontInput: TypeAlias = FrontFell | ProveRun


class FrontFellError(RuntimeError):
    """The door's run ended by itself; its cause is chained."""


class FrontActor(Stage):
    """Owns the door's run.

    Args:
        serve: the run.
        own: this actor's own mailbox.
        start_within_s: seconds until connections must be taken.
        stepped: told how the run goes down, also when it falls by itself.
        timers: call for proofs of life; None: nobody does.
    """

    def __init__(
        self,
        serve: Serve,
        own: Mailbox[FrontInput],
        start_within_s: float = 8.0,
        *,
        stepped: Stepped = _tell_nobody,
        timers: Timers | None = None,
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
        self._timers = timers
        self._timer: Timer | None = None
        self._is_asked = False  # for a proof
        self._is_waiting = False  # for the run's answer
        self._answered = threading.Event()
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
        if self._timers is not None:
            self._timer = self._timers.every(PROVE_S, lambda *_: self._ask_for_proof())

    def handle(self, message: FrontInput) -> None:
        """Wait for the run's answer, or fall with it.

        Raises:
            FrontFellError: the run has ended.
        """
        match message:
            case ProveRun():
                self._prove()
            case FrontFell(error=error):
                raise FrontFellError("the door's run ended") from error
            case _:
                assert_never(message)

    def teardown(self) -> None:
        """Let the run go down step by step, then wait for its end."""
        self._begin_to_leave()
        if self._thread.is_alive():
            self._thread.join()  # the supervisor's time limit stands behind this

    def activity(self) -> Activity | None:
        """What the actor is at; while it waits for the run, that is where it hangs."""
        found = super().activity()
        run = self._thread.ident
        if found is None or run is None or not self._is_waiting:
            return found
        return found._replace(thread=run)

    def leave(self) -> None:
        """Go down in haste: another life has the door. Any thread, at any time.

        For an actor that was replaced because it hangs; its run may still serve.
        """
        self.hurry()  # first: the run looks at it once it is told to leave
        self._begin_to_leave()

    def hurry(self) -> None:
        """Leave less time to what is left of going down. Any thread, at any time."""
        self._is_hurried = True
        if self._token is not None and self._hurry is not None:
            with suppress(trio.RunFinishedError):
                self._token.run_sync_soon(self._hurry.set)

    def _begin_to_leave(self) -> None:
        self._is_stopping = True
        if self._timer is not None:
            self._timer.cancel()
        if self._token is not None and self._leave is not None:
            with suppress(trio.RunFinishedError):
                self._token.run_sync_soon(self._leave.set)

    def _ask_for_proof(self) -> None:
        if not self._is_asked:  # one at a time, however long it takes
            self._is_asked = True
            self._own.tell(ProveRun())

    def _prove(self) -> None:
        self._answered.clear()
        if self._token is not None:
            with suppress(trio.RunFinishedError):  # the word of its end is on its way
                self._token.run_sync_soon(self._answered.set)
                self._is_waiting = True
                self._answered.wait()  # the watchdog's limit stands behind this
        self._is_asked = self._is_waiting = False

    def _run(self) -> None:
        try:
            trio.run(self._main)
        except BaseException as error:  # noqa: BLE001  # told to the actor, which falls with it
            self._error = error
        self._up.set()
        self._answered.set()  # what is asked of a run that ends may never be called
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

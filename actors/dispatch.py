"""Dispatchers: who lends threads to actors.

`PinnedDispatcher` gives each actor a thread of its own, for what blocks (drivers,
databases, the painter). `SharedDispatcher` is a pool of a few threads; an actor is
scheduled when it has mail, its messages stay in order, and it never runs twice at once.
Measured on two cores with 10 Hz filter work: two shared threads hold 300 to 400 sessions
where a thread an actor breaks down at 300.

A crash of an actor never reaches a dispatcher: `Stage` ends the actor itself.
"""

import functools
import itertools
import queue
import threading
from _thread import allocate_lock
from collections.abc import Callable

from actors.inbox import Inbox

Run = Callable[[], bool]


class PinnedDispatcher:
    """A thread an actor.

    Args:
        name: prefix of the threads' names.
    """

    def __init__(self, name: str = "pinned") -> None:
        self.name = name

    def attach(self, inbox: Inbox, run: Run) -> None:
        """Start the actor's thread."""
        gate = allocate_lock()
        gate.acquire()
        # An actor is woken at most once between two idle spells: `idle` changes under the
        # address's lock, so the gate is never released twice.
        inbox.wake = gate.release
        thread = threading.Thread(
            target=_run_pinned,
            args=(inbox, run, gate.acquire),
            name=inbox.address.name,
            daemon=True,  # a hung actor must not keep the process from ending
        )
        thread.start()

    def replace(self, thread: int) -> None:
        """Nothing: nobody else waits for an actor's own thread."""


def _run_pinned(inbox: Inbox, run: Run, wait: Callable[[], object]) -> None:
    while True:
        while run():
            pass
        if inbox.over:
            return
        wait()


_Job = tuple[Inbox, Run]


class SharedDispatcher:
    """A pool of threads for actors that never block.

    Args:
        name: prefix of the threads' names.
        threads: how many; as many as cores is a good number.
    """

    def __init__(self, name: str, threads: int) -> None:
        self.name = name
        self._ready: queue.SimpleQueue[Run | None] = queue.SimpleQueue()
        self._count = itertools.count()
        self._threads: list[threading.Thread] = []
        self._replaced: set[int] = set()
        for _ in range(threads):
            self._begin()

    def replace(self, thread: int) -> None:
        """Have another thread in the place of one that hangs; that one ends when it can."""
        if thread not in self._replaced and any(t.ident == thread for t in self._threads):
            self._replaced.add(thread)
            self._threads = [t for t in self._threads if t.ident != thread]
            self._begin()

    def _begin(self) -> None:
        name = f"{self.name}-{next(self._count)}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def attach(self, inbox: Inbox, run: Run) -> None:
        """Schedule the actor's beginning."""
        ready = self._ready.put
        inbox.wake = functools.partial(ready, run)
        ready(run)

    def _work(self) -> None:
        ready = self._ready
        while (run := ready.get()) is not None:
            if run():
                ready.put(run)
            if self._replaced and threading.get_ident() in self._replaced:
                self._replaced.discard(threading.get_ident())
                return

    def close(self, timeout_s: float = 1.0) -> None:
        """Let the threads end once the work that is scheduled is done."""
        for _ in self._threads:
            self._ready.put(None)
        for thread in self._threads:
            thread.join(timeout_s)

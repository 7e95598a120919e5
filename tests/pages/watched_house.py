"""The real door over a tree that the test makes: for the operators' page and `top`.

The door runs in a thread of its own, with its real routes, stream and content security
policy; the tree behind it is `Watched`, which a test changes as it likes.
"""
# ruff: noqa: ANN401  # fields of many types

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec
import trio

from protocols.keys import KeyUnknown
from protocols.operators import ActorFacts, Budget, EdgeDepth, Histogram
from protocols.supervision import (
    ChildEnded,
    ChildGone,
    ChildStarted,
    ChildState,
    ChildStepped,
    Entry,
    Exit,
    RestartSpent,
)
from tests.web.stand_ins import OPERATOR_KEY, House, Watched
from web.door import Limits
from web.serve import serve
from web.sockets import address, listen

__all__ = ["OPERATOR_KEY", "READER", "WatchedHouse", "watched_house"]

READER: Final = "root/sessions/houses/sess_1/reader"
TRACE: Final = """Traceback (most recent call last):
  File "actors/device/actor.py", line 118, in handle
    chunk = self._source.read(now)
protocols.errors.DeviceGoneError: the headset did not answer for 2 s
"""
_SUPERVISORS: Final = {
    "root/archive": "one_for_one",
    "root/generators": "rest_for_one",
    "root/generators/painters": "one_for_one",
    "root/output": "one_for_one",
    "root/sessions": "one_for_one",
    "root/sessions/houses": "one_for_one",
    "root/surroundings": "one_for_one",
}
_WORKERS: Final = (
    "root/archive/keyring",
    "root/archive/library",
    "root/front",
    "root/generators/painters/painter-1",
    "root/generators/painters/painter-2",
    "root/generators/painters/painter-10",
    "root/generators/pool",
    "root/output/broadcaster",
    "root/sessions/manager",
    "root/surroundings/analysis",
    "root/surroundings/metronome",
)
_STAGES: Final = ("encoder", "filters", "reader", "semantics", "recorder")


class WatchedHouse:
    """A door that is open, and the tree behind it."""

    def __init__(self) -> None:
        self.tree = Watched()
        self._doors: queue.SimpleQueue[tuple[trio.lowlevel.TrioToken, trio.Event, int]]
        self._doors = queue.SimpleQueue()
        self._port = 0
        self.open()
        self.address = f"http://127.0.0.1:{self._port}"
        self.page = f"{self.address}/ops#key={OPERATOR_KEY}"

    def open(self, *, revoked: bool = False) -> None:
        """Serve, at the same address as before.

        Args:
            revoked: no key counts any longer.
        """
        self._revoked = revoked
        self._thread = threading.Thread(target=trio.run, args=(self._serve,), name="door")
        self._thread.start()
        self._token, self._stop, self._port = self._doors.get(timeout=20)

    def close(self) -> None:
        """End it; every thread is gone then."""
        self._token.run_sync_soon(self._stop.set)
        self._thread.join(20)

    async def _serve(self) -> None:
        limits = Limits(grace_s=0.2, notice_s=0.0, streams_s=0.2)
        house = House(limits=limits, operators=self.tree)
        if self._revoked:
            house.keyring.answer = lambda _: KeyUnknown()
        listeners = listen("127.0.0.1", [self._port])
        port, token = address(listeners[0])[1], trio.lowlevel.current_trio_token()

        def ready() -> None:
            self._doors.put((token, house.stop, port))

        await serve(house.door, listeners, ready=ready, stop=house.stop)

    # -- what happens in the tree -------------------------------------------------------

    def grow(self, sessions: int) -> None:
        """Make the whole tree, with so many sessions."""
        for path, strategy in _SUPERVISORS.items():
            self.tree.add(path, kind="supervisor")
            self.change(path, strategy=strategy)
        for path in _WORKERS:
            self.tree.add(path)
        for number in range(1, sessions + 1):
            self.seat(f"sess_{number}")

    def seat(self, session: str) -> None:
        """Add a session, without a word in the journal."""
        house = f"root/sessions/houses/{session}"
        self.tree.add(house, kind="supervisor")
        for stage in _STAGES:
            self.tree.add(f"{house}/{stage}")

    def leave(self, session: str) -> None:
        """Let a session, or anything else, end for good."""
        for path in [p for p in self.tree.facts if f"{p}/".startswith(f"{session}/")]:
            del self.tree.facts[path]
        self.tree.note(ChildGone(path=session))

    def whole(self, **changes: Any) -> None:
        """Change the state of the whole."""
        self.tree.whole = msgspec.structs.replace(self.tree.whole, **changes)

    def change(self, path: str, **changes: Any) -> ActorFacts:
        return self.tree.change(path, **changes)

    def row(self, path: str, **changes: Any) -> None:
        """Change a row, without a word in the journal."""
        row = msgspec.structs.replace(self.tree.facts[path].row, **changes)
        self.change(path, row=row)

    def step(self, path: str, cause: int | None = None, **changes: Any) -> Entry:
        """Change a row, or make it, and note it."""
        if path not in self.tree.facts:
            self.tree.add(path)
        self.row(path, **changes)
        return self.tree.note(ChildStepped(row=self.tree.facts[path].row), cause)

    def crash(self, path: str, trace: str = TRACE) -> Entry:
        """Let one fall and come back, as its supervisor writes it down; the first entry."""
        was = self.tree.facts[path].row
        above = path.rpartition("/")[0]
        end = ChildEnded(
            path=path,
            life=was.life,
            normal=False,
            reason="DeviceGoneError: the headset did not answer for 2 s",
            exit=Exit.ABNORMAL,
            during="Tick",
            trace=trace,
        )
        ended = self.tree.note(end)
        spent = RestartSpent(
            path=above, child=path, spent=1, of=10, within_s=30.0, wait_s=0.0
        )
        cause = self.tree.note(spent, ended.number).number
        life, restarts = was.life + 1, was.restarts + 1
        self.step(path, cause, state=ChildState.STARTING, life=life, restarts=restarts)
        self.tree.note(ChildStarted(path=path, life=life), cause)
        self.row(path, state=ChildState.RUNNING)
        self.change(
            path,
            last_end=end,
            last_end_at=ended.at,
            budget=Budget(spent=1, of=10, within_s=30.0),
        )
        return ended

    def work(self, path: str) -> None:
        """Let one have handled messages, and have some that wait."""
        counts = [0] * 15
        counts[3:8] = [40, 900, 310, 22, 3]
        self.change(
            path,
            handled=Histogram(counts=tuple(counts), seconds=0.42),
            depth=3,
            oldest_s=0.5,
            handling="Tick",
            handling_s=0.25,
            edges=(
                EdgeDepth(
                    edge=f"{path}:chunks",
                    came=1278,
                    taken=1270,
                    dropped={"stale": 4, "overrun": 1},
                    queued=3,
                ),
            ),
        )


@contextmanager
def watched_house(sessions: int = 2) -> Iterator[WatchedHouse]:
    """Open a door for a while."""
    house = WatchedHouse()
    house.grow(sessions)
    try:
        yield house
    finally:
        house.close()

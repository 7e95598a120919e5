"""`WS /ops/stream`: what happens in the tree, as it happens.

It needs an operator's key (a header, or `?key=` for browsers, which cannot send headers).
`?since=N` goes on after entry N. The messages, with forms of `web.ops_wire`:

    {"type": "tree", …}      once, first: all rows, and from where entries go on
    {"type": "events", …}    entries of the journal, at most ten such messages a second
    {"type": "state", …}     once a second

No entry is left out: who reads slowly has a place in the journal kept, and gets more
entries a message, later. Who is so slow that the next ones are kept no longer is closed
with 1013, which says from where to go on; who takes nothing at all loses the connection,
as any viewer does. A key that counts no longer closes with 1008. While the journal cannot
be read, entries wait there, and states go on.

The journal may read a disk, and a tree of hundreds of rows takes milliseconds: both are
done in threads.
"""

import logging
import math
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import msgspec
import trio

from protocols.operators import Operators
from web.admission import AdmittedOperator
from web.auth import as_operator, check_key
from web.clients import Client
from web.door import Door
from web.errors import Problem
from web.fanout import GOODBYE_S, TRY_AGAIN_LATER, Fanout
from web.figures import Closed
from web.frames import TEXT, closing, frame
from web.handshake import Said, SaidBytes
from web.ops_wire import StateTold, TreeTold, reading, tree_now
from web.viewer import Viewer

T = TypeVar("T")
PERIOD_S: Final = 0.1
STATE_S: Final = 1.0
BATCH: Final = 500
"""Most entries of one message."""

MESSAGE_BYTES: Final = 256 * 1024
"""Entries that are more than this go in several messages; many clients take 1 MiB."""

RETRY_S: Final = 1.0
"""Pause after the journal could not be read."""

NOT_ALLOWED: Final = 1008
_FORBIDDEN: Final = (401, 403)
_BEATS_A_STATE: Final = round(STATE_S / PERIOD_S)
_READERS: Final = 2
_LOG: Final = logging.getLogger(__name__)
_write: Final = msgspec.json.Encoder().encode


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Entries on their way to one client."""

    wire: bytes
    """The frame; empty: there are none."""

    upto: int
    """Number of the last one; without any, as it was asked for."""

    kept_from: int
    """Number of the oldest entry that can still be had."""


class OpsStream:
    """Tells operators what happens; made and used inside one Trio run.

    Args:
        door: whose operators.
        fanout: writes to the clients.
    """

    def __init__(self, door: Door, fanout: Fanout) -> None:
        self._door = door
        self._fanout = fanout
        self._clients: dict[Client, None] = {}
        self._somebody_came = trio.Event()
        self._beat = trio.Event()
        self._last = 0  # number of the newest entry, as of the last beat
        self._readers = trio.CapacityLimiter(_READERS)

    async def run(self) -> None:
        """Beat while somebody listens, until cancelled."""
        began, beat, next_state = 0.0, 0, _BEATS_A_STATE
        while True:
            if not self._clients:
                self._somebody_came = trio.Event()
                await self._somebody_came.wait()
                began, beat, next_state = trio.current_time(), 0, _BEATS_A_STATE
            # Absolute deadlines; beats that were missed are skipped, not caught up.
            late = (trio.current_time() - began) / PERIOD_S
            beat = max(beat + 1, math.ceil(late))
            await trio.sleep_until(began + beat * PERIOD_S)
            self._tell_beat(with_state=beat >= next_state)
            if beat >= next_state:
                next_state += _BEATS_A_STATE

    async def show(self, viewer: Viewer, what: AdmittedOperator) -> None:
        """Serve one operator until the conversation ends."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._follow, viewer.client, what.since)
            nursery.start_soon(self._recheck, viewer.client, what.key)
            await viewer.listen(_say_nothing)
            nursery.cancel_scope.cancel()

    def _tell_beat(self, *, with_state: bool) -> None:
        state = self._door.operators.state()
        self._last = state.last_number
        done, self._beat = self._beat, trio.Event()
        done.set()
        if with_state:
            told = StateTold(state=state, clock=reading(self._door.clock))
            self._fanout.broadcast(tuple(self._clients), frame(TEXT, _write(told)))

    async def _follow(self, client: Client, asked: int | None) -> None:
        wire, since = await self._read(partial(_first_words, self._door, asked))
        self._fanout.tell(client, wire)
        self._clients[client] = None
        self._somebody_came.set()
        try:
            while not client.closing:
                await self._beat.wait()
                # What waits is sent first: so the journal is the queue, and it is bounded.
                if not client.waiting and since < self._last:
                    since = await self._tell_entries(client, since)
        finally:
            del self._clients[client]

    async def _tell_entries(self, client: Client, since: int) -> int:
        try:
            batch = await self._read(partial(_next_words, self._door.operators, since))
        except Exception as error:  # noqa: BLE001  # the disk's, or of who reads it
            _LOG.warning("entries above %d cannot be read now: %r", since, error)
            await trio.sleep(RETRY_S)
            return since
        if batch.kept_from > since + 1:
            gone = f"entries {since + 1} to {batch.kept_from - 1} are kept no longer"
            said = f"{gone}; come again with since={batch.kept_from - 1}"
            self._close(client, TRY_AGAIN_LATER, said, Closed.SLOW)
        elif batch.wire:
            self._fanout.tell(client, batch.wire)
        return batch.upto

    async def _recheck(self, client: Client, key: str) -> None:
        while not client.closing:
            await trio.sleep(self._door.limits.recheck_s)
            try:
                as_operator(await check_key(self._door, key))
            except Problem as problem:
                if problem.status in _FORBIDDEN:  # else nobody knows: it goes on
                    self._close(client, NOT_ALLOWED, problem.message, Closed.REFUSED)

    def _close(self, client: Client, code: int, said: str, why: Closed) -> None:
        self._fanout.say_goodbye(client, closing(code, said))
        client.end(why, GOODBYE_S)

    async def _read(self, work: Callable[[], T]) -> T:
        return await trio.to_thread.run_sync(
            work,
            limiter=self._readers,
            abandon_on_cancel=True,  # a disk that hangs hangs its thread only
        )


def _first_words(door: Door, asked: int | None) -> tuple[bytes, int]:
    operators = door.operators
    seen = tree_now(operators, door.clock)
    since = seen.number
    if asked is not None and asked <= seen.number:  # above: a journal that was begun anew
        since = max(asked, _first_kept(operators, asked) - 1)
    told = TreeTold(
        children=seen.children,
        state=seen.state,
        clock=seen.clock,
        number=seen.number,
        since=since,
    )
    return frame(TEXT, _write(told)), since


def _first_kept(operators: Operators, asked: int) -> int:
    try:
        return operators.events(asked, 1).first
    except Exception as error:  # noqa: BLE001  # the tree can be shown all the same
        _LOG.warning("the journal cannot be read now: %r", error)
        return 0


def _next_words(operators: Operators, since: int) -> Batch:
    events = operators.events(since, BATCH)
    written: list[msgspec.Raw] = []
    size, upto = 0, since
    for entry in events.entries:
        line = _write(entry)
        size += len(line)
        if written and size > MESSAGE_BYTES:
            break
        written.append(msgspec.Raw(line))
        upto = entry.number
    said = {"type": "events", "entries": written, "last": events.last}
    wire = frame(TEXT, _write(said)) if written else b""
    return Batch(wire=wire, upto=upto, kept_from=events.first)


async def _say_nothing(_: Said | SaidBytes) -> None:
    """Orders go over HTTP; what is said here is counted."""

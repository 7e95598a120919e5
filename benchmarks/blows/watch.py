"""Eyes of `survival.py`: what happened when, who saw which picture, what edges dropped."""

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import pairwise
from statistics import median
from typing import Any, Final, NamedTuple

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from protocols.ports import Clock
from protocols.supervision import LifeEvent
from protocols.wire import ImageMessage
from tests.journeys.inside import Inside
from tests.journeys.server import read_picture

PATIENCE_S: Final = 60.0
"""For what certainly comes, on a busy machine."""

AGAIN_S: Final = 0.02
"""From a connection that ended to the next; a door that is down has it wait anyway."""

SAMPLES_WAY: Final = ("reader>filters", "filters>encoder")


class Happened(NamedTuple):
    """An event and its clock time, seconds."""

    at: float
    event: LifeEvent


class Log:
    """Fills `Mailbox[LifeEvent]`: all that happens, with its time. Any thread."""

    def __init__(self, clock: Clock) -> None:
        self.told: list[Happened] = []
        self._clock = clock
        self._news = threading.Condition()

    def tell(self, event: LifeEvent, /) -> None:
        """Keep it."""
        with self._news:
            self.told.append(Happened(self._clock.now(), event))
            self._news.notify_all()

    def mark(self) -> int:
        """Where the log is now."""
        return len(self.told)

    def until(self, is_it: Callable[[Any], bool], mark: int) -> Happened:
        """Wait for an event after a mark.

        Raises:
            TimeoutError: it does not come.
        """
        at = mark
        with self._news:
            while True:
                for happened in self.told[at:]:
                    if is_it(happened.event):
                        return happened
                at = len(self.told)
                if not self._news.wait(PATIENCE_S):
                    seen = [type(h.event).__name__ for h in self.told[mark:]]
                    raise TimeoutError(f"not within {PATIENCE_S:g} s; came: {seen[-20:]}")


class Frame(NamedTuple):
    """A picture, as it came."""

    at: float
    """Clock time, seconds."""

    sequence: int
    captured_at: float
    """Clock time of its newest sample, seconds; 0: no brain drives it."""


class Viewer:
    """Watches a session's stream, and comes back to a door that fell."""

    def __init__(self, inside: Inside, session: dict[str, Any]) -> None:
        self.session: str = session["session_id"]
        self.frames: list[Frame] = []
        self.connections = 0
        self._clock = inside.world.clock
        self._epoch = self._clock.unix(0.0)
        self._url = session["websocket_url"]
        self._news = threading.Condition()
        self._over = threading.Event()
        self._socket: ClientConnection | None = None
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        if self._socket is not None:
            self._socket.close()
        self._thread.join(PATIENCE_S)

    def driven(self, after: float) -> Frame:
        """Wait for a picture whose newest sample is younger than a clock time.

        Raises:
            TimeoutError: it does not come.
        """
        with self._news:
            if not self._news.wait_for(
                lambda: bool(self.frames) and self.frames[-1].captured_at > after,
                PATIENCE_S,
            ):
                raise TimeoutError(f"no picture of {self.session} since {after:.1f}")
            at = len(self.frames) - 1
            while at and self.frames[at - 1].captured_at > after:
                at -= 1
            return self.frames[at]

    def silence(self, begin: float, end: float) -> float:
        """Longest time without a picture that touches these clock times, seconds."""
        times = [frame.at for frame in list(self.frames)]
        first = max(bisect_right(times, begin) - 1, 0)
        last = bisect_right(times, end) + 1
        return max(gaps(times[first:last]), default=0.0)

    def missing(self, begin: float, end: float) -> int:
        """Pictures that were published between two clock times and did not come."""
        frames = list(self.frames)
        times = [frame.at for frame in frames]
        part = frames[max(bisect_right(times, begin) - 1, 0) : bisect_right(times, end) + 1]
        return sum(
            max(0, after.sequence - before.sequence - 1) for before, after in pairwise(part)
        )

    def _watch(self) -> None:
        while not self._over.wait(AGAIN_S if self.connections else 0.0):
            since = f"&since={self.frames[-1].sequence}" if self.frames else ""
            url = f"{self._url}?format=binary{since}"
            with (
                suppress(WebSocketException, OSError),
                connect(url, max_size=None, open_timeout=PATIENCE_S) as self._socket,
            ):
                self.connections += 1
                for message in self._socket:
                    if isinstance(message, bytes):
                        self._keep(read_picture(message)[0])

    def _keep(self, head: ImageMessage) -> None:
        captured_at = head.captured_at - self._epoch if head.metadata.driven else 0.0
        with self._news:
            self.frames.append(Frame(self._clock.now(), head.sequence, captured_at))
            self._news.notify_all()


def lost_samples(inside: Inside, sessions: Iterable[str]) -> int:
    """Messages that these sessions' edges of samples have dropped so far."""
    ways = {f"{session}:{way}" for session in sessions for way in SAMPLES_WAY}
    return sum(
        sum(book.dropped.values())
        for address in inside.server.tree.houses.addresses()
        for book in address.counts()
        if book.edge in ways
    )


def gaps(times: Sequence[float]) -> list[float]:
    """From each to the next."""
    return [after - before for before, after in pairwise(times)]


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table: first column left, the others right."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    print(f"\n## {title}\n")
    for row in (heads, *cells):
        first, *others = (
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join((first, *others)).rstrip(), flush=True)


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def p50(values: Sequence[float]) -> float:
    """The middle; 0 of nothing."""
    return median(values) if values else 0.0

"""Stand-ins for whom the door asks: each answers by what it has been told."""
# ruff: noqa: ANN401  # answers are of as many types as questions

import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import httpx
import msgspec
import numpy as np
import trio
import trio.testing
from trio_websocket import WebSocketConnection, connect_websocket_url

from config.schema import Settings
from protocols.analysis import AnalysisInput, PromptMade
from protocols.archive import (
    ArchiveFigures,
    ArchiveStatus,
    FetchPicture,
    KeepPicture,
    LibraryInput,
    PictureData,
    PictureKept,
    PictureMissing,
)
from protocols.eeg import Phase
from protocols.generation import Painted, PaintOnce
from protocols.keys import OPERATOR, CheckKey, KeyHolder, KeyringInput, KeyUnknown
from protocols.operators import (
    HANDLING_LE_S,
    Action,
    ActorFacts,
    Budget,
    EdgeDepth,
    Events,
    Histogram,
    OperatorOrder,
    SystemState,
    Zombie,
)
from protocols.pictures import Painting
from protocols.sessions import (
    CommandBrain,
    CreateSession,
    EndSession,
    GetSession,
    ListSessions,
    PauseSession,
    ReadOverview,
    SessionRow,
    SessionSettings,
    SessionUnknown,
    SessionView,
)
from protocols.streams import BroadcastFigures, Demand, StreamFrame
from protocols.supervision import ChildEnded, ChildRow, ChildState, ChildStepped, Entry
from tests.probe import Probe
from web.door import HERE, Door, Limits
from web.hub import Hub
from web.serve import serve
from web.sockets import address, listen

KEY, OTHER_KEY, OPERATOR_KEY = "key-of-ada", "key-of-bob", "key-of-eve"
FIGURES = BroadcastFigures(streams=1, frames=2, ticks=3, missed_ticks=0, late_p99_ms=1.25)
_M = TypeVar("_M")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at

    def unix(self, at: float) -> float:
        return 1_700_000_000.0 + at


class Given:
    """A reply, there or to come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value: Any = None
        self._done = False
        self._calls: list[Callable[[], object]] = []

    def set(self, value: Any) -> None:
        with self._lock:
            self._value, self._done = value, True
            calls = self._calls
        for call in calls:
            call()

    def get(self, *, timeout: float | None = None) -> Any:
        assert self._done, f"not there within {timeout} s"
        if isinstance(self._value, BaseException):
            raise self._value
        return self._value

    def when_done(self, call: Callable[[], object], /) -> None:
        with self._lock:
            if not self._done:
                self._calls.append(call)
                return
        call()

    def is_done(self) -> bool:
        return self._done


class StandIn(Generic[_M]):
    """Fills `Askable[M]`: answers in another thread, as an actor does."""

    def __init__(self, answer: Callable[[Any], Any]) -> None:
        self.answer = answer
        self.asked: list[Any] = []

    def tell(self, message: _M, /) -> None:
        self.asked.append(message)

    def ask(self, message: _M, /, *, timeout_s: float) -> Given:
        assert timeout_s > 0
        self.asked.append(message)
        reply = Given()
        thread = threading.Thread(target=lambda: reply.set(self.answer(message)))
        thread.start()
        return reply


class Sessions:
    """What a session manager remembers."""

    def __init__(self) -> None:
        self.views: dict[str, SessionView] = {}

    def add(self, session: str, owner: str = "ada", **changes: Any) -> SessionView:
        settings = SessionSettings(
            user_id="u", device_type="simulator", duration_s=60, model="m", owner=owner
        )
        return self._put(session, settings, **changes)

    def __call__(self, message: Any) -> Any:
        match message:
            case CreateSession(settings=settings):
                return self._put(f"sess_{len(self.views):04d}", settings)
            case ListSessions() | ReadOverview():
                rows = isinstance(message, ReadOverview)
                return tuple(_row(v) if rows else v for v in self.views.values())
            case EndSession(session=name) if name in self.views:
                return self._change(name, status="ended", phase=Phase.ENDED, ended_at=101.0)
            case PauseSession(session=name, paused=paused) if name in self.views:
                return self._change(name, status="paused" if paused else "active")
            case GetSession(session=name) | CommandBrain(session=name):
                return self.views.get(name) or SessionUnknown(name)
            case _:
                return SessionUnknown("?")

    def _put(self, name: str, settings: SessionSettings, **changes: Any) -> SessionView:
        self.views[name] = SessionView(
            session=name,
            settings=settings,
            status="active",
            phase=Phase.STREAMING,
            reason="",
            created_at=100.0,
            ended_at=None,
            images=42,
            last_activity_at=100.0,
            duration_s=7.5,
            mean_latency_s=0.0871,
        )
        return self._change(name, **changes)

    def _change(self, name: str, **changes: Any) -> SessionView:
        self.views[name] = msgspec.structs.replace(self.views[name], **changes)
        return self.views[name]


def _row(view: SessionView) -> SessionRow:
    return SessionRow(
        session=view.session,
        kind="sitting",
        name=view.settings.device_type,
        status=view.status,
        owner=view.settings.owner,
        created_at=view.created_at,
        started_at=view.created_at,
        elapsed_s=view.duration_s,
        remaining_s=view.settings.duration_s - view.duration_s,
    )


class Library:
    """Keeps pictures in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, KeepPicture] = {}
        self.degraded = ""

    def put(self, data: bytes) -> str:
        kept = self(KeepPicture(data=data, mime="image/png"))
        assert isinstance(kept, PictureKept)
        return kept.id

    def __call__(self, message: KeepPicture | FetchPicture | ArchiveStatus) -> Any:
        match message:
            case KeepPicture():
                name = f"img_{len(self.kept)}"
                self.kept[name] = message
                return PictureKept(name)
            case FetchPicture(id=name):
                kept = self.kept.get(name)
                if kept is None:
                    return PictureMissing(name)
                return PictureData(data=kept.data, mime=kept.mime)
            case ArchiveStatus():
                return ArchiveFigures(
                    pictures=len(self.kept),
                    disk_bytes=0,
                    quota_bytes=1,
                    counted=True,
                    in_memory=0,
                    waiting=0,
                    lost=0,
                    degraded=self.degraded,
                    degraded_since=None,
                )


def paint(message: PaintOnce) -> Painted:
    """A grey picture of the wished size."""
    wish = message.wish
    pixels = np.full((wish.height, wish.width, 3), 99, np.uint8)
    painting = Painting(pixels=pixels, model="grey", seed=wish.seed, effective_steps=1)
    return Painted(job=1, worker="w", painting=painting, began_at=100.5, done_at=100.75)


def check(message: CheckKey) -> KeyHolder | KeyUnknown:
    """Three keys are valid, one of them an operator's."""
    holders = {
        KEY: KeyHolder(id="ada", name="Ada", prefix="key-of", created_at=0),
        OTHER_KEY: KeyHolder(id="bob", name="Bob", prefix="key-of", created_at=0),
        OPERATOR_KEY: KeyHolder(
            id="eve", name="Eve", prefix="key-of", role=OPERATOR, created_at=0
        ),
    }
    return holders.get(message.key) or KeyUnknown()


QUIET = Histogram(counts=(0,) * (len(HANDLING_LE_S) + 1), seconds=0.0)


class Watched:
    """Fills `Operators`: a tree that is what the test makes of it.

    Args:
        paths: of workers that run.
    """

    def __init__(self, *paths: str) -> None:
        self.facts: dict[str, ActorFacts] = {}
        self.entries: list[Entry] = []
        self.forgotten = 0
        """Entries up to this number are kept no longer."""
        self.hung: list[Zombie] = []
        self.orders: list[OperatorOrder] = []
        self.answer: Callable[[OperatorOrder], Any] = self.obey
        self.whole = SystemState(
            run="run_1",
            up_s=60.0,
            last_number=0,
            journal="writing",
            stalls=1,
            longest_stall_s=0.25,
            zombies=0,
            draining="",
            dead_letters={"vacant": 3},
        )
        for path in paths:
            self.add(path)

    def add(self, path: str, **changes: Any) -> ChildRow:
        row = ChildRow(
            path=path,
            kind="worker",
            state=ChildState.RUNNING,
            life=1,
            restarts=0,
            dispatcher="shared",
            since=90.0,
        )
        row = msgspec.structs.replace(row, **changes)
        self.facts[path] = ActorFacts(
            row=row,
            strategy="",
            restart="permanent",
            budget=Budget(spent=0, of=10, within_s=30.0),
            depth=0,
            oldest_s=0.0,
            handling="",
            handling_s=0.0,
            hang_after_s=5.0,
            handled=QUIET,
            edges=(EdgeDepth(edge=f"{path}:mail", came=0, taken=0, dropped={}, queued=0),),
            last_end=None,
            last_end_at=None,
        )
        return row

    def change(self, path: str, **changes: Any) -> ActorFacts:
        self.facts[path] = msgspec.structs.replace(self.facts[path], **changes)
        return self.facts[path]

    def crash(self, path: str, trace: str = "") -> None:
        """Let one die, and note it."""
        row = self.facts[path].row
        row = msgspec.structs.replace(row, life=row.life + 1, restarts=row.restarts + 1)
        end = ChildEnded(
            path=path, life=row.life - 1, normal=False, reason="it broke", trace=trace
        )
        self.change(path, row=row, last_end=end, last_end_at=self.note(end).at)
        self.note(ChildStepped(row=row))

    def note(self, event: Any, cause: int | None = None) -> Entry:
        number = self.forgotten + len(self.entries) + 1
        entry = Entry(number=number, at=1_700_000_000.0 + number, cause=cause, event=event)
        self.entries.append(entry)
        self.whole = msgspec.structs.replace(self.whole, last_number=number)
        return entry

    def forget(self, number: int) -> None:
        """Keep nothing up to this number."""
        self.entries = [entry for entry in self.entries if entry.number > number]
        self.forgotten = number

    def obey(self, order: OperatorOrder) -> Any:
        if order.path not in self.facts:
            return KeyError(order.path)
        row = self.facts[order.path].row
        if order.action is Action.START and row.state is ChildState.RUNNING:
            return ValueError("it runs")
        if order.action is Action.STOP:
            row = msgspec.structs.replace(row, state=ChildState.STOPPED, held=True)
        self.change(order.path, row=row)
        return row

    # -- Operators --------------------------------------------------------------------

    def tree(self) -> Sequence[ChildRow]:
        return [facts.row for facts in self.actors()]

    def actor(self, path: str) -> ActorFacts | None:
        return self.facts.get(path)

    def actors(self) -> Sequence[ActorFacts]:
        return [self.facts[path] for path in sorted(self.facts)]

    def zombies(self) -> Sequence[Zombie]:
        return self.hung

    def events(self, since: int, limit: int) -> Events:
        entries = list(self.entries)
        last = self.whole.last_number
        found = [entry for entry in entries if entry.number > since][:limit]
        first = entries[0].number if entries else 0
        return Events(entries=tuple(found), first=first, last=last)

    def tree_at(self, number: int) -> Sequence[ChildRow] | None:
        if not self.forgotten < number <= self.whole.last_number:
            return None
        seen = {
            e.event.row.path: e.event.row
            for e in self.entries[: number - self.forgotten]
            if isinstance(e.event, ChildStepped)
        }
        return [seen[path] for path in sorted(seen)]

    def act(self, order: OperatorOrder) -> Given:
        self.orders.append(order)
        reply = Given()
        threading.Thread(target=lambda: reply.set(self.answer(order))).start()
        return reply

    def state(self) -> SystemState:
        return self.whole


class House:
    """A door with stand-ins behind it, and, once `opened`, clients before it.

    Args:
        limits: of the door.
        folder: of pages and static files.
        given: other fields of the door.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        folder: Path | None = None,
        **given: Any,
    ) -> None:
        self.clock = Clock()
        self.sessions = Sessions()
        self.library = Library()
        self.pool: StandIn[Any] = StandIn(paint)
        self.asked_sessions: StandIn[Any] = StandIn(self.sessions)
        self.keyring: StandIn[KeyringInput] = StandIn(check)
        self.demands: Probe[Demand] = Probe()
        self.hub = Hub()
        self.operators = Watched()
        self.ports: list[int] = []
        self.stop, self.hurry = trio.Event(), trio.Event()
        self.steps: dict[str, str] = {}
        """What was told of going down: phase and outcome."""
        self.is_down = trio.Event()
        library: StandIn[LibraryInput] = StandIn(self.library)
        analysis: StandIn[AnalysisInput] = StandIn(lambda _: PromptMade("a calm sea"))
        self.door = Door(
            clock=self.clock,
            settings=Settings(),
            sessions=self.asked_sessions,
            pool=self.pool,
            keyring=self.keyring,
            library=library,
            analysis=analysis,
            demands=self.demands,
            broadcaster=StandIn(lambda _: FIGURES),
            hub=self.hub,
            operators=self.operators,
            limits=limits or Limits(grace_s=1.0),
            pages=folder or HERE / "pages",
            static=folder or HERE / "static",
        )
        self.door = replace(self.door, **given)

    @property
    def at(self) -> str:
        return f"127.0.0.1:{self.ports[0]}"

    def client(self, key: str | None = KEY) -> httpx.AsyncClient:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return httpx.AsyncClient(base_url=f"http://{self.at}", headers=headers, timeout=20)

    @asynccontextmanager
    async def watching(
        self, *paths: str, **headers: str
    ) -> AsyncIterator[list[WebSocketConnection]]:
        """Clients of these paths, closed at the end."""
        pairs = [
            (name.replace("_", "-").encode(), text.encode())
            for name, text in headers.items()
        ]
        async with trio.open_nursery() as nursery:
            viewers = [
                await connect_websocket_url(
                    nursery, f"ws://{self.at}{path}", extra_headers=pairs
                )
                for path in paths
            ]
            yield viewers
            for viewer in viewers:
                await viewer.aclose()
                await viewer._stream.aclose()  # it leaves that out when the server closes

    async def left(self) -> None:
        """Wait until no WebSocket is open."""
        with trio.fail_after(20):
            while self.door.figures.active:
                await trio.testing.wait_all_tasks_blocked()

    def stepped(self, phase: str, took_s: float, outcome: str) -> None:
        assert took_s >= 0
        self.steps[phase] = outcome

    def picture(self, session: str, sequence: int, text: str = "", **changes: Any) -> None:
        payload = (text or f"picture {sequence}").encode()
        self.hub.tell(made(session, sequence, payload, **changes))


def made(session: str, sequence: int, payload: bytes, **changes: Any) -> StreamFrame:
    """A frame as the broadcaster makes them."""
    frame = StreamFrame(
        topic=session, kind="json", sequence=sequence, payload=payload, binary=False
    )
    return msgspec.structs.replace(frame, **changes)


@asynccontextmanager
async def opened(house: House, ports: int = 1) -> AsyncIterator[House]:
    """Serve a house on free ports of this machine."""
    listeners = listen("127.0.0.1", [0] * ports)
    house.ports = [address(listener)[1] for listener in listeners]
    is_ready = trio.Event()
    async with trio.open_nursery() as nursery:

        async def run() -> None:
            await serve(
                house.door,
                listeners,
                ready=is_ready.set,
                stop=house.stop,
                hurry=house.hurry,
                stepped=house.stepped,
            )
            house.is_down.set()

        nursery.start_soon(run)
        await is_ready.wait()
        try:
            yield house
        finally:
            house.stop.set()

"""A door with everything behind it, for tests that hold the description against it."""
# ruff: noqa: ANN401  # JSON is of any type

import contextlib
import copy
import functools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import msgspec
import trio

from actors.analysis.actor import AnalysisActor
from config.schema import RateLimits, Settings
from protocols.devices import DeviceRow
from protocols.sessions import (
    CreatePractice,
    DeletePractice,
    GetPractice,
    GetSession,
    ListPractices,
    ModalityView,
    PracticeList,
    PracticeSettings,
    PracticeView,
    PushSamples,
    SamplesTaken,
    SessionConflict,
    SessionUnknown,
    StartPractice,
    StopPractice,
    SwitchSound,
)
from protocols.sound import ClipFile, ClipView
from protocols.supervision import ChildHeld
from supervisors.arithmetic import arithmetic
from tests.web.sound_stand_ins import SoundHouse, Synth
from tests.web.stand_ins import Sessions, StandIn, Watched, opened
from web.describe.chapters import CHAPTERS
from web.describe.document import openapi
from web.describe.operation import Access, Operation

SESSION, PICTURE, ACTOR, PRESET = "sess_abc123", "img_0", "root/library", "om"
NO_LIMITS = Settings(limits=RateLimits(requests_a_minute=0, generations_a_minute=0))


class ShortFiles(Synth):
    """Writes a tenth of a second of what was generated, however long it is."""

    def _file(self, kind: str) -> ClipFile:
        whole = self.clip
        assert whole is not None
        self.clip = _cut(whole)
        try:
            return super()._file(kind)
        finally:
            self.clip = whole


class Practices:
    """Sessions of both kinds; one of document 003's is there from the beginning."""

    def __init__(self, sittings: Sessions) -> None:
        self._sittings = sittings
        self._views: dict[str, PracticeView] = {}
        self._put(SESSION, PracticeSettings(name="Morning Meditation", duration_s=1800))

    def __call__(self, message: Any) -> Any:
        match message:
            case PushSamples(session=name) if name in self._sittings.views:
                return SamplesTaken(message.uv.shape[1])
            case SwitchSound(session=name):
                return self._sittings(GetSession(name))
            case CreatePractice(settings=settings):
                return self._put(f"sess_{len(self._views)}", settings)
            case ListPractices():
                views = tuple(self._views.values())[: message.limit]
                return PracticeList(practices=views, total=len(self._views), trouble="")
            case GetPractice() | StartPractice() | StopPractice() | DeletePractice():
                return self._move(message)
        return self._sittings(message)

    def _move(
        self, message: GetPractice | StartPractice | StopPractice | DeletePractice
    ) -> PracticeView | SessionUnknown | SessionConflict:
        view = self._views.get(message.session)
        if view is None:
            return SessionUnknown(message.session)
        match message, view:
            case StartPractice(), PracticeView(status="created"):
                return self._change(view, status="running", started_at=100.0)
            case StopPractice(), PracticeView(status="running"):
                return self._change(view, status="stopped", ended_at=101.0)
            case StartPractice() | StopPractice(), _:
                return SessionConflict(
                    session=view.session,
                    status=view.status,
                    code="SESSION_ENDED",
                    reason="no",
                )
        return view  # a session that is deleted stays for the next request

    def _put(self, name: str, settings: PracticeSettings) -> PracticeView:
        self._views[name] = PracticeView(
            session=name,
            settings=settings,
            status="created",
            reason="",
            created_at=100.0,
            started_at=None,
            ended_at=None,
            elapsed_s=0.0,
            remaining_s=settings.duration_s,
            modalities=(ModalityView(name="sound", state="stopped"),),
            stream=False,
            sound=True,
            kept=True,
        )
        return self._views[name]

    def _change(self, view: PracticeView, **changes: Any) -> PracticeView:
        self._views[view.session] = msgspec.structs.replace(view, **changes)
        return self._views[view.session]


def _cut(clip: ClipView) -> ClipView:
    return msgspec.structs.replace(clip, samples=min(clip.samples, 4410))


def full_house(folder: Path, settings: Settings = NO_LIMITS) -> SoundHouse:
    """A house in which every example of the description finds what it names."""
    tree = Watched("root", ACTOR)
    tree.crash(ACTOR, "trace")
    tree.note(ChildHeld(path=ACTOR, held=True, paused=False))
    analysis: StandIn[Any] = StandIn(AnalysisActor(arithmetic()).handle)
    row = DeviceRow(
        device_type="simulator", name="Simulated", available=True, reason="", default=True
    )
    house = SoundHouse(
        folder,
        settings=settings,
        operators=tree,
        analysis=analysis,
        devices=lambda: [row],
    )
    house.sound.answer = house.synth = ShortFiles(folder)
    house.sessions.add(SESSION)
    house.asked_sessions.answer = Practices(house.sessions)
    house.library.put(b"a picture")
    return house


@functools.cache
def document() -> dict[str, Any]:
    """The description, as it is served."""
    return openapi(CHAPTERS)


@functools.cache
def closed_document() -> dict[str, Any]:
    """The description, with no room for fields that it does not name."""
    closed = copy.deepcopy(document())
    _close(closed["components"]["schemas"])
    for path in closed["paths"].values():
        for operation in path.values():
            _close(operation["responses"])
    return closed


def _close(part: Any) -> None:
    if isinstance(part, dict):
        if "properties" in part and part.get("type") == "object":
            part.setdefault("additionalProperties", False)
        for inner in part.values():
            _close(inner)
    elif isinstance(part, list):
        for inner in part:
            _close(inner)


def check_value(schema: dict[str, Any], value: Any, *, closed: bool = True) -> None:
    """Hold a value against a schema of the description."""
    components = (closed_document() if closed else document())["components"]
    whole = {**schema, "components": components}
    jsonschema.Draft202012Validator(whole).validate(value)


class Got(NamedTuple):
    """An answer, whoever asked."""

    status: int
    kind: str
    json: Any
    """None where it is no JSON."""


def check_answer(operation: Operation, got: Got) -> None:
    """Hold an answer against what its operation says."""
    responses = closed_document()["paths"][operation.path][operation.method.lower()]
    known = responses["responses"]
    assert str(got.status) in known, f"{got.status} is not described: {got.json}"
    content = known[str(got.status)].get("content")
    if content is None:
        return
    ((kind, media),) = content.items()
    sent = got.kind.split(";")[0]
    wanted = kind.split(";")[0]
    assert sent == wanted or wanted.endswith("*"), f"{sent} is not {wanted}"
    if sent == "application/json":
        check_value(media["schema"], got.json)


def operations() -> list[Operation]:
    """Every described operation."""
    return [one for chapter in CHAPTERS for one in chapter.operations]


def key_kind(operation: Operation) -> str:
    """Which key it needs: `operator`, `key` or none."""
    if operation.access is Access.OPERATOR:
        return "operator"
    return "key" if operation.access is Access.KEY else ""


@contextlib.contextmanager
def in_thread(house: SoundHouse) -> Iterator[str]:
    """Serve a house from a thread of its own; gives its address."""
    started = threading.Event()
    stop: list[Any] = []

    async def serve() -> None:
        leave = trio.Event()
        stop.extend([trio.lowlevel.current_trio_token(), leave])
        async with opened(house):
            started.set()
            await leave.wait()

    thread = threading.Thread(target=trio.run, args=(serve,))
    thread.start()
    assert started.wait(20)
    try:
        yield f"http://{house.at}"
    finally:
        token, leave = stop
        token.run_sync_soon(leave.set)
        thread.join(30)
        assert not thread.is_alive()

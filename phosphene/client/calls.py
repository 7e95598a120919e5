"""Calls over HTTP, as data: what to send, and how to read what comes. No I/O.

Both clients, the one that blocks and the one under Trio, carry these out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, TypeVar
from urllib.parse import quote

import msgspec

from phosphene.client.answers import (
    Generated,
    Health,
    KeptPreset,
    Moved,
    Playing,
    Practice,
    PracticePage,
    Preset,
    Presets,
    Ranges,
    Said,
    Sitting,
    SittingEnded,
    SittingMade,
    Sittings,
    SoundStatus,
    Spectrum,
    Stopped,
)
from phosphene.client.errors import AnswerError, api_error
from phosphene.client.wishes import PracticeWish, SittingWish, SoundWish

T = TypeVar("T")
_OK: Final = range(200, 300)
_DRAINING: Final = 503
_write: Final = msgspec.json.Encoder().encode

FileFormat = Literal["wav", "flac", "ogg"]
"""Forms in which a sound is had as a file."""


@dataclass(frozen=True, kw_only=True)
class Call(Generic[T]):
    """A request, and how its answer is read."""

    method: str
    path: str
    read: Callable[[bytes], T]
    body: bytes | None = None
    """JSON."""

    query: Mapping[str, str | int] = field(default_factory=dict)
    is_slow: bool = False
    """Whether the server needs time to do it: it renders."""

    also: tuple[int, ...] = ()
    """Statuses that are an answer too, besides those of success."""

    def answer(self, status: int, body: bytes, retry_after: str | None) -> T:
        """Read what came.

        Raises:
            ApiError: the server refused.
            AnswerError: it said something else than is documented.
        """
        if status not in _OK and status not in self.also:
            raise api_error(status, body, retry_after)
        try:
            return self.read(body)
        except msgspec.DecodeError as error:
            if status not in _OK:
                raise api_error(status, body, retry_after) from error
            raise AnswerError(f"{self.method} {self.path}: {error}") from error

    @property
    def headers(self) -> dict[str, str]:
        """That the request must bear."""
        return {} if self.body is None else {"Content-Type": "application/json"}


def _get(path: str, kind: type[T], **query: str | int) -> Call[T]:
    return Call(method="GET", path=path, read=_reader(kind), query=query)


def _post(path: str, kind: type[T], body: object = None) -> Call[T]:
    sent = None if body is None else _write(body)
    return Call(method="POST", path=path, read=_reader(kind), body=sent)


def _delete(path: str, kind: type[T]) -> Call[T]:
    return Call(method="DELETE", path=path, read=_reader(kind))


def _reader(kind: type[T]) -> Callable[[bytes], T]:
    return msgspec.json.Decoder(kind).decode


# -- the server ---------------------------------------------------------------------------


def health() -> Call[Health]:
    """Ask how the server is; one that goes down answers too."""
    return Call(method="GET", path="/health", read=_reader(Health), also=(_DRAINING,))


# -- sittings -----------------------------------------------------------------------------


def sitting_create(user: str, device: str, wish: SittingWish) -> Call[SittingMade]:
    """Make a sitting and start it."""
    body = {"user_id": user, "device_type": device, "session_config": wish}
    return _post("/api/v1/session/create", SittingMade, body)


def sitting_list() -> Call[Sittings]:
    """List one's own."""
    return _get("/api/v1/session", Sittings)


def sitting_status(session: str) -> Call[Sitting]:
    """Ask how one is."""
    return _get(f"/api/v1/session/{_segment(session)}", Sitting)


def sitting_end(session: str) -> Call[SittingEnded]:
    """End one; safe to repeat."""
    return _post(f"/api/v1/session/{_segment(session)}/end", SittingEnded)


def sitting_pause(session: str, *, paused: bool) -> Call[Sitting]:
    """Stop its samples, or go on."""
    verb = "pause" if paused else "resume"
    return _post(f"/api/v1/session/{_segment(session)}/{verb}", Sitting)


def sitting_sound(session: str, *, sound: bool) -> Call[Sitting]:
    """Let it sound, or be silent."""
    path = f"/api/v1/session/{_segment(session)}/sound"
    return _post(path, Sitting, {"sound": sound})


# -- practices ----------------------------------------------------------------------------


def practice_create(wish: PracticeWish) -> Call[Practice]:
    """Make one; it waits."""
    path = "/api/v1/sessions/create"
    return Call(method="POST", path=path, read=_practice_made, body=_write(wish))


def practice_start(session: str) -> Call[Moved]:
    """Let it run until its time is over."""
    return _post(f"/api/v1/sessions/{_segment(session)}/start", Moved)


def practice_stop(session: str) -> Call[Moved]:
    """Stop it before that."""
    return _post(f"/api/v1/sessions/{_segment(session)}/stop", Moved)


def practice_status(session: str) -> Call[Practice]:
    """Ask how one is."""
    path = f"/api/v1/sessions/{_segment(session)}/status"
    return Call(method="GET", path=path, read=_practice_shown)


def practice_list(status: str | None, limit: int, offset: int) -> Call[PracticePage]:
    """List those that one may see."""
    chosen: dict[str, str] = {} if status is None else {"status": status}
    return _get("/api/v1/sessions", PracticePage, limit=limit, offset=offset, **chosen)


def practice_delete(session: str) -> Call[Moved]:
    """Forget one; one that runs is stopped first."""
    return _delete(f"/api/v1/sessions/{_segment(session)}", Moved)


class _Shown(msgspec.Struct, frozen=True):
    session: Practice


def _practice_shown(body: bytes) -> Practice:
    return msgspec.json.decode(body, type=_Shown).session


def _practice_made(body: bytes) -> Practice:
    # Only here its id and status have names of their own: `status` says "success".
    said = msgspec.json.decode(body, type=dict[str, Any])
    named = {"id": said.get("session_id"), "status": said.get("session_status")}
    return msgspec.convert(said | named, Practice)


# -- sound --------------------------------------------------------------------------------


def sound_generate(wish: SoundWish) -> Call[Generated]:
    """Render a sound, and make it the one to play."""
    return Call(
        method="POST",
        path="/api/v1/audio/generate",
        read=_reader(Generated),
        body=_write(wish),
        is_slow=True,
    )


def sound_play(level: int) -> Call[Playing]:
    """Play it from its beginning."""
    return _post("/api/v1/audio/play", Playing, {"hardware_level": level})


def sound_stop() -> Call[Stopped]:
    """Fade it out."""
    return _post("/api/v1/audio/stop", Stopped)


def sound_status() -> Call[SoundStatus]:
    """Ask what there is, and what sounds."""
    return _get("/api/v1/audio/status", SoundStatus)


def sound_spectrum() -> Call[Spectrum]:
    """Ask for the spectrum of what sounds now."""
    return _get("/api/v1/audio/spectrum", Spectrum)


def sound_file(form: FileFormat) -> Call[bytes]:
    """Have the sound as a file."""
    return Call(
        method="GET",
        path="/api/v1/audio/file",
        read=bytes,
        query={"format": form},
        is_slow=True,
    )


def presets() -> Call[Presets]:
    """List the presets."""
    return _get("/api/v1/audio/presets", Presets)


def preset(which: str) -> Call[KeptPreset]:
    """Ask for one."""
    return _get(f"/api/v1/audio/presets/{_segment(which)}", KeptPreset)


def preset_save(wish: Preset, which: str | None) -> Call[KeptPreset]:
    """Keep one; its id is made of its name, if none is given."""
    body = msgspec.structs.asdict(wish) | ({} if which is None else {"id": which})
    return _post("/api/v1/audio/presets", KeptPreset, body)


def preset_delete(which: str) -> Call[Said]:
    """Forget one that was kept."""
    return _delete(f"/api/v1/audio/presets/{_segment(which)}", Said)


def ranges() -> Call[Ranges]:
    """List recommended frequencies."""
    return _get("/api/v1/audio/frequencies/range", Ranges)


def _segment(text: str) -> str:
    # An empty id, `.` or `..` would make another path of it.
    if not text.strip("."):
        raise ValueError(f"{text!r} is no id")
    return quote(text, safe="")

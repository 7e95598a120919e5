"""Streams: from the pipeline's stages to the broadcaster, and from it to the door's hub."""

from typing import Literal, TypeAlias

import msgspec

from protocols.eeg import CleanChunk, SourceState
from protocols.features import Features
from protocols.generation import Picture
from protocols.meaning import Meaning
from protocols.time import Tick


class Seen(msgspec.Struct, frozen=True, eq=False):
    """Something of a session that viewers may look at."""

    session: str
    what: CleanChunk | Features | Meaning | SourceState


class OpenStream(msgspec.Struct, frozen=True, kw_only=True):
    """A session begins: keep its pictures."""

    session: str


class CloseStream(msgspec.Struct, frozen=True, kw_only=True):
    """A session ended: say so to its viewers and forget it."""

    session: str
    reason: str


StreamKind: TypeAlias = Literal["json", "binary", "signals", "audio"]
"""Documented JSON images, binary images, the live page's signals (JSON), or sound (binary,
see `protocols.sound.PCM_HEADER`; of these every frame counts, not the newest alone)."""


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """How many watch which form of a session's stream (from the gateway, on change)."""

    session: str
    kind: StreamKind
    watchers: int


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for the broadcaster's figures; the answer is `BroadcastFigures`."""


class BroadcastFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What the broadcaster did."""

    streams: int
    frames: int
    ticks: int
    missed_ticks: int
    late_p99_ms: float
    """99th percentile of how late a tick was handled, over the last 600."""


BroadcasterInput: TypeAlias = (
    Picture | Seen | OpenStream | CloseStream | Demand | Status | Tick
)


class StreamFrame(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One message to every viewer of one form of one stream, encoded once."""

    topic: str
    """Session id, `""` for `/ws`, or `"audio"` for the sound of the audio API."""

    kind: StreamKind
    sequence: int
    """Counts a stream's frames from 1; what is not a picture bears the last picture's."""

    payload: bytes
    binary: bool
    """Send as a binary message, else as text."""

    control: bool = False
    """True: lossless (a status, an end). False: only the newest matters."""

    last: bool = False
    """True: the stream ends with it; close with 1000."""

    captured_at: float = 0.0
    """Clock time of the last sample, 0 where none drove it."""

    made_at: float = 0.0


HubInput: TypeAlias = StreamFrame

"""What comes over a stream, read: pictures, sound, and what is said at `/ws`. No I/O.

A reader knows where its stream is, what to say when it is open, and how to read what
comes; it remembers what a stream that is opened again must know.
"""

import struct
from collections.abc import Sequence
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from phosphene.client.errors import AnswerError
from protocols.live import LiveMessage, Subscribe, Topic
from protocols.wire import ImageMessage, StatusMessage

M_co = TypeVar("M_co", covariant=True)

PCM_HEADER: Final = struct.Struct("<4sIQd")
"""Head of a block of sound: magic, samples a second, first sample's index, Unix time."""

PCM_MAGIC: Final = b"PHS1"
_BYTES_A_SAMPLE: Final = 4
"""16 bits, left and right."""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """One picture of a sitting."""

    jpeg: bytes
    about: ImageMessage
    """Its number, times, latencies, and where it comes from; without the picture."""


class SoundFormat(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream of sound consists of."""

    sfreq: int
    channels: int
    encoding: str
    block_samples: int
    server_time: float


class SoundBlock(msgspec.Struct, frozen=True, kw_only=True):
    """A tenth of a second of sound."""

    sfreq: int
    first_sample: int
    """Index since the server's run began; a jump in it is a gap."""

    unix_time: float
    """At which its first sample is due, seconds."""

    pcm: bytes
    """16-bit little-endian samples, left and right in turn."""

    @property
    def samples(self) -> int:
        """A channel."""
        return len(self.pcm) // _BYTES_A_SAMPLE


class Reader(Protocol[M_co]):
    """Reads one kind of stream."""

    def path(self) -> str:
        """Where it is, with what follows `?`; anew for each opening."""
        ...

    def greeting(self) -> Sequence[bytes]:
        """Texts to send when it is open."""
        ...

    def read(self, message: str | bytes) -> M_co | None:
        """Take a message; None: it is nothing to hand on.

        Raises:
            AnswerError: it is none that this reader knows.
        """
        ...


class PictureReader:
    """Reads a sitting's pictures, in their binary form.

    Args:
        session: the sitting's id.
        since: number of the last picture that one has, if one has any.
    """

    def __init__(self, session: str, since: int | None = None) -> None:
        self._session = session
        self._since = since
        self.status: StatusMessage | None = None
        """What the source did last."""

    def path(self) -> str:
        """Where they are; pictures that came already do not come again."""
        query: dict[str, str | int] = {"format": "binary"}
        if self._since is not None:
            query["since"] = self._since
        return f"/stream/{quote(self._session, safe='')}?{urlencode(query)}"

    def greeting(self) -> Sequence[bytes]:
        """Nothing."""
        return ()

    def read(self, message: str | bytes) -> Picture | None:
        """Read a picture; what is said of the source is kept in `status`."""
        if isinstance(message, str):
            self.status = _read(message.encode(), StatusMessage)
            return None
        size = int.from_bytes(message[:4], "big")
        try:
            about = msgspec.msgpack.decode(message[4 : 4 + size], type=ImageMessage)
        except msgspec.DecodeError as error:
            raise AnswerError(f"a picture's head: {error}") from error
        self._since = about.sequence
        return Picture(jpeg=message[4 + size :], about=about)


class SoundReader:
    """Reads sound.

    Args:
        session: whose; None: the generated sound's.
    """

    def __init__(self, session: str | None = None) -> None:
        self._session = session
        self.format: SoundFormat | None = None
        """Known from the first message on."""

        self.status: StatusMessage | None = None
        """Said at a session's end."""

    def path(self) -> str:
        """Where it is."""
        if self._session is None:
            return "/api/v1/audio/stream"
        return f"/stream/{quote(self._session, safe='')}/audio"

    def greeting(self) -> Sequence[bytes]:
        """Nothing."""
        return ()

    def read(self, message: str | bytes) -> SoundBlock | None:
        """Read a block; what is said of the stream is kept."""
        if isinstance(message, str):
            self._note(message.encode())
            return None
        try:
            magic, sfreq, first, unix_time = PCM_HEADER.unpack_from(message)
        except struct.error as error:
            raise AnswerError("a block of sound is too short for its head") from error
        if magic != PCM_MAGIC:
            raise AnswerError(f"a block of sound begins with {magic!r}")
        pcm = message[PCM_HEADER.size :]
        return SoundBlock(sfreq=sfreq, first_sample=first, unix_time=unix_time, pcm=pcm)

    def _note(self, said: bytes) -> None:
        kind = _read(said, dict[str, Any]).get("type")
        if kind == "audio_format":
            self.format = _read(said, SoundFormat)
        elif kind == "status":
            self.status = _read(said, StatusMessage)


class LiveReader:
    """Reads what is said at `/ws`.

    Args:
        topics: what to subscribe to; None: everything.
        rate_hz: how often `realtime_data` is to come, 1 to 10 a second; None: ten times.
    """

    def __init__(
        self, topics: Sequence[Topic] | None = None, rate_hz: int | None = None
    ) -> None:
        chosen = None if topics is None else tuple(topics)
        self.wanted = Subscribe(topics=chosen, rate_hz=rate_hz)
        """Said again whenever the stream is opened again."""

    def path(self) -> str:
        """Where it is."""
        return "/ws"

    def greeting(self) -> Sequence[bytes]:
        """What to subscribe to, if that was said."""
        return [] if self.wanted == Subscribe() else [msgspec.json.encode(self.wanted)]

    def choose(self, wanted: Subscribe) -> None:
        """Keep what was subscribed to; what is absent stays as it is."""
        self.wanted = Subscribe(
            topics=self.wanted.topics if wanted.topics is None else wanted.topics,
            rate_hz=self.wanted.rate_hz if wanted.rate_hz is None else wanted.rate_hz,
        )

    def read(self, message: str | bytes) -> LiveMessage | None:
        """Read a message; one of a kind that a newer server adds is passed over."""
        said = message.encode() if isinstance(message, str) else message
        try:
            found: LiveMessage = _live(said)
        except msgspec.DecodeError as error:
            if _read(said, dict[str, Any]).get("type") in _KINDS:
                raise AnswerError(f"a message at /ws: {error}") from error
            return None
        return found


_live: Final = msgspec.json.Decoder(LiveMessage).decode
_KINDS: Final = {kind.__struct_config__.tag for kind in LiveMessage.__args__}

T = TypeVar("T")


def _read(said: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(said, type=kind)
    except msgspec.DecodeError as error:
        raise AnswerError(f"a message that is no {kind.__name__}: {error}") from error

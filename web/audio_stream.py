"""Streams of sound: `WS /stream/{session}/audio`, and `WS /api/v1/audio/stream`.

In: blocks from the hub, made by the synth. Out: first a text message that says what
follows, `{"type": "audio_format", …}`; then a binary message for each block of a tenth of
a second: `protocols.sound.PCM_HEADER` and 16-bit samples. How many listen to which voice
is told to the synth, on change and again while a voice that is listened to is silent: a
synth that was raised anew has forgotten it.

Half a second of blocks waits for each client. Who is slower loses the oldest, and sees it
by the index of the next block's first sample. Nothing old is played to who comes late. A
session's end is noticed here too, for not every session has pictures to end with.
"""

import struct
from typing import Final

import msgspec
import trio

from protocols.eeg import Phase
from protocols.sessions import GetSession, SessionView
from protocols.sound import (
    BLOCK,
    MAIN,
    MAIN_TOPIC,
    PCM_HEADER,
    PCM_MAGIC,
    SFREQ,
    SoundDemand,
)
from protocols.streams import StreamKind
from protocols.wire import StatusMessage
from web.ask import NoAnswerError, ask
from web.clients import Client
from web.door import Door
from web.fanout import GOODBYE_S, Fanout
from web.figures import Closed
from web.frames import TEXT, closing, frame
from web.topics import Topics

KIND: Final[StreamKind] = "audio"
WAITING: Final = 5
"""Blocks that may wait for a client: half a second."""

_NORMAL: Final = 1000
_write: Final = msgspec.json.Encoder().encode


class AudioFormat(
    msgspec.Struct, frozen=True, kw_only=True, tag="audio_format", tag_field="type"
):
    """What a stream of sound consists of: its first message."""

    server_time: float
    """Unix seconds."""

    sfreq: int = SFREQ
    channels: int = 2
    encoding: str = "s16le"
    """16-bit integers, little-endian, left and right in turn."""

    block_samples: int = BLOCK
    header: str = PCM_HEADER
    """As Python's `struct` writes it."""

    header_bytes: int = struct.calcsize(PCM_HEADER)
    header_fields: tuple[str, ...] = ("magic", "sfreq", "first_sample", "unix_time")
    magic: str = PCM_MAGIC.decode()
    queue_ms: int = WAITING * BLOCK * 1000 // SFREQ
    """So much waits for a slow client before it loses the oldest."""


class AudioStream:
    """Looks after who listens; made and used inside one Trio run.

    Args:
        door: whose synth and sessions.
        topics: who listens to what.
        fanout: writes to them.
    """

    def __init__(self, door: Door, topics: Topics, fanout: Fanout) -> None:
        self._door = door
        self._topics = topics
        self._fanout = fanout
        self._flowing: set[str] = set()

    async def run(self) -> None:
        """Look after voices that are silent, until cancelled."""
        while True:
            await trio.sleep(self._door.limits.look_s)
            flowing, self._flowing = self._flowing, set()
            for topic, kind in self._topics.watched():
                if kind == KIND and topic not in flowing:
                    await self._look_after(topic)

    def welcome(self, client: Client) -> None:
        """Tell a new listener what follows."""
        told = AudioFormat(server_time=self._door.unix())
        self._fanout.tell(client, frame(TEXT, _write(told)))

    def heard(self, topic: str) -> None:
        """A block came."""
        self._flowing.add(topic)

    def tell_demand(self, topic: str) -> None:
        """Tell the synth how many listen."""
        listeners = self._topics.count((topic, KIND))
        self._tell(topic, listeners)

    def forget(self, topic: str) -> None:
        """Tell the synth that nobody listens: the door falls."""
        self._tell(topic, 0)

    def end(self, topic: str, reason: str) -> None:
        """Say goodbye to who listens to a session that is over, if anyone does."""
        if not self._topics.count((topic, KIND)):
            return
        told = StatusMessage(
            status="ended", reason=reason, timestamp=self._door.unix(), sequence=0
        )
        last = frame(TEXT, _write(told))
        for client in self._topics.close((topic, KIND)):
            self._fanout.tell(client, last)
            self._fanout.say_goodbye(client, closing(_NORMAL, "the session ended"))
            client.end(Closed.ENDED, GOODBYE_S)
        self._tell(topic, 0)

    async def _look_after(self, topic: str) -> None:
        if topic != MAIN_TOPIC and (why := await self._over(topic)) is not None:
            self.end(topic, why)
        else:
            self.tell_demand(topic)

    async def _over(self, session: str) -> str | None:
        limit_s = self._door.limits.answer_s
        try:
            view = await ask(self._door.sessions, GetSession(session), timeout_s=limit_s)
        except NoAnswerError:
            return None  # ask again at the next look
        if not isinstance(view, SessionView):
            return "the session is gone"
        is_over = view.phase is Phase.ENDED or view.ended_at is not None
        return view.reason or "ended" if is_over else None

    def _tell(self, topic: str, listeners: int) -> None:
        voice = MAIN if topic == MAIN_TOPIC else topic
        self._door.sound.tell(SoundDemand(voice=voice, listeners=listeners))

"""The broadcaster: pictures, signals and states of all sessions in, encoded messages out.

A picture goes out the moment it is there: its session's reader beats at 10 Hz, so a
second wait for a second beat would only add up to 100 ms of latency. Each form of a
message is encoded once, and only while somebody watches that form. A crash forgets the
newest picture and signals of every session; sequence numbers go on from the ledger.
"""

from collections import deque
from typing import assert_never

from actors.broadcaster.codec import as_binary, as_json, describe, jpeg, latency
from actors.broadcaster.stream import Stream
from actors.stage import Stage
from protocols.eeg import CleanChunk, SourceState
from protocols.features import Features
from protocols.generation import Picture
from protocols.meaning import Meaning
from protocols.ports import Clock, Mailbox
from protocols.sessions import FrameSent, SessionsInput, SourceSeen
from protocols.streams import (
    BroadcasterInput,
    BroadcastFigures,
    CloseStream,
    Demand,
    OpenStream,
    Seen,
    Status,
    StreamFrame,
    StreamKind,
)
from protocols.time import Tick

PICTURE_FORMS: tuple[StreamKind, ...] = ("json", "binary")
FORMS: tuple[StreamKind, ...] = (*PICTURE_FORMS, "signals")


class Broadcaster(Stage):
    """Makes every stream's messages.

    Args:
        clock: for stamps.
        hub: the door's end: where encoded messages go.
        sessions: hears of every picture and every change of a source.
        streams: outlives the actor, so that a restart goes on counting.
        quality: of JPEGs, 1 to 100.
    """

    def __init__(
        self,
        clock: Clock,
        hub: Mailbox[StreamFrame],
        sessions: Mailbox[SessionsInput],
        streams: dict[str, Stream],
        quality: int = 85,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._hub = hub
        self._sessions = sessions
        self._streams = streams
        self._quality = quality
        self._frames = self._ticks = self._missed = 0
        self._late_s: deque[float] = deque(maxlen=600)

    def handle(self, message: BroadcasterInput) -> BroadcastFigures | None:
        """Pass on what is new of a session."""
        match message:
            case Picture():
                self._picture(message)
            case Seen(session=session, what=what):
                self._seen(session, what)
            case Demand():
                self._demand(message)
            case OpenStream(session=session):
                self._streams.setdefault(session, Stream())
            case CloseStream(session=session, reason=reason):
                self._close(session, reason)
            case Tick():
                self._tick(message)
            case Status():
                return self._figures()
            case _:
                assert_never(message)
        return None

    def _picture(self, picture: Picture) -> None:
        stream = self._streams.get(picture.session)
        if stream is None:
            return  # its session has ended meanwhile
        stream.sequence += 1
        stream.picture = picture
        self._frames += 1
        took_s = self._publish(picture.session, stream, PICTURE_FORMS)
        now = self._clock.now()
        driven = picture.meaning.driven
        began_at = picture.meaning.captured_at if driven else picture.meaning.meant_at
        self._sessions.tell(
            FrameSent(
                session=picture.session,
                sequence=stream.sequence,
                latency_s=took_s or now - began_at,
                sent_at=now,
                driven=driven,
            )
        )

    def _publish(
        self, session: str, stream: Stream, kinds: tuple[StreamKind, ...]
    ) -> float | None:
        """Encode the newest picture in the watched forms; seconds since its sample."""
        picture = stream.picture
        watched = [kind for kind in kinds if stream.is_watched(kind)]
        if picture is None or not watched:
            return None
        encoded_at = self._clock.now()
        image = jpeg(picture.painting, self._quality)
        published_at = self._clock.now()
        took_ms = latency(picture, encoded_at, published_at)
        head = describe(
            picture,
            sequence=stream.sequence,
            latency_ms=took_ms,
            unix=self._clock.unix,
            published_at=published_at,
        )
        for kind in watched:
            binary = kind == "binary"
            self._hub.tell(
                StreamFrame(
                    topic=session,
                    kind=kind,
                    sequence=stream.sequence,
                    payload=as_binary(head, image) if binary else as_json(head, image),
                    binary=binary,
                    captured_at=picture.meaning.captured_at,
                    made_at=published_at,
                )
            )
        return took_ms["total"] / 1e3

    def _seen(
        self, session: str, what: CleanChunk | Features | Meaning | SourceState
    ) -> None:
        stream = self._streams.get(session)
        if stream is None:
            return
        match what:
            case CleanChunk():
                if stream.is_watched("signals"):
                    payload = stream.signals(what, self._clock.unix)
                    self._say(session, stream, "signals", payload)
            case Features():
                stream.features = what
            case Meaning():
                stream.meaning = what
            case SourceState():
                self._state(session, stream, what)
            case _:
                assert_never(what)

    def _state(self, session: str, stream: Stream, state: SourceState) -> None:
        before, stream.state = stream.state, state
        if before is not None and (before.phase, before.reason) == (
            state.phase,
            state.reason,
        ):
            return  # told again for late comers; the door keeps it for them
        self._sessions.tell(SourceSeen(session=session, state=state))
        stream.said = stream.status(state, self._clock.unix)
        for kind in FORMS:
            self._say(session, stream, kind, stream.said, control=True)

    def _say(  # a message is its stream, form, bytes and two flags
        self,
        session: str,
        stream: Stream,
        kind: StreamKind,
        payload: bytes,
        *,
        control: bool = False,
        last: bool = False,
    ) -> None:
        self._hub.tell(
            StreamFrame(
                topic=session,
                kind=kind,
                sequence=stream.sequence,
                payload=payload,
                binary=False,
                control=control,
                last=last,
                made_at=self._clock.now(),
            )
        )

    def _demand(self, demand: Demand) -> None:
        stream = self._streams.get(demand.session)
        if stream is None:
            return
        before = stream.watchers.get(demand.kind, 0)
        stream.watchers[demand.kind] = demand.watchers
        if demand.kind == "signals" and not demand.watchers:
            # Nobody keeps these up to date now; the next viewer gets new ones.
            stream.features = stream.meaning = stream.offset_uv = None
        if before == 0 and demand.watchers:
            self._welcome(demand.session, stream, demand.kind)

    def _welcome(self, session: str, stream: Stream, kind: StreamKind) -> None:
        # A door that was raised anew knows no status; one that does drops these bytes.
        if stream.said:
            self._say(session, stream, kind, stream.said, control=True)
        if kind in PICTURE_FORMS:
            self._publish(session, stream, (kind,))

    def _close(self, session: str, reason: str) -> None:
        stream = self._streams.pop(session, None)
        if stream is None:
            return
        payload = stream.status(stream.end(reason, self._clock.now()), self._clock.unix)
        for kind in FORMS:
            self._say(session, stream, kind, payload, control=True, last=True)

    def _tick(self, tick: Tick) -> None:
        if self._ticks:
            self._missed += max(0, tick.number - self._expected)
        self._expected = tick.number + 1
        self._ticks += 1
        self._late_s.append(self._clock.now() - tick.now)

    _expected = 0

    def _figures(self) -> BroadcastFigures:
        late = sorted(self._late_s) or [0.0]
        return BroadcastFigures(
            streams=len(self._streams),
            frames=self._frames,
            ticks=self._ticks,
            missed_ticks=self._missed,
            late_p99_ms=1e3 * late[min(len(late) - 1, int(0.99 * len(late)))],
        )

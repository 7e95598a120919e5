"""The client that blocks, over httpx.

with Phosphene(key=KEY) as phosphene:
    phosphene.audio.generate(SoundWish(frequency=136.1, duration=30))
    phosphene.audio.play()
"""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx

from phosphene.client import calls
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
from phosphene.client.calls import Call, FileFormat
from phosphene.client.errors import UnreachableError
from phosphene.client.messages import LiveReader, PictureReader, SoundReader
from phosphene.client.patience import Patience
from phosphene.client.place import Place, place
from phosphene.client.saving import beside, settle
from phosphene.client.stream import Live, PictureStream, SoundStream
from phosphene.client.wishes import PracticeWish, SittingWish, SoundWish
from protocols.live import Topic

T = TypeVar("T")
LOCAL: Final = "http://127.0.0.1:8008"
TIMEOUT_S: Final = 30.0
SLOW_S: Final = 300.0
"""For what the server has to render: an hour of sound as a file takes a while."""


class Way:
    """Carries calls out and opens streams; what the parts of a client share.

    Args:
        server: where.
        http: through which.
        timeout_s: seconds that a call may be silent.
        slow_s: of a call for which the server renders.
        patience: of streams.
    """

    def __init__(
        self,
        server: Place,
        *,
        http: httpx.Client,
        timeout_s: float,
        slow_s: float,
        patience: Patience,
    ) -> None:
        self.server = server
        self.http = http
        self.timeout_s = timeout_s
        self.slow_s = slow_s
        self.patience = patience

    def do(self, call: Call[T]) -> T:
        """Make a call.

        Raises:
            ApiError: the server refused.
            UnreachableError: no connection, or no answer in time.
            AnswerError: the server said what this client does not understand.
        """
        try:
            said = self.http.send(self.request(call))
        except httpx.TransportError as error:
            raise unreachable(call, error) from error
        return call.answer(said.status_code, said.content, said.headers.get("retry-after"))

    def save(self, call: Call[bytes], path: Path) -> int:
        """Make a call whose answer goes to the disk, piece by piece; its size in bytes."""
        part = beside(path)
        asked = self.request(call)
        asked.headers["Accept-Encoding"] = "identity"  # its length is checked
        try:
            with part.open("wb") as file:
                said = self.http.send(asked, stream=True)
                try:
                    if not said.is_success:
                        wait = said.headers.get("retry-after")
                        call.answer(said.status_code, said.read(), wait)
                    for piece in said.iter_raw():
                        file.write(piece)
                finally:
                    said.close()
            return settle(part, path, said.headers.get("content-length"))
        except httpx.TransportError as error:
            raise unreachable(call, error) from error
        finally:
            part.unlink(missing_ok=True)

    def request(self, call: Call[T]) -> httpx.Request:
        """Write a call's request."""
        return self.http.build_request(
            call.method,
            self.server.url(call.path),
            params=dict(call.query),
            content=call.body,
            headers=call.headers | self.server.headers,
            timeout=self.slow_s if call.is_slow else self.timeout_s,
        )


def unreachable(call: Call[T], error: httpx.TransportError) -> UnreachableError:
    """Say that a call did not reach the server, or its answer not us."""
    why = str(error) or type(error).__name__
    return UnreachableError(f"{call.method} {call.path}: {why}")


class SittingCalls:
    """Sittings (document 000): a headset or a simulated brain, and pictures; by a key."""

    def __init__(self, way: Way) -> None:
        self._way = way

    def create(
        self, user: str, device: str = "simulator", wish: SittingWish | None = None
    ) -> SittingMade:
        """Make one and start it."""
        return self._way.do(calls.sitting_create(user, device, wish or SittingWish()))

    def list(self) -> Sittings:
        """List those of one's key."""
        return self._way.do(calls.sitting_list())

    def status(self, session: str) -> Sitting:
        """Ask how one is."""
        return self._way.do(calls.sitting_status(session))

    def end(self, session: str) -> SittingEnded:
        """End one; safe to repeat."""
        return self._way.do(calls.sitting_end(session))

    def pause(self, session: str) -> Sitting:
        """Stop its samples."""
        return self._way.do(calls.sitting_pause(session, paused=True))

    def resume(self, session: str) -> Sitting:
        """Let its samples flow again."""
        return self._way.do(calls.sitting_pause(session, paused=False))

    def sound(self, session: str, *, on: bool) -> Sitting:
        """Let it sound, or be silent."""
        return self._way.do(calls.sitting_sound(session, sound=on))

    def pictures(self, session: str, since: int | None = None) -> PictureStream:
        """Open the stream of its pictures.

        Args:
            session: its id.
            since: number of the last picture that one has.
        """
        way = self._way
        reader = PictureReader(session, since)
        return PictureStream(way.server, reader, way.patience, way.timeout_s)


class PracticeCalls:
    """Practices (document 003): a name, an intention, modalities."""

    def __init__(self, way: Way) -> None:
        self._way = way

    def create(self, wish: PracticeWish) -> Practice:
        """Make one; it waits."""
        return self._way.do(calls.practice_create(wish))

    def start(self, session: str) -> Moved:
        """Let it run until its time is over."""
        return self._way.do(calls.practice_start(session))

    def stop(self, session: str) -> Moved:
        """Stop it before that."""
        return self._way.do(calls.practice_stop(session))

    def status(self, session: str) -> Practice:
        """Ask how one is."""
        return self._way.do(calls.practice_status(session))

    def list(
        self, status: str | None = None, limit: int = 20, offset: int = 0
    ) -> PracticePage:
        """List a part of those that one may see, newest first."""
        return self._way.do(calls.practice_list(status, limit, offset))

    def delete(self, session: str) -> Moved:
        """Forget one; one that runs is stopped first."""
        return self._way.do(calls.practice_delete(session))


class AudioCalls:
    """Sound (document 003)."""

    def __init__(self, way: Way) -> None:
        self._way = way

    def generate(self, wish: SoundWish) -> Generated:
        """Render a sound, and make it the one to play."""
        return self._way.do(calls.sound_generate(wish))

    def play(self, level: int = 2) -> Playing:
        """Play it from its beginning, by output 2 or 3 and to whoever listens."""
        return self._way.do(calls.sound_play(level))

    def stop(self) -> Stopped:
        """Fade it out."""
        return self._way.do(calls.sound_stop())

    def status(self) -> SoundStatus:
        """Ask what there is, and what sounds."""
        return self._way.do(calls.sound_status())

    def spectrum(self) -> Spectrum:
        """Ask for the spectrum of what sounds now."""
        return self._way.do(calls.sound_spectrum())

    def save(self, path: Path, form: FileFormat = "wav") -> int:
        """Save the sound as a file; its size in bytes.

        It is streamed to the disk, and there under its name once it is whole.
        """
        return self._way.save(calls.sound_file(form), path)

    def presets(self) -> Presets:
        """List the presets."""
        return self._way.do(calls.presets())

    def preset(self, which: str) -> KeptPreset:
        """Ask for one."""
        return self._way.do(calls.preset(which))

    def save_preset(self, wish: Preset, which: str | None = None) -> KeptPreset:
        """Keep one; its id is made of its name, if none is given."""
        return self._way.do(calls.preset_save(wish, which))

    def delete_preset(self, which: str) -> Said:
        """Forget one that was kept."""
        return self._way.do(calls.preset_delete(which))

    def ranges(self) -> Ranges:
        """List recommended frequencies."""
        return self._way.do(calls.ranges())

    def stream(self, session: str | None = None) -> SoundStream:
        """Listen to a session, or to the generated sound."""
        way = self._way
        reader = SoundReader(session)
        return SoundStream(way.server, reader, way.patience, way.timeout_s)


class Phosphene:
    """A server, as a program that blocks sees it.

    Args:
        base_url: where it is.
        key: as `phosphene keys create` printed it; on the server's own machine practices
            and sound need none.
        timeout_s: seconds that a call may be silent.
        slow_s: of a call for which the server renders.
        patience: when streams that broke are opened again.

    Raises:
        ValueError: the address or the key is none.
    """

    def __init__(
        self,
        base_url: str = LOCAL,
        key: str | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        slow_s: float = SLOW_S,
        patience: Patience | None = None,
    ) -> None:
        self._way = Way(
            place(base_url, key),
            http=httpx.Client(),
            timeout_s=timeout_s,
            slow_s=slow_s,
            patience=patience or Patience(),
        )
        self.sittings = SittingCalls(self._way)
        self.practices = PracticeCalls(self._way)
        self.audio = AudioCalls(self._way)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections; streams are closed by themselves."""
        self._way.http.close()

    def health(self) -> Health:
        """Ask how the server is."""
        return self._way.do(calls.health())

    def live(
        self, topics: Sequence[Topic] | None = None, rate_hz: int | None = None
    ) -> Live:
        """Join the conversation at `/ws`.

        Args:
            topics: what to subscribe to; None: everything.
            rate_hz: how often `realtime_data` is to come, 1 to 10 a second.
        """
        way = self._way
        reader = LiveReader(topics, rate_hz)
        return Live(way.server, reader, way.patience, way.timeout_s)

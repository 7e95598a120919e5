"""Streams that block: iterate over them.

    with client.sittings.pictures(session) as pictures:
        for picture in pictures:
            ...

A stream that the server closes because it restarts (1012), or because this client was too
slow (1013), or that breaks, is opened again, as `Patience` has it. It ends where the
session ends; who leaves the `with` closes it.
"""

import threading
from types import TracebackType
from typing import Generic, Self, TypeVar

import msgspec

from phosphene.client.errors import (
    ApiError,
    StreamClosedError,
    UnavailableError,
    UnreachableError,
)
from phosphene.client.line import Line
from phosphene.client.messages import (
    LiveReader,
    Picture,
    PictureReader,
    Reader,
    SoundBlock,
    SoundFormat,
    SoundReader,
)
from phosphene.client.patience import NORMAL, Patience, is_worth_it
from phosphene.client.place import Place
from protocols.live import (
    LiveCommand,
    LiveMessage,
    Ping,
    SettingsWish,
    StartSession,
    StopSession,
    Subscribe,
    UpdateSettings,
)
from protocols.wire import StatusMessage

M = TypeVar("M")


class Stream(Generic[M]):
    """Messages of one kind, one after another.

    Args:
        place: the server.
        reader: reads them.
        patience: when it is opened again.
        timeout_s: for each handshake and each sending.

    Raises:
        UnreachableError: nobody answers there; the first opening is not tried again.
        ApiError: the server refused.
    """

    def __init__(
        self, place: Place, reader: Reader[M], patience: Patience, timeout_s: float
    ) -> None:
        self._place = place
        self._reader = reader
        self._patience = patience
        self._timeout_s = timeout_s
        self._closed = threading.Event()
        self._tried = 0
        self._line = self._opened()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> M:
        """Wait for the next message.

        Raises:
            StreamClosedError: it is closed and not worth another try.
            UnreachableError: it was tried again in vain; so with `ApiError`.
            AnswerError: the server said what this client does not understand.
        """
        while not self._closed.is_set():
            try:
                message = self._line.receive(self._patience.quiet_s)
            except StreamClosedError as closed:
                self._raise_again(closed)
                continue
            self._tried = 0
            found = self._reader.read(message)
            if found is not None:
                return found
        raise StopIteration

    def close(self) -> None:
        """End it; from any thread, and safe to repeat."""
        self._closed.set()
        self._line.close()

    def _opened(self) -> Line:
        line = Line(self._place, self._reader.path(), self._timeout_s)
        try:
            for text in self._reader.greeting():
                line.send(text)
        except StreamClosedError as error:
            line.close()
            raise UnreachableError(str(error)) from error
        return line

    def _raise_again(self, closed: StreamClosedError) -> None:
        if self._closed.is_set() or closed.code == NORMAL:
            self.close()
            return
        self._line.close()
        if not is_worth_it(closed.code):
            self.close()
            raise closed
        failure: StreamClosedError | UnreachableError | ApiError = closed
        told_s: float | None = None
        while (wait_s := self._patience.wait_s(self._tried, told_s)) is not None:
            self._tried += 1
            if self._closed.wait(wait_s):
                return
            try:
                self._line = self._opened()
            except UnreachableError as error:
                failure, told_s = error, None
            except UnavailableError as error:
                failure, told_s = error, error.retry_after_s
            else:
                if self._closed.is_set():  # meanwhile, by another thread
                    self._line.close()
                return
        self.close()
        raise failure


class PictureStream(Stream[Picture]):
    """A sitting's pictures."""

    def __init__(
        self, place: Place, reader: PictureReader, patience: Patience, timeout_s: float
    ) -> None:
        self._pictures = reader
        super().__init__(place, reader, patience, timeout_s)

    @property
    def status(self) -> StatusMessage | None:
        """What the source did last, as far as was read."""
        return self._pictures.status


class SoundStream(Stream[SoundBlock]):
    """Blocks of sound."""

    def __init__(
        self, place: Place, reader: SoundReader, patience: Patience, timeout_s: float
    ) -> None:
        self._sound = reader
        super().__init__(place, reader, patience, timeout_s)

    @property
    def format(self) -> SoundFormat | None:
        """What it consists of; known from the first block on."""
        return self._sound.format


class Live(Stream[LiveMessage]):
    """The conversation at `/ws`: iterate over what is said, and say what is to be done.

    Answers come among the messages; one that cannot be obeyed is answered with `ErrorTold`.
    """

    def __init__(
        self, place: Place, reader: LiveReader, patience: Patience, timeout_s: float
    ) -> None:
        self._live = reader
        super().__init__(place, reader, patience, timeout_s)

    def say(self, command: LiveCommand) -> None:
        """Send a command.

        Raises:
            StreamClosedError: it cannot be sent now.
        """
        self._line.send(msgspec.json.encode(command))

    def start_session(self, name: str, duration: float, intention: str = "") -> None:
        """Make a practice of `duration` seconds and start it: `SessionStarted`."""
        self.say(StartSession(session_name=name, duration=duration, intention=intention))

    def stop_session(self, session: str) -> None:
        """Stop one that runs: `SessionStopped`."""
        self.say(StopSession(session_id=session))

    def update_settings(self, settings: SettingsWish) -> None:
        """Change what sounds: `SettingsUpdated`."""
        self.say(UpdateSettings(settings=settings))

    def ping(self, timestamp: float | None = None) -> None:
        """Ask for a `Pong`."""
        self.say(Ping(timestamp=timestamp))

    def subscribe(self, wanted: Subscribe) -> None:
        """Choose what comes, also after it was opened again: `Subscribed`."""
        self._live.choose(wanted)
        self.say(wanted)

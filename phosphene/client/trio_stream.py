"""Streams under Trio: iterate over them inside an `async with`.

    async with phosphene.sittings.pictures(session) as pictures:
        async for picture in pictures:
            ...

They are opened again as `phosphene.client.stream` has it.
"""

from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeAlias, TypeVar

import msgspec
import trio
from trio_websocket import (
    ConnectionClosed,
    ConnectionRejected,
    HandshakeError,
    WebSocketConnection,
    wrap_client_stream,
)

from phosphene.client.errors import (
    ApiError,
    StreamClosedError,
    UnavailableError,
    UnreachableError,
    api_error,
)
from phosphene.client.messages import (
    LiveReader,
    Picture,
    PictureReader,
    Reader,
    SoundBlock,
    SoundFormat,
    SoundReader,
)
from phosphene.client.patience import BROKEN, NORMAL, Patience, is_worth_it
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

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

M = TypeVar("M")
Tcp: TypeAlias = trio.SocketStream | trio.SSLStream[trio.SocketStream]
_MOST_BYTES = 16 * 2**20
"""Of one message: a picture of 1,024 by 1,024 pixels has a few hundred thousand."""

_WAITING = 16
"""Messages that may wait here; a client that is slower is told so by the server."""


class TrioStream(Generic[M]):
    """Messages of one kind, one after another.

    Args:
        place: the server.
        reader: reads them.
        patience: when it is opened again.
        timeout_s: for each handshake, and for saying goodbye.
    """

    def __init__(
        self, place: Place, reader: Reader[M], patience: Patience, timeout_s: float
    ) -> None:
        self._place = place
        self._reader = reader
        self._patience = patience
        self._timeout_s = timeout_s
        self._holder: AbstractAsyncContextManager[trio.Nursery] | None = None
        self._nursery: trio.Nursery | None = None
        self._line: WebSocketConnection | None = None
        self._parting = trio.Event()
        self._tried = 0

    async def __aenter__(self) -> Self:
        """Open it.

        Raises:
            UnreachableError: nobody answers there; the first opening is not tried again.
            ApiError: the server refused.
        """
        # One nursery for all its connections: it is opened and closed here and nowhere
        # else, so that who iterates may have cancel scopes of his own around that.
        self._holder = trio.open_nursery()
        self._nursery = await self._holder.__aenter__()
        try:
            await self._dial()
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hang_up()
        await self._leave()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> M:
        """Wait for the next message.

        Raises:
            StreamClosedError: it is closed and not worth another try.
            UnreachableError: it was tried again in vain; so with `ApiError`.
            AnswerError: the server said what this client does not understand.
        """
        while self._line is not None:
            try:
                message = await self._receive(self._line)
            except StreamClosedError as closed:
                await self._raise_again(closed)
                continue
            self._tried = 0
            found = self._reader.read(message)
            if found is not None:
                return found
        raise StopAsyncIteration

    async def _receive(self, line: WebSocketConnection) -> str | bytes:
        quiet_s = self._patience.quiet_s
        try:
            while True:
                with trio.move_on_after(quiet_s):
                    return await _message(line)
                with trio.move_on_after(quiet_s) as asking:
                    await line.ping()
                if asking.cancelled_caught:
                    raise StreamClosedError(BROKEN, "the server is silent")
        except ConnectionClosed as closed:
            raise _closed(closed) from closed

    async def _dial(self) -> None:
        if self._nursery is None:
            raise StreamClosedError(BROKEN, "the stream is closed")
        where = self._place.url(self._reader.path().partition("?")[0])
        parting = trio.Event()
        try:
            self._line = await self._nursery.start(self._hold, parting)
        except ConnectionRejected as error:
            raise _refusal(error) from error
        except (HandshakeError, ConnectionClosed, OSError) as error:
            raise UnreachableError(f"{where}: {error!r}") from error
        except trio.TooSlowError as error:
            raise UnreachableError(f"{where}: no answer in time") from error
        self._parting = parting

    async def _hold(
        self,
        parting: trio.Event,
        task_status: trio.TaskStatus[WebSocketConnection] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        # In a task of its own, for its connection comes and goes in the midst of what
        # other scopes who iterates has. The stream is ours, and closed by us: the library
        # leaves it open where the server has said goodbye.
        try:
            with trio.fail_after(self._timeout_s):
                stream = await _connected(self._place)
            async with stream, trio.open_nursery() as nursery:
                with trio.fail_after(self._timeout_s):
                    line = await self._greeted(nursery, stream)
                task_status.started(line)
                await parting.wait()
                with trio.move_on_after(self._timeout_s):
                    await line.aclose()
                nursery.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            if len(group.exceptions) > 1:
                raise
            raise group.exceptions[0] from None

    async def _greeted(
        self,
        nursery: trio.Nursery,
        stream: trio.SocketStream | trio.SSLStream[trio.SocketStream],
    ) -> WebSocketConnection:
        headers = self._place.headers.items()
        line = await wrap_client_stream(
            nursery,
            stream,
            self._place.host_header,
            self._place.prefix + self._reader.path(),
            extra_headers=[(name.encode(), text.encode()) for name, text in headers],
            message_queue_size=_WAITING,
            max_message_size=_MOST_BYTES,
        )
        for text in self._reader.greeting():
            await line.send_message(text.decode())
        return line

    async def _leave(self) -> None:
        holder, nursery = self._holder, self._nursery
        self._holder = self._nursery = None
        if holder is not None and nursery is not None:
            nursery.cancel_scope.deadline = trio.current_time() + self._timeout_s
            await holder.__aexit__(None, None, None)

    def _hang_up(self) -> None:
        self._line = None
        self._parting.set()

    async def _raise_again(self, closed: StreamClosedError) -> None:
        self._hang_up()
        if closed.code == NORMAL:
            return
        if not is_worth_it(closed.code):
            raise closed
        failure: StreamClosedError | UnreachableError | ApiError = closed
        told_s: float | None = None
        while (wait_s := self._patience.wait_s(self._tried, told_s)) is not None:
            self._tried += 1
            await trio.sleep(wait_s)
            try:
                await self._dial()
            except UnreachableError as error:
                failure, told_s = error, None
            except UnavailableError as error:
                failure, told_s = error, error.retry_after_s
            else:
                return
        raise failure


async def _connected(place: Place) -> Tcp:
    if not place.is_tls:
        return await trio.open_tcp_stream(place.host, place.port)
    return await trio.open_ssl_over_tcp_stream(
        place.host, place.port, https_compatible=True
    )


async def _message(line: WebSocketConnection) -> str | bytes:
    found: str | bytes = await line.get_message()
    return found


def _closed(closed: ConnectionClosed) -> StreamClosedError:
    why = closed.reason
    if why is None:
        return StreamClosedError(BROKEN, "the connection ended without a goodbye")
    return StreamClosedError(int(why.code), why.reason or "")


def _refusal(error: ConnectionRejected) -> ApiError:
    headers = {name.decode().lower(): text.decode() for name, text in error.headers}
    return api_error(error.status_code, error.body or b"", headers.get("retry-after"))


class TrioPictureStream(TrioStream[Picture]):
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


class TrioSoundStream(TrioStream[SoundBlock]):
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


class TrioLive(TrioStream[LiveMessage]):
    """The conversation at `/ws`: iterate over what is said, and say what is to be done.

    Answers come among the messages; one that cannot be obeyed is answered with `ErrorTold`.
    """

    def __init__(
        self, place: Place, reader: LiveReader, patience: Patience, timeout_s: float
    ) -> None:
        self._live = reader
        super().__init__(place, reader, patience, timeout_s)

    async def say(self, command: LiveCommand) -> None:
        """Send a command.

        Raises:
            StreamClosedError: it cannot be sent now.
        """
        if self._line is None:
            raise StreamClosedError(BROKEN, "the stream is closed")
        try:
            await self._line.send_message(msgspec.json.encode(command).decode())
        except ConnectionClosed as closed:
            raise _closed(closed) from closed

    async def start_session(self, name: str, duration: float, intention: str = "") -> None:
        """Make a practice of `duration` seconds and start it: `SessionStarted`."""
        await self.say(
            StartSession(session_name=name, duration=duration, intention=intention)
        )

    async def stop_session(self, session: str) -> None:
        """Stop one that runs: `SessionStopped`."""
        await self.say(StopSession(session_id=session))

    async def update_settings(self, settings: SettingsWish) -> None:
        """Change what sounds: `SettingsUpdated`."""
        await self.say(UpdateSettings(settings=settings))

    async def ping(self, timestamp: float | None = None) -> None:
        """Ask for a `Pong`."""
        await self.say(Ping(timestamp=timestamp))

    async def subscribe(self, wanted: Subscribe) -> None:
        """Choose what comes, also after it was opened again: `Subscribed`."""
        self._live.choose(wanted)
        await self.say(wanted)

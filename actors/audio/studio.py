"""The studio: clips are rendered here, and written to files, a piece at a time.

In: orders, from the synth. Out: what came of each, to it. Several orders go on in turn, so
that a short sound does not wait for an hour of one. Nothing is kept: of a clip its figures
are known, and its samples are made again, the same, when somebody wants the file. An hour
needs no more memory than a second.

A crash forgets the orders; `StudioReady` tells the synth, which repeats them. It needs a
pinned dispatcher: the disk may make it wait.
"""

import logging
from collections import deque
from typing import TYPE_CHECKING, Protocol, TypeAlias, assert_never

from actors.audio.clip import Measurement, render_clip, samples_of
from actors.audio.files import SoundFileError, SoundShelf, SoundWriter
from actors.stage import Stage
from protocols.ports import Clock, Mailbox
from protocols.sound import (
    ClipFile,
    ClipView,
    Encode,
    Encoded,
    Proceed,
    Render,
    Rendered,
    StudioInput,
    StudioReady,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actors.audio.partials import Samples

log = logging.getLogger(__name__)

StudioNews: TypeAlias = Rendered | Encoded | StudioReady


class _Work(Protocol):
    """An order in progress."""

    job: int

    def step(self) -> Rendered | Encoded | None:
        """Do a piece, mostly a second of sound; what came of all once it is done."""


class StudioActor(Stage):
    """Renders clips and writes their files.

    Args:
        clock: measures how long a rendering takes.
        shelf: where files go.
        own: this actor's own mailbox.
        synth: who hears of it.
    """

    def __init__(
        self,
        clock: Clock,
        shelf: SoundShelf,
        own: Mailbox[Proceed],
        synth: Mailbox[StudioNews],
    ) -> None:
        super().__init__()
        self._clock = clock
        self._shelf = shelf
        self._own = own
        self._synth = synth
        self._work: deque[_Work] = deque()

    def setup(self) -> None:
        """Begin with an empty folder: what is in it nobody can ask for."""
        try:
            self._shelf.clear()
        except OSError as error:
            log.warning("old sound files stay: %s", error)
        self._synth.tell(StudioReady())

    def handle(self, message: StudioInput) -> None:
        """Take an order, or bring what there is to do on."""
        match message:
            case Render():
                self._take(Rendering(message, self._clock))
            case Encode():
                self._take(Encoding(message, self._shelf))
            case Proceed():
                self._proceed()
            case _:
                assert_never(message)

    def teardown(self) -> None:
        """Leave no half files."""
        for work in self._work:
            if isinstance(work, Encoding):
                work.abandon()

    def _take(self, work: _Work) -> None:
        # After a crash the synth repeats what may still lie in the mailbox.
        if all(other.job != work.job for other in self._work):
            self._work.append(work)
            self._own.tell(Proceed())

    def _proceed(self) -> None:
        if not self._work:
            return
        news = self._work[0].step()
        if news is None:
            self._work.rotate(-1)
        else:
            self._work.popleft()
            self._synth.tell(news)
        if self._work:
            self._own.tell(Proceed())


class Rendering:
    """A clip that is being measured."""

    def __init__(self, order: Render, clock: Clock) -> None:
        self.job = order.job
        self._order = order
        self._clock = clock
        self._measurement = Measurement(order.config)
        self._began_at: float | None = None

    def step(self) -> Rendered | None:
        """Render the next second."""
        if self._began_at is None:
            self._began_at = self._clock.now()
        measured = self._measurement.step()
        if measured is None:
            return None
        clip = ClipView(
            id=self._order.clip_id,
            config=self._order.config,
            samples=samples_of(self._order.config),
            peak=measured.peak,
            loudness_lufs=measured.loudness,
            gain=measured.gain,
            took_s=self._clock.now() - self._began_at,
        )
        return Rendered(job=self.job, clip=clip)


class Encoding:
    """A clip's file that is being written."""

    def __init__(self, order: Encode, shelf: SoundShelf) -> None:
        self.job = order.job
        self._order = order
        self._shelf = shelf
        self._writer: SoundWriter | None = None
        self._chunks: Iterator[Samples] = iter(())

    def step(self) -> Encoded | None:
        """Write the next second."""
        try:
            file = self._next()
        except SoundFileError as error:
            return Encoded(job=self.job, file=None, error=str(error))
        return None if file is None else Encoded(job=self.job, file=file)

    def abandon(self) -> None:
        """Leave nothing of it."""
        if self._writer is not None:
            self._writer.abandon()

    def _next(self) -> ClipFile | None:
        clip, kind = self._order.clip, self._order.format
        if self._writer is None:
            found = self._shelf.find(clip, kind)
            if found is None:
                self._writer = self._shelf.begin(clip, kind)
                self._chunks = render_clip(clip.config, clip.gain)
            return found
        chunk = next(self._chunks, None)
        if chunk is not None:
            self._writer.write(chunk)
            return None
        file = self._writer.finish()
        self._shelf.make_room(file)
        return file

"""Reader: a headset or recording in, raw EEG out.

Comes in: `Tick` (open or read), `DeviceStatus`, `Pause`. Goes out, downstream: `RawChunk`
in order, `Gap` where samples are missing, `SourceState` at each change. A crash forgets
the opened device and the backoff; the next life opens anew. Each life's signal begins
with `Gap(reason="restart")`, for it cannot know what an earlier one told.

A device that is not there is a state, not a death: the reader searches with a growing
wait. A broken recording ends it for good, with the reason. `course` has the arithmetic.
"""

from collections.abc import Callable
from typing import assert_never

import msgspec

from actors.device import course
from actors.device.course import Told, Wish
from actors.lease import Lease, LeaseHeldError
from actors.stage import Stage
from protocols.eeg import FilterInput, RawChunk, SourceState
from protocols.errors import (
    DeviceLostError,
    DeviceNotFoundError,
    RecordingEndedError,
    RecordingError,
)
from protocols.ports import Clock, EegSource, Mailbox
from protocols.sessions import SessionRefused
from protocols.simulation import DeviceInput, DeviceStatus, Pause
from protocols.time import Tick

RETRY_S = 0.5
"""First wait after an attempt to open that failed."""


class DeviceActor(Stage):
    """Reads one source and hands its samples on.

    Args:
        clock: for `read_at` and the times of states.
        open_source: makes the source, not yet opened; called in the actor's thread.
        downstream: the filters.
        retry_s: first wait after an attempt to open that failed, seconds; doubles up to
            eight seconds.
        take_lease: takes the right to have the device open; None: it needs none.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        open_source: Callable[[], EegSource],
        downstream: Mailbox[FilterInput],
        retry_s: float = RETRY_S,
        take_lease: Callable[[], Lease] | None = None,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._open_source = open_source
        self._downstream = downstream
        self._source: EegSource | None = None
        self._take_lease = take_lease
        self._lease: Lease | None = None
        self._course = course.begin(retry_s)

    def setup(self) -> None:
        """Make the source; it is opened at the first tick."""
        self._source = self._open_source()

    def handle(self, message: DeviceInput) -> SourceState | SessionRefused | None:
        """Open or read at a tick; pause; answer what the source does.

        A stand-in that takes more may refuse it; this one refuses nothing.
        """
        match message:
            case Tick(now=now):
                self._tick(now)
            case DeviceStatus():
                return self._course.state
            case Pause(paused=on):
                self._take(course.paused(self._course, self._clock.now(), on=on))
            case _:
                assert_never(message)
        return None

    def teardown(self) -> None:
        """Let the device go."""
        if self._source is not None:
            self._close(self._source)

    def _tick(self, now: float) -> None:
        source = self._source
        if source is None:
            raise RuntimeError("a tick before setup")
        try:
            match course.wish(self._course, now):
                case Wish.OPEN:
                    if self._take_lease is not None and self._lease is None:
                        self._lease = self._take_lease()
                    self._take(course.opened(self._course, now, source.open(now)))
                case Wish.READ:
                    self._read(source, now)
                case Wish.NOTHING:
                    self._take(course.reminded(self._course, now))
        except (DeviceNotFoundError, DeviceLostError, LeaseHeldError) as error:
            self._close(source)
            self._take(course.not_found(self._course, now, str(error)))
        except (RecordingEndedError, RecordingError) as error:
            self._close(source)
            self._take(course.ended(self._course, now, str(error)))

    def _close(self, source: EegSource) -> None:
        source.close()
        if self._lease is not None:
            self._lease.release()
            self._lease = None

    def _read(self, source: EegSource, now: float) -> None:
        for chunk in source.read(now):
            self._take(course.arrived(self._course, now, chunk))
        self._course = course.has_read(self._course, now)

    def _take(self, step: tuple[course.Course, Told]) -> None:
        """Go on from a step, and tell what it tells."""
        self._course, told = step
        for message in told:
            if isinstance(message, RawChunk):
                read_at = self._clock.now()
                self._downstream.tell(msgspec.structs.replace(message, read_at=read_at))
            else:
                self._downstream.tell(message)

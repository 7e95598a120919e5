"""Ports: what a part expects of whoever is at the other end.

A port is a `typing.Protocol`, so that a stand-in fills it without knowing its twin.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from protocols.eeg import RawChunk, SignalInfo
from protocols.pictures import Painting, PictureWish

M_contra = TypeVar("M_contra", contravariant=True)


class Mailbox(Protocol[M_contra]):
    """Where messages for a role go; it outlives whoever fills the role."""

    def tell(self, message: M_contra, /) -> None:
        """Hand a message over. Any thread; never blocks, nor raises for a dead tenant."""


class Reply(Protocol):
    """What an `ask` gives back at once; the answer comes later."""

    def get(self, *, timeout: float | None = None) -> Any:  # noqa: ANN401  # any answer
        """Wait in this thread for the answer.

        Args:
            timeout: seconds to wait; None waits for ever.

        Raises:
            pykka.Timeout: no answer within `timeout`.
            Exception: what the actor answered with.
        """

    def when_done(self, call: Callable[[], object], /) -> None:
        """Call `call` once the answer is there, in the thread that brings it or at once."""

    def is_done(self) -> bool:
        """Whether the answer is there."""


class Askable(Mailbox[M_contra], Protocol[M_contra]):
    """A mailbox that answers."""

    def ask(self, message: M_contra, /, *, timeout_s: float) -> Reply:
        """Hand a message over for an answer.

        Args:
            message: what is asked.
            timeout_s: seconds; who takes the message out later than this throws it away.
        """


class Clock(Protocol):
    """The one source of time."""

    def now(self) -> float:
        """Seconds since an arbitrary instant; never goes back."""

    def unix(self, at: float) -> float:
        """Seconds since 1970 UTC of the instant `at` that `now()` gave."""


class Timer(Protocol):
    """A call that is due later."""

    def cancel(self) -> None:
        """Let it not come; safe to call when it has."""


class Timers(Protocol):
    """Who wakes actors later; an actor never sleeps."""

    def after(self, delay_s: float, mailbox: "Mailbox[Any]", message: object, /) -> Timer:
        """Tell `message` to `mailbox` in `delay_s` seconds."""

    def every(self, period_s: float, call: Callable[[float, int], object], /) -> Timer:
        """Call `call(due_at, number)` on a fixed grid; what is missed is skipped.

        `call` must be quick and must not raise: a `tell`.
        """


class EegSource(Protocol):
    """A device, opened or not. One thread at a time uses it."""

    def open(self, now: float) -> SignalInfo:
        """Connect and begin at `now`.

        Raises:
            DeviceNotFoundError: the device is not there (try again later).
            RecordingError: the recording is missing or cannot be read (do not try again).
        """

    def read(self, now: float) -> Sequence[RawChunk]:
        """Give all samples that are due by `now` and were not given; never blocks.

        Returns:
            Consecutive chunks, often one, none when nothing is due. `first_sample` counts
            from `open`; a jump in it is a loss that the source itself saw.

        Raises:
            DeviceLostError: the device went away; `open` may bring it back.
            RecordingEndedError: a recording that does not loop was given to its end.
        """

    def close(self) -> None:
        """Let the device go; safe to call twice and before `open`."""


class Generator(Protocol):
    """Who makes a picture. One thread at a time uses it."""

    model: str
    """Its name, as answers state it."""

    def paint(self, wish: PictureWish) -> Painting:
        """Make the picture that is wished for.

        Raises:
            WishError: the wish cannot be met (which field, why).
        """

    def forget(self, session: str) -> None:
        """Drop what was kept to move smoothly in this session's pictures."""


Pixels = npt.NDArray[np.uint8]
"""sRGB, shape (height, width, 3)."""

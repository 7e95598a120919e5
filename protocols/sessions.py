"""Sessions: what the door asks of the session manager, and what it answers."""

from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from protocols.eeg import Phase, SourceState
from protocols.simulation import BrainCommand
from protocols.supervision import ChildEnded, ChildStarted, SupervisorGaveUp
from protocols.time import Tick


class SessionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a session runs."""

    user_id: str
    device_type: str
    duration_s: float
    """Seconds until it ends by itself."""

    model: str
    """The model that was asked for; pictures name the one that made them."""

    width: int = 512
    height: int = 512
    seed: int = 0
    speed: float = 1.0
    """Of a recording: times life."""

    loop: bool = True
    """A recording begins again at its end."""

    mains_hz: float = 50.0
    window_s: float = 2.0
    step_s: float = 0.1
    pictures_hz: float = 10.0
    """Pictures a second at most."""

    owner: str = ""
    """Id of the key that made it."""


class CreateSession(msgspec.Struct, frozen=True):
    """Answer: `SessionView` or `SessionRefused`."""

    settings: SessionSettings


class GetSession(msgspec.Struct, frozen=True):
    """Answer: `SessionView` or `SessionUnknown`."""

    session: str


class EndSession(msgspec.Struct, frozen=True):
    """Answer: `SessionView` (ended) or `SessionUnknown`. Safe to repeat."""

    session: str
    reason: str = "asked"


class PauseSession(msgspec.Struct, frozen=True):
    """Answer: `SessionView` or `SessionUnknown`."""

    session: str
    paused: bool


class CommandBrain(msgspec.Struct, frozen=True):
    """Answer: `SessionView`, `SessionUnknown`, or `SessionRefused` (no simulator)."""

    session: str
    command: BrainCommand


class PushSamples(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Samples for a session whose device is `ingest`.

    Answer: `SamplesTaken`, `SessionUnknown` or `SessionRefused`.
    """

    session: str
    sfreq: float
    """Hertz."""

    ch_names: tuple[str, ...]
    uv: npt.NDArray[np.float32]
    """Microvolts, shape (channels, samples)."""

    mains_hz: float | None = None


class SamplesTaken(msgspec.Struct, frozen=True):
    """They wait for the reader."""

    samples: int


class ListSessions(msgspec.Struct, frozen=True):
    """Answer: a tuple of `SessionView`."""


class FrameSent(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a session is there for its viewers (from the broadcaster)."""

    session: str
    sequence: int
    latency_s: float
    """From its last sample until it was there."""

    sent_at: float
    driven: bool


class FrameWritten(msgspec.Struct, frozen=True, kw_only=True):
    """A driven picture was written to its viewers' sockets (from the gateway)."""

    session: str
    latency_s: float
    """From its last sample until it had been handed to the kernel."""


class SourceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A session's source changed its state (from the broadcaster)."""

    session: str
    state: SourceState


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """A session, as it is now."""

    session: str
    settings: SessionSettings
    status: str
    """`active`, `paused`, `ended`, `failed`."""

    phase: Phase
    reason: str
    created_at: float
    """Clock time."""

    ended_at: float | None
    images: int
    last_activity_at: float
    duration_s: float
    """Since creation, until now or the end."""

    mean_latency_s: float | None
    """From a picture's last sample until it was written to its viewers' sockets; where
    nobody watched, until it was there; None before the first driven picture."""


class SessionUnknown(msgspec.Struct, frozen=True):
    """No session of that id."""

    session: str


class SessionRefused(msgspec.Struct, frozen=True, kw_only=True):
    """A session cannot be made or commanded so: which field, why, what is allowed."""

    field: str
    reason: str
    full: bool = False
    """True: too many sessions now; try again later."""


SessionsInput: TypeAlias = (
    CreateSession
    | GetSession
    | EndSession
    | PauseSession
    | CommandBrain
    | PushSamples
    | ListSessions
    | FrameSent
    | FrameWritten
    | SourceSeen
    | ChildStarted
    | ChildEnded
    | SupervisorGaveUp
    | Tick
)

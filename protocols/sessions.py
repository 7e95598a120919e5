"""Sessions: what the door asks of the session manager, and what it answers.

There are two kinds. A *sitting* (document 000) has a headset and pictures; it is made and
started at once. A *practice* (document 003) has a name, an intention and modalities; it is
made first and started later, and outlives the process. One manager has both, and one id
names one session, whatever its kind.
"""

from typing import Literal, TypeAlias

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

    sound: bool = False
    """Whether its features and its mood sound."""


class CreateSession(msgspec.Struct, frozen=True):
    """Answer: `SessionView` or `SessionRefused`."""

    settings: SessionSettings


class GetSession(msgspec.Struct, frozen=True):
    """Answer: `SessionView` or `SessionUnknown`; `PracticeView` of one without pictures."""

    session: str


class EndSession(msgspec.Struct, frozen=True):
    """Answer: `SessionView` (ended) or `SessionUnknown`. Safe to repeat."""

    session: str
    reason: str = "asked"


class PauseSession(msgspec.Struct, frozen=True):
    """Answer: `SessionView` or `SessionUnknown`."""

    session: str
    paused: bool


class SwitchSound(msgspec.Struct, frozen=True, kw_only=True):
    """Let a sitting sound, or be silent; safe to repeat.

    Answer: `SessionView`, `SessionUnknown`, or `SessionRefused` (no synth).
    """

    session: str
    sound: bool


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
    """Answer: a tuple of `SessionView`, of sittings."""


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


PracticeStatus: TypeAlias = Literal["created", "running", "completed", "stopped"]
"""created → running → completed (its time was over) or stopped (somebody said so)."""


class PracticeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a practice is to be."""

    name: str
    duration_s: float
    """Seconds until it ends by itself, once it has been started."""

    intention: str = ""
    frequency: float = 136.1
    """Hertz, 0.1 to 20,000: of its sound."""

    modalities: tuple[str, ...] = ("sound",)
    """Names that `KnownModalities` has, each once."""

    owner: str = ""
    """Id of the key that made it; empty: somebody on this machine without a key, and then
    it is everybody's."""


class CreatePractice(msgspec.Struct, frozen=True, kw_only=True):
    """Make a practice. Answer: `PracticeView` or `SessionRefused`."""

    settings: PracticeSettings
    start: bool = False
    """Start it at once; where that is refused, none is made."""


class StartPractice(msgspec.Struct, frozen=True):
    """Start one that was created.

    Answer: `PracticeView`, `SessionUnknown`, `SessionConflict` (it runs already, or it is
    over) or `SessionRefused` (too many run).
    """

    session: str


class StopPractice(msgspec.Struct, frozen=True):
    """Stop one that runs.

    Answer: `PracticeView`, `SessionUnknown` or `SessionConflict` (it does not run).
    """

    session: str
    reason: str = "asked"


class GetPractice(msgspec.Struct, frozen=True):
    """Answer: `PracticeView` or `SessionUnknown`."""

    session: str


class DeletePractice(msgspec.Struct, frozen=True):
    """Forget a practice; one that runs is stopped first.

    Answer: `PracticeView`, as it was last, or `SessionUnknown`.
    """

    session: str


class ListPractices(msgspec.Struct, frozen=True, kw_only=True):
    """Practices that somebody may see, newest first. Answer: `PracticeList`."""

    owner: str = ""
    """Id of the key that asks: its own and everybody's; empty: everybody's."""

    status: PracticeStatus | None = None
    offset: int = 0
    limit: int = 100


class KnownModalities(msgspec.Struct, frozen=True):
    """Answer: a tuple of `ModalityRow`."""


class ModalityRow(msgspec.Struct, frozen=True, kw_only=True):
    """A modality that a practice may name."""

    name: str
    part: str
    """Which part of the server it starts and stops; two names may have one part."""

    not_available: str = ""
    """Why it does nothing now; empty: it does."""


class ModalityView(msgspec.Struct, frozen=True, kw_only=True):
    """What a modality of a practice does now."""

    name: str
    state: Literal["running", "stopped", "not_available"]
    reason: str = ""
    """Why it does not run; of one that runs, how it is."""


class PracticeView(msgspec.Struct, frozen=True, kw_only=True):
    """A practice, as it is now."""

    session: str
    settings: PracticeSettings
    status: PracticeStatus
    reason: str
    """Of its status; empty where that says all."""

    created_at: float
    """Clock time, as the others; of an earlier run's it is before this run's beginning."""

    started_at: float | None
    ended_at: float | None
    elapsed_s: float
    """Since it was started, until now or its end; never more than its duration."""

    remaining_s: float
    """Until it ends by itself; of one that was created: all of it; of one that is over: 0.
    """

    modalities: tuple[ModalityView, ...]
    stream: bool
    """Whether `/stream/{id}` has its pictures."""

    sound: bool
    """Whether `/stream/{id}/audio` has its sound."""

    kept: bool
    """Whether it is on the disk as it is now: that it outlives the process."""


class PracticeList(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the practices that somebody may see."""

    practices: tuple[PracticeView, ...]
    total: int
    """With those before and after this part."""

    trouble: str
    """Why the disk takes nothing now; empty: all is kept."""


class ReadOverview(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions of both kinds, newest first. Answer: a tuple of `SessionRow`."""

    ended_within_s: float = 60.0
    """Those that ended longer ago are left out."""

    most: int = 200


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A session of any kind, in short."""

    session: str
    kind: Literal["sitting", "practice"]
    name: str
    """A sitting's is its device's type."""

    status: str
    """A sitting's `active`, `paused`, `ended`, `failed`, or a `PracticeStatus`."""

    owner: str
    """As the settings have it. Ids of sittings, and of practices that a key owns, open what
    is not everybody's."""

    created_at: float
    started_at: float | None
    elapsed_s: float
    remaining_s: float


class SessionConflict(msgspec.Struct, frozen=True, kw_only=True):
    """A practice is in no state for that."""

    session: str
    status: PracticeStatus
    code: str
    """`SESSION_ALREADY_RUNNING`, `SESSION_NOT_RUNNING` or `SESSION_ENDED`."""

    reason: str


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
    | SwitchSound
    | CommandBrain
    | PushSamples
    | ListSessions
    | CreatePractice
    | StartPractice
    | StopPractice
    | GetPractice
    | DeletePractice
    | ListPractices
    | KnownModalities
    | ReadOverview
    | FrameSent
    | FrameWritten
    | SourceSeen
    | ChildStarted
    | ChildEnded
    | SupervisorGaveUp
    | Tick
)

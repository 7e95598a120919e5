"""What actors and supervisors say of lives and deaths, and what the journal keeps of it.

The journal's events fold back into the tree: `ChildStepped`, `ChildStarted`, `ChildEnded`,
`ChildHeld` and `ChildGone` together are every change of every row.
"""

import enum
from typing import Any, TypeAlias

import msgspec

from protocols.errors import PhospheneError


class Exit(enum.StrEnum):
    """How a life ended (Erlang/OTP's exit reasons, Ericsson, `supervisor`)."""

    NORMAL = "normal"
    """It ended itself; its work was done."""

    SHUTDOWN = "shutdown"
    """It was told to end, or ended itself because others did (`ShutdownError`)."""

    ABNORMAL = "abnormal"
    """It failed, was hung, or did not end in its time."""


class ShutdownError(PhospheneError):
    """Raised by an actor to end in order though not by itself: no failure, no trace."""


class IgnoreError(PhospheneError):
    """Raised by an actor's `setup`: it is not needed now. No failure; it is not started."""


class Died(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A life ended. Sent once a life, after `teardown`."""

    child: str
    life: int
    exit: Exit
    error: BaseException | None
    during: str
    """`setup`, `teardown`, `stop`, or the type of the message it was handling."""

    @property
    def normal(self) -> bool:
        """Whether it ended without a failure."""
        return self.exit is not Exit.ABNORMAL


class Born(msgspec.Struct, frozen=True, kw_only=True):
    """`setup` ended well: the actor takes mail."""

    child: str
    life: int


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A message that nobody will handle."""

    edge: str
    reason: str
    """`vacant`, `closed`, `crashed`, `hung`, `full`, `overrun`, `superseded`, `stale`,
    `expired`, `fenced` (its sender had been replaced) or `lost` (by a simulated fault)."""

    message: Any


class ChildState(enum.StrEnum):
    """What a supervisor knows of a child."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    WAITING = "waiting"
    """Down, to be started again after a delay."""
    FAILED = "failed"


class ChildRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the tree."""

    path: str
    kind: str
    """`worker` or `supervisor`."""

    state: ChildState
    life: int
    """Counts from 1; 0: it never lived."""

    restarts: int
    dispatcher: str
    reason: str = ""
    since: float = 0.0
    """Clock time at which it came into this state, seconds."""

    held: bool = False
    """An operator stopped it; only an operator starts it."""

    paused: bool = False
    """Its mail waits until an operator lets it go on."""


class ChildStepped(msgspec.Struct, frozen=True, kw_only=True, tag="stepped"):
    """A child came into a state that is neither a birth nor a death."""

    row: ChildRow


class ChildStarted(msgspec.Struct, frozen=True, kw_only=True, tag="started"):
    """A birth: a supervisor saw a child up."""

    path: str
    life: int


class ChildEnded(msgspec.Struct, frozen=True, kw_only=True, tag="ended"):
    """A death: a supervisor saw a child go."""

    path: str
    life: int
    normal: bool
    reason: str
    exit: Exit = Exit.ABNORMAL
    during: str = ""
    """As in `Died`."""

    trace: str = ""
    """The failure's traceback, as text."""


class ChildHeld(msgspec.Struct, frozen=True, kw_only=True, tag="held"):
    """An operator's mark on a child was set or taken off."""

    path: str
    held: bool
    paused: bool


class ChildGone(msgspec.Struct, frozen=True, kw_only=True, tag="gone"):
    """A child, and all below it, is in the tree no longer."""

    path: str


class RestartSpent(msgspec.Struct, frozen=True, kw_only=True, tag="restart"):
    """A supervisor makes a death good, and what that leaves of its budget."""

    path: str
    """Of the supervisor."""

    child: str
    spent: int
    """Restarts within the window, this one too."""

    of: int
    within_s: float
    wait_s: float
    """Seconds of backoff before it; 0: at once."""


class SupervisorGaveUp(msgspec.Struct, frozen=True, kw_only=True, tag="gave_up"):
    """A supervisor's restart budget is spent; it ends and its parent acts."""

    path: str
    reason: str


class SupervisorChanged(msgspec.Struct, frozen=True, kw_only=True, tag="flags"):
    """A supervisor's flags were changed while it runs."""

    path: str
    before: dict[str, str | int | float]
    after: dict[str, str | int | float]


class ChildHung(msgspec.Struct, frozen=True, kw_only=True, tag="hung"):
    """The watchdog found an actor that does not come back from a message."""

    path: str
    life: int
    during: str
    for_s: float
    stack: str


class ZombieListed(msgspec.Struct, frozen=True, kw_only=True, tag="zombie"):
    """A hung actor was replaced; its thread is still there."""

    path: str
    life: int
    zombies: int
    """How many there are now."""


class ZombieEnded(msgspec.Struct, frozen=True, kw_only=True, tag="zombie_ended"):
    """A replaced actor came back, found itself replaced, and ended."""

    path: str
    life: int
    after_s: float
    zombies: int


class ProcessStalled(msgspec.Struct, frozen=True, kw_only=True, tag="stall"):
    """The whole process stood still; nobody is blamed."""

    seconds: float


class LettersLost(msgspec.Struct, frozen=True, kw_only=True, tag="dead_letters"):
    """Dead letters of one kind since the last such entry."""

    edge: str
    reason: str
    message: str
    """Type of the messages."""

    count: int


class ChildProcess(msgspec.Struct, frozen=True, kw_only=True, tag="process"):
    """A worker's child process began or ended."""

    path: str
    """Of the actor that owns it."""

    pid: int
    step: str
    """`started`, `ended`, `killed`, `recycled` or `crashed`."""

    reason: str = ""
    jobs: int = 0
    """That it had done."""


class LeaseRefused(msgspec.Struct, frozen=True, kw_only=True, tag="lease"):
    """Something that only one may hold was wanted while another held it."""

    resource: str
    wanted_by: str
    held_by: str


class OperatorActed(msgspec.Struct, frozen=True, kw_only=True, tag="operator"):
    """An operator ordered something; what follows bears this number as its cause."""

    who: str
    """Name of the key."""

    action: str
    path: str
    reason: str


class OperatorAnswered(msgspec.Struct, frozen=True, kw_only=True, tag="operator_done"):
    """What became of an operator's order."""

    path: str
    outcome: str


class SettingChanged(msgspec.Struct, frozen=True, kw_only=True, tag="setting"):
    """A setting has another value now."""

    setting: str
    before: str
    after: str
    who: str


class DomainEvent(msgspec.Struct, frozen=True, kw_only=True, tag="domain"):
    """Something happened to a practice, for everyone at `/ws` (from the manager)."""

    name: str
    """`SESSION_CREATED`, `SESSION_STARTED`, `SESSION_COMPLETED`, `SESSION_STOPPED`,
    `SESSION_DELETED`; `<MODALITY>_STARTED` and `<MODALITY>_STOPPED` of what really began
    and ended, such as `SOUND_STARTED`."""

    payload: dict[str, Any]
    """As JSON has it; `session_id` and the times (ISO 8601, UTC) are among it."""

    at: float
    """Clock time."""

    owner: str
    """Whose session it is; empty: everybody's. Of another's the id is not everybody's."""


class FaultInjected(msgspec.Struct, frozen=True, kw_only=True, tag="fault"):
    """The simulator did something bad on purpose."""

    fault: str
    """`crash`, `hang`, `slow`, `lost`, `doubled`, `device_gone`, `disk_full`, …"""

    where: str
    detail: str = ""


class DrainStepped(msgspec.Struct, frozen=True, kw_only=True, tag="drain"):
    """A phase of the drain ended."""

    phase: str
    took_s: float
    outcome: str
    """`done`, `late` (its limit passed) or `hurried`."""


class RunBegan(msgspec.Struct, frozen=True, kw_only=True, tag="run"):
    """A process began to write this journal; what was there before has ended."""

    run: str
    version: str
    pid: int
    settings: dict[str, str] = {}
    """What is not as by default."""


class RunEnded(msgspec.Struct, frozen=True, kw_only=True, tag="run_ended"):
    """The last entry of a run that ended in order."""

    code: int
    reason: str


class EntriesLost(msgspec.Struct, frozen=True, kw_only=True, tag="entries_lost"):
    """The journal could not be written for a while (its disk was full)."""

    first: int
    last: int
    reason: str


class TreeSnapshot(msgspec.Struct, frozen=True, kw_only=True, tag="tree"):
    """All rows, as the entries up to this one leave them: with it each file begins."""

    rows: tuple[ChildRow, ...]


LifeEvent: TypeAlias = (
    ChildStepped
    | ChildStarted
    | ChildEnded
    | ChildHeld
    | ChildGone
    | RestartSpent
    | SupervisorGaveUp
    | SupervisorChanged
    | ChildHung
    | ZombieListed
    | ZombieEnded
    | ProcessStalled
    | LettersLost
    | ChildProcess
    | LeaseRefused
    | OperatorActed
    | OperatorAnswered
    | SettingChanged
    | DomainEvent
    | FaultInjected
    | DrainStepped
    | RunBegan
    | RunEnded
    | EntriesLost
    | TreeSnapshot
)
"""Everything that the journal keeps."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the journal."""

    number: int
    """Counts from 1 over all runs; a higher number was never a cause of a lower one."""

    at: float
    """Seconds since 1970 UTC."""

    cause: int | None
    """Number of the entry that led to this one."""

    event: LifeEvent

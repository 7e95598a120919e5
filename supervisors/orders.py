"""What a supervisor is told: administration, and what timers and watchers report.

Orders are answered once they are carried out. `cause` is the number of the chronicle's
entry that led to the order; what follows from it bears that number.
"""

from typing import Any, TypeAlias

import msgspec

from actors.stage import Stage
from protocols.errors import PhospheneError
from protocols.supervision import Born, ChildState, Died, ShutdownError
from supervisors.spec import ChildSpec, Flags


class AddChild(msgspec.Struct, frozen=True):
    """Start another child, last in order; answers its `ChildRow` once it is up.

    Fails with `SpecError` for an id or address that is taken or a spec that does not fit
    the flags, `TooManyChildrenError`, or `StartFailedError` when the child does not come
    up (it is not kept then).
    """

    spec: ChildSpec


class StartFromTemplate(msgspec.Struct, frozen=True):
    """Start a dynamic child; answers and fails as `AddChild` does."""

    argument: Any


class RemoveChild(msgspec.Struct, frozen=True):
    """Stop a child and forget it; answers True once it has ended, False if unknown."""

    child: str
    cause: int | None = None


class DeleteChild(msgspec.Struct, frozen=True):
    """Forget a child that has no life; answers True, False if unknown.

    Fails with `ChildLivesError` while it has one, or is about to.
    """

    child: str


class StopChild(msgspec.Struct, frozen=True):
    """Stop a child until `StartChild`: no restart undoes it.

    Answers its `ChildRow`, False if unknown; so do `StartChild`, `RestartChild` and
    `PauseChild`.
    """

    child: str
    cause: int | None = None


class StartChild(msgspec.Struct, frozen=True):
    """Start a child that is stopped. Answers its `ChildRow`."""

    child: str
    cause: int | None = None


class RestartChild(msgspec.Struct, frozen=True):
    """Stop a child and start it anew; costs no budget. Answers its `ChildRow`."""

    child: str
    cause: int | None = None


class PauseChild(msgspec.Struct, frozen=True):
    """Let a child's mail wait, or go on; holds over its lives. Answers its `ChildRow`.

    Fails with `SpecError` for a supervisor: what its children say comes as mail.
    """

    child: str
    paused: bool
    cause: int | None = None


class ListChildren(msgspec.Struct, frozen=True):
    """Answers a tuple of `ChildRow`, in starting order."""


class CountChildren(msgspec.Struct, frozen=True):
    """Answers a `ChildCount`."""


class ChildCount(msgspec.Struct, frozen=True, kw_only=True):
    """As `supervisor:count_children` of Erlang/OTP has it."""

    specs: int
    """Children known, alive or not."""

    active: int
    """Of these, with a life."""

    supervisors: int
    workers: int


class GetSpec(msgspec.Struct, frozen=True):
    """Answers a child's `ChildSpec`, None if unknown."""

    child: str


class GetFlags(msgspec.Struct, frozen=True):
    """Answers the `Flags`."""


class SetFlags(msgspec.Struct, frozen=True):
    """Change the flags; children that live stay. Answers True.

    Fails with `SpecError` when the children that are there do not fit them.
    """

    flags: Flags
    cause: int | None = None


class Hung(msgspec.Struct, frozen=True, kw_only=True):
    """The watchdog: a child does not come back from a message."""

    child: str
    life: int
    cause: int
    reason: str
    stack: str


class Made(msgspec.Struct, frozen=True, eq=False):
    """The nursery: a child was made, or could not be."""

    child: str
    life: int
    stage: Stage | None
    error: BaseException | None


class StepLate(msgspec.Struct, frozen=True):
    """The timer: a child had its time to start or stop."""

    child: str
    life: int
    step: ChildState
    """What took too long: `STARTING` or `STOPPING`."""


class RetryDue(msgspec.Struct, frozen=True):
    """The timer: a child's backoff is over."""

    child: str
    life: int


LifeOrder: TypeAlias = RemoveChild | StopChild | StartChild | RestartChild
Order: TypeAlias = LifeOrder | PauseChild
"""About a child that is there."""

Question: TypeAlias = ListChildren | CountChildren | GetSpec | GetFlags
Report: TypeAlias = Born | Died | Made | StepLate | RetryDue | Hung

SupervisorInput: TypeAlias = (
    AddChild | StartFromTemplate | DeleteChild | SetFlags | Order | Question | Report
)


class StartFailedError(PhospheneError):
    """A child did not come up.

    Args:
        message: which, and why.
        entry: number of the chronicle's entry that says so.
    """

    def __init__(self, message: str, entry: int | None = None) -> None:
        super().__init__(message)
        self.entry = entry


class TooManyChildrenError(PhospheneError):
    """A supervisor has as many children as it may."""


class ChildLivesError(PhospheneError):
    """A child that was to be forgotten has a life, or is about to."""


class SignificantEndedError(ShutdownError):
    """Significant children have ended, and with them their supervisor.

    Args:
        message: which.
        entry: number of the chronicle's entry that says so.
    """

    def __init__(self, message: str, entry: int | None) -> None:
        super().__init__(message)
        self.entry = entry


class GaveUpError(PhospheneError):
    """A supervisor's restart budget is spent.

    Args:
        message: what happened.
        entry: number of the chronicle's entry that says so.
    """

    def __init__(self, message: str, entry: int) -> None:
        super().__init__(message)
        self.entry = entry

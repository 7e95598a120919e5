"""A child, as its supervisor sees it: what was ordered, what it said, who wants to know."""

from dataclasses import dataclass, field

from actors.answer import Answer
from actors.stage import Stage
from protocols.ports import Timer
from protocols.supervision import ChildRow, ChildState
from supervisors.orders import StartFailedError
from supervisors.spec import ChildSpec

UP = (ChildState.STARTING, ChildState.RUNNING, ChildState.STOPPING)
"""States in which a child has a life, or is being made."""


@dataclass
class Child:
    """One child over all its lives. Only its supervisor touches it."""

    spec: ChildSpec
    path: str
    """In the tree: `root/sessions/manager`."""

    state: ChildState = ChildState.STOPPED
    since: float = 0.0
    life: int = 0
    restarts: int = 0
    failures: int = 0
    """In a row, for the backoff."""

    reason: str = ""
    stage: Stage | None = None
    """None too while it is being made."""

    timer: Timer | None = None
    """Calls when it took too long to start or stop, or when its backoff is over."""

    cause: int | None = None
    """Number of the chronicle's entry that what happens to it now comes of."""

    held: bool = False
    """An operator stopped it; only an operator starts it."""

    leaving: bool = False
    """To be forgotten once it has ended."""

    fresh: bool = False
    """Added, and not up yet for the first time."""

    added: bool = False
    """Came by an order: forgotten once it has ended for good."""

    up_at: float | None = None
    """Clock time at which this life was up; None: it is not up yet."""

    waiting: list[Answer] = field(default_factory=list)
    """Who is to get its row once the ordered change is done."""

    awaiting_end: list[Answer] = field(default_factory=list)
    """Who is to hear True once it is forgotten."""

    def count_failure(self, now: float) -> None:
        """One more in a row, unless it worked for longer than it would ever wait."""
        backoff = self.spec.backoff
        worked_s = 0.0 if self.up_at is None else now - self.up_at
        if backoff is not None and worked_s > backoff.most_s:
            self.failures = 0
        self.failures += 1

    def answer_row(self) -> None:
        """The ordered change is done: tell who waits."""
        waiting, self.waiting = self.waiting, []
        for answer in waiting:
            answer.set(self.row())

    def answer_gone(self, failure: Exception | None) -> None:
        """It is forgotten: tell who waits. `failure` is why it never came up."""
        if self.fresh:
            reason = failure or StartFailedError(f"{self.path} was removed")
            for answer in self.waiting:
                answer.fail(reason)
        else:
            self.answer_row()
        for answer in self.awaiting_end:
            answer.set(True)

    def cancel_timer(self) -> None:
        """Whatever it was to call for has happened."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def row(self) -> ChildRow:
        """Its line in the tree."""
        return ChildRow(
            path=self.path,
            kind="supervisor" if self.spec.is_supervisor else "worker",
            state=self.state,
            life=self.life,
            restarts=self.restarts,
            dispatcher=self.spec.dispatcher.name,
            reason=self.reason,
            since=self.since,
            held=self.held,
            paused=self.spec.address.paused,
        )

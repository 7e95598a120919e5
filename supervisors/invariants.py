"""Invariants: what holds in every run, whatever fails in it.

    asks_resolve          every question is answered, with an answer or an error
    edges_conserve        every edge: came == taken + dropped + queued
    one_life              at most one life of a child at a time, and each life once
    one_holder            at most one holder of a device
    budget_holds          no supervisor makes more deaths good than its budget allows
    one_step              a supervisor starts or stops one child at a time
    starts_in_order       a supervisor starts its children in the same order every time
    stops_in_reverse      a supervisor that ends stops them in reverse
    causes_come_first     no entry of the journal was caused by a later one
    journal_is_the_tree   the journal folds into the tree as it is
    session_and_house     a session that lives has a house, and a house such a session
    pictures_come_back    some seconds after the last fault every session has pictures
    up_means_alive        who is up by the books has not ended
    nothing_after_drain   once the tree is down nobody runs, and nothing is planned
    drain_in_time         the tree is down within its limit
    no_deadlock           there is always somebody who can run, or nobody waits
    journal_on_disk       what the journal wrote is what happened

This module holds those that the journal alone decides: entries in, violations out, pure.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from protocols.supervision import (
    ChildEnded,
    ChildGone,
    ChildStarted,
    ChildState,
    ChildStepped,
    Entry,
    OperatorActed,
    RestartSpent,
    SupervisorGaveUp,
)
from sim.report import Violation

Tell = Callable[[str, str], None]
"""Takes an invariant's name and how it was broken."""


@dataclass
class _Life:
    """A child, by the journal."""

    life: int = 0
    state: ChildState = ChildState.STOPPED


@dataclass
class _Supervisor:
    """One life of a supervisor, by the journal."""

    order: list[str] = field(default_factory=list)
    """Its children, as they were first started in this life."""

    busy: str = ""
    """The child that is being started or stopped."""

    ending: bool = False
    stopped: int = -1
    """Place of the child that was stopped last, since it is ending."""

    spent_at: deque[float] = field(default_factory=deque)

    def place(self, name: str) -> int:
        """Of a child in the order; -1: it was not started in this life."""
        return self.order.index(name) if name in self.order else -1


class JournalRules:
    """Checks entries as they come.

    Args:
        began_at: Unix seconds of virtual time 0; violations are told in virtual seconds.
        dynamic: paths of supervisors whose children come by orders, in any order.
    """

    def __init__(self, began_at: float, dynamic: frozenset[str] = frozenset()) -> None:
        self.violations: list[Violation] = []
        self._began_at = began_at
        self._dynamic = dynamic
        self._lives: dict[str, _Life] = {}
        self._supervisors: dict[str, _Supervisor] = {}
        self._orders: dict[str, list[str]] = {}
        self._ordered: set[int] = set()  # entries of operators' orders
        self._at = 0.0

    def take(self, entries: Iterable[Entry]) -> None:
        """Look at the next entries."""
        for entry in entries:
            self._at = entry.at
            if entry.cause is not None and not 0 < entry.cause < entry.number:
                self._tell("causes_come_first", f"{entry.number} came of {entry.cause}")
            self._look(entry)

    def root_ends(self) -> None:
        """The root was told to stop."""
        self._supervisor("root").ending = True

    def _look(self, entry: Entry) -> None:
        event = entry.event
        match event:
            case ChildStepped(row=row) if row.state is ChildState.STARTING:
                self._starting(row.path, row.life, entry.cause)
            case ChildStepped(row=row) if row.state is ChildState.STOPPING:
                self._stopping(row.path)
            case ChildStepped(row=row):
                self._end_step(row.path)
                self._set(row.path, row.state)
            case ChildStarted(path=path, life=life):
                self._started(path, life)
            case ChildEnded(path=path, life=life):
                self._ended(path, life)
            case ChildGone(path=path):
                self._gone(path)
            case RestartSpent():
                self._spent(event)
            case SupervisorGaveUp(path=path):
                self._supervisor(path).ending = True
            case OperatorActed():
                self._ordered.add(entry.number)
            case _:
                pass

    # -- lives ------------------------------------------------------------------------

    def _starting(self, path: str, life: int, cause: int | None) -> None:
        child = self._lives.setdefault(path, _Life())
        if child.state in (ChildState.STARTING, ChildState.RUNNING, ChildState.STOPPING):
            self._tell(
                "one_life",
                f"{path}: life {life} begins while life {child.life} is {child.state}",
            )
        if life <= child.life:
            self._tell("one_life", f"{path}: life {life} begins after life {child.life}")
        child.life = life
        self._supervisors.pop(path, None)  # a new life of a supervisor
        self._in_order(path, cause)
        self._begin_step(path)
        child.state = ChildState.STARTING

    def _started(self, path: str, life: int) -> None:
        child = self._lives.setdefault(path, _Life())
        if child.state is not ChildState.STARTING or child.life != life:
            self._tell(
                "one_life",
                f"{path}: life {life} is up, but life {child.life} was {child.state}",
            )
        self._end_step(path)
        self._set(path, ChildState.RUNNING)

    def _stopping(self, path: str) -> None:
        was = self._lives.setdefault(path, _Life()).state
        self._in_reverse(path, was)
        if was is ChildState.STARTING:
            self._end_step(path)  # cut short: one step becomes another
        self._begin_step(path)
        self._set(path, ChildState.STOPPING)
        if path in self._supervisors:
            self._supervisors[path].ending = True

    def _ended(self, path: str, life: int) -> None:
        child = self._lives.setdefault(path, _Life())
        if child.life != life or child.state not in (
            ChildState.STARTING,
            ChildState.RUNNING,
            ChildState.STOPPING,
        ):
            self._tell(
                "one_life",
                f"{path}: life {life} ends, but life {child.life} was {child.state}",
            )
        self._end_step(path)
        self._set(path, ChildState.STOPPED)

    def _gone(self, path: str) -> None:
        below = path + "/"
        self._end_step(path)
        # The numbers of lives go on, should the name come again.
        for known in self._lives:
            if known == path or known.startswith(below):
                self._lives[known].state = ChildState.STOPPED
        for known in [p for p in self._supervisors if p == path or p.startswith(below)]:
            del self._supervisors[known]

    def _set(self, path: str, state: ChildState) -> None:
        self._lives.setdefault(path, _Life()).state = state

    # -- steps and their order ----------------------------------------------------------

    def _begin_step(self, path: str) -> None:
        supervisor = self._above(path)
        if supervisor.busy and supervisor.busy != path:
            self._tell("one_step", f"{path} and {supervisor.busy} at once")
        supervisor.busy = path

    def _end_step(self, path: str) -> None:
        supervisor = self._above(path)
        if supervisor.busy == path:
            supervisor.busy = ""

    def _in_order(self, path: str, cause: int | None) -> None:
        parent, _, name = path.rpartition("/")
        supervisor = self._above(path)
        if name in supervisor.order:
            return  # it comes back
        if parent in self._dynamic:
            supervisor.order.append(name)
            return
        usual = self._orders.setdefault(parent, [])
        if name not in usual:
            usual.append(name)
        supervisor.order = [n for n in usual if n in supervisor.order or n == name]
        # One that an operator had stopped comes when he likes.
        if supervisor.order[-1] != name and cause not in self._ordered:
            self._tell("starts_in_order", f"{path} after {supervisor.order[-1]}")

    def _in_reverse(self, path: str, was: ChildState) -> None:
        supervisor = self._above(path)
        name = path.rpartition("/")[2]
        if not supervisor.ending or was is not ChildState.RUNNING:
            return
        place = supervisor.place(name)
        if 0 <= supervisor.stopped < place:
            earlier = supervisor.order[supervisor.stopped]
            self._tell("stops_in_reverse", f"{path} after {earlier}")
        supervisor.stopped = place

    # -- budgets ------------------------------------------------------------------------

    def _spent(self, event: RestartSpent) -> None:
        spent_at = self._supervisor(event.path).spent_at
        while spent_at and spent_at[0] <= self._at - event.within_s:
            spent_at.popleft()
        spent_at.append(self._at)
        if len(spent_at) > event.of or event.spent > event.of:
            self._tell(
                "budget_holds",
                f"{event.path}: {len(spent_at)} restarts ({event.spent} by its own count)"
                f" in {event.within_s:g} s, {event.of} allowed",
            )

    # -- books --------------------------------------------------------------------------

    def _above(self, path: str) -> _Supervisor:
        return self._supervisor(path.rpartition("/")[0])

    def _supervisor(self, path: str) -> _Supervisor:
        return self._supervisors.setdefault(path, _Supervisor())

    def _tell(self, invariant: str, detail: str) -> None:
        at_s = self._at - self._began_at
        self.violations.append(Violation(invariant=invariant, at_s=at_s, detail=detail))

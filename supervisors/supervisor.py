"""The supervisor: births and deaths of its children in, starts and stops out.

It is a stage like any other and never blocks: starting and stopping are one step at a
time, each step ends with the child's own word (`Born`, `Died`) or with the timer's
(`StepLate`), and between two steps it answers whoever asks. What is to be done is two
sets, `to_stop` and `to_start`; deaths that come meanwhile only add to them, so that
simultaneous deaths become one cycle and no child ever has two lives at once.

Children start in order and stop in reverse. A child that fails at the first start takes
the whole start back (rollback). A crash of a supervisor itself stops its children.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from actors.answer import Answer
from actors.inbox import Address
from actors.stage import Stage
from protocols.ports import Timer
from protocols.supervision import (
    Born,
    ChildEnded,
    ChildRow,
    ChildStarted,
    ChildState,
    Died,
    SupervisorGaveUp,
)
from supervisors.restart import Budget, Intensity, Restart, Strategy, fallen, is_made_good
from supervisors.spec import (
    AddChild,
    ChildSpec,
    GaveUpError,
    ListChildren,
    RemoveChild,
    RestartChild,
    RetryDue,
    SpecError,
    StartChild,
    StartFailedError,
    StepLate,
    StopChild,
    World,
)

SupervisorInput: TypeAlias = (
    Born
    | Died
    | StepLate
    | RetryDue
    | AddChild
    | RemoveChild
    | StopChild
    | StartChild
    | RestartChild
    | ListChildren
)

_UP = (ChildState.STARTING, ChildState.RUNNING, ChildState.STOPPING)


@dataclass
class _Child:
    spec: ChildSpec
    state: ChildState = ChildState.STOPPED
    life: int = 0
    restarts: int = 0
    failures: int = 0
    """In a row, for the backoff."""
    reason: str = ""
    stage: Stage | None = None
    timer: Timer | None = None
    held: bool = False
    """An operator stopped it; only an operator starts it."""
    leaving: bool = False
    """To be forgotten once it has ended."""
    fresh: bool = False
    """Added, and not up yet for the first time."""
    added: bool = False
    """Came by `AddChild`: forgotten once it has ended for good."""
    up_at: float = 0.0
    waiting: list[Answer] = field(default_factory=list)
    """Who is to hear once the ordered change is done."""


class Supervisor(Stage):
    """Watches its children.

    Args:
        world: clock, timers, dispatchers and where events go.
        path: of this supervisor in the tree: `root/sessions`.
        address: its own, where its children's births and deaths come.
        children: makes the specifications, anew for every life of the supervisor.
        strategy: who falls with whom.
        intensity: how many restarts in how long before it gives up.
    """

    born_when_set_up = False

    def __init__(
        self,
        world: World,
        path: str,
        address: Address,
        children: Callable[[], Sequence[ChildSpec]],
        *,
        strategy: Strategy = Strategy.ONE_FOR_ONE,
        intensity: Intensity | None = None,
    ) -> None:
        super().__init__()
        self._world = world
        self._path = path
        self._address = address
        self._make_children = children
        self._strategy = strategy
        self._budget = Budget(intensity or Intensity())
        self._children: dict[str, _Child] = {}  # in starting order
        self._to_stop: set[str] = set()
        self._to_start: set[str] = set()
        self._busy: str | None = None
        self._booting = True
        self._ending = False
        self._cause: Exception | None = None
        self._finished = False

    # -- the stage -------------------------------------------------------------------

    def setup(self) -> None:
        """Check all specifications, then begin to start the children."""
        for spec in self._make_children():
            self._admit(spec)
            self._to_start.add(spec.id)
        self._advance()
        if self._cause is not None and self._finished:
            raise self._cause

    def handle(self, message: SupervisorInput) -> object:
        """Take one birth, death, time-out or order."""
        reply = self._take(message)
        self._advance()
        if self._finished:
            if self._cause is not None:
                raise self._cause
            self.halt()
        return reply

    def _take(self, message: SupervisorInput) -> object:
        match message:
            case AddChild(spec=spec):
                return self._add(spec)
            case RemoveChild() | StopChild() | StartChild() | RestartChild():
                return self._obey(message)
            case ListChildren():
                return tuple(self._row(child) for child in self._children.values())
            case _:
                self._hear(message)
                return None

    def _hear(self, message: Born | Died | StepLate | RetryDue) -> None:
        match message:
            case Born(child=name, life=life):
                self._born(name, life)
            case Died():
                self._died(message)
            case StepLate(child=name, life=life):
                self._late(name, life)
            case RetryDue(child=name, life=life):
                self._retry(name, life)
            case _:
                assert_never(message)

    def stopping(self) -> bool:
        """Stop the children in reverse first; `halt` follows the last."""
        self._end_all(None)
        self._advance()
        return self._finished

    def teardown(self) -> None:
        """Whatever still lives (only after a failure of this very code) is told to stop."""
        for child in self._children.values():
            if child.state in _UP:
                child.spec.address.stop()
            self._world.view.drop(f"{self._path}/{child.spec.id}")

    # -- orders ----------------------------------------------------------------------

    def _admit(self, spec: ChildSpec) -> _Child:
        if spec.id in self._children:
            raise SpecError("id", spec.id, "one that no sibling has")
        child = self._children[spec.id] = _Child(spec)
        return child

    def _add(self, spec: ChildSpec) -> object:
        if self._ending:
            self.reply_later().fail(StartFailedError(f"{self._path} is ending"))
            return None
        if spec.id in self._children:
            self.reply_later().fail(SpecError("id", spec.id, "one that no sibling has"))
            return None
        child = self._admit(spec)
        child.fresh = child.added = True
        child.waiting.append(self.reply_later())
        self._to_start.add(spec.id)
        return None

    def _obey(self, order: RemoveChild | StopChild | StartChild | RestartChild) -> object:
        name = order.child
        child = self._children.get(name)
        if child is None:
            return False
        start = isinstance(order, StartChild | RestartChild)
        child.held = not start
        child.leaving = child.leaving or isinstance(order, RemoveChild)
        child.waiting.append(self.reply_later())
        if not isinstance(order, StartChild):
            self._to_stop.add(name)
        if start:
            self._to_start.add(name)
        else:
            self._to_start.discard(name)
        return None

    # -- what children say -----------------------------------------------------------

    def _born(self, name: str, life: int) -> None:
        child = self._children.get(name)
        if child is None or child.life != life or child.state is not ChildState.STARTING:
            return
        self._step_done(child)
        child.fresh = False
        self._set(child, ChildState.RUNNING)
        self._world.events.tell(ChildStarted(path=f"{self._path}/{name}", life=life))

    def _died(self, died: Died) -> None:
        child = self._children.get(died.child)
        if child is None or child.life != died.life or child.state not in _UP:
            return
        was = child.state
        reason = "" if died.normal else f"{died.error!r} during {died.during}"
        child.stage = None
        if was is not ChildState.RUNNING:
            self._step_done(child)
        self._set(child, ChildState.STOPPED if died.normal else ChildState.FAILED, reason)
        self._world.events.tell(
            ChildEnded(
                path=f"{self._path}/{child.spec.id}",
                life=died.life,
                normal=died.normal,
                reason=reason,
            )
        )
        if was is ChildState.STARTING:
            self._start_failed(child, died.error)
        elif was is ChildState.RUNNING and not (self._ending or child.held):
            self._fell(child, normal=died.normal)

    def _late(self, name: str, life: int) -> None:
        child = self._children.get(name)
        if child is None or child.life != life or self._busy != name:
            return
        starting = child.state is ChildState.STARTING
        self._abandon(child)
        self._step_done(child)
        self._set(child, ChildState.FAILED, f"no {'start' if starting else 'end'} in time")
        self._world.events.tell(
            ChildEnded(
                path=f"{self._path}/{name}", life=life, normal=False, reason=child.reason
            )
        )
        if starting:
            within = child.spec.start_within_s
            self._start_failed(child, StartFailedError(f"{name}: not up in {within} s"))

    def _retry(self, name: str, life: int) -> None:
        child = self._children.get(name)
        if child is not None and child.life == life and child.state is ChildState.WAITING:
            self._to_start.add(name)

    # -- what follows ----------------------------------------------------------------

    def _start_failed(self, child: _Child, error: BaseException | None) -> None:
        if child.fresh:
            for answer in child.waiting:
                answer.fail(StartFailedError(f"{child.spec.id}: {error!r}"))
            self._forget(child)
        elif self._booting:
            failure = StartFailedError(f"{self._path}/{child.spec.id}: {error!r}")
            failure.__cause__ = error
            self._end_all(failure)
        else:
            self._fell(child, normal=False)

    def _fell(self, child: _Child, *, normal: bool) -> None:
        name = child.spec.id
        if not is_made_good(child.spec.restart, normal=normal):
            if child.added or child.spec.restart is Restart.TEMPORARY:
                self._forget(child)
            return
        if not self._budget.spend(self._world.clock.now()):
            self._give_up(child)
            return
        child.restarts += 1
        self._count_failure(child)
        self._to_start.add(name)
        for other in fallen(self._strategy, list(self._children), name):
            sibling = self._children[other]
            if other != name and sibling.state in _UP:
                self._to_stop.add(other)
                if not sibling.held:
                    self._to_start.add(other)
        if child.spec.backoff is not None:
            self._wait(child)

    def _count_failure(self, child: _Child) -> None:
        backoff = child.spec.backoff
        if backoff is not None and child.up_at > 0:
            worked_s = self._world.clock.now() - child.up_at
            if worked_s > backoff.most_s:  # long enough: the next wait is the first again
                child.failures = 0
        child.failures += 1

    def _wait(self, child: _Child) -> None:
        assert child.spec.backoff is not None  # noqa: S101  # for the type checker
        self._to_start.discard(child.spec.id)
        self._set(child, ChildState.WAITING, child.reason)
        self._world.timers.after(
            child.spec.backoff.delay_s(child.failures),
            self._address,
            RetryDue(child.spec.id, child.life),
        )

    def _give_up(self, child: _Child) -> None:
        limit = self._budget.intensity
        reason = (
            f"{child.spec.id} fell again ({child.reason}): more than "
            f"{limit.max_restarts} restarts in {limit.within_s:g} s"
        )
        self._world.events.tell(SupervisorGaveUp(path=self._path, reason=reason))
        self._end_all(GaveUpError(f"{self._path}: {reason}"))

    def _end_all(self, cause: Exception | None) -> None:
        if not self._ending:
            self._ending, self._cause = True, cause
        self._to_start.clear()
        self._to_stop.update(self._children)

    # -- one step at a time ----------------------------------------------------------

    def _advance(self) -> None:
        while self._busy is None and not self._finished:
            names = list(self._children)
            if self._to_stop:
                name = next(n for n in reversed(names) if n in self._to_stop)
                self._to_stop.discard(name)
                self._stop_child(self._children[name])
            elif self._ending:
                self._finished = True
            elif self._to_start:
                name = next(n for n in names if n in self._to_start)
                self._to_start.discard(name)
                self._start_child(self._children[name])
            else:
                if self._booting:
                    self._booting = False
                    self.announce()
                return

    def _start_child(self, child: _Child) -> None:
        if child.state in _UP or child.held:
            self._settle(child)
            return
        spec = child.spec
        child.life += 1
        self._set(child, ChildState.STARTING)
        self._busy = spec.id
        try:
            child.stage = spec.make()
            child.stage.launch(
                spec.address, spec.dispatcher, self._address, name=spec.id, life=child.life
            )
        except Exception as error:  # noqa: BLE001  # a maker's failure is a failed start
            self._busy = None
            self._set(child, ChildState.FAILED, repr(error))
            self._start_failed(child, error)
            return
        child.timer = self._world.timers.after(
            spec.start_within_s, self._address, StepLate(spec.id, child.life)
        )

    def _stop_child(self, child: _Child) -> None:
        if child.state not in _UP:
            if child.state is ChildState.WAITING:
                self._set(child, ChildState.STOPPED)
            self._settle(child)
            return
        spec = child.spec
        self._set(child, ChildState.STOPPING)
        self._busy = spec.id
        child.timer = self._world.timers.after(
            spec.stop_within_s, self._address, StepLate(spec.id, child.life)
        )
        spec.address.stop()

    def _step_done(self, child: _Child) -> None:
        if child.timer is not None:
            child.timer.cancel()
            child.timer = None
        if self._busy == child.spec.id:
            self._busy = None

    def _abandon(self, child: _Child) -> None:
        if child.stage is not None:
            child.spec.address.vacate(child.stage.actor_inbox, "abandoned")
            child.stage = None

    def _settle(self, child: _Child) -> None:
        """Answer who waits, once nothing more is to be done with this child."""
        name = child.spec.id
        if child.fresh or self._busy == name or name in self._to_start | self._to_stop:
            return
        waiting, child.waiting = child.waiting, []
        if child.leaving:
            self._forget(child)
        for answer in waiting:
            answer.set(True if child.leaving else self._row(child))

    def _forget(self, child: _Child) -> None:
        self._children.pop(child.spec.id, None)
        self._to_start.discard(child.spec.id)
        self._to_stop.discard(child.spec.id)
        self._world.view.drop(f"{self._path}/{child.spec.id}")

    def _set(self, child: _Child, state: ChildState, reason: str = "") -> None:
        child.state, child.reason = state, reason
        child.up_at = (
            self._world.clock.now() if state is ChildState.RUNNING else child.up_at
        )
        self._world.view.put(self._row(child))
        if state not in (ChildState.STARTING, ChildState.STOPPING):
            self._settle(child)

    def _row(self, child: _Child) -> ChildRow:
        return ChildRow(
            path=f"{self._path}/{child.spec.id}",
            kind="supervisor" if child.spec.is_supervisor else "worker",
            state=child.state,
            life=child.life,
            restarts=child.restarts,
            dispatcher=child.spec.dispatcher.name,
            reason=child.reason,
        )

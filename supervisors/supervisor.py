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
from typing import TypeAlias, assert_never

from actors.inbox import Address
from actors.stage import Stage
from protocols.supervision import (
    Born,
    ChildEnded,
    ChildStarted,
    ChildState,
    Died,
    SupervisorGaveUp,
)
from supervisors.child import UP, Child
from supervisors.restart import (
    Backoff,
    Budget,
    Intensity,
    Restart,
    Strategy,
    fallen,
    is_made_good,
)
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
        self._reports = address.reports
        self._make_children = children
        self._strategy = strategy
        self._budget = Budget(intensity or Intensity())
        self._children: dict[str, Child] = {}  # in starting order
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
                return tuple(child.row() for child in self._children.values())
            case _:
                self._hear(message)
                return None

    def _hear(self, message: Born | Died | StepLate | RetryDue) -> None:
        match message:
            case Born(child=name, life=life):
                self._born(name, life)
            case Died():
                self._died(message)
            case StepLate():
                self._late(message)
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
        """Whatever still lives (after a failure of this very code, or an eviction) must go.

        It is evicted, so that the next life of this supervisor finds vacant addresses.
        """
        for child in self._children.values():
            if child.timer is not None:
                child.timer.cancel()
            if child.state in UP and child.stage is not None:
                child.stage.evict("orphaned")
            self._world.view.drop(child.path)

    # -- orders ----------------------------------------------------------------------

    def _admit(self, spec: ChildSpec) -> Child:
        if spec.id in self._children:
            raise SpecError("id", spec.id, "one that no sibling has")
        child = self._children[spec.id] = Child(spec, f"{self._path}/{spec.id}")
        return child

    def _add(self, spec: ChildSpec) -> object:
        if self._ending:
            self.reply_later().fail(StartFailedError(f"{self._path} is ending"))
            return None
        try:
            child = self._admit(spec)
        except SpecError as error:
            self.reply_later().fail(error)
            return None
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
        if isinstance(order, RemoveChild):
            child.leaving = True
            child.awaiting_end.append(self.reply_later())
        else:
            child.waiting.append(self.reply_later())
            child.fresh = child.fresh and start
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
        if child is None or child.life != died.life or child.state not in UP:
            return
        was = child.state
        reason = "" if died.normal else f"{died.error!r} during {died.during}"
        child.stage = None
        if was is not ChildState.RUNNING:
            self._step_done(child)
        self._set(child, ChildState.STOPPED if died.normal else ChildState.FAILED, reason)
        self._tell_end(child, normal=died.normal)
        if was is ChildState.STARTING:
            self._start_failed(child, died.error)
        elif was is ChildState.RUNNING:
            self._fell(child, normal=died.normal)

    def _late(self, late: StepLate) -> None:
        name = late.child
        child = self._children.get(name)
        if child is None or child.life != late.life or child.state is not late.step:
            return
        starting = child.state is ChildState.STARTING
        if child.stage is not None:
            child.stage.evict("abandoned")
            child.stage = None
        self._step_done(child)
        self._set(child, ChildState.FAILED, f"no {'start' if starting else 'end'} in time")
        self._tell_end(child, normal=False)
        if starting:
            within = child.spec.start_within_s
            self._start_failed(child, StartFailedError(f"{name}: not up in {within} s"))

    def _retry(self, name: str, life: int) -> None:
        child = self._children.get(name)
        if child is not None and child.life == life and child.state is ChildState.WAITING:
            self._to_start.add(name)

    def _tell_end(self, child: Child, *, normal: bool) -> None:
        self._world.events.tell(
            ChildEnded(path=child.path, life=child.life, normal=normal, reason=child.reason)
        )

    # -- what follows ----------------------------------------------------------------

    def _start_failed(self, child: Child, error: BaseException | None) -> None:
        failure = StartFailedError(f"{child.path}: {error!r}")
        failure.__cause__ = error
        if child.fresh:
            self._forget(child, failure)
        elif self._booting:
            self._end_all(failure)
        else:
            self._fell(child, normal=False)

    def _fell(self, child: Child, *, normal: bool) -> None:
        name = child.spec.id
        if self._ending or child.held or name in self._to_stop:
            return  # it was to end anyway; if it is to come back, that is ordered too
        if not is_made_good(child.spec.restart, normal=normal):
            if child.added or child.spec.restart is Restart.TEMPORARY:
                self._forget(child)
            return
        if not self._budget.spend(self._world.clock.now()):
            self._give_up(child)
            return
        child.restarts += 1
        child.count_failure(self._world.clock.now())
        self._to_start.add(name)
        for other in fallen(self._strategy, list(self._children), name):
            if other != name and self._children[other].state in UP:
                self._take_along(self._children[other])
        if child.spec.backoff is not None:
            self._wait(child, child.spec.backoff)

    def _take_along(self, sibling: Child) -> None:
        self._to_stop.add(sibling.spec.id)
        if sibling.spec.restart is Restart.TEMPORARY:
            sibling.leaving = True
        elif not sibling.held:
            self._to_start.add(sibling.spec.id)

    def _wait(self, child: Child, backoff: Backoff) -> None:
        self._to_start.discard(child.spec.id)
        self._set(child, ChildState.WAITING, child.reason)
        self._world.timers.after(
            backoff.delay_s(child.failures),
            self._reports,
            RetryDue(child.spec.id, child.life),
        )

    def _give_up(self, child: Child) -> None:
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
        self._cut_short()
        while self._busy is None and not self._finished:
            if self._to_stop:
                name = next(n for n in reversed(self._children) if n in self._to_stop)
                self._to_stop.discard(name)
                self._stop_child(self._children[name])
            elif self._ending:
                self._finished = True
            elif (child := self._next_to_start()) is not None:
                self._to_start.discard(child.spec.id)
                self._start_child(child)
            else:
                if self._booting and not self._to_start:
                    self._booting = False
                    self.announce()
                return

    def _cut_short(self) -> None:
        """A child that is starting and has to stop is told so at once."""
        child = self._children.get(self._busy or "")
        if child is None or child.state is not ChildState.STARTING:
            return
        if child.spec.id in self._to_stop:
            self._step_done(child)
            self._to_stop.discard(child.spec.id)
            self._stop_child(child)

    def _next_to_start(self) -> Child | None:
        """The first in order; with a strategy that binds siblings, none overtakes.

        An earlier sibling that waits for its backoff holds back the later ones.
        """
        for name, child in self._children.items():
            if name in self._to_start:
                return child
            bound = self._strategy is not Strategy.ONE_FOR_ONE
            if bound and child.state is ChildState.WAITING:
                return None
        return None

    def _start_child(self, child: Child) -> None:
        if child.state in UP or child.held:
            self._settle(child)
            return
        spec = child.spec
        child.life = self._world.view.begin_life(child.path)
        child.up_at = None
        self._set(child, ChildState.STARTING)
        self._busy = spec.id
        try:
            child.stage = spec.make()
            child.stage.launch(
                spec.address, spec.dispatcher, self._reports, name=spec.id, life=child.life
            )
        except BaseException as error:  # noqa: BLE001  # a maker's failure is a failed start
            self._busy = child.stage = None
            self._set(child, ChildState.FAILED, repr(error))
            self._tell_end(child, normal=False)
            self._start_failed(child, error)
            return
        child.timer = self._world.timers.after(
            spec.start_within_s,
            self._reports,
            StepLate(spec.id, child.life, ChildState.STARTING),
        )

    def _stop_child(self, child: Child) -> None:
        if child.state not in UP:
            if child.state is ChildState.WAITING:
                self._set(child, ChildState.STOPPED)
            self._settle(child)
            return
        spec = child.spec
        self._set(child, ChildState.STOPPING)
        self._busy = spec.id
        child.timer = self._world.timers.after(
            spec.stop_within_s,
            self._reports,
            StepLate(spec.id, child.life, ChildState.STOPPING),
        )
        spec.address.stop()

    def _step_done(self, child: Child) -> None:
        if child.timer is not None:
            child.timer.cancel()
            child.timer = None
        if self._busy == child.spec.id:
            self._busy = None

    def _settle(self, child: Child) -> None:
        """Answer who waits, once nothing more is to be done with this child."""
        name = child.spec.id
        if self._busy == name or name in self._to_start or name in self._to_stop:
            return
        if child.leaving:
            self._forget(child)
        elif not child.fresh:
            child.answer_row()

    def _forget(self, child: Child, failure: Exception | None = None) -> None:
        if self._children.pop(child.spec.id, None) is None:
            return
        self._to_start.discard(child.spec.id)
        self._to_stop.discard(child.spec.id)
        self._world.view.forget(child.path)
        child.answer_gone(failure)

    def _set(self, child: Child, state: ChildState, reason: str = "") -> None:
        child.state, child.reason = state, reason
        if state is ChildState.RUNNING:
            child.up_at = self._world.clock.now()
        self._world.view.put(child.row())
        if state not in (ChildState.STARTING, ChildState.STOPPING):
            self._settle(child)

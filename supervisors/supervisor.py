"""The supervisor: births and deaths of its children in, starts and stops out.

It is a stage like any other and never blocks: children are made in the nursery's threads
and live in their own; starting and stopping are one step at a time, each step ends with the
child's own word (`Born`, `Died`) or with the timer's (`StepLate`), and between two steps it
answers whoever asks. Deaths that come meanwhile only add to what is to be done
(`Siblings`), so that simultaneous deaths become one cycle and no child ever has two lives
at once.

Children start in order and stop in reverse. A child that fails at the first start takes
the whole start back (rollback). A crash of a supervisor itself stops its children.
"""

from collections.abc import Callable, Sequence
from typing import assert_never

from actors.inbox import Address
from actors.stage import EvictedError, Stage
from protocols.supervision import (
    Born,
    ChildState,
    Died,
    Exit,
    IgnoreError,
    RestartSpent,
    SupervisorChanged,
    SupervisorGaveUp,
)
from supervisors.child import UP, Child
from supervisors.orders import (
    AddChild,
    ChildLivesError,
    CountChildren,
    DeleteChild,
    GaveUpError,
    GetFlags,
    GetSpec,
    Hung,
    LifeOrder,
    ListChildren,
    Made,
    PauseChild,
    Question,
    RemoveChild,
    Report,
    RestartChild,
    RetryDue,
    SetFlags,
    SignificantEndedError,
    StartChild,
    StartFailedError,
    StartFromTemplate,
    StepLate,
    StopChild,
    SupervisorInput,
    TooManyChildrenError,
)
from supervisors.register import Register
from supervisors.restart import (
    AutoShutdown,
    Backoff,
    Budget,
    Restart,
    SpecError,
    fallen,
    is_made_good,
)
from supervisors.siblings import Siblings
from supervisors.spec import ABANDON, NEVER, ChildSpec, Flags
from supervisors.stacks import stack_of
from supervisors.world import World


class Supervisor(Stage):
    """Watches its children.

    Args:
        world: clock, timers, dispatchers and where all is written down.
        path: of this supervisor in the tree: `root/sessions`.
        address: its own, where its children's births and deaths come.
        children: makes the specifications, anew for every life of the supervisor.
        flags: who falls with whom, how often that is forgiven, …
    """

    born_when_set_up = False

    def __init__(
        self,
        world: World,
        path: str,
        address: Address,
        children: Callable[[], Sequence[ChildSpec]],
        flags: Flags | None = None,
    ) -> None:
        super().__init__()
        self._world = world
        self._path = path
        self._reports = address.reports
        self._register = Register(world, path, address, self.permit)
        self._make_children = children
        self._flags = flags or Flags()
        self._budget = Budget(self._flags.intensity)
        self._siblings = Siblings()
        self._booting = True
        self._ending = False
        self._cause: Exception | None = None
        self._finished = False

    # -- the stage -------------------------------------------------------------------

    def setup(self) -> None:
        """Check all specifications, then begin to start the children.

        Raises:
            SpecError: two children of one id or address, or one that does not fit the
                flags.
        """
        specs = self._make_children()
        self._flags.admit(specs)
        cause = self._register.cause()
        for spec in specs:
            child = self._admit(spec)
            child.cause = cause
            if self._register.is_held(child):
                child.held = True
                self._register.step(child, ChildState.STOPPED)
        self._register.office(self._flags, self._budget)
        self._advance()
        self._conclude()

    def handle(self, message: SupervisorInput) -> object:
        """Take one birth, death, time-out or order."""
        reply = self._take(message)
        self._advance()
        self._conclude()
        return reply

    def _take(self, message: SupervisorInput) -> object:  # noqa: PLR0911  # a case each
        match message:
            case AddChild(spec=spec):
                return self._add(lambda: self._own(spec))
            case StartFromTemplate(argument=argument):
                return self._add(lambda: self._of_template(argument))
            case DeleteChild(child=name):
                return self._delete(name)
            case SetFlags():
                return self._set_flags(message)
            case PauseChild():
                return self._pause(message)
            case RemoveChild() | StopChild() | StartChild() | RestartChild():
                return self._obey(message)
            case ListChildren() | CountChildren() | GetSpec() | GetFlags():
                return self._tell(message)
            case _:
                self._hear(message)
                return None

    def _tell(self, question: Question) -> object:
        match question:
            case ListChildren():
                return tuple(child.row() for child in self._siblings)
            case CountChildren():
                return self._siblings.count()
            case GetSpec(child=name):
                child = self._siblings.get(name)
                return None if child is None else child.spec
            case GetFlags():
                return self._flags
            case _:
                assert_never(question)

    def _hear(self, message: Report) -> None:
        match message:
            case Born(child=name, life=life):
                self._born(name, life)
            case Died():
                self._died(message)
            case Made():
                self._made(message)
            case StepLate():
                self._late(message)
            case RetryDue(child=name, life=life):
                self._retry(name, life)
            case Hung():
                self._hung(message)
            case _:
                assert_never(message)

    def stopping(self) -> bool:
        """Stop the children in reverse first; `halt` follows the last."""
        self._end_all(None, self._register.cause())
        self._advance()
        return self._finished

    def teardown(self) -> None:
        """Whatever still lives (after a failure of this very code, or an eviction) must go.

        It is evicted, so that the next life of this supervisor finds vacant addresses. One
        that was replaced itself leaves all as it is: whoever did that has cleared up.
        """
        for child in self._siblings:
            child.cancel_timer()
        try:
            self.permit()
        except EvictedError:
            return
        for child in self._siblings:
            if child.state in UP and child.stage is not None:
                self._register.abandon(child, "orphaned", "")
            self._register.gone(child, for_ever=False)
        self._register.close()

    # -- orders ----------------------------------------------------------------------

    def _admit(self, spec: ChildSpec) -> Child:
        child = Child(spec, f"{self._path}/{spec.id}")
        self._siblings.add(child)
        return child

    def _own(self, spec: ChildSpec) -> ChildSpec:
        if self._flags.template is not None:
            raise SpecError("id", spec.id, "children of the template only")
        return spec

    def _of_template(self, argument: object) -> ChildSpec:
        if self._flags.template is None:
            raise SpecError("template", None, "a supervisor that has one")
        try:
            return self._flags.template(argument)
        except SpecError:
            raise
        except Exception as error:
            what = f"{self._path}: the template takes no such argument: {error!r}"
            raise StartFailedError(what) from error

    def _add(self, specify: Callable[[], ChildSpec]) -> object:
        try:
            spec = specify()
            self._check_room(spec)
        except (SpecError, TooManyChildrenError, StartFailedError) as error:
            self.reply_later().fail(error)
            return None
        child = self._admit(spec)
        if self._register.is_held(child):  # who adds it anew wants it to live
            self._register.held(child, None)
        child.fresh = child.added = True
        child.waiting.append(self.reply_later())
        return None

    def _check_room(self, spec: ChildSpec) -> None:
        if self._ending:
            raise StartFailedError(f"{self._path} is ending")
        self._flags.admit_beside([child.spec for child in self._siblings], spec)
        most = self._flags.max_children
        if most is not None and len(self._siblings) >= most:
            raise TooManyChildrenError(f"{self._path} has {most} children, and may no more")

    def _delete(self, name: str) -> bool | None:
        child = self._siblings.get(name)
        if child is None:
            return False
        lives = child.state in UP or child.state is ChildState.WAITING
        if lives or not self._siblings.is_settled(name):
            what = f"{child.path} is {child.state.value}: stop it first"
            self.reply_later().fail(ChildLivesError(what))
            return None
        self._forget(child)
        return True

    def _set_flags(self, order: SetFlags) -> bool | None:
        try:
            self._check_flags(order.flags)
        except SpecError as error:
            self.reply_later().fail(error)
            return None
        before, self._flags = self._flags, order.flags
        self._budget.intensity = order.flags.intensity
        self._register.office(self._flags, self._budget)
        changed = SupervisorChanged(
            path=self._path, before=before.told(), after=order.flags.told()
        )
        self._register.note(changed, order.cause)
        return True

    def _check_flags(self, flags: Flags) -> None:
        for child in self._siblings:
            flags.fit(child.spec)
        had, has = self._flags.template is not None, flags.template is not None
        if had != has and len(self._siblings):
            raise SpecError("template", flags.template, "as it is while there are children")

    def _pause(self, order: PauseChild) -> object:
        child = self._siblings.get(order.child)
        if child is None:
            return False
        if child.spec.is_supervisor:
            what = "for workers only: what a supervisor's children say is its mail"
            self.reply_later().fail(SpecError("paused", order.paused, what))
            return None
        child.spec.address.pause(paused=order.paused)
        self._register.held(child, order.cause)
        return child.row()

    def _obey(self, order: LifeOrder) -> object:
        child = self._siblings.get(order.child)
        if child is None:
            return False
        child.cause = order.cause
        match order:
            case RemoveChild():
                child.leaving = True
                child.awaiting_end.append(self.reply_later())
                self._want(child, stop=True, start=False)
            case StopChild():
                self._hold(child, held=True)
                self._want(child, stop=True, start=False)
            case StartChild():
                self._hold(child, held=False)
                self._want(child, stop=False, start=True)
            case RestartChild():
                self._hold(child, held=False)
                self._want(child, stop=True, start=True)
            case _:
                assert_never(order)
        return None

    def _hold(self, child: Child, *, held: bool) -> None:
        child.waiting.append(self.reply_later())
        child.fresh = child.fresh and not held
        if child.held != held:
            child.held = held
            self._register.held(child, child.cause)

    def _want(self, child: Child, *, stop: bool, start: bool) -> None:
        name = child.spec.id
        if stop:
            self._siblings.to_stop.add(name)
        if start:
            self._siblings.to_start.add(name)
        else:
            self._siblings.to_start.discard(name)

    # -- what children, timers and the watchdog say ------------------------------------

    def _made(self, made: Made) -> None:
        child = self._siblings.of(made.child, made.life)
        if (
            child is None
            or child.state is not ChildState.STARTING
            or child.stage is not None
        ):
            return  # it is not wanted any more, and never lived
        if made.stage is None:
            self._not_launched(child, made.error)
            return
        spec = child.spec
        try:
            # On the roll before it lives: a life may be over before `launch` returns.
            watch = self._register.launching(child, made.stage)
            made.stage.launch(
                spec.address, spec.dispatcher, watch, name=spec.id, life=child.life
            )
        except (ValueError, RuntimeError) as error:  # a tenant, or no thread left
            self._not_launched(child, error)

    def _not_launched(self, child: Child, error: BaseException | None) -> None:
        self._step_done(child)
        died = Died(
            child=child.spec.id,
            life=child.life,
            exit=Exit.ABNORMAL,
            error=error,
            during="making",
        )
        self._register.ended(child, Exit.ABNORMAL, repr(error), died)
        self._start_failed(child, error)
        self._settle(child)

    def _born(self, name: str, life: int) -> None:
        child = self._siblings.of(name, life)
        if child is None or child.state is not ChildState.STARTING:
            return
        self._step_done(child)
        child.fresh = False
        self._register.born(child)
        self._settle(child)

    def _died(self, died: Died) -> None:
        child = self._siblings.of(died.child, died.life)
        if child is None or child.state not in UP or child.stage is None:
            return
        was = child.state
        if was is not ChildState.RUNNING:
            self._step_done(child)
        ignored = was is ChildState.STARTING and isinstance(died.error, IgnoreError)
        end, reason = died.exit, ""
        if ignored:
            reason = f"ignored: {died.error}"
        elif died.exit is Exit.ABNORMAL or was is ChildState.STARTING:
            end, reason = Exit.ABNORMAL, f"{died.error!r} during {died.during}"
        self._register.ended(child, end, reason, died)
        if ignored:
            self._ignored(child)
        elif was is ChildState.STARTING:
            self._start_failed(child, died.error)
        elif was is ChildState.RUNNING:
            self._fell(child, end)
        self._settle(child)

    def _late(self, late: StepLate) -> None:
        child = self._siblings.of(late.child, late.life)
        if child is None or child.state is not late.step:
            return
        starting = child.state is ChildState.STARTING
        activity = None if child.stage is None else child.stage.activity()
        stack = "" if activity is None else stack_of(activity.thread)
        self._step_done(child)
        reason = f"no {'start' if starting else 'end'} in time"
        self._replace(child, "abandoned", stack, reason)
        if starting:
            within = child.spec.start_within_s
            late_error = StartFailedError(f"{late.child}: not up in {within:g} s")
            self._start_failed(child, late_error)
        self._settle(child)

    def _hung(self, hung: Hung) -> None:
        child = self._siblings.of(hung.child, hung.life)
        if child is None or child.state is not ChildState.RUNNING:
            return  # on its way up or down it has our own time limits
        child.cause = hung.cause
        self._replace(child, "hung", hung.stack, hung.reason)
        self._fell(child, Exit.ABNORMAL)
        self._settle(child)

    def _retry(self, name: str, life: int) -> None:
        child = self._siblings.of(name, life)
        if child is not None and child.state is ChildState.WAITING:
            child.timer = None
            self._siblings.to_start.add(name)

    def _replace(self, child: Child, fate: str, stack: str, reason: str) -> None:
        """Free the place of a child that does not come to an end."""
        self._register.abandon(child, fate, stack)
        self._register.ended(child, Exit.ABNORMAL, reason)

    # -- what follows ----------------------------------------------------------------

    def _start_failed(self, child: Child, error: BaseException | None) -> None:
        failure = StartFailedError(f"{child.path}: {error!r}", child.cause)
        failure.__cause__ = error
        if child.fresh:
            self._forget(child, failure)
        elif self._booting:
            self._end_all(failure, child.cause)
        else:
            self._fell(child, Exit.ABNORMAL)

    def _ignored(self, child: Child) -> None:
        child.fresh = False
        if child.spec.restart is Restart.TEMPORARY or self._flags.template is not None:
            self._forget(child)

    def _fell(self, child: Child, end: Exit) -> None:
        name = child.spec.id
        stays_down = child.held or child.leaving or name in self._siblings.to_stop
        if self._ending or stays_down:
            return  # it was to end anyway; if it is to come back, that is ordered too
        if not is_made_good(child.spec.restart, end):
            self._retire(child)
            return
        now = self._world.clock.now()
        allowed = self._budget.spend(now)
        self._register.office(self._flags, self._budget)
        if not allowed:
            self._give_up(child)
            return
        child.restarts += 1
        child.count_failure(now)
        backoff = child.spec.backoff
        wait_s = 0.0 if backoff is None else self._wait_s(backoff, child)
        child.cause = self._register.note(
            RestartSpent(
                path=self._path,
                child=name,
                spent=len(self._budget.spent_at),
                of=self._budget.intensity.max_restarts,
                within_s=self._budget.intensity.within_s,
                wait_s=wait_s,
            ),
            child.cause,
        )
        self._siblings.to_start.add(name)
        for other in fallen(self._flags.strategy, self._siblings.names(), name):
            sibling = self._siblings.get(other)
            if sibling is not None and sibling is not child:
                self._take_along(sibling, child.cause)
        if backoff is not None:
            self._wait(child, wait_s)

    def _take_along(self, sibling: Child, cause: int | None) -> None:
        sibling.cause = cause
        temporary = sibling.spec.restart is Restart.TEMPORARY
        if sibling.state in UP:
            self._siblings.to_stop.add(sibling.spec.id)
            sibling.leaving = sibling.leaving or temporary
        stays_down = temporary or sibling.held or sibling.leaving
        if not (stays_down or sibling.state is ChildState.WAITING):
            self._siblings.to_start.add(sibling.spec.id)

    def _retire(self, child: Child) -> None:
        """Its end is for good."""
        spec = child.spec
        if child.added or spec.restart is Restart.TEMPORARY:
            self._forget(child)
        if not spec.significant:
            return
        others = (c for c in self._siblings if c.spec.significant and c is not child)
        match self._flags.auto_shutdown:
            case AutoShutdown.ANY_SIGNIFICANT:
                what = f"{spec.id}, which is significant, has ended"
                self._end_all(SignificantEndedError(what, child.cause), child.cause)
            case AutoShutdown.ALL_SIGNIFICANT:
                if not any(self._will_live(other) for other in others):
                    what = "all significant children have ended"
                    self._end_all(SignificantEndedError(what, child.cause), child.cause)
            case AutoShutdown.NEVER:
                pass

    def _will_live(self, child: Child) -> bool:
        lives = child.state in UP or child.state is ChildState.WAITING
        return lives or child.spec.id in self._siblings.to_start

    def _wait_s(self, backoff: Backoff, child: Child) -> float:
        return backoff.delay_s(child.failures, float(self._world.rng.random()))

    def _wait(self, child: Child, wait_s: float) -> None:
        self._siblings.to_start.discard(child.spec.id)
        self._register.step(child, ChildState.WAITING, child.reason)
        retry = RetryDue(child.spec.id, child.life)
        child.timer = self._world.timers.after(wait_s, self._reports, retry)
        self._settle(child)

    def _give_up(self, child: Child) -> None:
        limit = self._budget.intensity
        reason = (
            f"{child.spec.id} fell again ({child.reason}): more than "
            f"{limit.max_restarts} restarts in {limit.within_s:g} s"
        )
        entry = self._register.note(
            SupervisorGaveUp(path=self._path, reason=reason), child.cause
        )
        self._end_all(GaveUpError(f"{self._path}: {reason}", entry), entry)

    def _end_all(self, error: Exception | None, entry: int | None) -> None:
        if not self._ending:
            self._ending, self._cause = True, error
            for child in self._siblings:
                child.cause = entry
        self._siblings.to_start.clear()
        self._siblings.to_stop.update(self._siblings.names())

    def _conclude(self) -> None:
        if self._finished:
            if self._cause is not None:
                raise self._cause
            self.halt()

    # -- one step at a time ----------------------------------------------------------

    def _advance(self) -> None:
        self._cut_short()
        siblings = self._siblings
        while siblings.busy is None and not self._finished:
            if (child := siblings.next_to_stop()) is not None:
                self._stop_child(child)
            elif self._ending:
                self._finished = True
            elif (child := siblings.next_to_start(self._flags.strategy)) is not None:
                self._start_child(child)
            else:
                if self._booting and not siblings.to_start:
                    self._booting = False
                    self.announce()
                return

    def _cut_short(self) -> None:
        """A child that is starting and has to stop is told so at once."""
        child = self._siblings.get(self._siblings.busy)
        if child is None or child.state is not ChildState.STARTING:
            return
        if child.spec.id in self._siblings.to_stop:
            self._step_done(child)
            self._siblings.to_stop.discard(child.spec.id)
            self._stop_child(child)

    def _start_child(self, child: Child) -> None:
        if child.state in UP or child.held or child.leaving:
            if child.state is ChildState.RUNNING:
                child.cause = None  # whoever had it started changed nothing
            self._settle(child)
            return
        child.cancel_timer()
        spec = child.spec
        child.life = life = self._world.view.begin_life(child.path)
        child.up_at = None
        self._register.step(child, ChildState.STARTING)
        self._siblings.busy = spec.id
        late = StepLate(spec.id, life, ChildState.STARTING)
        child.timer = self._world.timers.after(spec.start_within_s, self._reports, late)
        try:
            self._world.nursery.make(spec.make, spec.id, life, self._reports)
        except RuntimeError as error:  # no thread left
            self._not_launched(child, error)

    def _stop_child(self, child: Child) -> None:
        spec = child.spec
        if child.state not in UP or child.stage is None:
            child.cancel_timer()
            never_seen = child.held and self._world.view.row(child.path) is None
            if never_seen or child.state in (*UP, ChildState.WAITING):
                self._register.step(child, ChildState.STOPPED)
            self._settle(child)
            return
        if spec.stop_within_s == ABANDON:
            self._register.abandon(child, "abandoned", "")
            self._register.ended(child, Exit.SHUTDOWN, "")
            self._settle(child)
            return
        self._register.step(child, ChildState.STOPPING)
        self._siblings.busy = spec.id
        if spec.stop_within_s != NEVER:
            late = StepLate(spec.id, child.life, ChildState.STOPPING)
            child.timer = self._world.timers.after(spec.stop_within_s, self._reports, late)
        spec.address.stop()

    def _step_done(self, child: Child) -> None:
        child.cancel_timer()
        if self._siblings.busy == child.spec.id:
            self._siblings.busy = None

    def _settle(self, child: Child) -> None:
        """Answer who waits, once nothing more is to be done with this child."""
        if not self._siblings.is_settled(child.spec.id):
            return
        if child.leaving:
            self._forget(child)
        elif not child.fresh:
            child.answer_row()

    def _forget(self, child: Child, failure: Exception | None = None) -> None:
        if self._siblings.drop(child.spec.id):
            child.cancel_timer()
            self._register.gone(child, for_ever=True)
            child.answer_gone(failure)

"""The register: what a supervisor writes down of its children, in one place.

Every change of a child goes to the view (the tree as it is), to the chronicle (what
happened, with its cause) and to the roll (who lives where); the chronicle's entries fold
back into the view.
"""

import traceback
from collections.abc import Callable

from actors.inbox import Address
from actors.stage import Stage
from protocols.operators import Budget as BudgetSeen, Zombie
from protocols.supervision import (
    ChildEnded,
    ChildGone,
    ChildHeld,
    ChildStarted,
    ChildState,
    ChildStepped,
    Died,
    Exit,
    LifeEvent,
)
from supervisors.child import Child
from supervisors.restart import Budget
from supervisors.roll import Office, Post
from supervisors.spec import Flags
from supervisors.world import World
from supervisors.zombies import LifeWatch


class Register:
    """Of one supervisor's life.

    A supervisor that hung and was replaced writes nothing: its successor's children bear
    the same names. Every method that writes raises `EvictedError` then.

    Args:
        world: where it is written.
        path: of the supervisor.
        address: its own.
        permit: raises if the supervisor was replaced.
    """

    def __init__(
        self, world: World, path: str, address: Address, permit: Callable[[], None]
    ) -> None:
        self._world = world
        self._path = path
        self._address = address
        self._permit = permit

    def note(self, event: LifeEvent, cause: int | None) -> int:
        """Write into the chronicle alone."""
        self._permit()
        return self._world.chronicle.note(event, cause=cause)

    def cause(self) -> int | None:
        """Number of the entry by which the supervisor itself was started or stopped."""
        return self._world.roll.cause(self._path)

    def step(self, child: Child, state: ChildState, reason: str = "") -> None:
        """A child comes into a state that is neither a birth nor a death."""
        self._change(child, state, reason)
        entry = self.note(ChildStepped(row=child.row()), child.cause)
        if child.spec.is_supervisor:
            self._world.roll.because(child.path, entry)

    def born(self, child: Child) -> None:
        """A child is up."""
        child.up_at = self._world.clock.now()
        self._change(child, ChildState.RUNNING, "")
        self.note(ChildStarted(path=child.path, life=child.life), child.cause)
        child.cause = None  # what comes now does not come of its start
        child.cause = None  # what happens to it from now on comes of itself

    def launching(self, child: Child, stage: Stage) -> LifeWatch:
        """A life is about to begin; gives who is to hear of it."""
        child.stage = stage
        self._world.roll.enter(
            Post(
                path=child.path,
                life=child.life,
                spec=child.spec,
                stage=stage,
                supervisor=self._address,
            )
        )
        return LifeWatch(self._world.zombies, child.path, self._address.reports)

    def ended(self, child: Child, end: Exit, reason: str, died: Died | None = None) -> None:
        """A child's life is over; what follows has this as its cause."""
        self._permit()
        normal = end is not Exit.ABNORMAL
        error = None if died is None else died.error
        child.stage = None
        self._world.roll.leave(child.path, child.life)
        self._change(child, ChildState.STOPPED if normal else ChildState.FAILED, reason)
        ended = ChildEnded(
            path=child.path,
            life=child.life,
            normal=normal,
            reason=reason,
            exit=end,
            during="" if died is None else died.during,
            trace="" if normal or error is None else _trace(error),
        )
        if not normal:
            self._world.roll.ended(ended, child.since)
        child.cause = self.note(ended, getattr(error, "entry", None) or child.cause)

    def is_held(self, child: Child) -> bool:
        """Whether an operator stopped it, in an earlier life of the supervisor perhaps."""
        return self._world.view.is_held(child.path)

    def held(self, child: Child, cause: int | None) -> None:
        """An operator's mark on a child was set or taken off."""
        self._permit()
        paused = child.spec.address.paused
        self._world.view.mark(child.path, held=child.held, paused=paused)
        self.note(ChildHeld(path=child.path, held=child.held, paused=paused), cause)

    def gone(self, child: Child, *, for_ever: bool) -> None:
        """A child is in the tree no longer."""
        self._permit()
        self._world.roll.leave(child.path, child.life)
        if for_ever:
            self._world.view.forget(child.path)
            self._world.roll.forget(child.path)
        else:
            self._world.view.drop(child.path)
        self.note(ChildGone(path=child.path), child.cause)

    def abandon(self, child: Child, fate: str, stack: str) -> None:
        """Replace a child that does not end, or hangs; what is left of it is a zombie.

        Whoever lives below it goes with it: a supervisor that was replaced looks after
        nobody, and its next life must find vacant addresses.

        Args:
            child: with a life; `child.cause` says why.
            fate: what its waiting mail is lost for.
            stack: where it is.
        """
        self._permit()
        if child.stage is None:
            return  # not made yet: what the nursery brings late never lives
        post = Post(
            path=child.path,
            life=child.life,
            spec=child.spec,
            stage=child.stage,
            supervisor=self._address,
        )
        self._evict(post, fate, stack, child.cause)
        if child.spec.is_supervisor:
            self._clear_below(child)

    def _evict(self, post: Post, fate: str, stack: str, cause: int | None) -> None:
        stage, activity = post.stage, post.stage.activity()
        stage.evict(fate)
        if activity is None or stage.has_ended():
            return
        post.spec.dispatcher.replace(activity.thread)
        self._world.zombies.add(
            Zombie(
                path=post.path,
                life=post.life,
                during=activity.during,
                since=self._world.clock.now(),
                stack=stack,
            ),
            cause,
        )
        if stage.has_ended():  # before it was listed
            self._world.zombies.end(post.path, post.life)

    def _clear_below(self, child: Child) -> None:
        for post in self._world.roll.below(child.path):
            self._evict(post, "orphaned", "", child.cause)
            self._world.roll.leave(post.path, post.life)
        self._world.roll.close(child.path)
        for row in self._world.view.children(child.path):
            self._world.view.drop(row.path)
            self.note(ChildGone(path=row.path), child.cause)

    def office(self, flags: Flags, budget: Budget) -> None:
        """The supervisor works, or its budget or flags changed."""
        self._permit()
        spent = budget.forgive(self._world.clock.now())
        limit = budget.intensity
        self._world.roll.open(
            Office(
                path=self._path,
                address=self._address,
                flags=flags,
                budget=BudgetSeen(
                    spent=spent, of=limit.max_restarts, within_s=limit.within_s
                ),
            )
        )

    def close(self) -> None:
        """The supervisor works no longer."""
        self._permit()
        self._world.roll.close(self._path)

    def _change(self, child: Child, state: ChildState, reason: str) -> None:
        self._permit()
        child.state, child.reason = state, reason
        child.since = self._world.clock.now()
        self._world.view.put(child.row())


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))

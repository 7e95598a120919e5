"""What operators see and order, from what the tree's own parts know.

Looking costs the actors nothing: rows come from the view, depths from the inboxes, times
from what the watchdog saw, histograms from the kernel. Orders go to the supervisor of whom
they concern; the order and what became of it are in the journal, and what follows from it
bears the order's number.

Entries are shown once they are on the disk, so that nobody saw what a later run does not
know; while the disk takes nothing they are shown as they come.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from actors.answer import Answer
from actors.inbox import Address
from protocols.journal import JournalInput, ReadEntries, ReadTree
from protocols.operators import (
    HANDLING_LE_S,
    Action,
    ActorFacts,
    EdgeDepth,
    Events,
    Histogram,
    OperatorOrder,
    SystemState,
    Zombie,
)
from protocols.ports import Askable, Reply
from protocols.supervision import ChildRow, OperatorActed, OperatorAnswered
from supervisors.orders import Order, PauseChild, RestartChild, StartChild, StopChild
from supervisors.watchdog import Stalls
from supervisors.world import World

ORDER_S: Final = 60.0
"""Seconds that a supervisor has to take an order out of its mail."""

DISK_S: Final = 5.0
FRONT: Final = "root/front"
_UNTIMED: Final = Histogram(counts=(0,) * (len(HANDLING_LE_S) + 1), seconds=0.0)


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What is known of the run itself."""

    run: str
    began_at: float
    """Clock time, seconds."""

    stalls: Stalls
    draining: Callable[[], str]
    """The drain's phase; empty while it serves."""


class LiveOperators:
    """Fills `protocols.operators.Operators`.

    Args:
        world: whose tree it is.
        journal: the journal's address, for what is older than memory.
        run: of the run.
    """

    def __init__(self, world: World, journal: Askable[JournalInput], run: RunFacts) -> None:
        self._world = world
        self._journal = journal
        self._run = run

    # -- looking ----------------------------------------------------------------------

    def tree(self) -> Sequence[ChildRow]:
        """A row for every child, by path."""
        return self._world.view.rows()

    def actor(self, path: str) -> ActorFacts | None:
        """One actor; None: there is no such child."""
        row = self._world.view.row(path)
        return None if row is None else self._facts(row)

    def actors(self) -> Sequence[ActorFacts]:
        """All of them, by path."""
        return [self._facts(row) for row in self._world.view.rows()]

    def zombies(self) -> Sequence[Zombie]:
        """Who hangs, replaced."""
        return self._world.zombies.rows()

    def events(self, since: int, limit: int) -> Events:
        """The oldest `limit` entries with numbers above `since`.

        Raises:
            UnavailableError: they are on a disk that does not give them.
        """
        chronicle = self._world.chronicle
        shown = self._shown()
        entries, oldest = chronicle.entries(since, limit)
        if oldest <= since + 1 or chronicle.state == "down":
            kept = tuple(entry for entry in entries if entry.number <= shown)
            return Events(entries=kept, first=oldest, last=shown)
        asked = self._journal.ask(ReadEntries(since=since, limit=limit), timeout_s=DISK_S)
        read = asked.get(timeout=DISK_S)
        return Events(entries=read.entries, first=read.first, last=shown)

    def tree_at(self, number: int) -> Sequence[ChildRow] | None:
        """The tree as it was after an entry; None: not kept.

        Raises:
            UnavailableError: it is on a disk that does not give it.
        """
        asked = self._journal.ask(ReadTree(number), timeout_s=DISK_S)
        rows: Sequence[ChildRow] | None = asked.get(timeout=DISK_S)
        return rows

    def state(self) -> SystemState:
        """The whole, in short."""
        world, run = self._world, self._run
        return SystemState(
            run=run.run,
            up_s=world.clock.now() - run.began_at,
            last_number=self._shown(),
            journal=world.chronicle.state,
            stalls=run.stalls.count,
            longest_stall_s=run.stalls.longest_s,
            zombies=len(world.zombies.rows()),
            draining=run.draining(),
            dead_letters=dict(world.office.count),
        )

    def _shown(self) -> int:
        chronicle = self._world.chronicle
        return chronicle.written if chronicle.state == "writing" else chronicle.last

    def _facts(self, row: ChildRow) -> ActorFacts:
        world, path = self._world, row.path
        now = world.clock.now()
        post, spec = world.roll.find(path), world.roll.spec(path)
        own, above = world.roll.office(path), world.roll.office(_parent(path))
        activity = None if post is None else post.stage.activity()
        end = world.roll.last_end(path)
        return ActorFacts(
            row=row,
            strategy="" if own is None else own.flags.strategy.value,
            restart="" if spec is None else spec.restart.value,
            budget=None if above is None else above.budget,
            depth=0 if post is None else post.stage.waiting(),
            oldest_s=world.sightings.oldest_s(path, now),
            handling="" if activity is None else activity.during,
            handling_s=0.0 if activity is None else world.sightings.handling_s(path, now),
            hang_after_s=None if spec is None else spec.hang_after_s,
            handled=_UNTIMED if post is None else post.stage.handled(),
            edges=() if spec is None else _books(spec.address),
            last_end=None if end is None else end[0],
            last_end_at=None if end is None else world.clock.unix(end[1]),
        )

    # -- orders -----------------------------------------------------------------------

    def act(self, order: OperatorOrder) -> Reply:
        """Carry out an order; the answer is the child's new `ChildRow`."""
        outcome = Answer()
        entry = self._world.chronicle.note(
            OperatorActed(
                who=order.who,
                action=order.action.value,
                path=order.path,
                reason=order.reason,
            )
        )
        outcome.when_done(lambda: self._note_outcome(order.path, outcome, entry))
        wrong = self._refusal(order)
        above = self._world.roll.office(_parent(order.path))
        if wrong is not None:
            outcome.fail(wrong)
        elif above is None:
            outcome.fail(ValueError(f"the supervisor of {order.path} does not work now"))
        else:
            done = above.address.ask(_order(order, entry), timeout_s=ORDER_S)
            done.when_done(lambda: _pass_on(order.path, done, outcome))
        return outcome

    def _refusal(self, order: OperatorOrder) -> Exception | None:
        row = self._world.view.row(order.path)
        if row is None:
            return KeyError(order.path)
        pausing = order.action in (Action.PAUSE, Action.RESUME)
        if pausing and row.kind == "supervisor":
            return ValueError("a supervisor cannot be paused: its children would be alone")
        if order.path == FRONT and order.action in (Action.STOP, Action.PAUSE):
            return ValueError("without the front nobody could start it again; restart it")
        if order.action is Action.RESUME and not row.paused:
            return ValueError(f"{order.path} is not paused")
        return None

    def _note_outcome(self, path: str, outcome: Answer, entry: int) -> None:
        try:
            row = outcome.get(timeout=0.0)
            text = f"{row.state.value}, life {row.life}"
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the outcome
            text = f"failed: {error!r}"
        self._world.chronicle.note(OperatorAnswered(path=path, outcome=text), cause=entry)


def _pass_on(path: str, done: Answer, outcome: Answer) -> None:
    try:
        row = done.get(timeout=0.0)
    except Exception as error:  # noqa: BLE001  # the asker's, not ours
        outcome.fail(error)
        return
    if isinstance(row, ChildRow):
        outcome.offer(row)
    else:
        outcome.fail(KeyError(path))


def _order(order: OperatorOrder, cause: int) -> Order:
    child = order.path.rpartition("/")[2]
    match order.action:
        case Action.STOP:
            return StopChild(child, cause)
        case Action.START:
            return StartChild(child, cause)
        case Action.RESTART:
            return RestartChild(child, cause)
        case Action.PAUSE | Action.RESUME:
            return PauseChild(child, order.action is Action.PAUSE, cause)


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _books(address: Address) -> tuple[EdgeDepth, ...]:
    return tuple(
        EdgeDepth(
            edge=count.edge,
            came=count.came,
            taken=count.taken,
            dropped=count.dropped,
            queued=count.queued,
        )
        for count in address.counts()
    )

"""The supervisor's administration, whatever is ordered in whatever order.

Hypothesis makes up the orders, the falls and the passing of time; after each the tree is
what a plain model says, the children have started and stopped in the model's order, and
who was to be answered is. Everything runs on the test's own thread, in virtual time.
"""

import heapq
import logging
from collections.abc import Iterator
from typing import Any

import msgspec
import pykka
import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from actors.answer import Answer
from actors.journal.fold import timeless, tree_after
from actors.stage import Stage
from protocols.supervision import (
    ChildRow,
    Died,
    IgnoreError,
    ShutdownError,
)
from supervisors.chronicle import Chronicle
from supervisors.orders import (
    AddChild,
    ChildLivesError,
    CountChildren,
    DeleteChild,
    GaveUpError,
    GetFlags,
    GetSpec,
    Hung,
    ListChildren,
    PauseChild,
    RemoveChild,
    RestartChild,
    SetFlags,
    StartChild,
    StartFailedError,
    StartFromTemplate,
    StopChild,
    TooManyChildrenError,
)
from supervisors.restart import Backoff, Intensity, Restart, SpecError, Strategy
from supervisors.spec import ChildSpec, Flags
from supervisors.supervisor import Supervisor
from supervisors.world import World
from supervisors.zombies import Zombies
from tests.probe import Probe
from tests.supervisors.inline import InlineDispatcher, InlineNursery
from tests.supervisors.plain_model import FIRST_S, MOST, Known, Model
from tests.time_stand_ins import VirtualClock, VirtualTimers

NAMES = "abcdef"
STOP_S = 2.0
WAITS_S = dict(zip(NAMES, (0.0101, 0.0307, 0.0503, 0.0709, 0.0907, 0.1103), strict=True))
"""Added to the first waits, so that no two waits end at one instant."""

STATIC = (("a", "permanent", False), ("b", "transient", True), ("c", "permanent", False))
"""Children of every life of a supervisor without a template: name, restart, backoff."""

names = st.sampled_from(NAMES)
restarts = st.sampled_from(["permanent", "transient", "temporary"])
plans = st.lists(st.sampled_from(["fail", "ignore", "fail"]), max_size=3)


class Actor(Stage):
    """A child: says when it begins and ends, comes up as planned, ends as it is told."""

    def __init__(self, name: str, log: list[str], plan: list[str]) -> None:
        super().__init__()
        self._name, self._log, self._plan = name, log, plan

    def setup(self) -> None:
        self._log.append(f"+{self._name}")
        match self._plan.pop(0) if self._plan else "up":
            case "fail":
                raise OSError(self._name)
            case "ignore":
                raise IgnoreError(self._name)

    def handle(self, message: object) -> object:
        match message:
            case "fall":
                raise ValueError(self._name)
            case "shutdown":
                raise ShutdownError(self._name)
            case "end":
                self.halt()
        return message

    def teardown(self) -> None:
        self._log.append(f"-{self._name}")


class SteppedClock(VirtualClock):
    """Says when the next timer is due."""

    def next_at(self, until: float) -> float:
        """The next instant at which something is due; `until` if nothing is before."""
        with self._lock:
            return min(until, heapq.nsmallest(1, self._due)[0][0]) if self._due else until


class Administration(RuleBasedStateMachine):
    """A supervisor and the model, told the same."""

    strategy = Strategy.ONE_FOR_ONE
    dynamic = False

    def __init__(self) -> None:
        super().__init__()
        self.clock = SteppedClock()
        self.inline = InlineDispatcher()
        self.chronicle = Chronicle(self.clock)
        self.world = World(
            clock=self.clock,
            timers=VirtualTimers(self.clock),
            chronicle=self.chronicle,
            zombies=Zombies(self.clock, self.chronicle),
            supervision=self.inline,
            shared=self.inline,
            pinned=self.inline,
            nursery=InlineNursery(self.inline),
            fence=self.inline.fence,
        )
        self.root = self.world.address("root")
        self.lives: Probe[Any] = Probe()
        self.log: list[str] = []
        self.plans: dict[str, list[str]] = {name: [] for name in NAMES}
        self.addresses = {name: self.world.address(name) for name in NAMES}
        self.stages: dict[str, Stage] = {}
        self.asked: list[Answer] = []
        self.open: list[tuple[str, Answer]] = []
        """Orders about a child that may still be on their way."""

        self.frozen: list[tuple[str, Stage]] = []
        self.model = Model(self.strategy.value, 3, self.dynamic)
        self.flags = self._flags(self.strategy, 3, None)
        self.launch()

    # -- both worlds ------------------------------------------------------------------

    def _flags(self, strategy: Strategy, most: int, room: int | None) -> Flags:
        return Flags(
            strategy=strategy,
            intensity=Intensity(max_restarts=most, within_s=5.0),
            template=(lambda how: self.spec(*how)) if self.dynamic else None,
            max_children=room,
        )

    def spec(self, name: str, restart: str, backoff: bool) -> ChildSpec:  # noqa: FBT001
        def make() -> Stage:
            self.stages[name] = Actor(name, self.log, self.plans[name])
            return self.stages[name]

        waits = Backoff(
            first_s=self.first_s(name), most_s=MOST * self.first_s(name), jitter=0
        )
        return ChildSpec(
            id=name,
            make=make,
            address=self.addresses[name],
            dispatcher=self.inline,
            restart=Restart(restart),
            stop_within_s=STOP_S,
            backoff=waits if backoff else None,
        )

    def first_s(self, name: str) -> float:
        return FIRST_S + WAITS_S[name]

    def launch(self) -> None:
        """A new life of the supervisor, and of the model."""
        static = () if self.dynamic else STATIC
        specs = [self.spec(*how) for how in static]
        self.root_stage = Supervisor(
            self.world, "root", self.root, lambda: specs, self.flags
        )
        self.root_stage.launch(self.root, self.inline, self.lives, name="root")
        self.inline.settle()
        model = self.model
        model.over, model.starting, model.spent = False, None, []
        model.strategy = self.flags.strategy.value  # as its own supervisor has it made
        model.most_restarts = self.flags.intensity.max_restarts
        model.most_children = self.flags.max_children
        before = {child.name: child for child in model.children}
        model.children = [
            Known(
                name,
                restart,
                self.first_s(name) if backoff else 0.0,
                held=name in before and before[name].held,
                paused=self.addresses[name].paused,
                seen=True,
            )
            for name, restart, backoff in static
        ]
        model.pending = {child.name for child in model.children}
        model.booting = True
        model.settle()
        model.booting = False

    def ask(self, message: object) -> Answer:
        answer = self.root.ask(message, timeout_s=1e9)
        self.asked.append(answer)
        self.inline.settle()
        return answer

    def get(self, message: object) -> Any:  # noqa: ANN401
        return self.ask(message).get(timeout=0.0)

    def order(self, name: str, message: object) -> None:
        """An order that is answered when nothing more is to be done with the child."""
        self.open.append((name, self.ask(message)))

    def stage(self, name: str) -> Stage:
        return self.stages[name]

    def known(self, name: str) -> Known | None:
        return self.model.get(name)

    def busy(self, name: str) -> bool:
        """It is up and takes mail."""
        child = self.known(name)
        return child is not None and child.up and not child.paused

    # -- orders -----------------------------------------------------------------------

    @precondition(lambda self: not self.model.over)
    @rule(name=names, restart=restarts, backoff=st.booleans(), plan=plans)
    def add(self, name: str, restart: str, backoff: bool, plan: list[str]) -> None:  # noqa: FBT001
        model, known = self.model, self.known(name)
        backoff = backoff and restart != "temporary"
        if known is None:
            self.plan(name, plan)
        how = (name, restart, backoff)
        order = StartFromTemplate(how) if self.dynamic else AddChild(self.spec(*how))
        answer = self.ask(order)
        if known is not None:
            assert isinstance(failure(answer), SpecError)
        elif model.most_children is not None and len(model.children) >= model.most_children:
            assert isinstance(failure(answer), TooManyChildrenError)
        else:
            child = Known(name, restart, self.first_s(name) if backoff else 0.0)
            child.added = child.fresh = True
            child.paused = self.addresses[name].paused
            model.children.append(child)
            model.pending.add(name)
            model.settle()
            self.open.append((name, answer))

    @precondition(lambda self: not self.model.over)
    @rule(name=names)
    def stop(self, name: str) -> None:
        child = self.known(name)
        if child is None:
            assert self.get(StopChild(name)) is False
            return
        self.order(name, StopChild(name))
        child.held, child.fresh, child.seen = True, False, True
        self.model.pending.discard(name)
        self.model.stop(child)
        self.model.settle()

    @precondition(lambda self: not self.model.over)
    @rule(name=names)
    def start(self, name: str) -> None:
        child = self.known(name)
        if child is None:
            assert self.get(StartChild(name)) is False
            return
        self.order(name, StartChild(name))
        child.held = False
        self.model.pending.add(name)
        self.model.settle()

    @precondition(lambda self: not self.model.over)
    @rule(name=names, plan=plans)
    def restart(self, name: str, plan: list[str]) -> None:
        child = self.known(name)
        if child is None:
            assert self.get(RestartChild(name)) is False
            return
        self.plan(name, plan)
        self.order(name, RestartChild(name))
        child.held = False
        self.model.stop(child)
        self.model.pending.add(name)
        self.model.settle()

    @precondition(lambda self: not self.model.over)
    @rule(name=names)
    def remove(self, name: str) -> None:
        child = self.known(name)
        assert self.get(RemoveChild(name)) is (child is not None)
        if child is not None:
            self.model.stop(child)
            self.model.forget(child)
            self.model.settle()

    @precondition(lambda self: not self.model.over)
    @rule(name=names)
    def delete(self, name: str) -> None:
        child = self.known(name)
        answer = self.ask(DeleteChild(name))
        if child is None:
            assert answer.get(timeout=0.0) is False
        elif child.up or child.waits or name in self.model.pending:
            assert isinstance(failure(answer), ChildLivesError)
        else:
            assert answer.get(timeout=0.0) is True
            self.model.forget(child)

    @precondition(lambda self: not self.model.over)
    @rule(name=names, paused=st.booleans())
    def pause(self, name: str, paused: bool) -> None:  # noqa: FBT001
        child = self.known(name)
        row = self.get(PauseChild(name, paused))
        if child is None:
            assert row is False
        else:
            child.paused = paused
            assert row.paused is paused

    @precondition(lambda self: not self.model.over)
    @rule(
        strategy=st.sampled_from(list(Strategy)),
        most=st.integers(1, 5),
        room=st.sampled_from([None, 3, 5]),
    )
    def set_flags(self, strategy: Strategy, most: int, room: int | None) -> None:
        if self.dynamic:
            strategy = Strategy.ONE_FOR_ONE
        flags = self._flags(strategy, most, room)
        assert self.get(SetFlags(flags)) is True
        model = self.model
        model.strategy, model.most_restarts, model.most_children = (
            strategy.value,
            most,
            room,
        )
        model.settle()  # a wait may hold nobody back any more
        if not model.over:
            assert self.get(GetFlags()) is flags

    # -- what children do ---------------------------------------------------------------

    @precondition(lambda self: not self.model.over)
    @rule(name=names, way=st.sampled_from(["fall", "fall", "end", "shutdown"]), plan=plans)
    def ends(self, name: str, way: str, plan: list[str]) -> None:
        if not self.busy(name):
            return
        self.plan(name, plan)
        self.addresses[name].tell(way)
        self.inline.settle()
        child = self.known(name)
        assert child is not None
        self.model.log.append(f"-{name}")
        child.state = "failed" if way == "fall" else "stopped"
        self.model.fall(child, abnormal=way == "fall")
        self.model.settle()

    @precondition(lambda self: not self.model.over)
    @rule(some=st.sets(names, min_size=2, max_size=4))
    def fall_together(self, some: set[str]) -> None:
        model = self.model
        falling = [c for c in model.children if c.name in some and self.busy(c.name)]
        for child in falling:
            self.addresses[child.name].tell("fall")
        self.inline.settle()
        for child in falling:
            model.log.append(f"-{child.name}")
            child.state = "dead"  # and its supervisor has not heard of it
        for child in falling:
            if child.state != "dead" or model.over:
                continue
            taken = model.fallen(child) if child.restart != "temporary" else []
            child.state = "failed"
            for other in taken:  # in the same cycle
                if other.state == "dead":
                    other.state = "failed"
                    if other.restart == "temporary":
                        model.forget(other)
            model.fall(child, abnormal=True)
            model.begin()
        model.settle()

    @precondition(lambda self: not self.model.over)
    @rule(name=names)
    def hang(self, name: str) -> None:
        child = self.known(name)
        if child is None or not child.up:
            return
        self.freeze(name)
        self.root.reports.tell(
            Hung(child=name, life=child.life, cause=0, reason="hung", stack="")
        )
        self.inline.settle()
        child.state = "failed"
        self.model.fall(child, abnormal=True)
        self.model.settle()

    @precondition(lambda self: not self.model.over)
    @rule(name=names)
    def stop_one_that_hangs(self, name: str) -> None:
        child, model = self.known(name), self.model
        if child is None or not child.up:
            return
        self.freeze(name)
        self.order(name, StopChild(name))
        until = model.now + STOP_S
        child.held = True
        child.state = "stopping"
        model.pending.discard(name)
        while (due := model.next_due()) is not None and due <= until:
            waiting = next(c for c in model.children if c.waits and c.due == due)
            model.pending.add(waiting.name)
            waiting.due = float("inf")
        self.pass_time(until)
        model.now = until
        child.state = "failed"
        model.settle()

    @precondition(lambda self: bool(self.frozen))
    @rule()
    def come_back(self) -> None:
        name, stage = self.frozen.pop(0)
        self.inline.thaw(stage.actor_inbox)
        self.inline.settle()
        self.model.log.append(f"-{name}")

    @rule(name=names)
    def send(self, name: str) -> None:
        answer = self.addresses[name].ask("hello", timeout_s=1e9)
        self.asked.append(answer)
        self.inline.settle()
        child = self.known(name)
        if self.busy(name) and not self.model.over:
            assert answer.get(timeout=0.0) == "hello"
        elif child is None or not child.up:
            assert isinstance(failure(answer), pykka.ActorDeadError)
        else:
            assert not answer.is_done()

    # -- time, and lives of the supervisor ----------------------------------------------

    @rule(seconds=st.sampled_from([0.25, 1.0, 2.0, 5.0, 9.0]))
    def advance(self, seconds: float) -> None:
        model = self.model
        until = model.now + seconds
        while not model.over and (due := model.next_due()) is not None and due <= until:
            model.now = due
            self.pass_time(due)
            model.wait_is_over()
        model.now = until
        self.pass_time(until)

    @precondition(lambda self: self.model.over)
    @rule()
    def begin_again(self) -> None:
        """Its own supervisor would."""
        self.launch()

    @precondition(lambda self: not self.model.over)
    @rule()
    def give_way(self) -> None:
        """Its own supervisor has it ended, and started again."""
        self.root.stop()
        self.inline.settle()
        self.model.end()
        assert self.last_end().normal
        self.launch()

    # -- what holds after every step ----------------------------------------------------

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        self.tree_is_as_the_model_says()
        self.who_is_done_with_is_answered()
        self.zombies_are_those_that_hang()
        self.specs_are_given()

    def tree_is_as_the_model_says(self) -> None:
        assert self.clock.now() == self.model.now
        assert self.log == self.model.log
        if self.model.over:
            assert self.root.tenant is None
            assert self.world.view.rows() == []
            assert self.world.roll.posts() == []
            return
        rows = self.get(ListChildren())
        expected = [facts_of(child) for child in self.model.children]
        assert [facts(row) for row in rows] == expected
        seen = {row.path: row for row in rows}
        for row in self.world.view.rows():  # which counts a restart when it begins
            known = msgspec.structs.replace(seen.pop(row.path), restarts=row.restarts)
            assert facts(row) == facts(known)
        assert all(row.life == 0 for row in seen.values())
        count = self.get(CountChildren())
        up = [child.name for child in self.model.children if child.up]
        assert (count.specs, count.active) == (len(expected), len(up))
        assert sorted(post.spec.id for post in self.world.roll.posts()) == sorted(up)
        assert all((self.addresses[n].tenant is not None) is (n in up) for n in NAMES)

    def who_is_done_with_is_answered(self) -> None:
        still = []
        for name, answer in self.open:
            child = self.known(name)
            waits = not self.model.over and child is not None
            if waits and name in self.model.pending:
                assert not answer.is_done()
                still.append((name, answer))
            else:
                assert answer.is_done()
                check_answer(answer)
        self.open = still

    def zombies_are_those_that_hang(self) -> None:
        assert len(self.world.zombies.rows()) == len(self.frozen)
        assert self.world.fence.up is bool(self.frozen)

    def specs_are_given(self) -> None:
        if not self.model.over:
            for name in NAMES:
                spec = self.get(GetSpec(name))
                assert (spec is not None) is (self.known(name) is not None)

    def teardown(self) -> None:
        """At the end of each run: the books, the journal, the answers."""
        self.inline.settle()
        entries, oldest = self.chronicle.entries(0, 10**6)
        assert oldest <= 1
        rows = tree_after(entries)
        assert rows is not None
        assert timeless(rows) == timeless(self.world.view.rows())
        assert all(entry.cause is None or entry.cause < entry.number for entry in entries)
        if not self.model.over:
            self.root.stop()
            self.inline.settle()
            self.model.end()
        while self.frozen:
            self.come_back()
        assert self.log == self.model.log
        assert all(answer.is_done() for answer in self.asked)
        assert [address.audit() for address in (self.root, *self.addresses.values())] == [
            []
        ] * (len(NAMES) + 1)
        assert self.world.roll.posts() == []
        assert tree_after(self.chronicle.entries(0, 10**6)[0]) == ()

    # -- how ----------------------------------------------------------------------------

    def plan(self, name: str, plan: list[str]) -> None:
        self.plans[name][:] = plan
        self.model.plans[name] = list(plan)

    def freeze(self, name: str) -> None:
        stage = self.stage(name)
        self.inline.freeze(stage.actor_inbox)
        self.frozen.append((name, stage))

    def pass_time(self, until: float) -> None:
        while self.clock.now() < until:
            self.clock.advance(self.clock.next_at(until) - self.clock.now())
            self.inline.settle()

    def last_end(self) -> Died:
        died = [event for event in self.lives.all() if isinstance(event, Died)][-1]
        assert isinstance(died, Died)
        return died


def facts(row: ChildRow) -> tuple[object, ...]:
    name = row.path.removeprefix("root/")
    return name, row.state.value, row.life, row.restarts, row.held, row.paused


def facts_of(child: Known) -> tuple[object, ...]:
    return (
        child.name,
        child.state,
        child.life,
        child.restarts,
        child.held,
        child.paused,
    )


def failure(answer: Answer) -> BaseException | None:
    """What an answer failed with."""
    try:
        answer.get(timeout=0.0)
    except Exception as error:  # noqa: BLE001  # the caller says which it must be
        return error
    return None


def check_answer(answer: Answer) -> None:
    """An order ends with the child's row, or with why there is none."""
    error = failure(answer)
    if error is None:
        assert isinstance(answer.get(timeout=0.0), ChildRow)
    else:
        assert isinstance(error, StartFailedError | pykka.ActorDeadError | GaveUpError)


STEPS = settings(
    deadline=None,
    max_examples=60,
    stateful_step_count=40,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


@pytest.fixture
def _quietly() -> Iterator[None]:
    """Thousands of deaths are no news here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


class OneForAll(Administration):
    strategy = Strategy.ONE_FOR_ALL


class RestForOne(Administration):
    strategy = Strategy.REST_FOR_ONE


class Dynamic(Administration):
    dynamic = True


@pytest.mark.usefixtures("_quietly")
@pytest.mark.parametrize("kind", [Administration, OneForAll, RestForOne, Dynamic])
def test_a_supervisor_does_what_a_plain_model_says(kind: type[Administration]) -> None:
    run_state_machine_as_test(kind, settings=STEPS)

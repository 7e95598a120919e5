"""Simulate: the whole tree in virtual time, from its start to its drain; one report.

    1  grow       the same tree as `supervisors.server` has, the root last to be up
    2  sit        the audience keeps sessions alive; faults come on cue and by the seed
    3  drain      the tree stops in reverse
    4  silence    nothing runs any more
    5  report

No socket, no hardware, no child process, no wall clock: the seed decides everything. The
audience stands in the front's place, flat painters in that of the painters' processes.
"""

import itertools
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final, final

import numpy as np

from actors.journal.closing import write_rest
from actors.journal.reading import JournalReader
from config.version import VERSION
from protocols.operators import Action, OperatorOrder
from protocols.supervision import (
    Born,
    ChildEnded,
    ChildRow,
    Died,
    FaultInjected,
    RunBegan,
    RunEnded,
)
from sim.report import AskFigures, Report, RunParameters
from sim.runtime.faults import LASTS_S, Fault, Kind, at_random
from sim.runtime.injector import Injector
from sim.runtime.scheduler import MOST_NESTED, DeadlockError
from supervisors.drain import Drain
from supervisors.observed import Observer
from supervisors.operators import LiveOperators, RunFacts
from supervisors.planted import Bug, Plant
from supervisors.simulated import SimulatedWorld
from supervisors.stand_ins import PAINTERS, Setup, StandIns
from supervisors.supervisor import Supervisor
from supervisors.tree import Tree, make_board

START_WITHIN_S: Final = 120.0
DRAIN_WITHIN_S: Final = 9.5
"""As in a live run; whatever hangs longer is left behind there."""

SILENCE_S: Final = 60.0
"""Virtual seconds after the drain, and after the last hang, in which nothing may happen."""

COST_S: Final = {
    "reader": 100e-6,
    "filters": 200e-6,
    "encoder": 250e-6,
    "semantics": 150e-6,
    "broadcaster": 150e-6,
}
"""What a turn costs, by role: what the live process takes for it."""

OTHERS_COST_S: Final = 30e-6

Progress = Callable[[float], object]
"""Called once a virtual second, with the virtual time."""


@final
class Simulation:
    """One run.

    Args:
        setup: what is to be simulated.
        folder: for keys, pictures and the journal; empty.
        planted: bugs, to see whether they are found.
    """

    def __init__(
        self, setup: Setup, folder: Path, planted: frozenset[Bug] = frozenset()
    ) -> None:
        self.setup = setup
        self.sim = SimulatedWorld(setup.seed, slice_of=setup.slice, cost_s=cost_s)
        self.world, self.scheduler = self.sim.world, self.sim.scheduler
        given, random, bugs = self.sim.seeds.spawn(3)
        plant = Plant(planted, np.random.default_rng(bugs))
        self.world.made.append(plant.address)
        self._rng = np.random.default_rng(random)
        self.board = make_board(self.world, PAINTERS)
        self.given = StandIns(setup, self.world, self.board, folder, given)
        self.given.lease = plant.lease
        self.observer = Observer(self.sim, self.given.shelf, self.given.seen)
        self._injector = Injector(
            self.scheduler,
            self.sim.fence,
            _Ground(self),
            self.given.shelf,
            self.given.disk,
        )
        self.drain = Drain(self.world.clock, self.world.chronicle)
        self.tree = Tree(self.world, self.board, self.given.parts())
        self.operators = LiveOperators(
            self.world,
            self.board.journal,
            RunFacts(
                run="simulated",
                began_at=0.0,
                stalls=self.given.stalls,
                draining=lambda: self.drain.phase,
            ),
        )
        self._root = self.world.address("root")
        self._lives = _Lives(self)
        self._enough = ""
        self._draining_since: float | None = None
        self._tree_rows: tuple[ChildRow, ...] = ()
        self.world.zombies.too_many = self._too_many
        self.world.chronicle.watch(self._lives, ChildEnded)

    def run(self, progress: Progress = lambda _at: None) -> Report:
        """Grow, sit, drain, be silent; what came of it."""
        wall, cpu = perf_counter(), process_time()
        outcome = self._run(progress)
        down_at = self._lives.died_at
        return self._report(
            outcome,
            virtual_s=self.scheduler.clock.at if down_at is None else down_at,
            wall_s=perf_counter() - wall,
            cpu_s=process_time() - cpu,
        )

    def interrupt(self, reason: str) -> None:
        """End it now, by a drain."""
        self._enough = self._enough or reason
        self.scheduler.at(self.scheduler.clock.at, self._go_down)

    # -- phases -------------------------------------------------------------------------

    def _run(self, progress: Progress) -> str:
        try:
            outcome = self._live(progress)
        except DeadlockError as error:
            self.observer.tell("no_deadlock", str(error))
            outcome = f"deadlock: {error}"
        self.tree.close()
        self.observer.end()
        self._look_at_disk()
        self.given.lock.release()
        return outcome

    def _look_at_disk(self) -> None:
        """What the journal wrote, and what is written after its end, is what happened."""
        lock, observer = self.given.lock, self.observer
        if self._lives.died:
            write_rest(lock, self.world.chronicle)
        reader = JournalReader(
            lock.folder, lambda bad: observer.tell("journal_on_disk", bad.reason)
        )
        written = iter(reader.entries(0))
        first = next(written, None)
        if first is None:
            return
        known = self.sim.transcript.entries[first.number - 1 :]
        for mine, its in itertools.zip_longest(known, itertools.chain((first,), written)):
            if mine != its:
                observer.tell("journal_on_disk", f"{its} in place of {mine}")
                return

    def _live(self, progress: Progress) -> str:
        chronicle, scheduler, lives = self.world.chronicle, self.scheduler, self._lives
        chronicle.tell(RunBegan(run="simulated", version=VERSION, pid=0))
        root = self.tree.root(self._root)
        root.launch(self._root, self.world.supervision, lives, name="root")
        scheduler.run_while(lambda: not lives.told, START_WITHIN_S)
        if not lives.born:
            return f"fell: {lives.why or 'not up in time'}"
        every = [
            scheduler.every(1.0, self.observer.second),
            scheduler.every(1.0, lambda: progress(scheduler.clock.at)),
        ]
        self._injector.begin(self._faults(), self._rng)
        # By a timer: actors that hang then keep the drain from nothing.
        scheduler.at(scheduler.clock.at + self.setup.seconds, self._go_down)
        give_up_at = scheduler.clock.at + self.setup.seconds + 10 * DRAIN_WITHIN_S
        scheduler.run_while(lambda: not lives.died, give_up_at)
        for timer in every:
            timer.cancel()
        scheduler.timers.fire()  # the last phase of the drain is noted
        self._injector.end()
        outcome = self._outcome()
        chronicle.tell(RunEnded(code=0, reason=outcome))
        self._be_silent()
        return outcome

    def _faults(self) -> tuple[Fault, ...]:
        setup = self.setup
        drawn = at_random(self._rng, setup.rates, setup.seconds - setup.quiet_s)
        return tuple(sorted((*setup.faults, *drawn), key=lambda fault: fault.at_s))

    def _go_down(self) -> None:
        if self._draining_since is not None or self._lives.died:
            return
        self._draining_since = self.scheduler.clock.at
        self._tree_rows = tuple(self.world.view.rows())
        self._injector.end()
        if self.setup.quiet_s and not self._enough:
            self.observer.look_for_pictures()
        self.observer.root_ends()
        self.drain.begin()
        self._root.stop()

    def _outcome(self) -> str:
        """How it ended, and whether the drain was one."""
        began_at, died_at = self._draining_since, self._lives.died_at
        if began_at is None:
            return f"fell: {self._lives.why}"
        took_s = (self.scheduler.clock.at if died_at is None else died_at) - began_at
        if died_at is None or took_s > DRAIN_WITHIN_S:
            self._judge_drain(took_s, began_at)
        return self._enough or "done"

    def _judge_drain(self, took_s: float, began_at: float) -> None:
        """A live process would have left; rightly only if a supervisor itself hung.

        Who hangs is left behind within its limit, by its supervisor; nobody can do that
        for the thread of all supervisors before the watchdog finds it.
        """
        hung = [
            fault
            for fault in self.observer.faults
            if fault.kind in (Kind.HANG, Kind.SLOW)
            and fault.at_s >= began_at - self.longest_hang_s()
            and self._is_supervisor(fault.where)
        ]
        if not hung:
            detail = f"{took_s:.1f} s, now at {self.drain.phase}"
            self.observer.tell("drain_in_time", detail)

    def _is_supervisor(self, path: str) -> bool:
        job = self.scheduler.jobs.get(path)
        return job is not None and isinstance(job.stage, Supervisor)

    def longest_hang_s(self) -> float:
        """Virtual seconds for which somebody may stand still, at most."""
        given = (fault.for_s for fault in self.setup.faults)
        return max(LASTS_S[Kind.HANG][1], *given, 0.0)

    def _be_silent(self) -> None:
        """Let those who hang come back; nobody else may do anything."""
        observer = self.observer
        self.tree.close()
        taken, births = observer.taken(), observer.births()
        silence_s = SILENCE_S + MOST_NESTED * self.longest_hang_s()
        self.scheduler.run(self.scheduler.clock.at + silence_s)
        if observer.taken() != taken:
            observer.tell("nothing_after_drain", "messages were taken")
        if observer.births() != births:
            observer.tell("nothing_after_drain", "a life began")
        next_at = self.scheduler.timers.next_at()
        if next_at is not None:
            observer.tell("nothing_after_drain", f"a timer is set for {next_at:.3f} s")
        for path, job in self.scheduler.jobs.items():
            if job.stage is not None and not job.stage.has_ended():
                observer.tell("nothing_after_drain", f"{path} has not ended")

    def _too_many(self) -> None:
        self.interrupt("too many actors hang")

    # -- what came of it ----------------------------------------------------------------

    def _report(
        self, outcome: str, *, virtual_s: float, wall_s: float, cpu_s: float
    ) -> Report:
        observer, fence, setup = self.observer, self.sim.fence, self.setup
        sessions = tuple(v.figures() for v in self.given.seen.sessions.values())
        return Report(
            parameters=RunParameters(
                seed=setup.seed,
                seconds=setup.seconds,
                sessions=setup.sessions,
                pictures_hz=setup.pictures_hz,
                painter=setup.painter,
                slice=setup.slice,
                faults=setup.fault_file,
                rates=setup.rates,
                version=VERSION,
            ),
            outcome=outcome,
            replay=setup.replay,
            virtual_s=virtual_s,
            wall_s=wall_s,
            cpu_s=cpu_s,
            journal_sha256=self.sim.transcript.sha256(),
            journal_entries=len(self.sim.transcript.entries),
            slices=self.scheduler.slices,
            messages=fence.letters,
            frames=self.given.seen.frames,
            sessions=sessions,
            latency=self.given.seen.rows(),
            restarts=dict(sorted(observer.restarts.items())),
            asks=AskFigures(
                asked=fence.asked,
                answered=fence.answered,
                failed=dict(sorted(fence.failed.items())),
                open=len(fence.open_asks()),
            ),
            drops=observer.drops(),
            edges=observer.edges(),
            faults=tuple(observer.faults),
            timeline=tuple(observer.timeline),
            tree=self._tree_rows,
            violations=observer.all_violations(),
        )


@final
class _Lives:
    """Fills the root's watcher, and hears of ends for the drain."""

    def __init__(self, simulation: Simulation) -> None:
        self.born = False
        self.died_at: float | None = None
        self.why = ""
        self._simulation = simulation

    @property
    def died(self) -> bool:
        """Whether the root has ended."""
        return self.died_at is not None

    @property
    def told(self) -> bool:
        """Whether the root said anything."""
        return self.born or self.died

    def tell(self, message: Any, /) -> None:  # noqa: ANN401  # of the chronicle, all
        match message:
            case Born():
                self.born = True
            case Died(error=error):
                self.died_at = self._simulation.scheduler.clock.at
                self.why = "" if error is None else str(error)
            case ChildEnded():
                # Told in the middle of a note: what comes of it is noted after that.
                scheduler = self._simulation.scheduler
                drain = self._simulation.drain
                scheduler.at(scheduler.clock.at, lambda: drain.ended(message))


@final
class _Ground:
    """Fills `sim.runtime.injector.Ground`."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def note(self, fault: FaultInjected, *where: str) -> int:
        """Note a fault; what is found of these actors or edges comes of it. Its number."""
        chronicle = self._simulation.sim.chronicle
        entry = chronicle.note(fault)
        for place in where:
            chronicle.blame(place, entry)
        return entry

    def headset_of(self, path: str) -> int | None:
        """Serial number of the headset that a reader reads; None: it is no reader."""
        house, _, role = path.rpartition("/")
        viewing = self._simulation.given.seen.sessions.get(house.rpartition("/")[2])
        return None if viewing is None or role != "reader" else viewing.serial

    def order(self, path: str, action: Action) -> None:
        """Give an operator's order."""
        self._simulation.operators.act(
            OperatorOrder(path=path, action=action, reason="simulated", who="simulation")
        )


def cost_s(path: str) -> float:
    """What a turn of the actor at a path costs, seconds."""
    return COST_S.get(path.rpartition("/")[2], OTHERS_COST_S)

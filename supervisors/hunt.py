"""The hunt: many short runs, each by its own seed, in search of one that breaks something.

A seed decides everything: how long, how many sessions, which faults, when and where, and
who runs next. So the seed alone is enough to see what it found again.
"""

import gc
import logging
import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from sim.report import Report, Violation
from sim.runtime.faults import Fault, Kind
from supervisors.planted import Bug
from supervisors.simulate import Simulation
from supervisors.stand_ins import Setup

RATES: Final[dict[str, float]] = {
    Kind.CRASH.value: 12.0,
    Kind.HANG.value: 2.5,
    Kind.SLOW.value: 3.0,
    Kind.LOST.value: 10.0,
    Kind.DOUBLED.value: 10.0,
    Kind.DEVICE_GONE.value: 2.0,
    Kind.DISK_FULL.value: 1.5,
    Kind.RESTART.value: 2.0,
    Kind.STOP.value: 1.5,
    Kind.PAUSE.value: 1.5,
}
"""Faults a virtual minute where a run has the usual number of them."""

SHORTEST_S, LONGEST_S = 8.0, 18.0
HARSHNESS: Final = (0.3, 1.0, 1.0, 2.0, 4.0)
"""How many faults a run has, against the usual; drawn."""

FAVOURITES: Final = (
    *("*/reader", "*/reader", "*/reader", "*/reader"),  # who may hold a headset twice
    *("*/manager", "*/houses", "*/sess_*", "*/pool", "*/painter-*", "*/synth"),
    *("root/journal", "root/watchdog", "root/front", "*/broadcaster", "*/metronome"),
    *("root/sessions", "root/generators"),
)
"""Where a run may be struck once more than by the rates: few of all actors are of much
consequence."""

QUIET: Final = 0.2
"""Share of the runs that end in a quiet time, and leave sessions alone."""

QUIET_S: Final = 30.0
"""Longest hang, its discovery, a backoff of a device, and some seconds to look at."""

SLICES: Final = (1, 1, 1, 4, 16)
MEMORY: Final = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it
COLLECT_EVERY: Final = 16
"""Runs between two collections of cyclic garbage."""

_for_life: Final = ExitStack()
"""Of a process of the hunt."""


class Catch(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one seed."""

    seed: int
    outcome: str
    violations: tuple[Violation, ...]
    virtual_s: float
    cpu_s: float
    entries: int
    faults: int
    restarts: int
    sha256: str


def setup_of(seed: int) -> Setup:
    """What a seed simulates."""
    rng = np.random.default_rng([seed, 0x51D])
    harsh = HARSHNESS[int(rng.integers(len(HARSHNESS)))]
    seconds = float(rng.uniform(SHORTEST_S, LONGEST_S))
    quiet = bool(rng.random() < QUIET)
    return Setup(
        seed=seed,
        seconds=seconds + (QUIET_S if quiet else 0.0),
        quiet_s=QUIET_S if quiet else 0.0,
        faults=(_favourite(rng, seconds),),
        sessions=int(rng.integers(1, 4)),
        window_s=0.5,
        session_s=8.0,
        asks_hz=6.0,
        meddles=not quiet,
        signals=0.2,
        slice=SLICES[int(rng.integers(len(SLICES)))],
        rates={kind: rate * harsh for kind, rate in RATES.items()},
        replay=f"phosphene sim --seeds 1 --from-seed {seed}",
    )


def _favourite(rng: np.random.Generator, seconds: float) -> Fault:
    return Fault(
        at_s=float(rng.uniform(2.0, seconds)),
        kind=(Kind.HANG, Kind.CRASH)[int(rng.integers(2))],
        path=FAVOURITES[int(rng.integers(len(FAVOURITES)))],
        count=int(rng.integers(1, 4)),
    )


def run(setup: Setup, planted: frozenset[Bug] = frozenset()) -> Report:
    """Run a simulation in a folder of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="phosphene-sim-", dir=memory()) as folder:
        return Simulation(setup, Path(folder), planted).run()


def chase(seed: int, planted: frozenset[Bug] = frozenset()) -> Catch:
    """Run one seed."""
    report = run(setup_of(seed), planted)
    return Catch(
        seed=seed,
        outcome=report.outcome,
        violations=report.violations,
        virtual_s=report.virtual_s,
        cpu_s=report.cpu_s,
        entries=report.journal_entries,
        faults=len(report.faults),
        restarts=sum(report.restarts.values()),
        sha256=report.journal_sha256,
    )


def hunt(seeds: range, jobs: int, planted: frozenset[Bug] = frozenset()) -> Iterator[Catch]:
    """Run seeds, over several processes; what became of each comes in their order.

    Whoever stops iterating stops the hunt.

    Args:
        seeds: to run.
        jobs: processes; 1 runs them in this one.
        planted: bugs to be found.
    """
    call: Callable[[int], Catch] = partial(chase, planted=planted)
    if jobs == 1 or len(seeds) == 1:
        with prepared():
            yield from _one_by_one(call, seeds)
        return
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin_child)
    try:
        yield from executor.map(call, seeds, chunksize=8)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def prepared() -> Iterator[None]:
    """Around runs: nothing is logged, and little of the collector's work comes in between.

    Deaths are what a hunt is made of; whoever wants to read them has the journal.
    """
    import scipy.signal  # noqa: F401, PLC0415  # its import takes 0.9 s

    level, thresholds = logging.root.manager.disable, gc.get_threshold()
    logging.disable(logging.CRITICAL)
    gc.collect()
    gc.freeze()
    gc.set_threshold(2000, 20, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        logging.disable(level)


def _one_by_one(call: Callable[[int], Catch], seeds: range) -> Iterator[Catch]:
    for count, seed in enumerate(seeds):
        if count % COLLECT_EVERY == COLLECT_EVERY - 1:
            gc.collect()
        yield call(seed)


def _begin_child() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the hunt
    _for_life.enter_context(prepared())


def memory() -> Path | None:
    """A folder in memory, where there is one: a run syncs often."""
    return MEMORY if os.access(MEMORY, os.W_OK | os.X_OK) else None

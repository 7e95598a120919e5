"""Simulated runs in a terminal: progress while they go on, a summary, files at the end."""

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import Final

import click
import msgspec

from sim.page.page import page
from sim.report import Report, write_report
from supervisors.hunt import RATES, Catch, hunt, memory, prepared, setup_of
from supervisors.sim_words import caught, summary
from supervisors.simulate import Simulation
from supervisors.simulated import canonical
from supervisors.stand_ins import Setup

DONE, BROKEN, INTERRUPTED = 0, 1, 130
PLAIN_EVERY_S: Final = 60.0
"""Virtual seconds between two lines of progress where they cannot be written over."""

PLAIN_EVERY_SEEDS: Final = 500
LINE_EVERY_S: Final = 0.2
"""Seconds between two looks of a line that is written over."""


def rates(times: float) -> dict[str, float]:
    """Faults at random a virtual minute, by kind, so many times those of a hunt."""
    return {kind: rate * times for kind, rate in RATES.items()} if times else {}


def simulate(setup: Setup, out: Path | None) -> int:
    """Run it, show it, write it down; 1 if something was broken that must hold."""
    temporary = tempfile.TemporaryDirectory(prefix="phosphene-sim-", dir=memory())
    with temporary as folder, prepared():
        simulation = Simulation(setup, Path(folder))
        line = _Line()
        with _interrupts(simulation):
            report = simulation.run(lambda at: line.show(simulation, at))
        line.end()
        if out is not None:
            write(report, simulation, out)
    click.echo(summary(report))
    if out is not None:
        click.echo(f"report   {out / 'report.html'}")
    return BROKEN if report.violations else DONE


def write(report: Report, simulation: Simulation, out: Path) -> None:
    """Write a report as JSON and as a page, and the journal as it was hashed."""
    (out / "report.json").write_bytes(write_report(report))
    (out / "report.html").write_text(page(report))
    entries = simulation.sim.transcript.entries
    (out / "journal.jsonl").write_bytes(b"".join(canonical(entry) for entry in entries))


def hunt_for(seeds: range, jobs: int, out: Path | None) -> int:
    """Hunt until a seed breaks something; 1 then."""
    line, began_at = _Line(), perf_counter()
    caught_so_far: list[Catch] = []
    try:
        for catch in hunt(seeds, jobs):
            caught_so_far.append(catch)
            line.count(len(caught_so_far), len(seeds), perf_counter() - began_at)
            if catch.violations:
                break
    except KeyboardInterrupt:
        line.end()
        click.echo(caught(caught_so_far, perf_counter() - began_at))
        return INTERRUPTED
    line.end()
    click.echo(caught(caught_so_far, perf_counter() - began_at))
    if out is not None:
        lines = (msgspec.json.encode(catch) + b"\n" for catch in caught_so_far)
        (out / "hunt.jsonl").write_bytes(b"".join(lines))
    last = caught_so_far[-1]
    if not last.violations:
        return DONE
    return simulate(setup_of(last.seed), out)


class _Line:
    """One line of progress, written over; plain lines where that cannot be."""

    def __init__(self) -> None:
        self._over = sys.stdout.isatty()
        self._shown_at = 0.0
        self._began_at = perf_counter()
        self._plain_at = 0.0
        self._length = 0

    def show(self, simulation: Simulation, at: float) -> None:
        """How far a run is."""
        if not self._due(at, PLAIN_EVERY_S):
            return
        speed = at / max(1e-9, perf_counter() - self._began_at)
        observer = simulation.observer
        self._write(
            f"{at:.0f} of {simulation.setup.seconds:.0f} s, {speed:.0f} times life,"
            f" {simulation.given.seen.frames} frames,"
            f" {observer.restarts.total()} restarts,"
            f" {len(observer.all_violations())} violations"
        )

    def count(self, done: int, of: int, took_s: float) -> None:
        """How far a hunt is."""
        if not (self._due(done, PLAIN_EVERY_SEEDS) or done == of):
            return
        left_s = took_s / done * (of - done)
        self._write(
            f"{done} of {of} seeds, {took_s / done:.3f} s each, {left_s:.0f} s left"
        )

    def end(self) -> None:
        """Make place for what follows."""
        if self._over and self._length:
            click.echo("\r" + " " * self._length + "\r", nl=False)

    def _due(self, at: float, plain_every: float) -> bool:
        if self._over:
            now = perf_counter()
            is_due = now - self._shown_at >= LINE_EVERY_S
            self._shown_at = now if is_due else self._shown_at
            return is_due
        is_due = at - self._plain_at >= plain_every
        self._plain_at = at if is_due else self._plain_at
        return is_due

    def _write(self, text: str) -> None:
        if self._over:
            click.echo("\r" + text.ljust(self._length), nl=False)
            self._length = len(text)
        else:
            click.echo(text)


@contextmanager
def _interrupts(simulation: Simulation) -> Iterator[None]:
    """Ctrl-C ends the run in order; a second one ends the process at once.

    An exception would not do: it would be raised within some actor, and end that.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen = 0

    def notice(_number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen > 1:
            os._exit(INTERRUPTED)
        simulation.interrupt("interrupted")

    before = signal.signal(signal.SIGINT, notice)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

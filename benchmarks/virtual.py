"""The virtual runtime: `python -m benchmarks.virtual [--minutes 10] [--seeds 50]`.

message   five rings of ten stages; in each a message goes round, so that five stages are
          ready at a time, and each slice has one message. Beside the virtual runtime: a
          bare loop that gives the same stages their turns in order (the kernel alone), and
          the live dispatcher with one thread.
hour      ten simulated sessions, painter off: processor seconds for a virtual hour, from
          the virtual seconds of a shorter run, the first 15 left out (until the encoder's
          windows are full). The lower quartile and the mean.
seed      one seed of a hunt, processor seconds: the mean.

All figures are processor time of this process; on a machine that others use too, a second
of it does less, so the lower quartile says more than the mean.

Prediction: a turn costs a draw, a swap in a list, two attributes and an addition, less than
a microsecond; the fence sees each letter for 0.2 more. An hour of ten sessions has 360,000
ticks of a session; at 120 µs for the four stages and 40 for the rest that is 58 s.
"""

import itertools
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from time import process_time
from typing import Any

import click

from actors.clock import LiveClock
from actors.dispatch import SharedDispatcher
from actors.inbox import Address, Inbox
from actors.stage import Stage
from protocols.ports import Mailbox
from supervisors.hunt import chase, memory, prepared
from supervisors.simulate import Simulation
from supervisors.simulated import SimulatedWorld
from supervisors.stand_ins import Setup

RINGS, STAGES = 5, 10
MESSAGES = 50_000
RUNS = 7
WARM_S = 15.0


class Passer(Stage):
    """Passes on what comes, until there were enough."""

    def __init__(self, to: Mailbox[Any], left: Iterator[int], done: Event) -> None:
        super().__init__()
        self._to, self._left, self._done = to, left, done

    def handle(self, message: object) -> None:
        """Pass it on."""
        if next(self._left, None) is None:
            self._done.set()
        else:
            self._to.tell(message)


def rings(make: Callable[[str], Address]) -> tuple[list[Address], list[Passer], Event]:
    """Addresses, stages that are not started, and what is set once enough came by."""
    done, left = Event(), iter(range(MESSAGES))
    addresses = [make(f"{n}/{place}") for n in range(RINGS) for place in range(STAGES)]
    edges = [address.latest("ring", lambda message: message) for address in addresses]
    stages = []
    for place in range(RINGS * STAGES):
        ring, within = divmod(place, STAGES)
        following = edges[ring * STAGES + (within + 1) % STAGES]
        stages.append(Passer(following, left, done))
    return addresses, stages, done


class Loop:
    """The kernel alone: fills a dispatcher's place with a list and a loop."""

    name = "loop"

    def __init__(self) -> None:
        self.ready: list[Callable[[], bool]] = []

    def attach(self, inbox: Inbox, run: Callable[[], bool]) -> None:
        """Give turns in order."""
        inbox.wake = lambda: self.ready.append(run)
        self.ready.append(run)

    def replace(self, thread: int) -> None:
        """Nobody hangs here."""

    def work(self) -> None:
        """Until nobody is ready."""
        ready = self.ready
        while ready:
            self.ready = []
            for run in ready:
                while run():
                    pass
            ready = self.ready


def begin(addresses: list[Address]) -> None:
    """Send a message off in each ring."""
    for ring in range(RINGS):
        addresses[ring * STAGES].tell(ring)


def kernel() -> float:
    """Microseconds a message, turns in order."""
    clock, loop = LiveClock(), Loop()
    addresses, stages, _ = rings(lambda name: Address(name, clock))
    for stage, address in zip(stages, addresses, strict=True):
        stage.launch(address, loop)
    loop.work()
    begin(addresses)
    return timed(loop.work)


def virtual() -> float:
    """Microseconds a message, in the virtual runtime."""
    sim = SimulatedWorld(1, slice_of=16)
    addresses, stages, _ = rings(sim.world.address)
    for stage, address in zip(stages, addresses, strict=True):
        stage.launch(address, sim.world.pinned)
    sim.scheduler.run(1.0)
    begin(addresses)
    return timed(lambda: sim.scheduler.run(2.0))


def live() -> float:
    """Microseconds a message, with the live dispatcher's one thread."""
    clock, dispatcher = LiveClock(), SharedDispatcher("ring", 1)
    addresses, stages, done = rings(lambda name: Address(name, clock))
    for stage, address in zip(stages, addresses, strict=True):
        stage.launch(address, dispatcher)
    begin(addresses)
    took = timed(done.wait)
    dispatcher.close()
    return took


def timed(work: Callable[[], object]) -> float:
    """Microseconds of processor time a message."""
    began_at = process_time()
    work()
    return 1e6 * (process_time() - began_at) / MESSAGES


def hour(minutes: float, pictures_hz: float) -> tuple[float, float]:
    """Processor seconds for a virtual hour of ten sessions: lower quartile, mean."""
    marks: list[tuple[float, float]] = []
    setup = Setup(seed=1, seconds=60 * minutes, sessions=10, pictures_hz=pictures_hz)
    with tempfile.TemporaryDirectory(dir=memory()) as folder, prepared():
        simulation = Simulation(setup, Path(folder))
        simulation.run(lambda at: marks.append((at, process_time())))
    after = [mark for at, mark in marks if at > WARM_S]
    seconds = sorted(b - a for a, b in itertools.pairwise(after))
    return 3600 * seconds[len(seconds) // 4], 3600 * statistics.fmean(seconds)


@click.command()
@click.option("--minutes", default=10.0, help="Of virtual time for each row of `hour`.")
@click.option("--seeds", default=50, help="Of a hunt.")
def main(minutes: float, seeds: int) -> None:
    """Measure."""
    rounds = [(kernel(), virtual(), live()) for _ in range(RUNS)]
    names = ("kernel alone", "virtual", "live, one thread")
    click.echo("message, µs")
    for name, values in zip(names, zip(*rounds, strict=True), strict=True):
        click.echo(
            f"  {name:18s} {min(values):6.2f}  (median {statistics.median(values):.2f})"
        )
    over = statistics.median(v - k for k, v, _ in rounds)
    click.echo(f"  virtual over kernel {over:5.2f}")
    click.echo("hour of ten sessions, painter off, s of processor (lower quartile, mean)")
    for pictures_hz in (1.0, 10.0):
        low, mean = hour(minutes, pictures_hz)
        click.echo(f"  {pictures_hz:4.0f} pictures/s a session {low:7.1f} {mean:7.1f}")
    with prepared():
        cost = [chase(seed).cpu_s for seed in range(seeds)]
    click.echo(f"seed of a hunt, s of processor\n  mean {statistics.fmean(cost):.3f}")


if __name__ == "__main__":
    main()

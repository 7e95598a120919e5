"""What a session costs a tick, stage by stage: `python -m benchmarks.stages`.

Ten sessions of eight simulated channels at 250 Hz, ten ticks of 25 samples a second. The
stages are built and never started: this thread calls `handle` and carries what they tell
from one to the next, so the figures are the stages' own work and no mailbox, thread or
socket is in them. Rows say how often a picture is wished for, and whether anybody watches.

Beside: another checkout of this repository (`git worktree add /tmp/before HEAD~9`, then
`--beside /tmp/before`). Two processes live at once and work in turns of seconds, so that
what else the machine does falls on both alike. A figure is the lower quartile of its
rounds, the ratio (how many times cheaper a part is here) the median of pairs.
"""

import json
import os
import statistics
import subprocess
import sys
from inspect import signature
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING, Any, TypeAlias

import click

if TYPE_CHECKING:
    from protocols.eeg import Microvolts
    from sim.brain import Brain

SESSIONS = 10
WARM_S = 40
"""Of signal a session, before anything counts: the baseline takes 30."""

ROUND_S = 4
"""Of signal a session, measured at a time: two of the brain's frames."""

ROUNDS = 20
TICKS_HZ = 10
ROWS = {
    "10 pictures/s": (10.0, False),
    "1 picture/s, nobody watches": (1.0, False),
    "10 pictures/s, watched": (10.0, True),
}
PARTS = ("brain", "reader", "filters", "encoder", "semantics")
Figures: TypeAlias = dict[str, dict[str, float]]
"""Microseconds a tick of one session, by row and part."""

HERE = Path(__file__).resolve().parents[1]


class Post:
    """Fills any `Mailbox`; keeps what it is told until it is carried on."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.tell = self.told.append

    def fetch(self) -> list[Any]:
        """Take out what was told."""
        told = self.told[:]
        self.told.clear()
        return told


class Nobody:
    """Fills any `Mailbox`; looks at nothing."""

    def tell(self, _what: object, /) -> None:
        """Forget it."""


class VirtualClock:
    """Fills `Clock` for all sessions."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        """Seconds."""
        return self.at

    def unix(self, at: float) -> float:
        """The same."""
        return at


class Session:
    """One session's stages in a row, and the seconds that each has used."""

    def __init__(
        self, clock: VirtualClock, seed: int, pictures_hz: float, *, watched: bool
    ) -> None:
        # Here, so that only the children import what is measured, from their own folder.
        from actors.encoder.actor import EncoderActor  # noqa: PLC0415
        from actors.filters.actor import FilterActor  # noqa: PLC0415
        from actors.semantics.actor import (  # noqa: PLC0415
            SemanticActor,
            SemanticSettings,
        )
        from sim.actor import SimulatorActor  # noqa: PLC0415
        from sim.headset import SimHeadset  # noqa: PLC0415

        self.used = dict.fromkeys(PARTS, 0.0)
        seen = {"is_watched": lambda: watched}
        self.wishes = Post()
        raw, clean, features = Post(), Post(), Post()
        self._reader = SimulatorActor(
            clock=clock,
            make_headset=lambda: SimHeadset(self._timed_brain(seed)),
            downstream=raw,
        )
        self._way = (
            (
                "filters",
                raw,
                FilterActor(clock=clock, mains_hz=50.0, downstream=clean, viewer=Nobody()),
            ),
            (
                "encoder",
                clean,
                EncoderActor(
                    clock=clock,
                    window_s=2.0,
                    step_s=0.1,
                    downstream=features,
                    viewer=Nobody(),
                    # An older checkout does not know it.
                    **(seen if "is_watched" in signature(EncoderActor).parameters else {}),
                ),
            ),
            (
                "semantics",
                features,
                SemanticActor(
                    clock=clock,
                    session="s",
                    settings=SemanticSettings(pictures_hz=pictures_hz),
                    generators=self.wishes,
                    viewer=Nobody(),
                    **seen,
                ),
            ),
        )
        self._reader.setup()
        for _, _, stage in self._way:
            stage.setup()

    def tick(self, tick: object) -> None:
        """Let a tenth of a second pass the stages."""
        used = self.used
        before_s, began = used["brain"], thread_time()
        self._reader.handle(tick)
        used["reader"] += thread_time() - began - (used["brain"] - before_s)
        for name, mail, stage in self._way:
            for message in mail.fetch():
                began = thread_time()
                stage.handle(message)
                used[name] += thread_time() - began
        self.wishes.told.clear()

    def _timed_brain(self, seed: int) -> "Brain":
        from sim.brain import Brain  # noqa: PLC0415

        brain = Brain(seed=seed)
        take = brain.take

        def timed(samples: int) -> "Microvolts":
            began = thread_time()
            uv = take(samples)
            self.used["brain"] += thread_time() - began
            return uv

        brain.take = timed  # type: ignore[method-assign]
        return brain


class Row:
    """Some sessions that live alike."""

    def __init__(self, pictures_hz: float, *, watched: bool) -> None:
        self._clock = VirtualClock()
        self._ticks = 0
        self._sessions = [
            Session(self._clock, seed, pictures_hz, watched=watched)
            for seed in range(SESSIONS)
        ]

    def live(self, seconds: int) -> dict[str, float]:
        """Let time pass; microseconds a tick of one session, by part."""
        from protocols.time import Tick  # noqa: PLC0415

        for session in self._sessions:
            session.used.update(dict.fromkeys(PARTS, 0.0))
        ticks = seconds * TICKS_HZ
        for number in range(self._ticks + 1, self._ticks + ticks + 1):
            self._clock.at = number / TICKS_HZ
            tick = Tick(now=self._clock.at, number=number)
            for session in self._sessions:
                session.tick(tick)
        self._ticks += ticks
        return {
            part: 1e6 * sum(s.used[part] for s in self._sessions) / (ticks * SESSIONS)
            for part in PARTS
        }


def serve() -> None:
    """Measure a round of each row for every line that comes in (a child's whole life)."""
    rows = {name: Row(hz, watched=watched) for name, (hz, watched) in ROWS.items()}
    for row in rows.values():
        row.live(WARM_S)
    print("warm", flush=True)
    while sys.stdin.readline():
        print(
            json.dumps({name: row.live(ROUND_S) for name, row in rows.items()}), flush=True
        )


class Child:
    """A process that imports from `folder`; one thread for the algebra."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--child"],
            env={**os.environ, "PYTHONPATH": str(folder), "OPENBLAS_NUM_THREADS": "1"},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._hear()

    def measure(self) -> Figures:
        """One round of each row."""
        assert self._process.stdin is not None  # noqa: S101  # it was asked for
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        figures: Figures = json.loads(self._hear())
        for parts in figures.values():
            parts["sum"] = sum(parts.values())
        return figures

    def close(self) -> None:
        """End it."""
        self._process.communicate()

    def _hear(self) -> str:
        assert self._process.stdout is not None  # noqa: S101  # it was asked for
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a child has ended; what it said is above")
        return line


def report(here: list[Figures], there: list[Figures]) -> None:
    """Print a table a row."""
    for row in ROWS:
        print(f"{row:30}{'here':>8}" + ("   there  ratio" if there else ""))
        for part in (*PARTS, "sum"):
            ours = [figures[row][part] for figures in here]
            line = f"  {part:28}{quartile(ours):8.1f}"
            if there:
                theirs = [figures[row][part] for figures in there]
                ratio = statistics.median(t / o for t, o in zip(theirs, ours, strict=True))
                line += f"{quartile(theirs):8.1f}{ratio:6.2f}x"
            print(line)
    print("(µs of one core a tick of one session)")


def quartile(figures: list[float]) -> float:
    """The lower one."""
    return sorted(figures)[len(figures) // 4]


@click.command()
@click.option("--beside", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--rounds", default=ROUNDS, show_default=True)
@click.option("--child", is_flag=True, hidden=True)
def main(beside: Path | None, rounds: int, *, child: bool) -> None:
    """Measure and print."""
    if child:
        serve()
        return
    children = [Child(folder) for folder in (HERE, beside) if folder is not None]
    taken: list[list[Figures]] = [[], []]
    for _ in range(rounds):
        for figures, process in zip(taken, children, strict=False):
            figures.append(process.measure())
    for process in children:
        process.close()
    report(*taken)


if __name__ == "__main__":
    main()

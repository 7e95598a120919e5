"""`phosphene sim`: the whole system in virtual time, and the hunt for what breaks it.

    0  done, and nothing that must hold was broken
    1  something was: what, and the command that shows it again
    2  a mistake on the command line, or in the file of faults

130: a second Ctrl-C; the first one ends the run in order, with its report.
"""

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sim.runtime.faults import Fault


@click.command()
@click.option("--minutes", type=click.FloatRange(0.01, 10_000), default=10.0, help="[10]")
@click.option("--seed", type=click.IntRange(min=0), default=1, help="Decides all. [1]")
@click.option("--sessions", type=click.IntRange(1, 500), default=2, help="At once. [2]")
@click.option(
    "--faults",
    "fault_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="TOML: what goes wrong, when and where.",
)
@click.option(
    "--chaos",
    type=click.FloatRange(0, 100),
    default=0.0,
    metavar="TIMES",
    help="Faults at random too, so many times those of a hunt. [0]",
)
@click.option(
    "--pictures-hz",
    type=click.FloatRange(0.1, 10.0),
    default=1.0,
    help="Pictures a second that each session wishes for. [1]",
)
@click.option("--painter", is_flag=True, help="Paint them; else they are flat.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="For report.json, report.html and the journal.",
)
@click.option("--seeds", type=click.IntRange(min=1), help="Hunt: so many short runs.")
@click.option("--from-seed", type=click.IntRange(min=0), default=0, help="Of a hunt. [0]")
@click.option("--jobs", type=click.IntRange(1, 256), help="Its processes. [all cores]")
def sim(  # noqa: PLR0913  # an option each
    *,
    minutes: float,
    seed: int,
    sessions: int,
    fault_file: Path | None,
    chaos: float,
    pictures_hz: float,
    painter: bool,
    out: Path | None,
    seeds: int | None,
    from_seed: int,
    jobs: int | None,
) -> int:
    """Run the whole system without hardware, faster than life; same seed, same run.

    \b
    phosphene sim --minutes 10 --seed 7 --sessions 5 --out report
    phosphene sim --minutes 10 --seed 7 --faults bad-day.toml
    phosphene sim --seeds 1000               hunt for a seed that breaks something

    A file of faults has one or more of these:

    \b
    [[faults]]
    at_s = 30
    kind = "hang"       # or crash, slow, lost, doubled, device_gone, disk_full,
    path = "*/encoder"  # restart, stop, pause
    for_s = 8
    """  # noqa: D301  # click: \b, these lines as they are
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        # Before NumPy comes: one thread computes the same on every machine, and faster.
        os.environ.setdefault(name, "1")
    # Heavy: help answers at once.
    from supervisors import sim_runs  # noqa: PLC0415
    from supervisors.stand_ins import Setup  # noqa: PLC0415

    if out is not None:
        _make(out)
    if seeds is not None:
        found = range(from_seed, from_seed + seeds)
        return sim_runs.hunt_for(found, jobs or os.cpu_count() or 1, out)
    faults = () if fault_file is None else _faults(fault_file)
    setup = Setup(
        seed=seed,
        seconds=60.0 * minutes,
        sessions=sessions,
        pictures_hz=pictures_hz,
        painter=painter,
        faults=faults,
        fault_file="" if fault_file is None else fault_file.name,
        rates=sim_runs.rates(chaos),
        replay=_command(
            minutes=minutes,
            seed=seed,
            sessions=sessions,
            pictures_hz=pictures_hz,
            painter=painter,
            faults=fault_file,
            chaos=chaos,
        ),
    )
    return sim_runs.simulate(setup, out)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"--out {folder}: {error.strerror}") from error


def _faults(file: Path) -> tuple["Fault", ...]:
    from sim.runtime.faults import FaultFileError, read_faults  # noqa: PLC0415

    try:
        return read_faults(file)
    except FaultFileError as error:
        raise click.UsageError(str(error)) from error


def _command(*, painter: bool, faults: Path | None, chaos: float, **plain: float) -> str:
    """The command that runs it again."""
    words = ["phosphene", "sim"]
    for name, value in plain.items():
        words += [f"--{name.replace('_', '-')}", f"{value:g}"]
    words += ["--painter"] * painter
    words += ["--faults", str(faults)] if faults is not None else []
    words += ["--chaos", f"{chaos:g}"] if chaos else []
    return shlex.join(words)

"""Blows of `survival.py` against a whole server in this process."""

import logging
import resource
import signal
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import psutil

from benchmarks.blows.watch import (
    PATIENCE_S,
    Log,
    Viewer,
    gaps,
    lost_samples,
    p50,
    table,
)
from protocols.supervision import (
    ChildGone,
    ChildHung,
    ChildStarted,
    ChildState,
    ZombieEnded,
)
from supervisors.live import warm_up
from supervisors.orders import SetFlags
from supervisors.restart import Intensity
from supervisors.roll import Post
from tests.journeys.inside import POISON, Inside
from tests.poison import Stuck

BACK_S: Final = 1.0
"""Aim: from a fall to the next life."""

FOUND_S: Final = 0.5
"""Aim: from an actor's limit to its being called hung."""

PICTURE_S: Final = 3.0
"""Aim: from a segfault to the next picture."""

WIDE: Final = Intensity(max_restarts=10_000, within_s=600.0)
LONGEST_HANG_S: Final = 10.0
"""Whose limit is longer (single analyses: 60 s) is not waited for."""

WATCHDOG: Final = "root/watchdog"
"""Its own hang is seen from outside alone: no beat comes any more (`--guard`)."""

HOUSES: Final = "root/sessions/houses"
ABOVE_ALL_HOUSES: Final = ("root/sessions", HOUSES)
"""Their children are the sessions: what falls with them is no other's loss."""

EVERY: Final = 10
"""Rounds from one in which those fall to the next, which then fall so many times."""

QUIET_S: Final = 10.0
"""Of pictures without a blow, to compare with."""


@dataclass
class Figures:
    """Of one row of the tree."""

    took_s: list[float] = field(default_factory=list)
    silent_s: list[float] = field(default_factory=list)
    lost: int = 0
    missing: int = 0


class Stage:
    """A server with three sitters, each watched; budgets that nothing spends."""

    def __init__(self, folder: Path, painters: int) -> None:
        self.inside = Inside(folder, painters=painters)
        warm_up()
        self.world = self.inside.world
        self.log = Log(self.world.clock)
        self.world.chronicle.watch(self.log)
        self.now = self.world.clock.now
        self.viewers = [Viewer(self.inside, self.inside.sit()) for _ in range(3)]
        self.a, *self.others = self.viewers
        self.other_ids = [viewer.session for viewer in self.others]
        self.all_driven()
        self.widen()

    def close(self) -> None:
        """End it all."""
        for viewer in self.viewers:
            viewer.close()
        self.inside.close()

    def all_driven(self) -> None:
        """Wait until everybody has a new picture."""
        since = self.now()
        for viewer in self.viewers:
            viewer.driven(since)

    def widen(self) -> None:
        """Give every supervisor a budget that nobody spends; new lives have none."""
        supervisors = [r.path for r in self.world.view.rows() if r.kind == "supervisor"]
        for path in ("root", *supervisors):
            office = self.world.roll.office(path)
            if office is not None and office.flags.intensity != WIDE:
                flags = replace(office.flags, intensity=WIDE)
                done = office.address.ask(SetFlags(flags), timeout_s=PATIENCE_S)
                done.get(timeout=PATIENCE_S)

    def paths(self) -> list[str]:
        """Everybody but the other sessions, and A's house as a whole.

        Who has a backoff comes first: then it has worked for a round before it falls.
        """
        house = f"{HOUSES}/{self.a.session}"
        away = [f"{HOUSES}/{session}" for session in self.other_ids]
        found = [
            row.path
            for row in self.world.view.rows()
            if row.path != house and not row.path.startswith(tuple(away))
        ]
        return sorted(found, key=lambda path: self.life_of(path).spec.backoff is None)

    def shown(self, path: str) -> str:
        """A path without the session's id."""
        return path.replace(self.a.session, "A")

    def life_of(self, path: str) -> Post:
        """Who lives there."""
        post, row = self.world.roll.find(path), self.world.view.row(path)
        if post is None or row is None or row.state is not ChildState.RUNNING:
            raise RuntimeError(f"{path} is not running: {row}")
        return post

    def up(self, path: str, life: int, mark: int) -> float:
        """Wait for a later life; clock time at which it was up."""
        return self.log.until(
            lambda e: isinstance(e, ChildStarted) and e.path == path and e.life > life,
            mark,
        ).at

    def wait_out_backoff(self, path: str) -> None:
        """Wait until a fall counts as the first again: pictures pass the time."""
        backoff, row = self.life_of(path).spec.backoff, self.world.view.row(path)
        if row is not None and backoff is not None:
            self.others[0].driven(row.since + backoff.most_s)

    def houses_up(self, mark: int) -> None:
        """Wait until all three houses have been built anew."""
        for viewer in self.viewers:
            self.up(f"{HOUSES}/{viewer.session}", 0, mark)


@contextmanager
def staged(painters: int) -> Iterator[Stage]:
    """A server for a while; no core files, no log."""
    logging.basicConfig(level=logging.CRITICAL + 1)
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    with tempfile.TemporaryDirectory(prefix="survival-") as folder:
        stage = Stage(Path(folder), painters)
        try:
            yield stage
        finally:
            stage.close()


# -- kills --------------------------------------------------------------------------------


def kills(times: int, painters: int) -> None:
    """Everybody in the tree, so many times each."""
    with staged(painters) as stage:
        quiet = _quiet(stage)
        paths = stage.paths()
        figures: dict[str, Figures] = defaultdict(Figures)
        began_at = stage.now()
        for number in range(times):
            for path in paths:
                if path not in ABOVE_ALL_HOUSES:
                    _kill(stage, path, figures[path])
            _kill_house(stage, figures[f"{HOUSES}/A"])
            if number % EVERY == 0:
                for path in ABOVE_ALL_HOUSES:
                    _kill_often(stage, path, min(EVERY, times - number), figures[path])
        took_s = stage.now() - began_at
    print(
        f"\n{quiet}\n{times} rounds took {took_s:.0f} s;"
        f" {sum(len(f.took_s) for f in figures.values())} falls"
    )
    _tell(figures, stage)


def _tell(figures: dict[str, Figures], stage: Stage) -> None:
    heads = ("who falls", "times", "back p50", "max", "late", "lost", "missing")
    table(
        f"kills: seconds to the next life (aim {BACK_S:g}); what B and C lost of samples"
        " (aim 0) and published pictures, and their longest silence, seconds",
        (*heads, "silent p50", "max"),
        (
            (
                stage.shown(path),
                len(f.took_s),
                p50(f.took_s),
                max(f.took_s),
                sum(took_s > BACK_S for took_s in f.took_s),
                f.lost,
                f.missing,
                p50(f.silent_s),
                max(f.silent_s),
            )
            for path, f in sorted(figures.items())
        ),
    )


def _quiet(stage: Stage) -> str:
    """Pictures of B and C while nobody falls."""
    begin = stage.now()
    for viewer in stage.others:
        viewer.driven(begin + QUIET_S)
    found: list[float] = []
    for viewer in stage.others:
        found += gaps([frame.at for frame in viewer.frames if frame.at >= begin])
    missing = sum(viewer.missing(begin, stage.now()) for viewer in stage.others)
    return (
        f"nobody falls for {QUIET_S:g} s: B and C wait {p50(found):.3f} s at p50 and"
        f" {max(found):.3f} s at most for a picture; {missing} missing"
    )


@contextmanager
def _watched(stage: Stage, figures: Figures) -> Iterator[Callable[[], None]]:
    """What B and C lose meanwhile; gives what ends it: both have a new picture."""
    lost = lost_samples(stage.inside, stage.other_ids)
    began_at = stage.now()

    def settled() -> None:
        up_at = stage.now()
        ends = [viewer.driven(up_at).at for viewer in stage.others]
        silent = [
            viewer.silence(began_at, end)
            for viewer, end in zip(stage.others, ends, strict=True)
        ]
        figures.silent_s.append(max(silent))

    yield settled
    figures.lost += lost_samples(stage.inside, stage.other_ids) - lost
    figures.missing += sum(v.missing(began_at, stage.now()) for v in stage.others)


def _kill(stage: Stage, path: str, figures: Figures) -> None:
    stage.wait_out_backoff(path)
    post = stage.life_of(path)
    with _watched(stage, figures) as settled:
        mark, began_at = stage.log.mark(), stage.now()
        post.spec.address.tell(POISON)
        figures.took_s.append(stage.up(path, post.life, mark) - began_at)
        settled()
    stage.widen()


def _kill_often(stage: Stage, path: str, times: int, figures: Figures) -> None:
    """The sessions fall with it: the next pictures are waited for once."""
    with _watched(stage, figures) as settled:
        for _ in range(times):
            post = stage.life_of(path)
            mark, began_at = stage.log.mark(), stage.now()
            post.spec.address.tell(POISON)
            figures.took_s.append(stage.up(path, post.life, mark) - began_at)
            stage.houses_up(mark)
            stage.widen()
        settled()
    stage.all_driven()


def _kill_house(stage: Stage, figures: Figures) -> None:
    """A house is not built again: its session has failed, and says so."""
    mark = stage.log.mark()
    session = stage.inside.sit()["session_id"]
    path = f"{HOUSES}/{session}"
    stage.up(path, 0, mark)
    post = stage.life_of(path)
    with _watched(stage, figures) as settled:
        mark, began_at = stage.log.mark(), stage.now()
        post.spec.address.tell(POISON)
        gone = stage.log.until(lambda e: isinstance(e, ChildGone) and e.path == path, mark)
        figures.took_s.append(gone.at - began_at)
        settled()
    with stage.inside.client() as client:
        shown = client.get(f"/api/v1/session/{session}").json()["status"]
    if shown != "failed":
        raise RuntimeError(f"the session of a house that fell is {shown}")


# -- hangs --------------------------------------------------------------------------------


@dataclass
class HangFigures(Figures):
    """Of one row of the tree."""

    limit_s: float = 0.0
    found_s: list[float] = field(default_factory=list)
    """Beyond the limit."""


def hangs(times: int, painters: int) -> None:
    """Everybody whom the watchdog watches, but who may take a minute."""
    with staged(painters) as stage:
        figures: dict[str, HangFigures] = defaultdict(HangFigures)
        for _ in range(times):
            for path in stage.paths():
                limit_s = stage.life_of(path).spec.hang_after_s
                if path == WATCHDOG or limit_s is None or limit_s > LONGEST_HANG_S:
                    continue
                figures[path].limit_s = limit_s
                print("hangs:", stage.shown(path), flush=True)
                _hang(stage, path, figures[path])
    heads = ("who hangs", "limit", "found after it: p50", "max", "back p50", "max")
    table(
        f"hangs: seconds beyond the limit until found (aim {FOUND_S:g}), and to the next"
        " life; what B and C lost meanwhile",
        (*heads, "lost", "missing", "silent max"),
        (
            (
                stage.shown(path),
                f.limit_s,
                p50(f.found_s),
                max(f.found_s),
                p50(f.took_s),
                max(f.took_s),
                f.lost,
                f.missing,
                max(f.silent_s),
            )
            for path, f in sorted(figures.items())
        ),
    )


def _hang(stage: Stage, path: str, figures: HangFigures) -> None:
    post = stage.life_of(path)
    stuck = Stuck()
    with _watched(stage, figures) as settled:
        mark, began_at = stage.log.mark(), stage.now()
        post.spec.address.tell(stuck)
        try:
            hung = stage.log.until(
                lambda e: isinstance(e, ChildHung) and e.path == path, mark
            )
            figures.found_s.append(hung.at - began_at - figures.limit_s)
            figures.took_s.append(stage.up(path, post.life, mark) - began_at)
            settled()
        finally:
            stuck.gate.set()
        stage.log.until(lambda e: isinstance(e, ZombieEnded) and e.path == path, mark)
    stage.all_driven()
    stage.widen()


# -- segfaults ----------------------------------------------------------------------------


def segfaults(times: int, painters: int) -> None:
    """A painter's process, so many times."""
    took_s: list[float] = []
    with staged(painters) as stage:
        for _ in range(times):
            began_at = stage.now()
            _painters()[0].send_signal(signal.SIGSEGV)
            took_s.append(max(v.driven(began_at).at for v in stage.viewers) - began_at)
            stage.all_driven()
    table(
        f"segfaults: seconds to the next picture of all sessions (aim {PICTURE_S:g})",
        ("who", "times", "p50", "max", "late"),
        [
            (
                f"one of {painters} painters' processes",
                len(took_s),
                p50(took_s),
                max(took_s),
                sum(took > PICTURE_S for took in took_s),
            )
        ],
    )


def _painters() -> list[psutil.Process]:
    module = "actors.generator.child"
    return [child for child in psutil.Process().children() if module in child.cmdline()]

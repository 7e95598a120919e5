"""Ends of `survival.py`: signals to real servers, and what is on the disk afterwards."""

import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import numpy as np
import psutil
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect

from benchmarks.blows.watch import PATIENCE_S, p50, table
from protocols.operators import Events
from protocols.supervision import Entry, RunEnded
from tests.journeys.journals import read_journal
from tests.journeys.server import Server, Starting

EXIT_S: Final = 10.0
"""Aim: from SIGTERM to the end of the process."""

SMALL: Final = ("--workers", "1", "--set", "pictures.width=64")
OPTIONS: Final = (*SMALL, "--set", "pictures.height=64")
TOO_EARLY: Final = -signal.SIGTERM
"""Exit code of a process that had not come as far as to listen to signals."""

POLL_S: Final = 0.02
PAINTERS: Final = 2
TREES: Final = 10
"""Numbers for which a tree is computed from the files alone, by round."""

LOAD_S: Final = 0.5, 3.0
TERM_S: Final = 0.2, 4.0
FOLLOWED: Final = "analysis", "metronome"
"""Roles that an operator restarts meanwhile, so that there is something to write."""


class Calls:
    """Threads that call a server until it is gone."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def go(self, call: Callable[[], object], pause_s: float = 0.0) -> None:
        """Call again and again, until it fails for want of a server."""
        thread = threading.Thread(target=self._repeat, args=(call, pause_s), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _repeat(self, call: Callable[[], object], pause_s: float) -> None:
        with suppress(httpx.HTTPError, WebSocketException, OSError):
            while not self._over.wait(pause_s):
                call()

    def end(self) -> None:
        """Wait until all have ended."""
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)


def family(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """A server's children, painters most of all."""
    with suppress(psutil.NoSuchProcess):
        children: list[psutil.Process] = psutil.Process(process.pid).children(
            recursive=True
        )
        return children
    return []


# -- SIGTERM ------------------------------------------------------------------------------


@dataclass
class Ends:
    """How servers ended."""

    took_s: list[float] = field(default_factory=list)
    codes: Counter[int] = field(default_factory=Counter)
    served: int = 0
    wrong: list[str] = field(default_factory=list)
    closed: Counter[int] = field(default_factory=Counter)
    """Close codes that viewers were given."""


def sigterms(times: int, at_once: int, seed: int) -> None:
    """Servers with two sessions and a viewer, ended at random instants."""
    rng, ends = np.random.default_rng(seed), Ends()
    whens = [float(when) for when in rng.uniform(*TERM_S, times)]
    with tempfile.TemporaryDirectory(prefix="survival-") as root, ExitStack() as stack:
        turns = iter(whens)
        lock = threading.Lock()

        def work(folder: Path) -> None:
            while True:
                with lock:
                    after_s = next(turns, None)
                if after_s is None:
                    return
                _term(folder, after_s, ends)

        workers = [
            threading.Thread(target=work, args=(Path(root) / str(number),))
            for number in range(at_once)
        ]
        for worker in workers:
            worker.start()
            stack.callback(worker.join)
    table(
        f"SIGTERM {TERM_S[0]:g} to {TERM_S[1]:g} s after the start, seed {seed}: seconds to"
        f" the end (aim {EXIT_S:g})",
        ("servers", "had served", "p50", "max", "late", "wrong"),
        [
            (
                times,
                ends.served,
                p50(ends.took_s),
                max(ends.took_s),
                sum(took_s > EXIT_S for took_s in ends.took_s),
                len(ends.wrong),
            )
        ],
    )
    print(f"\nexit codes {dict(ends.codes)} ({TOO_EARLY}: Python was still importing);")
    print(f"streams were closed with {dict(ends.closed)}")
    print("\n".join(ends.wrong))


def _term(folder: Path, after_s: float, ends: Ends) -> None:
    before = read_journal(folder).entries
    last = before[-1].number if before else 0
    server, calls, began_at = Starting(folder, *OPTIONS), Calls(), time.monotonic()
    calls.go(lambda: _sit(server, ends))
    with suppress(subprocess.TimeoutExpired):
        server.process.wait(max(0.0, began_at + after_s - time.monotonic()))
    children = family(server.process)
    ends.served += bool(server.page)
    began_at = time.monotonic()
    code = server.stop(signal.SIGTERM)
    ends.took_s.append(time.monotonic() - began_at)
    ends.codes[code] += 1
    calls.end()
    _, left = psutil.wait_procs(children, timeout=PATIENCE_S)
    wrong = [f"{len(left)} children are left"] if left else []
    if code not in (0, TOO_EARLY):
        wrong += [f"exit code {code}", *server.lines[-20:]]
    kept = read_journal(folder, last)
    if kept.bad or kept.missing or kept.untold:
        wrong.append(f"journal: {kept.bad} missing {kept.missing} untold {kept.untold}")
    if code == 0 and not (kept.entries and isinstance(kept.entries[-1].event, RunEnded)):
        wrong.append(f"the last entry is no RunEnded: {kept.entries[-1:]}")
    ends.wrong += [f"after {after_s:.2f} s: {what}" for what in wrong]


def _sit(server: Starting, ends: Ends) -> None:
    """Two sessions and a viewer; ends with the server."""
    with suppress(AssertionError):  # it ended before it served
        server.serves()
    if not server.base:
        raise OSError("it is gone")
    session, _ = server.sit(), server.sit()
    with connect(session["websocket_url"], max_size=None) as viewer:
        try:
            while True:
                viewer.recv(timeout=PATIENCE_S)
        except ConnectionClosed as closed:
            ends.closed[closed.rcvd.code if closed.rcvd else 0] += 1
            raise


# -- kill -9 ------------------------------------------------------------------------------


@dataclass
class Promised:
    """What clients were told in all rounds."""

    shown: dict[int, Entry] = field(default_factory=dict)
    """Entries that `GET /ops/events` gave, by number."""

    pictures: list[str] = field(default_factory=list)
    """Their paths."""

    keys: list[str] = field(default_factory=list)


@dataclass
class Losses:
    """What of it was not there afterwards."""

    entries: int = 0
    rounds: int = 0
    again_s: list[float] = field(default_factory=list)
    unlike: list[int] = field(default_factory=list)
    """Numbers of entries that were shown and are not on the disk as they were."""

    missing: list[int] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    trees: list[int] = field(default_factory=list)
    """Numbers for which no tree could be computed."""

    pictures: list[str] = field(default_factory=list)
    keys: int = 0


def kill9s(times: int, seed: int) -> None:
    """A server under load, killed at random instants, started again on the same folder."""
    rng, promised, losses = np.random.default_rng(seed), Promised(), Losses()
    with tempfile.TemporaryDirectory(prefix="survival-") as root:
        folder = Path(root)
        for _ in range(times):
            with _started(folder, losses) as server:
                _look_back(server, promised, losses, rng)
                promised.keys.append(server.key)
                _load(server, promised, float(rng.uniform(*LOAD_S)))
            _look_at_disk(folder, promised, losses, rng)
        with _started(folder, losses) as server:
            _look_back(server, promised, losses, rng)
    heads = ("what", "promised", "lost (aim 0)")
    table(
        f"kill -9 under load, {times} times in one data folder, seed {seed}",
        heads,
        [
            ("entries on the disk, missing numbers", losses.entries, len(losses.missing)),
            ("lines that cannot be read", "", len(losses.bad)),
            ("entries shown to a client", len(promised.shown), len(losses.unlike)),
            ("trees that can be computed", losses.entries, len(losses.trees)),
            ("pictures", len(promised.pictures), len(losses.pictures)),
            ("keys", len(promised.keys), losses.keys),
        ],
    )
    print(
        f"\nserves again {p50(losses.again_s):.2f} s after its start at p50,"
        f" {max(losses.again_s):.2f} s at most"
    )
    for name in ("missing", "bad", "unlike", "trees", "pictures"):
        if found := getattr(losses, name):
            print(name, found[:20])


@contextmanager
def _started(folder: Path, losses: Losses) -> Iterator[Server]:
    began_at = time.monotonic()
    server = Server(folder, *OPTIONS)
    losses.again_s.append(time.monotonic() - began_at)
    try:
        yield server
    finally:
        children = family(server.process)
        server.stop(signal.SIGKILL)
        psutil.wait_procs(children, timeout=PATIENCE_S)


def _load(server: Server, promised: Promised, seconds: float) -> None:
    """Keep it busy for so long, then kill it while it is."""
    calls, clients = Calls(), ExitStack()

    def client() -> httpx.Client:
        return clients.enter_context(server.client())

    session, _ = server.sit(), server.sit()
    viewer = clients.enter_context(connect(session["websocket_url"], max_size=None))
    asking, ordering = client(), client()
    calls.go(lambda: viewer.recv(timeout=PATIENCE_S))
    calls.go(lambda: _follow(asking, promised.shown), POLL_S)
    calls.go(lambda: _order(ordering), POLL_S)
    for painting in [client() for _ in range(PAINTERS)]:
        calls.go(partial(_paint, painting, promised.pictures))
    with suppress(subprocess.TimeoutExpired):
        server.process.wait(seconds)
    server.process.kill()
    calls.end()
    clients.close()


def _follow(client: httpx.Client, shown: dict[int, Entry]) -> None:
    got = client.get("/ops/events", params={"since": max(shown, default=0), "limit": 1000})
    if got.status_code == 200:
        events = msgspec.json.decode(got.content, type=Events)
        shown.update((entry.number, entry) for entry in events.entries)


def _order(client: httpx.Client) -> None:
    for role in FOLLOWED:
        path = f"/ops/actors/root/surroundings/{role}/restart"
        client.post(path, json={"reason": "so that something happens"})


def _paint(client: httpx.Client, promised: list[str]) -> None:
    wish = {"prompt": "a red sun", "width": 64, "height": 64}
    made = client.post("/api/v1/generate", json=wish)
    if made.status_code == 200:
        promised.append(httpx.URL(made.json()["image_url"]).path)


def _look_at_disk(
    folder: Path, promised: Promised, losses: Losses, rng: np.random.Generator
) -> None:
    """Before anybody has mended anything."""
    kept = read_journal(folder)
    losses.entries = len(kept.entries)
    losses.missing += kept.missing
    losses.bad += [str(bad) for bad in kept.bad]
    losses.trees += kept.untold
    there = {entry.number: entry for entry in kept.entries}
    losses.unlike += [
        number for number, entry in promised.shown.items() if there.get(number) != entry
    ]
    for number in rng.choice(sorted(there), TREES).tolist():
        if kept.reader.tree_at(number) is None:
            losses.trees.append(number)


def _look_back(
    server: Server, promised: Promised, losses: Losses, rng: np.random.Generator
) -> None:
    """By the next run."""
    for key in promised.keys:
        with server.client(key) as client:
            losses.keys += client.get("/api/v1/session").status_code != 200
    with server.client() as client:
        for path in promised.pictures:
            found = client.get(path)
            if not _is_whole(found):
                losses.pictures.append(path)
        if promised.shown:
            number: Any = rng.choice(sorted(promised.shown))
            seen = client.get("/ops/tree", params={"at": int(number)})
            if seen.status_code != 200:
                losses.trees.append(int(number))


def _is_whole(found: httpx.Response) -> bool:
    said = found.headers.get("content-length")
    kind = found.headers.get("content-type")
    return kind == "image/png" and len(found.content) == int(said or -1)

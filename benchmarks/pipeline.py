"""The whole spine: from the last sample of a window to the frame on the wire.

    python benchmarks/pipeline.py [--rows 1x512@10 100x256@1] [--seconds 60] [--profile]

A row is `sessions x pixels a side @ pictures a second`. For each, the real server
(`supervisors.serve`, all of it) runs in a process of its own; simulated sittings are made
over HTTP, and this process watches the binary stream of each, with epoll and one thread.
After the last sitting was made it waits until 600 ticks (a minute) are the newest that
the metronome and the broadcaster remember, and measures for `--seconds`.

* stages: medians and 99th percentiles of `latency_ms` in the frames' own heads;
* wire: from `captured_at` (the last sample) to the moment at which this process had read
  the frame, on the same clock; it holds this process's own time;
* tick: how late the broadcaster handled its 10 Hz tick, and how late the metronome told it;
* cores: CPU-seconds a second of the server, of its painters, of this process, and of all
  other processes of the machine: where the last is not small, the row is not worth much;
* books: what every edge dropped and why. At the end all sittings are paused, and whatever
  came and was not dropped must have been taken.

Prediction before the first run, two cores: one sitting at 512 x 512 takes as long as its
picture (60 ms) and 10 ms for all else; of 100 sittings each costs 1 ms of Python a tick, so
that one core is full with them and the painters get the other: the tick about 10 ms late
at p99, and of 100 pictures a second at 256 x 256 (20 ms each) 50 come.

OUTCOME, on two cores (AMD EPYC, virtual) that nobody else used, 60 s a row; milliseconds:

    row         pictures/s   wire p50    p99   tick p99  missed  cores: server  painters
    1x512@10          10.0         45    101       12.5       0           0.07      0.36
    10x512@1          10.0        207    519        4.0       0           0.21      0.43
    50x256@1          50.2        194    481        8.3       0           0.57      0.69
    100x128@1         85.6        640   1310        8.3       0           0.99      0.73
    100x256@1         58.0        731   1323       10.4       0           0.98      0.77

    row         read  filter  encode  semantic  queue  generate  deliver  codec  (p50)
    1x512@10     5.0     0.4     0.5       0.0    0.6      37.0      0.3    0.8
    10x512@1     5.1     0.1     0.6       0.0  151.1      40.9      0.3    0.8
    50x256@1     5.8     0.9     1.7       1.1  167.4      14.4      0.2    0.3
    100x128@1   37.4    39.5    39.3      39.7  471.8      10.4      0.5    0.2
    100x256@1   35.7    37.9    38.5      39.2  534.8      15.7      0.5    0.4

Both aims hold: 45 ms from sample to wire with one sitting (87 were allowed), and with 100
the tick 8 to 10 ms late at p99 (15 were allowed). Up to 50 sittings nothing was dropped
but two beats of the metronome; with 100, 5 % of the readers' ticks gave way to the next
one (which reads the samples of both: none was lost), 29 of 57,000 features to newer ones,
and so did the wishes for the pictures that are missing. All that came had been taken once
all were paused. With 100 sittings one interpreter is full (0.98 of a core), which makes
0.15 s of the 0.64; the rest is the queue: their wishes meet at one painter.
`semantic` is the wait before that stage only: its work was still counted in `queue`.

The first run was far from the prediction: the painter in a thread of the server made 12
pictures of 128 x 128 a second and all samples half a second late, with two of three session
ticks given up. What helped, by size: the painter in a process of its own; nothing sent on
that nobody watches; one shared thread in place of two; each of Welch's segments transformed
once; no full garbage collections (40 to 190 ms each); scipy's inner filter loop.
On a machine that others use too (0.7 of its cores), the tick with 100 was 70 ms late.
"""

import argparse
import collections
import contextlib
import http.client
import json
import os
import re
import resource
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent))

ROWS: Final = ("1x512@10", "10x512@1", "50x256@1", "100x128@1", "100x256@1")
STAGES: Final = (
    "read", "filter", "encode", "semantic", "queue", "generate", "deliver", "codec", "total"
)  # fmt: skip
TICKS_S: Final = 60.0
"""The broadcaster and the metronome remember so many seconds of ticks."""

PAINTERS: Final = "painters"
"""Child processes, among the names of threads."""

SETTLE_S: Final = 6.0
"""After the last sitting was made: filters settle, windows fill."""

QUIET_S: Final = 1.5
"""After all are paused: everything that was under way has arrived."""


# -- the server's process -------------------------------------------------------------


def serve() -> None:
    """Run the real server, and answer what is asked on standard input about its insides."""
    from config.load import Option, load_settings  # noqa: PLC0415  # each role its own
    from supervisors import serve as root  # noqa: PLC0415
    from supervisors.lifeline import Lifeline  # noqa: PLC0415
    from supervisors.live import live_world  # noqa: PLC0415
    from supervisors.record import Record  # noqa: PLC0415
    from supervisors.server import Server as Whole  # noqa: PLC0415

    folder = tempfile.TemporaryDirectory(prefix="pipeline-")
    given = {
        "web.port": 0,
        "web.browser": False,
        "storage.data_dir": folder.name,
        "log.level": "warning",
    }
    options = [Option(setting=k, name="benchmark", value=v) for k, v in given.items()]
    settings = load_settings(file=None, options=options).settings
    outside = root.open_listeners(settings), root.make_devices(settings)
    said: list[str] = []
    with folder, live_world() as world:
        lifeline = Lifeline({}, stacks=False)
        server = Whole(settings, world, Record(settings), lifeline, outside)

        def announce(line: str) -> None:
            said.append(line)
            if line.startswith("serving"):
                key = next(x.split()[1] for x in said if x.startswith("key"))
                print(json.dumps({"url": line.split()[1], "key": key}), flush=True)
                threading.Thread(target=_answer, args=(server,), daemon=True).start()

        server.run(announce)


def _answer(server: Any) -> None:  # noqa: ANN401  # supervisors.serve.Server
    from protocols.streams import Status  # noqa: PLC0415
    from protocols.time import MetronomeStatus  # noqa: PLC0415

    board = server.board
    for _ in sys.stdin:
        broadcaster = board.broadcaster.ask(Status(), timeout_s=5.0)
        metronome = board.metronome.ask(MetronomeStatus(), timeout_s=5.0)
        late, told = broadcaster.get(timeout=5.0), metronome.get(timeout=5.0)
        books: list[dict[str, Any]] = [
            {"edge": c.edge, "came": c.came, "dropped": c.dropped, "queued": c.queued}
            for address in (*board.all(), *server.tree.houses.addresses())
            for c in address.counts()
        ]
        figures = {
            "tick_p99": late.late_p99_ms,
            "missed": late.missed_ticks,
            "told_p50": told.late_p50_ms,
            "told_p99": told.late_p99_ms,
            "frames": late.frames,
            "books": books,
            "threads": _threads(),
        }
        print(json.dumps(figures), flush=True)


def _threads() -> dict[str, float]:
    """CPU-seconds of the process's threads, by name, and of its children (painters)."""
    import psutil  # noqa: PLC0415

    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    used: dict[str, float] = collections.defaultdict(float)
    process = psutil.Process()
    for thread in process.threads():
        name = names.get(thread.id, "native").removeprefix("root/")
        used[name] += thread.user_time + thread.system_time
    for child in process.children():
        times = child.cpu_times()
        used[PAINTERS] += times.user + times.system
    return used


class Server:
    """The server's process, spoken to line by line."""

    def __init__(self, command: Sequence[str]) -> None:
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        self.process = subprocess.Popen(
            command,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**one_thread, **os.environ},  # as the command line does
        )
        hello = self._hear()
        self.url: str = hello["url"]
        self.key: str = hello["key"]
        host, port = self.url.removeprefix("http://").split(":")
        self.place = host, int(port)
        self._http = http.client.HTTPConnection(*self.place)

    def figures(self) -> dict[str, Any]:
        """What the server says of its insides."""
        assert self.process.stdin is not None  # noqa: S101  # it was asked for
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self._hear()

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Call the API."""
        head = {"X-API-Key": self.key, "Content-Type": "application/json"}
        self._http.request(method, path, json.dumps(body or {}), head)
        answer = self._http.getresponse()
        said = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{path}: {answer.status} {said.decode()}")
        got: dict[str, Any] = json.loads(said)
        return got

    def end(self) -> None:
        """Let it drain."""
        self.process.terminate()
        self.process.wait(15)

    def _hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None  # noqa: S101  # it was asked for
        said: dict[str, Any] = json.loads(self.process.stdout.readline())
        return said


# -- the watching process -------------------------------------------------------------


@dataclass
class Watcher:
    """All streams, read with epoll by one thread."""

    place: tuple[str, int]
    stages: dict[str, list[float]] = field(
        default_factory=lambda: collections.defaultdict(list)
    )
    """Milliseconds by stage, and `wire`."""
    frames: int = 0
    lost: int = 0
    """Pictures that were published and did not come here: jumps in the sequence."""
    counting: bool = False

    def __post_init__(self) -> None:
        """Make the poll."""
        import msgspec  # noqa: PLC0415  # not for the server's role

        self._decode = msgspec.msgpack.Decoder().decode
        self._poll = select.epoll()
        self._streams: dict[int, tuple[socket.socket, bytearray]] = {}
        self._last: dict[int, int] = {}

    def add(self, session: str) -> None:
        """Open a stream."""
        sock = socket.create_connection(self.place)
        sock.sendall(
            f"GET /stream/{session}?format=binary HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += sock.recv(1)
        if b" 101 " not in head:
            raise SystemExit(head.decode())
        sock.setblocking(False)  # noqa: FBT003  # the socket module's own way
        self._streams[sock.fileno()] = sock, bytearray()
        self._poll.register(sock, select.EPOLLIN)

    def watch(self, seconds: float) -> None:
        """Read all streams for so long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for fd, _ in self._poll.poll(left):
                self._read(fd)

    def _read(self, fd: int) -> None:
        sock, data = self._streams[fd]
        with contextlib.suppress(BlockingIOError):
            while part := sock.recv(1 << 18):
                data += part
                if len(part) < 1 << 18:
                    break
        now = time.time()
        for opcode, payload in _frames(data):
            if opcode == 2:
                self._count(fd, payload, now)

    def _count(self, fd: int, payload: bytes, now: float) -> None:
        size = int.from_bytes(payload[:4], "big")
        head = self._decode(payload[4 : 4 + size])
        sequence = head["sequence"]
        jumped = sequence - self._last.get(fd, sequence - 1) - 1
        self._last[fd] = sequence
        if not (self.counting and head["metadata"]["driven"]):
            return
        self.frames += 1
        self.lost += jumped
        for stage, took_ms in head["latency_ms"].items():
            self.stages[stage].append(took_ms)
        self.stages["wire"].append(1e3 * (now - head["captured_at"]))


def _frames(data: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take the whole frames out (a server's are not masked)."""
    while len(data) >= 2:
        short, at = data[1] & 127, 2
        if short >= 126:
            at = 4 if short == 126 else 10
            if len(data) < at:
                return
            short = int.from_bytes(data[2:at], "big")
        if len(data) < at + short:
            return
        yield data[0] & 15, bytes(data[at : at + short])
        del data[: at + short]


# -- a row ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """What is asked of the server."""

    sessions: int
    pixels: int
    hz: float

    @classmethod
    def of(cls, text: str) -> "Row":
        """Read `100x256@1`."""
        found = re.fullmatch(r"(\d+)x(\d+)@([\d.]+)", text)
        if found is None:
            raise SystemExit(f"{text}: write a row as 100x256@1")
        return cls(int(found[1]), int(found[2]), float(found[3]))

    def body(self, seed: int) -> dict[str, Any]:
        """Of `POST /api/v1/session/create`."""
        return {
            "user_id": f"sitter {seed}",
            "device_type": "simulator",
            "session_config": {
                "duration_minutes": 60,
                "model": "painter",
                "width": self.pixels,
                "height": self.pixels,
                "seed": seed,
                "pictures_hz": self.hz,
            },
        }


@dataclass(frozen=True)
class Usage:
    """CPU-seconds so far."""

    at: float
    threads: dict[str, float]
    own: float
    machine: float

    @classmethod
    def now(cls, threads: dict[str, float]) -> "Usage":
        """Read them."""
        import psutil  # noqa: PLC0415

        used = resource.getrusage(resource.RUSAGE_SELF)
        own = used.ru_utime + used.ru_stime
        times = psutil.cpu_times()
        return cls(time.monotonic(), threads, own, sum(times) - times.idle - times.iowait)


def measure(row: Row, seconds: float, *, profile: Path | None) -> None:
    """Run one row and print it."""
    server = Server([sys.executable, str(HERE), "--serve"])
    try:
        watcher = Watcher(server.place)
        made = []
        began = time.monotonic()
        for seed in range(1, row.sessions + 1):
            session = server.call("POST", "/api/v1/session/create", row.body(seed))
            made.append(session["session_id"])
            watcher.add(made[-1])
            watcher.watch(0.02)  # nobody makes a hundred in the same instant
        made_s = time.monotonic() - began
        watcher.watch(max(SETTLE_S, TICKS_S - seconds))
        before = server.figures()
        used = Usage.now(before["threads"])
        watcher.counting = True
        with _profiled(server.process.pid, profile, seconds):
            watcher.watch(seconds)
        watcher.counting = False
        after = server.figures()
        spent = Usage.now(after["threads"])
        for session in made:
            server.call("POST", f"/api/v1/session/{session}/pause")
        watcher.watch(QUIET_S)
        stats = server.call("GET", "/ws-stats")
        quiet = server.figures()["books"]
        _print(row, watcher, (before, after), (used, spent))
        print(f"  made in {made_s:.1f} s; ", end="")
        _print_books(before["books"], after["books"], quiet, stats)
    finally:
        server.end()


@contextlib.contextmanager
def _profiled(pid: int, file: Path | None, seconds: float) -> Iterator[None]:
    if file is None:
        yield
        return
    wish = [str(Path(sys.prefix, "bin", "py-spy")), "record", "--nonblocking", "-t"]
    wish += ["-f", "raw", "-o", str(file), "-r", "50"]
    wish += ["-d", str(int(seconds) - 1), "--pid", str(pid)]
    spy = subprocess.Popen(wish, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield
    spy.wait()


def _print(
    row: Row,
    watcher: Watcher,
    figures: tuple[dict[str, Any], dict[str, Any]],
    usage: tuple[Usage, Usage],
) -> None:
    before, after = figures
    took = usage[1].at - usage[0].at
    threads = {
        name: (spent - usage[0].threads.get(name, 0.0)) / took
        for name, spent in usage[1].threads.items()
    }
    server = sum(threads.values())
    painters = threads.get(PAINTERS, 0.0)
    own = (usage[1].own - usage[0].own) / took
    others = (usage[1].machine - usage[0].machine) / took - server - own
    print(
        f"\n{row.sessions} sessions, {row.pixels} x {row.pixels} at {row.hz:g} Hz:"
        f" {watcher.frames / took:.1f} driven pictures a second"
        f" (asked {row.sessions * row.hz:g}), {watcher.lost} lost on the way"
    )
    print("        " + "".join(f"{stage:>10}" for stage in (*STAGES, "wire")))
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        values = (quantile(watcher.stages[stage], share) for stage in (*STAGES, "wire"))
        print(f"  {name} ms" + "".join(f"{value:10.1f}" for value in values))
    print(
        f"  tick late p99 {after['tick_p99']:.1f} ms (told p50 {after['told_p50']:.1f},"
        f" p99 {after['told_p99']:.1f}), missed {after['missed'] - before['missed']};"
        f" cores: server {server - painters:.2f}, painters {painters:.2f};"
        f" watcher {own:.2f}, others {others:.2f}; load {os.getloadavg()[0]:.1f}"
    )
    busy = sorted(threads.items(), key=lambda item: -item[1])[:9]
    print("  threads: " + ", ".join(f"{name} {share:.3f}" for name, share in busy))


def _print_books(
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    quiet: list[dict[str, Any]],
    stats: dict[str, Any],
) -> None:
    earlier = {book["edge"]: book for book in before}
    came: collections.Counter[str] = collections.Counter()
    dropped: collections.Counter[str] = collections.Counter()
    for book in after:
        old = earlier.get(book["edge"], {"came": 0, "dropped": {}})
        kind = _kind(book["edge"])
        came[kind] += book["came"] - old["came"]
        for reason, count in book["dropped"].items():
            dropped[f"{kind} {reason}"] += count - old["dropped"].get(reason, 0)
    losses = {what: count for what, count in dropped.items() if count}
    left = {_kind(book["edge"]): book["queued"] for book in quiet if book["queued"]}
    print(
        f"{sum(came.values())} messages came; dropped: {losses or 'nothing'};"
        f" left when paused: {left or 'nothing'};"
        f" gateway: {stats['frames_dropped']} dropped,"
        f" {stats['frames_superseded']} superseded",
        flush=True,
    )


def _kind(edge: str) -> str:
    """An edge's name, without whose it is."""
    return re.sub(r"sess_[\w-]+[:/]?|root/\w+/(houses/)?", "", edge) or edge


def quantile(values: Iterable[float], share: float) -> float:
    """A quantile; 0 of nothing."""
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    """Measure all rows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", nargs="+", default=list(ROWS))
    parser.add_argument("--seconds", type=float, default=TICKS_S)
    parser.add_argument("--profile", type=Path, help="py-spy's raw stacks go here")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.serve:
        serve()
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for text in said.rows:
        measure(Row.of(text), said.seconds, profile=said.profile)


if __name__ == "__main__":
    main()

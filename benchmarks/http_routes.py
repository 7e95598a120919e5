"""HTTP beside FastAPI under uvicorn, in the same run: `python benchmarks/http_routes.py`.

It is not called `http.py`: a script's folder comes first on the path, and every benchmark
beside it would then import this in place of the standard library's `http`.

Three routes, each on a whole `phosphene serve` (actors asked, limits off) and on a FastAPI
application with the same answer's fields, under uvicorn, that looks into a dictionary:

/health                        asks two actors
/api/v1/audio/status           asks the synth
/api/v1/sessions/{id}/status   asks the session manager

Load: 8 connections kept alive in a process of its own, each sends its next request when it
has its answer. Runs alternate, so that what else the machine does falls on both. Figures
are medians of the runs: requests a second, and the 99th percentile of a request's time. A
route that a server does not have (yet) is said so and left out; so is FastAPI, where the
extra `bench` is not installed.

Prediction: uvicorn's h11 on asyncio and a dictionary against Trio, h11 and questions to
actors, each of which is two switches of threads: ours answers a third to a half as many.
Outcome (2 cores, other work going on; uvicorn as its package comes, without httptools and
uvloop): /health 942 a second beside 1,997, p99 18.6 ms beside 8.5; a session's status 848
beside 1,565, p99 18.7 ms beside 9.5. So about half, as predicted at best. Where
the rest of the time goes was not measured. The synth was not part of the server in that
run: its route was left out, as it says.
"""

import contextlib
import importlib.util
import json
import os
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
CONNECTIONS = 8
SECONDS = 2.0
RUNS = 3
START_S = 60.0
OFF = {
    "PHOSPHENE_LIMITS__REQUESTS_A_MINUTE": "0",
    "PHOSPHENE_LIMITS__GENERATIONS_A_MINUTE": "0",
}

FASTAPI = """
import time
from fastapi import FastAPI
from fastapi.responses import JSONResponse

app = FastAPI()
ANSWERS = {answers}

@app.get("/health")
def health():
    return ANSWERS["/health"] | {{"timestamp": time.time()}}

@app.get("/api/v1/audio/status")
def audio():
    return ANSWERS["/api/v1/audio/status"] | {{"timestamp": time.time()}}

@app.get("/api/v1/sessions/{{session}}/status")
def session(session: str):
    found = ANSWERS.get(f"/api/v1/sessions/{{session}}/status")
    return found or JSONResponse({{"status": "error"}}, 404)
"""


def main() -> None:
    """Serve, load, and print a table."""
    with tempfile.TemporaryDirectory() as folder, ours(Path(folder)) as base:
        answers = {path: answer for path in routes(base) if (answer := seen(base, path))}
        bases = {"phosphene": base}
        with theirs(Path(folder), answers) as other:
            bases |= {"fastapi": other} if other else {}
            print(f"{'route':44}{'server':12}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}")
            for path in answers:
                measure(bases, path)


def measure(bases: dict[str, str], path: str) -> None:
    """Load each server in turn, and print what came."""
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in bases}
    for _ in range(RUNS):
        for name, base in bases.items():
            found[name].append(load_apart(base, path))
    shown = "/".join("{id}" if "_" in part else part for part in path.split("/"))
    for name, runs in found.items():
        rate, p50, p99 = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"{shown:44}{name:12}{rate:12.0f}{p50 * 1e3:9.2f}{p99 * 1e3:9.2f}")


def routes(base: str) -> list[str]:
    """What is asked for; the session is made first."""
    known = ["/health", "/api/v1/audio/status"]
    wish = {"name": "Benchmark", "duration": 1800, "intention": "to know"}
    made = httpx.post(f"{base}/api/v1/sessions/create", json=wish)
    if made.is_success:
        known.append(f"/api/v1/sessions/{made.json()['session_id']}/status")
    else:
        print(f"left out: a session's status ({made.status_code} for a new one)")
    return known


def seen(base: str, path: str) -> dict[str, Any] | None:
    """What a route answers; None where there is no such route."""
    got = httpx.get(base + path)
    if got.is_success:
        answer: dict[str, Any] = got.json()
        return answer
    print(f"left out: {path} ({got.status_code})")
    return None


# -- servers ------------------------------------------------------------------------------


@contextlib.contextmanager
def ours(folder: Path) -> Iterator[str]:
    """A whole server."""
    command = [sys.executable, "-m", "supervisors", "serve", "--port", "0", "--no-browser"]
    with running([*command, "--data-dir", str(folder / "data")], ROOT, OFF) as process:
        lines = process.stdout or ()
        line = next((line for line in lines if line.startswith("serving")), "")
        if not line:
            raise SystemExit("phosphene serve did not start")
        yield line.split()[1]


@contextlib.contextmanager
def theirs(folder: Path, answers: dict[str, Any]) -> Iterator[str]:
    """FastAPI under uvicorn; an empty address where it is not installed."""
    if not all(importlib.util.find_spec(name) for name in ("fastapi", "uvicorn")):
        print("left out: FastAPI (pip install 'phosphene[bench]')")
        yield ""
        return
    (folder / "beside.py").write_text(FASTAPI.format(answers=repr(answers)))
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "beside:app", "--port", str(port)]
    with running([*command, "--log-level", "warning"], folder, {}):
        base = f"http://127.0.0.1:{port}"
        wait_for(base)
        yield base


@contextlib.contextmanager
def running(
    command: list[str], folder: Path, more: dict[str, str]
) -> Iterator["subprocess.Popen[str]"]:
    """A process, ended at the end."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **more}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_for(base: str) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{base}/health")
            return
        time.sleep(0.05)
    raise SystemExit(f"{base} did not start")


# -- load ---------------------------------------------------------------------------------


def load_apart(base: str, path: str) -> tuple[float, float, float]:
    """Requests a second and two percentiles in seconds, by a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, base, path], capture_output=True, text=True, check=True
    )
    rate, p50, p99 = json.loads(done.stdout)
    return rate, p50, p99


def load(base: str, path: str) -> tuple[float, float, float]:
    """Ask over a few connections for a while."""
    host, port = base.removeprefix("http://").split(":")
    head = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
    took: list[float] = []
    with contextlib.ExitStack() as stack, selectors.DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            sock = stack.enter_context(socket.create_connection((host, int(port))))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.sendall(head)
            asked = Asked(time.perf_counter())
            selector.register(sock, selectors.EVENT_READ, (sock, asked))
        began = time.perf_counter()
        while (now := time.perf_counter()) - began < SECONDS:
            for key, _ in selector.select(1.0):
                sock, asked = key.data
                if asked.take(sock.recv(65536)):
                    now = time.perf_counter()
                    took.append(now - asked.at)
                    asked.at = now
                    sock.sendall(head)
    took.sort()
    return len(took) / SECONDS, took[len(took) // 2], took[int(len(took) * 0.99)]


class Asked:
    """A request on its way, and what came of its answer."""

    def __init__(self, at: float) -> None:
        self.at = at
        self._got = b""

    def take(self, data: bytes) -> bool:
        """Take bytes; true when the answer is whole, and was a success."""
        if not data:
            raise SystemExit("a server closed a connection")
        self._got += data
        head, parted, body = self._got.partition(b"\r\n\r\n")
        if not parted:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode("latin1"))
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        if len(body) < length:
            return False
        self._got = b""
        return True


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(load(sys.argv[1], sys.argv[2])))
    else:
        main()

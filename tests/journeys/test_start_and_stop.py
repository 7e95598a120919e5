"""How a real process starts and ends, in order and not."""

import json
import queue
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from PIL import Image
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from actors.journal.folder import FOLDER
from actors.journal.reading import JournalReader
from protocols.supervision import DrainStepped, RunEnded
from supervisors.serve import DOCUMENTED_PORTS
from tests.journeys.server import PATIENCE_S, Server, serving, watching

pytestmark = pytest.mark.slow

SMALL = ("--workers", "1", "--set", "pictures.width=64", "--set", "pictures.height=64")
RESTARTING = 1012
MANY = 300


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Server]:
    """A server that the test may end."""
    with serving(tmp_path, *SMALL) as server:
        yield server


def close_code(socket: ClientConnection) -> int | None:
    """Read on until the server closes."""
    for _ in range(MANY):
        try:
            socket.recv(timeout=PATIENCE_S)
        except ConnectionClosed as closed:
            return None if closed.rcvd is None else closed.rcvd.code
    raise AssertionError(f"still open after {MANY} messages")


def stream(session: dict[str, Any]) -> ClientConnection:
    return connect(session["websocket_url"], max_size=None, open_timeout=PATIENCE_S)


def deaf_viewer(server: Server, session: dict[str, Any]) -> socket.socket:
    """A client that asks for a stream, and never reads a byte of it."""
    host, port = server.base.removeprefix("http://").rsplit(":", 1)
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    sock.connect((host, int(port)))
    head = (
        f"GET /stream/{session['session_id']} HTTP/1.1\r\nHost: {host}:{port}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    sock.sendall(head.encode())
    assert sock.recv(12) == b"HTTP/1.1 101"
    return sock


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_and_nothing_is_left(
    running: Server, number: signal.Signals
) -> None:
    children = psutil.Process(running.process.pid).children(recursive=True)
    assert children  # the painters
    with stream(running.sit()) as viewer:
        viewer.recv(timeout=PATIENCE_S)
        running.process.send_signal(number)
        assert close_code(viewer) == RESTARTING

    assert running.ended() == 0  # a drain that hangs ends with another code, at 10 s
    assert f"stopping ({number.name})" in running.lines
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
    assert alive == []
    with pytest.raises(httpx.ConnectError), running.client() as client:
        client.get("/health")


def test_a_client_that_never_reads_does_not_hold_up_the_end(running: Server) -> None:
    session = running.sit()
    with watching(session) as viewer, deaf_viewer(running, session):
        viewer.driven()

        assert running.stop() == 0


def test_a_second_signal_leaves_the_end_in_order(running: Server, tmp_path: Path) -> None:
    with deaf_viewer(running, running.sit()):  # the drain waits for it
        running.process.send_signal(signal.SIGTERM)
        running.heard("stopping")
        code = running.stop(signal.SIGTERM)

    entries = JournalReader(tmp_path / FOLDER).entries(0)
    events = [entry.event for entry in entries]
    outcomes = {e.phase: e.outcome for e in events if isinstance(e, DrainStepped)}
    assert code == 0
    assert isinstance(events[-1], RunEnded)
    # Whether it came in time to hurry the streams is up to the machine; `web.drain`'s
    # own tests see that it does.
    assert outcomes["streams"] in ("late", "hurried")
    assert outcomes["journal"] == "done"


def test_a_third_signal_ends_it_at_once(running: Server) -> None:
    with deaf_viewer(running, running.sit()):
        running.process.send_signal(signal.SIGTERM)
        running.heard("stopping")
        running.process.send_signal(signal.SIGTERM)
        code = running.stop(signal.SIGINT)  # the same twice at once may count once

    assert code in (128 + signal.SIGTERM, 128 + signal.SIGINT)
    assert running.lines[-1] == "stopped at once"


def test_a_kill_amid_pictures_loses_none_that_was_promised(tmp_path: Path) -> None:
    wish = {"prompt": "a red sun", "width": 64, "height": 64}
    promised: queue.SimpleQueue[str] = queue.SimpleQueue()
    over = threading.Event()

    def paint(server: Server) -> None:
        with server.client() as client:
            while not over.is_set():
                try:
                    made = client.post("/api/v1/generate", json=wish)
                except httpx.HTTPError:
                    return
                promised.put(made.json()["image_url"])

    with serving(tmp_path, *SMALL) as first, ThreadPoolExecutor(3) as callers:
        for _ in range(3):
            callers.submit(paint, first)
        kept = [promised.get(timeout=PATIENCE_S) for _ in range(8)]
        children = psutil.Process(first.process.pid).children(recursive=True)
        first.stop(signal.SIGKILL)
        over.set()
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
    assert alive == []  # a painter ends with its server, however that died

    with serving(tmp_path, *SMALL) as again:
        with again.client(first.key) as client:
            assert client.get("/api/v1/session").status_code == 200
            for url in kept:
                found = client.get(httpx.URL(url).path)
                assert found.headers["content-type"] == "image/png"
                assert len(found.content) == int(found.headers["content-length"])
        pictures = list((tmp_path / "pictures").rglob("*.png"))
        assert len(pictures) >= len(kept)
        for picture in pictures:
            with Image.open(picture) as whole:
                whole.load()
        assert again.stop() == 0


def test_the_documented_ports_serve_the_same(tmp_path: Path) -> None:
    for port in DOCUMENTED_PORTS:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                pytest.skip(f"the port {port} is taken on this machine")
    with serving(tmp_path, *SMALL, "--documented-ports") as server:
        session = server.sit()
        for port in DOCUMENTED_PORTS:
            base = f"http://127.0.0.1:{port}"
            headers = {"X-API-Key": server.key}
            path = f"{base}/api/v1/session/{session['session_id']}"
            shown = httpx.get(path, headers=headers, timeout=PATIENCE_S).json()
            # An address in an answer is of the port that was asked.
            url = f"ws://127.0.0.1:{port}/stream/{session['session_id']}"
            assert shown["websocket_url"] == url
            with connect(url, max_size=None, open_timeout=PATIENCE_S) as viewer:
                assert json.loads(viewer.recv(timeout=PATIENCE_S))["type"]
        assert server.stop() == 0


def test_it_serves_on_an_ipv6_address(tmp_path: Path) -> None:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError as error:
        pytest.skip(f"there is no IPv6 loopback here: {error}")
    with serving(tmp_path, *SMALL, "--host", "::1") as server:
        assert server.base.startswith("http://[::1]:")
        session = server.sit()
        assert session["websocket_url"].startswith("ws://[::1]:")
        with watching(session) as viewer:
            viewer.picture()
        assert server.stop() == 0

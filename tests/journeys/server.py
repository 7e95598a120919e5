"""A real server in a process of its own, as an operator would start it."""

import json
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from websockets.sync.client import ClientConnection, connect

from protocols.wire import ImageMessage

ROOT: Final = Path(__file__).parents[2]
RECORDINGS: Final = ROOT.parent / "shared" / "data"
START_S: Final = 60.0
"""Seconds until it must serve; a busy machine of CI takes its time to import."""

PATIENCE_S: Final = 30.0
MESSAGES: Final = 300
"""After so many, what was waited for does not come."""


class Starting:
    """A `phosphene serve`, from its first instant on."""

    def __init__(self, data_dir: Path, *options: str) -> None:
        command = [sys.executable, "-m", "supervisors", "serve", "--port", "0"]
        command += ["--no-browser", "--data-dir", str(data_dir), *options]
        self.process = subprocess.Popen(  # noqa: S603  # our own server
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.base = self.key = self.page = ""
        self.lines: list[str] = []
        self._told: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def serves(self) -> None:
        """Wait until it does."""
        self.base = self.heard("serving").split()[1]
        keys = (line.split()[1] for line in self.lines if line.startswith("key"))
        self.key = next(keys, "")  # none where none could be kept
        self.page = next(line.split()[2] for line in self.lines if "live page" in line)

    def client(self, key: str | None = "") -> httpx.Client:
        """An HTTP client with the run's own key, another, or none (None)."""
        shown = self.key if key == "" else key
        headers = {} if shown is None else {"Authorization": f"Bearer {shown}"}
        return httpx.Client(base_url=self.base, headers=headers, timeout=PATIENCE_S)

    def sit(self, device: str = "simulator", **config: float) -> dict[str, Any]:
        """Make a session; its answer."""
        wish = {"user_id": "test", "device_type": device, "session_config": config}
        with self.client() as client:
            made = client.post("/api/v1/session/create", json=wish)
        made.raise_for_status()
        answer: dict[str, Any] = made.json()
        return answer

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Wait for its end; the exit code."""
        code = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            self._told.put(line)
        self._told.put(None)

    def heard(self, word: str) -> str:
        """Wait for a line that begins so."""
        while True:
            line = self._told.get(timeout=START_S)
            if line is None:
                raise AssertionError("it ended:\n" + "\n".join(self.lines))
            if line.startswith(word):
                return line


class Server(Starting):
    """A running `phosphene serve`."""

    def __init__(self, data_dir: Path, *options: str) -> None:
        super().__init__(data_dir, *options)
        try:
            self.serves()
        except BaseException:
            self.stop(signal.SIGKILL)
            raise


@contextmanager
def serving(data_dir: Path, *options: str) -> Iterator[Server]:
    """A server for a while."""
    server = Server(data_dir, *options)
    try:
        yield server
    finally:
        server.stop(signal.SIGKILL if server.process.poll() is None else 0)


def read_picture(message: bytes) -> tuple[ImageMessage, bytes]:
    """Head and JPEG of a stream's binary message."""
    (size,) = struct.unpack(">I", message[:4])
    head = msgspec.msgpack.decode(message[4 : 4 + size], type=ImageMessage)
    return head, message[4 + size :]


class Watcher:
    """Follows a stream in its binary form."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.statuses: list[dict[str, Any]] = []

    def picture(self) -> tuple[ImageMessage, bytes]:
        """The next picture's head and JPEG; statuses on the way are kept."""
        for _ in range(MESSAGES):
            message = self._socket.recv(timeout=PATIENCE_S)
            if isinstance(message, str):
                self.statuses.append(json.loads(message))
                continue
            return read_picture(message)
        raise AssertionError(f"no picture among {MESSAGES} messages: {self.statuses[-3:]}")

    def driven(self) -> tuple[ImageMessage, bytes]:
        """The next picture that a brain drives."""
        for _ in range(MESSAGES):
            found = self.picture()
            if found[0].metadata.driven:
                return found
        raise AssertionError(f"no driven picture among {MESSAGES}")

    def status(self, wanted: str) -> dict[str, Any]:
        """The next status of a kind; pictures on the way are passed over."""
        for _ in range(MESSAGES):
            for at, said in enumerate(self.statuses):
                if said["status"] == wanted:
                    del self.statuses[: at + 1]
                    return said
            message = self._socket.recv(timeout=PATIENCE_S)
            if isinstance(message, str):
                self.statuses.append(json.loads(message))
        raise AssertionError(f"no status {wanted} within {MESSAGES} messages")


@contextmanager
def watching(session: dict[str, Any], query: str = "format=binary") -> Iterator[Watcher]:
    """A viewer of a session's stream."""
    url = f"{session['websocket_url']}?{query}"
    with connect(url, max_size=None, open_timeout=PATIENCE_S) as socket:
        yield Watcher(socket)

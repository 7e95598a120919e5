"""Programs that a test runs before a server: Python's and Node's."""

import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.journeys.server import ROOT

LIMIT_S: Final = 90.0
INSTALL_S: Final = 120.0
WITH_WEBSOCKET: Final = 22
"""The first Node with a WebSocket of its own."""


class Program:
    """A program that runs; what it prints is read line by line."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.process = subprocess.Popen(  # noqa: S603  # a program of the project's own
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        )
        self.lines: list[str] = []
        self._told: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def until(self, word: str) -> str:
        """The first line that begins so."""
        while (line := self._told.get(timeout=LIMIT_S)) is not None:
            if line.startswith(word):
                return line
        raise AssertionError(f"it never said {word!r}:\n" + "\n".join(self.lines))

    def ends(self) -> list[str]:
        """Wait for its end, which must be a good one; all its lines."""
        code = self.process.wait(LIMIT_S)
        self._reader.join(LIMIT_S)
        assert code == 0, "\n".join(self.lines)
        return self.lines

    def close(self) -> None:
        """End it, if it runs."""
        self.process.kill()
        self.process.wait(LIMIT_S)
        self._reader.join(LIMIT_S)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            self._told.put(self.lines[-1])
        self._told.put(None)


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[Program]:
    """A program for a while."""
    program = Program(command, folder)
    try:
        yield program
    finally:
        program.close()


def python(program: Path, *arguments: str) -> list[str]:
    """The command of a Python program."""
    return [sys.executable, str(program), *arguments]


def node_with(folder: Path, *packages: str) -> list[str]:
    """Node, with packages installed into a folder; skips the test where that cannot be."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or (packages and npm is None):
        pytest.skip("needs Node and npm")
    if packages and npm is not None:
        order = [npm, "install", "--no-audit", "--no-fund", "--silent", *packages]
        try:
            done = subprocess.run(  # noqa: S603  # as above
                order, cwd=folder, capture_output=True, timeout=INSTALL_S, check=False
            )
        except subprocess.TimeoutExpired:
            pytest.skip("npm's registry does not answer")
        if done.returncode:
            pytest.skip(f"npm cannot install {' '.join(packages)}")
    return [node]


def node_for_modules(folder: Path) -> list[str]:
    """Node for ES modules that want a WebSocket: an older one is lent `ws`."""
    node = node_with(folder)
    version = subprocess.run(  # noqa: S603  # as above
        [*node, "--version"], capture_output=True, text=True, check=True
    ).stdout
    if int(version.lstrip("v").split(".")[0]) >= WITH_WEBSOCKET:
        return node
    node_with(folder, "ws")
    lent = folder / "lend_websocket.mjs"
    lent.write_text(
        "import { WebSocket } from 'ws';\nglobalThis.WebSocket ??= WebSocket;\n"
    )
    return [*node, "--import", str(lent)]

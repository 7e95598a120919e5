"""The two programs that document 003 shows run as they stand, but for the address."""

import queue
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.server import ROOT, Server

pytestmark = pytest.mark.slow

SEEDS = ROOT.parent / "shared" / "seeds"
LIMIT_S = 120.0
ADDRESS = "localhost:8008"


def shown(language: str, part: str, server: Server) -> str:
    """A program of the document, with this server's address."""
    for path in SEEDS.glob("003_*.txt"):
        programs: list[str] = re.findall(
            rf"```{language}\n(.*?)```", path.read_text(), re.DOTALL
        )
        found = next(one for one in programs if part in one)
        return found.replace(ADDRESS, server.base.removeprefix("http://"))
    pytest.skip("the documents are not beside the project")


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[Iterator[str]]:
    """The lines that a program prints, until they have been read; then it is ended."""
    with subprocess.Popen(  # noqa: S603  # a program of the document
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

        def read() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                lines.put(line)
            lines.put(None)

        reader = threading.Thread(target=read)
        reader.start()
        try:
            yield iter(lambda: lines.get(timeout=LIMIT_S), None)
        finally:
            process.kill()
            reader.join(LIMIT_S)


def heard(lines: Iterator[str], *words: str) -> None:
    """Read on until every word began a line."""
    missing, told = set(words), []
    for line in lines:
        told.append(line)
        missing -= {word for word in missing if line.startswith(word)}
        if not missing:
            return
    raise AssertionError(f"{missing} not said:\n" + "".join(told))


def test_the_documented_python_program_runs_unchanged(
    server: Server, tmp_path: Path
) -> None:
    program = tmp_path / "client.py"
    program.write_text(shown("python", "import websocket", server))

    with running([sys.executable, "-u", str(program)], tmp_path) as lines:
        heard(
            lines,
            "Audio generated: {'status': 'success'",
            "Session started: {'status': 'success'",
            "Audio spectrum: [",
        )


def test_the_documented_javascript_program_runs_unchanged(
    server: Server, tmp_path: Path
) -> None:
    source = shown("javascript", "require('axios')", server)
    (tmp_path / "client.js").write_text(source)
    node = with_packages(tmp_path, "axios", "ws")

    with running([node, "client.js"], tmp_path) as lines:
        heard(lines, "Connected to", "Audio generated: {", "Audio spectrum: [")


def with_packages(folder: Path, *packages: str) -> str:
    """Have packages of npm in a folder; where `node` is."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not installed")
    command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund"]
    command += ["--ignore-scripts", "--fetch-timeout", "20000", *packages]
    try:
        done = subprocess.run(  # noqa: S603  # npm
            command, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip("the registry of npm does not answer")
    if done.returncode:
        pytest.skip(f"the registry of npm gave no {' and no '.join(packages)}")
    return node

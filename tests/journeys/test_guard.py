"""`phosphene serve --guard`: a server that falls or stops answering is started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

pytestmark = pytest.mark.slow

PATIENCE_S = 60.0


class Guarded:
    """A guard, its server, and what they said."""

    def __init__(self, data_dir: Path) -> None:
        arguments = ["--port", "0", "--no-browser", "--data-dir", str(data_dir)]
        self.guard = subprocess.Popen(  # noqa: S603  # our own interpreter
            [sys.executable, "-u", "-m", "supervisors", "serve", "--guard", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.url = self.until("serving").split()[1]

    def until(self, word: str) -> str:
        """The next line that begins with a word."""
        assert self.guard.stdout is not None
        for line in self.guard.stdout:
            if line.startswith(word):
                return line
        raise AssertionError(f"no line with {word!r}")

    @property
    def server(self) -> psutil.Process:
        [server] = psutil.Process(self.guard.pid).children()
        return server

    def is_well(self) -> bool:
        return httpx.get(f"{self.url}/health", timeout=PATIENCE_S).status_code == 200


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    guarded = Guarded(tmp_path)
    yield guarded
    if guarded.guard.poll() is None:
        guarded.guard.terminate()
    guarded.guard.communicate(timeout=PATIENCE_S)


def test_a_server_that_was_killed_is_started_again(guarded: Guarded) -> None:
    first = guarded.server
    first.kill()
    assert "-9" in guarded.until("guard:")
    guarded.url = guarded.until("serving").split()[1]

    assert guarded.server.pid != first.pid
    assert guarded.is_well()


def test_a_server_that_stands_still_is_killed_and_started_again(guarded: Guarded) -> None:
    first = guarded.server
    first.suspend()
    assert "no sign of life" in guarded.until("guard:")
    guarded.url = guarded.until("serving").split()[1]

    assert not first.is_running()
    assert guarded.is_well()


def test_a_signal_to_the_guard_drains_the_server_and_its_code_is_ours(
    guarded: Guarded,
) -> None:
    family = psutil.Process(guarded.guard.pid).children(recursive=True)
    assert len(family) >= 2  # the server, and its painter
    guarded.guard.send_signal(signal.SIGTERM)
    guarded.until("stopping (SIGTERM)")

    assert guarded.guard.wait(PATIENCE_S) == 0
    assert psutil.wait_procs(family, timeout=PATIENCE_S)[1] == []


def test_a_server_goes_with_its_guard(guarded: Guarded) -> None:
    family = psutil.Process(guarded.guard.pid).children(recursive=True)
    guarded.guard.kill()

    assert psutil.wait_procs(family, timeout=PATIENCE_S)[1] == []


def test_a_mistake_in_the_settings_is_not_tried_again(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "supervisors", "serve", "--guard", "--port", "-5"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        timeout=PATIENCE_S,
        check=False,
    )

    assert ended.returncode == 2
    assert "guard:" not in ended.stderr

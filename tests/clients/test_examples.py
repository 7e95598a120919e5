"""The examples run as programs against a real server."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import simplejpeg

from tests.journeys.server import ROOT, Server

pytestmark = pytest.mark.slow

LIMIT_S = 120.0
FIRST_WITH_WEBSOCKET = 20


def program(language: str, name: str) -> list[str]:
    """How an example is started."""
    path = ROOT / "examples" / language
    if language == "python":
        return [sys.executable, str(path / f"{name}.py")]
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    version = subprocess.run(  # noqa: S603  # node
        [node, "--version"], capture_output=True, text=True, check=True
    ).stdout
    if int(version.lstrip("v").partition(".")[0]) < FIRST_WITH_WEBSOCKET:
        pytest.skip(f"node {version.strip()} has no WebSocket")
    # Node 20 has a WebSocket of its own only if it is asked for it.
    command = [node, "--experimental-websocket", "--no-warnings"]
    return [*command, str(path / f"{name}.mjs")]


def said(command: list[str], *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  # our own examples
        [*command, *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_the_first_sound_is_heard_seen_and_kept(
    server: Server, tmp_path: Path, language: str
) -> None:
    path = tmp_path / "bowl.flac"

    told = said(program(language, "first_sound"), server.base, str(path))

    assert "882000 samples" in told
    assert "loudest: about" in told
    assert "a block of 4410 samples" in told
    assert path.read_bytes().startswith(b"fLaC")


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_the_pictures_of_a_sitting_are_saved(
    server: Server, tmp_path: Path, language: str
) -> None:
    command = program(language, "pictures")

    told = said(command, server.key, server.base, str(tmp_path / "pictures"))

    saved = sorted((tmp_path / "pictures").iterdir())
    assert len(saved) == 5
    for path in saved:
        assert simplejpeg.decode_jpeg(path.read_bytes()).shape == (128, 128, 3)
    assert "ended: " in told


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_a_practice_is_followed_to_its_end(server: Server, language: str) -> None:
    told = said(program(language, "practice"), server.base, "1")

    lines = told.splitlines()
    assert lines[0].endswith(" created")
    assert "SESSION_STARTED" in lines
    assert lines[-3:] == ["SESSION_COMPLETED", "completed after 1 s", "Session deleted"]

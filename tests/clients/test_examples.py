"""The examples do what they say, before a real server."""

import re
from pathlib import Path

import pytest
import simplejpeg
import soundfile

from tests.clients.programs import node_for_modules, python, running
from tests.journeys.server import ROOT, Server

pytestmark = pytest.mark.slow

PYTHON, JAVASCRIPT = ROOT / "examples" / "python", ROOT / "examples" / "javascript"
BOWL = 20 * 44_100
PICTURES = 5


def saw_a_bowl(lines: list[str], flac: Path) -> None:
    said = "\n".join(lines)
    assert f"{BOWL} samples" in said
    assert soundfile.info(str(flac)).frames == BOWL
    assert re.search(r"loudest: about [\d.]+ Hz", said)
    assert re.search(r"a block of 4410 samples, first sample \d+", said)
    assert "output: none" in said


def saw_pictures(folder: Path) -> None:
    pictures = sorted(folder.glob("*.jpg"))
    assert len(pictures) == PICTURES
    for picture in pictures:
        assert simplejpeg.decode_jpeg(picture.read_bytes()).shape == (128, 128, 3)


def saw_a_practice(lines: list[str]) -> None:
    said = "\n".join(lines)
    for word in ("SESSION_STARTED", "SESSION_COMPLETED"):
        assert word in said, said


def test_a_first_sound_from_python(server: Server, tmp_path: Path) -> None:
    flac = tmp_path / "bowl.flac"
    command = python(PYTHON / "first_sound.py", server.base, str(flac))
    with running(command, tmp_path) as program:
        saw_a_bowl(program.ends(), flac)


def test_pictures_from_python(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    command = python(PYTHON / "pictures.py", server.key, server.base, str(folder))
    with running(command, tmp_path) as program:
        program.ends()
    saw_pictures(folder)


def test_a_practice_from_python(server: Server, tmp_path: Path) -> None:
    with running(python(PYTHON / "practice.py", server.base, "1"), tmp_path) as program:
        saw_a_practice(program.ends())


def test_a_first_sound_from_javascript(server: Server, tmp_path: Path) -> None:
    flac = tmp_path / "bowl.flac"
    node = node_for_modules(tmp_path)
    command = [*node, str(JAVASCRIPT / "first_sound.mjs"), server.base, str(flac)]
    with running(command, tmp_path) as program:
        saw_a_bowl(program.ends(), flac)


def test_pictures_from_javascript(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    node = node_for_modules(tmp_path)
    program_file = str(JAVASCRIPT / "pictures.mjs")
    command = [*node, program_file, server.key, server.base, str(folder)]
    with running(command, tmp_path) as program:
        program.ends()
    saw_pictures(folder)


def test_a_practice_from_javascript(server: Server, tmp_path: Path) -> None:
    node = node_for_modules(tmp_path)
    command = [*node, str(JAVASCRIPT / "practice.mjs"), server.base, "1"]
    with running(command, tmp_path) as program:
        saw_a_practice(program.ends())

"""The two programs of document 003 run unchanged; only the address is another."""

import re
from pathlib import Path

import pytest

from tests.clients.programs import node_with, python, running
from tests.journeys.server import ROOT, Server

pytestmark = pytest.mark.slow

SEEDS = ROOT.parent / "shared" / "seeds"
ADDRESS = "localhost:8008"


def program_of(language: str, word: str, server: Server) -> str:
    """The document's program that has this word, before another server."""
    found = sorted(SEEDS.glob("003_*.txt"))
    if not found:
        pytest.skip("the documents are not beside the project")
    text = found[0].read_text(encoding="utf-8")
    for program in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL):
        if word in program:
            assert ADDRESS in program
            return str(program).replace(ADDRESS, server.base.partition("//")[2])
    raise AssertionError(f"no program in {language} has {word}")


def test_the_python_program_hears_sees_and_starts_a_session(
    server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "program.py"
    file.write_text(program_of("python", "WebSocketApp", server), encoding="utf-8")

    with running(python(file), tmp_path) as program:
        generated = program.until("Audio generated:")
        started = program.until("Session started:")
        spectrum = program.until("Audio spectrum:")

    assert "1323000" in generated
    assert "'status': 'success'" in started
    assert len(re.findall(r"\d+\.\d+", spectrum)) == 5


def test_the_javascript_program_hears_and_sees(server: Server, tmp_path: Path) -> None:
    node = node_with(tmp_path, "axios", "ws")
    file = tmp_path / "program.cjs"
    file.write_text(program_of("javascript", "require('axios')", server), encoding="utf-8")

    with running([*node, str(file)], tmp_path) as program:
        lines = [program.until("Connected"), program.until("Audio spectrum:")]
        while not any("1323000" in line for line in program.lines):
            lines.append(program.until("  "))

    assert "samples: 1323000" in "\n".join(program.lines)
    assert lines

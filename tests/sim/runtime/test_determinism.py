"""One seed, one journal: byte for byte, in any process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from protocols.supervision import ChildEnded
from tests.sim.runtime.tiny import talking

ROOT = Path(__file__).parents[3]


def test_the_same_seed_gives_the_same_journal() -> None:
    first, second = talking(7), talking(7)
    assert first.sim.transcript.entries == second.sim.transcript.entries
    assert first.sim.transcript.sha256() == second.sim.transcript.sha256()


def test_another_seed_gives_another_journal() -> None:
    assert talking(7).sim.transcript.sha256() != talking(8).sim.transcript.sha256()


def test_a_run_has_deaths_so_that_its_journal_says_something() -> None:
    ends = [e.event for e in talking(7).sim.transcript.entries]
    assert sum(isinstance(e, ChildEnded) and not e.normal for e in ends) > 3


@pytest.mark.slow
def test_another_process_with_another_hash_seed_gives_the_same_journal() -> None:
    hashes = {
        subprocess.run(  # our own module
            [sys.executable, "-m", "tests.sim.runtime.tiny", "7"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2", "random")
    }
    assert hashes == {talking(7).sim.transcript.sha256()}

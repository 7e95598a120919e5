"""Kill -9 of a process that writes, while this one reads."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from actors.journal.fold import tree_after
from actors.journal.folder import last_number
from tests.actors.journal.writers import names, numbers, read, tree_at

pytestmark = pytest.mark.slow

KILLS = 8
ROOT = Path(__file__).parents[3]


def test_a_kill_leaves_the_journal_whole_up_to_the_last_acknowledged_entry(
    tmp_path: Path,
) -> None:
    for kill in range(KILLS):
        acknowledged, seen = _killed_after(tmp_path, 5 + 11 * kill)

        assert seen <= last_number(tmp_path)
        assert acknowledged <= last_number(tmp_path)

    found = read(tmp_path)
    assert numbers(found) == list(range(1, len(found) + 1))
    assert tree_at(tmp_path, len(found)) == tree_after(found)
    assert len(names(tmp_path)) > 1


def _killed_after(folder: Path, acknowledgements: int) -> tuple[int, int]:
    """Let it write so long, then kill it.

    Returns:
        The newest number that it said was written, and that was read while it wrote.
    """
    seen = last_number(folder)
    said = []
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "tests.actors.journal.busy", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        for line in itertools.islice(process.stdout, acknowledgements):
            said.append(int(line))
            found = numbers(read(folder, since=seen))
            assert found == list(range(seen + 1, seen + 1 + len(found)))
            seen += len(found)
            assert seen >= said[-1]
        process.kill()
        said += [int(line) for line in process.stdout if line.endswith("\n")]
    return said[-1], seen

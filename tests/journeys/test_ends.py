"""Real servers end, in order and not, and what they wrote is whole."""

import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from protocols.operators import Events
from protocols.supervision import Entry, RunBegan, RunEnded
from tests.journeys.journals import read_journal
from tests.journeys.server import Server, Starting, serving, watching

pytestmark = pytest.mark.slow

SMALL = ("--workers", "1", "--set", "pictures.width=64", "--set", "pictures.height=64")
INSTANTS_S = (0.3, 0.7, 1.0, 1.4, 1.9)
"""After the start: amid Python's imports, the tree's growth, and its first seconds."""

UNHEARD = -signal.SIGTERM
"""Exit code of a process that did not listen to signals yet."""


def shown(server: Server) -> list[Entry]:
    with server.client() as client:
        got = client.get("/ops/events", params={"limit": 1000})
    got.raise_for_status()
    return list(msgspec.json.decode(got.content, type=Events).entries)


def restart(server: Server, path: str) -> None:
    with server.client() as client:
        done = client.post(f"/ops/actors/{path}/restart", json={"reason": "to see it"})
    done.raise_for_status()


def test_whenever_a_signal_comes_the_journal_is_whole(tmp_path: Path) -> None:
    last = 0
    for after_s in INSTANTS_S:
        starting = Starting(tmp_path, *SMALL)
        with suppress(subprocess.TimeoutExpired):
            starting.process.wait(after_s)
        code = starting.stop(signal.SIGTERM)

        kept = read_journal(tmp_path, last)
        assert (kept.bad, kept.missing, kept.untold) == ([], [], [])
        if code == UNHEARD:
            assert kept.entries == []
        else:
            assert code == 0, starting.lines
            assert isinstance(kept.entries[0].event, RunBegan)
            assert isinstance(kept.entries[-1].event, RunEnded)
            last = kept.entries[-1].number


def test_what_operators_saw_survives_a_kill_and_numbers_go_on(tmp_path: Path) -> None:
    seen: dict[int, Entry] = {}
    for _ in range(3):
        with serving(tmp_path, *SMALL) as server:
            before = shown(server)
            assert seen.items() <= {entry.number: entry for entry in before}.items()
            session = server.sit()
            path = f"root/sessions/houses/{session['session_id']}/filters"
            with watching(session) as viewer:
                viewer.driven()
                restart(server, path)
                seen.update((entry.number, entry) for entry in shown(server))
                server.stop(signal.SIGKILL)

        kept = read_journal(tmp_path)
        assert (kept.bad, kept.missing, kept.untold) == ([], [], [])
        there = {entry.number: entry for entry in kept.entries}
        assert sorted(there) == list(range(1, len(there) + 1))
        assert seen.items() <= there.items()
        rows = kept.reader.tree_at(max(seen))
        assert rows is not None
        assert path in {row.path for row in rows}

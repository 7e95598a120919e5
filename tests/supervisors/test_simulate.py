"""The whole tree in virtual time, from its start to its drain."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from protocols.supervision import (
    ChildEnded,
    ChildHung,
    ChildStarted,
    ChildState,
    FaultInjected,
    RunBegan,
    RunEnded,
)
from sim.report import Report, read_report, write_report
from sim.runtime.faults import Fault, Kind
from supervisors.hunt import prepared
from supervisors.simulate import Simulation
from supervisors.stand_ins import Setup

ROOT = Path(__file__).parents[2]


def setup(seed: int = 1, seconds: float = 6.0, **how: object) -> Setup:
    how = {"window_s": 0.5, **how}
    return Setup(seed=seed, seconds=seconds, **how)  # type: ignore[arg-type]


def simulated(folder: Path, wish: Setup) -> tuple[Simulation, Report]:
    simulation = Simulation(wish, folder)
    with prepared():
        return simulation, simulation.run()


def test_sessions_are_made_and_their_pictures_reach_viewers(tmp_path: Path) -> None:
    _, report = simulated(tmp_path, setup(sessions=2, pictures_hz=10.0))
    assert report.outcome == "done"
    assert report.violations == ()
    assert len(report.sessions) == 2
    for session in report.sessions:
        assert session.status == "active"
        assert session.driven > 30
        assert session.longest_gap_s < 0.2
    assert report.frames == sum(session.frames for session in report.sessions)
    assert report.virtual_s == pytest.approx(6.0, abs=0.2)


def test_latency_is_told_by_stage_and_adds_up(tmp_path: Path) -> None:
    _, report = simulated(tmp_path, setup(pictures_hz=10.0))
    rows = {row.stage: row for row in report.latency}
    driven = sum(session.driven for session in report.sessions)
    assert {sum(row.counts) for row in rows.values()} == {driven}
    assert 0 < rows["wish"].p50_ms < rows["frame"].p50_ms <= rows["frame"].most_ms
    assert rows["generate"].most_ms <= 10.5
    parts = sum(rows[name].most_ms for name in ("read", "filter", "encode", "semantic"))
    assert rows["wish"].most_ms <= parts


def test_questions_are_answered_and_edges_add_up(tmp_path: Path) -> None:
    _, report = simulated(tmp_path, setup(asks_hz=10.0))
    assert report.asks.open == 0
    assert report.asks.answered + sum(report.asks.failed.values()) == report.asks.asked > 50
    for edge in report.edges:
        assert edge.came == edge.taken + edge.dropped + edge.queued
    assert {"*:filters>encoder", "*:encoder>semantics", "broadcaster>hub"} <= {
        edge.edge for edge in report.edges
    }


def test_a_report_has_a_line_for_every_second_and_is_read_back(tmp_path: Path) -> None:
    _, report = simulated(tmp_path, setup())
    assert [round(second.at_s) for second in report.timeline] == [1, 2, 3, 4, 5, 6]
    assert sum(second.frames for second in report.timeline) <= report.frames
    assert {row.state for row in report.tree} == {ChildState.RUNNING}
    assert "root/front" in {row.path for row in report.tree}
    assert read_report(write_report(report)) == report


def test_the_same_seed_gives_the_same_journal_byte_for_byte(tmp_path: Path) -> None:
    wish = setup(seed=5, rates={"crash": 30.0, "hang": 10.0, "lost": 30.0}, slice=1)
    first, one = simulated(tmp_path / "1", wish)
    second, two = simulated(tmp_path / "2", wish)
    assert first.sim.transcript.entries == second.sim.transcript.entries
    assert one.journal_sha256 == two.journal_sha256
    assert one.journal_entries > 100
    other = simulated(tmp_path / "3", setup(seed=6, slice=1))[1]
    assert other.journal_sha256 != one.journal_sha256


@pytest.mark.slow
def test_the_same_seed_gives_the_same_journal_in_any_process() -> None:
    code = "from supervisors.hunt import chase; print(chase(11).sha256)"
    found = {
        subprocess.run(  # noqa: S603  # our own code
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }
    assert len(found) == 1
    assert len(found.pop()) == 64


def test_the_journal_begins_and_ends_with_the_run(tmp_path: Path) -> None:
    simulation, _ = simulated(tmp_path, setup(seconds=2.0))
    events = [entry.event for entry in simulation.sim.transcript.entries]
    assert isinstance(events[0], RunBegan)
    assert isinstance(events[-1], RunEnded)


def test_a_crash_on_cue_is_made_good_and_costs_other_sessions_nothing(
    tmp_path: Path,
) -> None:
    cue = Fault(at_s=3.0, kind=Kind.CRASH, path="*/sess_0001/encoder")
    simulation, report = simulated(tmp_path, setup(faults=(cue,), pictures_hz=10.0))
    assert report.violations == ()
    assert report.restarts == {"root/sessions/houses/*/encoder": 1}
    entries = simulation.sim.transcript.entries
    noted = next(e for e in entries if isinstance(e.event, FaultInjected))
    died = next(e for e in entries if e.cause == noted.number)
    assert isinstance(died.event, ChildEnded)
    sessions = {session.session: session for session in report.sessions}
    assert sessions["sess_0002"].longest_gap_s < 0.2


def test_a_hang_is_found_within_its_limit_and_half_a_second(tmp_path: Path) -> None:
    cue = Fault(at_s=2.0, kind=Kind.HANG, path="*/sess_0001/filters", for_s=9.0)
    simulation, report = simulated(tmp_path, setup(seconds=12.0, faults=(cue,)))
    assert report.violations == ()
    entries = simulation.sim.transcript.entries
    began = next(e for e in entries if isinstance(e.event, FaultInjected))
    found = next(e for e in entries if isinstance(e.event, ChildHung))
    assert found.cause == began.number
    assert found.at - began.at <= 5.0 + 0.5
    reborn = next(
        e
        for e in entries
        if isinstance(e.event, ChildStarted)
        and e.event.path.endswith("sess_0001/filters")
        and e.event.life == 2
    )
    assert reborn.at - found.at < 0.1
    assert {row.reason for row in report.drops} >= {"fenced"}


def test_a_drain_waits_for_nobody_who_hangs(tmp_path: Path) -> None:
    cue = Fault(at_s=3.9, kind=Kind.HANG, path="*/sess_0001/reader", for_s=30.0)
    _, report = simulated(tmp_path, setup(seconds=4.0, faults=(cue,)))
    assert report.violations == ()
    assert 4.5 < report.virtual_s < 4.0 + 9.5


def test_a_headset_that_is_gone_is_searched_for(tmp_path: Path) -> None:
    cue = Fault(at_s=2.0, kind=Kind.DEVICE_GONE, path="*/sess_0001/reader", for_s=1.0)
    simulation, report = simulated(tmp_path, setup(faults=(cue,), pictures_hz=10.0))
    assert report.violations == ()
    assert report.restarts == {}
    first = simulation.given.seen.sessions["sess_0001"]
    assert 1.0 < first.longest_gap_s < 3.0


def test_a_full_disk_loses_no_entry_of_the_journal(tmp_path: Path) -> None:
    cues = (
        Fault(at_s=1.0, kind=Kind.DISK_FULL, for_s=3.0),
        Fault(at_s=2.0, kind=Kind.CRASH, path="*/encoder"),
        Fault(at_s=2.5, kind=Kind.CRASH, path="root/journal"),
    )
    simulation, report = simulated(tmp_path, setup(faults=cues, seconds=8.0))
    assert report.violations == ()
    assert simulation.given.disk.refused > 0


def test_a_root_that_falls_ends_the_run(tmp_path: Path) -> None:
    cue = Fault(at_s=2.0, kind=Kind.CRASH, path="root")
    _, report = simulated(tmp_path, setup(faults=(cue,)))
    assert report.outcome.startswith("fell: fault ")
    assert report.violations == ()
    assert report.virtual_s < 4.0


def test_too_many_who_hang_end_the_run_in_order(tmp_path: Path) -> None:
    roles = ("filters", "encoder", "semantics", "reader")
    cues = tuple(
        Fault(at_s=2.0, kind=Kind.HANG, path=f"*/sess_0001/{role}", for_s=40.0)
        for role in roles
    )
    _, report = simulated(tmp_path, setup(seconds=60.0, faults=cues))
    assert report.outcome == "too many actors hang"
    assert report.virtual_s < 40.0


def test_a_run_can_be_ended_early(tmp_path: Path) -> None:
    simulation = Simulation(setup(seconds=60.0), tmp_path)

    def progress(at: float) -> None:
        if at > 2.5:
            simulation.interrupt("enough")

    with prepared():
        report = simulation.run(progress)
    assert report.outcome == "enough"
    assert report.virtual_s < 4.0
    assert report.violations == ()


@pytest.mark.slow
def test_the_real_painter_may_paint(tmp_path: Path) -> None:
    _, report = simulated(tmp_path, setup(painter=True, seconds=4.0, sessions=1))
    assert report.frames > 0
    assert report.violations == ()

"""Practices outlive the process; what a disk that takes nothing changes."""

import sqlite3
from pathlib import Path

import pytest

from actors.sessions.keeping import ALIVE_S, RETRY_S
from actors.sessions.store import PracticeFileError, PracticeStore
from protocols.sessions import (
    DeletePractice,
    GetPractice,
    ListPractices,
    SessionUnknown,
    StopPractice,
)
from tests.actors.sessions.practice_bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_nothing_is_on_the_disk_before_there_is_a_practice(bench: Bench) -> None:
    bench.wait(100.0)
    assert not bench.path.parent.exists()

    assert bench.create().kept
    assert bench.path.stat().st_mode & 0o777 == 0o600


def test_what_a_client_was_told_outlives_a_kill(bench: Bench) -> None:
    waiting = bench.create("blessing", intention="Peace ☮\nfor all", owner="ada")
    stopped = bench.start().session
    bench.clock.advance(7.0)
    bench.ask(StopPractice(stopped))
    gone = bench.create().session
    bench.ask(DeletePractice(gone))
    bench.clock.advance(3600.0)
    bench.begin()

    assert bench.view(waiting.session).settings == waiting.settings
    view = bench.view(stopped)
    assert (view.status, view.elapsed_s, view.reason) == ("stopped", 7.0, "asked")
    assert bench.ask(GetPractice(gone)) == SessionUnknown(gone)


def test_time_goes_on_while_the_server_is_down(bench: Bench) -> None:
    session = bench.start("sound", "pictures").session
    bench.wait(10.0)
    bench.clock.advance(20.0)
    bench.begin()

    view = bench.view(session)
    assert (view.status, view.sound, view.stream) == ("running", True, True)
    assert view.elapsed_s == pytest.approx(30.0)
    assert bench.houses.open_now[session].duration_s == pytest.approx(30.0)
    bench.wait(31.0)
    view = bench.view(session)
    assert (view.status, view.elapsed_s) == ("completed", 60.0)
    assert (bench.synth.voices, bench.houses.open_now) == ({}, {})


def test_what_was_over_meanwhile_is_completed_at_its_due_time(bench: Bench) -> None:
    session = bench.start("sound", "pictures").session
    bench.clock.advance(500.0)
    bench.events.all()
    bench.begin()

    view = bench.view(session)
    assert (view.status, view.elapsed_s) == ("completed", 60.0)
    assert view.ended_at == pytest.approx(-440.0)
    assert (bench.synth.voices, bench.houses.open_now) == ({}, {})
    assert bench.named() == ["SESSION_COMPLETED"]


def test_by_setting_it_was_stopped_when_the_server_was_last_alive(bench: Bench) -> None:
    session = bench.start().session
    bench.wait(ALIVE_S + 1.0)
    bench.wait(5.0)
    bench.clock.advance(20.0)
    bench.after_restart = "close"
    bench.begin()

    view = bench.view(session)
    assert (view.status, view.reason) == ("stopped", "the server ended")
    assert view.elapsed_s == pytest.approx(ALIVE_S + 1.0)
    assert bench.synth.voices == {}
    bench.clock.advance(10.0)
    bench.begin()
    assert bench.view(session).elapsed_s == pytest.approx(ALIVE_S + 1.0)


def test_a_wall_clock_that_was_set_back_makes_no_time_negative(bench: Bench) -> None:
    session = bench.start().session
    bench.clock.advance(-7200.0)
    bench.begin()

    view = bench.view(session)
    assert (view.status, view.elapsed_s, view.remaining_s) == ("running", 0.0, 60.0)


def test_a_disk_that_takes_nothing_stops_no_practice_and_is_said(bench: Bench) -> None:
    kept = bench.create().session
    bench.stage.teardown()
    bench.path.chmod(0o600)
    blocked = bench.path.parent.with_name("elsewhere")
    bench.path.parent.rename(blocked)
    bench.path.parent.write_text("in the way")
    bench.life()

    view = bench.start()
    assert (view.status, view.kept, view.sound) == ("running", False, True)
    assert bench.ask(ListPractices()).trouble
    bench.path.parent.unlink()
    blocked.rename(bench.path.parent)
    bench.wait(RETRY_S - 1.0)
    assert not bench.view(view.session).kept
    bench.wait(2.0)

    assert bench.view(view.session).kept
    assert bench.ask(ListPractices()).trouble == ""
    bench.begin()
    assert bench.view(view.session).status == "running"
    assert bench.view(kept).status == "created"


def test_what_could_not_be_read_at_the_start_is_taken_on_later(bench: Bench) -> None:
    old = bench.create().session
    elsewhere = bench.path.with_name("elsewhere")
    bench.stage.teardown()
    bench.path.rename(elsewhere)
    bench.path.mkdir()
    bench.begin()
    new = bench.create().session
    assert bench.ask(GetPractice(old)) == SessionUnknown(old)

    bench.path.rmdir()
    elsewhere.rename(bench.path)
    bench.wait(RETRY_S + 1.0)
    assert bench.view(old).status == "created"
    assert bench.view(new).kept


def test_a_row_that_cannot_be_understood_costs_no_other(bench: Bench) -> None:
    bad, good = bench.create().session, bench.create().session
    with sqlite3.connect(bench.path) as file:
        file.execute("UPDATE practices SET settings = '{}' WHERE id = ?", (bad,))
    bench.begin()

    assert bench.view(good).status == "created"
    assert bench.ask(GetPractice(bad)) == SessionUnknown(bad)


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sessions.sqlite3"
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 99")
    store = PracticeStore(path)

    with pytest.raises(PracticeFileError, match="newer version"):
        store.load()
    with pytest.raises(PracticeFileError, match="newer version"):
        store.write([], [], 0.0)

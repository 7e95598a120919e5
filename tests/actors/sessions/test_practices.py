"""Practices: their course, their parts, and what a crash of the manager leaves."""

from pathlib import Path

import pytest

from actors.sessions.practice import KEPT_OVER, MOST_CREATED, Practice, too_old
from protocols.sessions import (
    CreatePractice,
    CreateSession,
    DeletePractice,
    EndSession,
    GetPractice,
    GetSession,
    KnownModalities,
    ListPractices,
    PauseSession,
    PracticeSettings,
    PracticeView,
    ReadOverview,
    SessionConflict,
    SessionRefused,
    SessionSettings,
    SessionUnknown,
    SessionView,
    StartPractice,
    StopPractice,
    SwitchSound,
)
from protocols.supervision import ChildEnded
from tests.actors.sessions.practice_bench import Bench

SITTING = SessionSettings(
    user_id="u", device_type="simulator", duration_s=60.0, model="painter"
)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def states(view: PracticeView) -> dict[str, str]:
    return {one.name: one.state for one in view.modalities}


def test_a_practice_waits_until_it_is_started(bench: Bench) -> None:
    made = bench.create()
    bench.wait(1000.0)

    view = bench.view(made.session)
    assert (view.status, view.elapsed_s, view.remaining_s) == ("created", 0.0, 60.0)
    assert states(view) == {"sound": "stopped"}
    assert bench.synth.voices == {}
    assert bench.named() == ["SESSION_CREATED"]


def test_a_practice_runs_sounds_and_ends_by_itself_at_its_due_time(bench: Bench) -> None:
    made = bench.start(frequency=528.0)
    assert states(made) == {"sound": "running"}
    assert bench.synth.voices[made.session].frequency == 528.0
    bench.wait(20.0)
    half = bench.view(made.session)
    assert (half.elapsed_s, half.remaining_s) == (20.0, 40.0)

    bench.wait(40.3)

    view = bench.view(made.session)
    assert (view.status, view.ended_at, view.elapsed_s) == ("completed", 60.0, 60.0)
    assert (view.remaining_s, view.sound) == (0.0, False)
    assert bench.synth.voices == {}
    assert bench.named() == [
        "SESSION_CREATED",
        "SESSION_STARTED",
        "SOUND_STARTED",
        "SESSION_COMPLETED",
        "SOUND_STOPPED",
    ]


def test_a_practice_that_is_stopped_says_how_long_it_ran(bench: Bench) -> None:
    session = bench.start().session
    bench.clock.advance(12.5)
    view = bench.ask(StopPractice(session))

    assert (view.status, view.elapsed_s, view.reason) == ("stopped", 12.5, "asked")
    assert bench.synth.voices == {}
    assert bench.named()[-2:] == ["SESSION_STOPPED", "SOUND_STOPPED"]


def test_who_stops_a_moment_too_late_finds_it_completed(bench: Bench) -> None:
    session = bench.start().session
    bench.clock.advance(61.0)

    view = bench.ask(StopPractice(session))
    assert (view.status, view.elapsed_s) == ("completed", 60.0)


def test_what_does_not_fit_the_state_is_a_conflict(bench: Bench) -> None:
    def code(message: StartPractice | StopPractice) -> str:
        answer = bench.ask(message)
        assert isinstance(answer, SessionConflict)
        return answer.code

    session = bench.create().session
    assert code(StopPractice(session)) == "SESSION_NOT_RUNNING"
    bench.ask(StartPractice(session))
    assert code(StartPractice(session)) == "SESSION_ALREADY_RUNNING"
    bench.ask(StopPractice(session))
    assert code(StartPractice(session)) == "SESSION_ENDED"
    assert code(StopPractice(session)) == "SESSION_NOT_RUNNING"


@pytest.mark.parametrize("kind", [StartPractice, StopPractice, GetPractice, DeletePractice])
def test_what_is_not_there_is_unknown(
    bench: Bench,
    kind: type[StartPractice | StopPractice | GetPractice | DeletePractice],
) -> None:
    assert bench.ask(kind("sess_x")) == SessionUnknown("sess_x")


def test_one_that_runs_is_stopped_before_it_is_deleted(bench: Bench) -> None:
    session = bench.start("sound", "pictures").session
    view = bench.ask(DeletePractice(session))

    assert (view.status, view.reason) == ("stopped", "deleted")
    assert (bench.synth.voices, bench.houses.open_now) == ({}, {})
    assert bench.ask(GetPractice(session)) == SessionUnknown(session)
    assert bench.ask(GetSession(session)) == SessionUnknown(session)
    assert bench.named()[-4:] == [
        "PICTURES_STOPPED",
        "SESSION_STOPPED",
        "SOUND_STOPPED",
        "SESSION_DELETED",
    ]


def test_pictures_are_a_sitting_that_drives_the_sound(bench: Bench) -> None:
    view = bench.start("visualization", "prayer_bowl", owner="ada")

    assert states(view) == {"visualization": "running", "prayer_bowl": "running"}
    assert bench.houses.open_now[view.session].owner == "ada"
    assert bench.synth.voices == {view.session: None}
    assert isinstance(bench.ask(GetSession(view.session)), SessionView)

    bench.wait(60.0)
    assert (bench.synth.voices, bench.houses.open_now) == ({}, {})
    assert states(bench.view(view.session)) == {
        "visualization": "stopped",
        "prayer_bowl": "stopped",
    }


def test_two_names_of_one_part_start_it_once(bench: Bench) -> None:
    view = bench.start("sound", "audio", "prayer_bowl")

    assert set(states(view).values()) == {"running"}
    assert bench.named().count("SOUND_STARTED") == 1


def test_the_documented_modalities_are_taken_and_said_to_be_missing(bench: Bench) -> None:
    view = bench.start("scalar_waves", "radionics", "blessing")

    assert set(states(view).values()) == {"not_available"}
    assert all(one.reason for one in view.modalities)
    assert (view.status, view.sound, view.stream) == ("running", False, False)
    assert bench.named() == ["SESSION_CREATED", "SESSION_STARTED"]


def test_a_modality_that_nobody_knows_is_refused_with_those_there_are(bench: Bench) -> None:
    settings = PracticeSettings(name="x", duration_s=1.0, modalities=("sound", "spoon"))
    refused = bench.ask(CreatePractice(settings=settings))

    assert isinstance(refused, SessionRefused)
    assert refused.field == "modalities"
    assert "spoon" in refused.reason
    assert all(row.name in refused.reason for row in bench.ask(KnownModalities()))


def test_without_a_synth_the_sound_is_not_available(tmp_path: Path) -> None:
    bench = Bench(tmp_path, has_synth=False)
    view = bench.start("sound", "pictures")

    assert states(view) == {"sound": "not_available", "pictures": "running"}
    switch = SwitchSound(session=view.session, sound=True)
    assert isinstance(bench.ask(switch), SessionRefused)


def test_a_device_that_is_not_to_be_had_leaves_the_practice_without_pictures(
    bench: Bench,
) -> None:
    bench.device_wrong = "there is no such headset"
    view = bench.start("sound", "pictures")

    assert (view.status, view.stream) == ("running", False)
    assert states(view) == {"sound": "running", "pictures": "not_available"}
    assert view.modalities[1].reason == "there is no such headset"
    assert bench.synth.voices[view.session].frequency == 136.1


def test_where_its_house_falls_the_practice_goes_on_with_a_steady_sound(
    bench: Bench,
) -> None:
    session = bench.start("sound", "pictures").session
    path = f"root/houses/{session}"
    bench.ask(ChildEnded(path=path, life=1, normal=False, reason="gave up"))

    view = bench.view(session)
    assert states(view) == {"sound": "running", "pictures": "stopped"}
    assert "gave up" in view.modalities[1].reason
    assert bench.synth.voices[session].frequency == 136.1
    assert bench.houses.open_now == {}


def test_practices_and_sittings_share_the_limit(bench: Bench) -> None:
    for _ in range(3):
        bench.start("sound", "pictures")
    for _ in range(2):
        assert isinstance(bench.ask(CreateSession(SITTING)), SessionView)
    waiting = bench.create()

    for wish in (StartPractice(waiting.session), CreateSession(SITTING)):
        refused = bench.ask(wish)
        assert isinstance(refused, SessionRefused)
        assert refused.full
    assert bench.view(waiting.session).status == "created"


def test_one_that_is_refused_its_start_is_not_made(tmp_path: Path) -> None:
    bench = Bench(tmp_path, most=1)
    bench.start()
    settings = PracticeSettings(name="x", duration_s=1.0)
    refused = bench.ask(CreatePractice(settings=settings, start=True))

    assert isinstance(refused, SessionRefused)
    assert bench.ask(ListPractices()).total == 1


def test_one_may_be_made_and_started_at_once(bench: Bench) -> None:
    settings = PracticeSettings(name="Evening", duration_s=30.0)
    view = bench.ask(CreatePractice(settings=settings, start=True))

    assert (view.status, view.sound) == ("running", True)
    assert bench.named() == ["SESSION_CREATED", "SESSION_STARTED", "SOUND_STARTED"]


def test_so_many_may_wait_and_no_more(tmp_path: Path) -> None:
    bench = Bench(tmp_path, keeps=False)
    for _ in range(MOST_CREATED):
        bench.create()
    refused = bench.ask(CreatePractice(settings=PracticeSettings(name="x", duration_s=1)))

    assert isinstance(refused, SessionRefused)
    assert refused.full


def test_of_those_that_are_over_the_newest_are_kept() -> None:
    settings = PracticeSettings(name="x", duration_s=1.0)
    over = {
        str(n): Practice(
            session=str(n), settings=settings, created_at=0.0, started_at=0.0, ended_at=n
        )
        for n in range(KEPT_OVER + 2)
    }
    assert too_old(over) == ["0", "1"]


def test_a_list_shows_ones_own_and_everybodys_newest_first(bench: Bench) -> None:
    mine, theirs = bench.create(owner="ada"), bench.create(owner="bob")
    bench.clock.advance(1.0)
    everybodys = bench.create()

    found = bench.ask(ListPractices(owner="ada"))
    assert [v.session for v in found.practices] == [everybodys.session, mine.session]
    assert bench.ask(ListPractices()).total == 1
    page = bench.ask(ListPractices(owner="bob", offset=1, limit=1))
    assert ([v.session for v in page.practices], page.total) == ([theirs.session], 2)
    bench.ask(StartPractice(mine.session))
    running = bench.ask(ListPractices(owner="ada", status="running"))
    assert [v.session for v in running.practices] == [mine.session]


def test_the_overview_has_both_kinds_and_forgets_what_ended_long_ago(bench: Bench) -> None:
    sitting = bench.ask(CreateSession(SITTING))
    bench.clock.advance(1.0)
    practice = bench.start("sound", "pictures")
    rows = bench.ask(ReadOverview())
    assert [(r.session, r.kind) for r in rows] == [
        (practice.session, "practice"),
        (sitting.session, "sitting"),
    ]

    bench.ask(StopPractice(practice.session))
    bench.ask(EndSession(sitting.session))
    assert {r.status for r in bench.ask(ReadOverview())} == {"stopped", "ended"}
    bench.clock.advance(61.0)
    assert bench.ask(ReadOverview()) == ()


def test_a_sitting_may_sound_be_silent_and_rest(bench: Bench) -> None:
    session = bench.ask(CreateSession(SITTING)).session
    assert bench.synth.voices == {}

    bench.ask(SwitchSound(session=session, sound=True))
    assert bench.synth.voices == {session: None}
    bench.ask(PauseSession(session, paused=True))
    assert bench.synth.voices == {}
    bench.ask(PauseSession(session, paused=False))
    assert bench.synth.voices == {session: None}
    view = bench.ask(SwitchSound(session=session, sound=False))
    assert (view.settings.sound, bench.synth.voices) == (False, {})
    assert bench.named() == []

    bench.ask(SwitchSound(session=session, sound=True))
    bench.ask(EndSession(session))
    assert bench.synth.voices == {}
    assert isinstance(bench.ask(SwitchSound(session=session, sound=True)), SessionRefused)


def test_a_life_that_follows_a_crash_starts_nothing_twice(bench: Bench) -> None:
    session = bench.start("sound", "pictures").session
    before = dict(bench.synth.voices)
    bench.life()

    assert bench.synth.voices == before
    assert list(bench.houses.open_now) == [session]  # a second opening would have failed
    assert states(bench.view(session)) == {"sound": "running", "pictures": "running"}


def test_a_life_that_died_while_it_started_pictures_leaves_none_half_started(
    bench: Bench,
) -> None:
    session = bench.create("sound", "pictures").session
    bench.houses.falls = True
    with pytest.raises(RuntimeError, match="no house"):
        bench.ask(StartPractice(session))
    bench.life()

    view = bench.view(session)
    assert view.status == "running"
    assert states(view) == {"sound": "running", "pictures": "stopped"}
    assert bench.view(session).modalities[1].reason == "it could not be started"
    bench.ask(StopPractice(session))
    assert (bench.synth.voices, bench.houses.open_now) == ({}, {})

"""`phosphene sim`, as whoever types it sees it."""

from pathlib import Path

import msgspec
import pytest

from sim.report import read_report
from supervisors.cli import main
from supervisors.hunt import Catch


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["sim", *words])
    out = capsys.readouterr()
    return code, out.out, out.err


def line(text: str, name: str) -> str:
    return next(
        row.split(maxsplit=1)[1] for row in text.splitlines() if row.startswith(name)
    )


def test_a_run_says_how_fast_it_was_what_came_and_its_hash(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, text, _ = said(capsys, "--minutes", "0.1", "--seed", "7", "--sessions", "1")
    assert code == 0
    assert line(text, "outcome") == "done"
    assert "times life" in line(text, "speed")
    assert line(text, "frames").endswith("of 1 sessions")
    assert line(text, "broken") == "nothing"
    sha256 = line(text, "SHA-256")
    assert len(sha256) == 64
    again = said(capsys, "--minutes", "0.1", "--seed", "7", "--sessions", "1")[1]
    assert line(again, "SHA-256") == sha256


def test_a_run_leaves_its_report_where_it_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "report"
    words = ("--minutes", "0.05", "--seed", "3", "--chaos", "2", "--out", str(out))
    code, text, _ = said(capsys, *words)
    assert code == 0
    report = read_report((out / "report.json").read_bytes())
    assert report.parameters.seed == 3
    assert report.parameters.rates["crash"] == 24.0
    assert report.journal_sha256 == line(text, "SHA-256")
    assert report.replay.startswith("phosphene sim --minutes 0.05 --seed 3")
    assert report.replay.endswith("--chaos 2")
    assert "<html" in (out / "report.html").read_text()
    entries = (out / "journal.jsonl").read_bytes().splitlines()
    assert len(entries) == report.journal_entries


def test_a_file_of_faults_is_carried_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad-day.toml"
    file.write_text('[[faults]]\nat_s = 2\nkind = "crash"\npath = "*/encoder"\n')
    code, text, _ = said(capsys, "--minutes", "0.1", "--faults", str(file))
    assert code == 0
    assert line(text, "faults") == "crash 1"
    assert line(text, "restarts") == "1: root/sessions/houses/*/encoder 1"


def test_a_mistake_in_it_ends_with_2_and_says_which(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad-day.toml"
    file.write_text('[[faults]]\nat_s = 2\nkind = "crush"\n')
    code, _, error = said(capsys, "--faults", str(file))
    assert code == 2
    assert "faults[0].kind" in error
    assert "kinds are crash" in error


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--minutes", "0"), "--minutes"),
        (("--sessions", "0"), "--sessions"),
        (("--seed", "-1"), "--seed"),
        (("--faults", "/nowhere.toml"), "--faults"),
        (("--seeds", "0"), "--seeds"),
        (("--pictures-hz", "11"), "--pictures-hz"),
    ],
)
def test_an_option_out_of_its_range_is_named(
    words: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, error = said(capsys, *words)
    assert code == 2
    assert complaint in error


def test_a_folder_that_cannot_be_made_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    code, _, error = said(capsys, "--out", str(tmp_path / "file" / "report"))
    assert code == 2
    assert "--out" in error


def test_a_hunt_says_how_many_seeds_broke_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--seeds", "3", "--from-seed", "5", "--jobs", "1", "--out", str(tmp_path))
    code, text, _ = said(capsys, *words)
    assert code == 0
    assert line(text, "seeds").startswith("3 in ")
    assert line(text, "broken") == "nothing"
    lines = (tmp_path / "hunt.jsonl").read_bytes().splitlines()
    caught = [msgspec.json.decode(row, type=Catch) for row in lines]
    assert [catch.seed for catch in caught] == [5, 6, 7]


def test_help_answers_without_what_a_run_needs(capsys: pytest.CaptureFixture[str]) -> None:
    code, text, _ = said(capsys, "--help")
    assert code == 0
    assert "phosphene sim --seeds 1000" in text

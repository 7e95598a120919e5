import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import msgspec
import pytest

from actors.journal.fold import tree_after
from actors.journal.folder import FOLDER, file_name
from config.errors import DataDirError
from protocols.supervision import ChildEnded, ChildHeld, ChildRow, ChildStepped, Entry
from supervisors.cli_journal import journal
from tests.actors.journal.entries import RUN, entry, numbered, row, run_of
from tests.actors.journal.writers import numbers, write

Run: TypeAlias = Callable[..., tuple[int, str, str]]

PROGRAM = (
    "import sys; from supervisors.cli_journal import journal;"
    "sys.exit(journal.main(sys.argv[1:], standalone_mode=False))"
)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command on the test's folder: exit code, output, errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        command = [*arguments, "--data-dir", str(tmp_path)]
        code = journal.main(command, "phosphene journal", standalone_mode=False)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / FOLDER


def test_an_entry_is_a_line_with_time_number_cause_and_what_happened(
    show: Run, folder: Path
) -> None:
    end = ChildEnded(path="root/a", life=2, normal=False, reason="boom", trace="one\ntwo")
    write(
        folder, [entry(1, RUN), entry(2, ChildStepped(row=row("root/a"))), entry(3, end, 2)]
    )

    code, out, err = show()

    assert (code, err) == (0, "")
    assert out.splitlines()[1:] == [
        "2026-01-01 00:00:02.000Z        2           root/a (life 1) is starting",
        "2026-01-01 00:00:03.000Z        3 < 2       root/a (life 2) ended abnormal: boom",
    ]
    assert show("--since", "2", "--traces")[1].splitlines()[1:] == ["    one", "    two"]


def test_json_is_what_the_journal_has(show: Run, folder: Path) -> None:
    write(folder, run_of(10))

    _, out, _ = show("--json", "--since", "20")

    lines = out.splitlines()
    assert [msgspec.json.decode(line, type=Entry) for line in lines] == run_of(10)[20:]


def test_the_newest_are_shown_by_their_count(show: Run, folder: Path) -> None:
    write(folder, run_of(10))

    def shown(*arguments: str) -> list[int]:
        lines = show("--json", *arguments)[1].splitlines()
        return numbers(msgspec.json.decode(line, type=Entry) for line in lines)

    assert shown("--last", "3") == [29, 30, 31]
    assert shown("--last", "3", "--since", "30") == [31]
    assert shown("--last", "99") == list(range(1, 32))


def test_the_tree_at_an_entry_is_a_table(show: Run, folder: Path) -> None:
    write(
        folder,
        numbered(
            [
                RUN,
                ChildStepped(row=row("root/a")),
                ChildHeld(path="root/a", held=True, paused=False),
                ChildStepped(row=row("root/b")),
            ]
        ),
    )

    code, out, _ = show("--tree-at", "3")

    assert code == 0
    assert [line.split() for line in out.splitlines()] == [
        ["PATH", "STATE", "LIFE", "RESTARTS", "SINCE", "REASON"],
        ["root/a", "starting", "held", "1", "0", "2026-01-01", "00:00:02.000Z"],
    ]


def test_the_tree_at_an_entry_as_json(show: Run, folder: Path) -> None:
    entries = run_of(4)
    write(folder, entries)

    _, out, _ = show("--tree-at", "9", "--json")

    rows = tuple(msgspec.json.decode(line, type=ChildRow) for line in out.splitlines())
    assert rows == tree_after(entries[:9])


def test_a_tree_that_is_not_known_is_said_to_be(show: Run, folder: Path) -> None:
    write(folder, run_of(4))

    code, out, err = show("--tree-at", "99")

    assert (code, out) == (1, "")
    assert "the tree at 99 is not known" in err


def test_where_there_is_no_journal_that_is_said(show: Run, folder: Path) -> None:
    code, out, err = show()

    assert (code, out) == (1, "")
    assert f"there is no journal in {folder}" in err


def test_a_line_that_cannot_be_read_is_told_with_its_place(show: Run, folder: Path) -> None:
    write(folder, run_of(1))
    file = folder / file_name(1)
    with file.open("ab") as out:
        out.write(b"oops\n")

    code, _, err = show()

    assert code == 0
    assert f"{file}:6: " in err


def test_a_folder_that_cannot_be_read_is_named(show: Run, folder: Path) -> None:
    folder.touch()

    with pytest.raises(DataDirError, match="Not a directory"):
        show()


@pytest.mark.slow
def test_a_journal_is_followed_while_another_writes(tmp_path: Path, folder: Path) -> None:
    command = ["--follow", "--json", "--since", "3", "--data-dir", str(tmp_path)]
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-u", "-c", PROGRAM, *command],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        seen: list[int] = []
        for until in (5, 10, 31):
            write(folder, run_of(10)[:until])
            while not seen or seen[-1] < until:
                line = process.stdout.readline()
                seen.append(msgspec.json.decode(line, type=Entry).number)
        process.kill()

    assert seen == list(range(4, 32))


@pytest.mark.slow
def test_who_has_seen_enough_ends_it_quietly(tmp_path: Path, folder: Path) -> None:
    write(folder, run_of(1000))
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-u", "-c", PROGRAM, "--data-dir", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "run r of phosphene" in process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""

    assert process.returncode == 0


def test_the_command_imports_nothing_of_the_server() -> None:
    heavy = "{'numpy', 'scipy', 'pykka', 'trio', 'quart', 'hypercorn', 'web', 'sim'}"
    program = (
        "import sys; import supervisors.cli_journal;"
        f"print(sorted({heavy} & set(sys.modules)))"
    )

    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )

    assert done.stdout == "[]\n"

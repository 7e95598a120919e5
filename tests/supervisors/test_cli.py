import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from config.version import VERSION
from supervisors.cli import main

Run: TypeAlias = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process: exit code, output, errors."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_the_version_is_told(run: Run) -> None:
    assert run("version") == (0, f"{VERSION}\n", "")


@pytest.mark.parametrize(
    "command", [[], ["serve"], ["keys"], ["keys", "create"], ["config"]]
)
def test_every_command_explains_itself(run: Run, command: list[str]) -> None:
    code, out, _ = run(*command, "--help")

    assert code == 0
    assert out.startswith(f"Usage: {' '.join(['phosphene', *command])}")
    assert "\\b" not in out


def test_help_and_version_import_nothing_of_the_server() -> None:
    heavy = "{'numpy', 'scipy', 'pykka', 'trio', 'quart', 'hypercorn', 'web', 'sim'}"
    program = (
        "import sys; from supervisors.cli import main; code = main(['version']);"
        f"sys.exit(code or str(sorted({heavy} & set(sys.modules))).strip('[]'))"
    )

    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (done.stderr.strip(), done.stdout.strip()) == ("", VERSION)


def test_a_quiet_key_is_the_only_output_and_counts(run: Run, tmp_path: Path) -> None:
    code, out, _ = run(
        "keys", "create", "--quiet", "--name", "lamp", "--data-dir", tmp_path
    )

    assert code == 0
    assert len(out.strip()) == 48
    assert out.startswith("phos_")
    _, listed, _ = run("keys", "list", "--data-dir", tmp_path)
    assert out[:12] in listed
    assert out.strip() not in listed
    assert "lamp" in listed


def test_an_operator_s_key_is_made_on_request_and_listed_as_one(
    run: Run, tmp_path: Path
) -> None:
    _, plain, _ = run("keys", "create", "--quiet", "--data-dir", tmp_path)
    _, key, _ = run("keys", "create", "--operator", "--quiet", "--data-dir", tmp_path)

    _, listed, _ = run("keys", "list", "--data-dir", tmp_path)
    [of_plain] = [line for line in listed.splitlines() if plain[:12] in line]
    [of_operator] = [line for line in listed.splitlines() if key[:12] in line]
    assert "operator" in of_operator.split()
    assert "operator" not in of_plain.split()


def test_a_key_is_revoked_by_its_beginning(run: Run, tmp_path: Path) -> None:
    _, key, _ = run("keys", "create", "--quiet", "--data-dir", tmp_path)

    code, out, _ = run("keys", "revoke", key[:12], "--data-dir", tmp_path)

    assert code == 0
    assert out.startswith("Revoked key_")
    assert "revoked" in run("keys", "list", "--data-dir", tmp_path)[1]


def test_revoking_what_is_not_there_fails(run: Run, tmp_path: Path) -> None:
    code, _, err = run("keys", "revoke", "key_none", "--data-dir", tmp_path)

    assert code == 1
    assert "no such key" in err


def test_a_beginning_that_fits_several_keys_names_them(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        run("keys", "create", "--data-dir", tmp_path)

    code, _, err = run("keys", "revoke", "phos_", "--data-dir", tmp_path)

    assert code == 1
    assert err.count("key_") == 2


def test_a_key_that_is_to_end_before_it_begins_is_a_usage_error(
    run: Run, tmp_path: Path
) -> None:
    code, _, err = run("keys", "create", "--days", "-1", "--data-dir", tmp_path)

    assert code == 2
    assert "--days" in err


def test_a_data_folder_that_cannot_be_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for command in (["keys", "list"], ["serve", "--port", "0", "--no-browser"]):
        code, _, err = run(*command, "--data-dir", tmp_path / "file" / "below")

        assert code == 5
        assert "--data-dir" in err


def test_all_mistakes_of_the_command_line_and_the_file_come_at_once(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "my.toml"
    file.write_text("[web]\nhots = 'localhost'\n")

    code, _, err = run(
        "serve",
        "--config",
        file,
        "--port",
        "70000",
        "--mains",
        "55",
        "--set",
        "log.levle=info",
    )

    assert code == 2
    assert "4 settings are wrong" in err
    assert f"{file}:2: web.hots" in err
    assert "--port: web.port: '70000'" in err
    assert "--mains: device.mains_hz: '55'" in err
    assert "did you mean log.level?" in err


def test_an_unknown_option_is_a_usage_error(run: Run) -> None:
    code, _, err = run("serve", "--prot", "1")

    assert code == 2
    assert "--port" in err


def test_a_used_port_is_told_with_a_way_out(
    run: Run, tmp_path: Path, taken_port: int
) -> None:
    code, _, err = run("serve", "--port", str(taken_port), "--data-dir", tmp_path)

    assert code == 3
    assert str(taken_port) in err
    assert "--port" in err


def test_a_missing_recording_is_told_with_what_there_is(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rest.edf").touch()

    code, _, err = run(
        *("serve", "--device", "replay:rest.efd", "--port", "0"),
        *("--data-dir", tmp_path / "data", "--set", f"device.recordings={tmp_path}"),
    )

    assert code == 4
    assert "rest.efd" in err
    assert "did you mean rest.edf?" in err


def test_a_file_that_is_no_recording_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.edf").write_text("Dear Sir or Madam,")

    code, _, err = run(
        *("serve", "--device", f"replay:{tmp_path / 'letter.edf'}", "--port", "0"),
        *("--data-dir", tmp_path / "data"),
    )

    assert code == 4
    assert "letter.edf" in err


def test_the_file_that_config_writes_can_be_served_from(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "phosphene.toml"
    _, out, _ = run("config", "--toml", "--port", "9")
    file.write_text(out)

    code, shown, _ = run("config", "--config", file)

    assert code == 0
    assert f"web.port = 9    <- {file}:" in shown


def test_a_reader_that_leaves_is_met_without_a_trace() -> None:
    program = "import sys; from supervisors.cli import main; sys.exit(main(['config']))"
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.close()
        errors = done.stderr.read()

    assert errors == b""

"""`phosphene audio`, with a sound system of its own and without one."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from supervisors.cli_audio import EXIT_NO_AUDIO
from tests.actors.audio.halls import PulseHall, missing_for_pulse

pytestmark = pytest.mark.slow
LACKS = missing_for_pulse()


def run(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "supervisors", "audio", *options],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(bool(LACKS), reason=f"needs {LACKS}")
def test_the_devices_are_listed_and_the_default_is_marked(tmp_path: Path) -> None:
    with PulseHall(tmp_path).open() as hall:
        listed = run(hall.environment)
        rows = msgspec.json.decode(run(hall.environment, "--json").stdout)

    assert listed.returncode == 0
    lines = listed.stdout.splitlines()
    assert lines[0].split() == ["NUMBER", "NAME", "SYSTEM", "CHANNELS", "LIKES"]
    assert [line.split()[-5] for line in lines[1:]] == ["hall", "chapel", "default"]
    assert [row["name"] for row in rows if row["default"]] == ["default"]
    assert [line for line in lines if "*" in line] == [lines[3]]


def test_without_the_sound_library_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise ImportError('not here')\n")
    done = run({"PYTHONPATH": str(tmp_path)})

    assert done.returncode == EXIT_NO_AUDIO
    assert "`audio` is not installed" in done.stderr
    assert done.stdout == ""


def test_without_portaudio_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio not found')\n")
    done = run({"PYTHONPATH": str(tmp_path)})

    assert done.returncode == EXIT_NO_AUDIO
    assert "apt install libportaudio2" in done.stderr

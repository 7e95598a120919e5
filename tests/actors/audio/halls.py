"""Halls: surroundings with devices that a test takes away and brings back, and hears.

`PretendedHall` needs nothing: its devices are files (`pretended.py` plays to them).
`PulseHall` is a private PulseAudio server with null sinks, played to by PortAudio through
ALSA and heard at the sinks' monitors.
"""

import contextlib
import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]
"""Shape (samples, 2)."""

FRAME = 8
"""Bytes of a sample of both channels."""


class Hall(Protocol):
    """Where an output plays."""

    module: str
    """Of the process that plays."""

    device: str
    """A device that is there."""

    def remove(self) -> None:
        """Unplug it."""

    def restore(self) -> None:
        """Plug it in again."""

    def ears(self) -> contextlib.AbstractContextManager["Ears"]:
        """Hear what it plays from now on."""


class Ears(Protocol):
    """Hears a device."""

    def hear(self, seconds: float) -> Sound:
        """What it plays next; waits for it."""


class PretendedHall:
    """Devices that are files."""

    module = "tests.actors.audio.pretended"
    device = "hall"

    def __init__(self, folder: Path) -> None:
        self._plug = folder / "hall.device"
        self._pipe = folder / "hall.pipe"
        self.environment = {"PHOSPHENE_HALL": str(folder)}
        (folder / "chapel.device").touch()
        os.mkfifo(folder / "chapel.pipe")
        os.mkfifo(self._pipe)
        self.restore()

    def remove(self) -> None:
        self._plug.unlink()

    def restore(self) -> None:
        self._plug.touch()

    @contextlib.contextmanager
    def ears(self) -> Iterator["PipeEars"]:
        # Open for both: the end of who plays is no end for who hears.
        with os.fdopen(os.open(self._pipe, os.O_RDWR), "rb", buffering=0) as pipe:
            yield PipeEars(pipe.fileno())


class PipeEars:
    """Hears what is written into a pipe."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    def hear(self, seconds: float) -> Sound:
        wanted = round(seconds * 44_100) * FRAME
        heard = bytearray()
        while len(heard) < wanted:
            part = os.read(self._pipe, wanted - len(heard))
            if not part:
                raise AssertionError("the ears were closed")
            heard += part
        return np.frombuffer(bytes(heard), np.float32).reshape(-1, 2)


class PulseHall:
    """A PulseAudio server of its own, with one null sink."""

    module = "actors.audio.output_child"
    device = "hall"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "run").mkdir(mode=0o700)
        (folder / "asound.conf").write_text(ASOUND)
        (folder / "start.pa").write_text("load-module module-native-protocol-unix\n")
        self.environment = {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "PULSE_RUNTIME_PATH": str(folder / "run"),
            "PULSE_STATE_PATH": str(folder / "state"),
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere",
            "LC_ALL": "C",
        }
        self._all = {**os.environ, **self.environment}
        self._sink = ""

    @contextlib.contextmanager
    def open(self) -> Iterator["PulseHall"]:
        """Run the server."""
        order = [
            "pulseaudio",
            "-n",
            "--daemonize=no",
            "--system=false",
            "--disable-shm=yes",
        ]
        order += ["--use-pid-file=no", "--exit-idle-time=-1", "--log-level=info", "-F"]
        with subprocess.Popen(  # noqa: S603  # a program of the test's own
            [*order, str(self._folder / "start.pa")],
            env=self._all,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as server:
            assert server.stderr is not None
            for line in server.stderr:
                if "startup complete" in line:
                    break
            drain = threading.Thread(target=server.stderr.read)
            drain.start()
            try:
                self.restore()
                yield self
            finally:
                server.kill()
                server.wait()
                drain.join()

    def remove(self) -> None:
        self._pactl("unload-module", self._sink)

    def restore(self) -> None:
        self._sink = self.add("hall")

    def add(self, name: str) -> str:
        """Plug a device in; the number of its module.

        Where there are two, the server itself moves what was played to one that goes away
        to the other one, and nobody is told.
        """
        sink = [f"sink_name={name}", "format=float32le", "rate=44100", "channels=2"]
        return self._pactl("load-module", "module-null-sink", *sink).strip()

    @contextlib.contextmanager
    def ears(self, device: str = "hall") -> Iterator[PipeEars]:
        order = ["parec", f"--device={device}.monitor", "--raw", "--format=float32le"]
        order += ["--rate=44100", "--channels=2", "--latency-msec=50"]
        with subprocess.Popen(  # noqa: S603  # as above
            order, env=self._all, stdout=subprocess.PIPE
        ) as parec:
            assert parec.stdout is not None
            try:
                yield PipeEars(parec.stdout.fileno())
            finally:
                parec.kill()

    def _pactl(self, *order: str) -> str:
        done = subprocess.run(  # noqa: S603  # as above
            ["pactl", *order],  # noqa: S607  # wherever it is
            env=self._all,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


ASOUND = """
pcm_type.pulse { lib "libasound_module_pcm_pulse.so" }
pcm.!default { type pulse }
pcm.hall { type pulse device hall }
pcm.chapel { type pulse device chapel }
"""


def missing_for_pulse() -> str:
    """What a `PulseHall` cannot be had for; empty: nothing is missing."""
    lacks = [
        name for name in ("pulseaudio", "pactl", "parec") if shutil.which(name) is None
    ]
    if importlib.util.find_spec("sounddevice") is None:
        lacks.append("sounddevice")
    if ctypes.util.find_library("portaudio") is None:
        lacks.append("libportaudio2")
    if not any(Path("/usr/lib").glob("**/alsa-lib/libasound_module_pcm_pulse.so")):
        lacks.append("libasound2-plugins")
    return " ".join(lacks)


@contextlib.contextmanager
def surroundings(environment: Mapping[str, str]) -> Iterator[None]:
    """Processes that are started meanwhile live in this environment."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

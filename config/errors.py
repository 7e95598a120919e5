"""Why the server cannot start: errors that end the command, each with its exit code."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import msgspec

from protocols.errors import PhospheneError, RecordingError


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with the settings."""

    source: str
    """Where it was said: `phosphene.toml:4`, `PHOSPHENE_WEB__PORT`, `--port`."""

    setting: str
    """`web.port`; empty where the source as a whole cannot be read."""

    message: str
    """What is wrong, and what is allowed."""

    def __str__(self) -> str:
        """One line: source, setting, message."""
        return ": ".join(part for part in (self.source, self.setting, self.message) if part)


class StartError(PhospheneError):
    """The server cannot start, and what to do about it."""

    exit_code: ClassVar[int] = 1


class BadSettingsError(StartError):
    """Settings cannot be used.

    Args:
        mistakes: all of them.
    """

    exit_code = 2

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        count = len(self.mistakes)
        head = "1 setting is wrong:" if count == 1 else f"{count} settings are wrong:"
        super().__init__("\n".join([head, *(f"  {mistake}" for mistake in self.mistakes)]))


class PortInUseError(StartError):
    """Another program listens where the server should.

    Args:
        host: address.
        port: TCP port.
    """

    exit_code = 3

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        super().__init__(
            f"port {port} of {host} is taken by another program (perhaps a phosphene).\n"
            f"End it, or choose a port: phosphene serve --port {_another(port)}"
            "  (--port 0 takes any free one)"
        )


class AddressUnusableError(StartError):
    """The server cannot listen at an address for another reason than its use.

    Args:
        host: address.
        port: TCP port.
        reason: what the system said.
    """

    exit_code = 3

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host, self.port = host, port
        super().__init__(
            f"cannot listen on {host} port {port}: {reason}.\n"
            "Choose an address of this machine with --host, and a port of 1024 or above."
        )


class RecordingMissingError(StartError, RecordingError):
    """A recording to be replayed is not there or cannot be read.

    Args:
        path: what was asked for.
        reason: what is wrong with it, where it was looked for, what lies there.
    """

    exit_code = 4

    def __init__(self, path: str | Path, reason: str) -> None:
        self.path = str(path)
        super().__init__(f"recording {self.path}: {reason}")


class DataDirError(StartError):
    """Nothing can be kept in the data folder.

    Args:
        path: the folder.
        reason: what the system said.
    """

    exit_code = 5

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        super().__init__(
            f"cannot use the data folder {path}: {reason}.\nName another with --data-dir."
        )


_HIGHEST_PORT = 65535


def _another(port: int) -> int:
    return port + 1 if port < _HIGHEST_PORT else port - 1

"""A child that does on command what children do when things go wrong.

Content of a job: a command and, after a colon, its argument. It answers with the same, and
each array reversed. Modules beside this one misbehave at their start.
"""

import ctypes
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from actors.apart.errors import DevicePoisonedError
from actors.apart.memory import Array
from actors.apart.serve import Result, serve


class Misbehaving:
    """Fills `Handler`."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def do(self, content: bytes, arrays: Sequence[Array]) -> Result:
        command, _, argument = content.decode().partition(":")
        done = getattr(self, f"_{command}")(argument)
        answer = [array[::-1] for array in arrays]
        return done if isinstance(done, Result) else Result(content, answer)

    def close(self) -> None:
        print("closed in order", flush=True)  # noqa: T201

    def _echo(self, _: str) -> None:
        """Answer with the same."""

    def _segfault(self, _: str) -> None:
        ctypes.string_at(0)

    def _exit(self, code: str) -> None:
        os._exit(int(code))

    def _hang(self, _: str) -> None:
        """Hold the interpreter's lock: a regular expression never lets it go."""
        re.match(r"(a+)+b", "a" * 64)

    def _grow(self, mib: str) -> None:
        self._held.append(np.random.default_rng(0).bytes(int(mib) * 1024**2))

    def _poisoned(self, why: str) -> None:
        raise DevicePoisonedError(why)

    def _poisons(self, why: str) -> Result:
        return Result(b"done all the same", poisoned=why)

    def _raise(self, text: str) -> None:
        raise ValueError(text)

    def _garbage(self, _: str) -> None:
        os.write(int(sys.argv[1]), b"\xff" * 64)
        self._hang("")

    def _print(self, text: str) -> None:
        print(text, flush=True)  # noqa: T201

    def _fork(self, _: str) -> Result:
        pid = os.fork()
        while pid == 0:  # this one holds all that is open here
            signal.pause()
        return Result(str(pid).encode())

    def _huge(self, _: str) -> Result:
        return Result(b"", [np.zeros(10**7, np.uint8)])

    def _nice(self, _: str) -> Result:
        threads = os.environ["OPENBLAS_NUM_THREADS"]
        return Result(f"{os.nice(0)} {threads}".encode())

    def _input(self, _: str) -> Result:
        return Result(bytes(Path("/proc/self/fd/0").readlink()))

    def _pids(self, _: str) -> Result:
        return Result(f"{os.getpid()} {os.getppid()}".encode())


if __name__ == "__main__":
    serve(Misbehaving)

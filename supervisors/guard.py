"""The guard: a small parent that restarts a server which fell, or stopped answering.

    phosphene serve --guard ...

The server runs in a child process and beats on a pipe (`lifeline`). No beat for
`SILENT_S`: the child is told to show its stacks (SIGABRT, `faulthandler`), then killed and
started again. So is one that fell (70), that asks for it (75), or that a signal ended. One
that ended in order, or cannot start because of a mistake in its settings, is let be; its
exit code is ours. Restarts wait twice as long each time, up to a minute, and the first wait
again once a child has served for five minutes.

Signals that ask us to end go on to the child. If we die, however, the child is told to end
by the system (PR_SET_PDEATHSIG, prctl(2), Linux).
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Final, Self

from supervisors.lifeline import GUARD_FD
from supervisors.restart import Backoff

SILENT_S: Final = 10.0
START_S: Final = 120.0
"""Seconds until the first beat: a cold start on a slow disk."""

DRAIN_S: Final = 15.0
"""Seconds that a child may take to end once it said that it is going down."""

SHOW_STACKS_S: Final = 1.0
WORKED_S: Final = 300.0
AGAIN: Final = (70, 75)
BACKOFF: Final = Backoff(first_s=1.0, most_s=60.0, jitter=0.0)
PR_SET_PDEATHSIG: Final = 1


def guard(arguments: Sequence[str], say: Callable[[str], object]) -> int:
    """Run a server until it ends in order.

    Args:
        arguments: of the server's command line, without `--guard`.
        say: is given a line for the operator.

    Returns:
        The exit code of the last child.
    """
    failures = 0
    with _Signals() as signals:
        while True:
            began_at = time.monotonic()  # noqa: TID251  # outside of all clocks of ours
            code = _Ward(arguments, signals, say).watch()
            if signals.asked or (code not in AGAIN and code >= 0):
                return code if code >= 0 else 128 - code
            worked_s = time.monotonic() - began_at  # noqa: TID251
            failures = 1 if worked_s > WORKED_S else failures + 1
            wait_s = BACKOFF.delay_s(failures)
            say(f"guard: the server ended with {code}; again in {wait_s:g} s")
            if signals.wait(wait_s):
                return code if code >= 0 else 128 - code


class _Signals:
    """SIGTERM and SIGINT, for the guard and its child."""

    def __init__(self) -> None:
        self.asked = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._ours, self._theirs = os.pipe()

    def __enter__(self) -> Self:
        self._before = [
            (kind, signal.signal(kind, self._pass_on))
            for kind in (signal.SIGTERM, signal.SIGINT)
        ]
        return self

    def __exit__(self, *_: object) -> None:
        for kind, handler in self._before:
            signal.signal(kind, handler)
        os.close(self._ours)
        os.close(self._theirs)

    def give_to(self, child: "subprocess.Popen[bytes] | None") -> None:
        """Who hears of them from now on; one that came before is passed on."""
        self._child = child
        if child is not None and self.asked:
            child.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> bool:
        """Wait; True as soon as one has come."""
        return bool(self.asked or select.select([self._ours], [], [], seconds)[0])

    def _pass_on(self, kind: int, _frame: FrameType | None) -> None:
        self.asked += 1
        os.write(self._theirs, b".")
        if self._child is not None:
            self._child.send_signal(kind)


class _Ward:
    """One child, from its start to its end."""

    def __init__(
        self, arguments: Sequence[str], signals: _Signals, say: Callable[[str], object]
    ) -> None:
        self._say = say
        self._signals = signals
        self._beats, beats = os.pipe2(os.O_CLOEXEC)
        os.set_inheritable(beats, True)  # noqa: FBT003  # os's own way
        self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-X", "faulthandler", "-m", "supervisors", *arguments],
            pass_fds=(beats,),
            env={**os.environ, GUARD_FD: str(beats)},
            process_group=0,  # Ctrl+C reaches it through us, once
            preexec_fn=_end_with_parent,  # noqa: PLW1509  # one thread; a single system call
        )
        os.close(beats)
        signals.give_to(self._child)

    def watch(self) -> int:
        """Wait for its end, or make one when it is silent; gives its exit code."""
        limit_s, heard = START_S, b""
        try:
            while True:
                if not select.select([self._beats], [], [], limit_s)[0]:
                    self._kill(limit_s)
                    break
                heard = os.read(self._beats, 4096)
                if not heard:  # it has ended, or closed its end
                    break
                limit_s = DRAIN_S if b"!" in heard or limit_s == DRAIN_S else SILENT_S
            return self._reap()
        finally:
            self._signals.give_to(None)
            os.close(self._beats)

    def _kill(self, limit_s: float) -> None:
        self._say(f"guard: no sign of life for {limit_s:g} s; killing {self._child.pid}")
        self._child.send_signal(signal.SIGABRT)
        try:
            self._child.wait(SHOW_STACKS_S)
        except subprocess.TimeoutExpired:
            self._child.kill()

    def _reap(self) -> int:
        try:
            return self._child.wait(DRAIN_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            return self._child.wait()


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

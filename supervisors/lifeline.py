"""The lifeline: how whoever guards this process from outside hears that all is well.

Three may listen, and each is told by the same beats, a few a second:

- a parent under `phosphene serve --guard`, through a pipe;
- systemd, by datagrams as sd_notify(3) has them (`Type=notify`, `WatchdogSec=`);
- Python's own `faulthandler`, which writes every thread's stack to the log when no beat has
  come for a while: it works though native code holds the interpreter's lock, when no thread
  of ours can run.

A beat that reaches nobody is no failure.
"""

import faulthandler
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

GUARD_FD: Final = "PHOSPHENE_GUARD_FD"
NOTIFY_SOCKET: Final = "NOTIFY_SOCKET"
WATCHDOG_USEC: Final = "WATCHDOG_USEC"
STACKS_AFTER_S: Final = 5.0
"""Seconds without a beat after which the stacks are written; less than any guard waits."""


class Lifeline:
    """Tells who listens. Any thread.

    Args:
        environment: says who listens.
        stacks: whether `faulthandler` is to write stacks; it is one for the whole process.
    """

    def __init__(self, environment: Mapping[str, str], *, stacks: bool) -> None:
        guard = environment.get(GUARD_FD, "")
        self._guard = int(guard) if guard.isdigit() else None
        if self._guard is not None:
            os.set_blocking(self._guard, False)
        self._systemd = environment.get(NOTIFY_SOCKET, "")
        self._wants_beats = environment.get(WATCHDOG_USEC, "") not in ("", "0")
        self._stacks = stacks

    def ready(self) -> None:
        """It serves."""
        self._notify("READY=1")
        self.beat()

    def beat(self) -> None:
        """All is well now."""
        if self._stacks:
            faulthandler.dump_traceback_later(STACKS_AFTER_S, repeat=True)
        if self._guard is not None:
            # Full: who listens has enough to read. Broken: nobody listens any more.
            with suppress(OSError):
                os.write(self._guard, b".")
        if self._wants_beats:
            self._notify("WATCHDOG=1")

    def stopping(self) -> None:
        """It is going down, in order; from now on no beat is to be expected."""
        if self._stacks:
            faulthandler.cancel_dump_traceback_later()
        self._notify("STOPPING=1")
        if self._guard is not None:
            with suppress(OSError):
                os.write(self._guard, b"!")

    def _notify(self, state: str) -> None:
        if not self._systemd:
            return
        # sd_notify(3): a name that begins with @ is in the abstract namespace.
        name = "\0" + self._systemd[1:] if self._systemd.startswith("@") else self._systemd
        with (
            suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to,
        ):
            to.sendto(state.encode(), name)

"""One child process, seen from its parent.

A thread of its own starts it, listens to it, writes what it prints to the log, and reaps
it. That it starts it, too, is of importance: on Linux «dies with its parent» means the
thread that started it (prctl(2), PR_SET_PDEATHSIG), and this one lives just as long.

In: jobs (`say`), and `dismiss` or `kill`. Out: `Spawned`, `Said` for each word, and last,
once, `Left`. A fresh interpreter is started, never a fork of this one: a fork has the locks
of all threads and none of the threads.
"""

import contextlib
import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final, Self, TypeAlias

import msgspec

from actors.apart.errors import ChildError
from actors.apart.kind import Kind
from actors.apart.memory import Memory, open_memory
from actors.apart.pipe import Pipe
from actors.apart.printed import Printed
from actors.apart.words import Job, Word, read_word, write

if TYPE_CHECKING:
    from protocols.ports import Mailbox

log = logging.getLogger(__name__)

ROOT: Final = Path(__file__).resolve().parents[2]
ONE_THREAD: Final = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    ),
    "1",
)
"""More threads of a library than cores only push the stages off theirs."""


class Child:
    """A process, from before its start until after its end.

    Args:
        kind: what it runs.
        path: of the actor that owns it, for the log.
        news: is told what becomes of it.

    Raises:
        OSError: the system has no descriptor or memory left.
        RuntimeError: it has no thread left.
    """

    def __init__(self, kind: Kind, path: str, news: "Mailbox[ChildNews]") -> None:
        self.pid = 0
        """0 until it was started."""

        self._kind = kind
        self._path = path
        self._news: Mailbox[ChildNews] | None = news
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._printed: Printed | None = None
        self._doomed = False
        self._reaped = False
        with contextlib.ExitStack() as undo:
            shared = open_memory(kind.shared_bytes)
            undo.callback(os.close, shared)
            self.memory = Memory(shared, kind.shared_bytes)
            undo.callback(self.memory.close)
            ours, theirs = socket.socketpair()
            self._pipe = undo.enter_context(contextlib.closing(Pipe(ours)))
            undo.enter_context(theirs)
            self._thread = Thread(
                target=self._keep, args=(theirs, shared), name=f"{path}:child", daemon=True
            )
            self._thread.start()
            undo.pop_all()  # the thread closes them from now on

    def say(self, job: Job) -> bool:
        """Give it a job; False: it is gone, `Left` is on its way."""
        try:
            self._pipe.send(write(job))
        except OSError:
            return False
        return True

    def dismiss(self) -> None:
        """Let it end by itself, after the job that it has."""
        self._pipe.finish()

    def kill(self) -> None:
        """End it now, whatever it does."""
        with self._lock:
            self._doomed = True
            if self._process is not None and not self._reaped:
                os.kill(self._process.pid, signal.SIGKILL)

    def mute(self) -> None:
        """Tell no more of it."""
        self._news = None

    def join(self, timeout_s: float) -> bool:
        """Wait for its end; says whether it came. Not in its own thread."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # -- in its own thread ---------------------------------------------------------------

    def _keep(self, theirs: socket.socket, shared: int) -> None:
        how = ""
        try:
            with theirs:
                self._start(theirs.fileno(), shared)
            if self._process is not None:
                self._tell(Spawned(self))
                how = self._listen(self._process)
        except OSError as error:  # no descriptor or no memory left for it
            how = f"the system refused: {error}"
        finally:
            os.close(shared)
            how = self._reap() if not how else f"{how}; {self._reap()}"
            self._pipe.close()
            self._tell(Left(self, how))

    def _start(self, pipe: int, shared: int) -> None:
        order = [sys.executable, "-P", "-X", "faulthandler", "-m", self._kind.module]
        facts = pipe, shared, self._kind.shared_bytes, os.getpid()
        with self._lock:
            if self._doomed:
                return
            self._process = subprocess.Popen(  # noqa: S603  # our own module
                [*order, *map(str, facts)],
                pass_fds=(pipe, shared),
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
            )
            self.pid = self._process.pid

    def _listen(self, process: subprocess.Popen[bytes]) -> str:
        """Hear it until it has ended or closed its pipe.

        Returns:
            What was wrong with what it said; empty: nothing.
        """
        self._printed = Printed(process.stdout, f"{self._path} (pid {process.pid})")
        with _Ears(process.pid, self._pipe, self._printed) as ears:
            try:
                while ears.heard():
                    self._tell(Said(self, read_word(self._pipe.receive())))
            except EOFError:
                pass
            except (ChildError, msgspec.DecodeError) as error:
                return f"it sent what is no word: {error}"
        return ""

    def _reap(self) -> str:
        """See to its end.

        Returns:
            How it ended.
        """
        process = self._process
        if process is None:
            return "it was not started"
        self.kill()  # who is ending already keeps its own reason
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:  # from here on the number may be another process's
            self._reaped = True
            code = process.wait()
        last = ""
        if self._printed is not None:
            self._printed.close()
            last = self._printed.last
        elif process.stdout is not None:
            process.stdout.close()
        return describe(code, last)

    def _tell(self, news: "ChildNews") -> None:
        mailbox = self._news
        if mailbox is not None:
            mailbox.tell(news)


class _Ears:
    """Waits for a child's next word; meanwhile what it prints goes to the log."""

    def __init__(self, pid: int, pipe: Pipe, printed: Printed) -> None:
        self._pipe = pipe
        self._printed = printed
        self._selector = selectors.DefaultSelector()
        self._selector.register(pipe, selectors.EVENT_READ)
        self._selector.register(printed, selectors.EVENT_READ)
        # A process that it forked may keep its pipe open for ever.
        self._end = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
        if self._end is not None:
            self._selector.register(self._end, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        if self._end is not None:
            os.close(self._end)

    def heard(self) -> bool:
        """Wait for a word; False: it has ended, and there is none."""
        while True:
            ready = [key.fileobj for key, _ in self._selector.select()]
            if self._printed in ready and not self._printed.read():
                self._selector.unregister(self._printed)
            if self._pipe in ready:  # first: its last word may be in there
                return True
            if self._end in ready:
                return False


def describe(code: int, printed: str) -> str:
    """How a process ended, from its return code and the last line that it printed."""
    if code >= 0:
        return f"exit code {code}" + (f": {printed}" if code and printed else "")
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _environment() -> dict[str, str]:
    # A library's thread count that the operator chose stays.
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**ONE_THREAD, **os.environ, "PYTHONPATH": path}


class Spawned(msgspec.Struct, frozen=True, eq=False):
    """It was started."""

    child: Child


class Said(msgspec.Struct, frozen=True, eq=False):
    """It said something."""

    child: Child
    word: Word


class Left(msgspec.Struct, frozen=True, eq=False):
    """It has ended and was reaped."""

    child: Child
    how: str


ChildNews: TypeAlias = Spawned | Said | Left
"""What an actor hears of its child processes."""

"""The child's side: what a module that runs apart calls.

    python -m MODULE PIPE MEMORY BYTES PARENT

Two file descriptors, the memory's size, the parent's process number. The process ends with
its pipe: whoever is at the other end has closed it, or has died. On Linux it also dies with
its parent in the middle of a job. A job that raises ends it: nobody knows what is left
half changed.
"""

import contextlib
import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import msgspec

from actors.apart.errors import DevicePoisonedError
from actors.apart.memory import Array, Memory
from actors.apart.pipe import Pipe
from actors.apart.words import Broke, Done, Hello, Job, read_job, write
from config.version import VERSION

NICENESS: Final = 10
"""Where the cores are few, the stages of the sessions go first; from the first tiny job on.
Until then somebody may wait for it to take a dead child's place: on two cores at a load of
four that took 1.3 s at this niceness and 0.45 s without (p50; at most 3.4 and 1.0)."""

_PR_SET_PDEATHSIG: Final = 1  # prctl(2)


class Result(msgspec.Struct, frozen=True, eq=False):
    """What a handler made of a job."""

    content: bytes
    arrays: Sequence[Array] = ()
    poisoned: str = ""
    """Why this process should do no more; the result counts all the same."""


class Handler(Protocol):
    """What a child does."""

    def do(self, content: bytes, arrays: Sequence[Array]) -> Result:
        """Do a job; the arrays are read-only.

        Raises:
            DevicePoisonedError: only another process can use the device again.
            Exception: a defect; this process ends.
        """

    def close(self) -> None:
        """Let go what would not go by itself with the process."""


def serve(make: Callable[[], Handler], *, niceness: int = NICENESS) -> None:
    """Do jobs until the pipe ends.

    Args:
        make: loads what the jobs need; called once, in this process's main thread, at the
            server's own priority.
        niceness: added after the first tiny job.
    """
    pipe_fd, memory_fd, size, parent = map(int, sys.argv[1:])
    # Ctrl+C goes to the whole group, and systemd's SIGTERM to the whole service; this
    # process ends with its server, not before.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    die_with(parent)
    memory = Memory(memory_fd, size)
    os.close(memory_fd)
    end = socket.socket(fileno=pipe_fd)
    end.set_inheritable(False)
    pipe = Pipe(end)
    handler = make()
    with contextlib.suppress(EOFError, ConnectionError):  # the server is gone, or lets go
        pipe.send(write(Hello(version=VERSION, pid=os.getpid())))
        work(pipe, memory, handler, read_job(pipe.receive()))
        os.nice(niceness)
        while True:
            work(pipe, memory, handler, read_job(pipe.receive()))
    handler.close()


def work(pipe: Pipe, memory: Memory, handler: Handler, job: Job) -> None:
    """Do a job and answer.

    Raises:
        Exception: what the handler raised; it was told to the parent.
    """
    began_at = time.perf_counter()
    try:
        result = handler.do(job.content, memory.take(job.arrays))
        places = memory.put(result.arrays)
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        poisoned = isinstance(error, DevicePoisonedError)
        pipe.send(write(Broke(number=job.number, error=text, poisoned=poisoned)))
        raise
    pipe.send(
        write(
            Done(
                number=job.number,
                content=result.content,
                took_s=time.perf_counter() - began_at,
                arrays=places,
                poisoned=result.poisoned,
            )
        )
    )


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, where it can.

    Raises:
        SystemExit: the parent is dead already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        raise SystemExit("the parent was gone before this process had begun")

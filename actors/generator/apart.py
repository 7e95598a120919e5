"""A generator apart: in a child process, which this module starts and talks to.

In: wishes. Out: paintings, through a piece of shared memory. A painter in a thread of the
server shares its interpreter's lock with every stage: of 100 sessions 12 pictures a second
came, and the samples of all were half a second late. Apart it has a core of its own.

The child is at nice 10: where the cores are few, the stages go first. It ends when it is
told to, and by itself when the server's end of its pipe is gone, however that died. What it
does not answer in time, or its death, is an error here: the worker falls, and its next
life starts another child. A crash forgets what the generator kept of its sessions.
"""

import mmap
import os
import socket
import subprocess
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from protocols.errors import PhospheneError, WishError
from protocols.pictures import Painting, PictureWish

LARGEST_PX: Final = 2048
MEMORY_BYTES: Final = 3 * LARGEST_PX**2
"""For the largest picture. Pages that no picture has touched take no memory."""

ANSWER_S: Final = 60.0
"""Seconds that the largest picture may take on a busy machine, with the child's start."""

GOODBYE_S: Final = 0.5
"""Seconds that a child has to end by itself."""

ROOT: Final = Path(__file__).resolve().parents[2]
ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
"""More threads of a library than cores only push the stages off theirs."""


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """To the child: paint (and answer), or forget (and do not)."""

    paint: PictureWish | None = None
    forget: str = ""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """From the child; the pixels are in the memory."""

    height: int = 0
    width: int = 0
    model: str = ""
    seed: int = 0
    effective_steps: int = 0
    known_words: tuple[str, ...] = ()
    refused: tuple[str, str] | None = None
    """Of a `WishError`: field and message."""


class ChildSilentError(PhospheneError):
    """The child process did not answer in time, or is gone."""


write = msgspec.msgpack.Encoder().encode
read_order = msgspec.msgpack.Decoder(Order).decode
_read_answer = msgspec.msgpack.Decoder(Answer).decode


class GeneratorApart:
    """Fills `protocols.ports.Generator` with one in a child process.

    It starts at once and loads while others start; the first picture waits for it.

    Args:
        model: the name of what the child runs.
        module: what the child runs: a module with the arguments `pipe` and `memory`.
        answer_s: seconds that a picture may take.
    """

    def __init__(
        self, model: str, module: str = "actors.generator.child", answer_s: float = ANSWER_S
    ) -> None:
        self.model = model
        self._answer_s = answer_s
        ours, theirs = socket.socketpair()
        with tempfile.TemporaryFile() as file, theirs:
            file.truncate(MEMORY_BYTES)
            self._memory = mmap.mmap(file.fileno(), MEMORY_BYTES)
            fds = theirs.fileno(), file.fileno()
            self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                [sys.executable, "-m", module, *map(str, fds)],
                pass_fds=fds,
                env=_environment(),
                stdin=subprocess.DEVNULL,
            )
        self._pipe = Connection(ours.detach())

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def paint(self, wish: PictureWish) -> Painting:
        """Have the picture painted.

        Raises:
            WishError: the wish cannot be met.
            ChildSilentError: no answer came in time, or the child is gone.
        """
        answer = self._ask(Order(paint=wish))
        if answer.refused is not None:
            raise WishError(*answer.refused)
        shape = answer.height, answer.width, 3
        seen = np.frombuffer(self._memory, np.uint8, int(np.prod(shape)))
        pixels = seen.reshape(shape).copy()  # the next one is painted over it
        pixels.flags.writeable = False
        return Painting(
            pixels=pixels,
            model=answer.model,
            seed=answer.seed,
            effective_steps=answer.effective_steps,
            known_words=answer.known_words,
        )

    def forget(self, session: str) -> None:
        """Have what was kept of a session dropped.

        Raises:
            ChildSilentError: the child is gone.
        """
        self._say(Order(forget=session))

    def close(self) -> None:
        """End the child; safe to call twice."""
        self._pipe.close()
        try:
            self._child.wait(GOODBYE_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def _ask(self, order: Order) -> Answer:
        self._say(order)
        try:
            if not self._pipe.poll(self._answer_s):
                raise ChildSilentError(f"{self.model}: no picture in {self._answer_s:g} s")
            return _read_answer(self._pipe.recv_bytes())
        except (EOFError, OSError) as error:
            raise ChildSilentError(f"{self.model}: its process is gone") from error

    def _say(self, order: Order) -> None:
        try:
            self._pipe.send_bytes(write(order))
        except OSError as error:
            raise ChildSilentError(f"{self.model}: its process is gone") from error


def _environment() -> dict[str, str]:
    # A library's thread count that the operator chose stays.
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**ONE_THREAD, **os.environ, "PYTHONPATH": path}

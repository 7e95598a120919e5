"""The painter's own process; `actors.generator.apart` starts it and says what it is for.

    python -m actors.generator.child PIPE MEMORY

Both are file descriptors. In: orders. Out: answers, and pixels in the shared memory. It
ends with its pipe: whoever is at the other end has closed it, or has died.
"""

import contextlib
import mmap
import os
import signal
import sys
from multiprocessing.connection import Connection
from typing import Final

import numpy as np

from actors.generator.apart import MEMORY_BYTES, Answer, read_order, write
from actors.generator.flash import Calm
from actors.generator.painter.painter import Painter
from protocols.errors import WishError
from protocols.pictures import PictureWish
from protocols.ports import Generator

NICENESS: Final = 10


def main(pipe_fd: int, memory_fd: int) -> None:
    """Paint until the pipe ends."""
    # Ctrl+C goes to the whole group; this process ends with its server, not before.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    memory = mmap.mmap(memory_fd, MEMORY_BYTES)
    with contextlib.suppress(EOFError, ConnectionError):
        work(Connection(pipe_fd), memory, Calm(Painter()))


def work(pipe: Connection, memory: mmap.mmap, generator: Generator) -> None:
    """Carry out orders.

    Raises:
        EOFError: the other end is closed.
    """
    while True:
        order = read_order(pipe.recv_bytes())
        if order.paint is None:
            generator.forget(order.forget)
        else:
            pipe.send_bytes(write(answer(generator, order.paint, memory)))


def answer(generator: Generator, wish: PictureWish, memory: mmap.mmap) -> Answer:
    """Paint into the memory, or say why not."""
    try:
        painting = generator.paint(wish)
    except WishError as error:
        return Answer(refused=(error.field, error.message))
    pixels = painting.pixels
    np.frombuffer(memory, np.uint8, pixels.size)[:] = pixels.ravel()
    height, width = pixels.shape[:2]
    return Answer(
        height=height,
        width=width,
        model=painting.model,
        seed=painting.seed,
        effective_steps=painting.effective_steps,
        known_words=painting.known_words,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

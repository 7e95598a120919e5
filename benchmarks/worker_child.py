"""The other ends of `benchmarks/worker.py`: ours, and one on `multiprocessing`'s pipe."""

from collections.abc import Sequence
from multiprocessing.connection import Connection

import numpy as np

from actors.apart.memory import Array
from actors.apart.serve import Result, serve

SHAPE = 512, 512, 3


def picture() -> Array:
    """Pixels that do not compress."""
    return np.random.default_rng(1).integers(0, 256, SHAPE, np.uint8)


class Echo:
    """Fills `actors.apart.serve.Handler`: answers at once, with a picture if asked."""

    def __init__(self) -> None:
        self._picture = picture()

    def do(self, content: bytes, arrays: Sequence[Array]) -> Result:
        """Answer."""
        return Result(content, [self._picture] if content == b"picture" else arrays)

    def close(self) -> None:
        """Nothing is held."""


def pickled(pipe: Connection) -> None:
    """The same over a pipe that pickles."""
    pixels = picture()
    while (asked := pipe.recv()) is not None:
        pipe.send((asked, pixels) if asked == b"picture" else (asked, None))


if __name__ == "__main__":
    serve(Echo)

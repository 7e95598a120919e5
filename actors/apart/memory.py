"""Memory that an actor and its child share: arrays lie there while a word says where.

One job at a time uses it: its arrays lie there until the answer's lie over them. Both ends
copy what they take, so that nothing changes under who has it.
"""

import mmap
import os
import tempfile
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from actors.apart.errors import JobTooLargeError
from actors.apart.words import Place

Array = npt.NDArray[Any]

LINE: Final = 64
"""Bytes to which arrays are aligned: a line of a processor's cache."""


def open_memory(size: int) -> int:
    """A new piece of memory without a name, as a descriptor that the caller closes.

    Pages that nobody has touched take none.
    """
    if hasattr(os, "memfd_create"):
        memory = os.memfd_create("phosphene-arrays")
    else:  # a file that was unlinked; where memfd is not, /tmp may be written to disk
        with tempfile.TemporaryFile() as file:
            memory = os.dup(file.fileno())
    os.truncate(memory, size)
    return memory


def room_for(arrays: Sequence[Array]) -> int:
    """Bytes that arrays take, at most."""
    return sum(array.nbytes + LINE for array in arrays)


class Memory:
    """One end's view of the shared memory.

    Args:
        descriptor: of the memory; not needed once this is made.
        size: bytes.
    """

    def __init__(self, descriptor: int, size: int) -> None:
        self._size = size
        self._map = mmap.mmap(descriptor, size)

    def put(self, arrays: Sequence[Array]) -> tuple[Place, ...]:
        """Lay arrays down, over what was there.

        Raises:
            JobTooLargeError: they have no room.
        """
        places, end = [], 0
        for array in arrays:
            offset = -(-end // LINE) * LINE
            end = offset + array.nbytes
            if end > self._size:
                raise JobTooLargeError(
                    f"arrays of {end} bytes or more; the memory has {self._size}"
                )
            self._at(offset, array.shape, array.dtype)[...] = array
            places.append(Place(offset, array.shape, array.dtype.str))
        return tuple(places)

    def take(self, places: Sequence[Place]) -> list[Array]:
        """Copies of what lies there, read-only.

        Raises:
            ValueError: a place is not within the memory.
        """
        taken = []
        for place in places:
            array = self._at(place.offset, place.shape, np.dtype(place.dtype)).copy()
            array.flags.writeable = False
            taken.append(array)
        return taken

    def close(self) -> None:
        """Let it go; safe to call twice."""
        self._map.close()

    def _at(self, offset: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
        return np.ndarray(shape, dtype, self._map, offset)

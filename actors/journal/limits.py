"""How much a journal may take on the disk, and what must go for more."""

from collections.abc import Sequence
from typing import Final

import msgspec

MIB: Final = 1024**2


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a journal may take.

    Raises:
        ValueError: a limit is out of its range.
    """

    file_bytes: int = 4 * MIB
    """Of one file beyond its snapshot; a longer entry has a file of its own."""

    files: int = 64
    """The oldest go first."""

    total_bytes: int = 64 * MIB
    """Of all files, but for the snapshot at the head of the newest."""

    def __post_init__(self) -> None:
        least = {"file_bytes": 1024, "files": 2, "total_bytes": 2 * self.file_bytes}
        for name, value in least.items():
            if getattr(self, name) < value:
                given = getattr(self, name)
                raise ValueError(f"{name} is {given}; allowed: {value} and above")

    def surplus(self, sizes: Sequence[int]) -> int:
        """How many files must go before another is begun.

        Args:
            sizes: bytes of each file, oldest first.
        """
        gone = 0
        while gone < len(sizes) and (
            len(sizes) - gone >= self.files
            or sum(sizes[gone:]) + self.file_bytes > self.total_bytes
        ):
            gone += 1
        return gone

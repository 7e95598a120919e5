"""The newest pictures, in memory: what a full disk leaves."""

import msgspec


class Kept(msgspec.Struct, kw_only=True, eq=False):
    """A picture in memory."""

    id: str
    data: bytes
    mime: str
    sidecar: bytes
    on_disk: bool


class Recent:
    """The newest pictures, bounded by number and by bytes."""

    def __init__(self, *, most: int, most_bytes: int) -> None:
        """Begin empty.

        Args:
            most: pictures.
            most_bytes: of all their data together.
        """
        self._most, self._most_bytes = most, most_bytes
        self._kept: dict[str, Kept] = {}  # oldest first
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, kept: Kept) -> list[Kept]:
        """Take a picture in.

        Returns:
            Those that had to go for it, oldest first.
        """
        self._kept[kept.id] = kept
        self._bytes += len(kept.data)
        gone = []
        while len(self._kept) > self._most or self._bytes > self._most_bytes:
            oldest = self._kept.pop(next(iter(self._kept)))
            self._bytes -= len(oldest.data)
            gone.append(oldest)
        return gone

    def get(self, picture: str) -> Kept | None:
        """The picture of that id, if it is still here."""
        return self._kept.get(picture)

    def waiting(self) -> list[Kept]:
        """Those that the disk has not taken, oldest first."""
        return [kept for kept in self._kept.values() if not kept.on_disk]

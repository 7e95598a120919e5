"""The shelf of simulated headsets: they can be taken away, and notice who opens one twice.

A headset bears a serial number. It can be gone for a while whoever reads it, also over the
lives of its reader; and it knows its holder, as a real one does: opened by a second one
while the first still has it, it would mix up the two.
"""

from collections.abc import Sequence
from typing import final

from protocols.eeg import RawChunk, SignalInfo
from protocols.errors import DeviceLostError, DeviceNotFoundError
from sim.brain import Brain
from sim.headset import SimHeadset


@final
class Shelf:
    """All headsets of a run."""

    def __init__(self) -> None:
        self.gone: set[int] = set()
        """Serial numbers of those that are not there now."""

        self.twice: list[int] = []
        """Serial numbers of those that were opened while they were open."""

        self._held: dict[int, object] = {}

    def take(self, serial: int, holder: object) -> None:
        """A headset is opened."""
        if self._held.setdefault(serial, holder) is not holder:
            self.twice.append(serial)
            self._held[serial] = holder

    def put_back(self, serial: int, holder: object) -> None:
        """It is closed; by who does not have it, nothing happens."""
        if self._held.get(serial) is holder:
            del self._held[serial]

    def open_ones(self) -> list[int]:
        """Serial numbers of those that are open now, in order."""
        return sorted(self._held)


@final
class ShelvedHeadset(SimHeadset):
    """Fills `protocols.ports.EegSource`.

    Args:
        brain: of the sitter.
        serial: number of the headset.
        shelf: where it is from.
    """

    def __init__(self, brain: Brain, serial: int, shelf: Shelf) -> None:
        super().__init__(brain)
        self._serial = serial
        self._shelf = shelf

    def open(self, now: float) -> SignalInfo:
        """Begin at `now`.

        Raises:
            DeviceNotFoundError: it is gone, or unplugged.
        """
        if self._serial in self._shelf.gone:
            raise DeviceNotFoundError(f"headset {self._serial} is not there")
        info = super().open(now)
        self._shelf.take(self._serial, self)
        return info

    def read(self, now: float) -> Sequence[RawChunk]:
        """Make the samples that are due.

        Raises:
            DeviceLostError: it is gone, unplugged, or not open.
        """
        if self._serial in self._shelf.gone:
            raise DeviceLostError(f"headset {self._serial} went away")
        return super().read(now)

    def close(self) -> None:
        """Let it go."""
        super().close()
        self._shelf.put_back(self._serial, self)

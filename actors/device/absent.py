"""A device that this server cannot read: always searched for, never stood in for."""

from collections.abc import Sequence

from protocols.eeg import RawChunk, SignalInfo
from protocols.errors import DeviceLostError, DeviceNotFoundError


class AbsentSource:
    """Fills `protocols.ports.EegSource` for a device type without a driver."""

    def __init__(self, device_type: str) -> None:
        self._device_type = device_type

    def open(self, now: float) -> SignalInfo:
        """Say why it is not there.

        Raises:
            DeviceNotFoundError: always.
        """
        del now
        raise DeviceNotFoundError(
            f"{self._device_type}: no driver is installed for it; "
            "this server reads simulator, ingest and replay:<recording>"
        )

    def read(self, now: float) -> Sequence[RawChunk]:
        """Say that it is not open.

        Raises:
            DeviceLostError: always.
        """
        del now
        raise DeviceLostError(f"{self._device_type} is not open")

    def close(self) -> None:
        """Do nothing: there is nothing to let go."""

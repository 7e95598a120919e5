"""What a process that plays needs of a sound library, and how a device is chosen.

`actors.audio.output_portaudio` fills it with PortAudio.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from protocols.errors import PhospheneError

DEFAULT = "default"

Fill: TypeAlias = Callable[[npt.NDArray[np.float32], bool], None]
"""Fills what a device asks for, shape (samples, 2); in the device's own thread. The flag
says that the device had run dry before."""


class OutputError(PhospheneError):
    """There is no such device, or it cannot be opened."""


class LibraryMissingError(PhospheneError):
    """There is no sound library."""


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device that can play."""

    number: int
    name: str
    host: str
    """The system's interface: ALSA, Core Audio, WASAPI."""

    channels: int
    rate_hz: float
    """The one that it likes best."""

    default: bool = False


class Line(Protocol):
    """An open device."""

    def alive(self) -> bool:
        """Whether it still asks for samples."""

    def finish(self) -> None:
        """Let it play what it has, then close it."""


class SoundSystem(Protocol):
    """Knows the devices."""

    def look(self) -> Sequence[Device]:
        """The devices that are there now. No line may be open."""

    def open(self, device: Device, fill: Fill) -> Line:
        """Begin to play.

        Raises:
            OutputError: it cannot be opened.
        """


def find(devices: Sequence[Device], wanted: str) -> Device:
    """The device that is meant.

    Args:
        devices: that there are.
        wanted: `default`, a number, a name or a part of one; case is of no matter.

    Raises:
        OutputError: there is none, or more than one; with all names.
    """
    sought = wanted.strip().casefold()
    names = [(device.name.casefold(), device) for device in devices]
    tries = [
        [device for name, device in names if name == sought],
        [device for device in devices if sought == DEFAULT and device.default],
        [device for device in devices if sought == str(device.number)],
        [device for name, device in names if sought and sought in name],
    ]
    found = next((some for some in tries if some), [])
    if len({device.name for device in found}) > 1:
        raise OutputError(
            f"{wanted!r} is a part of more than one name: {_listed(found)};"
            " allowed: a whole name, or a number"
        )
    if not found:
        raise OutputError(f"there is no output {wanted!r}; there are: {_listed(devices)}")
    # The same name by two interfaces: the system's own choice, else the first.
    return next((device for device in found if device.default), found[0])


def _listed(devices: Sequence[Device]) -> str:
    if not devices:
        return "none"
    return ", ".join(
        f"{device.number} {device.name!r} ({device.host})" for device in devices
    )

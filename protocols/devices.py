"""Device types, as a server lists them for those who choose one."""

import msgspec


class DeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A device type that a session may be made with, or why it may not."""

    device_type: str
    """As `CreateSession` takes it: `simulator`, `replay:rest.edf`."""

    name: str
    """For a person."""

    available: bool
    """False: a session of it would be refused, or search for ever."""

    reason: str
    """What it is, or why it is not available; for a person."""

    default: bool = False
    """What a session gets that names no device."""

"""Commands to the simulated sitter: what an experimenter could do in the room."""

from typing import Literal, TypeAlias

import msgspec

from protocols.time import Tick


class SetBrainState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Move the sitter's state; what is None stays."""

    eyes_closed: bool | None = None
    relaxation: float | None = None
    """0 to 1: alpha grows."""

    focus: float | None = None
    """0 to 1: beta grows."""

    drowsiness: float | None = None
    """0 to 1: theta and delta grow."""

    pleasure: float | None = None
    """-1 to 1: frontal alpha asymmetry."""


class Blink(msgspec.Struct, frozen=True):
    """The sitter blinks once."""


class ClenchJaw(msgspec.Struct, frozen=True):
    """The sitter clenches the jaw."""

    seconds: float = 2.0


class LoosenElectrode(msgspec.Struct, frozen=True):
    """One electrode loses its contact (noise and hum), or finds it again."""

    channel: str
    loose: bool = True


class Unplug(msgspec.Struct, frozen=True):
    """The headset is switched off (`DeviceLostError`), or on again."""

    unplugged: bool = True


class RunScript(msgspec.Struct, frozen=True):
    """Let the sitter follow a named script of states, or none (`""`)."""

    name: Literal["", "wander", "rest", "work", "sleepy"]


BrainCommand: TypeAlias = (
    SetBrainState | Blink | ClenchJaw | LoosenElectrode | Unplug | RunScript
)


class DeviceStatus(msgspec.Struct, frozen=True):
    """Ask a reader what it does; the answer is `SourceState`."""


class Pause(msgspec.Struct, frozen=True):
    """Stop handing samples on (they are lost), or go on."""

    paused: bool


DeviceInput: TypeAlias = Tick | DeviceStatus | Pause
SimulatorInput: TypeAlias = DeviceInput | BrainCommand

"""A headset that is not there, on the head of a brain that is not there.

Samples come at the clock's pace. A reader that was away for more than ten seconds finds
the newest ten; in what it missed the sitter's time stood still.
"""

import math
from collections.abc import Sequence
from typing import assert_never

from actors.device.pace import Pace
from protocols.eeg import RawChunk, SignalInfo
from protocols.errors import DeviceLostError, DeviceNotFoundError
from protocols.sessions import SessionRefused
from protocols.simulation import (
    Blink,
    BrainCommand,
    ClenchJaw,
    LoosenElectrode,
    RunScript,
    SetBrainState,
    Unplug,
)
from sim.brain import Brain
from sim.script import ScriptName

_RANGES = {"relaxation": 0.0, "focus": 0.0, "drowsiness": 0.0, "pleasure": -1.0}
"""Lowest value of each number of a state; the highest is 1."""


class SimHeadset:
    """Fills `protocols.ports.EegSource`, and takes commands to the sitter."""

    def __init__(self, brain: Brain, *, script: ScriptName = "wander") -> None:
        self._brain = brain
        self._plugged = True
        self._pace: Pace | None = None
        self._info: SignalInfo
        self._given = 0
        if script:
            brain.obey(RunScript(name=script))

    def obey(self, command: BrainCommand) -> SessionRefused | None:
        """Take a command, or say why not."""
        refused = refusal(command, self._brain.ch_names)
        if refused is not None:
            return refused
        if isinstance(command, Unplug):
            self._plugged = not command.unplugged
        else:
            self._brain.obey(command)
        return None

    def open(self, now: float) -> SignalInfo:
        """Begin at `now`.

        Raises:
            DeviceNotFoundError: it is unplugged.
        """
        if not self._plugged:
            raise DeviceNotFoundError("the simulated headset is unplugged")
        self._pace = Pace(sfreq=self._brain.sfreq, opened_at=now)
        self._given = 0
        self._info = SignalInfo(
            device="simulator",
            sfreq=self._brain.sfreq,
            ch_names=self._brain.ch_names,
            opened_at=now,
            mains_hz=self._brain.mains_hz,
        )
        return self._info

    def read(self, now: float) -> Sequence[RawChunk]:
        """Make the samples that are due.

        Raises:
            DeviceLostError: it was unplugged, or is not open.
        """
        if not self._plugged:
            raise DeviceLostError("the simulated headset was unplugged")
        if self._pace is None:
            raise DeviceLostError("the simulated headset is not open")
        due = self._pace.due(now)
        if due <= self._given:
            return []
        first, self._given = max(self._given, due - self._pace.ring), due
        return [
            RawChunk(
                info=self._info,
                first_sample=first,
                captured_at=self._pace.at(due - 1),
                uv=self._brain.take(due - first),
            )
        ]

    def close(self) -> None:
        """Switch it off; the sitter stays."""
        self._pace = None


def refusal(command: BrainCommand, ch_names: Sequence[str]) -> SessionRefused | None:
    """Why a command cannot be carried out, None if it can."""
    match command:
        case SetBrainState():
            return _out_of_range(command)
        case ClenchJaw(seconds=seconds):
            if not (math.isfinite(seconds) and seconds > 0):
                return SessionRefused(field="seconds", reason="seconds must be above 0")
            return None
        case LoosenElectrode(channel=channel):
            if channel not in ch_names:
                known = ", ".join(ch_names)
                return SessionRefused(
                    field="channel", reason=f"no electrode {channel!r}; there are {known}"
                )
            return None
        case Blink() | Unplug() | RunScript():
            return None
        case _:
            assert_never(command)


def _out_of_range(state: SetBrainState) -> SessionRefused | None:
    for field, lowest in _RANGES.items():
        value = getattr(state, field)
        if value is not None and not lowest <= value <= 1:
            return SessionRefused(
                field=field, reason=f"{field} must be {lowest:g} to 1, not {value:g}"
            )
    return None

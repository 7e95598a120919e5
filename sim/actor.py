"""Simulator: the reader, with a sitter who can be told what to do.

Stands in the reader's place in the tree. Comes in: all that the reader takes, and
`BrainCommand`s; goes out: the same. A crash forgets the sitter's state: the next life
begins with the same seed anew.
"""

from collections.abc import Callable
from typing import assert_never

from actors.device.actor import RETRY_S, DeviceActor
from actors.lease import Lease
from protocols.eeg import FilterInput, SourceState
from protocols.ports import Clock, Mailbox
from protocols.sessions import SessionRefused
from protocols.simulation import (
    Blink,
    ClenchJaw,
    DeviceStatus,
    LoosenElectrode,
    Pause,
    RunScript,
    SetBrainState,
    SimulatorInput,
    Unplug,
)
from protocols.time import Tick
from sim.headset import SimHeadset


class SimulatorActor(DeviceActor):
    """Reads a simulated headset and passes commands on to its sitter.

    Args:
        clock: for `read_at` and the times of states.
        make_headset: makes the headset; called in the actor's thread.
        downstream: the filters.
        retry_s: first wait after an attempt to open that failed, seconds.
        take_lease: takes the right to have the headset open; None: it needs none.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        make_headset: Callable[[], SimHeadset],
        downstream: Mailbox[FilterInput],
        retry_s: float = RETRY_S,
        take_lease: Callable[[], Lease] | None = None,
    ) -> None:
        super().__init__(
            clock=clock,
            open_source=make_headset,
            downstream=downstream,
            retry_s=retry_s,
            take_lease=take_lease,
        )

    def handle(self, message: SimulatorInput) -> SourceState | SessionRefused | None:
        """Read as the reader does; take a command, or answer why not."""
        match message:
            case Tick() | DeviceStatus() | Pause():
                return super().handle(message)
            case (
                SetBrainState()
                | Blink()
                | ClenchJaw()
                | LoosenElectrode()
                | Unplug()
                | RunScript()
            ):
                return self._headset().obey(message)
            case _:
                assert_never(message)

    def _headset(self) -> SimHeadset:
        if not isinstance(self._source, SimHeadset):
            raise TypeError("a command before setup")
        return self._source

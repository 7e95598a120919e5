"""An output's process without a sound library: its devices are files in a folder.

`NAME.device` is the plug: while it is there, so is the device. What is played goes into
`NAME.pipe`, if anybody hears it. A device asks for 25 ms at a time, as a loudspeaker does:
by the clock.
"""

import contextlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from actors.apart.serve import serve
from actors.audio.output_devices import Device, Fill, OutputError
from actors.audio.output_player import Player
from actors.clock import LiveClock
from protocols.ports import Clock
from protocols.sound import SFREQ

PERIOD = 1102
"""Samples."""

BUFFERED = 4
"""Periods that a device asks for at once at its start."""


class PretendedSystem:
    """Fills `SoundSystem`."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def look(self) -> Sequence[Device]:
        plugs = sorted(self._folder.glob("*.device"))
        return [
            Device(
                number=number,
                name=plug.stem,
                host="pretended",
                channels=2,
                rate_hz=float(SFREQ),
                default=number == 0,
            )
            for number, plug in enumerate(plugs)
        ]

    def open(self, device: Device, fill: Fill) -> "PretendedLine":
        plug = self._folder / f"{device.name}.device"
        if plug.read_text() == "busy":
            raise OutputError(f"{device.name!r} cannot be opened: busy")
        return PretendedLine(plug, fill, self._clock)


class PretendedLine:
    """Fills `Line`: asks by the clock while its plug is there."""

    def __init__(self, plug: Path, fill: Fill, clock: Clock) -> None:
        self._plug = plug
        self._fill = fill
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def alive(self) -> bool:
        return not self._over.is_set()

    def finish(self) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        began_at, asked = self._clock.now(), 0
        out = np.empty((PERIOD, 2), np.float32)
        pipe = os.open(self._plug.with_suffix(".pipe"), os.O_RDWR | os.O_NONBLOCK)
        while self._plug.exists() and not self._over.is_set():
            self._fill(out, False)  # noqa: FBT003  # a device's own call
            asked += PERIOD
            with contextlib.suppress(BlockingIOError):  # nobody hears it
                os.write(pipe, out.tobytes())
            due_at = began_at + (asked - BUFFERED * PERIOD) / SFREQ
            self._over.wait(max(due_at - self._clock.now(), 0.0))
        os.close(pipe)
        self._over.set()


def make() -> Player:
    clock = LiveClock()
    folder = Path(os.environ["PHOSPHENE_HALL"])
    return Player(clock, lambda: PretendedSystem(folder, clock))


if __name__ == "__main__":
    serve(make, niceness=0)

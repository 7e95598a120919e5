"""An output's own process; `actors.apart` starts it and says how.

Python calls back from PortAudio's thread, and whoever has the interpreter's lock keeps a
loudspeaker waiting. Here nobody else wants it; and a driver that hangs or crashes takes
nothing along.
"""

import contextlib
import gc
import os
from typing import Final

from actors.apart.serve import serve
from actors.audio.output_player import Player
from actors.audio.output_portaudio import PortAudio
from actors.clock import LiveClock

NICENESS: Final = -10
"""As PulseAudio and PipeWire themselves, where the system allows it."""


def make() -> Player:
    """A player, in a process that goes before others."""
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    clock = LiveClock()
    player = Player(clock, lambda: PortAudio(clock))
    gc.collect()
    gc.freeze()  # a full collection would hold up the device's thread
    return player


if __name__ == "__main__":
    serve(make, niceness=0)

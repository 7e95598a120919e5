"""What is heard of an output: PortAudio, ALSA and a private PulseAudio's null sink.

    python benchmarks/playback.py [--seconds 60] [--blows 5]

* `tone`: 440 Hz for so many seconds, captured at the sink's monitor: its frequency by the
  course of its phase, its quietest hundredth of a second, and the largest jump of its phase
  in samples (a sample that is left out or put in is 1; a gap shows in the amplitude too).
* `killed`, `unplugged`: from kill -9 of the process, or from the sink's return, to the
  first sound; the silence in what was captured.
* `take`: what a device's thread pays for 25 ms of sound. `put`: 100 ms taken in, as they
  are, and made shorter by a sample.
"""

import argparse
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from actors.audio.jitter import JitterBuffer
from actors.audio.warp import Warp
from tests.actors.audio.halls import (
    PipeEars,
    PulseHall,
    Sound,
    missing_for_pulse,
    surroundings,
)
from tests.actors.audio.output_bench import BLOCK, LOUD, Heard, Stage, tone


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--blows", type=int, default=5)
    wish = parser.parse_args()
    costs()
    if lacks := missing_for_pulse():
        print(f"nothing is played here: {lacks} is missing")
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        PulseHall(Path(folder)).open() as hall,
        surroundings(hall.environment),
    ):
        play(hall, wish.seconds)
        silences("killed", wish.blows, kill, hall)
        silences("unplugged", wish.blows, lambda stage: unplug(stage, hall), hall)


def play(hall: PulseHall, seconds: float) -> None:
    """Hear a tone for long."""
    stage = Stage(hall.module, "hall")
    with hall.ears() as ears:
        stage.playing()
        heard = Heard(ears.hear(seconds + 3.0), stage.hz).from_its_beginning()
    stage.synth.all()
    view = stage.next()
    stage.end()
    print(
        f"tone: {len(heard.amplitude) / 100:.1f} s heard, {heard.hz():.5f} Hz,"
        f" quietest {heard.quietest() / LOUD:.4f}, loudest {heard.loudest() / LOUD:.4f},"
        f" largest jump {heard.worst_step():.4f} samples, {view.underruns} underruns"
    )


def kill(stage: Stage) -> None:
    """End the process that plays."""
    os.kill(stage.pid(), signal.SIGKILL)
    stage.until("lost")


def unplug(stage: Stage, hall: PulseHall) -> None:
    """Take the device away until that is noticed."""
    hall.remove()
    stage.until("lost")
    hall.restore()


def silences(name, blows, blow, hall) -> None:  # noqa: ANN001  # as called above
    """From a blow to the next sound at the device."""
    lasted = []
    for _ in range(blows):
        stage = Stage(hall.module, "hall").playing()
        before = time.monotonic()
        blow(stage)
        began = time.monotonic() if name == "unplugged" else before
        with hall.ears() as ears:
            until_heard(ears)
        lasted.append(time.monotonic() - began)
        stage.end()
    print(f"{name}: sound again after {shown(lasted)} s")


def until_heard(ears: PipeEars) -> None:
    """Wait for sound."""
    while np.abs(ears.hear(0.02)).max() < LOUD / 2:
        pass


def shown(lasted: list[float]) -> str:
    """Middle and worst."""
    return f"{statistics.median(lasted):.2f} (p50), {max(lasted):.2f} (worst)"


def costs() -> None:
    """Time the buffer."""
    buffer, now = JitterBuffer(0.2), 0.0
    out: Sound = np.empty((1102, 2), np.float32)
    takes, puts = [], []
    for number in range(2000):
        block = tone(number * BLOCK, 440.0)
        puts.append(timed(lambda: buffer.put(number * BLOCK, number * 0.1, block)))  # noqa: B023
        for part in range(4):
            now = number * 0.1 + part * 0.025
            takes.append(timed(lambda: buffer.take(now, out)))  # noqa: B023
    warp, block = Warp(), tone(0, 440.0)
    warps = [timed(lambda: warp.pass_on(block, 1)) for _ in range(500)]
    for name, times in (("take", takes), ("put", puts), ("put, shorter", warps)):
        p50, p99 = np.percentile(times, [50, 99]) * 1e6
        print(f"{name}: {p50:.0f} us (p50), {p99:.0f} (p99)")


def timed(call) -> float:  # noqa: ANN001  # any
    """Seconds that a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()

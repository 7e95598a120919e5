"""An output that lives, is played to in time, and is heard."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from actors.answer import Answer
from actors.apart.keeper import Keeper
from actors.apart.kind import Limits
from actors.audio.output import OutputActor
from actors.audio.output_orders import LIMITS, player
from actors.clock import LiveClock, LiveTimers
from actors.dispatch import PinnedDispatcher
from actors.inbox import Address
from protocols.sound import (
    SFREQ,
    CloseOutput,
    OpenOutput,
    OutputChanged,
    OutputView,
    SoundBlock,
)
from protocols.time import Tick
from tests.actors.audio.halls import Sound
from tests.probe import Probe

if TYPE_CHECKING:
    from protocols.supervision import ChildProcess

BLOCK = 4410
LOUD = 0.5
PATIENCE_S = 40.0


class Stage:
    """An output with a synth that plays one tone, in step with the clock."""

    def __init__(
        self, module: str, device: str, hz: float = 440.0, limits: Limits = LIMITS
    ) -> None:
        self.synth: Probe[OutputChanged] = Probe()
        self.reports: Probe[ChildProcess] = Probe()
        self.hz = hz
        self._clock = LiveClock()
        self._timers = LiveTimers(self._clock)
        self._address = Address("root/surroundings/output-2", self._clock)
        keeper = Keeper(
            player(module, limits), self._address.name, self._address.reports, self.reports
        )
        output = OutputActor(2, device, 0.2, keeper, self.synth)
        output.launch(self._address, PinnedDispatcher("test"))
        assert self.next().state == "closed"
        self._began_at = self._clock.now()
        self._beat = self._timers.every(0.1, self._play)

    def open(self) -> None:
        self._address.tell(OpenOutput())

    def close(self) -> None:
        self._address.tell(CloseOutput())

    def next(self) -> OutputView:
        return self.synth.next(20.0).view

    def until(self, *states: str) -> OutputView:
        """Until the output has been in each of these, in this order."""
        until = self._clock.now() + PATIENCE_S
        view = self.next()
        for state in states:
            while view.state != state:
                # It says every second that it plays: silence alone would never end this.
                assert self._clock.now() < until, f"{view.state}, and never {state}"
                view = self.next()
        return view

    def playing(self) -> "Stage":
        self.open()
        self.until("playing")
        return self

    def pid(self) -> int:
        """Of the newest process."""
        reports = [self.reports.next(20.0), *self.reports.all()]
        return [report.pid for report in reports if report.step == "started"][-1]

    def end(self) -> None:
        self._beat.cancel()
        self._timers.close()
        ended, done = Answer(), Answer()
        self._address.stop(answer=ended)
        ended.when_done(done.set)
        done.get(timeout=10.0)

    def _play(self, _due_at: float, number: int) -> None:
        first = number * BLOCK
        at = self._began_at + number * BLOCK / SFREQ
        self._address.tell(Tick(at, number))
        self._address.tell(
            SoundBlock(voice="", first_sample=first, at=at, samples=tone(first, self.hz))
        )


def tone(first: int, hz: float, count: int = BLOCK) -> Sound:
    phase = 2 * np.pi * hz * np.arange(first, first + count) / SFREQ
    samples = np.repeat((LOUD * np.sin(phase)).astype(np.float32)[:, np.newaxis], 2, axis=1)
    samples.flags.writeable = False
    return samples


WINDOW = 441
"""Samples: a hundredth of a second."""


class Heard:
    """A tone that was heard, looked at a hundredth of a second at a time."""

    def __init__(self, sound: Sound, hz: float) -> None:
        n = np.arange(len(sound))
        turned = sound[:, 0] * np.exp(-2j * np.pi * hz * n / SFREQ)
        whole = len(turned) // WINDOW * WINDOW
        # Hann windows see neither the mirror frequency nor their neighbours' edges.
        window = np.hanning(WINDOW)
        parts = turned[:whole].reshape(-1, WINDOW) @ window / window.sum()
        self.amplitude: npt.NDArray[np.float64] = 2 * np.abs(parts)
        self._hz = hz
        self._parts = parts

    def from_its_beginning(self) -> "Heard":
        """Without the silence before it and the fade in."""
        first = int(np.argmax(self.amplitude > 0.99 * LOUD)) + 1
        return self._cut(slice(first, None))

    def hz(self) -> float:
        """Its frequency, by the course of its phase."""
        phase = np.unwrap(np.angle(self._parts))
        seconds = np.arange(len(phase)) * WINDOW / SFREQ
        return self._hz + float(np.polyfit(seconds, phase, 1)[0]) / (2 * np.pi)

    def worst_step(self) -> float:
        """Largest change of phase from one hundredth to the next, in samples."""
        steps = np.diff(np.unwrap(np.angle(self._parts)))
        return float(np.abs(steps).max() / (2 * np.pi * self._hz / SFREQ))

    def quietest(self) -> float:
        return float(self.amplitude.min())

    def loudest(self) -> float:
        return float(self.amplitude.max())

    def silences(self) -> int:
        """How often it broke off."""
        sounds = self.amplitude > LOUD / 2
        return int(np.count_nonzero(sounds[:-1] & ~sounds[1:]))

    def _cut(self, part: slice) -> "Heard":
        other = object.__new__(Heard)
        other.amplitude, other._hz = self.amplitude[part], self._hz
        other._parts = self._parts[part]
        return other

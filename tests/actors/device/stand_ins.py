"""Stand-ins for the reader's surroundings: a clock set by hand, a source by script."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from protocols.eeg import RawChunk, SignalInfo
from protocols.errors import DeviceNotFoundError

T = TypeVar("T")

INFO = SignalInfo(device="scripted", sfreq=250.0, ch_names=("A", "B"), opened_at=0.0)


class HandClock:
    """Fills `protocols.ports.Clock`; the test moves it."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    def unix(self, at: float) -> float:
        return at


def chunk(first_sample: int, samples: int = 25) -> RawChunk:
    uv = np.zeros((2, samples), np.float32)
    uv.flags.writeable = False
    return RawChunk(info=INFO, first_sample=first_sample, captured_at=0.0, uv=uv)


class ScriptedSource:
    """Fills `protocols.ports.EegSource`: does at each call what the test put in line.

    Both lines hold results, or errors to raise; an empty one finds no device, or
    nothing due.
    """

    def __init__(self) -> None:
        self.openings: list[SignalInfo | Exception] = []
        self.readings: list[Sequence[RawChunk] | Exception] = []
        self.opened_at: list[float] = []
        self.closed = 0

    def open(self, now: float) -> SignalInfo:
        self.opened_at.append(now)
        if not self.openings:
            raise DeviceNotFoundError("nothing there")
        return _give(self.openings.pop(0))

    def read(self, now: float) -> Sequence[RawChunk]:
        del now
        return _give(self.readings.pop(0)) if self.readings else []

    def close(self) -> None:
        self.closed += 1


def _give(what: T | Exception) -> T:
    if isinstance(what, Exception):
        raise what
    return what

"""Plays to one device: the jobs of an output's process.

In: blocks, and what is wanted. Out: how the device is. Its sound goes by a jitter buffer
from the thread that does the jobs to the one in which the device asks.
"""

import os
import threading
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from actors.apart.memory import Array
from actors.apart.serve import Result
from actors.audio.jitter import JitterBuffer
from actors.audio.output_devices import (
    LibraryMissingError,
    Line,
    OutputError,
    SoundSystem,
    find,
)
from actors.audio.output_orders import Answer, Order, State, read_order, write
from protocols.ports import Clock

DEVICE_PLAYS_S: Final = 0.12
"""What a device may still have when the last sample was given."""

FADES_S: Final = 0.1
"""The last fade is 50 ms; a device asks in lumps."""


class Player:
    """Fills `actors.apart.serve.Handler`.

    Args:
        clock: the one that blocks are timed by.
        make_system: the sound library; `LibraryMissingError` where there is none.
    """

    def __init__(self, clock: Clock, make_system: Callable[[], SoundSystem]) -> None:
        self._clock = clock
        self._missing = ""
        self._system: SoundSystem | None = None
        try:
            self._system = make_system()
        except LibraryMissingError as error:
            self._missing = str(error)
        self._line: Line | None = None
        self._buffer = JitterBuffer(0.0)
        self._underruns = 0  # of lines that are closed, and of the device itself

    def do(self, content: bytes, arrays: Sequence[Array]) -> Result:
        """Take blocks, see to the device."""
        order = read_order(content)
        state, reason = self._see_to(order)
        for head, samples in zip(order.heads, arrays, strict=True):
            if self._line is not None:
                self._buffer.put(head.first_sample, head.at, samples)
        answer = self._answer(state, reason)
        lost = f"{order.device!r}: {reason}" if state == "lost" else ""
        # What PortAudio has left of a device that is gone goes with the process.
        return Result(write(answer), poisoned=lost)

    def close(self) -> None:
        """Fade out, and leave without a word: a library may hang at its end."""
        if self._line is not None and self._line.alive():
            self._buffer.hush()
            until = self._clock.now() + FADES_S
            while not self._buffer.hushed and self._clock.now() < until:
                _let_pass(0.005)
            _let_pass(DEVICE_PLAYS_S)
        os._exit(0)

    def _see_to(self, order: Order) -> tuple[State, str]:
        line = self._line
        if line is not None and not line.alive():
            self._line = None
            return "lost", "the device has gone"
        if line is not None:
            return self._go_on(line, order)
        if order.want == "play" and order.look:
            return self._open(order)
        return "closed", ""

    def _go_on(self, line: Line, order: Order) -> tuple[State, str]:
        buffer = self._buffer
        buffer.draining = order.want == "drain"
        if buffer.draining and not buffer.playing:
            self._line = None
            self._underruns += buffer.underruns
            buffer.underruns = 0
            line.finish()
            return "closed", ""
        return ("playing" if buffer.settled else "opening"), ""

    def _open(self, order: Order) -> tuple[State, str]:
        if self._system is None:
            return "failed", self._missing
        self._underruns += self._buffer.underruns
        self._buffer = JitterBuffer(order.lead_s)
        try:
            device = find(self._system.look(), order.device)
            self._line = self._system.open(device, self._fill)
        except OutputError as error:
            return "failed", str(error)
        return "opening", ""

    def _fill(self, out: npt.NDArray[np.float32], ran_dry: bool) -> None:  # noqa: FBT001  # a device's own call
        # In the device's thread.
        buffer = self._buffer
        if ran_dry and buffer.playing:
            buffer.underruns += 1
        buffer.take(self._clock.now(), out)

    def _answer(self, state: State, reason: str) -> Answer:
        buffer = self._buffer
        return Answer(
            pid=os.getpid(),
            state=state,
            reason=reason,
            hopeless=bool(self._missing),
            underruns=self._underruns + buffer.underruns,
            late_s=buffer.late_s,
            moved=buffer.moved,
        )


def _let_pass(seconds: float) -> None:
    threading.Event().wait(seconds)

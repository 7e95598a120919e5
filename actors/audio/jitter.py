"""The jitter buffer: blocks come when they come, samples leave when they are due.

In: blocks with the clock time of their first sample. Out: as many samples as a device asks
for, each `lead_s` after it was due. One thread puts, another takes; neither waits for the
other. What only one of them writes, the other may read: a tuple at a time.

Nothing clicks. Sound that breaks off goes on as its own mirror image and fades within 5 ms;
sound that begins anew fades in. Where a device's clock and ours drift apart, a block is
made shorter or longer by up to four samples, as if a tape ran 0.02 to 0.09 % faster
or slower (`actors.audio.warp`); while they agree within 3 ms, samples leave untouched.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from actors.audio.pace import Pace
from actors.audio.warp import HALF, MOST, Warp
from protocols.sound import SFREQ

Samples = npt.NDArray[np.float32]
"""Shape (samples, 2)."""

RAMP: Final = 221
"""Samples of a fade: 5 ms."""

HUSH: Final = 2205
"""Samples of the last fade: 50 ms."""

SPARE_S: Final = 3.0
"""Room beyond the wait, for a device that stands still for a moment."""

LONGEST_GAP_S: Final = 1.0
"""A longer gap in the numbers is a new beginning."""

CLOCK_S: Final = 0.005
"""A block whose time and number disagree by more is a new beginning."""

OFF_S: Final = 0.08
"""So far from its time, sound is put right by a jump ..."""

OFF_FOR_S: Final = 0.25
"""... if it stays there for so long: a device's thread that was late catches up."""

SETTLES_S: Final = 3.0
"""Time constant of the measured lateness: a device asks in lumps."""

HABIT_S: Final = 2.0
"""So long is a device's habit measured, from which lateness is counted: in lumps of 50 ms
it asks for half of its samples early."""

_IN: Final = np.linspace(0.0, 1.0, RAMP, endpoint=False, dtype=np.float32)[:, np.newaxis]
_OUT: Final = 1.0 - _IN
_LAST: Final = np.linspace(1.0, 0.0, HUSH, dtype=np.float32)[:, np.newaxis]


class JitterBuffer:
    """Samples on their way to a device.

    Args:
        lead_s: how long a sample waits from when it is due.
    """

    def __init__(self, lead_s: float) -> None:
        self._lead_s = lead_s
        self._room = round((lead_s + SPARE_S) * SFREQ)
        self._ring: Samples = np.zeros((self._room, 2), np.float32)
        # Of who puts.
        self._warp = Warp()
        self._next: tuple[int, float] | None = None
        self._end = 0, 0.0
        self._void = 0
        # Of who takes.
        self._read = 0
        self._pace = Pace()
        self._playing = False
        self._begun = 0
        self._off_since: float | None = None
        self._habit = 0.0, 0
        self._dying: Samples = np.zeros((0, 2), np.float32)
        self._hushing = -1
        # Of whoever looks.
        self.draining = False
        """Set by who puts: what is there is the last."""

        self.underruns = 0
        """Times that a sound broke off."""

        self.late_s = 0.0
        """How much later than wanted samples leave, smoothed; below 0: earlier."""

    @property
    def moved(self) -> int:
        """Samples that were left out, less those that were put in."""
        return self._warp.moved

    @property
    def playing(self) -> bool:
        """Whether samples leave."""
        return self._playing

    @property
    def settled(self) -> bool:
        """Whether the device asks evenly."""
        return self._pace.even

    @property
    def fill(self) -> int:
        """Samples that wait."""
        return self._end[0] - self._read

    @property
    def hushed(self) -> bool:
        """Whether all is silent for good."""
        return self._hushing == 0 or not self._playing

    # -- who puts ------------------------------------------------------------------------

    def put(self, first_sample: int, at: float, samples: Samples) -> None:
        """Take a block.

        Args:
            first_sample: its number; where one is left out, silence is played.
            at: clock time at which its first sample is due, seconds.
            samples: of the block.
        """
        self.draining = False
        gap = self._gap(first_sample, at)
        if len(samples) + max(gap or 0, 0) + MOST > self._free():
            return  # the device stands still; what is left out is a gap later on
        if gap is None or gap > 0:
            self._begin() if gap is None else self._bridge(gap)
            samples = samples.copy()
            _fade_in(samples, 0)
        elif gap < 0:
            samples = samples[-gap:]  # empty where all of it is old
            first_sample -= gap
            at -= gap / SFREQ
        if not len(samples):
            return
        self._next = first_sample + len(samples), at + len(samples) / SFREQ
        by = self._warp.samples_to_move(self.late_s) if self._playing else 0
        self._append(self._warp.pass_on(samples, by))

    def hush(self) -> None:
        """Fade out within 50 ms, for good."""
        self._hushing = HUSH

    def _free(self) -> int:
        # What was played last stays, for a mirror image of it.
        return self._room - (self._end[0] - max(self._read - RAMP, 0))

    def _gap(self, first_sample: int, at: float) -> int | None:
        """Samples that are missing before a block (below 0: that are old)."""
        if self._next is None:
            return None
        number, due = self._next
        gap = first_sample - number
        if abs(at - due - gap / SFREQ) > CLOCK_S or abs(gap) > LONGEST_GAP_S * SFREQ:
            return None
        return gap

    def _begin(self) -> None:
        """What is not played yet belongs to another time."""
        self._void = self._end[0]
        self._warp.forget()

    def _bridge(self, gap: int) -> None:
        last = self._warp.last
        silence = np.zeros((gap, 2), np.float32)
        fading = min(gap, len(last), RAMP)
        silence[:fading] = last[::-1][:fading] * _OUT[:fading]
        self._append(self._warp.pass_on(silence, 0))

    def _append(self, samples: Samples) -> None:
        written, _ = self._end
        start = written % self._room
        first = min(len(samples), self._room - start)
        self._ring[start : start + first] = samples[:first]
        self._ring[: len(samples) - first] = samples[first:]
        due = 0.0 if self._next is None else self._next[1]
        self._end = written + len(samples), due - HALF / SFREQ

    # -- who takes -----------------------------------------------------------------------

    def take(self, now: float, out: Samples) -> None:
        """Fill what a device asks for.

        Args:
            now: clock time, seconds.
            out: is filled; silence where there is nothing.
        """
        self._pace.asked(now, len(out))
        if self._hushing == 0:
            out[:] = 0.0
            return
        if self._playing:
            self._play(now, out)
        else:
            self._wait(now, out)
        if self._hushing > 0:
            self._fade_last(out)

    def _late(self, now: float, end: tuple[int, float]) -> float:
        written, due = end
        return now - self._lead_s - (due - (written - self._read) / SFREQ)

    def _play(self, now: float, out: Samples) -> None:
        end, asked = self._end, len(out)
        late = self._watch(self._late(now, end), asked)
        if self._void > self._read or self._is_off(now, late):
            self._break_off(out, 0)
            self._read = max(self._read, self._void)
            return
        there = min(end[0] - self._read, asked)
        self._copy(out[:there])
        if self._begun < RAMP:
            self._begun += _fade_in(out[:there], self._begun)
        if there < asked:
            self._break_off(out, there)

    def _watch(self, late: float, asked: int) -> float:
        """Lateness beyond the device's habit; its smoothed course is `late_s`."""
        total, count = self._habit
        if count < HABIT_S * SFREQ:
            self._habit = total + late * asked, count + asked
            return late
        late -= total / count
        self.late_s += (late - self.late_s) * min(asked / SFREQ / SETTLES_S, 1.0)
        return late

    def _is_off(self, now: float, late: float) -> bool:
        if abs(late) <= OFF_S:
            self._off_since = None
            return False
        if self._off_since is None:
            self._off_since = now
        return now - self._off_since >= OFF_FOR_S

    def _break_off(self, out: Samples, start: int) -> None:
        """Nothing follows: fade what was last, mirrored."""
        length = min(RAMP, self._read)
        places = (self._read - 1 - np.arange(length)) % self._room
        tail = self._ring[places]
        # A sound that ended by itself has ended in silence.
        if not self.draining and self._hushing < 0 and tail[:1].any():
            self.underruns += 1
        self._dying = tail * _OUT[:length] * np.float32(self._begun / RAMP)
        self._playing = False
        self._die_away(out[start:])

    def _die_away(self, out: Samples) -> None:
        out[:] = 0.0
        length = min(len(out), len(self._dying))
        out[:length] = self._dying[:length]
        self._dying = self._dying[length:]

    def _wait(self, now: float, out: Samples) -> None:
        """Begin with the sample whose time it is, once there is one."""
        self._die_away(out)
        if not self._pace.even or len(self._dying):
            return
        self._read = max(self._read, self._void)
        end = self._end
        overdue = round(self._late(now, end) * SFREQ)
        if end[0] == 0 or overdue <= -len(out):
            return
        self._read += min(max(overdue, 0), end[0] - self._read)
        start = max(-overdue, 0)
        if end[0] - self._read < len(out) - start:
            return
        self._copy(out[start:])
        self._playing, self._off_since, self.late_s = True, None, 0.0
        self._habit = 0.0, 0
        self._begun = _fade_in(out[start:], 0)

    def _copy(self, out: Samples) -> None:
        start = self._read % self._room
        first = min(len(out), self._room - start)
        out[:first] = self._ring[start : start + first]
        out[first:] = self._ring[: len(out) - first]
        self._read += len(out)

    def _fade_last(self, out: Samples) -> None:
        done = HUSH - self._hushing
        length = min(len(out), self._hushing)
        out[:length] *= _LAST[done : done + length]
        out[length:] = 0.0
        self._hushing -= length


def _fade_in(samples: Samples, done: int) -> int:
    """Fade a sound's beginning in, of which so much was faded already.

    Returns:
        Samples that were faded now.
    """
    length = min(len(samples), RAMP - done)
    samples[:length] *= _IN[done : done + length]
    return length

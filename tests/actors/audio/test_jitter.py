"""The jitter buffer, played to and from by a test that owns the time."""

import numpy as np
import numpy.typing as npt
import pytest

from actors.audio.jitter import HUSH, RAMP, JitterBuffer
from protocols.sound import SFREQ
from tests.actors.audio.output_bench import BLOCK, LOUD, Heard, tone

BEGAN_AT = 1000.0
LEAD_S = 0.2
HZ = 440.0
STEP = LOUD * 2 * np.pi * HZ / SFREQ
"""Largest difference of neighbours in the tone."""


class Line:
    """A device whose clock is ours, or a little off, and a source that may be late."""

    def __init__(self, *, lump: int = 1102, ppm: float = 0.0) -> None:
        self.buffer = JitterBuffer(LEAD_S)
        self.now = BEGAN_AT
        self.late_blocks: dict[int, float] = {}
        self.lost_blocks: set[int] = set()
        self._ppm = ppm
        self._lump = lump
        self._put = 0
        self._parts: list[npt.NDArray[np.float32]] = []

    def run(self, seconds: float) -> npt.NDArray[np.float32]:
        """Let time pass; what was heard meanwhile, one channel."""
        self._parts.clear()
        until = self.now + seconds
        while self.now < until:
            self._come()
            out = np.full((self._lump, 2), np.nan, np.float32)
            self.buffer.take(self.now, out)
            self._parts.append(out)
            self.now += self._lump / SFREQ * (1 + self._ppm * 1e-6)
        return np.concatenate(self._parts)[:, 0]

    def stand_still(self, seconds: float) -> None:
        """The device asks for nothing, while blocks come."""
        self.now += seconds
        self._come()

    def _come(self) -> None:
        while self._comes_at(self._put) <= self.now:
            number = self._put
            if number not in self.lost_blocks:
                self.buffer.put(
                    number * BLOCK, BEGAN_AT + number * 0.1, tone(number * BLOCK, HZ)
                )
            self._put += 1

    def _comes_at(self, number: int) -> float:
        return BEGAN_AT + number * 0.1 + self.late_blocks.get(number, 0.0)


def heard(sound: npt.NDArray[np.float32]) -> Heard:
    return Heard(np.repeat(sound[:, np.newaxis], 2, axis=1), HZ)


def largest_step(sound: npt.NDArray[np.float32]) -> float:
    return float(np.abs(np.diff(sound)).max())


def test_samples_leave_untouched_and_when_they_are_due() -> None:
    line = Line()
    sound = line.run(1.5)
    first = round(LEAD_S * SFREQ)

    assert not sound[:first].any()
    assert np.array_equal(sound[first + RAMP : first + SFREQ], tone(0, HZ, SFREQ)[RAMP:, 0])


def test_nothing_that_was_given_is_changed() -> None:
    buffer = JitterBuffer(LEAD_S)
    block = tone(0, HZ)
    kept = block.copy()
    buffer.put(0, BEGAN_AT, block)
    buffer.put(2 * BLOCK, BEGAN_AT + 0.2, block)  # after a gap it is faded in

    assert np.array_equal(block, kept)


@pytest.mark.parametrize("lump", [64, 441, 1102, 2048])
def test_a_device_may_ask_for_as_many_as_it_likes(lump: int) -> None:
    sound = heard(Line(lump=lump).run(3.0)).from_its_beginning()

    assert sound.quietest() == pytest.approx(LOUD, rel=1e-3)
    assert sound.worst_step() < 0.01


def test_blocks_that_come_late_but_within_the_wait_are_not_noticed() -> None:
    line = Line()
    line.late_blocks = dict.fromkeys(range(12, 40, 3), 0.17)
    sound = heard(line.run(5.0)).from_its_beginning()

    assert line.buffer.underruns == 0
    assert sound.worst_step() < 0.01


@pytest.mark.parametrize("lump", [64, 1102])
def test_a_source_that_is_too_late_is_one_underrun_and_no_click(lump: int) -> None:
    line = Line(lump=lump)
    line.late_blocks = {number: 2.6 - number * 0.1 for number in range(20, 26)}
    sound = line.run(5.0)

    assert line.buffer.underruns == 1
    assert heard(sound).silences() == 1
    assert largest_step(sound) < 2 * STEP


def test_after_an_underrun_sound_is_in_time_again() -> None:
    line = Line()
    line.late_blocks = {number: 2.6 - number * 0.1 for number in range(20, 26)}
    sound = line.run(5.0)
    straight = Line().run(5.0)

    assert np.array_equal(sound[4 * SFREQ :], straight[4 * SFREQ :])


def test_a_block_that_is_lost_is_a_silence_of_its_length_and_no_click() -> None:
    line = Line()
    line.lost_blocks = {20}
    sound = line.run(5.0)
    silent = np.count_nonzero(heard(sound).from_its_beginning().amplitude < 0.01)

    assert silent == pytest.approx(10, abs=2)
    assert line.buffer.underruns == 0
    assert largest_step(sound) < 2 * STEP


def test_a_block_that_comes_twice_is_played_once() -> None:
    line = Line()
    line.run(1.0)
    for number in (9, 8):
        line.buffer.put(number * BLOCK, BEGAN_AT + number * 0.1, tone(number * BLOCK, HZ))

    assert heard(line.run(1.0)).worst_step() < 0.01


def test_blocks_of_another_time_follow_without_a_click_and_when_they_are_due() -> None:
    line = Line()
    before = line.run(1.0)
    line._put = 10**9
    for number in range(20):
        at = line.now + 0.5 + number * 0.1
        line.buffer.put(77 + number * BLOCK, at, tone(number * BLOCK, HZ))
    after = line.run(2.0)
    sound = np.concatenate([before, after])

    assert largest_step(sound) < 2 * STEP
    begins = int(np.argmax(np.abs(after[SFREQ // 10 :]) > 0.1)) + SFREQ // 10
    assert begins / SFREQ == pytest.approx(0.5 + LEAD_S, abs=0.01)


def test_an_end_in_silence_is_no_underrun() -> None:
    line = Line()
    line.run(1.0)
    line._put = 10**9
    end = np.zeros((BLOCK, 2), np.float32)
    line.buffer.put(11 * BLOCK, BEGAN_AT + 1.1, end)
    line.run(2.0)

    assert not line.buffer.playing
    assert line.buffer.underruns == 0


def test_an_end_that_was_told_is_no_underrun() -> None:
    line = Line()
    line.run(1.0)
    line._put = 10**9
    line.buffer.draining = True
    sound = line.run(1.0)

    assert not line.buffer.playing
    assert line.buffer.underruns == 0
    assert largest_step(sound) < 2 * STEP


@pytest.mark.parametrize("ppm", [-300.0, -50.0, 50.0, 300.0])
def test_a_device_whose_clock_is_off_is_followed_without_a_click(ppm: float) -> None:
    line = Line(ppm=ppm)
    sound = line.run(120.0)
    drifted = ppm * 1e-6 * 120.0

    assert line.buffer.underruns == 0
    assert abs(line.buffer.late_s) < 6e-3
    assert line.buffer.moved / SFREQ == pytest.approx(drifted, abs=7e-3)
    assert largest_step(sound) < 1.01 * STEP
    steady = heard(sound).from_its_beginning()
    assert steady.quietest() == pytest.approx(LOUD, rel=2e-3)
    assert steady.worst_step() < 0.5


def test_a_device_that_stood_still_plays_on_in_time() -> None:
    line = Line()
    line.run(2.0)
    line.stand_still(1.5)
    jump = line.run(1.0)
    first = round((line.now - BEGAN_AT - LEAD_S) * SFREQ)
    after = line.run(1.0)

    assert largest_step(jump) < 2 * STEP
    assert np.abs(after - tone(first, HZ, len(after))[:, 0]).max() < 1.5 * STEP


def test_a_device_that_stood_still_for_long_loses_what_has_no_room() -> None:
    line = Line()
    line.run(2.0)
    line.stand_still(20.0)
    sound = line.run(2.0)

    assert largest_step(sound) < 2 * STEP
    assert heard(sound[-SFREQ // 2 :]).quietest() == pytest.approx(LOUD, rel=1e-3)


def test_a_thread_that_was_held_up_costs_nothing() -> None:
    line = Line(lump=441)
    line.run(2.0)
    line.now += 0.08
    line.buffer.take(line.now, np.empty((3969, 2), np.float32))  # it catches up
    line.now += 441 / SFREQ
    sound = heard(line.run(2.0))

    assert sound.silences() == 0
    assert sound.worst_step() < 0.01


def test_a_hush_fades_to_silence_for_good() -> None:
    line = Line()
    line.run(1.0)
    before = line.buffer.hushed
    line.buffer.hush()
    sound = line.run(1.0)

    assert (before, line.buffer.hushed) == (False, True)
    assert sound[: HUSH // 2].any()
    assert not sound[HUSH:].any()
    assert largest_step(sound) < 2 * STEP


def test_a_sound_begins_with_a_fade() -> None:
    buffer = JitterBuffer(0.05)
    loud = np.ones((BLOCK, 2), np.float32)
    line = Line()
    line.buffer = buffer
    line._put = 10**9
    line.run(1.0)
    for number in range(3):
        buffer.put(number * BLOCK, line.now + number * 0.1, loud)
    sound = line.run(0.4)

    assert sound.max() == 1.0
    assert largest_step(sound) < 2.5 / RAMP  # two fades, one over the other

"""Blocks made shorter and longer."""

import numpy as np
import pytest

from actors.audio.warp import HALF, MOST, Warp
from protocols.sound import SFREQ
from tests.actors.audio.output_bench import BLOCK, LOUD, tone


def test_an_untouched_block_comes_out_bit_by_bit() -> None:
    warp = Warp()
    out = np.concatenate([warp.pass_on(tone(n * BLOCK, 440.0), 0) for n in range(3)])

    assert not out[:HALF].any()
    assert np.array_equal(out[HALF:], tone(0, 440.0, 3 * BLOCK - HALF))


@pytest.mark.parametrize("hz", [100.0, 1000.0, 5000.0, 10_000.0, 15_000.0])
@pytest.mark.parametrize("by", [-MOST, -1, 1, MOST])
def test_a_changed_block_is_the_same_tone_read_faster_or_slower(hz: float, by: int) -> None:
    warp = Warp()
    warp.pass_on(tone(0, hz), 0)
    out = warp.pass_on(tone(BLOCK, hz), by)[:, 0]
    places = BLOCK - HALF + np.arange(BLOCK - by) * BLOCK / (BLOCK - by)
    ideal = LOUD * np.sin(2 * np.pi * hz * places / SFREQ)

    assert len(out) == BLOCK - by
    assert 20 * np.log10(np.abs(out - ideal).max() / LOUD) < -80.0


@pytest.mark.parametrize("by", [-MOST, 1])
def test_what_follows_a_changed_block_is_untouched(by: int) -> None:
    warp = Warp()
    warp.pass_on(tone(0, 440.0), 0)
    warp.pass_on(tone(BLOCK, 440.0), by)
    out = warp.pass_on(tone(2 * BLOCK, 440.0), 0)

    assert np.array_equal(out, tone(2 * BLOCK - HALF, 440.0))
    assert warp.moved == by


def test_correcting_begins_late_and_ends_when_it_is_enough() -> None:
    warp = Warp()

    assert warp.samples_to_move(0.0029) == 0
    assert warp.samples_to_move(0.0031) == 1
    assert warp.samples_to_move(0.0006) == 1
    assert warp.samples_to_move(0.0004) == 0
    assert warp.samples_to_move(0.0029) == 0
    assert warp.samples_to_move(-0.011) == -3
    assert warp.samples_to_move(9.0) == MOST

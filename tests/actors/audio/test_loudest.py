"""The sum of voices is held at full scale, by a gain that does not jump."""

import numpy as np
import pytest

from actors.audio.loudest import STEP, Limiter
from protocols.sound import BLOCK, SFREQ


def sine(peak: float, first: int = 0, count: int = BLOCK) -> np.ndarray:
    wave = np.sin(2 * np.pi * 440.0 * np.arange(first, first + count) / SFREQ)
    return np.repeat((peak * wave).astype(np.float32)[:, np.newaxis], 2, axis=1)


def test_what_is_not_too_loud_is_left_as_it_is() -> None:
    block = sine(1.0)

    assert Limiter().limit(block) is block


@pytest.mark.parametrize("peak", [1.01, 2.0, 20.0])
def test_what_is_too_loud_is_held_at_full_scale(peak: float) -> None:
    limiter = Limiter()

    out = np.concatenate([limiter.limit(sine(peak, n * BLOCK)) for n in range(5)])

    assert np.abs(out).max() <= 1.0
    assert np.abs(out[BLOCK:]).max() > 0.9


def test_it_turns_down_before_the_peak_comes_and_does_not_click() -> None:
    block = np.concatenate([sine(0.5, count=BLOCK // 2), sine(2.0, BLOCK // 2, BLOCK // 2)])

    out = Limiter().limit(block)

    assert np.abs(out).max() <= 1.0
    # The step where the sound itself is suddenly four times as loud apart.
    own = np.abs(np.diff(block[:, 0]))
    assert (np.abs(np.diff(out[:, 0])) <= own + 2.0 / STEP).all()


def test_it_comes_back_within_a_second_and_then_does_nothing() -> None:
    limiter = Limiter()
    limiter.limit(sine(2.0))
    quiet = sine(0.5)

    out = [limiter.limit(quiet) for _ in range(10)]

    assert np.abs(out[0]).max() < 0.4
    assert out[-1] is quiet

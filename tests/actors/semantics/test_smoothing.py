"""Smoothing: by elapsed time, and never a jump."""

import numpy as np
import pytest

from actors.semantics.smoothing import OnePole

ZERO, ONE = np.zeros(1), np.ones(1)


def test_the_first_value_is_taken_as_it_is() -> None:
    assert OnePole(2.0).follow(ONE, 5.0) == 1.0


def test_after_one_time_constant_it_is_63_percent_there() -> None:
    pole = OnePole(2.0)
    pole.follow(ZERO, 0.0)
    for step in range(1, 21):
        pole.follow(ONE, step * 0.1)

    assert pole.value == pytest.approx(1.0 - np.exp(-1.0))


def test_how_often_windows_come_does_not_matter() -> None:
    slow, fast = OnePole(2.0), OnePole(2.0)
    slow.follow(ZERO, 0.0)
    fast.follow(ZERO, 0.0)
    for step in range(1, 5):
        slow.follow(ONE, step * 0.5)
    for step in range(1, 41):
        fast.follow(ONE, step * 0.05)

    assert slow.value == pytest.approx(fast.value)


def test_a_minute_of_silence_does_not_jump() -> None:
    pole = OnePole(2.0)
    pole.follow(ZERO, 0.0)

    assert pole.follow(ONE, 60.0)[0] < 0.25


def test_time_that_goes_back_moves_nothing() -> None:
    pole = OnePole(2.0)
    pole.follow(ZERO, 10.0)

    assert pole.follow(ONE, 3.0) == 0.0


def test_each_element_has_its_own_pace() -> None:
    pole = OnePole([1.0, 3.0])
    pole.follow(np.zeros(2), 0.0)

    quick, slow = pole.follow(np.ones(2), 0.2)

    assert quick > slow > 0.0

"""The sliding window gives the newest samples, when they are due."""

import numpy as np
from hypothesis import given, settings, strategies as st

from actors.encoder.window import SlidingWindow


def counting(begin: int, end: int) -> np.ndarray:
    return np.stack([np.arange(begin, end), -np.arange(begin, end)]).astype(np.float32)


@settings(max_examples=100, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 130), min_size=1, max_size=80),
    samples=st.integers(2, 50),
    step=st.integers(1, 60),
)
def test_a_window_is_always_the_newest_samples_in_order(
    lengths: list[int], samples: int, step: int
) -> None:
    window = SlidingWindow(channels=2, samples=samples, step=step)
    at = 0
    given_at: list[int] = []
    for length in lengths:
        window.push(counting(at, at + length))
        at += length
        due = window.due()
        if due is not None:
            given_at.append(at)
            assert np.array_equal(due, counting(at - samples, at))
    boundaries = np.cumsum(lengths)
    slots = [(int(end) - samples) // step for end in boundaries if end >= samples]
    assert len(given_at) == len(set(slots))


def test_windows_come_a_step_apart() -> None:
    window = SlidingWindow(channels=2, samples=20, step=5)
    due = []
    for at in range(60):
        window.push(counting(at, at + 1))
        if window.due() is not None:
            due.append(at + 1)

    assert due == [20, 25, 30, 35, 40, 45, 50, 55, 60]


def test_after_a_reset_a_whole_window_is_waited_for() -> None:
    window = SlidingWindow(channels=2, samples=20, step=5)
    window.push(counting(0, 33))
    window.reset()
    window.push(counting(100, 119))

    assert window.due() is None
    window.push(counting(119, 120))
    due = window.due()
    assert due is not None
    assert np.array_equal(due, counting(100, 120))

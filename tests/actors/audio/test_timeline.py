"""Blocks lie on one grid; a late tick makes up for a little and skips much."""

import pytest

from actors.audio.timeline import MOST_OVERDUE, Timeline
from protocols.sound import BLOCK, SFREQ


def test_each_tick_makes_one_block_though_it_trembles() -> None:
    timeline = Timeline(5.0)
    trembling = [0.0, 0.049, -0.049, 0.02, -0.03, 0.04]

    due = [timeline.due(5.1 + n / 10 + by) for n, by in enumerate(trembling)]

    assert due == [[BLOCK * (n + 1)] for n in range(len(trembling))]


def test_a_sample_is_due_where_its_number_says() -> None:
    timeline = Timeline(5.0)

    assert timeline.at(SFREQ) == 6.0
    assert timeline.index(6.0) == SFREQ
    assert timeline.next == 0
    timeline.due(7.0)
    assert timeline.next == 2 * SFREQ + BLOCK


@pytest.mark.parametrize("late", range(1, MOST_OVERDUE + 1))
def test_what_is_a_little_overdue_is_made(late: int) -> None:
    timeline = Timeline(0.0)
    timeline.due(0.0)

    due = timeline.due(0.1 * (late + 1))

    assert due == [BLOCK * (n + 1) for n in range(late + 1)]
    assert timeline.skipped == 0


def test_what_is_long_overdue_is_never_made() -> None:
    timeline = Timeline(0.0)
    timeline.due(0.0)

    due = timeline.due(10.0)

    assert due == [SFREQ * 10]
    assert timeline.skipped == SFREQ * 10 - BLOCK


def test_after_a_day_it_is_still_true_to_the_sample() -> None:
    timeline = Timeline(1000.0)
    day_s = 86_400.0

    (first,) = timeline.due(1000.0 + day_s)

    assert first == round(day_s * SFREQ)
    assert timeline.at(first) == pytest.approx(1000.0 + day_s, abs=1e-9)

"""Pace: a grid that neither drops nor doubles pictures."""

import numpy as np
import pytest

from actors.semantics.pace import Pace


def passed(pace: Pace, times: list[float]) -> int:
    return sum(pace.due(at) for at in times)


def test_ten_windows_a_second_make_ten_pictures_a_second_however_they_jitter() -> None:
    jitter = np.random.default_rng(1).uniform(-0.02, 0.02, 600)
    times = [100.0 + 0.1 * n + float(late) for n, late in enumerate(jitter) if n]

    assert passed(Pace(10.0), [100.0, *times]) == 600


@pytest.mark.parametrize(("hz", "pictures"), [(1.0, 60), (5.0, 300), (25.0, 600)])
def test_no_more_pictures_than_asked_for_nor_than_windows(hz: float, pictures: int) -> None:
    assert passed(Pace(hz), [7.0 + 0.1 * n for n in range(600)]) == pictures


def test_after_a_silence_the_grid_goes_on_without_a_burst() -> None:
    pace = Pace(10.0)
    pace.due(0.0)

    assert passed(pace, [30.0, 30.01, 30.02]) == 1


def test_the_first_moment_begins_the_sitting() -> None:
    pace = Pace(10.0)

    assert pace.moment_s(50.0) == 0.0
    assert pace.moment_s(53.5) == 3.5

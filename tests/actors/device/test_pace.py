from hypothesis import given, settings, strategies as st

from actors.device.pace import Pace


@settings(deadline=None)
@given(
    sfreq=st.sampled_from([125.0, 220.0, 250.0, 256.0, 500.0, 1000.0]),
    opened_at=st.floats(0, 1e6),
    sample=st.integers(0, 10**8),
    speed=st.sampled_from([0.5, 1.0, 2.0, 1000.0]),
)
def test_a_sample_is_due_after_its_time_and_not_before(
    sfreq: float, opened_at: float, sample: int, speed: float
) -> None:
    pace = Pace(sfreq=sfreq, opened_at=opened_at, speed=speed)
    step_s = 1 / (sfreq * speed)

    assert pace.due(pace.at(sample) - 0.1 * step_s) == sample
    assert pace.due(pace.at(sample) + 0.5 * step_s) == sample + 1


def test_ticks_of_a_tenth_of_a_second_get_even_chunks() -> None:
    pace = Pace(sfreq=250.0, opened_at=7.0)

    assert [pace.due(7.0 + 0.1 * n) for n in range(5)] == [0, 25, 50, 75, 100]


def test_nothing_is_due_before_the_beginning() -> None:
    assert Pace(sfreq=250.0, opened_at=7.0).due(6.0) == 0

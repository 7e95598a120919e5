"""Verdicts: a shortcut for what is flawless says what the long way would have said."""

import math

from hypothesis import example, given, strategies as st

from actors.filters.quality import Case, Limits, emg_limit, index, verdict, verdicts
from protocols.eeg import ContactState

LIMITS = Limits(notch_hz=50.0, swings_uv=50.0, hum_uv=100.0)

QUIET = {
    "swing": 60.0,
    "extreme": 4000.0,
    "stuck": 0.0,
    "hum_50": 12.0,
    "hum_60": 0.1,
    "hum_floor": 4.0,
    "left_over": 0.4,
    "emg": 3.0,
    "emg_floor": 2.5,
    "amplitude": 40.0,
    "blink": 0.0,
    "brain": 12.0,
    "swings": 13.0,
}
"""A channel of which there is nothing to say."""


def channel(**figures: float) -> Case:
    return Case(**QUIET | figures)


def cases() -> st.SearchStrategy[Case]:
    """Quiet channels with up to three figures that may be far from quiet."""
    factor = st.sampled_from([0.0, 0.3, 1.0, 1.5, 2.5, 5.0, 40.0])
    changes = st.dictionaries(st.sampled_from(sorted(QUIET)), factor, max_size=3)
    return st.tuples(changes, st.sampled_from([0.0, 0.0, 90.0])).map(
        lambda drawn: channel(
            **{name: QUIET[name] * by for name, by in drawn[0].items()}
            | {"blink": drawn[1]}
        )
    )


@given(case=cases())
def test_a_channel_is_flawless_where_no_sign_takes_anything_away(case: Case) -> None:
    seen = verdict(case, LIMITS)
    by_signs = index(case, LIMITS, emg_limit(case.emg_floor))

    assert seen.index == by_signs or seen.state in {ContactState.FLAT, ContactState.RAILED}
    if seen.index == 1.0:
        assert seen.state is ContactState.GOOD
        hum = case.hum_50
        assert seen.reason == f"{case.brain:.0f} µV RMS; {hum:.0f} µV of hum taken out"


@example(  # one with muscle, one whose lasting EMG would allow as much
    channels=[channel(emg=10.0), channel(emg_floor=11.0)], notch=50
)
@example(channels=[channel(), channel(swing=0.1)], notch=50)  # one is flat
@example(  # one that slips, one that always had so much hum
    channels=[channel(hum_50=24.0, swings=22.0), channel(hum_50=24.0, hum_floor=8.0)],
    notch=50,
)
@given(channels=st.lists(cases(), min_size=1, max_size=9), notch=st.sampled_from([50, 60]))
def test_all_channels_at_once_are_judged_as_each_alone(
    channels: list[Case], notch: int
) -> None:
    limits = Limits(notch_hz=notch, swings_uv=50.0, hum_uv=100.0)
    fields = Case.__struct_fields__
    columns = [[getattr(case, field) for case in channels] for field in fields]

    assert verdicts(columns, limits) == tuple(verdict(case, limits) for case in channels)


def test_a_quiet_channel_is_flawless() -> None:
    seen = verdict(Case(**QUIET), LIMITS)

    assert (seen.state, seen.index) == (ContactState.GOOD, 1.0)
    assert math.isclose(seen.index, index(Case(**QUIET), LIMITS, 8.0))

"""A piece of EEG cleaned at once is what the live chain would have made of it."""

import numpy as np
import pytest

from actors.filters.bank import FilterBank
from actors.filters.recording import clean_recording
from protocols.eeg import ContactState
from tests.actors.filters.signals import HEAD, SFREQ, real, resting, tone


def test_it_is_cleaned_as_the_live_chain_does() -> None:
    uv = 5000.0 + resting(4)
    live = FilterBank(channels=8, sfreq=SFREQ, mains_hz=50.0).apply(uv)[1]

    made = clean_recording(uv, SFREQ, 50.0, HEAD)

    assert np.array_equal(made.uv, live.astype(np.float32))
    assert not made.uv.flags.writeable
    assert made.notes == ()


def test_a_tone_has_its_power_in_its_band() -> None:
    made = clean_recording(tone(10.0, 8, 20.0), SFREQ, 50.0)

    assert made.absolute_uv2[0, 2] == pytest.approx(200.0, rel=0.03)
    assert made.relative[0, 2] > 0.99
    assert made.relative.sum() == pytest.approx(1.0)


def test_a_silent_channel_has_no_shares() -> None:
    made = clean_recording(np.full((1, 750), 3.0), SFREQ, 50.0)

    assert made.relative.sum() == 0.0
    assert made.quality[0].state is ContactState.FLAT
    assert made.quality[0].index == 0.0
    assert made.quality[0].reason.endswith("(flat in 100% of the time)")


def test_a_fault_that_lasted_names_the_piece_and_a_short_one_does_not() -> None:
    uv = resting(20)
    rng = np.random.default_rng(4)
    uv[2, 2000:3000] += 60 * rng.standard_normal(1000)
    uv[3, 2000:2050] += 60 * rng.standard_normal(50)

    quality = clean_recording(uv, SFREQ, 50.0, HEAD).quality

    assert quality[2].state is ContactState.MUSCLE
    assert "muscle in 2" in quality[2].reason
    assert quality[3].state is ContactState.GOOD
    assert quality[2].index < quality[3].index < 1.0


def test_less_than_a_second_is_not_judged() -> None:
    made = clean_recording(resting(0.5), SFREQ, 50.0)

    assert {seen.state for seen in made.quality} == {ContactState.SETTLING}
    assert made.uv.shape == (8, 125)


def test_a_slow_sampling_rate_says_what_it_cannot() -> None:
    made = clean_recording(tone(10.0, 4, sfreq=100.0), 100.0, 50.0)

    assert len(made.notes) == 2


def test_no_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="no samples"):
        clean_recording(np.zeros((4, 0)), SFREQ, 50.0)


def test_the_clinical_recording_is_mostly_good_as_a_whole() -> None:
    recording = real("rest_20ch_500hz.edf")

    made = clean_recording(
        recording.uv[:, :15_000], recording.sfreq, 50.0, recording.ch_names
    )

    assert {seen.state for seen in made.quality} == {ContactState.GOOD}

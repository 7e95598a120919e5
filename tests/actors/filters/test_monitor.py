"""The monitor: every fault is named, and a good channel is called good."""

import re
from collections import Counter

import numpy as np
import pytest

from actors.filters.bank import FilterBank, Samples
from actors.filters.monitor import ContactMonitor
from protocols.eeg import ChannelQuality, ContactState
from protocols.simulation import Blink, ClenchJaw, LoosenElectrode
from sim.brain import Brain
from tests.actors.filters.signals import HEAD, SFREQ, real, resting, seconds, tone

Course = list[tuple[ChannelQuality, ...]]


def judged(
    uv: Samples,
    names: tuple[str, ...] = HEAD,
    *,
    mains_hz: float = 50.0,
    sfreq: float = SFREQ,
) -> Course:
    """What was said every 100 ms."""
    bank = FilterBank(channels=len(uv), sfreq=sfreq, mains_hz=mains_hz)
    monitor = ContactMonitor(names, sfreq, mains_hz)
    step = round(sfreq / 10)
    return [
        monitor.update(*bank.apply(uv[:, start : start + step]))
        for start in range(0, uv.shape[1] - step + 1, step)
    ]


def states(course: Course, channel: int) -> Counter[ContactState]:
    return Counter(moment[channel].state for moment in course)


def test_nothing_is_said_before_a_second_has_passed() -> None:
    course = judged(resting(3))

    assert {seen.state for moment in course[:9] for seen in moment} == {
        ContactState.SETTLING
    }
    assert course[8][0].index == 0.0
    assert "0.9 s of 1 s" in course[8][0].reason
    assert course[10][0].state is ContactState.GOOD


def test_a_brain_at_rest_is_good_and_says_its_figures() -> None:
    last = judged(40_000.0 + resting(5) + tone(50.0, 5, 20.0))[-1]

    for seen in last:
        assert seen.state is ContactState.GOOD
        assert seen.index > 0.9
        assert re.search(r"1[345] µV of hum", seen.reason)


def test_a_silent_channel_is_flat() -> None:
    uv = resting(4)
    uv[3] = 12_000.0

    course = judged(uv)

    assert course[-1][3].state is ContactState.FLAT
    assert course[-1][3].index == 0.0
    assert "0.00 µV peak to peak" in course[-1][3].reason
    assert course[-1][2].state is ContactState.GOOD


def test_a_channel_at_the_amplifiers_limit_is_railed_and_62_millivolts_is_not() -> None:
    uv = resting(4)
    uv[0] = 187_500.0
    uv[1] += 62_000.0

    last = judged(uv)[-1]

    assert last[0].state is ContactState.RAILED
    assert "188 mV" in last[0].reason
    assert last[1].state is ContactState.GOOD


def test_a_clipped_channel_is_railed_whatever_its_limit() -> None:
    uv = resting(6)
    uv[4] = np.clip(tone(3.0, 6, 900.0), -600.0, 600.0)[0]

    last = judged(uv)[-1]

    assert last[4].state is ContactState.RAILED
    assert "at its limit in" in last[4].reason


def test_hum_that_the_notch_takes_away_is_forgiven() -> None:
    last = judged(resting(5) + tone(60.0, 5, 200.0), mains_hz=60.0)[-1]

    assert {seen.state for seen in last} == {ContactState.GOOD}
    assert last[0].index > 0.9


def test_one_channel_with_far_more_hum_than_the_others_is_trusted_less() -> None:
    uv = resting(5) + tone(60.0, 5, 4.0)
    uv[6] += tone(60.0, 5, 200.0)[0]

    last = judged(uv, mains_hz=60.0)[-1]

    assert last[6].index < 0.8
    assert last[5].index > 0.9


def test_one_channel_that_swings_far_beyond_the_others_is_loose_and_alpha_is_not() -> None:
    uv = resting(6) + tone(10.0, 6, 50.0)
    uv[2] += tone(1.5, 6, 200.0)[0]

    last = judged(uv)[-1]

    assert last[2].state is ContactState.NOISY
    assert last[2].reason.endswith("loose?")
    assert {seen.state for seen in last[3:]} == {ContactState.GOOD}


def test_hum_beside_the_notch_is_noise_and_the_reason_says_where_the_notch_is() -> None:
    last = judged(resting(5) + tone(60.0, 5, 200.0), mains_hz=50.0)[-1]

    assert last[0].state is ContactState.NOISY
    assert last[0].reason == "mains hum 141 µV RMS at 60 Hz; the notch is at 50"
    assert last[0].index < 0.3


def test_a_burst_of_fast_power_is_muscle_and_passes() -> None:
    uv = resting(12)
    burst = 60 * np.random.default_rng(5).standard_normal((2, 500))
    uv[2:4, 1250:1750] += burst

    course = judged(uv)

    assert course[68][2].state is ContactState.MUSCLE
    assert "µV RMS above 20 Hz" in course[68][2].reason
    assert course[68][2].index < 0.5
    assert course[68][0].state is ContactState.GOOD
    assert course[-1][2].state is ContactState.GOOD


def test_fast_power_that_does_not_pass_is_noise() -> None:
    uv = resting(10)
    uv[5] += 60 * np.random.default_rng(6).standard_normal(2500)

    seen = judged(uv)[-1][5]

    assert seen.state is ContactState.NOISY
    assert seen.reason.startswith("lasting noise")
    assert seen.index < 0.3


def blink(uv: float = 180.0) -> Samples:
    bump: Samples = uv * np.exp(-0.5 * ((seconds(6) - 4.0) / 0.08) ** 2)
    return bump


def test_a_blink_is_seen_on_the_forehead_while_it_passes() -> None:
    uv = resting(6)
    uv[:2] += blink()

    course = judged(uv)

    assert course[41][0].state is ContactState.BLINK
    assert course[41][1].state is ContactState.BLINK
    assert re.fullmatch(r"blink \d+ µV", course[41][0].reason)
    assert states(course[:38], 0)[ContactState.BLINK] == 0
    assert course[-1][0].state is ContactState.GOOD
    assert 3 <= states(course, 0)[ContactState.BLINK] <= 8


def test_a_slow_wave_at_the_back_is_no_blink() -> None:
    uv = resting(6)
    uv[6:] += blink()

    assert states(judged(uv), 6)[ContactState.BLINK] == 0


def test_a_slow_wave_in_one_of_two_forehead_channels_is_no_blink() -> None:
    uv = resting(6)
    uv[0] += blink()

    assert states(judged(uv), 0)[ContactState.BLINK] == 0


def test_a_blink_is_seen_from_a_reference_on_the_forehead() -> None:
    uv = resting(6, channels=4)
    uv[[0, 3]] -= blink()

    course = judged(uv, ("TP9", "AF7", "AF8", "TP10"))

    assert course[41][0].state is ContactState.BLINK
    assert course[41][1].state is ContactState.GOOD


def test_eyes_that_look_aside_do_not_blink() -> None:
    uv = resting(6)
    uv[0] += blink()
    uv[1] -= blink()

    assert states(judged(uv), 0)[ContactState.BLINK] == 0


def test_a_slow_wave_that_does_not_end_is_no_blink() -> None:
    uv = resting(8)
    uv[:2] += tone(1.5, 8, 200.0)

    assert judged(uv)[-1][0].state is ContactState.NOISY


def test_the_index_falls_smoothly_with_noise() -> None:
    noise = np.random.default_rng(7).standard_normal((8, 1500))
    levels = [judged(resting(6) + uv * noise)[-1][0].index for uv in range(5, 95, 3)]

    assert levels[0] > 0.9
    assert levels[-1] < 0.05
    assert max(abs(np.diff(levels))) < 0.25


def test_after_a_gap_it_settles_again_but_knows_the_channels_floor() -> None:
    bank = FilterBank(channels=8, sfreq=SFREQ, mains_hz=50.0)
    monitor = ContactMonitor(HEAD, SFREQ, 50.0)
    noisy = resting(8) + 60 * np.random.default_rng(8).standard_normal((8, 2000))
    monitor.update(*bank.apply(noisy[:, :750]))
    monitor.reset()

    assert monitor.update(*bank.apply(noisy[:, 750:775]))[0].state is ContactState.SETTLING
    after = monitor.update(*bank.apply(noisy[:, 775:1100]))[0]
    assert after.reason.startswith("lasting noise")


def test_a_headset_of_100_hertz_is_judged_too() -> None:
    rng = np.random.default_rng(9)
    uv = 8 * rng.standard_normal((4, 500)).cumsum(axis=1) * 0.2
    names = ("TP9", "AF7", "AF8", "TP10")

    assert judged(uv, names, sfreq=100.0)[-1][0].state is ContactState.GOOD


# -- the simulated sitter and real recordings -----------------------------------------


def test_the_simulated_sitters_acts_are_recognised() -> None:
    brain = Brain(seed=3)
    names = brain.ch_names
    sfreq = brain.sfreq
    bank = FilterBank(channels=len(names), sfreq=sfreq, mains_hz=brain.mains_hz)
    monitor = ContactMonitor(names, sfreq, brain.mains_hz)

    def live(for_s: float) -> Course:
        step = round(sfreq / 10)
        return [
            monitor.update(*bank.apply(brain.take(step))) for _ in range(round(for_s * 10))
        ]

    live(5)
    front = names.index("Fp1") if "Fp1" in names else names.index("AF7")
    brain.obey(Blink())
    assert states(live(2), front)[ContactState.BLINK] > 0
    brain.obey(ClenchJaw(seconds=2.0))
    clenched = live(2)
    assert any(
        states(clenched, channel)[ContactState.MUSCLE] > 5 for channel in range(len(names))
    )
    live(3)
    brain.obey(LoosenElectrode(channel=names[-1]))
    loose = live(6)[20:]
    assert states(loose, -1)[ContactState.NOISY] > 0.8 * len(loose)
    assert np.mean([moment[-1].index for moment in loose]) < 0.3
    assert "loose?" in loose[-1][-1].reason


def test_a_simulated_headset_that_slips_is_recognised_in_all_channels() -> None:
    brain = Brain(seed=5)
    bank = FilterBank(channels=len(brain.ch_names), sfreq=brain.sfreq, mains_hz=50.0)
    monitor = ContactMonitor(brain.ch_names, brain.sfreq, 50.0)
    for _ in range(100):
        monitor.update(*bank.apply(brain.take(25)))
    for name in brain.ch_names:
        brain.obey(LoosenElectrode(channel=name))

    slipped = [monitor.update(*bank.apply(brain.take(25))) for _ in range(150)][30:]

    indices = np.array([[seen.index for seen in moment] for moment in slipped])
    assert (indices.mean(axis=0) < 0.3).all()


@pytest.fixture(scope="module")
def openbci() -> Course:
    recording = real("openbci_blinks_jaw_alpha.txt")
    assert recording.mains_hz == 60.0
    return judged(
        recording.uv.astype(np.float64), recording.ch_names, mains_hz=60.0, sfreq=250.0
    )


def test_blinks_of_the_openbci_recording_are_found_in_its_first_two_channels(
    openbci: Course,
) -> None:
    blinking, still = openbci[10:200], openbci[200:700]

    for channel in (0, 1):
        assert states(blinking, channel)[ContactState.BLINK] >= 40
        assert states(still, channel)[ContactState.BLINK] <= 10
    for channel in range(2, 8):
        assert states(blinking, channel)[ContactState.BLINK] <= 10


def test_jaw_clenching_of_the_openbci_recording_is_found(openbci: Course) -> None:
    clenching, still = openbci[50:150], openbci[160:800]

    for channel in (2, 3, 4, 5):
        assert states(clenching, channel)[ContactState.MUSCLE] >= 15
        assert states(still, channel)[ContactState.MUSCLE] <= 6
        low = min(moment[channel].index for moment in clenching)
        usual = float(np.median([moment[channel].index for moment in still]))
        assert low < 0.5
        assert usual > 0.85


def test_the_resting_clinical_recording_is_mostly_good() -> None:
    recording = real("rest_20ch_500hz.edf")
    minute = recording.uv[:, :30_000].astype(np.float64)

    course = judged(minute, recording.ch_names, sfreq=recording.sfreq)

    for channel in range(len(recording.ch_names)):
        settled = course[10:]
        assert states(settled, channel)[ContactState.GOOD] >= 0.95 * len(settled)
        assert np.mean([moment[channel].index for moment in settled]) > 0.95


def test_the_headband_with_bad_contact_is_recognised() -> None:
    recording = real("muse_over_lsl.xdf")
    course = judged(
        recording.uv.astype(np.float64), recording.ch_names, sfreq=recording.sfreq
    )[10:]
    names = recording.ch_names

    bad = course[-1][names.index("TP9")]
    assert bad.state is ContactState.NOISY
    assert bad.index < 0.1
    good = [moment[names.index("AF7")].index for moment in course]
    assert np.mean(good) > 0.9

"""A bowl sounds as measured bowls do: its partials, their decay, their beating."""

import msgspec
import numpy as np
import pytest

from actors.audio import bowl
from actors.audio.clip import render_clip
from actors.audio.voice import raw_voice
from protocols.sound import SFREQ, SoundConfig
from tests.actors.audio.measuring import level_of, strongest_hz, whole

OM = SoundConfig(frequency=136.1, duration=30.0)
PLAIN = msgspec.structs.replace(OM, modulation_depth=0.0, harmonic_strength=1.0)


@pytest.mark.parametrize("frequency", [20.0, 55.5, 136.1, 528.0, 4000.0, 20_000.0])
@pytest.mark.parametrize("way", ["strike", "rub"])
def test_its_strongest_low_line_is_the_frequency_within_a_tenth_of_a_hertz(
    frequency: float, way: str
) -> None:
    told = msgspec.structs.replace(OM, frequency=frequency, bowl=way, duration=12.0)

    left = whole(render_clip(told))[:, 0]

    found = strongest_hz(left, 0.7 * frequency, min(1.4 * frequency, 22_000.0))
    assert found == pytest.approx(frequency, abs=0.1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_deepest_beating_leaves_the_frequency_where_it_is(seed: int) -> None:
    told = msgspec.structs.replace(OM, modulation_depth=1.0, seed=seed)

    left = whole(render_clip(told))[:, 0]

    assert strongest_hz(left, 100.0, 200.0) == pytest.approx(136.1, abs=0.1)


def test_the_low_bowl_has_the_partials_of_the_measured_one_of_180_mm() -> None:
    left = raw_voice(PLAIN).render(5 * SFREQ)[:, 0]

    ratios = [1.0, 2.77828, 5.18099, 8.16289, 11.66063, 15.63801]
    found = [strongest_hz(left, 136.1 * r - 15, 136.1 * r + 15) / 136.1 for r in ratios]

    assert found == pytest.approx(ratios, rel=2e-4)


@pytest.mark.parametrize(
    ("frequency", "name", "second"),
    [(60.0, "180 mm", 2.778), (300.0, "152 mm", 2.662), (900.0, "140 mm", 2.765)],
)
def test_a_sound_takes_the_bowl_that_is_nearest(
    frequency: float, name: str, second: float
) -> None:
    modes = bowl.tuned(frequency)

    assert modes.name == name
    assert modes.hz[1] / modes.hz[0] == pytest.approx(second, abs=1e-3)


def test_each_partial_dies_down_at_its_own_rate() -> None:
    told = msgspec.structs.replace(PLAIN, frequency=221.0)
    modes = bowl.tuned(221.0)
    left = raw_voice(told).render(round(3.9 * SFREQ))[:, 0]  # before the second stroke

    early, late = left[SFREQ // 2 : SFREQ], left[3 * SFREQ : 3 * SFREQ + SFREQ // 2]
    found = [np.log(level_of(early, hz) / level_of(late, hz)) / 2.5 for hz in modes.hz[:5]]

    assert found == pytest.approx(modes.decay[:5], rel=0.02)
    assert np.log(1000.0) / modes.decay[0] == pytest.approx(30.0, abs=1.0)
    assert (np.diff(modes.decay) > 0).all()


def test_a_pair_beats_as_deep_and_as_fast_as_it_was_told() -> None:
    told = msgspec.structs.replace(
        OM, frequency=221.0, harmonic_strength=0.0, modulation_depth=0.4
    )
    left = raw_voice(told).render(round(3.9 * SFREQ))[:, 0]
    modes = bowl.tuned(221.0)

    step = SFREQ // 20
    at = np.arange(1, 76)
    swing = np.array([level_of(left[k * step : (k + 2) * step], 221.0) for k in at])
    swing *= np.exp(modes.decay[0] * at * step / SFREQ)

    assert swing.min() / swing.max() == pytest.approx(0.6 / 1.4, rel=0.03)
    dips = at[1:-1][(swing[1:-1] < swing[:-2]) & (swing[1:-1] < swing[2:])] * step / SFREQ
    assert len(dips) >= 5
    assert 1.0 / np.diff(dips).mean() == pytest.approx(0.0078 * 221.0, rel=0.03)


def test_without_depth_nothing_beats() -> None:
    told = msgspec.structs.replace(
        OM, frequency=221.0, harmonic_strength=0.0, modulation_depth=0.0
    )
    block = raw_voice(told).render(round(3.9 * SFREQ))

    step = SFREQ // 20
    at = np.arange(1, 76)
    swing = np.array([level_of(block[k * step : (k + 2) * step, 0], 221.0) for k in at])
    swing *= np.exp(bowl.tuned(221.0).decay[0] * at * step / SFREQ)

    assert swing.min() / swing.max() > 0.999
    assert np.array_equal(block[:, 0], block[:, 1])


def test_harmonic_strength_is_how_loud_the_higher_partials_are() -> None:
    def second(strength: float) -> float:
        told = msgspec.structs.replace(PLAIN, harmonic_strength=strength)
        left = raw_voice(told).render(2 * SFREQ)[:, 0]
        return level_of(left, 136.1 * 614.0 / 221.0) / level_of(left, 136.1)

    assert second(0.5) / second(1.0) == pytest.approx(0.5, rel=0.01)
    assert second(0.0) < 1e-3


def test_no_partial_is_above_hearing_and_the_lowest_is_always_there() -> None:
    assert bowl.tuned(6000.0).hz.max() <= bowl.HIGHEST_HZ
    assert bowl.tuned(20_000.0).hz.tolist() == [20_000.0]


def test_nothing_folds_back_from_above_the_band() -> None:
    told = msgspec.structs.replace(PLAIN, frequency=5000.0, bowl="rub")
    left = raw_voice(told).render(6 * SFREQ)[3 * SFREQ :, 0]
    modes = bowl.tuned(5000.0)

    size = left.size
    lines = np.abs(np.fft.rfft(left * np.blackman(size))) * 2 / (0.42 * size)
    hz = np.fft.rfftfreq(size, 1 / SFREQ)
    far = np.all(np.abs(hz[:, None] - modes.hz[None, :]) > 60.0, axis=1)

    assert 20 * np.log10(lines[far].max() / lines.max()) < -80.0


def test_it_is_struck_again_and_again_by_a_hand_that_is_no_clock() -> None:
    told = msgspec.structs.replace(PLAIN, frequency=880.0, seed=5)
    left = np.abs(raw_voice(told).render(60 * SFREQ)[:, 0])

    loud = left.reshape(-1, SFREQ // 20).max(axis=1)
    strokes = 0.05 * (1 + np.flatnonzero(loud[1:] > 1.5 * loud[:-1]))
    pauses = np.diff(strokes)

    assert 5 <= len(pauses) <= 12
    assert pauses.min() > 3.9
    assert pauses.std() > 0.2


def test_a_rubbed_bowl_is_steady_and_hardly_has_high_partials() -> None:
    told = msgspec.structs.replace(OM, bowl="rub")
    left = raw_voice(told).render(25 * SFREQ)[:, 0]
    swings = [level_of(left[k * SFREQ : (k + 1) * SFREQ], 136.1) for k in range(3, 25)]

    assert min(swings) > 0.5 * max(swings)
    assert max(swings) > 1.05 * min(swings)
    assert level_of(left, 136.1 * 614.0 / 221.0) < 0.2 * level_of(left, 136.1)


def test_a_rubbed_bowl_comes_slowly() -> None:
    left = np.abs(raw_voice(msgspec.structs.replace(OM, bowl="rub")).render(3 * SFREQ))

    assert left[: SFREQ // 10].max() < 0.02
    assert left[-SFREQ // 10 :].max() > 0.3

"""Voices and clips: the right sound, however it is taken."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from actors.audio.clip import (
    CHUNK,
    Clip,
    gain_for,
    make_voice,
    measure_clip,
    render_clip,
    samples_of,
)
from actors.audio.voice import LONGEST_ROWS, raw_voice
from protocols.sound import SFREQ, SoundConfig
from tests.actors.audio.measuring import (
    level_of,
    roughest,
    spectrum_db,
    strongest_hz,
    tone,
    whole,
)

BOWL = SoundConfig(frequency=136.1, duration=3.0)
EVERY = [
    BOWL,
    msgspec.structs.replace(BOWL, bowl="rub"),
    tone(440.0),
    tone(200.0, harmonic_strength=0.5, modulation_depth=0.3),
    tone(200.0, harmonic_strength=0.5, binaural_hz=7.0),
    msgspec.structs.replace(BOWL, isochronic_hz=6.0, binaural_hz=3.0),
]


@pytest.mark.parametrize("hz", [40.0, 997.0, 6000.0, 19_000.0])
def test_a_plain_tone_is_pure_to_90_decibels(hz: float) -> None:
    block = make_voice(tone(hz)).render(3 * SFREQ)[SFREQ // 2 :, 0].astype(np.float64)

    at = np.arange(block.size) * (2 * np.pi * hz / SFREQ)
    waves = np.stack([np.cos(at), np.sin(at)], axis=1)
    rest = block - waves @ np.linalg.lstsq(waves, block, rcond=None)[0]

    assert 10 * np.log10(np.mean(rest**2) / np.mean(block**2)) < -120.0


@pytest.mark.parametrize("hz", [0.1, 7.83, 440.0, 20_000.0])
def test_a_tone_is_where_it_was_asked_for(hz: float) -> None:
    told = tone(hz, duration=60.0 if hz < 1.0 else 5.0)
    left = whole(render_clip(told))[:, 0]

    assert strongest_hz(left, 0.0, 22_000.0) == pytest.approx(hz, abs=0.1)
    assert np.abs(left).max() == pytest.approx(0.8, rel=1e-5)


def test_overtones_are_harmonic_and_as_strong_as_was_asked() -> None:
    left = raw_voice(tone(500.0, harmonic_strength=0.6)).render(2 * SFREQ)[:, 0]

    found = [level_of(left, 500.0 * k) / level_of(left, 500.0) for k in range(2, 17)]

    assert found == pytest.approx([0.6 / k for k in range(2, 17)], rel=1e-3)


def test_overtones_above_hearing_are_dropped_and_do_not_fold_back() -> None:
    left = raw_voice(tone(3100.0, harmonic_strength=1.0)).render(SFREQ)[:, 0]

    hz, level = spectrum_db(left)
    overtones = 3100.0 * np.arange(1, 7)
    far = np.all(np.abs(hz[:, None] - overtones) > 20.0, axis=1)

    assert level[far].max() - level.max() < -110.0


def test_tremolo_is_as_deep_as_was_asked_and_two_a_second() -> None:
    left = raw_voice(tone(1000.0, modulation_depth=0.5)).render(4 * SFREQ)[:, 0]

    peaks = np.abs(left).reshape(-1, 441).max(axis=1)
    assert peaks.min() / peaks.max() == pytest.approx(0.5 / 1.5, rel=0.01)
    assert level_of(left, 1002.0) / level_of(left, 1000.0) == pytest.approx(0.25, rel=0.01)


@pytest.mark.parametrize("config", EVERY)
def test_the_size_of_blocks_does_not_matter(config: SoundConfig) -> None:
    in_one = raw_voice(config).render(3 * SFREQ)

    for size in (1, 441, 1000, 4410, 50_000):
        voice = raw_voice(config)
        count = 3000 if size == 1 else 3 * SFREQ
        parts = whole(voice.render(min(size, count - at)) for at in range(0, count, size))
        assert np.abs(parts - in_one[:count]).max() < 1e-6
        assert voice.position == count


@pytest.mark.parametrize("config", EVERY)
@pytest.mark.parametrize("at", [1, 441, 100_000, 3_600 * SFREQ - 7])
def test_a_voice_can_begin_in_the_middle(config: SoundConfig, at: int) -> None:
    later = raw_voice(config, at=at)
    assert later.position == at

    before = raw_voice(config, at=max(at - 5000, 0))
    before.render(at - before.position)

    assert np.abs(later.render(2000) - before.render(2000)).max() < 1e-6


@pytest.mark.parametrize("config", EVERY)
def test_the_same_seed_is_the_same_sound(config: SoundConfig) -> None:
    one, other = (whole(render_clip(config)) for _ in range(2))

    assert np.array_equal(one, other)


@pytest.mark.parametrize("config", EVERY[:2])
def test_another_seed_is_another_sound(config: SoundConfig) -> None:
    other = msgspec.structs.replace(config, seed=1)

    assert not np.allclose(
        raw_voice(config).render(SFREQ), raw_voice(other).render(SFREQ), atol=1e-3
    )


def test_phase_is_exact_after_a_day() -> None:
    day = 24 * 3600 * SFREQ
    hz = 7291.0  # whole periods a second: a day later it is as it was
    first, later = (raw_voice(tone(hz), at=at).render(4410) for at in (0, day))

    assert np.abs(first - later).max() < 1e-6


@pytest.mark.parametrize("config", EVERY)
def test_a_clip_peaks_at_its_volume_and_begins_and_ends_in_silence(
    config: SoundConfig,
) -> None:
    clip = whole(render_clip(config))

    assert np.abs(clip).max() == pytest.approx(0.8, rel=1e-5)
    assert np.abs(clip[0]).max() < 1e-3
    assert np.abs(clip[-1]).max() < 1e-3


@pytest.mark.parametrize("config", [EVERY[2], EVERY[3]])
def test_a_clip_begins_and_ends_without_a_click(config: SoundConfig) -> None:
    clip = whole(render_clip(config))
    steady = roughest(clip[SFREQ : 2 * SFREQ])

    padded = np.concatenate([np.zeros((9, 2)), clip, np.zeros((9, 2))])

    # The fade itself bends by half its square of pi over its length.
    bend = 0.5 * (np.pi / 2205) ** 2
    assert roughest(padded) < 1.05 * steady + bend


def test_a_stroke_is_no_click() -> None:
    told = msgspec.structs.replace(BOWL, harmonic_strength=0.0, modulation_depth=0.0)
    block = raw_voice(told).render(SFREQ)

    # A carrier of 136 Hz bends by (2 pi f / 44,100)^2; the stroke may add its own curve.
    carrier = (2 * np.pi * 136.1 / SFREQ) ** 2
    rise = 0.5 * (np.pi / 441) ** 2 + 2 * (np.pi / 882) * (2 * np.pi * 136.1 / SFREQ)
    padded = np.concatenate([np.zeros((9, 2)), block])
    assert roughest(padded) < np.abs(block).max() * 1.1 * (carrier + rise)


@given(duration=st.floats(0.1, 3.0), bowl=st.booleans())
@settings(max_examples=15, deadline=None)
def test_a_clip_has_exactly_its_samples(duration: float, bowl: bool) -> None:  # noqa: FBT001
    told = SoundConfig(frequency=300.0, duration=duration, prayer_bowl_mode=bowl)

    blocks = list(render_clip(told, 0.5))

    assert sum(map(len, blocks)) == samples_of(told) == round(duration * 44_100)
    assert all(block.dtype == np.float32 for block in blocks)


def test_an_hour_needs_no_more_room_than_a_second() -> None:
    hour = msgspec.structs.replace(BOWL, duration=3600.0)
    blocks = render_clip(hour, 1.0)

    first = next(blocks)
    last_but_one = Clip(hour, 1.0, at=3599 * SFREQ - 10)
    voice = raw_voice(hour)
    voice.render(20 * SFREQ)

    assert samples_of(hour) == 158_760_000
    assert len(first) == CHUNK
    assert LONGEST_ROWS * 441 == CHUNK
    # What a voice keeps is what it has rendered too much, and that is less than a row.
    assert len(voice._rest) < 441
    assert np.abs(last_but_one.render(CHUNK)).max() > 0.0
    last_but_one.render(10)
    assert last_but_one.ended
    assert not last_but_one.render(100).any()


def test_volume_is_the_peak() -> None:
    quiet = msgspec.structs.replace(BOWL, volume=0.25)
    measured = measure_clip(quiet)

    clip = whole(render_clip(quiet, measured.gain))

    assert np.abs(clip).max() == pytest.approx(0.25, rel=1e-5)
    assert measured.peak == pytest.approx(0.25)


def test_a_clip_of_no_volume_is_silent() -> None:
    mute = msgspec.structs.replace(BOWL, volume=0.0)

    assert measure_clip(mute).loudness is None
    assert not whole(render_clip(mute)).any()


def test_a_loudness_is_reached_where_the_peak_allows_it() -> None:
    soft = measure_clip(msgspec.structs.replace(BOWL, normalise_lufs=-23.0))
    loud = measure_clip(msgspec.structs.replace(BOWL, normalise_lufs=0.0))

    assert soft.loudness == pytest.approx(-23.0, abs=1e-6)
    assert soft.peak < 0.8
    assert loud.peak == pytest.approx(0.8)


def test_gain_without_a_known_loudness_is_by_peak() -> None:
    told = msgspec.structs.replace(BOWL, normalise_lufs=-23.0)

    assert gain_for(told, 0.5, None) == pytest.approx(1.6)
    assert gain_for(told, 0.0, None) == 0.0


@pytest.mark.parametrize("config", EVERY)
@pytest.mark.parametrize("seed", [0, 3])
def test_a_live_voice_is_never_above_full_scale(config: SoundConfig, seed: int) -> None:
    loudest = msgspec.structs.replace(
        config, volume=1.0, harmonic_strength=1.0, modulation_depth=1.0, seed=seed
    )

    assert np.abs(make_voice(loudest).render(20 * SFREQ)).max() <= 1.0 + 1e-6


@pytest.mark.parametrize("at", [1, 100, 1000])
def test_a_voice_that_begins_within_a_row_has_its_gain_from_the_first_sample(
    at: int,
) -> None:
    later, loud = (make_voice(tone(440.0), at=at, gain=gain) for gain in (0.3, 1.0))

    assert later.render(900) == pytest.approx(0.3 * loud.render(900), abs=1e-6)

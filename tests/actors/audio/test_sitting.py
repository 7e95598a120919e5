"""A sitting's sound: led by what drives the pictures, consonant, quiet where none do."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from actors.audio.melody import DEGREES, NOTES_HZ, PITCH_SETS, TONIC_HZ, scale_of
from actors.audio.score import (
    PARAMETERS,
    WAITING,
    music_from,
    music_of,
    vector_of,
)
from actors.audio.sitting import TAU_S, SittingVoice
from protocols.meaning import Meaning, MoodAxis
from protocols.sound import SFREQ
from tests.actors.audio.measuring import roughest


def axis(value: float) -> MoodAxis:
    return MoodAxis(value=value, confidence=1.0, formula="", source="")


def meaning(
    arousal: float = 0.0,
    valence: float = 0.0,
    motion: float = 0.5,
    *,
    confidence: float = 1.0,
    driven: bool = True,
    **features: float,
) -> Meaning:
    return Meaning(
        captured_at=0.0,
        arousal=axis(arousal),
        valence=axis(valence),
        concepts=(),
        causes=(),
        prompt="",
        palette=(),
        motion=motion,
        confidence=confidence,
        driven=driven,
        features=features,
    )


def played(told: Meaning, seconds: int, seed: int = 1) -> np.ndarray:
    voice = SittingVoice(seed)
    voice.steer(told)
    return np.concatenate([voice.render(4410) for _ in range(10 * seconds)])


def strokes(sound: np.ndarray) -> int:
    """Count sudden rises of the bells' band."""
    above = np.abs(np.diff(sound[:, 0], 2)) + np.abs(np.diff(sound[:, 1], 2))
    loud = above[: above.size // 882 * 882].reshape(-1, 882).max(axis=1)
    return int(np.count_nonzero(loud[1:] > 1.25 * loud[:-1]))


def test_arousal_makes_strokes_denser_and_brighter() -> None:
    calm, awake = (music_of(meaning(arousal=a)) for a in (-0.9, 0.9))

    assert 4.0 <= calm.strokes_a_minute < awake.strokes_a_minute <= 24.0
    assert calm.brightness < awake.brightness


def test_valence_goes_from_dark_to_bright_pitch_sets() -> None:
    lights = [music_of(meaning(valence=v)).light for v in (-0.9, -0.3, 0.3, 0.9)]

    assert [scale_of(light, int(k == 0)) for k, light in enumerate(lights)] == [0, 1, 2, 3]


def test_motion_makes_the_drone_breathe_faster_and_deeper() -> None:
    still, lively = (music_of(meaning(motion=m)) for m in (0.0, 1.0))

    assert still.breath_hz < lively.breath_hz
    assert still.breath_depth < lively.breath_depth


def test_slow_waves_draw_notes_down_and_fast_ones_make_them_bright() -> None:
    usual = music_of(meaning())

    assert music_of(meaning(z_theta=2.0, z_delta=2.0)).height < usual.height
    assert music_of(meaning(z_beta=2.0, z_gamma=2.0)).brightness > usual.brightness


def test_confidence_is_how_loud_it_is() -> None:
    unsure, sure = (music_of(meaning(confidence=c)) for c in (0.1, 0.9))

    assert unsure.level < sure.level


def test_where_nothing_drives_it_waits_whatever_the_figures_are() -> None:
    assert music_of(meaning(arousal=0.9, driven=False)) == WAITING


def test_figures_beyond_their_range_are_brought_into_it() -> None:
    wild = music_of(meaning(9.0, -9.0, 9.0, confidence=9.0, z_delta=99.0, z_theta=99.0))

    assert (wild.level, wild.light, wild.height) == (1.0, -1.0, 0.0)
    assert wild.strokes_a_minute == 24.0


def test_parameters_survive_as_a_vector() -> None:
    music = music_of(meaning(0.3, -0.2))

    assert len(vector_of(music)) == len(PARAMETERS)
    assert music_from(vector_of(music)) == music


def test_notes_are_of_five_and_in_just_intonation() -> None:
    for notes in PITCH_SETS:
        assert len(notes) == len(set(notes)) == 5
        assert 1 in notes
        assert Fraction(3, 2) in notes
        for low, high in itertools.pairwise(notes):
            assert high / low >= Fraction(10, 9)  # never a semitone
    assert len(NOTES_HZ) == 2 * len(DEGREES)
    assert NOTES_HZ.min() == pytest.approx(2 * TONIC_HZ)


def test_a_light_that_trembles_on_a_border_does_not_turn_the_set() -> None:
    now = 1
    for light in (0.02, -0.02, 0.03, -0.03):
        now = scale_of(light, now)

    assert now == 1
    assert scale_of(0.2, now) == 2


def test_it_is_near_silence_where_nothing_drives() -> None:
    sound = played(meaning(driven=False), 10)

    assert 0.0 < np.abs(sound).max() < 0.02
    assert strokes(sound[5 * SFREQ :]) == 0


def test_a_driven_sitting_is_heard_and_goes_quiet_again() -> None:
    voice = SittingVoice(1)
    voice.steer(meaning(arousal=0.5))
    driven = voice.render(20 * SFREQ)
    voice.steer(meaning(driven=False))
    voice.render(50 * SFREQ)

    assert driven[10 * SFREQ :].std() > 0.05
    assert np.abs(voice.render(SFREQ)).max() < 0.02


def test_a_wider_awake_sitting_has_more_strokes() -> None:
    calm, awake = (strokes(played(meaning(arousal=a), 40)) for a in (-0.9, 0.9))

    assert awake > 1.5 * calm


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_never_passes_full_scale_at_its_loudest(seed: int) -> None:
    wild = meaning(1.0, 1.0, 1.0, z_beta=2.5, z_gamma=2.5)

    assert np.abs(played(wild, 60, seed)).max() <= 1.0


def test_it_follows_over_seconds_and_never_jumps() -> None:
    voice = SittingVoice(1)
    voice.steer(meaning(arousal=-0.9))
    voice.render(20 * SFREQ)
    low = voice.music.brightness
    voice.steer(meaning(arousal=0.9))
    high = music_of(meaning(arousal=0.9)).brightness
    voice.render(round(TAU_S * SFREQ))

    assert (voice.music.brightness - low) / (high - low) == pytest.approx(0.632, abs=0.01)


def test_being_steered_to_and_fro_does_not_click() -> None:
    voice = SittingVoice(1)
    voice.steer(meaning(arousal=-1.0))
    steady = roughest(np.concatenate([voice.render(4410) for _ in range(100)]))
    blocks = []
    for number in range(100):
        voice.steer(meaning(arousal=-1.0, motion=number % 2, driven=number % 3 > 0))
        blocks.append(voice.render(4410))

    assert roughest(np.concatenate(blocks)) < 1.5 * steady


def test_it_begins_in_silence() -> None:
    voice = SittingVoice(1)
    voice.steer(meaning())

    assert voice.starts_silent
    assert np.abs(voice.render(1)).max() < 1e-6


@pytest.mark.parametrize("size", [1000, 4410, 44_100])
def test_the_size_of_blocks_does_not_matter(size: int) -> None:
    def in_blocks(count: int) -> np.ndarray:
        voice = SittingVoice(4)
        voice.steer(meaning(0.8, 0.3))
        parts = [voice.render(count) for _ in range(10 * SFREQ // count)]
        assert voice.position == 10 * SFREQ // count * count
        return np.concatenate(parts)

    one, other = in_blocks(size), in_blocks(441_000)
    assert np.abs(one - other[: len(one)]).max() < 1e-6


def test_the_same_seed_and_meanings_are_the_same_sound() -> None:
    one, same, other = (played(meaning(0.5), 10, seed) for seed in (7, 7, 8))

    assert np.array_equal(one, same)
    assert not np.allclose(one, other, atol=1e-3)

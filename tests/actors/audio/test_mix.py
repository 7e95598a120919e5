"""The mixer: whatever begins, changes or stops does so without a click."""

import msgspec
import numpy as np
import pytest

from actors.audio.clip import measure_clip, render_clip
from actors.audio.mix import Mixer
from actors.audio.ramp import FADE, RISE, Ramp
from actors.audio.sitting import SittingVoice
from protocols.sound import FADE_S, SFREQ, SoundConfig
from tests.actors.audio.measuring import level_of, roughest, strongest_hz, tone, whole

BOWL = SoundConfig(frequency=136.1, duration=3.0)
BEND = 0.5 * (np.pi / FADE) ** 2
"""What a raised-cosine fade adds to the roughness of a sound of amplitude 1."""


def sounding(config: SoundConfig, seconds: int = 1) -> Mixer:
    mixer = Mixer()
    mixer.start(config)
    mixer.render(seconds * SFREQ)
    return mixer


def test_a_fade_takes_50_milliseconds_and_is_a_raised_cosine() -> None:
    assert FADE / SFREQ == FADE_S
    assert RISE[-1] == 1.0
    assert RISE[FADE // 2] == pytest.approx(0.5, abs=1e-3)


def test_a_ramp_that_is_sent_back_goes_from_where_it_is() -> None:
    ramp = Ramp(0.0)
    ramp.go(1.0)
    up = ramp.take(FADE // 2)
    ramp.go(0.0)
    down = ramp.take(FADE + 10)

    both = np.concatenate([up, down])
    assert np.abs(np.diff(both)).max() < 1.01 * np.pi / 2 / FADE
    assert down[-1] == 0.0
    assert ramp.still


def test_nothing_sounds_before_it_is_told_to() -> None:
    mixer = Mixer()

    assert mixer.ended
    assert not mixer.playing
    assert not mixer.render(100).any()


@pytest.mark.parametrize("size", [97, 4410])
def test_a_tone_that_starts_and_is_stopped_does_not_click(size: int) -> None:
    mixer = Mixer()
    mixer.start(tone(440.0))
    on = [mixer.render(size) for _ in range(SFREQ // size)]
    mixer.stop()
    off = [mixer.render(size) for _ in range(SFREQ // size)]
    heard = np.concatenate([np.zeros((5, 2)), *on, *off])

    steady = roughest(heard[SFREQ // 4 : SFREQ // 2])
    assert roughest(heard) < 1.05 * steady + BEND
    last = np.flatnonzero(heard.any(axis=1))[-1]
    assert last <= 5 + len(on) * size + FADE
    assert mixer.ended
    assert not mixer.playing


@pytest.mark.parametrize(
    "changes",
    [
        {"frequency": 523.0},
        {"volume": 0.1},
        {"harmonic_strength": 1.0},
        {"modulation_depth": 1.0},
    ],
)
def test_a_change_does_not_click(changes: dict[str, float]) -> None:
    before, after = tone(440.0), tone(**({"frequency": 440.0} | changes))
    mixer = sounding(before)

    one = mixer.render(SFREQ // 2)
    mixer.change(after)
    other = mixer.render(SFREQ)

    steady = max(roughest(one), roughest(other[2 * FADE :]))
    assert roughest(np.concatenate([one, other])) < 1.05 * steady + BEND
    assert mixer.config == after


def test_a_changed_frequency_is_heard_after_the_fade() -> None:
    mixer = sounding(tone(440.0))
    mixer.change(tone(523.0))
    mixer.render(FADE)

    assert strongest_hz(mixer.render(SFREQ)[:, 0], 300.0, 700.0) == pytest.approx(
        523.0, abs=0.1
    )


def test_a_change_of_volume_alone_changes_nothing_else() -> None:
    told = msgspec.structs.replace(BOWL, volume=0.4)
    one, other = sounding(BOWL), sounding(BOWL)
    other.change(told)
    one.render(FADE)
    other.render(FADE)

    assert other.render(SFREQ) == pytest.approx(0.5 * one.render(SFREQ), abs=1e-6)


def test_a_bowl_that_is_changed_is_not_struck_anew() -> None:
    mixer = sounding(BOWL, 3)
    before = level_of(mixer.render(SFREQ // 2)[:, 0], 136.1)

    mixer.change(msgspec.structs.replace(BOWL, harmonic_strength=0.31))
    after = level_of(mixer.render(SFREQ // 2)[:, 0], 136.1)

    assert after == pytest.approx(before, rel=0.1)
    assert mixer.position == 4 * SFREQ


def test_changes_that_come_faster_than_they_fade_do_not_click_nor_pile_up() -> None:
    mixer = sounding(tone(440.0))
    blocks = []
    for number in range(40):
        mixer.change(tone(440.0 + 3.0 * number))
        mixer.change(tone(441.0 + 3.0 * number))
        blocks.append(mixer.render(500))

    heard = np.concatenate(blocks)
    steady = 0.8 * (2 * np.pi * 560.0 / SFREQ) ** 2
    # A fade that is turned round has a corner: its steepest slope, at most, from both.
    corner = 0.8 * 2 * np.pi / 2 / FADE
    assert roughest(heard) < steady + 2 * BEND + corner
    assert np.abs(heard).max() <= 0.8 + 1e-5
    assert len(mixer._parts) <= FADE // 500 + 2


def test_another_sound_takes_over_by_a_fade() -> None:
    mixer = sounding(tone(440.0))
    mixer.start(BOWL)
    heard = mixer.render(SFREQ)

    assert np.abs(heard).max() <= 1.0
    assert level_of(heard[2 * FADE :, 0], 440.0) < 0.01
    assert mixer.config == BOWL


@pytest.mark.parametrize("config", [BOWL, tone(440.0, duration=3.0)])
def test_a_clip_that_is_played_is_the_clip(config: SoundConfig) -> None:
    gain = measure_clip(config).gain
    mixer = Mixer()
    mixer.start_clip(config, gain)

    heard = np.concatenate([mixer.render(4410) for _ in range(40)])

    clip = whole(render_clip(config, gain))
    assert np.abs(heard[: len(clip)] - clip).max() < 1e-6
    assert not heard[len(clip) :].any()
    assert mixer.ended
    assert mixer.config is None


def test_a_clip_that_is_changed_keeps_its_end() -> None:
    mixer = Mixer()
    mixer.start_clip(BOWL, 0.5)
    mixer.render(SFREQ)
    mixer.change(msgspec.structs.replace(BOWL, frequency=200.0, duration=99.0))

    rest = mixer.render(3 * SFREQ)

    last = np.flatnonzero(rest.any(axis=1))[-1]
    assert 2 * SFREQ - 10 <= last < 2 * SFREQ
    assert mixer.ended


def test_a_change_where_nothing_sounds_does_nothing() -> None:
    mixer = Mixer()
    mixer.change(BOWL)

    assert mixer.ended


def test_a_voice_that_is_stopped_before_it_was_heard_is_gone() -> None:
    mixer = Mixer()
    mixer.start(tone(440.0))
    mixer.stop()

    assert not mixer.render(SFREQ).any()
    assert mixer.ended


def test_a_sitting_plays_like_any_other_sound() -> None:
    mixer = Mixer()
    mixer.play(SittingVoice(1))
    heard = mixer.render(5 * SFREQ)

    assert mixer.playing
    assert 0.0 < np.abs(heard).max() < 0.05
    mixer.change(BOWL)
    assert mixer.config is None

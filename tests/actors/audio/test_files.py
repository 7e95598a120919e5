"""Sound files are whole, exact, pure, and within the space that they may take."""

import os
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from actors.audio.clip import measure_clip, render_clip, samples_of
from actors.audio.files import KINDS, FileFormat, SoundFileError, SoundShelf
from protocols.sound import SFREQ, ClipFile, ClipView, SoundConfig
from tests.actors.audio.measuring import strongest_hz, tone

ROOM = 10**9
EVERY: tuple[FileFormat, ...] = ("wav", "flac", "ogg")


def clip_of(config: SoundConfig, name: str = "clip_a") -> ClipView:
    measured = measure_clip(config)
    return ClipView(
        id=name,
        config=config,
        samples=samples_of(config),
        peak=measured.peak,
        loudness_lufs=measured.loudness,
        gain=measured.gain,
        took_s=0.0,
    )


def written(shelf: SoundShelf, clip: ClipView, kind: FileFormat) -> ClipFile:
    writer = shelf.begin(clip, kind)
    for chunk in render_clip(clip.config, clip.gain):
        writer.write(chunk)
    file = writer.finish()
    shelf.make_room(file)
    return file


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("duration", [0.1, 1.0, 2.50003])
def test_a_file_has_exactly_the_samples_of_its_clip(
    tmp_path: Path, kind: FileFormat, duration: float
) -> None:
    clip = clip_of(tone(duration=duration))

    file = written(SoundShelf(tmp_path, quota_bytes=ROOM), clip, kind)

    told = soundfile.info(file.path)
    assert told.frames == clip.samples == round(duration * SFREQ)
    assert (told.samplerate, told.channels) == (SFREQ, 2)
    assert told.subtype == KINDS[kind].subtype
    assert file.size == Path(file.path).stat().st_size
    assert file.mime == KINDS[kind].mime


@pytest.mark.parametrize(("kind", "step"), [("wav", 2.0**-15), ("flac", 2.0**-23)])
def test_what_is_read_is_what_was_rendered_to_one_step(
    tmp_path: Path, kind: FileFormat, step: float
) -> None:
    clip = clip_of(SoundConfig(frequency=136.1, duration=1.5))

    file = written(SoundShelf(tmp_path, quota_bytes=ROOM), clip, kind)

    samples, _ = soundfile.read(file.path, dtype="float32")
    rendered = np.concatenate(list(render_clip(clip.config, clip.gain)))
    assert np.abs(samples - rendered).max() <= step


@pytest.mark.parametrize("hz", [100.0, 997.0, 6000.0])
def test_a_plain_tone_is_pure_to_90_decibels_in_a_file_of_16_bits(
    tmp_path: Path, hz: float
) -> None:
    clip = clip_of(tone(hz, duration=3.0, volume=0.8))

    file = written(SoundShelf(tmp_path, quota_bytes=ROOM), clip, "wav")

    samples, _ = soundfile.read(file.path, dtype="float64")
    left = samples[SFREQ : 2 * SFREQ, 0]
    # A sine of known frequency is taken away (least squares); what is left is all else.
    turns = 2.0 * np.pi * hz * np.arange(left.size) / SFREQ
    basis = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    found, *_ = np.linalg.lstsq(basis, left, rcond=None)
    rest = left - basis @ found
    ratio = np.sqrt(np.mean(rest**2)) / np.sqrt(np.mean((basis @ found) ** 2))
    assert 20.0 * np.log10(ratio) <= -90.0


def test_an_ogg_file_sounds_as_it_should(tmp_path: Path) -> None:
    clip = clip_of(tone(440.0, duration=2.0))

    file = written(SoundShelf(tmp_path, quota_bytes=ROOM), clip, "ogg")

    samples, _ = soundfile.read(file.path, dtype="float64")
    assert strongest_hz(samples[:, 0], 50.0, 5000.0) == pytest.approx(440.0, abs=0.1)


def test_a_file_has_its_name_only_once_it_is_whole(tmp_path: Path) -> None:
    shelf = SoundShelf(tmp_path, quota_bytes=ROOM)
    clip = clip_of(tone(duration=1.0))

    writer = shelf.begin(clip, "wav")
    for chunk in render_clip(clip.config, clip.gain):
        writer.write(chunk)
        assert shelf.find(clip, "wav") is None
    file = writer.finish()

    assert shelf.find(clip, "wav") == file
    assert names(tmp_path) == ["clip_a.wav"]


def test_a_file_that_lacks_samples_is_not_given_its_name(tmp_path: Path) -> None:
    shelf = SoundShelf(tmp_path, quota_bytes=ROOM)
    clip = clip_of(tone(duration=3.0))
    writer = shelf.begin(clip, "wav")
    writer.write(next(render_clip(clip.config, clip.gain)))

    with pytest.raises(SoundFileError, match="44100 of 132300 samples"):
        writer.finish()

    assert names(tmp_path) == []


def test_the_oldest_files_make_room(tmp_path: Path) -> None:
    config = tone(duration=1.0)  # 176 kB as WAV
    shelf = SoundShelf(tmp_path, quota_bytes=400_000)

    for number in range(4):
        file = written(shelf, clip_of(config, f"clip_{number}"), "wav")
        os.utime(file.path, ns=(number, number))

    assert names(tmp_path) == ["clip_2.wav", "clip_3.wav"]


def test_a_file_larger_than_all_the_room_is_refused_and_costs_no_other(
    tmp_path: Path,
) -> None:
    shelf = SoundShelf(tmp_path, quota_bytes=200_000)
    written(shelf, clip_of(tone(duration=1.0), "clip_small"), "wav")

    with pytest.raises(SoundFileError, match="sounds_quota_mib"):
        written(shelf, clip_of(tone(duration=3.0), "clip_large"), "wav")

    assert names(tmp_path) == ["clip_small.wav"]


def test_a_file_in_the_folders_place_is_an_error_that_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "sounds"
    folder.touch()
    clip = clip_of(tone(duration=0.2))

    with pytest.raises(SoundFileError):
        SoundShelf(folder, quota_bytes=ROOM).begin(clip, "wav")
    assert SoundShelf(folder, quota_bytes=ROOM).find(clip, "wav") is None


def test_a_place_that_cannot_be_written_is_an_error_that_says_so(tmp_path: Path) -> None:
    clip = clip_of(tone(duration=0.2))
    (tmp_path / f"{clip.id}.wav.part").mkdir()

    with pytest.raises(SoundFileError):
        SoundShelf(tmp_path, quota_bytes=ROOM).begin(clip, "wav")


def test_clearing_takes_sound_files_and_nothing_else(tmp_path: Path) -> None:
    shelf = SoundShelf(tmp_path / "sounds", quota_bytes=ROOM)
    shelf.clear()  # there is none yet
    clip = clip_of(tone(duration=0.2))
    for kind in EVERY:
        written(shelf, clip, kind)
    shelf.begin(msgspec.structs.replace(clip, id="clip_b"), "wav")
    (tmp_path / "sounds" / "notes.txt").touch()

    shelf.clear()

    assert names(tmp_path / "sounds") == ["notes.txt"]

"""The synth plays in time, to whoever hears it, and across its own crashes."""

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from actors.audio.actor import OPENING_S
from actors.audio.jobs import MOST, PATIENCE_S
from actors.audio.levels import GRACE_S
from actors.audio.timeline import MOST_OVERDUE
from protocols.sound import (
    BLOCK,
    FADE_S,
    PCM_MAGIC,
    SFREQ,
    ChangeSound,
    ClipFile,
    CloseOutput,
    Encode,
    Encoded,
    Generate,
    OpenOutput,
    OutputChanged,
    OutputView,
    Play,
    Playing,
    ReadClip,
    Render,
    Rendered,
    SittingMeant,
    SoundBlock,
    SoundConfig,
    SoundRefused,
    StartVoice,
    StopSound,
    StopVoice,
    StudioReady,
)
from protocols.time import Tick
from tests.actors.audio.measuring import strongest_hz, tone
from tests.actors.audio.synth_bench import WAIT_S, Bench, clip_of, joined, living
from tests.meanings import meaning

LONG = tone(440.0, duration=60.0, volume=0.5)
FADE = round(FADE_S * SFREQ)


@pytest.fixture
def bench() -> Iterator[Bench]:
    yield from living()


def code_of(answer: object) -> str:
    assert isinstance(answer, SoundRefused)
    assert answer.reason
    return answer.code


def output(level: int, state: str, reason: str = "") -> OutputChanged:
    told = {"level": level, "device": "a device", "state": state, "reason": reason}
    return OutputChanged(msgspec.convert(told, OutputView))


# -- generate, play, stop ------------------------------------------------------------------


def test_before_anything_was_generated_there_is_nothing_to_play(bench: Bench) -> None:
    assert code_of(bench.ask(Play(level=2))) == "NO_AUDIO"
    assert code_of(bench.ask(ReadClip(format="wav"))) == "NO_AUDIO"

    view = bench.view()

    assert (view.clip, view.playing, view.position_s) == (None, False, 0.0)
    assert view.spectrum == (0.0,) * 64
    assert [one.level for one in view.outputs] == [2, 3]


def test_what_is_generated_does_not_sound_before_it_is_played(bench: Bench) -> None:
    clip = bench.generate(LONG)
    bench.listen()
    bench.tick(3)

    assert bench.view().clip == clip
    assert not bench.view().playing
    assert bench.frames() == []


def test_a_played_tone_is_streamed_in_blocks_without_a_gap(bench: Bench) -> None:
    bench.play(LONG)
    bench.listen()
    bench.tick(20)

    frames = bench.frames()

    assert len(frames) == 20
    assert [frame.sequence for frame in frames] == list(range(1, 21))
    assert all((f.magic, f.sfreq) == (PCM_MAGIC, SFREQ) for f in frames)
    assert all(frame.pcm.shape == (BLOCK, 2) for frame in frames)
    sound = joined(frames)
    assert strongest_hz(sound[BLOCK:], 50.0, 5000.0) == pytest.approx(440.0, abs=0.1)
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.001)


def test_a_block_says_when_its_first_sample_is_due(bench: Bench) -> None:
    bench.play(LONG)
    bench.listen()
    began_at = 100.0  # of the run, and of sample 0
    bench.tick(3)

    for frame in bench.frames():
        at = began_at + frame.first / SFREQ
        assert frame.unix == pytest.approx(bench.clock.unix(at), abs=1e-6)
    due_s = bench.clock.now() - began_at
    assert bench.view().position_s == pytest.approx(0.3)
    assert due_s == pytest.approx(0.3)


def test_a_clip_ends_by_itself(bench: Bench) -> None:
    bench.play(tone(440.0, duration=0.25))
    bench.listen()
    bench.tick(2)
    assert bench.view().playing

    bench.tick(2)

    assert not bench.view().playing
    sound = joined(bench.frames())
    assert not sound[round(0.25 * SFREQ) :].any()
    assert sound[round(0.2 * SFREQ) - 200 : round(0.2 * SFREQ)].any()


def test_stop_fades_within_50_ms_and_does_not_click(bench: Bench) -> None:
    bench.play(LONG)
    bench.listen()
    bench.tick(5)

    view = bench.ask(StopSound())
    bench.tick(2)

    assert not view.playing
    sound = joined(bench.frames()[:6])
    stopped = 5 * BLOCK
    assert not sound[stopped + FADE :].any()
    assert np.abs(sound[stopped : stopped + FADE // 2]).max() > 0.2
    # No step is larger than the tone's own, at its peak.
    assert np.abs(np.diff(sound)).max() <= 0.5 * 2 * np.pi * 440.0 / SFREQ * 1.01


def test_the_spectrum_is_of_what_sounds_and_zeros_in_silence(bench: Bench) -> None:
    bench.play(LONG)
    bench.tick(3)
    heard = bench.view().spectrum
    assert max(heard) > 0.8
    assert heard.index(max(heard)) == int(64 * np.log10(440.0 / 20.0) / 3.0)
    assert bench.ear.all()[-1].bins == heard

    bench.ask(StopSound())
    bench.tick(2)

    assert bench.view().spectrum == (0.0,) * 64
    assert bench.ear.all()[-1].bins == (0.0,) * 64
    bench.tick(3)
    assert bench.ear.all() == []  # silence is told once


def test_a_change_is_heard_and_said(bench: Bench) -> None:
    bench.play(LONG)
    bench.listen()
    bench.tick(3)

    view = bench.ask(ChangeSound(frequency=660.0))
    bench.tick(10)

    assert view.config is not None
    assert view.config.frequency == 660.0
    sound = joined(bench.frames())[-5 * BLOCK :]
    assert strongest_hz(sound, 50.0, 5000.0) == pytest.approx(660.0, abs=0.2)


def test_a_change_in_silence_is_how_it_is_played_next(bench: Bench) -> None:
    bench.generate(LONG)
    bench.listen()
    bench.ask(ChangeSound(volume=0.1))

    bench.ask(Play(level=3))
    bench.tick(5)

    assert np.abs(joined(bench.frames())).max() == pytest.approx(0.1, abs=0.001)
    assert bench.generate(tone(300.0)).config.volume != 0.1
    assert bench.view().clip is not None


def test_a_new_clip_does_not_disturb_what_sounds(bench: Bench) -> None:
    first = bench.play(LONG)
    bench.listen()
    bench.tick(3)

    second = bench.generate(tone(880.0, duration=5.0))
    bench.tick(5)

    assert bench.view().clip == second != first
    sound = joined(bench.frames())[-3 * BLOCK :]
    assert strongest_hz(sound, 50.0, 5000.0) == pytest.approx(440.0, abs=0.3)


def test_the_newest_order_decides_what_is_to_be_played(bench: Bench) -> None:
    answers = [bench.put(Generate(tone(hz))) for hz in (100.0, 200.0)]
    orders = [bench.studio.next(), bench.studio.next()]
    for order in reversed(orders):
        assert isinstance(order, Render)
        bench.tell(Rendered(job=order.job, clip=clip_of(order)))

    clip = bench.view().clip

    assert clip is not None
    assert clip.config.frequency == 200.0
    given = [answer.get(timeout=WAIT_S).config.frequency for answer in answers]
    assert given == [100.0, 200.0]


def test_the_same_sound_has_the_same_id(bench: Bench) -> None:
    same, other = LONG, msgspec.structs.replace(LONG, seed=1)

    ids = [bench.generate(config).id for config in (LONG, same, other)]

    assert ids[0] == ids[1] != ids[2]


# -- the studio ----------------------------------------------------------------------------


def test_what_the_studio_cannot_render_is_refused_with_its_reason(bench: Bench) -> None:
    answer = bench.put(Generate(LONG))
    order = bench.studio.next()
    assert isinstance(order, Render)

    bench.tell(Rendered(job=order.job, clip=None, error="it rained"))

    refused = answer.get(timeout=WAIT_S)
    assert code_of(refused) == "AUDIO_GENERATION_FAILED"
    assert refused.reason == "it rained"


def test_a_new_studio_is_given_its_orders_again_but_not_for_ever(bench: Bench) -> None:
    answer = bench.put(Generate(LONG))
    order = bench.studio.next()

    bench.tell(StudioReady())
    assert bench.studio.next() == order
    bench.tell(StudioReady())

    assert code_of(answer.get(timeout=WAIT_S)) == "AUDIO_GENERATION_FAILED"
    assert bench.studio.all() == []


def test_who_waits_too_long_is_told_so(bench: Bench) -> None:
    bench.tick()
    answer = bench.put(Generate(LONG))
    bench.studio.next()

    bench.clock.advance(PATIENCE_S + 1.0)
    bench.tick()

    assert code_of(answer.get(timeout=WAIT_S)) == "AUDIO_GENERATION_FAILED"


def test_more_orders_than_may_wait_are_refused_at_once(bench: Bench) -> None:
    waiting = [bench.put(Generate(tone(100.0 + n))) for n in range(MOST)]

    assert code_of(bench.ask(Generate(LONG))) == "AUDIO_UNAVAILABLE"
    assert not any(answer.is_done() for answer in waiting)


def test_several_who_want_the_same_file_get_the_same_one(bench: Bench) -> None:
    clip = bench.generate(LONG)
    answers = [bench.put(ReadClip(format="ogg")) for _ in range(3)]
    bench.view()
    order = bench.studio.next()
    assert isinstance(order, Encode)
    assert bench.studio.all() == []

    file = ClipFile(path="a.ogg", mime="audio/ogg", size=1, clip=clip)
    bench.tell(Encoded(job=order.job, file=file))

    assert [answer.get(timeout=WAIT_S) for answer in answers] == [file] * 3


def test_a_file_that_the_disk_does_not_take_is_refused_with_the_reason(
    bench: Bench,
) -> None:
    bench.generate(LONG)
    answer = bench.put(ReadClip(format="wav"))
    order = bench.studio.next()
    assert isinstance(order, Encode)

    bench.tell(Encoded(job=order.job, file=None, error="no space left"))

    refused = answer.get(timeout=WAIT_S)
    assert (code_of(refused), refused.reason) == ("STORAGE_UNAVAILABLE", "no space left")


# -- outputs -------------------------------------------------------------------------------


def test_an_output_that_is_none_is_not_waited_for(bench: Bench) -> None:
    bench.generate(LONG)

    playing = bench.ask(Play(level=3))

    assert isinstance(playing, Playing)
    assert (playing.level, playing.output.state) == (3, "none")
    assert bench.outputs[3].all() == [OpenOutput()]
    bench.tick(3)
    assert bench.outputs[3].all() == []  # nothing is sent where nobody is


def test_who_plays_waits_for_the_device_to_open_and_the_sound_does_not(
    bench: Bench,
) -> None:
    bench.tell(output(2, "closed"))
    bench.generate(LONG)
    bench.listen()
    answer = bench.put(Play(level=2))
    bench.tell(output(2, "opening"))
    bench.tick(3)
    assert not answer.is_done()
    assert len(bench.frames()) == 3

    bench.tell(output(2, "playing"))

    assert answer.get(timeout=WAIT_S).output.state == "playing"


def test_a_device_that_does_not_open_in_time_is_said_to_be_opening(bench: Bench) -> None:
    bench.tell(output(2, "opening"))
    bench.generate(LONG)
    answer = bench.put(Play(level=2))

    bench.tick(round(OPENING_S / 0.1) + 2)

    assert answer.get(timeout=WAIT_S).output.state == "opening"


def test_a_device_that_fails_says_so_to_who_plays(bench: Bench) -> None:
    bench.tell(output(2, "closed"))
    bench.generate(LONG)
    answer = bench.put(Play(level=2))

    bench.tell(output(2, "failed", "no such device"))

    playing = answer.get(timeout=WAIT_S)
    assert (playing.output.state, playing.output.reason) == ("failed", "no such device")
    assert bench.view().playing


def test_an_output_gets_every_block_and_is_closed_after_a_while(bench: Bench) -> None:
    bench.tell(output(2, "playing"))
    bench.play(tone(440.0, duration=0.5, volume=0.5))
    grace = round(GRACE_S / 0.1)
    bench.tick(5 + grace + 3)

    told = bench.outputs[2].all()

    assert told[0] == OpenOutput()
    assert told[-1] == CloseOutput()
    blocks = [one for one in told if isinstance(one, SoundBlock)]
    firsts = [block.first_sample for block in blocks]
    assert firsts == list(range(firsts[0], firsts[0] + BLOCK * len(firsts), BLOCK))
    assert len(blocks) == 5 + grace
    assert not any(block.samples.flags.writeable for block in blocks)
    assert np.abs(blocks[2].samples).max() == pytest.approx(0.5, abs=0.001)
    assert not blocks[-1].samples.any()


def test_an_output_that_was_raised_anew_is_opened_again(bench: Bench) -> None:
    bench.tell(output(2, "playing"))
    bench.play(LONG)
    bench.tick(2)
    bench.outputs[2].all()

    bench.tell(output(2, "closed"))

    assert bench.outputs[2].all() == [OpenOutput()]


def test_voices_of_one_output_are_mixed_and_never_above_full_scale(bench: Bench) -> None:
    bench.tell(output(2, "playing"))
    loud = tone(440.0, duration=60.0, volume=1.0)
    bench.play(loud)
    bench.tell(StartVoice(session="sess_a", config=loud, level=2))
    bench.tick(20)

    blocks = [one for one in bench.outputs[2].all() if isinstance(one, SoundBlock)]

    peaks = [float(np.abs(block.samples).max()) for block in blocks]
    assert max(peaks) <= 1.0
    assert peaks[-1] > 0.9


def test_a_level_that_is_none_is_refused_and_named(bench: Bench) -> None:
    bench.generate(LONG)

    refused = bench.ask(Play(level=4))

    assert code_of(refused) == "INVALID_PARAMETER"
    assert refused.field == "level"
    assert "2 or 3" in refused.reason


# -- sessions ------------------------------------------------------------------------------


def test_a_session_sounds_for_who_listens_to_it_and_for_no_other(bench: Bench) -> None:
    bench.tell(StartVoice(session="sess_a", config=tone(300.0)))
    bench.tell(StartVoice(session="sess_b", config=tone(500.0)))
    bench.listen("sess_b")
    bench.tick(5)
    frames = bench.streams.all()

    assert {frame.topic for frame in frames} == {"sess_b"}
    assert bench.view().voices == ("sess_a", "sess_b")


def test_a_session_that_is_heard_late_is_where_it_would_be(bench: Bench) -> None:
    bench.tell(StartVoice(session="sess_a", config=tone(300.0)))
    bench.listen("sess_a")
    bench.tick(30)
    whole = joined(bench.frames("sess_a"))
    bench.listen("sess_a", 0)
    bench.tick(10)
    bench.listen("sess_a")
    bench.tick(5)

    later = bench.frames("sess_a")

    assert whole.any()
    assert later[0].first == 41 * BLOCK
    sound = joined(later)[BLOCK:]
    turns = 2 * np.pi * 300.0 / SFREQ
    n = np.arange(sound.size)
    phase_now = np.angle(np.sum(sound * np.exp(-1j * turns * (n + 41 * BLOCK))))
    before = whole[BLOCK:]
    n = np.arange(before.size)
    phase_then = np.angle(np.sum(before * np.exp(-1j * turns * (n + BLOCK))))
    assert np.exp(1j * phase_now) == pytest.approx(np.exp(1j * phase_then), abs=0.1)


def test_a_sitting_sounds_as_its_meanings_lead_it(bench: Bench) -> None:
    bench.tell(StartVoice(session="sess_a", config=None))
    bench.listen("sess_a")
    assert bench.ledger.follows("sess_a")
    for number in range(80):
        said = meaning(at=100.0 + number / 10)
        bench.tell(SittingMeant(session="sess_a", meaning=said))
        bench.tick()

    frames = bench.frames("sess_a")

    assert frames[-1].captured_at == pytest.approx(107.9)
    assert joined(frames).any()
    assert np.abs(joined(frames)).max() <= 1.0


def test_nobody_need_tell_the_meanings_of_a_sitting_that_nobody_hears(
    bench: Bench,
) -> None:
    bench.tell(StartVoice(session="sess_a", config=None))
    assert not bench.ledger.follows("sess_a")
    assert not bench.ledger.follows("sess_b")

    bench.tell(StartVoice(session="sess_a", config=None, level=2))

    assert bench.ledger.follows("sess_a")


def test_a_session_that_is_stopped_fades_and_is_gone(bench: Bench) -> None:
    bench.tell(StartVoice(session="sess_a", config=tone(300.0)))
    bench.listen("sess_a")
    bench.tick(3)

    bench.tell(StopVoice("sess_a"))
    bench.tell(StopVoice("sess_a"))
    bench.tick(3)

    assert bench.view().voices == ()
    frames = bench.frames("sess_a")
    assert len(frames) == 4
    assert not joined(frames)[3 * BLOCK + FADE :].any()


def test_who_is_started_again_goes_on(bench: Bench) -> None:
    order = StartVoice(session="sess_a", config=tone(300.0, volume=0.5))
    bench.tell(order)
    bench.listen("sess_a")
    bench.tick(5)

    bench.tell(order)
    bench.tick(5)

    sound = joined(bench.frames("sess_a"))[BLOCK:]
    assert np.abs(np.diff(sound)).max() <= 0.5 * 2 * np.pi * 300.0 / SFREQ * 1.02
    assert strongest_hz(sound, 50.0, 1000.0) == pytest.approx(300.0, abs=0.1)


def test_one_steady_session_is_seen_in_the_spectrum_while_nothing_else_sounds(
    bench: Bench,
) -> None:
    bench.tell(StartVoice(session="sess_a", config=tone(300.0)))
    bench.tick(3)

    assert max(bench.view().spectrum) > 0.5


# -- time ----------------------------------------------------------------------------------


def test_a_late_tick_makes_up_for_what_is_due(bench: Bench) -> None:
    bench.play(LONG)
    bench.listen()
    bench.tick(2)

    bench.clock.advance(0.3)
    bench.tell(Tick(bench.clock.now(), 7))

    assert len(bench.frames()) == 5
    assert bench.view().skipped == 0


def test_what_is_long_overdue_is_a_gap_and_the_sound_is_where_it_should_be(
    bench: Bench,
) -> None:
    bench.play(LONG)
    bench.listen()
    bench.tick(2)
    late = MOST_OVERDUE + 5

    bench.clock.advance(late * 0.1)
    bench.tell(Tick(bench.clock.now(), 9))
    bench.tick(3)

    frames = bench.frames()
    assert bench.view().skipped == (late - 1) * BLOCK
    assert frames[2].first == frames[1].first + late * BLOCK
    assert strongest_hz(joined(frames[3:]), 50.0, 5000.0) == pytest.approx(440.0, abs=0.3)


# -- lives ---------------------------------------------------------------------------------


def test_what_sounds_goes_on_after_a_crash_where_it_would_be(bench: Bench) -> None:
    bench.play(LONG)
    bench.tell(StartVoice(session="sess_a", config=tone(300.0)))
    bench.listen()
    bench.listen("sess_a")
    bench.tick(5)
    bench.frames()

    bench.crash()
    bench.live()
    bench.tick(5)

    view = bench.view()
    assert view.playing
    assert view.position_s == pytest.approx(1.0)
    assert view.voices == ("sess_a",)
    frames = bench.frames()
    assert frames[0].first == 6 * BLOCK
    assert [frame.sequence for frame in frames] == [6, 7, 8, 9, 10]
    assert strongest_hz(joined(frames), 50.0, 5000.0) == pytest.approx(440.0, abs=0.3)


def test_who_asked_a_synth_that_crashed_is_not_left_waiting(bench: Bench) -> None:
    answer = bench.put(Generate(LONG))
    order = bench.studio.next()
    assert isinstance(order, Render)

    bench.crash()

    with pytest.raises(Exception, match="ended before it answered"):
        answer.get(timeout=WAIT_S)
    bench.live()
    bench.tell(Rendered(job=order.job, clip=clip_of(order)))  # of the life before
    assert bench.generate(tone(200.0)).config.frequency == 200.0


def test_a_voice_that_is_fatal_is_dropped_and_the_others_go_on(bench: Bench) -> None:
    bench.play(LONG)
    bench.listen("sess_bad")
    broken = SoundConfig(frequency=0.0, duration=1.0)  # the door lets none in
    bench.tell(StartVoice(session="sess_bad", config=broken))

    bench.clock.advance(0.1)
    bench.address.tell(Tick(bench.clock.now(), 1))
    bench.lives.next(WAIT_S)
    bench.live()
    bench.tick(3)

    assert bench.view().voices == ()
    assert bench.view().playing


def test_in_the_end_everything_fades(bench: Bench) -> None:
    bench.tell(output(2, "playing"))
    bench.play(LONG)
    bench.listen()
    bench.tick(5)

    bench.end()

    frames = bench.frames()
    assert len(frames) == 6
    last = joined(frames)[5 * BLOCK :]
    assert last[: FADE // 2].any()
    assert not last[FADE:].any()
    blocks = [one for one in bench.outputs[2].all() if isinstance(one, SoundBlock)]
    assert not blocks[-1].samples[FADE:].any()
    assert bench.ear.all()[-1].bins == (0.0,) * 64

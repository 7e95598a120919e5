"""Sound in the living tree: it is made in time, and goes on whoever falls."""

import itertools
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace

from protocols.sessions import (
    CreatePractice,
    CreateSession,
    PracticeSettings,
    PracticeView,
    SessionView,
    StartPractice,
    StopPractice,
    SwitchSound,
)
from protocols.sound import (
    BLOCK,
    MAIN,
    PCM_HEADER,
    ClipFile,
    ClipView,
    Generate,
    OutputView,
    Play,
    Playing,
    ReadClip,
    ReadSound,
    SoundConfig,
    SoundDemand,
    SoundView,
    StopSound,
)
from protocols.streams import StreamFrame
from protocols.supervision import DomainEvent
from tests.supervisors.living import POISON, SETTINGS, WAIT_S, Living

pytestmark = pytest.mark.slow

HEAD = struct.calcsize(PCM_HEADER)
BOWL = SoundConfig(frequency=136.1, duration=600.0)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    before = set(threading.enumerate())
    living = Living(tmp_path_factory.mktemp("data"))
    yield living
    living.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(5.0)
        assert not thread.is_alive(), f"{thread.name} was left behind"


@pytest.fixture(autouse=True)
def _nothing_is_left_behind() -> None:
    """The tree's fixture looks, once it has ended."""


@pytest.fixture
def bowl(tree: Living) -> Iterator[ClipView]:
    """A bowl that sounds, and is listened to."""
    clip = tree.ask(tree.board.synth, Generate(BOWL))
    assert isinstance(clip, ClipView)
    assert isinstance(tree.ask(tree.board.synth, Play(level=2)), Playing)
    tree.board.synth.tell(SoundDemand(voice=MAIN, listeners=1))
    yield clip
    tree.board.synth.tell(SoundDemand(voice=MAIN, listeners=0))
    tree.ask(tree.board.synth, StopSound())
    tree.frames.of("audio").all()


def view(tree: Living) -> SoundView:
    told = tree.ask(tree.board.synth, ReadSound())
    assert isinstance(told, SoundView)
    return told


def block(tree: Living, topic: str = "audio") -> tuple[int, float]:
    """The next block's first sample, and its peak."""
    frame = tree.frames.of(topic).next(WAIT_S)
    while frame.kind != "audio":
        frame = tree.frames.of(topic).next(WAIT_S)
    return first_of(frame), peak_of(frame)


def first_of(frame: StreamFrame) -> int:
    return int(struct.unpack(PCM_HEADER, frame.payload[:HEAD])[2])


def peak_of(frame: StreamFrame) -> float:
    samples = np.frombuffer(frame.payload[HEAD:], "<i2").astype(np.int32)
    assert samples.size == 2 * BLOCK
    return float(np.abs(samples).max()) / 32767.0


def until_loud(tree: Living, topic: str, above: float = 0.01) -> int:
    while True:
        first, peak = block(tree, topic)
        if peak > above:
            return first


def test_a_bowl_sounds_in_time(tree: Living, bowl: ClipView) -> None:
    firsts = [block(tree)[0] for _ in range(10)]

    assert bowl.samples == 600 * 44_100
    steps = {b - a for a, b in itertools.pairwise(firsts)}
    assert all(step % BLOCK == 0 for step in steps)  # a busy machine may leave a gap
    until_loud(tree, "audio", 0.1)
    assert view(tree).playing
    assert max(view(tree).spectrum) > 0.3


def test_a_bowl_goes_on_though_the_synth_falls(tree: Living, bowl: ClipView) -> None:
    before = until_loud(tree, "audio")

    tree.kill(tree.board.synth)

    tree.frames.of("audio").all()
    after = until_loud(tree, "audio")
    assert after > before
    assert (after - before) % BLOCK == 0
    assert view(tree).clip == bowl
    assert view(tree).playing


def test_who_waits_for_a_clip_gets_it_though_the_studio_falls(tree: Living) -> None:
    hour = SoundConfig(frequency=100.0, duration=3600.0)
    answer = tree.board.synth.ask(Generate(hour), timeout_s=WAIT_S)

    tree.kill(tree.board.studio)

    clip = answer.get(timeout=WAIT_S)
    assert isinstance(clip, ClipView)
    assert clip.samples == 3600 * 44_100
    assert view(tree).clip == clip


def test_a_studio_that_falls_again_and_again_is_waited_for_by_nobody(
    tree: Living,
) -> None:
    long = SoundConfig(frequency=100.0, duration=3600.0, seed=1)
    answer = tree.board.synth.ask(Generate(long), timeout_s=WAIT_S)

    tree.kill(tree.board.studio)
    tree.kill(tree.board.studio)

    told = answer.get(timeout=WAIT_S)
    # Whichever came first, the second fall or the end of the hour: nobody waits on.
    assert getattr(told, "code", "AUDIO_GENERATION_FAILED") == "AUDIO_GENERATION_FAILED"


def test_a_clip_is_had_as_a_file(tree: Living) -> None:
    config = SoundConfig(frequency=250.0, duration=2.0)
    assert isinstance(tree.ask(tree.board.synth, Generate(config)), ClipView)

    file = tree.ask(tree.board.synth, ReadClip(format="flac"))

    assert isinstance(file, ClipFile)
    assert soundfile.info(file.path).frames == 88_200
    assert Path(file.path).parent == tree.settings.data_dir.absolute() / "sounds"


def test_outputs_that_are_not_configured_say_so_in_each_life(tree: Living) -> None:
    def outputs() -> dict[int, OutputView]:
        return {one.level: one for one in view(tree).outputs}

    assert {one.state for one in outputs().values()} == {"none"}

    tree.kill(tree.board.outputs[2])

    assert {one.state for one in outputs().values()} == {"none"}


def test_a_sitting_sounds_by_what_its_brain_does(tree: Living) -> None:
    wish = CreateSession(replace(SETTINGS, sound=True))
    sitting = tree.ask(tree.board.sessions, wish)
    assert isinstance(sitting, SessionView)
    session = sitting.session
    tree.board.synth.tell(SoundDemand(voice=session, listeners=1))

    until_loud(tree, session)
    while True:  # driven: its frames bear the time of the samples that led them
        frame = tree.frames.of(session).next(WAIT_S)
        if frame.kind == "audio" and frame.captured_at > 0.0:
            break
    assert view(tree).voices == (session,)

    silent = tree.ask(tree.board.sessions, SwitchSound(session=session, sound=False))
    assert isinstance(silent, SessionView)
    assert view(tree).voices == ()
    tree.ask(tree.board.sessions, SwitchSound(session=session, sound=True))
    tree.frames.of(session).all()
    tree.board.synth.tell(SoundDemand(voice=session, listeners=1))
    until_loud(tree, session)

    tree.end(session)
    assert view(tree).voices == ()


def test_a_practice_sounds_from_its_start_to_its_end(tree: Living) -> None:
    settings = PracticeSettings(name="Morning", duration_s=60.0, frequency=256.0)
    made = tree.ask(tree.board.sessions, CreatePractice(settings=settings))
    assert isinstance(made, PracticeView)
    assert view(tree).voices == ()

    started = tree.ask(tree.board.sessions, StartPractice(made.session))
    assert isinstance(started, PracticeView)
    assert [(m.name, m.state) for m in started.modalities] == [("sound", "running")]
    tree.board.synth.tell(SoundDemand(voice=made.session, listeners=1))
    until_loud(tree, made.session)
    assert view(tree).voices == (made.session,)

    tree.ask(tree.board.sessions, StopPractice(made.session))
    assert view(tree).voices == ()


def test_a_practice_sounds_on_though_manager_and_synth_fall(tree: Living) -> None:
    settings = PracticeSettings(name="Evening", duration_s=600.0)
    made = tree.ask(tree.board.sessions, CreatePractice(settings=settings, start=True))
    assert isinstance(made, PracticeView)
    tree.board.synth.tell(SoundDemand(voice=made.session, listeners=1))
    until_loud(tree, made.session)

    tree.kill(tree.board.sessions)
    tree.kill(tree.board.synth)

    tree.frames.of(made.session).all()
    until_loud(tree, made.session)
    tree.ask(tree.board.sessions, StopPractice(made.session))
    assert view(tree).voices == ()


def test_poison_for_an_output_costs_the_sound_nothing(tree: Living, bowl: ClipView) -> None:
    assert bowl.samples
    life = tree.row(tree.board.outputs[3].name).life
    tree.events.all()
    before = until_loud(tree, "audio")

    tree.board.outputs[3].tell(POISON)
    tree.up(tree.board.outputs[3].name, life + 1)

    assert until_loud(tree, "audio") > before


def test_what_happens_to_a_practice_is_in_the_journal(tree: Living) -> None:
    settings = PracticeSettings(name="Noon", duration_s=600.0)
    tree.events.all()
    made = tree.ask(tree.board.sessions, CreatePractice(settings=settings, start=True))
    assert isinstance(made, PracticeView)
    tree.ask(tree.board.sessions, StopPractice(made.session))

    told = [
        event.name
        for event in tree.events.all()
        if isinstance(event, DomainEvent) and event.payload["session_id"] == made.session
    ]

    assert [name for name in told if name.startswith("SESSION")] == [
        "SESSION_CREATED",
        "SESSION_STARTED",
        "SESSION_STOPPED",
    ]
    assert {"SOUND_STARTED", "SOUND_STOPPED"} <= set(told)

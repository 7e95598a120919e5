"""Sound that is really played: PortAudio, ALSA, PulseAudio, and heard at the other end."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.actors.audio.halls import PipeEars, PulseHall, missing_for_pulse, surroundings
from tests.actors.audio.output_bench import LOUD, Heard, Stage

ATTEMPTS = 4
LACKS = missing_for_pulse()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(LACKS), reason=f"needs {LACKS}"),
]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[PulseHall]:
    with PulseHall(tmp_path).open() as hall, surroundings(hall.environment):
        yield hall


def test_two_outputs_play_each_its_own_without_a_gap(hall: PulseHall) -> None:
    hall.add("chapel")
    stages = [Stage(hall.module, "hall", 432.0), Stage(hall.module, "chapel", 528.0)]
    try:
        with hall.ears("hall") as at_hall, hall.ears("chapel") as at_chapel:
            for stage in stages:
                stage.playing()
            heard = without_a_gap(stages, [at_hall, at_chapel])
        views = [stage.synth.all()[-1].view for stage in stages]
    finally:
        for stage in stages:
            stage.end()

    for stage, sound in zip(stages, heard, strict=True):
        assert len(sound.amplitude) > 700
        assert sound.hz() == pytest.approx(stage.hz, abs=0.1)
        assert sound.quietest() == pytest.approx(LOUD, rel=0.01)
        assert sound.worst_step() < 0.5
    assert [view.state for view in views] == ["playing"] * 2


def without_a_gap(stages: list[Stage], ears: list[PipeEars]) -> list[Heard]:
    """Ten seconds of each; again where the whole machine was too busy to play."""
    heard: list[Heard] = []
    for _ in range(ATTEMPTS):
        sounds = [one.hear(10.0) for one in ears]
        heard = [
            Heard(sound, stage.hz).from_its_beginning()
            for stage, sound in zip(stages, sounds, strict=True)
        ]
        if all(one.quietest() > LOUD / 2 for one in heard):
            break
    return heard


def test_a_device_may_come_and_go_as_often_as_it_likes(hall: PulseHall) -> None:
    stage = Stage(hall.module, "hall").playing()
    try:
        for _ in range(3):
            hall.remove()
            stage.until("lost")
            hall.restore()
            stage.until("playing")
        with hall.ears() as ears:
            sound = ears.hear(6.0)
    finally:
        stage.end()

    heard = Heard(sound, stage.hz)
    assert heard.silences() <= 1
    assert heard.amplitude[-200:].min() == pytest.approx(LOUD, rel=0.01)


def test_the_end_of_an_output_is_a_fade_and_no_click(hall: PulseHall) -> None:
    stage = Stage(hall.module, "hall").playing()
    with hall.ears() as ears:
        before = ears.hear(3.0)
        stage.end()
        after = ears.hear(2.0)
    sound = np.concatenate([before, after])[:, 0]
    step = LOUD * 2 * np.pi * stage.hz / 44_100
    played = sound[int(np.argmax(np.abs(sound) > LOUD / 2)) :]

    assert np.abs(np.diff(played)).max() < 1.5 * step
    assert not sound[-22_050:].any()

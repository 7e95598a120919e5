"""What every output must do, whether PortAudio plays or a stand-in."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.apart.kind import Limits
from actors.audio.output_orders import LIMITS
from tests.actors.audio.halls import (
    Hall,
    PretendedHall,
    PulseHall,
    missing_for_pulse,
    surroundings,
)
from tests.actors.audio.output_bench import LOUD, Heard, Stage

pytestmark = pytest.mark.slow

LACKS = missing_for_pulse()
MakeStage = Callable[..., Stage]


@pytest.fixture(
    params=[
        "pretended",
        pytest.param(
            "pulse", marks=pytest.mark.skipif(bool(LACKS), reason=f"needs {LACKS}")
        ),
    ]
)
def hall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hall]:
    if request.param == "pretended":
        pretended = PretendedHall(tmp_path)
        with surroundings(pretended.environment):
            yield pretended
        return
    with PulseHall(tmp_path).open() as pulse, surroundings(pulse.environment):
        yield pulse


@pytest.fixture
def stage(hall: Hall) -> Iterator[MakeStage]:
    made: list[Stage] = []

    def make(device: str = hall.device, limits: Limits = LIMITS) -> Stage:
        made.append(Stage(hall.module, device, limits=limits))
        return made[-1]

    yield make
    for one in made:
        one.end()


def test_a_tone_is_heard_at_its_pitch_and_without_a_gap(
    hall: Hall, stage: MakeStage
) -> None:
    with hall.ears() as ears:
        stage().playing()
        heard = Heard(ears.hear(6.0), 440.0).from_its_beginning()

    assert len(heard.amplitude) > 300
    assert heard.hz() == pytest.approx(440.0, abs=0.1)
    assert heard.worst_step() < 0.5
    assert heard.quietest() == pytest.approx(LOUD, rel=0.01)
    assert heard.loudest() == pytest.approx(LOUD, rel=0.01)


def test_both_channels_are_heard_as_they_were_given(hall: Hall, stage: MakeStage) -> None:
    with hall.ears() as ears:
        stage().playing()
        heard = ears.hear(3.0)

    assert np.array_equal(heard[:, 0], heard[:, 1])
    assert np.abs(heard).max() == pytest.approx(LOUD, rel=0.001)


@pytest.mark.parametrize("device", ["HALL", "hal", "default"])
def test_a_device_is_found_by_its_name_a_part_of_it_or_as_the_default(
    stage: MakeStage, device: str
) -> None:
    output = stage(device)
    output.open()

    assert output.until("opening", "playing").device == device


def test_a_wrong_name_is_told_with_the_names_that_there_are(stage: MakeStage) -> None:
    output = stage("cathedral")
    output.open()
    failed = output.until("failed")

    assert "no output 'cathedral'" in failed.reason
    assert "'hall'" in failed.reason
    assert "'chapel'" in failed.reason


def test_an_output_that_is_closed_lets_its_device_go_and_can_be_opened_again(
    hall: Hall, stage: MakeStage
) -> None:
    output = stage().playing()
    output.close()
    closed = output.until("closed")
    assert closed.underruns == 0
    with hall.ears() as ears:
        output.playing()
        heard = Heard(ears.hear(4.0), 440.0).from_its_beginning()

    assert heard.quietest() == pytest.approx(LOUD, rel=0.01)


def test_a_device_that_goes_away_is_looked_for_and_plays_on_when_it_is_back(
    hall: Hall, stage: MakeStage
) -> None:
    output = stage().playing()
    hall.remove()
    lost = output.until("lost")
    assert lost.reason == "the device has gone"
    hall.restore()
    with hall.ears() as ears:
        output.until("playing")
        heard = Heard(ears.hear(5.0), 440.0).from_its_beginning()

    assert heard.hz() == pytest.approx(440.0, abs=0.1)
    assert heard.quietest() == pytest.approx(LOUD, rel=0.01)


def test_a_process_that_is_killed_is_replaced_and_plays_on(
    hall: Hall, stage: MakeStage
) -> None:
    output = stage().playing()
    with hall.ears() as ears:
        os.kill(output.pid(), signal.SIGKILL)
        assert "process ended" in output.until("lost").reason
        output.until("playing")
        heard = Heard(ears.hear(6.0), 440.0)

    assert heard.silences() <= 1
    assert heard.amplitude[-100:].min() == pytest.approx(LOUD, rel=0.01)


def test_a_process_that_hangs_is_killed_and_another_one_plays_on(
    stage: MakeStage,
) -> None:
    output = stage(limits=Limits(answer_s=1.0, goodbye_s=0.3)).playing()
    hung = output.pid()
    os.kill(hung, signal.SIGSTOP)

    assert "did not answer in 1 s" in output.until("lost").reason
    output.until("playing")
    assert output.pid() != hung


def test_a_device_that_is_not_there_at_first_is_found_when_it_comes(
    hall: Hall, stage: MakeStage
) -> None:
    hall.remove()
    output = stage()
    output.open()
    assert output.until("failed").reason
    hall.restore()

    assert output.until("playing").reason == ""

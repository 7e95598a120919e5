import numpy as np
import pytest

from protocols.errors import DeviceLostError, DeviceNotFoundError
from protocols.simulation import (
    Blink,
    BrainCommand,
    ClenchJaw,
    LoosenElectrode,
    RunScript,
    SetBrainState,
    Unplug,
)
from sim.brain import Brain
from sim.headset import SimHeadset


@pytest.fixture
def headset() -> SimHeadset:
    return SimHeadset(Brain(seed=1))


def test_the_headset_says_what_it_is(headset: SimHeadset) -> None:
    info = headset.open(5.0)

    assert (info.device, info.sfreq, info.mains_hz) == ("simulator", 250.0, 50.0)
    assert info.ch_names == ("Fp1", "Fp2", "F3", "F4", "T7", "T8", "O1", "O2")


def test_the_samples_are_the_brains(headset: SimHeadset) -> None:
    brain = Brain(seed=1)
    brain.obey(RunScript(name="wander"))
    headset.open(5.0)

    heard = [headset.read(5.0 + n * 0.13) for n in range(1, 20)]

    uv = np.concatenate([chunk.uv for chunks in heard for chunk in chunks], axis=1)
    np.testing.assert_array_equal(uv, brain.take(uv.shape[1]))


def test_an_unplugged_headset_is_lost_and_not_found_until_it_is_back(
    headset: SimHeadset,
) -> None:
    headset.open(5.0)
    headset.read(5.1)
    headset.obey(Unplug())

    with pytest.raises(DeviceLostError):
        headset.read(5.2)
    headset.close()
    with pytest.raises(DeviceNotFoundError):
        headset.open(5.3)
    headset.obey(Unplug(unplugged=False))
    assert headset.open(6.0).opened_at == 6.0
    assert headset.read(6.1)[0].first_sample == 0


@pytest.mark.parametrize(
    ("command", "field", "reason"),
    [
        (SetBrainState(relaxation=1.5), "relaxation", "relaxation must be 0 to 1, not 1.5"),
        (SetBrainState(pleasure=-2), "pleasure", "pleasure must be -1 to 1, not -2"),
        (SetBrainState(focus=float("nan")), "focus", "focus must be 0 to 1, not nan"),
        (ClenchJaw(seconds=-1), "seconds", "seconds must be above 0"),
        (ClenchJaw(seconds=float("inf")), "seconds", "seconds must be above 0"),
        (LoosenElectrode(channel="Q7"), "channel", "no electrode 'Q7'; there are Fp1, Fp2"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_with_the_reason(
    headset: SimHeadset, command: BrainCommand, field: str, reason: str
) -> None:
    refused = headset.obey(command)

    assert refused is not None
    assert refused.field == field
    assert refused.reason.startswith(reason)


@pytest.mark.parametrize(
    "command",
    [
        Blink(),
        ClenchJaw(),
        RunScript(name=""),
        SetBrainState(focus=1.0),
        LoosenElectrode(channel="O1"),
        Unplug(),
    ],
)
def test_a_command_that_makes_sense_is_taken(
    headset: SimHeadset, command: BrainCommand
) -> None:
    assert headset.obey(command) is None

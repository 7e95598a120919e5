import gc
import weakref

import numpy as np
import pytest

from protocols.eeg import FilterInput, Gap, Phase, RawChunk, SourceState
from protocols.sessions import SessionRefused
from protocols.simulation import (
    Blink,
    ClenchJaw,
    DeviceStatus,
    LoosenElectrode,
    Pause,
    RunScript,
    SetBrainState,
    Unplug,
)
from protocols.time import Tick
from sim.actor import SimulatorActor
from sim.brain import Brain
from sim.headset import SimHeadset
from tests.actors.device.stand_ins import HandClock
from tests.probe import Probe


class Bench:
    """A simulator, built but not started."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.filters: Probe[FilterInput] = Probe()
        self.simulator = SimulatorActor(
            clock=self.clock,
            make_headset=lambda: SimHeadset(Brain(seed=4)),
            downstream=self.filters,
        )
        self.simulator.setup()

    def tick(self, now: float) -> list[FilterInput]:
        self.clock.at = now
        self.simulator.handle(Tick(now=now, number=round(now * 10)))
        return self.filters.all()

    def samples(self, ticks: int) -> np.ndarray:
        heard = [m for n in range(ticks) for m in self.tick(n / 10)]
        return np.concatenate([m.uv for m in heard if isinstance(m, RawChunk)], axis=1)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_simulator_stands_in_the_readers_place(bench: Bench) -> None:
    gap, state = bench.tick(0.0)
    (chunk,) = bench.tick(0.1)

    assert gap == Gap(samples=0, reason="restart")
    assert isinstance(state, SourceState)
    assert (state.phase, state.reason) == (
        Phase.STREAMING,
        "simulator: 8 channels at 250 Hz",
    )
    assert isinstance(chunk, RawChunk)
    assert (chunk.uv.shape, chunk.read_at) == ((8, 25), 0.1)
    assert bench.simulator.handle(DeviceStatus()) == state


def test_same_seed_same_ticks_same_samples(bench: Bench) -> None:
    np.testing.assert_array_equal(bench.samples(40), Bench().samples(40))


def test_pulling_the_plug_is_a_search_and_not_a_death(bench: Bench) -> None:
    bench.tick(0.0)
    bench.simulator.handle(Unplug())
    (lost,) = bench.tick(0.1)
    assert isinstance(lost, SourceState)
    assert lost.phase is Phase.SEARCHING
    assert "unplugged; trying again in 0.5 s" in lost.reason

    bench.simulator.handle(Unplug(unplugged=False))
    gap, back = bench.tick(0.6)
    assert gap == Gap(samples=0, reason="reopened")
    assert isinstance(back, SourceState)
    assert back.phase is Phase.STREAMING


@pytest.mark.parametrize(
    "command",
    [
        Blink(),
        ClenchJaw(),
        SetBrainState(eyes_closed=True, relaxation=1.0),
        LoosenElectrode(channel="F3"),
        RunScript(name="sleepy"),
    ],
)
def test_a_command_reaches_the_sitter(
    bench: Bench,
    command: Blink | ClenchJaw | SetBrainState | LoosenElectrode | RunScript,
) -> None:
    plain = Bench().samples(40)

    assert bench.simulator.handle(command) is None

    assert not np.array_equal(bench.samples(40), plain)


def test_a_command_that_makes_no_sense_is_answered_and_harms_nobody(
    bench: Bench,
) -> None:
    answer = bench.simulator.handle(LoosenElectrode(channel="Q7"))

    assert isinstance(answer, SessionRefused)
    np.testing.assert_array_equal(bench.samples(10), Bench().samples(10))


def test_a_pause_is_the_readers(bench: Bench) -> None:
    bench.tick(0.0)
    bench.simulator.handle(Pause(paused=True))

    (state,) = bench.tick(0.1)

    assert isinstance(state, SourceState)
    assert state.phase is Phase.PAUSED


def test_a_sitter_goes_with_the_actor_and_waits_for_no_collection() -> None:
    bench = Bench()
    held = weakref.ref(bench.simulator)
    gc.disable()
    try:
        bench.simulator.teardown()
        del bench

        assert held() is None
    finally:
        gc.enable()

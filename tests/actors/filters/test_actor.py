"""The filter stage: what goes in comes out clean, in place, and losses are said."""

import numpy as np
import pytest

from actors.filters.actor import FilterActor, FilterViewed
from protocols.eeg import (
    CleanChunk,
    ContactState,
    Gap,
    Phase,
    RawChunk,
    SetMains,
    SignalInfo,
    SourceState,
)
from protocols.features import EncoderInput
from tests.actors.filters.signals import StoodClock, chunks, resting, signal_info, tone
from tests.probe import Probe


class Bench:
    """A filter stage, built and not started, between two probes."""

    def __init__(self, mains_hz: float = 50.0) -> None:
        self.clock = StoodClock(7.0)
        self.encoder: Probe[EncoderInput] = Probe()
        self.viewer: Probe[FilterViewed] = Probe()
        self.stage = FilterActor(
            clock=self.clock,
            mains_hz=mains_hz,
            downstream=self.encoder,
            viewer=self.viewer,
        )
        self.stage.setup()

    def feed(self, parts: list[RawChunk]) -> list[EncoderInput]:
        for part in parts:
            self.stage.handle(part)
        return self.encoder.all()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def raw(
    duration_s: float, info: SignalInfo | None = None, first: int = 0
) -> list[RawChunk]:
    return list(chunks(info or signal_info(), resting(duration_s), first=first))


def cleaned(told: list[EncoderInput]) -> list[CleanChunk]:
    return [message for message in told if isinstance(message, CleanChunk)]


def last_rms(told: list[EncoderInput]) -> float:
    return float(np.sqrt((cleaned(told)[-1].uv[0] ** 2).mean()))


def test_a_clean_chunk_keeps_its_place_in_time(bench: Bench) -> None:
    parts = raw(0.3)

    clean = cleaned(bench.feed(parts))

    assert [c.first_sample for c in clean] == [0, 25, 50]
    assert [c.captured_at for c in clean] == [p.captured_at for p in parts]
    assert [c.read_at for c in clean] == [p.read_at for p in parts]
    assert {c.cleaned_at for c in clean} == {7.0}
    assert clean[0].raw_uv is parts[0].uv
    assert clean[0].info is parts[0].info


def test_clean_samples_are_float32_and_read_only(bench: Bench) -> None:
    clean = cleaned(bench.feed(raw(0.1)))[0]

    assert clean.uv.dtype == np.float32
    assert clean.uv.shape == (8, 25)
    assert not clean.uv.flags.writeable


def test_viewers_see_what_the_encoder_gets(bench: Bench) -> None:
    told = bench.feed(raw(0.5))

    assert bench.viewer.all() == told


def test_a_gap_is_passed_on_and_resets_what_it_makes_untrue(bench: Bench) -> None:
    info = signal_info()
    bench.feed(raw(2.0, info))
    bench.stage.handle(Gap(samples=250, reason="overrun"))
    after = bench.feed(raw(1.0, info, first=750))

    assert after[0] == Gap(samples=250, reason="overrun")
    fresh = cleaned(Bench().feed(raw(1.0, info, first=750)))
    for one, other in zip(cleaned(after), fresh, strict=True):
        assert np.array_equal(one.uv, other.uv)
    assert cleaned(after)[0].quality[0].state is ContactState.SETTLING


def test_a_jump_in_the_samples_is_announced_before_the_chunk(bench: Bench) -> None:
    info = signal_info()
    bench.feed(raw(1.0, info))

    told = bench.feed(raw(0.1, info, first=300))

    assert told[0] == Gap(samples=50, reason="device")
    assert isinstance(told[1], CleanChunk)
    assert told[1].quality[0].state is ContactState.SETTLING


def test_a_loss_that_was_announced_is_not_announced_again(bench: Bench) -> None:
    info = signal_info()
    bench.feed(raw(1.0, info))
    bench.stage.handle(Gap(samples=50, reason="overrun"))

    gaps = [m for m in bench.feed(raw(0.5, info, first=300)) if isinstance(m, Gap)]

    assert gaps == [Gap(samples=50, reason="overrun")]


def test_samples_that_go_back_are_a_new_beginning(bench: Bench) -> None:
    info = signal_info()
    bench.feed(raw(1.0, info))

    assert bench.feed(raw(0.1, info))[0] == Gap(samples=0, reason="reopened")


def test_a_new_signal_gets_a_new_bank(bench: Bench) -> None:
    bench.feed(raw(2.0))
    other = signal_info(("TP9", "AF7", "AF8", "TP10"), sfreq=256.0)
    uv = resting(1.0, channels=4)

    told = bench.feed(list(chunks(other, uv)))

    assert cleaned(told)[-1].uv.shape[0] == 4
    assert not any(isinstance(message, Gap) for message in told)


def test_an_equal_signal_is_the_same_signal(bench: Bench) -> None:
    bench.feed(raw(2.0, signal_info()))

    told = bench.feed(raw(0.1, signal_info(), first=500))

    assert cleaned(told)[0].quality[0].state is ContactState.GOOD


def test_a_reopened_device_of_the_same_kind_settles_again(bench: Bench) -> None:
    bench.feed(raw(2.0, signal_info(opened_at=0.0)))

    told = bench.feed(raw(0.1, signal_info(opened_at=9.0)))

    assert cleaned(told)[0].quality[0].state is ContactState.SETTLING


def test_the_state_of_the_source_is_passed_on(bench: Bench) -> None:
    state = SourceState(phase=Phase.SEARCHING, reason="no muse found", at=1.0)

    bench.stage.handle(state)

    assert bench.encoder.all() == [state]


def hum(info: SignalInfo, hz: float, first: int = 0) -> list[RawChunk]:
    return list(chunks(info, tone(hz, 4, 100.0).repeat(8, axis=0), first=first))


def test_the_signals_own_mains_goes_before_the_usual_one() -> None:
    bench = Bench(mains_hz=50.0)

    assert last_rms(bench.feed(hum(signal_info(mains_hz=60.0), 60.0))) < 0.1


def test_the_usual_mains_serves_a_signal_that_does_not_know() -> None:
    bench = Bench(mains_hz=60.0)

    assert last_rms(bench.feed(hum(signal_info(mains_hz=None), 60.0))) < 0.1


def test_a_mains_that_was_set_goes_before_all_and_stays_for_the_next_signal() -> None:
    bench = Bench(mains_hz=60.0)
    info = signal_info(mains_hz=60.0)
    before = last_rms(bench.feed(hum(info, 50.0)))
    bench.stage.handle(SetMains(hz=50.0))
    after = last_rms(bench.feed(hum(info, 50.0, first=1000)))
    next_signal = last_rms(bench.feed(hum(signal_info(mains_hz=60.0, opened_at=9.0), 50.0)))

    assert before > 10.0
    assert after < 0.1
    assert next_signal < 0.1


def test_a_mains_may_be_set_before_any_signal(bench: Bench) -> None:
    bench.stage.handle(SetMains(hz=60.0))

    assert last_rms(bench.feed(hum(signal_info(mains_hz=None), 60.0))) < 0.1


def test_a_chunk_of_the_wrong_shape_is_not_hidden(bench: Bench) -> None:
    info = signal_info()
    bench.feed(raw(0.1, info))
    (wrong,) = chunks(info, resting(0.1, channels=3), first=25)

    with pytest.raises(ValueError, match="3 channels in a signal of 8"):
        bench.stage.handle(wrong)


def test_the_actors_output_does_not_depend_on_the_chunks_length() -> None:
    info = signal_info()
    uv = 62_000.0 + resting(3.0)
    short = cleaned(Bench().feed(list(chunks(info, uv, every_s=0.02))))
    long = cleaned(Bench().feed(list(chunks(info, uv, every_s=0.5))))

    assert np.array_equal(
        np.concatenate([c.uv for c in short], axis=1),
        np.concatenate([c.uv for c in long], axis=1),
    )

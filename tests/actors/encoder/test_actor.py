"""The encoder stage: windows in step, a sitter's baseline, and what a gap does to both."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

from actors.encoder.actor import EncoderActor
from actors.encoder.projection import Vector
from actors.filters.bank import Samples
from protocols.eeg import (
    ChannelQuality,
    CleanChunk,
    ContactState,
    Gap,
    Phase,
    SignalInfo,
    SourceState,
)
from protocols.features import Features, SetWindow, TakeBaseline
from tests.actors.filters.signals import (
    HEAD,
    StoodClock,
    chunks,
    resting,
    signal_info,
    tone,
)
from tests.probe import Probe

if TYPE_CHECKING:
    from protocols.meaning import SemanticInput


def quality(index: float = 1.0) -> ChannelQuality:
    return ChannelQuality(state=ContactState.GOOD, index=index, reason="8 µV RMS")


SETTLING = ChannelQuality(state=ContactState.SETTLING, index=0.0, reason="settling")


def clean(
    info: SignalInfo,
    uv: Samples,
    *,
    first: int = 0,
    every_s: float = 0.1,
    indices: tuple[float, ...] = (1.0,) * 8,
) -> Iterator[CleanChunk]:
    for part in chunks(info, uv, first=first, every_s=every_s):
        yield CleanChunk(
            info=info,
            first_sample=part.first_sample,
            captured_at=part.captured_at,
            uv=part.uv,
            raw_uv=part.uv,
            quality=tuple(quality(index) for index in indices),
            read_at=part.read_at + 0.001,
            cleaned_at=part.read_at + 0.002,
        )


def vector_of(features: Features) -> Vector:
    assert features.vector is not None
    return features.vector


class Bench:
    """An encoder, built and not started, between two probes."""

    def __init__(
        self, window_s: float = 2.0, step_s: float = 0.1, *, watched: bool = True
    ) -> None:
        self.semantics: Probe[SemanticInput] = Probe()
        self.viewer: Probe[Features] = Probe()
        self.info = signal_info()
        self.stage = EncoderActor(
            clock=StoodClock(99.0),
            window_s=window_s,
            step_s=step_s,
            downstream=self.semantics,
            viewer=self.viewer,
            is_watched=lambda: watched,
        )
        self.stage.setup()

    def feed(self, parts: Iterator[CleanChunk]) -> list[Features]:
        for part in parts:
            self.stage.handle(part)
        return [told for told in self.semantics.all() if isinstance(told, Features)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_features_come_every_step_once_a_window_is_full(bench: Bench) -> None:
    features = bench.feed(clean(bench.info, resting(3.0)))

    assert [f.first_sample for f in features] == [25 * n for n in range(11)]
    assert [f.captured_at for f in features] == pytest.approx(
        [2.0 + 0.1 * n for n in range(11)]
    )


def test_features_carry_their_times_and_are_seen_by_viewers(bench: Bench) -> None:
    features = bench.feed(clean(bench.info, resting(2.0)))

    assert bench.viewer.all() == features
    assert features[0].read_at == pytest.approx(2.001)
    assert features[0].cleaned_at == pytest.approx(2.002)
    assert features[0].encoded_at == 99.0
    assert features[0].info is bench.info


def test_arrays_are_float32_of_the_documented_shapes_and_read_only(bench: Bench) -> None:
    (features,) = bench.feed(clean(bench.info, resting(2.0)))

    for figures, shape in (
        (features.absolute_uv2, (8, 5)),
        (features.relative, (8, 5)),
        (vector_of(features), (512,)),
    ):
        assert figures.dtype == np.float32
        assert figures.shape == shape
        assert not figures.flags.writeable
    assert features.relative.sum(axis=1) == pytest.approx(np.ones(8), rel=1e-5)


def test_alpha_is_measured_where_it_is(bench: Bench) -> None:
    uv = resting(2.0)
    uv[6:] += tone(10.0, 2.0, 40.0)

    (features,) = bench.feed(clean(bench.info, uv))

    assert features.absolute_uv2[6, 2] == pytest.approx(800.0, rel=0.1)
    assert features.absolute_uv2[0, 2] < 100.0


def test_more_alpha_on_the_right_of_the_forehead_is_a_positive_asymmetry(
    bench: Bench,
) -> None:
    uv = resting(2.0, uv=2.0)
    uv[0] += tone(10.0, 2.0, 10.0)[0]
    uv[1] += tone(10.0, 2.0, 20.0)[0]

    (features,) = bench.feed(clean(bench.info, uv))

    assert features.asymmetry == pytest.approx(np.log(4.0), abs=0.2)


def test_a_montage_without_a_frontal_pair_has_no_asymmetry(bench: Bench) -> None:
    info = signal_info(tuple(f"EXG Channel {n}" for n in range(8)))

    (features,) = bench.feed(clean(info, resting(2.0)))

    assert features.asymmetry is None
    assert features.confidence == 1.0


def test_bad_channels_are_left_out_of_what_is_pooled(bench: Bench) -> None:
    uv = resting(2.0)
    uv[7] = 1000 * np.random.default_rng(1).standard_normal(500)
    spoilt = (1.0,) * 7 + (0.1,)

    (features,) = bench.feed(clean(bench.info, uv, indices=spoilt))
    (without,) = Bench().feed(clean(bench.info, resting(2.0), indices=spoilt))

    assert features.entropy == pytest.approx(without.entropy)
    assert features.confidence == 1.0
    assert np.allclose(vector_of(features), vector_of(without), atol=1e-6)


def test_confidence_is_the_mean_quality_of_the_channels_used(bench: Bench) -> None:
    indices = (0.8, 0.6, 0.4, 0.2, 0.0, 0.2, 0.2, 0.2)

    (features,) = bench.feed(clean(bench.info, resting(2.0), indices=indices))

    assert features.confidence == pytest.approx(0.6)
    assert [seen.index for seen in features.quality] == pytest.approx(indices)


def test_where_no_channel_can_be_used_there_is_no_confidence(bench: Bench) -> None:
    features = bench.feed(clean(bench.info, resting(40.0), indices=(0.2,) * 8))

    assert {f.confidence for f in features} == {0.0}
    assert features[-1].baseline == 0.0
    assert features[-1].z == {}
    assert np.isfinite(vector_of(features[-1])).all()


def test_one_bad_moment_lowers_the_whole_windows_quality(bench: Bench) -> None:
    parts = list(clean(bench.info, resting(2.0)))
    bad = list(clean(bench.info, resting(2.0), indices=(0.0,) * 8))
    parts[7] = bad[7]

    (features,) = bench.feed(iter(parts))

    assert features.quality[0].index == pytest.approx((0.95 + 0.0) / 2)


def test_the_window_begins_after_the_filters_have_settled(bench: Bench) -> None:
    parts = list(clean(bench.info, resting(4.0)))
    for number in range(10):
        part = parts[number]
        parts[number] = CleanChunk(
            info=part.info,
            first_sample=part.first_sample,
            captured_at=part.captured_at,
            uv=part.uv,
            raw_uv=part.uv,
            quality=(SETTLING,) * 8,
        )

    features = bench.feed(iter(parts))

    assert features[0].first_sample == 250


def test_z_scores_come_after_thirty_usable_seconds(bench: Bench) -> None:
    features = bench.feed(clean(bench.info, resting(34.0)))
    before = [f for f in features if f.baseline < 1.0]
    after = [f for f in features if f.baseline == 1.0]

    assert after[0].captured_at == pytest.approx(31.9, abs=0.11)
    assert all(f.z == {} for f in before)
    assert set(after[0].z) == {
        "delta",
        "theta",
        "alpha",
        "beta",
        "gamma",
        "asymmetry",
        "entropy",
    }
    assert [f.baseline for f in before] == sorted(f.baseline for f in before)


def test_more_alpha_than_usual_has_a_high_z_score(bench: Bench) -> None:
    bench.feed(clean(bench.info, resting(33.0)))
    closed = resting(3.0, seed=9) + tone(10.0, 3.0, 15.0)

    features = bench.feed(clean(bench.info, closed, first=33 * 250))

    assert features[-1].z["alpha"] > 2.0
    assert features[-1].z["beta"] < 0.0
    assert np.linalg.norm(vector_of(features[-1])) == pytest.approx(1.0, abs=1e-5)


def test_a_gap_empties_the_window_and_keeps_the_sitters_baseline(bench: Bench) -> None:
    bench.feed(clean(bench.info, resting(33.0)))
    bench.stage.handle(Gap(samples=100, reason="overrun"))

    features = bench.feed(clean(bench.info, resting(2.5), first=33 * 250 + 100))

    assert features[0].first_sample == 33 * 250 + 100
    assert features[0].baseline == 1.0
    assert "alpha" in features[0].z


def test_a_jump_in_the_samples_empties_the_window_too(bench: Bench) -> None:
    bench.feed(clean(bench.info, resting(1.9)))

    assert bench.feed(clean(bench.info, resting(1.9), first=10_000)) == []
    assert bench.feed(clean(bench.info, resting(0.1), first=10_475))[0].first_sample == (
        10_000
    )


def test_bad_contact_halts_the_baseline_and_does_not_spoil_it(bench: Bench) -> None:
    bench.feed(clean(bench.info, resting(17.0)))
    halted = bench.feed(
        clean(bench.info, 50 * resting(20.0), first=17 * 250, indices=(0.0,) * 8)
    )
    features = bench.feed(clean(bench.info, resting(20.0), first=37 * 250))

    assert halted[-1].baseline == pytest.approx(halted[25].baseline)
    assert features[-1].baseline == 1.0
    assert abs(features[-1].z["alpha"]) < 4.0


def test_the_same_headset_opened_again_keeps_the_baseline(bench: Bench) -> None:
    bench.feed(clean(bench.info, resting(33.0)))

    features = bench.feed(clean(signal_info(opened_at=50.0), resting(2.0)))

    assert features[0].baseline == 1.0


def test_other_electrodes_take_the_baseline_anew(bench: Bench) -> None:
    bench.feed(clean(bench.info, resting(33.0)))

    features = bench.feed(clean(signal_info(HEAD[::-1]), resting(2.0)))

    assert features[0].baseline == pytest.approx(0.1 / 30, abs=1e-6)
    assert features[0].z == {}


def test_taking_the_baseline_anew_forgets_the_old_one(bench: Bench) -> None:
    bench.feed(clean(bench.info, resting(33.0)))
    bench.stage.handle(TakeBaseline())

    features = bench.feed(clean(bench.info, resting(0.1), first=33 * 250))

    assert features[0].z == {}


def test_window_and_step_are_a_dial() -> None:
    fast = Bench(window_s=0.5, step_s=0.05)
    slow = Bench(window_s=8.0, step_s=1.0)

    quick = fast.feed(clean(fast.info, resting(10.0), every_s=0.05))
    sure = slow.feed(clean(slow.info, resting(10.0)))

    assert quick[0].captured_at == pytest.approx(0.5, abs=0.01)
    assert len(quick) > 180
    assert [f.captured_at for f in sure] == pytest.approx([8.0, 9.0, 10.0])
    quick_alpha = np.std([f.relative[0, 2] for f in quick])
    assert quick_alpha > 1.5 * np.std([f.relative[0, 2] for f in sure])


def test_a_new_window_is_filled_before_features_go_on(bench: Bench) -> None:
    bench.feed(clean(bench.info, resting(3.0)))
    bench.stage.handle(SetWindow(window_s=1.0, step_s=0.2))

    features = bench.feed(clean(bench.info, resting(1.5), first=750))

    assert [f.first_sample for f in features] == [750, 800, 850]


@pytest.mark.parametrize(("window_s", "step_s"), [(0.4, 0.1), (9.0, 0.1), (2.0, 0.01)])
def test_a_window_that_cannot_be_meant_is_refused(window_s: float, step_s: float) -> None:
    with pytest.raises(ValueError, match="allowed are"):
        Bench(window_s=window_s, step_s=step_s)


def test_the_state_of_the_source_is_passed_on(bench: Bench) -> None:
    state = SourceState(phase=Phase.PAUSED, reason="asked", at=1.0)

    bench.stage.handle(state)

    assert bench.semantics.all() == [state]
    assert bench.viewer.all() == []


def test_a_headbands_uneven_chunks_still_give_ten_windows_a_second(bench: Bench) -> None:
    info = signal_info(("TP9", "AF7", "AF8", "TP10"), sfreq=256.0)
    uv = resting(20.0, channels=4)

    features = bench.feed(clean(info, uv, indices=(1.0,) * 4))

    assert len(features) == int(uv.shape[1] / 25.6) - 19


def test_chunks_longer_than_a_window_give_the_newest_window(bench: Bench) -> None:
    uv = resting(12.0)

    features = bench.feed(clean(bench.info, uv, every_s=3.0))

    assert [f.first_sample for f in features] == [250, 1000, 1750, 2500]
    (alone,) = Bench().feed(clean(bench.info, uv[:, 2500:], first=2500, every_s=2.0))
    assert np.allclose(features[-1].absolute_uv2, alone.absolute_uv2, rtol=1e-5)


def test_features_that_nobody_can_see_have_no_vector_and_the_same_figures() -> None:
    unseen, seen = Bench(watched=False), Bench()
    uv = resting(33.0)

    without = unseen.feed(clean(unseen.info, uv))[-1]
    features = seen.feed(clean(seen.info, uv))[-1]

    assert without.vector is None
    assert features.vector is not None
    assert without.z == features.z
    assert np.array_equal(without.relative, features.relative)


def test_the_same_signal_gives_the_same_features() -> None:
    one, other = (Bench() for _ in range(2))
    first = one.feed(clean(one.info, resting(33.0)))[-1]
    second = other.feed(clean(other.info, resting(33.0)))[-1]

    assert np.array_equal(vector_of(first), vector_of(second))
    assert first.z == second.z

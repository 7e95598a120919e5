import numpy as np
import numpy.typing as npt
import pytest

from sim.rhythms import Layer, Rhythms, frequencies_hz

ALL, NARROW, WHITE = [1.0, 1.0], [1.0, 0.0], [0.0, 1.0]


@pytest.fixture
def rhythms() -> Rhythms:
    hz = frequencies_hz(250.0, 25)
    one = np.ones((1, 1), np.float32)
    return Rhythms(
        [
            Layer(amplitude=np.exp(-((hz - 10) ** 2) / 2), mixing=one),
            Layer(amplitude=np.ones_like(hz), mixing=2 * one),
        ],
        sfreq=250.0,
        block=25,
        rng=np.random.default_rng(1),
    )


def made(rhythms: Rhythms, gains: list[float], blocks: int) -> npt.NDArray[np.float32]:
    """One channel."""
    steady = np.array(gains, np.float32)
    return np.concatenate([rhythms.block(steady, steady)[0] for _ in range(blocks)])


@pytest.mark.parametrize(
    ("gains", "rms"), [(NARROW, 1.0), (WHITE, 2.0), (ALL, np.sqrt(5)), ([3.0, 0.0], 3.0)]
)
def test_each_layer_has_the_variance_of_its_mixing_and_gain(
    rhythms: Rhythms, gains: list[float], rms: float
) -> None:
    assert made(rhythms, gains, 4000).std() == pytest.approx(rms, rel=0.05)


def test_the_variance_is_the_same_everywhere_in_a_frame(rhythms: Rhythms) -> None:
    by_place = made(rhythms, WHITE, 20 * 200).reshape(200, 500).std(axis=0)

    assert 1.6 < by_place.min() < by_place.max() < 2.4


def test_a_gain_moves_evenly_through_a_block() -> None:
    rising, steady = (
        Rhythms(
            [Layer(amplitude=np.ones(501), mixing=np.ones((1, 1), np.float32))],
            sfreq=250.0,
            block=25,
            rng=np.random.default_rng(1),
        )
        for _ in range(2)
    )
    low, high = np.array([1.0], np.float32), np.array([2.0], np.float32)

    ratio = rising.block(low, high)[0] / steady.block(low, low)[0]

    np.testing.assert_allclose(ratio, 1 + np.arange(1, 26) / 25, rtol=1e-5)


def test_blocks_join_without_a_step(rhythms: Rhythms) -> None:
    steps = np.abs(np.diff(made(rhythms, NARROW, 400)))

    assert steps[24::25].max() <= 1.2 * steps.max()
    assert steps[24::25].mean() == pytest.approx(steps.mean(), rel=0.15)


def test_nothing_repeats(rhythms: Rhythms) -> None:
    pieces = made(rhythms, WHITE, 400).reshape(-1, 500)

    assert np.abs(np.corrcoef(pieces) - np.eye(len(pieces))).max() < 0.3

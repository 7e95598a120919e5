import numpy as np
import pytest

from sim.rhythms import Layer, Rhythms, frequencies_hz


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


def test_each_layer_has_the_variance_of_its_mixing(rhythms: Rhythms) -> None:
    made = np.concatenate([rhythms.block() for _ in range(4000)], axis=2)

    np.testing.assert_allclose(made.std(axis=2)[:, 0], [1.0, 2.0], rtol=0.05)


def test_the_variance_is_the_same_everywhere_in_a_frame(rhythms: Rhythms) -> None:
    made = np.concatenate([rhythms.block() for _ in range(20 * 200)], axis=2)[1, 0]
    by_place = made.reshape(200, 500).std(axis=0)

    assert 1.6 < by_place.min() < by_place.max() < 2.4


def test_blocks_join_without_a_step(rhythms: Rhythms) -> None:
    made = np.concatenate([rhythms.block() for _ in range(400)], axis=2)[0, 0]
    steps = np.abs(np.diff(made))

    assert steps[24::25].max() <= 1.2 * steps.max()
    assert steps[24::25].mean() == pytest.approx(steps.mean(), rel=0.15)


def test_nothing_repeats(rhythms: Rhythms) -> None:
    made = np.concatenate([rhythms.block() for _ in range(400)], axis=2)[1, 0]
    pieces = made.reshape(-1, 500)

    assert np.abs(np.corrcoef(pieces) - np.eye(len(pieces))).max() < 0.3

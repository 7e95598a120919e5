"""The vector: of length one, the same everywhere, near for near figures."""

import hashlib

import numpy as np
from hypothesis import given, settings, strategies as st

from actors.encoder.measure import POOLED, STATE_SIZE
from actors.encoder.projection import INPUT_SIZE, USUAL, project, signs

NO_Z = np.full(STATE_SIZE, np.nan)


def state(seed: int, spread: float = 0.5) -> np.ndarray:
    return USUAL + spread * np.random.default_rng(seed).standard_normal(STATE_SIZE)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.floats(0.0, 1e6))
def test_it_is_a_unit_vector_whatever_the_figures(seed: int, size: float) -> None:
    vector = project(state(seed, size), state(seed + 1, size))

    assert vector.shape == (512,)
    assert vector.dtype == np.float32
    assert abs(float(np.linalg.norm(vector)) - 1.0) < 1e-5
    assert not vector.flags.writeable


def test_no_figures_at_all_have_a_vector_too() -> None:
    vector = project(NO_Z, NO_Z)

    assert np.allclose(np.abs(vector), 512**-0.5)


def test_the_same_figures_give_the_same_vector() -> None:
    assert np.array_equal(project(state(1), NO_Z), project(state(1), NO_Z))


def test_the_signs_are_those_that_the_documentation_says() -> None:
    stream = hashlib.shake_256(b"phosphene projection 1").digest(8)
    bits = "".join(f"{byte:08b}" for byte in stream)

    assert signs().shape == (512, INPUT_SIZE)
    assert signs()[0, :64].tolist() == [1.0 if bit == "1" else -1.0 for bit in bits]
    assert abs(signs().mean()) < 0.01


def test_near_figures_give_near_vectors_and_far_ones_far() -> None:
    here = project(state(1), NO_Z)
    near = project(state(1) + 0.02, NO_Z)
    far = project(USUAL - (state(1) - USUAL), NO_Z)

    assert here @ near > 0.99
    assert here @ far < here @ near - 0.3


def test_angles_between_figures_are_kept() -> None:
    rng = np.random.default_rng(4)
    points = 0.3 * rng.standard_normal((20, STATE_SIZE))
    vectors = np.array([project(NO_Z, point) for point in points])
    inputs = []
    for point in points:
        soft = 3 * np.tanh(point / 3)
        inputs.append(np.concatenate((np.ones(1), soft)))
    scaled = np.array(inputs)
    scaled /= np.linalg.norm(scaled, axis=1, keepdims=True)

    error = vectors @ vectors.T - scaled @ scaled.T

    assert np.abs(error).max() < 0.2
    assert error.std() < 0.05


def test_z_scores_turn_the_vector() -> None:
    z = np.zeros(STATE_SIZE)
    z[POOLED.index("alpha")] = 3.0

    assert project(USUAL, z) @ project(USUAL, np.zeros(STATE_SIZE)) < 0.95


def test_a_cap_does_not_outweigh_a_headband() -> None:
    whole = len(POOLED)
    few = np.full(STATE_SIZE, np.nan)
    few[:whole] = USUAL[:whole]
    many = few.copy()
    few[whole : whole + 10] = USUAL[whole : whole + 10] + 0.7
    many[whole:] = USUAL[whole:] + 0.7
    plain = few.copy()
    plain[whole:] = np.nan

    turned = [float(project(some, NO_Z) @ project(plain, NO_Z)) for some in (few, many)]

    assert abs(turned[0] - turned[1]) < 0.1

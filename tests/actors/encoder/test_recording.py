"""A piece encoded at once has the live encoder's figures."""

import numpy as np
import pytest

from actors.encoder.measure import WindowMeter
from actors.encoder.recording import encode_chunk
from tests.actors.filters.signals import HEAD, SFREQ, resting, tone


def test_its_last_two_seconds_are_measured() -> None:
    uv = resting(5.0)

    made = encode_chunk(uv, SFREQ, HEAD)

    live = WindowMeter(HEAD, SFREQ, 500).measure(uv[:, -500:], np.ones(8))
    assert made.window_s == 2.0
    assert np.array_equal(made.absolute_uv2, live.absolute_uv2)
    assert made.asymmetry == live.asymmetry
    assert made.entropy == live.entropy
    assert made.confidence == 1.0
    assert np.linalg.norm(made.vector) == pytest.approx(1.0, abs=1e-5)


def test_a_shorter_piece_is_measured_whole() -> None:
    made = encode_chunk(tone(10.0, 0.8, 20.0), SFREQ)

    assert made.window_s == 0.8
    assert made.relative[0].argmax() == 2


def test_bad_channels_are_left_out() -> None:
    made = encode_chunk(resting(2.0), SFREQ, HEAD, [0.0] * 6 + [0.4, 0.6])

    assert made.confidence == pytest.approx(0.5)
    assert made.asymmetry is None


def test_alike_pieces_have_alike_vectors() -> None:
    relaxed = resting(2.0) + tone(10.0, 2.0, 15.0)
    alike = resting(2.0, seed=2) + tone(10.2, 2.0, 15.0)
    tense = resting(2.0, seed=3) + tone(22.0, 2.0, 15.0)
    here, near, far = (
        encode_chunk(uv, SFREQ, HEAD).vector for uv in (relaxed, alike, tense)
    )

    assert here @ near > here @ far + 0.1


def test_what_cannot_be_encoded_is_refused() -> None:
    with pytest.raises(ValueError, match="124 samples are too few"):
        encode_chunk(np.zeros((2, 124)), SFREQ)
    with pytest.raises(ValueError, match="as many names"):
        encode_chunk(resting(2.0), SFREQ, ("Fp1",))
    with pytest.raises(ValueError, match="as many names"):
        encode_chunk(resting(2.0), SFREQ, quality=[1.0])
    with pytest.raises(ValueError, match="not finite"):
        encode_chunk(np.full((2, 500), np.nan), SFREQ)
    for sfreq in (1.0, 80.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="does not hold"):
            encode_chunk(resting(2.0), sfreq)

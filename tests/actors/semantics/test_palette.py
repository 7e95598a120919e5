"""The palette: colours that a screen can show, and that the mood bends."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from actors.semantics.palette import mixed, oklab_of_hex, srgb_of

BLUE, RED, GREY = (oklab_of_hex(code) for code in ("#2a6fdb", "#c03020", "#808080"))


def lightness(lab: np.ndarray) -> float:
    return float(lab[:, 0].mean())


def chroma(lab: np.ndarray) -> float:
    return float(np.hypot(lab[:, 1], lab[:, 2]).mean())


@given(st.text("0123456789abcdef", min_size=6, max_size=6))
def test_a_colour_comes_back_as_it_went(code: str) -> None:
    expected = [int(code[n : n + 2], 16) / 255 for n in (0, 2, 4)]

    (colour,) = srgb_of(oklab_of_hex(f"#{code}")[None, :])

    assert colour == pytest.approx(expected, abs=1e-4)


def test_white_is_lightness_one_without_colour() -> None:
    assert oklab_of_hex("#ffffff") == pytest.approx([1.0, 0.0, 0.0], abs=1e-4)


def test_what_no_screen_shows_is_clipped() -> None:
    for channel in srgb_of(np.array([[0.9, 0.5, 0.5], [1.4, 0.0, 0.0], [-0.2, 0.0, 0.0]])):
        assert all(0.0 <= value <= 1.0 for value in channel)


def test_pleasant_is_lighter_and_aroused_more_colourful() -> None:
    plain = mixed([BLUE, RED], BLUE, 0.5, (0.0, 0.0))

    assert lightness(mixed([BLUE, RED], BLUE, 0.5, (0.0, 1.0))) > lightness(plain)
    assert chroma(mixed([BLUE, RED], BLUE, 0.5, (1.0, 0.0))) > chroma(plain)
    assert chroma(mixed([BLUE, RED], BLUE, 0.5, (-1.0, 0.0))) < chroma(plain)


def test_the_strongest_colour_word_pulls_the_others_by_its_weight() -> None:
    def distance(weight: float) -> float:
        return float(np.linalg.norm(mixed([GREY], RED, weight, (0.0, 0.0))[0] - RED))

    assert distance(1.0) < distance(0.5) < distance(0.0)

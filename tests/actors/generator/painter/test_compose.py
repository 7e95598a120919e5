"""Composing: what a prompt's words weigh in a scene."""

import pytest

from actors.generator.painter.compose import IN_THE_AIR, compose
from actors.generator.painter.scene import ELEMENTS
from protocols.pictures import PictureWish


def weight(prompt: str, element: str) -> float:
    scene = compose(PictureWish(prompt=prompt))
    return float(scene.weights[ELEMENTS.index(element)])


@pytest.mark.parametrize(
    ("figure", "element"),
    [("spirals", "spiral"), ("a mandala", "mandala"), ("crystals", "crystal")],
)
def test_a_figure_named_after_a_landscape_steps_back(figure: str, element: str) -> None:
    alone = weight(figure, element)

    assert weight(f"{figure} over snowy mountains", element) == pytest.approx(alone)
    assert weight(f"snowy mountains, {figure}", element) == pytest.approx(
        IN_THE_AIR * alone, rel=0.2
    )

"""Pictures: what is wished for, what came of it, and where it came from."""

from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

Colour: TypeAlias = tuple[float, float, float]
"""sRGB, each 0 to 1."""


class PictureWish(msgspec.Struct, frozen=True, kw_only=True):
    """One picture to make."""

    prompt: str
    negative_prompt: str = ""
    width: int = 512
    """Pixels, 64 to 2048."""

    height: int = 512
    """Pixels, 64 to 2048."""

    seed: int = 0
    """Same wish, same memory and same seed: same bytes."""

    steps: int = 20
    """How much work to spend, 1 to 50."""

    guidance_scale: float = 7.5
    """How strictly to keep to the prompt, 0 to 15."""

    palette: tuple[Colour, ...] = ()
    """Colours to lean to, first the strongest; empty: the prompt's own."""

    motion: float = 0.2
    """How lively things move, 0 (still) to 1."""

    arousal: float = 0.0
    """-1 (calm) to 1 (excited)."""

    valence: float = 0.0
    """-1 (gloomy) to 1 (pleasant)."""

    moment_s: float = 0.0
    """Seconds of the sitting: clouds drift and water moves with it."""

    session: str = ""
    """Whose memory to move on from; empty: a single picture without memory."""


class Painting(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a generator made of a wish."""

    pixels: npt.NDArray[np.uint8]
    """sRGB, shape (height, width, 3), read-only."""

    model: str
    """Who really made it."""

    seed: int
    effective_steps: int
    """Steps that were really done."""

    known_words: tuple[str, ...] = ()
    """Words of the prompt that the generator understood and drew."""

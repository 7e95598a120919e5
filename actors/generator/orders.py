"""What a worker and its painter's process say: the content of jobs and of answers.

In: wishes and sessions to forget. Out: paintings; their pixels are the answer's only array.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from actors.apart.kind import Kind, Limits
from actors.apart.memory import LINE, Array
from protocols.errors import WishError
from protocols.pictures import Painting, PictureWish

LARGEST_PX: Final = 2048
SMALLEST_PX: Final = 64

PAINTER: Final = "phosphene-painter"


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """Paint, or forget."""

    paint: PictureWish | None = None
    forget: str = ""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be said of a painting beside its pixels, or why there is none."""

    model: str = ""
    seed: int = 0
    effective_steps: int = 0
    known_words: tuple[str, ...] = ()
    refused: tuple[str, str] | None = None
    """Of a `WishError`: field and message."""


write = msgspec.msgpack.Encoder().encode
read_order = msgspec.msgpack.Decoder(Order).decode
_read_answer = msgspec.msgpack.Decoder(Answer).decode


def painting(content: bytes, arrays: Sequence[Array]) -> Painting:
    """The painting that an answer is about.

    Raises:
        WishError: the wish could not be met.
    """
    answer = _read_answer(content)
    if answer.refused is not None:
        raise WishError(*answer.refused)
    (pixels,) = arrays
    return Painting(
        pixels=pixels,
        model=answer.model,
        seed=answer.seed,
        effective_steps=answer.effective_steps,
        known_words=answer.known_words,
    )


def painter(limits: Limits) -> Kind:
    """The painter's process, whose tiny job is the smallest picture."""
    tiny = PictureWish(prompt="a moon", width=SMALLEST_PX, height=SMALLEST_PX)
    return Kind(
        module="actors.generator.child",
        tiny=write(Order(paint=tiny)),
        shared_bytes=3 * LARGEST_PX**2 + LINE,
        limits=limits,
    )

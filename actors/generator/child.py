"""The painter's own process; `actors.apart` starts it and says how.

A painter in a thread of the server shares its interpreter's lock with every stage: of 100
sessions 12 pictures a second came, and the samples of all were half a second late. Apart it
has a core of its own.
"""

from collections.abc import Sequence

from actors.apart.memory import Array
from actors.apart.serve import Result, serve
from actors.generator.flash import Calm
from actors.generator.orders import Answer, read_order, write
from actors.generator.painter.painter import Painter
from protocols.errors import WishError
from protocols.pictures import PictureWish
from protocols.ports import Generator


class Painting:
    """Fills `actors.apart.serve.Handler` with a generator."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    def do(self, content: bytes, arrays: Sequence[Array]) -> Result:
        """Paint, or forget a session."""
        del arrays
        order = read_order(content)
        if order.paint is not None:
            return self._paint(order.paint)
        self._generator.forget(order.forget)
        return Result(b"")

    def close(self) -> None:
        """Nothing is held that does not go with the process."""

    def _paint(self, wish: PictureWish) -> Result:
        try:
            painted = self._generator.paint(wish)
        except WishError as error:
            return Result(write(Answer(refused=(error.field, error.message))))
        answer = Answer(
            model=painted.model,
            seed=painted.seed,
            effective_steps=painted.effective_steps,
            known_words=painted.known_words,
        )
        return Result(write(answer), [painted.pixels])


if __name__ == "__main__":
    serve(lambda: Painting(Calm(Painter())))

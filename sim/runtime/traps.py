"""Traps: an actor's own methods, wrapped for one fault.

A trap waits for the next message (or `setup`, or `teardown`) and springs once: before it,
after it, or in the middle of it, which is where the actor sends something on. For messages
along the data's way only: an order may be given with a lock in hand, and whoever stands
still there would hold up what no hanging actor could.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from actors.stage import Stage

if TYPE_CHECKING:
    from actors.edges import Letter

BEFORE: Final = 0
"""In place of a number of sends: before the message is handled."""

_STAGE_EDGE: Final = ">"
"""In the names of edges along the data's way."""

_NOT_ITS_OWN: Final = "chronicle>"
"""Begins the names of edges that a note goes by: the actor does not send that."""

Act = Callable[[str], object]
"""Does what the fault does: raises, or stands still. Takes where it struck, in words."""


class Traps:
    """Those that were set.

    Args:
        number: of the slice that is going on.
    """

    def __init__(self, number: Callable[[], int]) -> None:
        self._number = number
        self._sends: dict[int, tuple[int, Callable[[], object]]] = {}

    def __bool__(self) -> bool:
        return bool(self._sends)

    def on_message(self, stage: Stage, sends: int, act: Act) -> None:
        """Strike at the next message: at its `sends`-th send, at the latest at its end."""
        original = stage.handle
        sprung = False

        def handle(message: Any) -> Any:  # noqa: ANN401  # whatever the stage takes
            nonlocal sprung
            if sprung:  # another message of the same slice
                return original(message)
            sprung = True
            vars(stage).pop("handle", None)
            return self._strike(lambda: original(message), sends, act, message)

        vars(stage)["handle"] = handle

    def on_setup(self, stage: Stage, act: Act) -> None:
        """Strike in the middle of the beginning of a life."""
        original = stage.setup

        def setup() -> None:
            vars(stage).pop("setup", None)
            act("in setup")
            original()

        vars(stage)["setup"] = setup

    def on_teardown(self, stage: Stage, act: Act) -> None:
        """Strike at its end: before it lets go what it holds."""
        original = stage.teardown

        def teardown() -> None:
            vars(stage).pop("teardown", None)
            try:
                act("in teardown")
            finally:
                original()

        vars(stage)["teardown"] = teardown

    def look(self, letter: "Letter") -> None:
        """A letter is being sent: maybe in the middle of a message that was waited for."""
        number = self._number()
        waiting = self._sends.get(number)
        edge = letter[0].name
        if waiting is None or _STAGE_EDGE not in edge or edge.startswith(_NOT_ITS_OWN):
            return
        left, spring = waiting
        if left > 1:
            self._sends[number] = left - 1, spring
        else:
            del self._sends[number]
            spring()

    def _strike(
        self, work: Callable[[], Any], sends: int, act: Act, message: object
    ) -> Any:  # noqa: ANN401  # what the stage answers
        kind = type(message).__name__
        if sends == BEFORE:
            act(f"before {kind}")
            return work()
        number = self._number()
        self._sends[number] = sends, lambda: act(f"in {kind}, at send {sends}")
        try:
            answer = work()
        finally:
            waits = self._sends.pop(number, None) is not None
        if waits:
            act(f"after {kind}")
        return answer

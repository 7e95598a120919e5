"""The virtual fence: every letter passes by; questions are counted, and some letters lost.

It keeps out who was replaced, as the live one does, by the number of the slice: an actor
that hung comes back in the slice in which it began to hang, and what it sends from there is
refused. Beside that it writes down every question, so that a run can say at its end which
were never answered, and lets a fault look at letters on their way.
"""

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, final

from actors.answer import Answer
from actors.fence import Fence
from sim.runtime.scheduler import Scheduler

if TYPE_CHECKING:
    from collections.abc import Callable

    from actors.edges import Letter
    from actors.inbox import Inbox


class Asked(NamedTuple):
    """A question."""

    answer: Answer
    edge: str
    message: str
    """Its type."""

    at: float
    """Virtual time, seconds."""


@final
class VirtualFence(Fence):
    """Fills `Fence`; always asked."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__(scheduler.who)
        self.up = True
        self.on_the_way: Callable[[Letter], str] | None = None
        """A fault's look at a letter: why it is lost, or empty. It may also raise."""

        self.letters = 0
        """That passed by."""

        self.asked = self.answered = 0
        self.failed: Counter[str] = Counter()
        self._clock = scheduler.clock
        self._open: list[Asked] = []
        self._passing: list[str] = []

    def let_go(self, inbox: "Inbox") -> None:
        """That one has ended and sends no more."""
        super().let_go(inbox)
        self.up = True

    def is_shut_out(self, inbox: "Inbox") -> bool:
        """Whether that one was replaced and has not ended."""
        return inbox in self._zombies

    def holds_back(self, letter: "Letter") -> str:
        """Why a letter does not go on; empty: it does."""
        self.letters += 1
        answer = letter[2]
        if answer is not None:
            self._note(letter, answer)
        if self._zombies and self.is_outside():
            return "fenced"
        if self.on_the_way is None:
            return ""
        self._passing.append(letter[0].name)
        try:
            return self.on_the_way(letter)
        finally:
            self._passing.pop()

    def is_passing(self, edge: str) -> bool:
        """Whether a letter to that edge is held up here: it came, and is not queued yet."""
        return edge in self._passing

    def open_asks(self) -> list[Asked]:
        """Questions that have no answer yet, oldest first."""
        still = []
        for asked in self._open:
            if asked.answer.is_done():
                self._count(asked.answer)
            else:
                still.append(asked)
        self._open = still
        return still

    def awaited(self) -> list[str]:
        """The same, in words."""
        return [
            f"{asked.message} to {asked.edge}, asked at {asked.at:.3f} s"
            for asked in self.open_asks()
        ]

    def _note(self, letter: "Letter", answer: Answer) -> None:
        self.asked += 1
        kind = type(letter[1]).__name__
        self._open.append(Asked(answer, letter[0].name, kind, self._clock.at))

    def _count(self, answer: Answer) -> None:
        try:
            answer.get(timeout=0.0)
        except Exception as error:  # noqa: BLE001  # whatever it was answered with
            self.failed[type(error).__name__] += 1
        else:
            self.answered += 1

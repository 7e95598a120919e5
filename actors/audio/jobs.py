"""What the studio was asked for, and who waits for it. Pure."""

from dataclasses import dataclass, field
from typing import Final

from actors.answer import Answer
from protocols.sound import Encode, Render, SoundRefused

MOST_TRIES: Final = 2
"""Lives of the studio that a job may cost."""

PATIENCE_S: Final = 110.0
"""An hour of a bowl takes seconds; nobody waits for longer than this."""

MOST: Final = 32
"""Jobs that may wait."""


@dataclass
class Job:
    """One order of the studio."""

    order: Render | Encode
    until: float
    """Clock time at which it has taken too long, seconds."""

    answers: list[Answer] = field(default_factory=list)
    tries: int = 1

    def answer(self, answer: object) -> None:
        """Tell all who wait."""
        for waiting in self.answers:
            waiting.offer(answer)


class Jobs:
    """Those that are not done, by number."""

    def __init__(self) -> None:
        self._open: dict[int, Job] = {}

    @property
    def full(self) -> bool:
        """No more may wait."""
        return len(self._open) >= MOST

    def add(self, order: Render | Encode, answer: Answer, now: float) -> None:
        """Remember an order, and who waits for it."""
        self._open[order.job] = Job(order, now + PATIENCE_S, [answer])

    def join(self, clip_id: str, kind: str, answer: Answer) -> bool:
        """Wait for a file that is being written already; whether there is such a one."""
        for job in self._open.values():
            order = job.order
            if isinstance(order, Encode) and (order.clip.id, order.format) == (
                clip_id,
                kind,
            ):
                job.answers.append(answer)
                return True
        return False

    def take(self, number: int) -> Job | None:
        """A job is done; None: it is of a life before."""
        return self._open.pop(number, None)

    def begin_anew(self) -> list[Render | Encode]:
        """Give the orders to repeat to a new studio; those that were fatal fail."""
        for job in list(self._open.values()):
            if job.tries >= MOST_TRIES:
                self._fail(job, "whoever renders it crashed, and again")
            job.tries += 1
        return [job.order for job in self._open.values()]

    def give_up(self, now: float) -> None:
        """Fail what has taken too long."""
        for job in list(self._open.values()):
            if job.until < now:
                self._fail(job, f"it was not done within {PATIENCE_S:g} s")

    def _fail(self, job: Job, why: str) -> None:
        del self._open[job.order.job]
        job.answer(SoundRefused(code="AUDIO_GENERATION_FAILED", reason=why))

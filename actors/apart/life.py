"""What a keeper knows of one child: its job, its deadline, why it has to go."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from actors.apart.child import Child
from actors.apart.kind import Limits
from actors.apart.memory import Array
from actors.apart.resident import resident_bytes
from actors.apart.words import Job

_MIB: Final = 1024**2


@dataclass(frozen=True, eq=False)
class Task:
    """A job before it has a child."""

    ticket: object
    """The owner's; None: a tiny job, by which a child proves itself."""

    content: bytes
    arrays: Sequence[Array] = ()


@dataclass(eq=False)
class Life:
    """One child's."""

    child: Child
    until: float
    """When it is late with what it does now; infinity: with nothing."""

    task: Task | None = None
    """What it has in hand."""

    given: int = 0
    """Jobs, tiny ones too: the number of the last."""

    done: int = 0
    """Jobs, without tiny ones."""

    proven: bool = False
    """It has done its first tiny job."""

    idle_since: float = 0.0
    due: str = ""
    """Why it is to be replaced; empty: it is not."""

    unfit: bool = False
    """It can be given nothing any more."""

    step: str = ""
    """How it ends, as in `ChildProcess`; empty: it does not."""

    why: str = ""

    def take_on(self, task: Task, until: float) -> bool:
        """Give it a job; False: it is gone already, and has not got it."""
        self.given += 1
        places = self.child.memory.put(task.arrays)
        if not self.child.say(Job(number=self.given, content=task.content, arrays=places)):
            self.unfit = True
            return False
        self.task, self.until = task, until
        return True

    def is_free(self) -> bool:
        """Whether it can be given a job."""
        return self.proven and self.task is None and not self.unfit and not self.step

    def finish(self, now: float, limits: Limits, poisoned: str) -> Task | None:
        """It has answered; looks whether it is worn.

        Returns:
            What it had in hand.
        """
        task, self.task = self.task, None
        self.until, self.idle_since, self.proven = math.inf, now, True
        self.done += task is not None and task.ticket is not None
        self.due = f"poisoned: {poisoned}" if poisoned else self.due or self._worn(limits)
        self.unfit = bool(poisoned)
        return task

    def _worn(self, limits: Limits) -> str:
        if self.done >= limits.jobs:
            return f"did {self.done} jobs"
        # One that has done nothing yet would be replaced by one that is no smaller.
        held = resident_bytes(self.child.pid) if self.done else 0
        if held <= limits.resident_bytes:
            return ""
        most = limits.resident_bytes / _MIB
        return f"holds {held / _MIB:.0f} MiB; allowed: {most:.0f}"

    def end(self, step: str, why: str, until: float) -> None:
        """It ends now, or was told to."""
        self.step, self.why, self.until = step, why, until

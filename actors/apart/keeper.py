"""One child at work for an actor, whatever becomes of children.

In: jobs from the actor that owns this, news of the children, and ticks. Out: what became of
each job, once; and each birth and end of a child, to whoever keeps the record. Nothing here
waits but `close`: the owner can be told to stop while a child works.

A child that is silent for too long is killed, one that crashed is replaced; only the job
that it had fails. One that has done its number of jobs, holds too much memory or has a
poisoned device is replaced between two jobs; where two may be there at once, the next has
proved itself before the last one goes. A child proves itself by a tiny real job, at its
start and whenever it was idle for a while.

There is no warm spare: another child is at work well within a second after a crash (see
`benchmarks/worker.py`), and a spare would hold its memory, or a graphics card's, all day.
"""

import math
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, TypeAlias, assert_never

import msgspec

from actors.apart.child import Child, ChildNews, Left, Said, Spawned
from actors.apart.errors import (
    ChildCrashedError,
    ChildError,
    ChildSilentError,
    ChildStartError,
    DevicePoisonedError,
    JobBrokeError,
    JobTooLargeError,
)
from actors.apart.kind import Kind
from actors.apart.life import Life, Task
from actors.apart.memory import Array, room_for
from actors.apart.words import LONGEST, Broke, Done, Hello, Word
from config.version import VERSION
from protocols.ports import Mailbox
from protocols.supervision import ChildProcess
from protocols.time import Tick

LONGEST_STEP_S: Final = 0.5
"""Ticks further apart mean that this process stood still: no child is blamed for that."""

PATIENCE: Final = 3
"""Children in a row that end without work before the owner falls: its supervisor knows how
to wait."""

RETRY_S: Final = 30.0
"""Pause after a replacement that did not start, while the one to be replaced works."""

KILLED_S: Final = 1.0
"""Seconds that the kernel has to end a child that was killed."""


class Finished(msgspec.Struct, frozen=True, eq=False):
    """A job is done."""

    ticket: Any
    """What the owner gave with it."""

    content: bytes
    arrays: Sequence[Array]
    """Read-only."""

    took_s: float
    """Seconds in the child, by its own clock."""


class Failed(msgspec.Struct, frozen=True, eq=False):
    """A job will not be done."""

    ticket: Any
    error: ChildError


Outcome: TypeAlias = Finished | Failed


class Keeper:
    """Keeps one child at work. All calls in the owner's thread.

    Args:
        kind: what the children run.
        path: of the owner.
        news: the owner's mailbox, from which it passes `ChildNews` on to `hear`.
        reports: is told of births and ends.
    """

    def __init__(
        self,
        kind: Kind,
        path: str,
        news: Mailbox[ChildNews],
        reports: Mailbox[ChildProcess],
    ) -> None:
        self._kind = kind
        self._limits = kind.limits
        self._path = path
        self._news = news
        self._reports = reports
        self._lives: dict[Child, Life] = {}
        self._now: Life | None = None
        self._next: Life | None = None
        self._waiting: deque[Task] = deque()
        self._time = 0.0  # seconds, without those in which this process stood still
        self._ticked_at: float | None = None
        self._not_before = 0.0
        self._fruitless = 0

    @property
    def ready(self) -> bool:
        """Whether a child is there that has proved itself."""
        return self._now is not None

    def start(self) -> None:
        """Start a child; it loads while others start."""
        self._go_on()

    def give(self, ticket: object, content: bytes, arrays: Sequence[Array] = ()) -> None:
        """Have a job done, after those that were given before.

        Args:
            ticket: comes back with what became of it; not None.
            content: for the handler.
            arrays: for the handler; must not change until the job is over.

        Raises:
            JobTooLargeError: it has no room.
        """
        room = room_for(arrays)
        if len(content) > LONGEST or room > self._kind.shared_bytes:
            raise JobTooLargeError(
                f"a job of {len(content)} bytes and {room} of arrays;"
                f" allowed: {LONGEST} and {self._kind.shared_bytes}"
            )
        self._waiting.append(Task(ticket, content, arrays))
        self._go_on()

    def hear(self, news: ChildNews) -> Outcome | None:
        """Take news of a child.

        Returns:
            What became of a job, if that is what it was about.

        Raises:
            ChildStartError: no child can be had.
        """
        life = self._lives.get(news.child)
        if life is None:
            return None  # of an owner's life before
        outcome: Outcome | None = None
        match news:
            case Spawned():
                self._report(life, "started")
            case Said(word=word):
                outcome = None if life.step else self._take(life, word)
            case Left(how=how):
                outcome = self._bury(life, how)
            case _:
                assert_never(news)
        self._go_on()
        return outcome

    def tick(self, tick: Tick) -> Outcome | None:
        """Let time pass: kill who is late, try who was idle.

        Returns:
            The job for which a child was killed, if any.

        Raises:
            ChildStartError: no child can be had.
        """
        before = tick.now if self._ticked_at is None else self._ticked_at
        self._ticked_at = tick.now
        self._time += min(max(tick.now - before, 0.0), LONGEST_STEP_S)
        late = [life for life in self._lives.values() if life.until < self._time]
        outcomes = [self._end_late(life) for life in late]
        now, limits = self._now, self._limits
        if now and now.is_free() and self._time - now.idle_since >= limits.heartbeat_s:
            self._try(now, limits.heartbeat_answer_s)
        self._go_on()
        return next((outcome for outcome in outcomes if outcome is not None), None)

    def close(self) -> None:
        """End all children, and wait until they have; safe to call twice.

        One that works is killed: nobody would read its answer.
        """
        lives, self._lives = list(self._lives.values()), {}
        idle = self._now if self._now is not None and self._now.is_free() else None
        self._now = self._next = None
        self._waiting.clear()
        for life in lives:
            life.child.mute()
            if life is not idle:
                life.child.kill()
        if idle is not None:
            idle.child.dismiss()
            if not idle.child.join(self._limits.goodbye_s):
                idle.child.kill()
        for life in lives:
            life.child.join(KILLED_S)
            life.child.memory.close()
            if life.step != "killed":
                self._report(life, life.step or "ended", life.why or "its actor ended")

    # -- what a child does ---------------------------------------------------------------

    def _take(self, life: Life, word: Word) -> Outcome | None:
        match word:
            case Hello(version=version) if version == VERSION:
                self._try(life, life.until - self._time)
                return None
            case Hello(version=version):
                why = f"it is of Phosphene {version}, this is {VERSION}"
                return self._dismiss(life, "crashed", why, ChildStartError(why))
            case Done():
                return self._finish(life, word)
            case Broke(error=why, poisoned=True):
                return self._dismiss(life, "recycled", why, DevicePoisonedError(why))
            case Broke(error=why):
                return self._dismiss(life, "crashed", why, JobBrokeError(why))
            case _:
                assert_never(word)

    def _finish(self, life: Life, done: Done) -> Outcome | None:
        was_proven = life.proven
        task = life.finish(self._time, self._limits, done.poisoned)
        if was_proven:
            self._fruitless = 0
        if task is None or task.ticket is None:
            return None
        arrays = life.child.memory.take(done.arrays)
        return Finished(task.ticket, done.content, arrays, done.took_s)

    def _bury(self, life: Life, how: str) -> Outcome | None:
        del self._lives[life.child]
        life.child.memory.close()
        if life.step:
            if life.step != "killed":
                self._report(life, life.step, life.why)
            return None
        self._report(life, "crashed", how)
        return self._lose(life, ChildCrashedError(f"its process ended: {how}"))

    def _end_late(self, life: Life) -> Outcome | None:
        life.child.kill()
        if life.step:  # it was told to go
            life.until = math.inf
            return None
        limits = self._limits
        if not life.proven:
            why = f"it did not start in {limits.start_s:g} s"
        elif life.task is not None and life.task.ticket is None:
            why = f"it did not do a tiny job in {limits.heartbeat_answer_s:g} s"
        else:
            why = f"it did not answer in {limits.answer_s:g} s"
        life.end("killed", why, math.inf)
        self._report(life, "killed", why)
        return self._lose(life, ChildSilentError(f"{why} and was killed"))

    def _dismiss(
        self, life: Life, step: str, why: str, error: ChildError | None = None
    ) -> Outcome | None:
        life.end(step, why, self._time + self._limits.goodbye_s)
        life.child.dismiss()
        return self._lose(life, error)

    def _lose(self, life: Life, error: ChildError | None) -> Outcome | None:
        """A child is not there any more, or will not be."""
        task, life.task = life.task, None
        if life is self._now:
            self._now = None
        if life is self._next:
            self._next = None
            self._not_before = self._time + RETRY_S
        if error is None:
            return None
        if task is not None and task.ticket is not None:
            return Failed(task.ticket, error)
        self._fruitless += 1
        if self._fruitless >= PATIENCE and self._now is None:
            raise ChildStartError(f"{self._fruitless} children in a row: {error}")
        return None

    # -- what it is given ------------------------------------------------------------------

    def _go_on(self) -> None:
        """Replace who is due, start who is wanted, give out what waits."""
        now, after = self._now, self._next
        proven = after is not None and after.proven
        if now and now.due and now.task is None and (proven or self._is_gone(now)):
            self._dismiss(now, "recycled", now.due)
        if self._now is None and proven:
            self._now, self._next = after, None
        if self._next is None and self._is_wanted():
            self._next = self._begin()
        now = self._now
        if now and now.is_free() and self._waiting:
            task = self._waiting.popleft()
            if not now.take_on(task, self._time + self._limits.answer_s):
                self._waiting.appendleft(task)

    def _is_gone(self, now: Life) -> bool:
        return self._kind.alone or now.unfit

    def _is_wanted(self) -> bool:
        if self._now is None:
            return not (self._kind.alone and self._lives)
        return (
            bool(self._now.due) and not self._kind.alone and self._time >= self._not_before
        )

    def _begin(self) -> Life:
        child = Child(self._kind, self._path, self._news)
        life = Life(child, self._time + self._limits.start_s)
        self._lives[child] = life
        return life

    def _try(self, life: Life, limit_s: float) -> None:
        life.take_on(Task(None, self._kind.tiny), self._time + limit_s)

    def _report(self, life: Life, step: str, why: str = "") -> None:
        self._reports.tell(
            ChildProcess(
                path=self._path, pid=life.child.pid, step=step, reason=why, jobs=life.done
            )
        )

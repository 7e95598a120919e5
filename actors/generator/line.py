"""Who is painted next: the pool's line, as arithmetic.

One picture is outstanding a session; the newest wish replaces an older one that still
waits; sessions take turns in the order in which they began to wait; a session keeps to
the worker that holds its memory. No clock, no actor.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

W = TypeVar("W")

SINGLES = 64
"""Single pictures that may wait; more are refused."""


@dataclass
class Job(Generic[W]):
    """A wish that a worker has."""

    number: int
    worker: str
    session: str
    """Empty for a single picture."""
    wish: W
    began_at: float


@dataclass
class Line(Generic[W]):
    """Wishes that wait, and jobs that are done now."""

    ready: deque[str] = field(default_factory=deque)
    """Sessions whose turn comes, in order; a single picture is its own `single:N`."""
    wishes: dict[str, W] = field(default_factory=dict)
    jobs: dict[int, Job[W]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    """The worker that holds a session's memory."""
    workers: set[str] = field(default_factory=set)
    numbers: int = 0
    superseded: int = 0

    def wait(self, session: str, wish: W) -> None:
        """A session's newest wish."""
        if session in self.wishes:
            self.superseded += 1
        elif not self._is_painted(session):
            self.ready.append(session)
        self.wishes[session] = wish

    def wait_single(self, wish: W) -> bool:
        """A single picture; False when too many wait."""
        if sum(key.startswith("single:") for key in self.ready) >= SINGLES:
            return False
        self.numbers += 1
        key = f"single:{self.numbers}"
        self.wishes[key] = wish
        self.ready.append(key)
        return True

    def free(self) -> list[str]:
        """Workers without a job."""
        busy = {job.worker for job in self.jobs.values()}
        return sorted(self.workers - busy)

    def next_for(self, worker: str) -> tuple[str, W] | None:
        """Take the first wish out that this worker may have."""
        for key in self.ready:
            if self.homes.get(key, worker) in (worker, *self._gone(key)):
                self.ready.remove(key)
                return key, self.wishes.pop(key)
        return None

    def begin(self, worker: str, key: str, wish: W, now: float) -> Job[W]:
        """Give a wish to a worker."""
        self.numbers += 1
        session = "" if key.startswith("single:") else key
        if session:
            self.homes[session] = worker
        job = Job(self.numbers, worker, session, wish, now)
        self.jobs[job.number] = job
        return job

    def finish(self, number: int) -> Job[W] | None:
        """A job is over; its session may wait again. None for a job that is not known."""
        job = self.jobs.pop(number, None)
        if job is not None and job.session in self.wishes:
            self.ready.append(job.session)
        return job

    def arrive(self, worker: str) -> list[Job[W]]:
        """A worker is there (again) and has nothing: its jobs of before are lost."""
        self.workers.add(worker)
        lost = [job for job in self.jobs.values() if job.worker == worker]
        return [job for job in lost if self.finish(job.number) is not None]

    def forget(self, session: str) -> str | None:
        """A session ended; says which worker holds its memory."""
        self.wishes.pop(session, None)
        if session in self.ready:
            self.ready.remove(session)
        return self.homes.pop(session, None)

    def _is_painted(self, session: str) -> bool:
        return any(job.session == session for job in self.jobs.values())

    def _gone(self, key: str) -> tuple[str, ...]:
        home = self.homes.get(key)
        return (home,) if home is not None and home not in self.workers else ()

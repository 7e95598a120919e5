"""A keeper with real children, whose owner is the test."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from actors.apart.child import ChildNews, Left, Said, Spawned
from actors.apart.keeper import Failed, Finished, Keeper, Outcome
from actors.apart.kind import Kind, Limits
from actors.apart.memory import Array
from protocols.time import Tick
from tests.probe import Probe

if TYPE_CHECKING:
    from protocols.supervision import ChildProcess

ROOM = 1024**2


def kind(
    module: str = "misbehaving",
    *,
    alone: bool = False,
    tiny: bytes = b"echo:tiny",
    limits: Limits | None = None,
) -> Kind:
    return Kind(
        module=f"tests.actors.apart.{module}",
        tiny=tiny,
        shared_bytes=ROOM,
        limits=limits or Limits(),
        alone=alone,
    )


class Bench:
    """Does what an actor would do: passes news and ticks on."""

    def __init__(self, what: Kind) -> None:
        self.news: Probe[ChildNews] = Probe()
        self.reports: Probe[ChildProcess] = Probe()
        self.keeper = Keeper(what, "test/owner", self.news, self.reports)
        self.now = 0.0
        self.outcomes: list[Outcome] = []
        self._tickets = 0

    def started(self) -> "Bench":
        """With a child that is ready."""
        self.keeper.start()
        self.hear_until_ready()
        return self

    def hear_until_ready(self) -> None:
        while not self.keeper.ready:
            self.hear()

    def hear(self) -> ChildNews:
        """Pass on what comes next."""
        news = self.news.next(30.0)
        outcome = self.keeper.hear(news)
        if outcome is not None:
            self.outcomes.append(outcome)
        return news

    def give(self, command: str, *arrays: Array) -> int:
        """Give a job; its ticket is a number."""
        self._tickets += 1
        self.keeper.give(self._tickets, command.encode(), arrays)
        return self._tickets

    def finished(self) -> Finished:
        """The next outcome, which has to be a success."""
        outcome = self._outcome()
        assert isinstance(outcome, Finished), outcome
        return outcome

    def lost(self) -> Failed:
        """The next outcome, which has to be a failure."""
        outcome = self._outcome()
        assert isinstance(outcome, Failed), outcome
        return outcome

    def done(self, command: str, *arrays: Array) -> Finished:
        """Give a job that has to succeed."""
        ticket = self.give(command, *arrays)
        finished = self.finished()
        assert finished.ticket == ticket
        return finished

    def failed(self, command: str) -> Failed:
        """Give a job that has to fail."""
        self.give(command)
        return self.lost()

    def pid(self) -> int:
        """Of the child that does the next job."""
        return int(self.done("pids").content.split()[0])

    def pass_time(self, seconds: float) -> None:
        """Tick ten times a second, as the metronome does."""
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            outcome = self.keeper.tick(Tick(self.now, round(self.now * 10)))
            if outcome is not None:
                self.outcomes.append(outcome)

    def hear_until(self, what: type[Spawned | Said | Left]) -> None:
        while not isinstance(self.hear(), what):
            pass

    def steps(self) -> Sequence[tuple[int, str, str]]:
        """What was reported and not read yet: number, step, reason."""
        return [(report.pid, report.step, report.reason) for report in self.reports.all()]

    def _outcome(self) -> Outcome:
        while not self.outcomes:
            self.hear()
        return self.outcomes.pop(0)

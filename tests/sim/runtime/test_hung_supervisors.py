"""A supervisor that hangs is replaced, and so is whoever lives below it."""

from protocols.supervision import ChildEnded, ChildGone, ChildStarted
from sim.runtime.clock import EPOCH
from supervisors.orders import GetFlags, Hung
from supervisors.spec import ChildSpec
from supervisors.supervisor import Supervisor
from tests.sim.runtime.tiny import Listener, Tiny


class Slow(Supervisor):
    """Stands still when asked for its flags."""

    tiny: Tiny

    def handle(self, message: object) -> object:
        if isinstance(message, GetFlags):
            self.tiny.scheduler.stand_still(20.0)
        return super().handle(message)  # type: ignore[arg-type]


def branch(tiny: Tiny, lives: list[Listener]) -> ChildSpec:
    """A supervisor with a supervisor below it, and a worker below that."""

    def worker() -> Listener:
        lives.append(Listener())
        return lives[-1]

    leaf = ChildSpec(
        id="leaf",
        make=worker,
        address=tiny.address("branch/twig/leaf"),
        dispatcher=tiny.world.pinned,
    )
    twig = supervisor(tiny, "branch/twig", [leaf], Supervisor)
    return supervisor(tiny, "branch", [twig], Slow)


def supervisor(
    tiny: Tiny, name: str, children: list[ChildSpec], kind: type[Supervisor]
) -> ChildSpec:
    address = tiny.address(name)

    def make() -> Supervisor:
        made = kind(tiny.world, f"root/{name}", address, lambda: children)
        if isinstance(made, Slow):
            made.tiny = tiny
        return made

    return ChildSpec(
        id=name.rpartition("/")[2],
        make=make,
        address=address,
        dispatcher=tiny.world.supervision,
        is_supervisor=True,
    )


def replaced(tiny: Tiny, lives: list[Listener]) -> None:
    """Have the branch hang at 1 s, and be found at 6 s."""
    tiny.up(branch(tiny, lives))
    branch_address = tiny.address("branch")
    tiny.scheduler.timers.at(1.0, lambda: branch_address.tell(GetFlags()))

    def find() -> None:
        job = tiny.scheduler.jobs["root/branch"]
        assert job.inbox is not None
        tiny.world.supervision.replace(job.inbox.thread)
        tiny.root.reports.tell(
            Hung(child="branch", life=1, cause=1, reason="hung", stack="")
        )

    tiny.scheduler.timers.at(6.0, find)


def test_its_next_life_starts_all_children_anew() -> None:
    tiny, lives = Tiny(), list[Listener]()
    replaced(tiny, lives)
    seen = list[int]()
    tiny.scheduler.timers.at(7.0, lambda: seen.append(len(tiny.world.roll.posts())))
    tiny.run(30.0)
    assert seen == [3]
    first, second = lives
    assert first.has_ended()
    assert not second.has_ended()
    tiny.down()
    assert second.has_ended()


def test_when_it_comes_back_it_writes_nothing_and_harms_nobody() -> None:
    tiny, lives = Tiny(), list[Listener]()
    replaced(tiny, lives)
    tiny.run(25.0)  # it stands still until 21 s
    rows = {row.path: (row.life, row.state.value) for row in tiny.world.view.rows()}
    assert rows == {
        "root/branch": (2, "running"),
        "root/branch/twig": (2, "running"),
        "root/branch/twig/leaf": (2, "running"),
    }
    late = [e for e in tiny.sim.transcript.pull() if e.at - EPOCH > 10.0]
    assert {type(e.event).__name__ for e in late} == {"ZombieEnded"}
    assert tiny.world.roll.office("root/branch") is not None
    tiny.address("branch/twig/leaf").tell("hello")
    tiny.run(1.0)
    assert lives[1].heard == ["hello"]
    tiny.down()


def test_the_journal_tells_of_all_who_went_with_it() -> None:
    tiny, lives = Tiny(), list[Listener]()
    replaced(tiny, lives)
    tiny.run(30.0)
    entries = [e for e in tiny.sim.transcript.pull() if 6.0 <= e.at - EPOCH < 7.0]
    gone = [e.event.path for e in entries if isinstance(e.event, ChildGone)]
    assert gone == ["root/branch/twig"]
    ended = [e.event.path for e in entries if isinstance(e.event, ChildEnded)]
    assert ended == ["root/branch"]
    born = [e.event.path for e in entries if isinstance(e.event, ChildStarted)]
    assert born == ["root/branch/twig/leaf", "root/branch/twig", "root/branch"]
    tiny.down()

"""A tiny supervised tree in virtual time: two that talk, one that falls now and then.

`python -m tests.sim.runtime.tiny SEED` prints what a run's journal hashes to.
"""

import sys
from collections.abc import Callable, Sequence

import numpy as np

from actors.inbox import Address
from actors.stage import Stage
from protocols.ports import Mailbox, Timer
from protocols.supervision import Born, Died
from supervisors.restart import Backoff, Intensity, Strategy
from supervisors.simulated import SimulatedWorld
from supervisors.spec import ChildSpec, Flags
from supervisors.supervisor import Supervisor
from supervisors.world import World
from tests.probe import Probe


class Talker(Stage):
    """Passes numbers on, ten a second, and falls over one in a hundred."""

    def __init__(
        self, world: World, own: Address, to: Mailbox[int], rng: np.random.Generator
    ) -> None:
        super().__init__()
        self._world, self._own, self._to = world, own, to
        self._rng = rng
        self._timer: Timer | None = None
        self.heard = 0

    def setup(self) -> None:
        own = self._own
        self._timer = self._world.timers.every(0.1, lambda _at, n: own.tell(n))

    def handle(self, message: int) -> int:
        self.heard += 1
        if self._rng.random() < 0.01:
            raise ValueError(f"{message} is too much")
        self._to.tell(message)
        return message

    def teardown(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


class Listener(Stage):
    """Takes anything."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []

    def handle(self, message: object) -> int:
        self.heard.append(message)
        return len(self.heard)


class Scripted(Stage):
    """Does what a test wants with each message."""

    def __init__(self, act: Callable[[object], object]) -> None:
        super().__init__()
        self._act = act

    def handle(self, message: object) -> object:
        return self._act(message)


class Tiny:
    """A world with a root that is up."""

    def __init__(self, seed: int = 1, *, slice_of: int = 1) -> None:
        self.sim = SimulatedWorld(seed, slice_of=slice_of)
        self.world = self.sim.world
        self.scheduler = self.sim.scheduler
        self.lives: Probe[Born | Died] = Probe()
        self.root = self.world.address("root")
        self.addresses = dict[str, Address]()

    def address(self, name: str) -> Address:
        if name not in self.addresses:
            self.addresses[name] = self.world.address(f"root/{name}")
        return self.addresses[name]

    def child(
        self,
        name: str,
        make: Callable[[], Stage],
        *,
        shared: bool = False,
        backoff: Backoff | None = None,
    ) -> ChildSpec:
        return ChildSpec(
            id=name,
            make=make,
            address=self.address(name),
            dispatcher=self.world.shared if shared else self.world.pinned,
            backoff=backoff,
        )

    def scripted(
        self, name: str, act: Callable[[object], object], *, shared: bool = False
    ) -> ChildSpec:
        return self.child(name, lambda: Scripted(act), shared=shared)

    def launch(
        self,
        specs: Sequence[ChildSpec],
        strategy: Strategy = Strategy.ONE_FOR_ONE,
        intensity: Intensity | None = None,
    ) -> None:
        root = Supervisor(
            self.world,
            "root",
            self.root,
            lambda: specs,
            Flags(strategy=strategy, intensity=intensity or Intensity()),
        )
        root.launch(self.root, self.world.supervision, self.lives, name="root")

    def up(self, *specs: ChildSpec) -> None:
        self.launch(specs)
        self.scheduler.run(0.05)
        assert isinstance(self.lives.next(), Born)

    def run(self, seconds: float) -> None:
        self.scheduler.run(self.world.clock.now() + seconds)

    def down(self) -> Died:
        self.root.stop()
        self.run(10.0)
        died = self.lives.until(Died)
        assert isinstance(died, Died)
        return died


def talking(seed: int, seconds: float = 60.0) -> Tiny:
    """A run of the tiny tree, from its start to its end."""
    tiny = Tiny(seed)
    ear: Mailbox[int] = tiny.address("ear").latest("talkers>ear", lambda n: n % 7)

    def talker(name: str, rng: np.random.Generator) -> ChildSpec:
        own = tiny.address(name)
        backoff = Backoff(first_s=0.1, most_s=1.0)
        return tiny.child(name, lambda: Talker(tiny.world, own, ear, rng), backoff=backoff)

    left, right = (np.random.default_rng([seed, n]) for n in range(2))
    specs = [tiny.child("ear", Listener), talker("left", left), talker("right", right)]
    tiny.launch(specs, Strategy.REST_FOR_ONE, Intensity(max_restarts=50, within_s=1.0))
    tiny.run(seconds)
    tiny.down()
    tiny.sim.transcript.pull()
    return tiny


if __name__ == "__main__":
    print(talking(int(sys.argv[1])).sim.transcript.sha256())  # noqa: T201

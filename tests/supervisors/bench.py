"""A bench for supervisors: real actors, virtual time, scripted children."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from actors.answer import Answer
from actors.dispatch import PinnedDispatcher, SharedDispatcher
from actors.inbox import Address
from actors.stage import Stage
from protocols.supervision import (
    Born,
    ChildEnded,
    ChildRow,
    ChildStarted,
    Died,
    Entry,
    LifeEvent,
    ShutdownError,
    SupervisorChanged,
    SupervisorGaveUp,
)
from supervisors.chronicle import Chronicle
from supervisors.orders import GetFlags, ListChildren, SetFlags
from supervisors.restart import Intensity, Strategy
from supervisors.spec import ChildSpec, Flags
from supervisors.supervisor import Supervisor
from supervisors.world import World
from supervisors.zombies import Zombies
from tests.probe import Probe
from tests.time_stand_ins import VirtualClock, VirtualTimers


class FailLate(NamedTuple):
    """Wait for the event, then fail."""

    gate: threading.Event
    error: BaseException


Plan = BaseException | threading.Event | FailLate | None
"""What a life does in setup: fail, wait for the event, or be well."""


class Hang(msgspec.Struct, frozen=True, eq=False):
    """Hang until the gate is open; say when it is in hand."""

    held: threading.Event
    gate: threading.Event


class HangAtEnd(msgspec.Struct, frozen=True, eq=False):
    """Hang in teardown until the gate is open."""

    gate: threading.Event


class Child(Stage):
    """Comes up as planned; falls, ends or hangs when it is told so."""

    def __init__(self, name: str, log: Probe[str], plan: Plan) -> None:
        super().__init__()
        self._name = name
        self._log = log
        self._plan = plan
        self._at_end: threading.Event | None = None

    def setup(self) -> None:
        self._log.tell(f"+{self._name}")
        match self._plan:
            case threading.Event() as gate:
                gate.wait(5.0)
            case FailLate(gate=gate, error=error):
                gate.wait(5.0)
                raise error
            case BaseException() as error:
                raise error

    def handle(self, message: object) -> object:
        match message:
            case "fall":
                raise ValueError(self._name)
            case "end":
                self.halt()
            case "shutdown":
                raise ShutdownError("enough")
            case HangAtEnd(gate=gate):
                self._at_end = gate
            case Hang(held=held, gate=gate):
                held.set()
                gate.wait(5.0)
        return message

    def teardown(self) -> None:
        self._log.tell(f"-{self._name}")
        if self._at_end is not None:
            self._at_end.wait(5.0)


class Bench:
    """A world, a root supervisor at `root`, and what happened."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.events: Probe[LifeEvent] = Probe()
        self.lives: Probe[Born | Died] = Probe()
        self.log: Probe[str] = Probe()
        self.plans: dict[str, list[Plan]] = {}
        self.gates: list[threading.Event] = []
        self.addresses: dict[str, Address] = {}
        self._supervision = SharedDispatcher("supervision", 1)
        self._shared = SharedDispatcher("shared", 2)
        self.chronicle = Chronicle(self.clock)
        self.chronicle.watch(self.events, ChildStarted, ChildEnded, SupervisorGaveUp)
        self.world = World(
            clock=self.clock,
            timers=VirtualTimers(self.clock),
            chronicle=self.chronicle,
            zombies=Zombies(self.clock, self.chronicle),
            supervision=self._supervision,
            shared=self._shared,
            pinned=PinnedDispatcher(),
        )
        self.root = self.world.address("root")

    def gate(self) -> threading.Event:
        """An event that the end of the test opens."""
        self.gates.append(threading.Event())
        return self.gates[-1]

    def hang(self, name: str) -> threading.Event:
        """Have a child hang in a message; gives the event that ends it."""
        held, gate = threading.Event(), self.gate()
        self.address(name).tell(Hang(held, gate))
        assert held.wait(5.0)
        return gate

    def hang_at_end(self, name: str) -> threading.Event:
        """Have a child hang in its teardown, when it comes; gives what ends that."""
        gate = self.gate()
        message = HangAtEnd(gate)
        answer = self.address(name).ask(message, timeout_s=1e9)
        assert answer.get(timeout=5.0) is message
        return gate

    def address(self, name: str) -> Address:
        if name not in self.addresses:
            self.addresses[name] = self.world.address(name)
        return self.addresses[name]

    def child(self, name: str, **how: Any) -> ChildSpec:  # noqa: ANN401
        def make() -> Stage:
            plans = self.plans.get(name, [])
            return Child(name, self.log, plans.pop(0) if plans else None)

        how.setdefault("make", make)
        how.setdefault("dispatcher", self.world.pinned)
        how.setdefault("address", self.address(name))
        return ChildSpec(id=name, **how)

    def hold(self, gate: threading.Event) -> None:
        """Hold the supervisor in the middle of an order, until the gate opens."""
        held = threading.Event()

        class Holder:
            def tell(self, _event: object, /) -> None:
                held.set()
                gate.wait(5.0)

        self.chronicle.watch(Holder(), SupervisorChanged)
        self.root.tell(SetFlags(self.ask(GetFlags())))
        assert held.wait(5.0)

    def branch(
        self,
        name: str,
        *children: ChildSpec | str,
        flags: Flags | None = None,
        **how: Any,  # noqa: ANN401
    ) -> ChildSpec:
        """A supervisor below the root."""
        specs = [self.child(c) if isinstance(c, str) else c for c in children]
        return ChildSpec(
            id=name,
            make=lambda: Supervisor(
                self.world, f"root/{name}", self.address(name), lambda: specs, flags
            ),
            address=self.address(name),
            dispatcher=self.world.supervision,
            is_supervisor=True,
            **how,
        )

    def launch(
        self,
        *children: ChildSpec | str,
        strategy: Strategy = Strategy.ONE_FOR_ONE,
        intensity: Intensity | None = None,
        flags: Flags | None = None,
        make: Callable[[], Sequence[ChildSpec]] | None = None,
    ) -> None:
        """Launch the root; returns at once."""
        specs = [self.child(c) if isinstance(c, str) else c for c in children]
        root = Supervisor(
            self.world,
            "root",
            self.root,
            make or (lambda: specs),
            flags or Flags(strategy=strategy, intensity=intensity or Intensity()),
        )
        root.launch(self.root, self.world.supervision, self.lives, name="root")

    def up(self, *children: ChildSpec | str, **how: Any) -> None:  # noqa: ANN401
        """Launch the root and wait until all are up; forget what happened so far."""
        self.launch(*children, **how)
        assert isinstance(self.lives.next(), Born)
        self.log.all()
        self.events.all()

    def order(self, message: object) -> Answer:
        return self.root.ask(message, timeout_s=1e9)

    def ask(self, message: object) -> Any:  # noqa: ANN401
        return self.order(message).get(timeout=5.0)

    def rows(self) -> dict[str, ChildRow]:
        """What the root knows; also: it has done all that it was told before."""
        return {row.path.removeprefix("root/"): row for row in self.ask(ListChildren())}

    def until(self, kind: type[LifeEvent], path: str, life: int | None = None) -> LifeEvent:
        """Wait for an event, passing over others."""
        while True:
            event = self.events.until(kind)
            if getattr(event, "path", "") == path and life in (
                None,
                getattr(event, "life", None),
            ):
                return event

    def entries(self) -> list[Entry]:
        """All that was written down."""
        return self.chronicle.entries(0, 10_000)[0]

    def died(self) -> Died:
        died = self.lives.until(Died)
        assert isinstance(died, Died)
        return died

    def close(self) -> None:
        for gate in self.gates:
            gate.set()
        ended = Answer()
        self.root.stop(answer=ended)
        done = Answer()
        ended.when_done(done.set)
        done.get(timeout=5.0)
        self._supervision.close()
        self._shared.close()

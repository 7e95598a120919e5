"""Each fault, on a tiny tree: that it happens, is noted before, and what comes of it."""

from collections.abc import Callable

import numpy as np
import pytest

from actors.stage import Stage
from protocols.eeg import RawChunk, SignalInfo
from protocols.operators import Action
from protocols.supervision import (
    ChildEnded,
    ChildStarted,
    Entry,
    FaultInjected,
    LifeEvent,
)
from protocols.time import Tick
from sim.devices import Shelf
from sim.disk import SimDisk
from sim.runtime.faults import During, Fault, Kind
from sim.runtime.injector import Injector
from tests.sim.runtime.tiny import Listener, Tiny


class Passer(Stage):
    """Passes ticks on along a stage's edge, and counts its own ends."""

    def __init__(self, to: Callable[[object], object], ends: list[str]) -> None:
        super().__init__()
        self._to, self._ends = to, ends

    def handle(self, message: object) -> object:
        self._to(message)
        self._to(message)
        return message

    def teardown(self) -> None:
        self._ends.append("let go")


class Ground:
    """Notes in the tiny world's chronicle; one actor reads headset 7."""

    def __init__(self, tiny: Tiny) -> None:
        self._tiny = tiny
        self.orders: list[tuple[float, str, Action]] = []

    def note(self, fault: FaultInjected, *where: str) -> int:
        entry = self._tiny.sim.chronicle.note(fault)
        for place in where:
            self._tiny.sim.chronicle.blame(place, entry)
        return entry

    def headset_of(self, path: str) -> int | None:
        return 7 if path == "root/passer" else None

    def order(self, path: str, action: Action) -> None:
        self.orders.append((self._tiny.world.clock.now(), path, action))


class Scene:
    """A passer that ticks ten times a second, and an ear that hears twice of each."""

    def __init__(self, seed: int = 1) -> None:
        self.tiny = Tiny(seed)
        self.ear = Listener()
        self.ends: list[str] = []
        self.shelf, self.disk = Shelf(), SimDisk()
        self.ground = Ground(self.tiny)
        self.injector = Injector(
            self.tiny.scheduler, self.tiny.sim.fence, self.ground, self.shelf, self.disk
        )
        self.edge = self.tiny.address("ear").latest("passer>ear", lambda _: None)
        self.ticks = self.tiny.address("passer").latest("timer>passer", lambda _: None)
        self.tiny.up(
            self.tiny.child("ear", lambda: self.ear),
            self.tiny.child("passer", lambda: Passer(self.edge.tell, self.ends)),
        )
        self.timer = self.tiny.scheduler.timers.every(
            0.1, lambda at, number: self.ticks.tell(Tick(at, number))
        )

    def play(self, *faults: Fault, seconds: float = 3.05) -> list[Entry]:
        self.injector.begin(faults, np.random.default_rng(1))
        self.tiny.run(seconds)
        self.timer.cancel()
        self.injector.end()
        entries = self.tiny.sim.transcript.pull()
        self.tiny.down()
        return entries


def fault(kind: Kind, path: str = "root/passer", **how: object) -> Fault:
    return Fault(at_s=1.0, kind=kind, path=path, **how)  # type: ignore[arg-type]


def of(entries: list[Entry], kind: type[LifeEvent]) -> list[Entry]:
    return [entry for entry in entries if isinstance(entry.event, kind)]


def test_a_crash_is_noted_before_the_death_that_bears_it_as_its_cause() -> None:
    scene = Scene()
    entries = scene.play(fault(Kind.CRASH))
    (noted,), (death,) = of(entries, FaultInjected), of(entries, ChildEnded)
    assert isinstance(noted.event, FaultInjected)
    assert noted.event.where == "root/passer"
    assert death.cause == noted.number < death.number
    births = of(entries, ChildStarted)
    assert [b.event.life for b in births if b.event.path == "root/passer"] == [1, 2]  # type: ignore[union-attr]
    assert scene.ends == ["let go", "let go"]


@pytest.mark.parametrize("seed", range(8))
def test_a_crash_may_strike_in_the_middle_of_a_message(seed: int) -> None:
    scene = Scene()
    scene.injector.begin((fault(Kind.CRASH),), np.random.default_rng(seed))
    scene.tiny.run(3.05)
    scene.timer.cancel()
    (noted,) = of(scene.tiny.sim.transcript.pull(), FaultInjected)
    assert isinstance(noted.event, FaultInjected)
    # Of 30 ticks each is heard twice; that of the crash not at all, once or twice.
    heard = {"before Tick": 58, "in Tick, at send 1": 58, "in Tick, at send 2": 59}
    assert len(scene.ear.heard) == heard.get(noted.event.detail, 60)
    scene.tiny.down()


def test_several_lives_crash_one_after_the_other() -> None:
    entries = Scene().play(fault(Kind.CRASH, count=3), seconds=5.0)
    assert len(of(entries, FaultInjected)) == 3
    assert [e.event.life for e in of(entries, ChildEnded)] == [1, 2, 3]  # type: ignore[union-attr]


@pytest.mark.parametrize("during", ["setup", "teardown"])
def test_a_crash_may_strike_at_the_ends_of_a_life(during: During) -> None:
    entries = Scene().play(fault(Kind.CRASH, during=during))
    details = [e.event.detail for e in of(entries, FaultInjected)]  # type: ignore[union-attr]
    assert len(details) == 2
    assert details[1] == f"in {during}"


def test_who_stands_still_is_late_and_others_are_not() -> None:
    scene = Scene()
    entries = scene.play(fault(Kind.SLOW, for_s=1.0))
    (noted,) = of(entries, FaultInjected)
    assert noted.event.detail.endswith("1.000 s")  # type: ignore[union-attr]
    assert of(entries, ChildEnded) == []
    assert len(scene.ear.heard) == 60  # all came in the end


def test_a_lost_letter_does_not_arrive_and_is_counted() -> None:
    scene = Scene()
    entries = scene.play(fault(Kind.LOST, "passer>*", count=3))
    assert len(scene.ear.heard) == 57
    assert len(of(entries, FaultInjected)) == 3
    assert scene.edge.count().dropped == {"lost": 3}


def test_a_doubled_letter_arrives_twice_and_is_counted_twice() -> None:
    scene = Scene()
    scene.play(fault(Kind.DOUBLED, "passer>*", count=2))
    assert len(scene.ear.heard) == 62
    assert scene.edge.count().came == 62


def test_questions_and_what_is_told_once_are_neither_lost_nor_doubled() -> None:
    scene = Scene()
    scene.timer.cancel()
    lost = fault(Kind.LOST, "*", count=50)
    answer = scene.tiny.address("ear").ask("a question", timeout_s=60.0)
    scene.tiny.scheduler.timers.at(2.0, lambda: scene.edge.tell("an order"))
    asked = list[object]()
    scene.tiny.scheduler.timers.at(
        2.0, lambda: asked.append(scene.tiny.address("ear").ask("why", timeout_s=60.0))
    )
    entries = scene.play(lost)
    assert of(entries, FaultInjected) == []
    assert scene.ear.heard == ["a question", "an order", "why"]
    assert answer.is_done()


def test_a_device_is_gone_for_a_while() -> None:
    scene, gone = Scene(), list[bool]()
    for at in (0.9, 1.4, 1.9):
        scene.tiny.scheduler.timers.at(at, lambda: gone.append(7 in scene.shelf.gone))
    scene.play(fault(Kind.DEVICE_GONE, "*", for_s=0.5))
    assert gone == [False, True, False]


def test_a_disk_is_full_until_the_last_fault_is_over() -> None:
    scene, full = Scene(), list[bool]()
    for at in (0.9, 1.2, 1.8, 2.5):
        scene.tiny.scheduler.timers.at(at, lambda: full.append(scene.disk.full))
    scene.play(
        fault(Kind.DISK_FULL, for_s=0.5),
        Fault(at_s=1.2, kind=Kind.DISK_FULL, for_s=1.0),
    )
    assert full == [False, True, True, False]


def test_an_operator_stops_and_starts_again() -> None:
    scene = Scene()
    scene.play(fault(Kind.STOP, for_s=0.5))
    assert [(path, action) for _, path, action in scene.ground.orders] == [
        ("root/passer", Action.STOP),
        ("root/passer", Action.START),
    ]
    first, second = (at for at, _, _ in scene.ground.orders)
    assert second - first == pytest.approx(0.5)


def test_a_fault_waits_until_there_is_somebody_to_strike() -> None:
    scene = Scene()
    scene.tiny.address("passer").stop()
    entries = scene.play(fault(Kind.CRASH, "root/nobody"))
    assert of(entries, FaultInjected) == []


def test_the_root_is_struck_only_if_it_is_named() -> None:
    for seed in range(20):
        scene = Scene()
        scene.injector.begin((fault(Kind.CRASH, "*"),), np.random.default_rng(seed))
        scene.tiny.run(3.05)
        scene.timer.cancel()
        noted = of(scene.tiny.sim.transcript.pull(), FaultInjected)
        assert {e.event.where for e in noted} <= {"root/passer", "root/ear"}  # type: ignore[union-attr]
        scene.tiny.down()


def test_nothing_new_happens_after_the_end() -> None:
    scene = Scene()
    scene.injector.begin(
        (fault(Kind.CRASH), fault(Kind.LOST, "*")), np.random.default_rng(1)
    )
    scene.injector.end()
    scene.tiny.run(3.05)
    scene.timer.cancel()
    assert of(scene.tiny.sim.transcript.pull(), FaultInjected) == []
    assert len(scene.ear.heard) == 60
    scene.tiny.down()


def test_a_chunk_that_is_lost_is_found_as_a_gap() -> None:
    tiny = Tiny()
    ear, gaps = Listener(), []
    edge = tiny.address("ear").fifo(
        "reader>ear",
        depth=8,
        age_s=1.0,
        fold=lambda before, lost: (before or 0) + lost.uv.shape[1],
    )
    injector = Injector(tiny.scheduler, tiny.sim.fence, Ground(tiny), Shelf(), SimDisk())
    tiny.up(tiny.child("ear", lambda: ear))
    injector.begin((fault(Kind.LOST, "reader>ear"),), np.random.default_rng(1))
    tiny.run(1.1)
    info = SignalInfo(device="x", sfreq=250.0, ch_names=("Cz",), opened_at=0.0)
    for number in range(3):
        uv = np.zeros((1, 25), np.float32)
        edge.tell(RawChunk(info=info, first_sample=25 * number, captured_at=0.0, uv=uv))
        tiny.run(0.1)
    gaps = [m for m in ear.heard if isinstance(m, int)]
    assert gaps == [25]
    assert len(ear.heard) == 3
    tiny.down()

"""Turns, time, standing still, and deadlocks: with real stages under a real supervisor."""

from collections.abc import Callable

import pytest

from protocols.supervision import ChildEnded, ZombieEnded
from sim.runtime.scheduler import DeadlockError
from supervisors.orders import Hung
from supervisors.simulated import SimulatedWorld
from tests.sim.runtime.tiny import Listener, Tiny


def order_of(seed: int) -> list[object]:
    """In which order five equals have their turns."""
    tiny, heard = Tiny(seed), list[object]()
    names = [f"child-{n}" for n in range(5)]
    tiny.up(*(tiny.scripted(name, heard.append) for name in names))
    for _ in range(4):
        for number, name in enumerate(names):
            tiny.address(name).tell(number)
    tiny.run(1.0)
    tiny.down()
    return heard


def test_the_seed_says_who_is_next() -> None:
    assert order_of(1) == order_of(1)
    assert len({tuple(order_of(seed)) for seed in range(5)}) == 5


def test_each_message_is_handled_once_and_mail_of_one_sender_keeps_its_order() -> None:
    tiny, ear = Tiny(), Listener()
    tiny.up(tiny.child("ear", lambda: ear))
    for number in range(50):
        tiny.address("ear").tell(number)
    tiny.run(1.0)
    tiny.down()
    assert ear.heard == list(range(50))


def test_the_clock_moves_on_to_the_next_timer() -> None:
    tiny, ear = Tiny(), Listener()
    tiny.up(tiny.child("ear", lambda: ear))
    tiny.world.timers.after(3600.0, tiny.address("ear"), "an hour")
    tiny.run(3599.0)
    assert ear.heard == []
    tiny.run(2.0)
    assert ear.heard == ["an hour"]
    tiny.down()


def test_an_actor_that_waits_for_nothing_is_no_deadlock() -> None:
    tiny = Tiny()
    tiny.up(tiny.child("ear", Listener))
    tiny.run(100.0)
    assert tiny.world.clock.now() == pytest.approx(100.05)
    tiny.down()


def test_who_waits_for_whom_is_said_when_nobody_can_run() -> None:
    tiny = Tiny()

    def never(_message: object) -> None:
        stage = tiny.scheduler.jobs["root/oracle"].stage
        assert stage is not None
        _ = stage.reply_later()

    tiny.up(tiny.scripted("oracle", never))
    answer = tiny.address("oracle").ask("why?", timeout_s=60.0)
    with pytest.raises(DeadlockError, match=r"str to root/oracle:mail, asked at 0\.050 s"):
        tiny.run(5.0)
    assert not answer.is_done()


def still(tiny: Tiny, seconds: float) -> Callable[[object], object]:
    """Stands still when told so, and keeps what else it hears."""

    def act(message: object) -> object:
        if message == "hang":
            tiny.scheduler.stand_still(seconds)
        return message

    return act


def test_others_go_on_while_one_stands_still() -> None:
    tiny, ear = Tiny(), Listener()
    tiny.up(tiny.scripted("stone", still(tiny, 10.0)), tiny.child("ear", lambda: ear))
    tiny.address("stone").tell("hang")
    for second in range(9):
        tiny.world.timers.after(second, tiny.address("ear"), second)
    slow = tiny.address("stone").ask("after", timeout_s=60.0)
    seen = list[tuple[list[object], bool]]()
    tiny.scheduler.timers.at(9.5, lambda: seen.append((list(ear.heard), slow.is_done())))
    tiny.run(11.0)
    assert seen == [(list(range(9)), False)]
    assert slow.get(timeout=0.0) == "after"
    tiny.down()


def test_one_that_stands_still_holds_up_its_own_dispatcher_until_it_is_replaced() -> None:
    tiny, ear = Tiny(), Listener()
    tiny.up(
        tiny.scripted("stone", still(tiny, 10.0), shared=True),
        tiny.scripted("ear", ear.handle, shared=True),
    )
    tiny.address("stone").tell("hang")
    heard = list[list[object]]()
    tiny.world.timers.after(1.0, tiny.address("ear"), 1)
    tiny.scheduler.timers.at(2.0, lambda: heard.append(list(ear.heard)))
    job = tiny.scheduler.jobs["root/stone"]
    assert job.inbox is not None
    inbox = job.inbox
    tiny.scheduler.timers.at(3.0, lambda: tiny.world.shared.replace(inbox.thread))
    tiny.scheduler.timers.at(4.0, lambda: heard.append(list(ear.heard)))
    tiny.run(12.0)
    assert heard == [[], [1]]
    tiny.down()


def test_what_a_zombie_sends_is_refused_and_what_others_send_is_not() -> None:
    tiny, ear = Tiny(), Listener()

    def act(_message: object) -> None:
        tiny.scheduler.stand_still(10.0)
        tiny.address("ear").tell("from the zombie")

    tiny.up(tiny.child("ear", lambda: ear), tiny.scripted("stone", act))
    tiny.address("stone").tell("go")
    hung = Hung(child="stone", life=1, cause=1, reason="hung", stack="")
    tiny.scheduler.timers.at(5.0, lambda: tiny.root.reports.tell(hung))
    tiny.world.timers.after(7.0, tiny.address("ear"), "from the timer")
    tiny.run(20.0)
    assert ear.heard == ["from the timer"]
    events = [entry.event for entry in tiny.sim.transcript.pull()]
    assert [e.life for e in events if isinstance(e, ChildEnded)] == [1]
    assert [e.after_s for e in events if isinstance(e, ZombieEnded)] == [
        pytest.approx(5.05, abs=0.01)
    ]
    assert tiny.world.zombies.rows() == []
    tiny.down()


def test_a_failure_of_the_run_ends_it_from_within_any_loop() -> None:
    tiny = Tiny()

    def act(message: object) -> None:
        if message == "hang":
            tiny.scheduler.stand_still(10.0)
        else:
            tiny.scheduler.fail(KeyboardInterrupt())

    tiny.up(tiny.scripted("stone", act), tiny.scripted("other", act))
    tiny.address("stone").tell("hang")
    tiny.world.timers.after(1.0, tiny.address("other"), "end")
    with pytest.raises(KeyboardInterrupt):
        tiny.run(20.0)
    assert tiny.world.clock.now() < 2.0


def test_no_more_than_a_few_stand_still_at_once() -> None:
    tiny, refused = Tiny(), list[object]()

    def act(message: object) -> None:
        if tiny.scheduler.may_stand_still():
            tiny.scheduler.stand_still(5.0)
        else:
            refused.append(message)

    tiny.up(*(tiny.scripted(f"stone-{n}", act) for n in range(8)))
    for number in range(8):
        tiny.address(f"stone-{number}").tell(number)
    tiny.run(20.0)
    assert len(refused) == 2
    tiny.down()


def test_a_slice_costs_time() -> None:
    sim = SimulatedWorld(1, cost_s=lambda path: 0.001 if path == "worker" else 0.0)
    address, ear = sim.world.address("worker"), Listener()
    ear.launch(address, sim.world.pinned)
    for number in range(1000):
        address.tell(number)
    sim.scheduler.run_while(lambda: len(ear.heard) < 1000, 10.0)
    assert 0.9 < sim.world.clock.now() < 1.1
    address.stop()
    sim.scheduler.run(20.0)

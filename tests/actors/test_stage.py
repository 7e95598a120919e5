"""Lives of actors: on a thread of their own and on a pool, ended in every way."""

import gc
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import msgspec
import pykka
import pytest
from pykka import ActorRegistry

from actors.answer import Answer
from actors.clock import LiveClock
from actors.dispatch import PinnedDispatcher, SharedDispatcher
from actors.inbox import Address, DeadLetterOffice
from actors.stage import Dispatcher, EvictedError, Stage
from protocols.errors import ExpiredError
from protocols.supervision import Born, Died, Exit, IgnoreError, ShutdownError
from tests.probe import Probe
from tests.time_stand_ins import VirtualClock


class Fall(msgspec.Struct, frozen=True, eq=False):
    """Raise this."""

    error: BaseException


class Block(msgspec.Struct, frozen=True, eq=False):
    """Hang until the gate is open."""

    gate: threading.Event


class Later(msgspec.Struct, frozen=True):
    """Answer this when the next message comes."""


class End(msgspec.Struct, frozen=True):
    """Halt."""


class Worker(Stage):
    """Does what it is told, and says what it did."""

    colour = "green"

    def __init__(
        self,
        log: Probe[Any],
        *,
        in_setup: BaseException | None = None,
        in_teardown: BaseException | None = None,
        gate: threading.Event | None = None,
    ) -> None:
        super().__init__()
        self._log = log
        self._in_setup = in_setup
        self._in_teardown = in_teardown
        self._gate = gate
        self._later: Answer | None = None

    def setup(self) -> None:
        self._log.tell("setup")
        if self._gate is not None:
            self._gate.wait(5.0)
        if self._in_setup is not None:
            raise self._in_setup

    def handle(self, message: Any) -> Any:  # noqa: ANN401
        self._log.tell(message)
        match message:
            case Fall(error=error):
                raise error
            case Block(gate=gate):
                gate.wait(5.0)
            case Later():
                self._later = self.reply_later()
                return "not this"
            case End():
                self.halt()
            case _:
                if self._later is not None and not self._later.is_done():
                    self._later.set("at last")
        return message

    def teardown(self) -> None:
        self._log.tell("teardown")
        if self._in_teardown is not None:
            raise self._in_teardown

    def greet(self, name: str) -> str:
        return f"hello {name}"


class Bench:
    """An address, who watches it, and what its worker did."""

    def __init__(self, dispatcher: Dispatcher, clock: LiveClock | VirtualClock) -> None:
        self.dispatcher = dispatcher
        self.office = DeadLetterOffice()
        self.address = Address("bench", clock, self.office)
        self.lives: Probe[Born | Died] = Probe()
        self.log: Probe[Any] = Probe()
        self.stages: list[Stage] = []

    def launch(self, **wishes: Any) -> Worker:  # noqa: ANN401
        worker = Worker(self.log, **wishes)
        self.stages.append(worker)
        worker.launch(
            self.address, self.dispatcher, self.lives, name="worker", life=len(self.stages)
        )
        return worker

    def died(self) -> Died:
        died = self.lives.until(Died)
        assert isinstance(died, Died)
        return died

    def ask(self, message: object) -> Any:  # noqa: ANN401
        return self.address.ask(message, timeout_s=5.0).get(timeout=5.0)

    def close(self) -> None:
        for stage in self.stages:
            stage.actor_inbox.address.stop(stage.actor_inbox)
            assert stage.actor_stopped.wait(5.0)


@pytest.fixture(params=["pinned", "shared"])
def dispatcher(request: pytest.FixtureRequest) -> Iterator[Dispatcher]:
    if request.param == "pinned":
        yield PinnedDispatcher()
        return
    shared = SharedDispatcher("pool", 2)
    yield shared
    shared.close()


@pytest.fixture
def bench(dispatcher: Dispatcher) -> Iterator[Bench]:
    bench = Bench(dispatcher, LiveClock())
    yield bench
    bench.close()


# -- a life ------------------------------------------------------------------------------


def test_a_life_is_setup_then_messages_then_teardown(bench: Bench) -> None:
    bench.launch()
    bench.address.tell(1)
    assert bench.ask(2) == 2
    ended = Answer()
    bench.address.stop(answer=ended)

    assert ended.get(timeout=5.0) is None
    assert bench.log.all() == ["setup", 1, 2, "teardown"]
    assert bench.lives.next() == Born(child="worker", life=1)
    died = bench.died()
    assert (died.normal, died.error, died.during, died.life) == (True, None, "stop", 1)


def test_mail_waits_for_setup(bench: Bench) -> None:
    gate = threading.Event()
    bench.launch(gate=gate)
    answers = [bench.address.ask(n, timeout_s=5.0) for n in range(3)]
    assert not answers[0].is_done()

    gate.set()

    assert [answer.get(timeout=5.0) for answer in answers] == [0, 1, 2]


def test_a_stop_during_setup_ends_it_before_any_mail(bench: Bench) -> None:
    gate = threading.Event()
    bench.launch(gate=gate)
    assert bench.log.next() == "setup"
    asked = bench.address.ask("never", timeout_s=5.0)
    bench.address.stop()
    gate.set()

    assert bench.died().normal
    assert bench.log.all() == ["teardown"]
    with pytest.raises(pykka.ActorDeadError):
        asked.get(timeout=5.0)


def test_a_stop_goes_ahead_of_the_mail(bench: Bench) -> None:
    gate = threading.Event()
    bench.launch()
    bench.address.tell(Block(gate))
    for number in range(100):
        bench.address.tell(number)
    bench.log.until(Block)  # it hangs in it
    bench.address.stop()
    gate.set()

    assert bench.died().normal
    assert bench.log.all() == ["teardown"]
    assert bench.address.mail.count().dropped == {"closed": 100}


def test_an_actor_may_end_itself_after_it_has_answered(bench: Bench) -> None:
    bench.launch()

    assert bench.ask(End()) == End()
    died = bench.died()
    assert (died.normal, died.during) == (True, "End")


def test_messages_stay_in_order_and_are_never_handled_two_at_once(bench: Bench) -> None:
    bench.launch()
    for number in range(1000):
        bench.address.tell(number)
    bench.ask("end")

    assert bench.log.all() == ["setup", *range(1000), "end"]


# -- failures ------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(1), KeyboardInterrupt()])
def test_a_failed_tell_ends_that_actor_only(bench: Bench, error: BaseException) -> None:
    other = Bench(bench.dispatcher, LiveClock())
    other.launch()
    bench.launch()
    bench.address.tell(Fall(error))

    died = bench.died()
    assert (died.normal, died.error, died.during) == (False, error, "Fall")
    assert bench.log.all()[-1] == "teardown"
    assert other.ask("alive") == "alive"
    other.close()


def test_a_failed_ask_ends_it_and_gives_the_cause_to_who_asked(bench: Bench) -> None:
    bench.launch()

    with pytest.raises(ValueError, match="asked for it"):
        bench.ask(Fall(ValueError("asked for it")))
    assert not bench.died().normal


def test_who_asked_survives_a_system_exit(bench: Bench) -> None:
    bench.launch()

    with pytest.raises(pykka.ActorDeadError) as caught:
        bench.ask(Fall(SystemExit(4)))
    assert isinstance(caught.value.__cause__, SystemExit)


def test_a_failed_setup_is_told_and_torn_down_and_mail_is_answered(bench: Bench) -> None:
    gate = threading.Event()
    bench.launch(in_setup=OSError("no device"), gate=gate)
    asked = bench.address.ask("hello", timeout_s=5.0)
    gate.set()

    died = bench.died()
    assert (died.normal, died.during, repr(died.error)) == (
        False,
        "setup",
        "OSError('no device')",
    )
    assert bench.log.all() == ["setup", "teardown"]
    with pytest.raises(pykka.ActorDeadError):
        asked.get(timeout=5.0)


def test_a_failed_teardown_makes_an_end_a_failure(bench: Bench) -> None:
    bench.launch(in_teardown=OSError("stuck"))
    ended = Answer()
    bench.address.stop(answer=ended)

    died = bench.died()
    assert (died.normal, died.during) == (False, "teardown")
    assert ended.get(timeout=5.0) is None


def test_the_first_cause_counts_when_teardown_fails_too(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.launch(in_teardown=OSError("second"))
    bench.address.tell(Fall(ValueError("first")))

    assert repr(bench.died().error) == "ValueError('first')"
    assert "failed again in teardown" in caplog.text


def test_mail_behind_a_crash_is_lost_in_the_books_with_a_reason(bench: Bench) -> None:
    gate = threading.Event()
    bench.launch()
    bench.address.tell(Block(gate))
    bench.address.tell(Fall(ValueError("no")))
    asked = bench.address.ask(1, timeout_s=5.0)
    bench.address.tell(2)
    gate.set()
    bench.died()

    with pytest.raises(pykka.ActorDeadError, match="crashed"):
        asked.get(timeout=5.0)
    count = bench.address.mail.count()
    assert (count.came, count.taken, count.dropped, count.queued) == (
        4,
        2,
        {"crashed": 2},
        0,
    )
    assert [letter.message for letter in bench.office.newest] == [1, 2]


def test_an_address_outlives_its_tenants(bench: Bench) -> None:
    bench.launch()
    bench.address.tell(Fall(ValueError("no")))
    bench.died()
    bench.launch()

    assert bench.ask("second life") == "second life"
    assert bench.lives.until(Born).life == 2


def test_a_launch_that_gets_no_thread_leaves_the_address_vacant(bench: Bench) -> None:
    class Full:
        name = "full"

        def replace(self, thread: int) -> None:
            raise AssertionError(thread)

        def attach(self, inbox: object, run: object) -> None:  # noqa: ARG002
            raise RuntimeError("can't start new thread")

    with pytest.raises(RuntimeError, match="new thread"):
        Worker(bench.log).launch(bench.address, Full())
    bench.launch()

    assert bench.ask("room for another") == "room for another"


# -- questions ----------------------------------------------------------------------------


def test_an_answer_may_come_later(bench: Bench) -> None:
    bench.launch()
    asked = bench.address.ask(Later(), timeout_s=5.0)
    assert bench.ask("something else") == "something else"

    assert asked.get(timeout=5.0) == "at last"


def test_an_answer_that_is_owed_at_the_end_is_an_error(bench: Bench) -> None:
    bench.launch()
    asked = bench.address.ask(Later(), timeout_s=5.0)
    bench.address.tell(End())

    with pytest.raises(pykka.ActorDeadError, match="ended before it answered"):
        asked.get(timeout=5.0)


def test_reply_later_to_what_nobody_asked_is_read_by_nobody(bench: Bench) -> None:
    bench.launch()
    bench.address.tell(Later())

    assert bench.ask("goes on") == "goes on"


def test_a_question_taken_out_too_late_is_thrown_away(dispatcher: Dispatcher) -> None:
    clock, gate = VirtualClock(), threading.Event()
    bench = Bench(dispatcher, clock)
    bench.launch()
    bench.address.tell(Block(gate))
    late = bench.address.ask("too late", timeout_s=0.5)
    soon = bench.address.ask("in time", timeout_s=2.0)
    clock.advance(1.0)
    gate.set()

    assert soon.get(timeout=5.0) == "in time"
    with pytest.raises(ExpiredError):
        late.get(timeout=5.0)
    assert "too late" not in bench.log.all()
    assert bench.address.mail.count().dropped == {"expired": 1}
    bench.close()


@pytest.fixture(params=[None, 1e-6], ids=["default interval", "1 us"])
def switching(request: pytest.FixtureRequest) -> Iterator[None]:
    """How often the interpreter lets another thread have its lock."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(request.param or before)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("switching")
@pytest.mark.parametrize(("crashes", "each"), [(1000, 1), (100, 4)])
def test_an_ask_that_races_a_crash_is_always_answered(
    bench: Bench, crashes: int, each: int
) -> None:
    """Three askers at each crash: all are answered, and all is in the books.

    2,000 crashes at each interval, half of them in a thread of the actor's own.
    """
    rounds: Probe[list[Answer]] = Probe()
    start, done = threading.Barrier(4), threading.Barrier(4)

    def ask() -> None:
        for _ in range(crashes):
            start.wait(5.0)
            rounds.tell([bench.address.ask(n, timeout_s=9.0) for n in range(each)])
            done.wait(5.0)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for _ in range(crashes):
        bench.launch()
        start.wait(5.0)
        bench.address.tell(Fall(ValueError("race")))
        done.wait(5.0)
        bench.died()
    for asker in askers:
        asker.join()

    answers = [answer for some in rounds.all() for answer in some]
    assert len(answers) == crashes * 3 * each
    assert all(answer.is_done() for answer in answers)
    count = bench.address.mail.count()
    assert count.came == crashes * (3 * each + 1)
    assert (count.queued, count.taken + sum(count.dropped.values())) == (0, count.came)


def test_books_are_exact_when_many_tell_at_once(bench: Bench) -> None:
    bench.launch()

    def send() -> None:
        for number in range(2000):
            bench.address.tell(number)

    senders = [threading.Thread(target=send) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    bench.address.reports.ask("end", timeout_s=9.0).get(timeout=5.0)

    count = bench.address.mail.count()
    assert (count.came, count.queued) == (6000, 0)
    assert count.taken + count.dropped.get("full", 0) == 6000
    assert len(bench.log.all()) == count.taken + 2


# -- eviction ----------------------------------------------------------------------------


def test_an_evicted_actor_answers_who_waits_at_once_and_ends_when_it_can(
    bench: Bench,
) -> None:
    gate = threading.Event()
    hung = bench.launch()
    messages = (Later(), Block(gate), "behind")
    asked = [bench.address.ask(message, timeout_s=9.0) for message in messages]
    bench.log.until(Block)  # it hangs in it
    ended = Answer()
    bench.address.stop(answer=ended)

    hung.evict("abandoned")

    for answer in (*asked, ended):
        with pytest.raises(pykka.ActorDeadError, match="abandoned"):
            answer.get(timeout=0)
    bench.launch()
    assert bench.ask("the address is free") == "the address is free"
    bench.log.all()
    gate.set()
    died = bench.died()
    assert (died.life, died.normal) == (1, False)
    assert bench.log.all() == ["teardown"]
    assert bench.ask("unharmed") == "unharmed"


def test_an_evicted_actor_takes_no_more_mail(bench: Bench) -> None:
    gate = threading.Event()
    hung = bench.launch()
    bench.address.tell(Block(gate))
    bench.log.until(Block)
    hung.evict("abandoned")
    bench.launch()
    bench.address.tell("for the second")
    gate.set()

    assert bench.died().life == 1
    bench.ask("end")
    assert sorted(map(str, bench.log.all())) == [
        "end",
        "for the second",
        "setup",
        "teardown",
    ]


def test_an_actor_evicted_while_it_waits_for_mail_ends(bench: Bench) -> None:
    idle = bench.launch()
    bench.ask("up")
    idle.evict("not wanted")

    assert "evicted: not wanted" in str(bench.died().error)
    assert bench.log.all()[-1] == "teardown"


def test_an_actor_evicted_in_setup_tears_down_what_it_opened(bench: Bench) -> None:
    gate = threading.Event()
    hung = bench.launch(gate=gate)
    assert bench.log.next() == "setup"
    hung.evict("abandoned")
    gate.set()

    assert not bench.died().normal
    assert bench.log.all() == ["teardown"]


# -- as Pykka's ----------------------------------------------------------------------------


def test_start_and_stop_are_handshakes() -> None:
    log: Probe[Any] = Probe()
    ref = Worker.start(log)
    assert log.all() == ["setup"]
    assert ref.is_alive()

    assert ref.stop(timeout=5.0) is True
    assert log.all() == ["teardown"]
    assert not ref.is_alive()
    assert ref.stop(timeout=5.0) is False


def test_a_start_that_fails_returns_a_dead_actor(caplog: pytest.LogCaptureFixture) -> None:
    ref = Worker.start(Probe[Any](), in_setup=OSError("no device"))

    assert not ref.is_alive()
    assert "no device" in caplog.text


def test_a_ref_tells_asks_and_says_that_it_is_dead() -> None:
    log: Probe[Any] = Probe()
    ref = Worker.start(log)
    ref.tell(1)
    assert ref.ask(2, timeout=5.0) == 2
    assert ref.ask(3, block=False).get(timeout=5.0) == 3
    ref.stop(timeout=5.0)

    assert log.all() == ["setup", 1, 2, 3, "teardown"]
    with pytest.raises(pykka.ActorDeadError):
        ref.tell(4)
    with pytest.raises(pykka.ActorDeadError):
        ref.ask(5, timeout=5.0)


def test_a_proxy_calls_and_reads_and_writes() -> None:
    ref = Worker.start(Probe[Any]())
    proxy = ref.proxy()

    assert proxy.greet("you").get(timeout=5.0) == "hello you"
    proxy.colour = "red"
    assert proxy.colour.get(timeout=5.0) == "red"
    ref.stop(timeout=5.0)


def test_an_actor_may_stop_itself_in_pykka_s_way() -> None:
    class Once(Stage):
        def handle(self, message: object) -> object:
            self.stop()
            return message

    ref = Once.start()

    assert ref.ask("last", timeout=5.0) == "last"
    assert ref.actor_stopped.wait(5.0)


def test_pykka_s_stop_all_ends_stages_too() -> None:
    ref = Worker.start(Probe[Any]())
    ActorRegistry.stop_all(timeout=5.0)

    assert not ref.is_alive()


def test_a_stage_that_takes_nothing_says_so() -> None:
    with pytest.raises(TypeError, match="Stage takes no int"):
        Stage().handle(1)
    with pytest.raises(TypeError, match="dispatcher"):
        Stage().actor_inbox.get()


def test_what_an_actor_held_goes_with_it_and_waits_for_no_collection() -> None:
    dispatcher = SharedDispatcher("pool", 1)
    address = Address("worker", LiveClock())
    stage = Worker(Probe())
    held = weakref.ref(stage)
    gc.disable()
    try:
        stage.launch(address, dispatcher)
        del stage
        ended = Answer()
        address.stop(answer=ended)
        ended.get(timeout=5.0)
        dispatcher.close()  # its thread still held what it ran last

        assert held() is None
    finally:
        gc.enable()


# -- ends --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "end"),
    [
        (End(), Exit.NORMAL),
        (Fall(ShutdownError("enough")), Exit.SHUTDOWN),
        (Fall(IgnoreError("not needed")), Exit.SHUTDOWN),
        (Fall(ValueError("no")), Exit.ABNORMAL),
        (Fall(SystemExit(0)), Exit.ABNORMAL),
    ],
    ids=["halt", "shutdown", "ignore", "failure", "exit"],
)
def test_an_end_is_normal_ordered_or_abnormal(
    bench: Bench, message: object, end: Exit
) -> None:
    bench.launch()
    bench.address.tell(message)
    died = bench.died()

    assert (died.exit, died.normal) == (end, end is not Exit.ABNORMAL)
    assert died.during == type(message).__name__


def test_who_is_told_to_stop_has_shut_down(bench: Bench) -> None:
    stage = bench.launch()
    bench.ask("up")
    assert not stage.has_ended()
    bench.address.stop()

    assert bench.died().exit is Exit.SHUTDOWN
    assert stage.has_ended()


def test_a_failed_teardown_is_abnormal_though_it_was_told_to_stop(bench: Bench) -> None:
    bench.launch(in_teardown=OSError("stuck"))
    bench.address.stop()

    assert bench.died().exit is Exit.ABNORMAL


def test_a_setup_that_says_that_it_is_not_needed_is_no_failure(bench: Bench) -> None:
    bench.launch(in_setup=IgnoreError("no such device"))
    died = bench.died()

    assert (died.exit, died.during) == (Exit.SHUTDOWN, "setup")
    assert isinstance(died.error, IgnoreError)
    assert bench.log.all() == ["setup", "teardown"]


# -- what it is at -----------------------------------------------------------------------


def test_who_has_nothing_in_hand_is_at_nothing(bench: Bench) -> None:
    stage = bench.launch()
    bench.ask("up")
    bench.address.stop()
    bench.died()

    assert stage.activity() is None


def test_an_actor_at_work_shows_its_message_and_its_thread(bench: Bench) -> None:
    stage, gate = bench.launch(), threading.Event()
    bench.address.tell(Block(gate))
    bench.log.until(Block)
    activity = stage.activity()

    assert activity is not None
    assert activity.during == "Block"
    threads = {thread.ident for thread in threading.enumerate()}
    assert activity.thread in threads - {threading.get_ident()}
    again = stage.activity()
    assert again is not None
    assert again.holding is activity.holding
    gate.set()


def test_another_message_of_the_same_kind_is_another_thing_in_hand(bench: Bench) -> None:
    stage = bench.launch()
    gates = [threading.Event(), threading.Event()]
    for gate in gates:
        bench.address.tell(Block(gate))
    bench.log.until(Block)
    first = stage.activity()
    gates[0].set()
    bench.log.until(Block)
    second = stage.activity()
    gates[1].set()

    assert first is not None
    assert second is not None
    assert first.holding is not second.holding


def test_what_comes_by_a_keeping_edge_is_shown_too(bench: Bench) -> None:
    stage, gate = bench.launch(), threading.Event()
    bench.address.latest("state", lambda _: "one").tell(Block(gate))
    bench.log.until(Block)
    activity = stage.activity()
    gate.set()

    assert activity is not None
    assert activity.during == "Block"


def test_an_actor_in_setup_or_teardown_shows_that(bench: Bench) -> None:
    gate, held, at_end = threading.Event(), threading.Event(), threading.Event()

    class Slow(Worker):
        def teardown(self) -> None:
            held.set()
            at_end.wait(5.0)
            super().teardown()

    stage = Slow(bench.log, gate=gate)
    bench.stages.append(stage)
    stage.launch(bench.address, bench.dispatcher, bench.lives)
    assert bench.log.next() == "setup"
    begun = stage.activity()
    gate.set()
    bench.ask("up")
    bench.address.stop()
    assert held.wait(5.0)
    ending = stage.activity()
    ended_already = stage.has_ended()
    at_end.set()

    assert begun is not None
    assert ending is not None
    assert (begun.during, ending.during, ended_already) == ("setup", "teardown", False)
    assert begun.holding is not ending.holding


# -- permission --------------------------------------------------------------------------


class Scribe(Worker):
    """Asks for permission in a message and in its teardown."""

    def handle(self, message: Any) -> Any:  # noqa: ANN401
        super().handle(message)
        self.permit()
        self._log.tell("permitted")
        return message

    def teardown(self) -> None:
        try:
            self.permit()
        except EvictedError as error:
            self._log.tell(str(error))
        super().teardown()


def test_an_orderly_end_may_still_write(bench: Bench) -> None:
    stage = Scribe(bench.log)
    stage.launch(bench.address, bench.dispatcher, bench.lives)
    assert bench.ask("hello") == "hello"
    bench.address.stop()
    bench.died()

    assert bench.log.all() == ["setup", "hello", "permitted", "teardown"]


def test_who_was_replaced_may_write_neither_then_nor_at_its_end(bench: Bench) -> None:
    stage, gate = Scribe(bench.log), threading.Event()
    stage.launch(bench.address, bench.dispatcher, bench.lives, name="scribe", life=7)
    bench.address.tell(Block(gate))
    bench.log.until(Block)
    stage.evict("hung")
    gate.set()

    assert isinstance(bench.died().error, EvictedError)
    assert bench.log.all() == ["scribe (life 7) was replaced", "teardown"]


# -- pauses ------------------------------------------------------------------------------


def test_mail_waits_at_a_pause_and_goes_on_in_order(bench: Bench) -> None:
    stage = bench.launch()
    bench.ask("up")
    bench.address.pause(paused=True)
    answers = [bench.address.ask(n, timeout_s=9.0) for n in range(50)]
    assert stage.waiting() == 50
    assert not any(answer.is_done() for answer in answers)

    bench.address.pause(paused=False)

    assert [answer.get(timeout=5.0) for answer in answers] == list(range(50))
    assert bench.log.all() == ["setup", "up", *range(50)]


def test_a_paused_actor_is_set_up_and_torn_down(bench: Bench) -> None:
    bench.address.pause(paused=True)
    bench.launch()
    assert bench.lives.next() == Born(child="worker", life=1)
    asked = bench.address.ask("never", timeout_s=9.0)
    bench.address.stop()

    assert bench.died().exit is Exit.SHUTDOWN
    assert bench.log.all() == ["setup", "teardown"]
    with pytest.raises(pykka.ActorDeadError):
        asked.get(timeout=5.0)


def test_a_pause_holds_for_the_next_tenant(bench: Bench) -> None:
    bench.launch()
    bench.address.pause(paused=True)
    bench.address.stop()
    bench.died()
    bench.launch()
    asked = bench.address.ask("hello", timeout_s=9.0)
    assert bench.lives.until(Born).life == 2
    assert not asked.is_done()

    bench.address.pause(paused=False)
    assert asked.get(timeout=5.0) == "hello"


def test_an_actor_is_evicted_from_its_pause(bench: Bench) -> None:
    stage = bench.launch()
    bench.ask("up")
    bench.address.pause(paused=True)
    asked = bench.address.ask("never", timeout_s=9.0)
    stage.evict("hung")

    assert not bench.died().normal
    with pytest.raises(pykka.ActorDeadError, match="hung"):
        asked.get(timeout=5.0)


def test_a_question_that_waited_too_long_at_a_pause_has_expired(
    dispatcher: Dispatcher,
) -> None:
    clock = VirtualClock()
    bench = Bench(dispatcher, clock)
    bench.launch()
    bench.address.pause(paused=True)
    asked = bench.address.ask("late", timeout_s=1.0)
    clock.advance(2.0)
    bench.address.pause(paused=False)

    with pytest.raises(ExpiredError):
        asked.get(timeout=5.0)
    bench.close()


def test_pausing_and_going_on_while_mail_comes_loses_nothing(bench: Bench) -> None:
    bench.launch()

    def send() -> None:
        for number in range(300):
            bench.address.tell(number)

    senders = [threading.Thread(target=send) for _ in range(3)]
    for sender in senders:
        sender.start()
    for _ in range(200):
        bench.address.pause(paused=True)
        bench.address.pause(paused=False)
    for sender in senders:
        sender.join()
    bench.ask("end")

    count = bench.address.mail.count()
    assert (count.came, count.taken, count.queued) == (901, 901, 0)
    assert bench.address.audit() == []


@pytest.mark.usefixtures("switching")
def test_an_ask_that_races_an_eviction_is_always_answered(bench: Bench) -> None:
    """300 evictions of an actor at work, three askers at each."""
    evictions = 300
    rounds: Probe[Answer] = Probe()
    start, done = threading.Barrier(4), threading.Barrier(4)

    def ask() -> None:
        for number in range(evictions):
            start.wait(5.0)
            rounds.tell(bench.address.ask(number, timeout_s=9.0))
            done.wait(5.0)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for _ in range(evictions):
        stage = bench.launch()
        start.wait(5.0)
        stage.evict("hung")
        done.wait(5.0)
        bench.died()
    for asker in askers:
        asker.join()

    answers = rounds.all()
    assert len(answers) == evictions * 3
    assert all(answer.is_done() for answer in answers)
    count = bench.address.mail.count()
    assert (count.came, count.queued) == (evictions * 3, 0)
    assert not bench.address.fence.up

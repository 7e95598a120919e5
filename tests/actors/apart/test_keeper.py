"""One child at work, with real processes that misbehave in every way."""

import os
import re
import signal
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from actors.apart.child import Left, Said
from actors.apart.errors import (
    ChildCrashedError,
    ChildSilentError,
    ChildStartError,
    DevicePoisonedError,
    JobBrokeError,
    JobTooLargeError,
)
from actors.apart.kind import Kind, Limits
from tests.actors.apart.bench import ROOM, Bench, kind

pytestmark = pytest.mark.slow

BenchMaker = Callable[[Kind], Bench]


@pytest.fixture
def make() -> Iterator[BenchMaker]:
    benches: list[Bench] = []

    def start(what: Kind) -> Bench:
        benches.append(Bench(what))
        return benches[-1]

    yield start
    for bench in benches:
        bench.keeper.close()


@pytest.fixture
def bench(make: BenchMaker) -> Bench:
    return make(kind()).started()


def test_arrays_go_through_shared_memory_and_come_back_read_only(bench: Bench) -> None:
    samples = np.arange(12, dtype=np.float32).reshape(4, 3)
    pixels = np.full((5, 7, 3), 9, np.uint8)

    done = bench.done("echo:words", samples, pixels)

    back, more = done.arrays
    np.testing.assert_array_equal(back, samples[::-1])
    np.testing.assert_array_equal(more, pixels)
    assert back.dtype == np.float32
    assert not back.flags.writeable
    assert done.content == b"echo:words"
    assert done.took_s > 0


def test_an_answer_stays_as_it_is_when_the_next_one_comes(bench: Bench) -> None:
    (first,) = bench.done("echo", np.arange(4)).arrays
    bench.done("echo", np.zeros(4, np.int64))

    assert first.tolist() == [3, 2, 1, 0]


def test_jobs_are_done_in_order_though_several_wait(bench: Bench) -> None:
    tickets = [bench.give(f"echo:{n}") for n in range(5)]

    assert [bench.finished().ticket for _ in tickets] == tickets


def test_a_job_given_before_the_child_is_ready_waits_for_it(make: BenchMaker) -> None:
    bench = make(kind())
    bench.keeper.start()

    assert bench.done("echo:early").content == b"echo:early"


def test_a_child_is_nice_and_its_libraries_have_one_thread(bench: Bench) -> None:
    niceness, threads = bench.done("nice").content.split()

    assert int(niceness) == min(19, os.nice(0) + 10)
    assert threads.decode() == os.environ.get("OPENBLAS_NUM_THREADS", "1")


def test_a_child_does_not_read_what_its_parent_is_given(make: BenchMaker) -> None:
    kept = os.dup(0)
    read, written = os.pipe()
    os.dup2(read, 0)
    try:
        bench = make(kind()).started()
    finally:
        os.dup2(kept, 0)
        for number in (kept, read, written):
            os.close(number)

    assert bench.done("input").content == b"/dev/null"


def test_what_a_child_prints_goes_to_the_log_with_its_path(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    pid = bench.pid()
    bench.done("print:hello from below")
    bench.keeper.close()

    assert f"test/owner (pid {pid}): hello from below" in caplog.messages
    assert f"test/owner (pid {pid}): closed in order" in caplog.messages


@pytest.mark.parametrize(
    ("command", "how"),
    [("segfault", "SIGSEGV"), ("exit:3", "exit code 3"), ("exit:0", "exit code 0")],
)
def test_a_crash_fails_its_own_job_and_the_next_is_done_by_another_process(
    bench: Bench, command: str, how: str
) -> None:
    before = bench.pid()
    doomed, after = bench.give(command), bench.give("pids")

    lost, done = bench.lost(), bench.finished()

    assert (lost.ticket, done.ticket) == (doomed, after)
    assert isinstance(lost.error, ChildCrashedError)
    assert how in str(lost.error)
    other = int(done.content.split()[0])
    assert other != before
    assert bench.steps() == [
        (before, "started", ""),
        (before, "crashed", how),
        (other, "started", ""),
    ]


def test_where_a_child_was_when_it_crashed_is_in_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    bench.failed("segfault")

    assert "in _segfault" in caplog.text


def test_a_child_that_is_killed_from_outside_is_replaced_though_it_was_idle(
    bench: Bench,
) -> None:
    before = bench.pid()
    os.kill(before, signal.SIGKILL)
    bench.hear_until(Left)

    assert not bench.keeper.ready
    assert bench.pid() != before


def test_a_job_given_to_a_child_that_is_gone_already_is_done_by_the_next(
    bench: Bench,
) -> None:
    before = bench.pid()
    os.kill(before, signal.SIGKILL)
    left = bench.news.next()
    given = bench.give("echo")
    bench.keeper.hear(left)

    assert bench.finished().ticket == given


def test_a_child_that_hangs_with_the_lock_held_is_killed_at_its_limit(
    make: BenchMaker,
) -> None:
    bench = make(kind(limits=Limits(answer_s=15.0))).started()
    before = bench.pid()
    doomed, after = bench.give("hang"), bench.give("pids")

    bench.pass_time(14.9)
    assert bench.outcomes == []
    bench.pass_time(0.3)

    lost, done = bench.lost(), bench.finished()
    assert (lost.ticket, done.ticket) == (doomed, after)
    assert isinstance(lost.error, ChildSilentError)
    assert int(done.content.split()[0]) != before
    assert (before, "killed", "it did not answer in 15 s") in bench.steps()


def test_time_in_which_this_process_stood_still_is_not_the_childs(bench: Bench) -> None:
    bench.give("hang")
    bench.pass_time(1.0)
    bench.now += 3600.0
    bench.pass_time(1.0)

    assert bench.outcomes == []


def test_an_idle_child_is_tried_and_one_that_fails_is_replaced(make: BenchMaker) -> None:
    bench = make(kind(limits=Limits(heartbeat_s=10.0, heartbeat_answer_s=5.0))).started()
    before = bench.pid()
    os.kill(before, signal.SIGSTOP)

    bench.pass_time(14.9)
    assert [step for _, step, _ in bench.steps()] == ["started"]
    bench.pass_time(0.4)

    steps = bench.steps()
    assert (before, "killed", "it did not do a tiny job in 5 s") in steps
    assert bench.pid() != before


def test_an_idle_child_that_answers_stays_and_the_owner_hears_nothing(
    make: BenchMaker,
) -> None:
    bench = make(kind(limits=Limits(heartbeat_s=1.0))).started()
    before = bench.pid()
    for _ in range(3):
        bench.pass_time(1.3)
        bench.hear_until(Said)

    assert bench.outcomes == []
    assert bench.pid() == before
    assert [step for _, step, _ in bench.steps()] == ["started"]


def test_after_its_number_of_jobs_a_child_is_replaced_and_no_job_fails(
    make: BenchMaker,
) -> None:
    bench = make(kind(limits=Limits(jobs=3))).started()
    for _ in range(5):
        bench.give("pids")
    pids = {int(bench.finished().content.split()[0]) for _ in range(5)}
    bench.hear_until(Left)
    after = bench.pid()

    (before,) = pids  # it goes on until the next one has proved itself
    assert bench.steps() == [
        (before, "started", ""),
        (after, "started", ""),
        (before, "recycled", "did 3 jobs"),
    ]


def test_a_child_is_there_all_the_time_while_it_is_replaced(make: BenchMaker) -> None:
    bench = make(kind(limits=Limits(jobs=1))).started()
    bench.done("echo")
    for _ in range(20):
        assert bench.keeper.ready
        bench.hear()
        bench.done("echo")

    assert sum(step == "recycled" for _, step, _ in bench.steps()) > 1


def test_a_child_that_holds_more_than_it_may_is_replaced_after_its_job(
    make: BenchMaker,
) -> None:
    bench = make(kind(limits=Limits(resident_bytes=200 * 1024**2))).started()
    before = bench.pid()
    bench.done("grow:1")
    assert bench.pid() == before

    bench.done("grow:300")
    bench.hear_until(Left)

    assert bench.pid() != before
    ((pid, _, why),) = [line for line in bench.steps() if line[1] == "recycled"]
    assert pid == before
    held = re.fullmatch(r"holds (\d+) MiB; allowed: 200", why)
    assert held is not None
    assert 300 < int(held[1]) < 600


def test_a_poisoned_device_fails_its_job_and_costs_its_process(bench: Bench) -> None:
    before = bench.pid()
    lost = bench.failed("poisoned:CUDA error 700")

    assert isinstance(lost.error, DevicePoisonedError)
    assert bench.pid() != before
    bench.keeper.close()
    why = "DevicePoisonedError: CUDA error 700"
    assert (before, "recycled", why) in bench.steps()


def test_an_answer_that_bears_the_poison_counts_and_its_process_goes(
    bench: Bench,
) -> None:
    before = bench.pid()

    assert bench.done("poisons:sticky").content == b"done all the same"
    assert not bench.keeper.ready
    assert bench.pid() != before
    bench.keeper.close()
    assert (before, "recycled", "poisoned: sticky") in bench.steps()


def test_a_job_that_raises_says_so_and_the_next_has_a_fresh_process(bench: Bench) -> None:
    before = bench.pid()
    lost = bench.failed("raise:no such thing")

    assert isinstance(lost.error, JobBrokeError)
    assert "ValueError: no such thing" in str(lost.error)
    assert bench.pid() != before


def test_an_answer_that_has_no_room_is_a_failure_of_its_job(bench: Bench) -> None:
    lost = bench.failed("huge")

    assert f"the memory has {ROOM}" in str(lost.error)
    assert bench.done("echo").content == b"echo"


def test_what_is_no_word_costs_the_child(bench: Bench) -> None:
    lost = bench.failed("garbage")

    assert "no word" in str(lost.error)
    assert bench.done("echo").content == b"echo"


@pytest.mark.parametrize("array", [np.zeros(ROOM + 1, np.uint8)])
def test_a_job_that_has_no_room_is_refused_at_once(
    bench: Bench, array: np.ndarray[tuple[int], np.dtype[np.uint8]]
) -> None:
    with pytest.raises(JobTooLargeError, match="1048576"):
        bench.give("echo", array)
    with pytest.raises(JobTooLargeError, match="65536"):
        bench.give("x" * 65537)
    assert bench.done("echo").content == b"echo"


@pytest.mark.parametrize(
    ("module", "why"),
    [("never_ready", "there is no such board"), ("older", "it is of Phosphene 0.0.1")],
)
def test_children_that_do_not_come_up_are_given_up_with_the_reason(
    make: BenchMaker, module: str, why: str
) -> None:
    bench = make(kind(module))
    bench.keeper.start()

    with pytest.raises(ChildStartError, match=why):
        bench.hear_until_ready()
    bench.keeper.close()
    assert sum(step == "started" for _, step, _ in bench.steps()) == 3


def test_a_child_that_loads_for_too_long_is_killed(make: BenchMaker) -> None:
    bench = make(kind("slow_to_load", limits=Limits(start_s=30.0)))
    bench.keeper.start()
    bench.hear()
    bench.pass_time(30.2)

    assert bench.steps()[1][1:] == ("killed", "it did not start in 30 s")


def test_children_that_cannot_do_the_tiny_job_are_given_up(make: BenchMaker) -> None:
    bench = make(kind(tiny=b"exit:1"))
    bench.keeper.start()

    with pytest.raises(ChildStartError, match="3 children in a row"):
        bench.hear_until_ready()


def test_where_only_one_may_be_there_the_next_starts_when_the_last_is_gone(
    make: BenchMaker,
) -> None:
    bench = make(kind(limits=Limits(jobs=2), alone=True)).started()
    before, same, after = bench.pid(), bench.pid(), bench.pid()

    assert before == same != after
    steps = [(pid, step) for pid, step, _ in bench.steps()]
    assert steps[:3] == [(before, "started"), (before, "recycled"), (after, "started")]

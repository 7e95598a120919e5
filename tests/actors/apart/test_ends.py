"""How children end, and that nothing of them stays behind."""

import os
import resource
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from actors.apart.child import Child, Left, Said, Spawned
from actors.apart.errors import ChildStartError
from actors.apart.kind import Limits
from tests.actors.apart.bench import Bench, kind
from tests.probe import Probe

pytestmark = pytest.mark.slow


def descriptors() -> dict[str, str]:
    """What this process has open, by number."""
    opened = {}
    for number in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # that of this very look
            opened[number.name] = str(number.readlink())
    return opened


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    """No descriptor, no process, living or dead."""
    me = psutil.Process()
    files, children = descriptors(), me.children()
    yield
    assert descriptors() == files
    assert me.children() == children


@pytest.mark.parametrize(
    "command", ["echo", "segfault", "exit:1", "raise:x", "poisons:x", "garbage", "huge"]
)
def test_however_it_ended_nothing_stays(command: str) -> None:
    bench = Bench(kind()).started()
    bench.give(command)
    while not bench.outcomes:
        bench.hear()
    bench.keeper.close()


def test_closing_ends_a_child_that_is_idle_and_says_so_once() -> None:
    bench = Bench(kind()).started()
    pid = bench.pid()
    bench.keeper.close()
    bench.keeper.close()

    assert bench.steps() == [(pid, "started", ""), (pid, "ended", "its actor ended")]


def test_closing_does_not_wait_for_a_job_that_hangs() -> None:
    bench = Bench(kind(limits=Limits(goodbye_s=1e6))).started()
    bench.give("hang")
    bench.keeper.close()

    assert [step for _, step, _ in bench.steps()] == ["started", "ended"]


def test_closing_does_not_wait_for_ever_for_a_child_that_is_idle_and_stopped() -> None:
    bench = Bench(kind(limits=Limits(goodbye_s=0.05))).started()
    os.kill(bench.pid(), signal.SIGSTOP)
    bench.keeper.close()


@pytest.mark.parametrize("module", ["misbehaving", "slow_to_load"])
def test_a_child_can_be_closed_while_it_starts(module: str) -> None:
    bench = Bench(kind(module, limits=Limits(goodbye_s=1e6)))
    bench.keeper.start()
    bench.keeper.close()


def test_a_child_that_was_killed_before_it_was_started_is_never_started() -> None:
    news: Probe[Spawned | Left] = Probe()
    child = Child(kind(), "test/owner", news)  # type: ignore[arg-type]  # it says no word
    child.kill()
    while not isinstance(left := news.next(), Left):
        pass
    child.join(5.0)
    child.memory.close()

    assert left.how in ("it was not started", "SIGKILL")


def test_the_end_is_noticed_though_a_process_it_forked_holds_its_pipe() -> None:
    bench = Bench(kind()).started()
    forked = int(bench.done("fork").content)
    try:
        assert "exit code 4" in str(bench.failed("exit:4").error)
        assert bench.done("echo").content == b"echo"
    finally:
        os.kill(forked, signal.SIGKILL)
    bench.keeper.close()


def test_a_child_that_does_not_go_when_it_is_replaced_is_killed() -> None:
    bench = Bench(kind(limits=Limits(jobs=1, goodbye_s=0.5))).started()
    before = bench.pid()
    os.kill(before, signal.SIGSTOP)
    for _ in range(2):  # the next one says hello, and proves itself
        bench.hear_until(Said)
    bench.pass_time(1.0)
    bench.hear_until(Left)
    bench.keeper.close()

    assert (before, "recycled", "did 1 jobs") in bench.steps()


@pytest.mark.parametrize(
    ("module", "command"),
    [("misbehaving", "echo"), ("misbehaving", "hang"), ("slow_to_load", "")],
    ids=["idle", "hanging", "loading"],
)
def test_a_child_dies_with_its_parent_however_that_died(module: str, command: str) -> None:
    parent = subprocess.Popen(  # noqa: S603  # our own
        [sys.executable, "-m", "tests.actors.apart.parent", module, command],
        stdout=subprocess.PIPE,
    )
    with parent, selectors.DefaultSelector() as selector:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        end = os.pidfd_open(pid)
        selector.register(end, selectors.EVENT_READ)
        alive = selector.select(0)
        parent.kill()

        assert alive == []
        assert selector.select(10.0)
        os.close(end)


@pytest.mark.parametrize("room", range(8))
def test_where_the_system_has_no_descriptor_left_nothing_stays_either(room: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    bench = Bench(kind())
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(descriptors()) + room, hard))
    try:
        with pytest.raises((OSError, ChildStartError), match="Too many open files"):
            bench.started()
    finally:
        bench.keeper.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_signal_to_the_whole_service_leaves_its_children_to_the_server() -> None:
    bench = Bench(kind()).started()
    before = bench.pid()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(before, number)

    assert bench.pid() == before
    bench.keeper.close()

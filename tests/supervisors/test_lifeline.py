"""The lifeline: who guards the process from outside hears that all is well."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisors.lifeline import GUARD_FD, NOTIFY_SOCKET, WATCHDOG_USEC, Lifeline


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ours, theirs = os.pipe()
    os.set_blocking(ours, False)
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """Stands where systemd listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5.0)
        yield listener


def test_a_guard_hears_each_beat(pipe: tuple[int, int]) -> None:
    lifeline = Lifeline({GUARD_FD: str(pipe[1])}, stacks=False)
    lifeline.ready()
    lifeline.beat()

    assert os.read(pipe[0], 100) == b".."
    lifeline.stopping()
    assert os.read(pipe[0], 100) == b"!"


def test_a_guard_that_does_not_read_holds_nobody_up(pipe: tuple[int, int]) -> None:
    lifeline = Lifeline({GUARD_FD: str(pipe[1])}, stacks=False)
    for _ in range(100_000):  # more than a pipe holds
        lifeline.beat()

    assert os.read(pipe[0], 10) == b"." * 10


def test_systemd_hears_that_it_is_ready_well_and_stopping(systemd: socket.socket) -> None:
    given = {NOTIFY_SOCKET: systemd.getsockname(), WATCHDOG_USEC: "10000000"}
    lifeline = Lifeline(given, stacks=False)
    lifeline.ready()
    lifeline.stopping()

    heard = [systemd.recv(100) for _ in range(3)]
    assert heard == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_systemd_gets_no_beats_that_it_did_not_ask_for(systemd: socket.socket) -> None:
    lifeline = Lifeline({NOTIFY_SOCKET: systemd.getsockname()}, stacks=False)
    lifeline.beat()
    lifeline.stopping()

    assert systemd.recv(100) == b"STOPPING=1"


def test_an_abstract_socket_is_found() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        name = f"phosphene-test-{os.getpid()}"
        listener.bind("\0" + name)
        listener.settimeout(5.0)
        Lifeline({NOTIFY_SOCKET: "@" + name}, stacks=False).ready()

        assert listener.recv(100) == b"READY=1"


def test_nobody_listening_is_no_failure(pipe: tuple[int, int], tmp_path: Path) -> None:
    gone = Lifeline({NOTIFY_SOCKET: str(tmp_path / "none")}, stacks=False)
    gone.ready()
    Lifeline({}, stacks=False).beat()
    os.close(os.dup(pipe[0]))
    assert not (tmp_path / "none").exists()

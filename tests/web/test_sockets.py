"""Listening."""

import errno
import resource
import select
import socket
from collections.abc import Iterator

import pytest

from web.sockets import (
    AddressUnusableError,
    PortUsedError,
    address,
    allow_descriptors,
    listen,
)


@pytest.fixture
def few() -> Iterator[int]:
    """A low limit of descriptors; how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    yield 512
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_used_port_is_told_and_nothing_is_left_open() -> None:
    [taken] = listen("127.0.0.1", [0])
    port = address(taken)[1]
    with pytest.raises(PortUsedError, match=f"127.0.0.1:{port} is in use"):
        listen("127.0.0.1", [0, port])
    taken.close()
    [again] = listen("127.0.0.1", [port])
    again.close()


@pytest.mark.parametrize("host", ["203.0.113.1", "no such host.invalid"])
def test_an_address_that_is_not_ours_is_told(host: str) -> None:
    with pytest.raises(AddressUnusableError, match="cannot listen on"):
        listen(host, [0])


def test_an_accepted_connection_inherits_its_patience() -> None:
    [listener] = listen("127.0.0.1", [0])
    with listener, socket.create_connection(address(listener)):
        listener.settimeout(5)
        accepted, _ = listener.accept()
        with accepted:
            patience = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            assert patience == 20_000
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def fill(sock: socket.socket) -> None:
    while True:
        sock.send(bytes(65_536))


def test_the_kernel_ends_a_connection_whose_client_reads_nothing() -> None:
    [listener] = listen("127.0.0.1", [0])
    with listener, socket.socket() as deaf:
        # As in life, but for its length: 20 s.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 300)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.connect(address(listener))
        listener.settimeout(5)
        accepted, _ = listener.accept()
        with accepted:
            accepted.setblocking(False)  # noqa: FBT003
            with pytest.raises(BlockingIOError):
                fill(accepted)
            poll = select.poll()
            poll.register(accepted, select.POLLIN)
            assert poll.poll(20_000)
            assert (
                accepted.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ETIMEDOUT
            )


def test_descriptors_are_allowed_up_to_the_hard_limit(few: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert allow_descriptors(few + 100) == few + 100
    assert allow_descriptors(few) == few + 100  # never fewer than there were
    if hard != resource.RLIM_INFINITY:
        assert allow_descriptors(hard + 1) == hard

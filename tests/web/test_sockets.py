"""Listening."""

import socket

import pytest

from web.sockets import AddressUnusableError, PortUsedError, address, listen


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

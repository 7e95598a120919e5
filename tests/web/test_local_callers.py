"""Who is let in without a key: callers on this machine, and none who only seem so."""

import pytest

from tests.web.stand_ins import House
from web.auth import LOCAL, local_caller
from web.errors import Problem


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("127.0.0.1", {"host": "127.0.0.1:8008"}),
        ("127.0.0.1", {"host": "localhost:8008"}),
        ("127.0.0.1", {"host": "127.0.0.2"}),
        ("127.0.0.1", {}),
        ("::1", {"host": "[::1]:8008"}),
        ("::ffff:127.0.0.1", {"host": "LOCALHOST"}),
        ("127.0.0.1", {"host": "localhost:8008", "origin": "http://localhost:3009"}),
    ],
)
def test_who_calls_on_this_machine_needs_no_key(
    house: House, peer: str, headers: dict[str, str]
) -> None:
    assert local_caller(house.door, peer, headers) == LOCAL


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("192.0.2.7", {"host": "localhost:8008"}),
        ("", {"host": "localhost:8008"}),
        ("127.0.0.1", {"host": "elsewhere.example:8008"}),
        ("127.0.0.1", {"host": "[nonsense"}),
        ("127.0.0.1", {"host": "localhost", "x-forwarded-for": "192.0.2.7"}),
        ("127.0.0.1", {"host": "localhost", "forwarded": "for=192.0.2.7"}),
    ],
)
def test_who_may_be_elsewhere_needs_one(
    house: House, peer: str, headers: dict[str, str]
) -> None:
    with pytest.raises(Problem) as refused:
        local_caller(house.door, peer, headers)

    assert refused.value.status == 401


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://[x", "?"])
def test_a_page_of_another_site_may_not_call(house: House, origin: str) -> None:
    headers = {"host": "localhost:8008", "origin": origin}
    with pytest.raises(Problem) as refused:
        local_caller(house.door, "127.0.0.1", headers)

    assert refused.value.status == 403

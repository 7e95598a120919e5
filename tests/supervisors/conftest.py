"""Fixtures of the supervisors' tests."""

from collections.abc import Iterator

import pytest

from tests.supervisors.bench import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A world and a root; all ends with the test."""
    bench = Bench()
    yield bench
    bench.close()

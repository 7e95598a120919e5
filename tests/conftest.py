"""Fixtures of all tests."""

from collections.abc import Iterator

import pytest

from tests.started import Started, Starter


@pytest.fixture
def started() -> Iterator[Started]:
    """Start a stage: gives its address; it ends with the test."""
    starter = Starter()
    yield starter
    starter.stop()

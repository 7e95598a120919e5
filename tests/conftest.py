"""Fixtures of all tests."""

import threading
from collections.abc import Iterator

import hypothesis
import pytest
from pykka import ActorRegistry

from tests.started import Started, Starter

# A slow machine is no failure: what hangs is found by the limits of what is tested.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

_NOT_OURS = ("Trio thread",)  # kept by Trio for ten seconds in case there is more to do


@pytest.fixture(autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    """A test joins the threads that it began, and ends its actors."""
    threads, actors = set(threading.enumerate()), set(ActorRegistry.get_all())
    yield
    for thread in set(threading.enumerate()) - threads:
        if not thread.name.startswith(_NOT_OURS):
            thread.join(timeout=5.0)
            assert not thread.is_alive(), f"{thread.name} was left behind"
    assert set(ActorRegistry.get_all()) <= actors


@pytest.fixture
def started() -> Iterator[Started]:
    """Start a stage: gives its address; it ends with the test."""
    starter = Starter()
    yield starter
    starter.stop()

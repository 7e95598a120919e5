"""Actors that a test starts, at an address of their own, and that end with it."""

from collections.abc import Callable

from actors.answer import Answer
from actors.clock import LiveClock
from actors.dispatch import PinnedDispatcher
from actors.inbox import Address
from actors.stage import Stage

Started = Callable[[Stage], Address]


class Starter:
    """Launches stages and stops them all."""

    def __init__(self) -> None:
        self._addresses: list[Address] = []
        self._dispatcher = PinnedDispatcher("test")
        self._clock = LiveClock()

    def __call__(self, stage: Stage) -> Address:
        """Let a stage live; what is told to the address is handled."""
        address = Address(type(stage).__name__, self._clock)
        stage.launch(address, self._dispatcher)
        self._addresses.append(address)
        return address

    def stop(self) -> None:
        """End all, and wait until they have ended."""
        for address in self._addresses:
            ended = Answer()
            address.stop(answer=ended)
            done = Answer()
            ended.when_done(done.set)
            done.get(timeout=5.0)

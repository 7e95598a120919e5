"""A door for `fanout.py`: stand-ins that answer at once."""

import time
from collections.abc import Callable
from typing import Any

from config.schema import Settings
from protocols.eeg import Phase
from protocols.operators import Events, OperatorOrder, SystemState
from protocols.sessions import SessionSettings, SessionView
from web.door import Door
from web.hub import Hub


class Now:
    """A reply that is there."""

    def __init__(self, value: Any) -> None:  # noqa: ANN401  # any answer
        self._value = value

    def get(self, *, timeout: float | None = None) -> Any:  # noqa: ANN401, ARG002  # as the port
        """The answer."""
        return self._value

    def when_done(self, call: Callable[[], object], /) -> None:
        """Call at once."""
        call()

    def is_done(self) -> bool:
        """Always."""
        return True


class Nobody:
    """Fills every address: knows the session `bench` and takes whatever it is told."""

    def tell(self, message: Any, /) -> None:  # noqa: ANN401  # any message
        """Let it go."""

    def ask(self, _: Any, /, *, timeout_s: float) -> Now:  # noqa: ANN401, ARG002  # as the port
        """Answer with the session."""
        settings = SessionSettings(
            user_id="bench", device_type="simulator", duration_s=3600, model="painter"
        )
        return Now(
            SessionView(
                session="bench",
                settings=settings,
                status="active",
                phase=Phase.STREAMING,
                reason="",
                created_at=0.0,
                ended_at=None,
                images=0,
                last_activity_at=0.0,
                duration_s=0.0,
                mean_latency_s=None,
            )
        )


class NoTree:
    """Fills `Operators`: nobody lives, and nobody can be told anything."""

    def tree(self) -> tuple[()]:
        """No rows."""
        return ()

    def actor(self, _path: str) -> None:
        """No one."""

    def actors(self) -> tuple[()]:
        """No one."""
        return ()

    def zombies(self) -> tuple[()]:
        """No one."""
        return ()

    def events(self, _since: int, _limit: int) -> Events:
        """Nothing ever happened."""
        return Events(entries=(), first=0, last=0)

    def tree_at(self, _number: int) -> None:
        """Nothing is kept."""

    def act(self, order: OperatorOrder) -> Now:
        """Refuse."""
        raise KeyError(order.path)

    def state(self) -> SystemState:
        """At rest."""
        return SystemState(
            run="bench",
            up_s=0.0,
            last_number=0,
            journal="writing",
            stalls=0,
            longest_stall_s=0.0,
            zombies=0,
            draining="",
            dead_letters={},
        )


class Monotonic:
    """The system's clock."""

    def now(self) -> float:
        """Seconds."""
        return time.monotonic()

    def unix(self, at: float) -> float:
        """Seconds since 1970."""
        return time.time() - time.monotonic() + at


def bench_door() -> Door:
    """A door with nobody behind it."""
    nobody = Nobody()
    return Door(
        clock=Monotonic(),
        settings=Settings(),
        sessions=nobody,
        pool=nobody,
        keyring=nobody,
        library=nobody,
        analysis=nobody,
        demands=nobody,
        broadcaster=nobody,
        hub=Hub(),
        operators=NoTree(),
    )

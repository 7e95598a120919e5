"""Going down in named steps, each with its limit, each reported.

    not_ready   new work is refused (503), `/health` says so, streams run on: `notice_s`
    streams     every stream is closed with 1012: `streams_s`
    http        idle connections end at once, requests in progress have `grace_s`

Who hurries us leaves 0.2 s to each step that is left. What is not done in its time is cut.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import trio
from quart import request
from quart_trio import QuartTrio

from web.door import Door
from web.errors import Problem

HURRIED_S: Final = 0.2
DONE, LATE, HURRIED = "done", "late", "hurried"
RETRY_S: Final = 5
"""When it may be worth another try: the next life of the door may be there by then."""

_SAFE: Final = ("GET", "HEAD", "OPTIONS")

Stepped: TypeAlias = Callable[[str, float, str], object]
"""Told after each step, in the Trio thread: its name, the seconds it took, its outcome:
`done`, `late` (its limit passed: the rest was cut) or `hurried` (the same, in haste)."""


def refuse_commands(app: QuartTrio, door: Door) -> None:
    """Let an application refuse, while `door` drains, whatever would change something.

    Args:
        app: before its first request.
        door: whose drain.
    """

    @app.before_request
    async def refuse() -> None:
        if door.draining.is_set() and request.method not in _SAFE:
            raise going_down()


def going_down() -> Problem:
    """The answer to whoever wants something new while we drain."""
    return Problem(
        503,
        "the server is going down",
        code="DRAINING",
        headers={"retry-after": str(RETRY_S)},
    )


class Drain:
    """Takes steps; made and used inside one Trio run.

    Args:
        hurry: once it is set, each step that is left has 0.2 s.
        stepped: told after each step.
    """

    def __init__(self, hurry: trio.Event, stepped: Stepped) -> None:
        self._hurry = hurry
        self._stepped = stepped

    async def step(
        self,
        phase: str,
        limit_s: float,
        work: Callable[[], Awaitable[None]],
        cut: Callable[[], None],
    ) -> None:
        """Take a step.

        Args:
            phase: its name.
            limit_s: seconds that it may take.
            work: what is to be done.
            cut: ends at once what `work` waits for.
        """
        began_at = trio.current_time()
        outcome = LATE
        with trio.move_on_after(limit_s) as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._shorten, scope)
                await work()
                outcome = DONE
                nursery.cancel_scope.cancel()
        if outcome != DONE:
            cut()
            if self._hurry.is_set():
                outcome = HURRIED
        self._stepped(phase, trio.current_time() - began_at, outcome)

    async def _shorten(self, scope: trio.CancelScope) -> None:
        await self._hurry.wait()
        scope.deadline = min(scope.deadline, trio.current_time() + HURRIED_S)

"""Hostile clients of a real server: closed with the right code, and nobody else suffers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
import pytest
import trio

from tests.journeys.abuse import EVERY, PATH, witnessed
from tests.journeys.server import PATIENCE_S, Server, serving
from tests.journeys.test_drain import port_of
from tests.web.raw import connected

pytestmark = pytest.mark.slow

ANY_NUMBER = ("--set", "web.websockets_per_address=0")
MOST_MORE = 50 * 1024**2
"""Bytes by which the server may have grown."""


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Server]:
    with serving(tmp_path, *ANY_NUMBER) as server:
        yield server


async def connections(server: Server) -> int:
    """WebSockets that the server has."""
    with server.client(None) as client:
        answer = await trio.to_thread.run_sync(lambda: client.get("/ws-stats"))
    count: int = answer.json()["active_connections"]
    return count


async def test_all_abuse_is_closed_with_its_code_and_the_others_are_served(
    running: Server,
) -> None:
    port, process = port_of(running), psutil.Process(running.process.pid)
    async with witnessed(port) as witness:
        await EVERY["bad UTF-8"][0](port)  # what is loaded once is loaded
        before = process.memory_info().rss
        for name, (abuse, right) in EVERY.items():
            codes = await abuse(port)
            assert set(codes) <= right, (name, codes)
            await witness.sees_another()
        grown = process.memory_info().rss - before
        assert not witness.closed

    assert grown <= MOST_MORE
    assert running.stop() == 0


async def test_who_reads_nothing_and_who_vanishes_is_gone_and_nobody_else(
    running: Server,
) -> None:
    port = port_of(running)
    async with AsyncExitStack() as stack:
        good = [await stack.enter_async_context(witnessed(port)) for _ in range(10)]
        for _ in range(10):
            deaf = await stack.enter_async_context(connected(port, 4096))
            await deaf.shake(PATH)
        for _ in range(10):
            async with connected(port) as vanishing:
                await vanishing.shake(PATH)

        with trio.fail_after(3 * PATIENCE_S):
            while await connections(running) > len(good):
                await good[0].sees_another()
        for witness in good:
            await witness.sees_another()
            assert not witness.closed

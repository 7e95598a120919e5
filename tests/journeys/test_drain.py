"""A real server with many clients, good and bad, that is told to go."""

import resource
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
import pytest
import trio

from actors.journal.reading import JournalReader
from protocols.supervision import DrainStepped
from tests.journeys.server import PATIENCE_S, Server, serving
from tests.web.raw import Raw, connected
from web.drain import DONE, LATE

pytestmark = pytest.mark.slow

SMALL = ("--workers", "1", "--set", "pictures.width=64", "--set", "pictures.height=64")
READING, DEAF, HALF_CLOSED = 40, 30, 30
DRAIN_S = 4.0
"""After so many seconds the process must have gone, whatever its clients do."""

FRAMES = 3
CLOSE = 0x8
GET = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Server]:
    with serving(tmp_path, *SMALL) as server:
        yield server


def port_of(server: Server) -> int:
    return int(server.base.rpartition(":")[2])


class Crowd:
    """Watchers of one stream."""

    def __init__(self, port: int, path: str) -> None:
        self._port = port
        self._path = path
        self.goodbyes: Counter[tuple[int, str]] = Counter()
        self.dropped = 0
        self._watching = 0
        self.all_watch = trio.Event()

    async def read(self) -> None:
        """Read all frames to the close."""
        async with connected(self._port) as raw:
            await raw.shake(self._path)
            frames = 0
            while (said := await raw.frame())[0] != CLOSE:
                frames += 1
                if frames == FRAMES:
                    self._watch()
            reason = said[1][2:].decode()
            self.goodbyes[int.from_bytes(said[1][:2]), reason] += 1

    async def half_close(self) -> None:
        """Say nothing any more, and listen on."""
        async with connected(self._port) as raw:
            await raw.shake(self._path)
            await raw.stream.send_eof()
            self._watch()
            await raw.rest()
            self.dropped += 1

    async def join_deaf(self, stack: AsyncExitStack) -> None:
        """Ask for the stream, and never read a byte of it."""
        connection = connected(self._port, receive_buffer=2048)
        raw: Raw = await stack.enter_async_context(connection)
        await raw.shake(self._path)

    def _watch(self) -> None:
        self._watching += 1
        if self._watching == READING + HALF_CLOSED:
            self.all_watch.set()


async def test_a_hundred_clients_do_not_hold_it_and_who_reads_hears_why(
    running: Server,
) -> None:
    session = running.sit()
    crowd = Crowd(port_of(running), f"/stream/{session['session_id']}")
    with trio.fail_after(PATIENCE_S):
        async with AsyncExitStack() as stack, trio.open_nursery() as nursery:
            for _ in range(DEAF):
                await crowd.join_deaf(stack)
            for _ in range(READING):
                nursery.start_soon(crowd.read)
            for _ in range(HALF_CLOSED):
                nursery.start_soon(crowd.half_close)
            await crowd.all_watch.wait()

            running.process.send_signal(signal.SIGTERM)
            code = await trio.to_thread.run_sync(running.process.wait, DRAIN_S)

    assert code == 0
    assert crowd.goodbyes == {(1012, "the server goes down"): READING}
    assert crowd.dropped == HALF_CLOSED


async def test_its_journal_tells_how_the_door_went_down(
    running: Server, tmp_path: Path
) -> None:
    session = running.sit()
    crowd = Crowd(port_of(running), f"/stream/{session['session_id']}")
    async with AsyncExitStack() as stack:
        await crowd.join_deaf(stack)
        assert running.stop() == 0

    events = [entry.event for entry in JournalReader(tmp_path / "journal").entries(0)]
    steps = [event for event in events if isinstance(event, DrainStepped)]
    assert [(step.phase, step.outcome) for step in steps][:3] == [
        ("not_ready", DONE),
        ("streams", LATE),  # who reads nothing was cut
        ("http", DONE),
    ]


async def test_who_takes_all_descriptors_keeps_nobody_out(running: Server) -> None:
    process = psutil.Process(running.process.pid)
    room = process.num_fds() + 15
    _, hard = resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE, (room, hard))
    with trio.fail_after(PATIENCE_S):
        async with AsyncExitStack() as stack:
            for _ in range(60):
                await stack.enter_async_context(connected(port_of(running)))
            async with connected(port_of(running)) as polite:
                await polite.send(GET)
                assert (await polite.head()).startswith("HTTP/1.1 200")
    assert running.stop() == 0

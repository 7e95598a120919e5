"""A door with one hostile client before it, and two well-behaved ones beside it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import trio
import trio.testing

from tests.web.raw import Raw, connected
from tests.web.stand_ins import House, opened
from web.door import Limits

PATH = "/stream/sess_a"
GET = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


class Scene:
    """What is seen of a door while a client misbehaves."""

    def __init__(self, house: House, client: httpx.AsyncClient, viewer: Raw) -> None:
        self.house = house
        self._client = client
        self._viewer = viewer
        self._sequence = 0
        self._before = counted()

    @property
    def port(self) -> int:
        return self.house.ports[0]

    @asynccontextmanager
    async def hostile(self, receive_buffer: int | None = None) -> AsyncIterator[Raw]:
        async with connected(self.port, receive_buffer) as raw:
            yield raw

    async def told(self) -> tuple[int, bytes]:
        """What the old viewer is told next."""
        return await self._viewer.frame()

    async def is_served(self) -> None:
        """See that the others are: an old viewer, an old connection and a new one."""
        self._sequence += 1
        with trio.fail_after(20):
            self.house.picture("sess_a", self._sequence)
            _, payload = await self.told()
            assert payload == f"picture {self._sequence}".encode()
            assert (await self._client.get("/health")).status_code == 200
            async with connected(self.port) as raw:
                await raw.send(GET)
                assert (await raw.head()).startswith("HTTP/1.1 200")

    async def is_clean(self, held: int = 0) -> None:
        """See that no task and no descriptor is left of who misbehaved.

        Args:
            held: connections that their clients have not closed yet.
        """
        descriptors, tasks = self._before
        with trio.fail_after(20):
            while counted() != (descriptors + held, tasks):
                await trio.testing.wait_all_tasks_blocked(0.01)
        assert self.house.door.figures.active == 1


def counted() -> tuple[int, int]:
    """Open descriptors of this process, and tasks of this run."""
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # no objects: it counts
    return descriptors, trio.lowlevel.current_statistics().tasks_living


@asynccontextmanager
async def scene(**limits: Any) -> AsyncIterator[Scene]:  # noqa: ANN401  # of their types
    """A scene; at its end the others are served, and nothing of anyone else is left."""
    house = House(limits=Limits(**limits))
    house.sessions.add("sess_a")
    async with (
        opened(house),
        house.client() as client,
        connected(house.ports[0]) as viewer,
    ):
        await viewer.shake(PATH)
        assert (await client.get("/health")).status_code == 200
        await trio.testing.wait_all_tasks_blocked(0.01)  # that request's own tasks end
        seen = Scene(house, client, viewer)
        yield seen
        await seen.is_served()
        await seen.is_clean()


def status_of(answer: bytes) -> int:
    """Of an answer's first line; 0: there is no answer."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0

"""Device types that a session may be made with.

GET /api/v1/devices      the default first, with recordings; needs a key
"""

from collections.abc import Sequence
from typing import Final

import trio
from quart import Blueprint, Response

from protocols.devices import DeviceRow
from web.answers import answer
from web.auth import caller
from web.door import Door
from web.errors import Problem

_READERS: Final = 2
"""Lists that are made at once: each reads the disk."""


def device_routes(door: Door) -> Blueprint:
    """Routes that list devices."""
    routes = Blueprint("devices", __name__)
    readers = trio.CapacityLimiter(_READERS)

    @routes.get("/api/v1/devices")
    async def devices() -> Response:
        await caller(door)
        return answer({"devices": await _listed(door, readers)})

    return routes


async def _listed(door: Door, readers: trio.CapacityLimiter) -> Sequence[DeviceRow]:
    with trio.move_on_after(door.limits.answer_s):
        return await trio.to_thread.run_sync(
            door.devices,
            limiter=readers,
            abandon_on_cancel=True,  # a disk that hangs hangs its thread only
        )
    raise Problem(504, "the disk does not answer")

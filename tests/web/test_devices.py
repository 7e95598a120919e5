"""The list of device types."""

import threading

from protocols.devices import DeviceRow
from tests.web.stand_ins import House, opened
from web.door import Limits

BRAIN = DeviceRow(
    device_type="simulator", name="Brain", available=True, reason="seeded", default=True
)


async def test_device_types_are_listed_as_they_are_given() -> None:
    house = House(devices=lambda: [BRAIN])
    async with opened(house), house.client() as client:
        got = await client.get("/api/v1/devices")

    assert got.json() == {
        "devices": [
            {
                "device_type": "simulator",
                "name": "Brain",
                "available": True,
                "reason": "seeded",
                "default": True,
            }
        ]
    }


async def test_the_list_needs_a_key() -> None:
    house = House(devices=lambda: [BRAIN])
    async with opened(house), house.client(None) as client:
        assert (await client.get("/api/v1/devices")).status_code == 401


async def test_a_disk_that_hangs_holds_up_only_who_asks_it() -> None:
    mended = threading.Event()

    def hang() -> list[DeviceRow]:
        mended.wait(20)
        return []

    house = House(devices=hang, limits=Limits(answer_s=0.3, grace_s=1.0))
    try:
        async with opened(house), house.client() as client:
            got = await client.get("/api/v1/devices")
            alive = await client.get("/health")
    finally:
        mended.set()

    assert (got.status_code, got.json()["error"]["code"]) == (504, "TIMEOUT")
    assert alive.status_code == 200

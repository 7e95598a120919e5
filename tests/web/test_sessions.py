"""Sessions over HTTP, as document 000 shows them."""

import pytest

from protocols.sessions import CommandBrain, CreateSession
from protocols.simulation import SetBrainState
from tests.web.stand_ins import OTHER_KEY, House, opened

WISH = {
    "user_id": "user_12345",
    "device_type": "muse",
    "session_config": {"duration_minutes": 30, "model": "sdxl-turbo"},
}


async def test_a_session_is_made_shown_and_ended_as_documented() -> None:
    async with opened(House()) as house, house.client() as client:
        made = (await client.post("/api/v1/session/create", json=WISH)).json()
        shown = (await client.get(f"/api/v1/session/{made['session_id']}")).json()
        ended = (await client.post(f"/api/v1/session/{made['session_id']}/end")).json()

    wish = house.asked_sessions.asked[0]
    assert isinstance(wish, CreateSession)
    assert (wish.settings.device_type, wish.settings.duration_s) == ("muse", 1800)
    assert wish.settings.owner == "ada"
    assert made["status"] == "active"
    assert made["created_at"] == "2023-11-14T22:15:00.000Z"
    assert made["websocket_url"] == f"ws://{house.at}/stream/{made['session_id']}"
    assert (shown["images_generated"], shown["duration_seconds"]) == (42, 7)
    assert shown["last_activity"].endswith("Z")
    assert ended == {
        "session_id": made["session_id"],
        "status": "ended",
        "summary": {"total_images": 42, "duration_seconds": 7, "avg_latency_ms": 87.1},
    }

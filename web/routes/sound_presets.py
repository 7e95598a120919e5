"""Named sounds over HTTP (document 003). No key on this machine, any key elsewhere.

GET    /api/v1/audio/presets             all of them
POST   /api/v1/audio/presets             keep one: 201; in place of an own one: 200
GET    /api/v1/audio/presets/<id>        one
DELETE /api/v1/audio/presets/<id>        forget one that was kept
GET    /api/v1/audio/frequencies/range   recommended frequencies

A documented preset stays as it is: 409.
"""

from quart import Blueprint, Response

from protocols.sound import (
    DeletePreset,
    ListRanges,
    PresetDeleted,
    PresetSaved,
    PresetTable,
    PresetUnknown,
    RangeTable,
)
from web.answers import answer, ask_actor, body_object
from web.auth import caller_or_local
from web.door import Door
from web.errors import Problem
from web.sound_answers import known_presets, refused
from web.sound_wish import preset_wish


def preset_routes(door: Door) -> Blueprint:
    """Routes that show presets and keep own ones."""
    routes = Blueprint("sound_presets", __name__, url_prefix="/api/v1/audio")

    @routes.before_request
    async def check_caller() -> None:
        await caller_or_local(door)

    @routes.get("/presets")
    async def listed() -> Response:
        table = await known_presets(door)
        said = {
            "status": "success",
            "presets": table.presets,
            "count": len(table.presets),
            "own": table.own,
            "trouble": table.trouble,
        }
        return answer(said)

    @routes.post("/presets")
    async def keep() -> Response:
        wish = preset_wish(await body_object(door))
        _spare_documented(wish.id, await known_presets(door))
        return _kept(await ask_actor(door, door.presets, wish))

    @routes.get("/presets/<preset>")
    async def show(preset: str) -> Response:
        found = (await known_presets(door)).presets.get(preset)
        if found is None:
            raise _no_preset(preset)
        return answer({"status": "success", "id": preset, "preset": found})

    @routes.delete("/presets/<preset>")
    async def forget(preset: str) -> Response:
        table = await known_presets(door)
        _spare_documented(preset, table)
        if preset not in table.presets:
            raise _no_preset(preset)
        return _forgotten(await ask_actor(door, door.presets, DeletePreset(preset)))

    @routes.get("/frequencies/range")
    async def ranges() -> Response:
        table = await ask_actor(door, door.presets, ListRanges())
        if not isinstance(table, RangeTable):
            raise refused(table)
        return answer({"status": "success", "ranges": table.ranges})

    return routes


def _kept(reply: object) -> Response:
    if not isinstance(reply, PresetSaved):
        raise refused(reply)
    said = {
        "status": "success",
        "message": "Preset replaced" if reply.replaced else "Preset saved",
        "id": reply.id,
        "preset": reply.preset,
    }
    response = answer(said, 200 if reply.replaced else 201)
    response.headers["location"] = f"/api/v1/audio/presets/{reply.id}"
    return response


def _forgotten(reply: object) -> Response:
    if isinstance(reply, PresetUnknown):  # somebody else was faster
        raise _no_preset(reply.id)
    if not isinstance(reply, PresetDeleted):
        raise refused(reply)
    return answer({"status": "success", "message": "Preset deleted", "id": reply.id})


def _spare_documented(preset: str, table: PresetTable) -> None:
    if preset not in table.presets or preset in table.own:
        return
    raise Problem(
        409,
        f"the preset {preset} is documented: it stays as it is",
        code="PRESET_IS_DOCUMENTED",
        details={"id": preset},
    )


def _no_preset(preset: str) -> Problem:
    details = {"id": preset[:200]}
    return Problem(404, "no such preset", code="RESOURCE_NOT_FOUND", details=details)

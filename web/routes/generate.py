"""Single pictures over HTTP (document 000).

POST /api/v1/generate      paint one; needs a key
GET  /images/<id>.png      a picture that was painted; the id cannot be guessed
"""

import base64
import re
from typing import Any, Final

import msgspec
import trio
from quart import Blueprint, Response, request

from protocols.analysis import PromptMade, PromptOfVector
from protocols.archive import FetchPicture, KeepPicture, PictureData, PictureKept
from protocols.generation import Painted, PaintFailed, PaintOnce
from protocols.pictures import PictureWish
from web.answers import answer, ask_actor, body_object, client_base
from web.auth import caller
from web.door import Door
from web.errors import Problem
from web.painting_wish import PaintingWish, painting_wish
from web.png import encode_png

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
_ENCODERS: Final = 2
"""Pictures that are encoded at once: each keeps a core busy."""


def generate_routes(door: Door) -> Blueprint:
    """Routes that make single pictures and show them."""
    routes = Blueprint("generate", __name__)
    encoders = trio.CapacityLimiter(_ENCODERS)

    @routes.post("/api/v1/generate")
    async def generate() -> Response:
        owner = await caller(door)
        asked = painting_wish(await body_object(door))
        wish = await _with_prompt(door, asked)
        asked_at = door.clock.now()
        painted = await _painted(door, wish)
        provenance = _provenance(wish, painted) | {"owner": owner.id}
        data = await trio.to_thread.run_sync(
            encode_png,
            painted.painting.pixels,
            _without_owner(provenance),
            limiter=encoders,
        )
        kept = await ask_actor(
            door, door.library, KeepPicture(data=data, mime="image/png", meta=provenance)
        )
        if not isinstance(kept, PictureKept):
            raise Problem(
                503, "the picture could not be kept", headers={"retry-after": "10"}
            )
        return answer(
            {
                "image_url": f"{client_base(door)}/images/{kept.id}.png",
                "image_base64": base64.b64encode(data).decode(),
                "metadata": _metadata(asked, wish, painted, asked_at),
            }
        )

    @routes.get("/images/<name>.png")
    async def image(name: str) -> Response:
        missing = Problem(404, "no such picture", code="IMAGE_NOT_FOUND")
        if not _ID.match(name):
            raise missing
        tag = f'"{name}"'
        if tag in request.headers.get("If-None-Match", ""):
            return Response(b"", 304, headers={"etag": tag})
        found = await ask_actor(door, door.library, FetchPicture(name))
        if not isinstance(found, PictureData):
            raise missing
        headers = {"etag": tag, "cache-control": "public, max-age=31536000, immutable"}
        return Response(found.data, content_type=found.mime, headers=headers)

    return routes


async def _with_prompt(door: Door, asked: PaintingWish) -> PictureWish:
    if asked.vector is None:
        return asked.wish
    made = await ask_actor(door, door.analysis, PromptOfVector(asked.vector))
    if not isinstance(made, PromptMade):
        raise Problem(422, "the embedding means nothing here", code="INVALID_EMBEDDING")
    return msgspec.structs.replace(asked.wish, prompt=made.prompt)


async def _painted(door: Door, wish: PictureWish) -> Painted:
    reply = await ask_actor(
        door, door.pool, PaintOnce(wish), timeout_s=door.limits.painting_s
    )
    match reply:
        case Painted():
            return reply
        case PaintFailed(field=field, reason=reason) if field:
            mistake = {"field": field, "allowed": reason}
            raise Problem(422, f"{field}: {reason}", details={"mistakes": [mistake]})
        case _:
            raise Problem(503, "the picture was not painted", headers={"retry-after": "1"})


def _provenance(wish: PictureWish, painted: Painted) -> dict[str, str]:
    painting = painted.painting
    return {
        "prompt": wish.prompt,
        "negative_prompt": wish.negative_prompt,
        "model": painting.model,
        "seed": str(painting.seed),
        "steps": str(wish.steps),
        "effective_steps": str(painting.effective_steps),
        "guidance_scale": str(wish.guidance_scale),
    }


def _without_owner(provenance: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in provenance.items() if name != "owner"}


def _metadata(
    asked: PaintingWish, wish: PictureWish, painted: Painted, asked_at: float
) -> dict[str, Any]:
    painting = painted.painting
    height, width = painting.pixels.shape[:2]
    return {
        "steps": wish.steps,
        "guidance_scale": wish.guidance_scale,
        "generation_time_ms": round((painted.done_at - painted.began_at) * 1000, 1),
        "queue_ms": round(max(0.0, painted.began_at - asked_at) * 1000, 1),
        "effective_steps": painting.effective_steps,
        "model": painting.model,
        "requested_model": asked.model or None,
        "seed": painting.seed,
        "width": width,
        "height": height,
        "prompt": wish.prompt,
        "known_words": list(painting.known_words),
    }

"""Named sessions over HTTP (document 003).

POST   /api/v1/sessions/create       make one; it waits
POST   /api/v1/sessions/<id>/start   let it run until its time is over
POST   /api/v1/sessions/<id>/stop    stop it before that
GET    /api/v1/sessions/<id>/status  how it is; also without `/status`
GET    /api/v1/sessions              those that the caller may see, newest first
DELETE /api/v1/sessions/<id>         forget it; one that runs is stopped first

No key on this machine, any key elsewhere. What is made without a key is everybody's; what
is made with one is that key's alone, and answers others as one that is not there. In the
wrong state: 409 with `SESSION_ALREADY_RUNNING`, `SESSION_NOT_RUNNING` or `SESSION_ENDED`.
"""

from quart import Blueprint, Response, request

from protocols.sessions import CreatePractice, DeletePractice, StartPractice, StopPractice
from web.answers import answer, ask_actor, body_object
from web.auth import caller_or_local
from web.door import Door
from web.practice_answers import (
    accepted_practice,
    created,
    moved,
    own_practice,
    owner_of,
    practice,
)
from web.practice_wish import practice_list, practice_settings


def practice_routes(door: Door) -> Blueprint:
    """Routes that make, start, stop, show and forget practices."""
    routes = Blueprint("practices", __name__, url_prefix="/api/v1/sessions")

    @routes.get("")
    @routes.get("/")
    async def listed() -> Response:
        owner = owner_of(await caller_or_local(door))
        asked = practice_list(request.args.to_dict(), owner)
        found = await ask_actor(door, door.sessions, asked)
        return answer(
            {
                "status": "success",
                "sessions": [practice(door, view) for view in found.practices],
                "total": found.total,
                "limit": asked.limit,
                "offset": asked.offset,
                "storage": "memory" if found.trouble else "disk",
            }
        )

    @routes.post("/create")
    async def create() -> Response:
        owner = owner_of(await caller_or_local(door))
        wish = practice_settings(await body_object(door), door.settings, owner)
        made = await ask_actor(door, door.sessions, CreatePractice(settings=wish))
        return answer(created(door, accepted_practice(made)))

    @routes.post("/<session>/start")
    async def start(session: str) -> Response:
        await own_practice(door, session, owner_of(await caller_or_local(door)))
        view = await ask_actor(door, door.sessions, StartPractice(session))
        return answer(moved(door, accepted_practice(view), "Session started"))

    @routes.post("/<session>/stop")
    async def stop(session: str) -> Response:
        await own_practice(door, session, owner_of(await caller_or_local(door)))
        view = await ask_actor(door, door.sessions, StopPractice(session))
        return answer(moved(door, accepted_practice(view), "Session stopped"))

    @routes.get("/<session>")
    @routes.get("/<session>/status")
    async def status(session: str) -> Response:
        view = await own_practice(door, session, owner_of(await caller_or_local(door)))
        return answer({"status": "success", "session": practice(door, view)})

    @routes.delete("/<session>")
    async def delete(session: str) -> Response:
        await own_practice(door, session, owner_of(await caller_or_local(door)))
        view = await ask_actor(door, door.sessions, DeletePractice(session))
        return answer(moved(door, accepted_practice(view), "Session deleted"))

    return routes

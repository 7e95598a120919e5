"""Whose session it is: the caller's, or none at all."""

import hashlib
import re
from typing import Final

from protocols.keys import KeyHolder
from protocols.sessions import GetSession, SessionRefused, SessionView
from web.answers import ask_actor
from web.auth import caller
from web.door import Door
from web.errors import Problem

_ID: Final = re.compile(r"sess_[A-Za-z0-9_-]+")
SESSION_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")


async def own_session(
    door: Door, session: str, owner: KeyHolder | None = None
) -> SessionView:
    """Find a session of the caller's.

    One question and one comparison, whether it is another's or not there at all.

    Args:
        door: whom to ask.
        session: its id.
        owner: the caller, where it is known already.

    Raises:
        Problem: 401 without a valid key, 404 for what is not the caller's.
    """
    owner = owner or await caller(door)
    if not SESSION_ID.match(session):
        raise _unknown()
    view = await ask_actor(door, door.sessions, GetSession(session))
    if not isinstance(view, SessionView) or view.settings.owner != owner.id:
        raise _unknown()
    return view


def accepted_view(reply: object) -> SessionView:
    """Take the session manager's answer.

    Raises:
        Problem: 404 for an unknown session, 422 or 503 for a refusal.
    """
    if isinstance(reply, SessionView):
        return reply
    raise refusal_of(reply)


def refusal_of(reply: object) -> Problem:
    """Turn what is no success into a problem."""
    if not isinstance(reply, SessionRefused):
        return _unknown()
    if reply.full:
        later = {"retry-after": "10"}
        return Problem(503, reply.reason, code="TOO_MANY_SESSIONS", headers=later)
    mistake = {"field": reply.field, "allowed": reply.reason}
    return Problem(422, f"{reply.field}: {reply.reason}", details={"mistakes": [mistake]})


def public_name(session: str) -> str:
    """What a session is called where everyone can read: its id would open its stream."""
    return "view_" + hashlib.blake2b(session.encode(), digest_size=6).hexdigest()


def without_ids(text: str) -> str:
    """A path or an edge's name, with sessions by their public names."""
    return _ID.sub(lambda found: public_name(found[0]), text)


def _unknown() -> Problem:
    return Problem(404, "no such session", code="SESSION_NOT_FOUND")

"""Pushing samples: to a session of one's own, and over a WebSocket.

`WS /api/v1/ingest/stream` needs a key (a header, or `?key=` for browsers, which cannot send
headers). A text message is an object, a binary one float32, both as in `web.pushed`; each
is answered: `{"type": "accepted", "session_id": "…", "samples": 25}`, or `{"type": "error",
"error": {"code", "message", "details"}}`, and the connection stays. A message has at most
`PUSH_BYTES`; a longer one closes with 1009. The next message is read once the one before it
is answered, so a client that is too fast is slowed by TCP and not cut off.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import msgspec

from protocols.keys import KeyHolder
from protocols.sessions import PushSamples, SamplesTaken
from web.answers import apart, ask_actor
from web.door import Door
from web.errors import Family, Problem, envelope
from web.frames import TEXT, frame
from web.handshake import Said, SaidBytes
from web.ownership import own_session, refusal_of
from web.pushed import from_bytes, from_json

PUSH_BYTES: Final = 1024 * 1024
"""Largest message: a second of 256 channels at 1,000 Hz."""


async def push(door: Door, wish: PushSamples) -> dict[str, Any]:
    """Hand samples to their session, which is known to be the caller's.

    Raises:
        Problem: it has ended, or takes no samples.
    """
    reply = await ask_actor(door, door.sessions, wish)
    if not isinstance(reply, SamplesTaken):
        raise refusal_of(reply)
    return {"session_id": wish.session, "samples": reply.samples}


class Pusher:
    """Answers one client's messages.

    Args:
        door: whom to ask.
        owner: whose key it is.
        query: of the handshake.
    """

    def __init__(self, door: Door, owner: KeyHolder, query: Mapping[str, str]) -> None:
        self._door = door
        self._owner = owner
        self._query = query
        self._own: str | None = None  # the session that was last found to be theirs

    async def answer(self, heard: Said | SaidBytes) -> bytes:
        """Take a message and make the frame that answers it."""
        try:
            said = {"type": "accepted"} | await self._push(heard)
        except Problem as problem:
            said = {"type": "error"} | envelope(Family.ENV, problem, self._door.unix())
        return frame(TEXT, msgspec.json.encode(said))

    async def _push(self, heard: Said | SaidBytes) -> dict[str, Any]:
        if isinstance(heard, Said):
            data, read = heard.text.encode(), from_json
        else:
            data, read = heard.data, from_bytes
        wish = await apart(len(data), partial(read, data, self._query))
        if wish.session != self._own:
            await own_session(self._door, wish.session, self._owner)
            self._own = wish.session
        return await push(self._door, wish)

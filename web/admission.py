"""Who may open which WebSocket.

`/stream/{id}`: whoever knows the id, which cannot be guessed, may look (document 000's
JavaScript client sends no key); but a key that is sent must be right. `/ws`: no key on this
machine, any key elsewhere (document 003); browsers, which cannot send headers, send it as
`?key=`. Sound: `/stream/{id}/audio` as the session's pictures, `/api/v1/audio/stream` as
`/ws`. `/api/v1/ingest/stream`: a key always. `/ops/stream`: an operator's.
"""

import re
from typing import Final, TypeAlias, get_args

import msgspec

from protocols.eeg import Phase
from protocols.keys import KeyHolder
from protocols.sessions import GetSession, PracticeView, SessionView
from protocols.sound import MAIN_TOPIC
from protocols.streams import StreamKind
from web.ask import NoAnswerError, ask
from web.auth import as_operator, check_key, local_caller, unavailable
from web.door import Door
from web.errors import Problem
from web.handshake import Wanted
from web.origin import may_call
from web.ownership import SESSION_ID, own_session
from web.peers import Peers, one_client

BROADCAST: Final = ""
"""Topic of events for `/ws`."""

_STREAM: Final = re.compile(r"/stream/([^/]+)/?\Z")
_SOUND: Final = re.compile(r"/stream/([^/]+)/audio/?\Z")
_KINDS: Final[tuple[StreamKind, ...]] = get_args(StreamKind)
_DIGITS: Final = 15


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """What a client may watch."""

    topic: str
    """Session id."""

    kind: StreamKind = "json"
    since: int | None = None
    """Sequence of the last picture that it has."""

    ended: str | None = None
    """Why the session is over, if it is."""


class AdmittedListener(msgspec.Struct, frozen=True, kw_only=True):
    """Who may listen at `/ws`, and say what is to be done."""

    holder: KeyHolder
    """`LOCAL` without a key."""

    address: str
    """What stands for it where clients are counted."""


class AdmittedPusher(msgspec.Struct, frozen=True, kw_only=True):
    """Who may push samples."""

    owner: KeyHolder
    query: dict[str, str]
    """What holds for all messages: see `web.pushed`."""


class AdmittedOperator(msgspec.Struct, frozen=True, kw_only=True):
    """Who may see the tree."""

    key: str
    since: int | None = None
    """Number of the last entry of the journal that it has."""

    def __repr__(self) -> str:
        return f"AdmittedOperator(key=…, since={self.since})"


Admission: TypeAlias = Admitted | AdmittedListener | AdmittedPusher | AdmittedOperator


async def admit(door: Door, wanted: Wanted, peer: str) -> Admission:
    """Decide on a handshake.

    Args:
        door: whom to ask.
        wanted: what the client asks for.
        peer: its address.

    Raises:
        Problem: it may not, or there is no such thing.
    """
    found = _STREAM.match(wanted.path)
    if found is not None:
        kind, since = _form(wanted.query)
        return await _admit_viewer(door, wanted, found[1], kind, since)
    found = _SOUND.match(wanted.path)
    if found is not None:
        return await _admit_viewer(door, wanted, found[1], "audio", None)
    if wanted.path in ("/ws", "/ws/"):
        return await _admit_listener(door, wanted, peer)
    if wanted.path in ("/api/v1/audio/stream", "/api/v1/audio/stream/"):
        await _admit_listener(door, wanted, peer)
        return Admitted(topic=MAIN_TOPIC, kind="audio")
    if wanted.path in ("/api/v1/ingest/stream", "/api/v1/ingest/stream/"):
        return await _admit_pusher(door, wanted)
    if wanted.path in ("/ops/stream", "/ops/stream/"):
        return await _admit_operator(door, wanted)
    raise Problem(404, f"no WebSocket at {wanted.path}")


async def _admit_viewer(
    door: Door, wanted: Wanted, session: str, kind: StreamKind, since: int | None
) -> Admitted:
    key = wanted.key()
    if key is not None:
        await check_key(door, key)
    unknown = Problem(404, "no such session", code="SESSION_NOT_FOUND")
    if not SESSION_ID.match(session):
        raise unknown
    try:
        view = await ask(door.sessions, GetSession(session), timeout_s=door.limits.answer_s)
    except NoAnswerError as error:
        raise unavailable(error) from error
    if isinstance(view, PracticeView) and kind != "audio":
        raise unknown  # it has no pictures
    if not isinstance(view, SessionView | PracticeView):
        raise unknown
    over = view.ended_at is not None
    if isinstance(view, SessionView):
        over = over or view.phase is Phase.ENDED
    return Admitted(
        topic=session, kind=kind, since=since, ended=_why(view) if over else None
    )


def _why(view: SessionView | PracticeView) -> str:
    return view.reason or f"the session is {view.status}"


async def _admit_listener(door: Door, wanted: Wanted, peer: str) -> AdmittedListener:
    headers = wanted.headers
    if not may_call(headers.get("origin"), wanted.host, door.settings.web.origins):
        raise Problem(403, "pages of this origin may not connect; see web.origins")
    shown = wanted.key()
    key = wanted.query.get("key") if shown is None else shown
    if key is None:
        holder = local_caller(door, peer, headers | {"host": wanted.host})
    else:
        holder = await check_key(door, key)
    peers = Peers(door.settings.web.trusted_proxies)
    address = peers.client(peer, headers.get("x-forwarded-for", ""))
    return AdmittedListener(holder=holder, address=one_client(address))


async def _admit_pusher(door: Door, wanted: Wanted) -> AdmittedPusher:
    query = dict(wanted.query)
    shown = query.pop("key", None)
    key = wanted.key()
    owner = await check_key(door, shown if key is None else key)
    if "session_id" in query:
        await own_session(door, query["session_id"], owner)
    return AdmittedPusher(owner=owner, query=query)


async def _admit_operator(door: Door, wanted: Wanted) -> AdmittedOperator:
    key = wanted.key()
    if key is None:
        key = wanted.query.get("key")
    as_operator(await check_key(door, key))
    since = wanted.query.get("since")
    if since is not None and not _is_number(since):
        mistake = {"field": "since", "value": since, "allowed": "an entry's number"}
        raise Problem(
            422, "since must be an entry's number", details={"mistakes": [mistake]}
        )
    return AdmittedOperator(key=key or "", since=None if since is None else int(since))


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= _DIGITS


def _form(query: dict[str, str]) -> tuple[StreamKind, int | None]:
    asked = query.get("format", "json")
    kind = next((kind for kind in _KINDS if kind == asked), None)
    since = query.get("since")
    mistakes = []
    if kind is None:
        mistakes.append({"field": "format", "value": asked, "allowed": ", ".join(_KINDS)})
    if since is not None and not _is_number(since):
        mistakes.append({"field": "since", "value": since, "allowed": "a sequence number"})
    if kind is None or mistakes:
        raise Problem(
            422, "the address asks for what there is not", details={"mistakes": mistakes}
        )
    return kind, int(since) if since is not None else None

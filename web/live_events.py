"""What happens, on its way to everyone at `/ws`.

In: the journal's `DomainEvent`s, as they are noted. Out: `domain_event` messages,
encoded once, as frames that are not to be lost, to whoever has the door.

Everyone can read them, so the id of what is not everybody's is shown as `public_name`: the
id itself would open it.
"""

from typing import Any, Final, Literal, final

import msgspec

from protocols.live import EventTold
from protocols.ports import Clock, Mailbox
from protocols.streams import StreamFrame
from protocols.supervision import DomainEvent
from web.admission import BROADCAST
from web.ownership import public_name

_write: Final = msgspec.json.Encoder().encode
_ID: Final = "session_id"


@final
class LiveEvents:
    """Fills `Mailbox[DomainEvent]`. Any thread.

    Args:
        hub: where frames go.
        clock: whose times events bear.
    """

    def __init__(self, hub: Mailbox[StreamFrame], clock: Clock) -> None:
        self._hub = hub
        self._clock = clock

    def tell(self, event: DomainEvent, /) -> None:
        """Let everyone know."""
        said = EventTold(
            event_name=event.name,
            payload=_shown(event),
            timestamp=self._clock.unix(event.at),
        )
        self._hub.tell(
            StreamFrame(
                topic=BROADCAST,
                kind="json",
                sequence=0,
                payload=_write(said),
                binary=False,
                control=True,
                made_at=event.at,
            )
        )


def shown_id(
    session: str, owner: str, *, kind: Literal["sitting", "practice"] = "practice"
) -> str:
    """What a session is called where everyone can read.

    Args:
        session: its id.
        owner: id of the key whose it is; empty: it is everybody's.
        kind: a sitting's id opens its stream, whosever it is.
    """
    return session if kind == "practice" and not owner else public_name(session)


def _shown(event: DomainEvent) -> dict[str, Any]:
    session = event.payload.get(_ID)
    if not isinstance(session, str):
        return event.payload
    return event.payload | {_ID: shown_id(session, event.owner)}

"""What the door is given: addresses, settings, limits and the clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import msgspec
import trio

from config.schema import Settings
from protocols.analysis import AnalysisInput
from protocols.archive import LibraryInput
from protocols.devices import DeviceRow
from protocols.errors import UnavailableError
from protocols.generation import PoolInput
from protocols.keys import KeyringInput
from protocols.operators import Operators
from protocols.ports import Askable, Clock, Mailbox, Reply
from protocols.sessions import SessionsInput
from protocols.sound import PresetsInput, SynthInput
from protocols.streams import Demand, Status
from web.ear import Ear
from web.figures import Figures
from web.hub import Hub

HERE: Final = Path(__file__).parent


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the front allows; the defaults fit a server on two cores."""

    head_s: float = 10.0
    """Seconds for the whole head of a connection's first request."""

    waiting_heads: int = 512
    """Connections whose head is not whole; for one more the oldest is closed."""

    websockets: int = 4096
    """WebSockets at once; one more is answered 503."""

    requests: int = 1024
    """HTTP connections at once; for one more goes the one that has kept us waiting longest;
    if none does, the new one is answered 503."""

    stall_s: float = 5.0
    """Seconds without progress after which a WebSocket is closed, or an answer cut."""

    heartbeat_s: float = 30.0
    """Seconds between two heartbeats of `/ws`."""

    ping_s: float = 20.0
    """Seconds of silence after which a WebSocket's client is asked whether it is there."""

    pong_s: float = 8.0
    """Seconds that it may take to answer; so long may it also not acknowledge what the
    kernel has sent."""

    least_rate: int = 4096
    """Bytes a second that a client must take of an answer, on the average."""

    half_closed_s: float = 2.0
    """Seconds that an answer may take for a client that has closed its own side."""

    linger_s: float = 2.0
    """Seconds in which a client that still sends can read why we close."""

    said_hz: float = 100.0
    """Frames a second that a client may send; who sends more is read more slowly."""

    pushed_hz: float = 2000.0
    """The same for a client that pushes samples."""

    keep_alive_s: float = 15.0
    body_s: float = 30.0
    """Seconds for the whole body of a request."""

    answer_s: float = 5.0
    """Seconds that an actor may take to answer."""

    painting_s: float = 60.0
    """Seconds that a single picture may take, with its place in the queue."""

    sound_s: float = 120.0
    """Seconds that a sound may take to be rendered, or to be written to a file."""

    look_s: float = 2.0
    """Seconds between two looks at a voice that is listened to and silent."""

    recheck_s: float = 30.0
    """Seconds between two looks at whether an operator's key still counts."""

    notice_s: float = 0.5
    """Seconds in which we say that we go down, while anyone is connected, before we do."""

    streams_s: float = 1.0
    """Seconds that streams have to end when we go down."""

    grace_s: float = 2.0
    """Seconds that requests in progress have when we go down."""

    send_buffer: int = 128 * 1024
    """Bytes that the kernel may keep for a WebSocket (it doubles them)."""

    unsent_bytes: int = 16 * 1024
    """Of these, how many may not be on the way yet; they cannot be taken back."""


class Book(Protocol):
    """An edge's books, a struct: `came == taken + dropped + queued`."""

    @property
    def edge(self) -> str:
        """Its name."""

    @property
    def came(self) -> int:
        """Messages that came."""

    @property
    def taken(self) -> int:
        """Messages that were taken out."""

    @property
    def dropped(self) -> Mapping[str, int]:
        """By reason."""

    @property
    def queued(self) -> int:
        """Messages that wait."""


class Nobody:
    """Fills `Askable[Any]` for a part that this server does not have."""

    def tell(self, message: object, /) -> None:
        """Nobody hears it."""

    def ask(self, message: object, /, *, timeout_s: float) -> Reply:
        """Nobody answers.

        Raises:
            UnavailableError: always.
        """
        del message, timeout_s
        raise UnavailableError("nobody", "this server has no such part")


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """Everything that the door is given."""

    clock: Clock
    settings: Settings
    sessions: Askable[SessionsInput]
    pool: Askable[PoolInput]
    keyring: Askable[KeyringInput]
    library: Askable[LibraryInput]
    analysis: Askable[AnalysisInput]
    demands: Mailbox[Demand]
    """Where the broadcaster hears who watches."""

    broadcaster: Askable[Status]
    hub: Hub
    """The broadcaster's way in; attached by `serve`."""

    operators: Operators
    """What operators see and may order."""

    sound: Askable[SynthInput] = field(default_factory=Nobody)
    """The synth: it answers the audio API, and hears who listens to which voice."""

    presets: Askable[PresetsInput] = field(default_factory=Nobody)
    """Named sounds, and recommended frequencies."""

    ear: Ear = field(default_factory=Ear)
    """Hears what sounds, from the synth."""

    books: Callable[[], Sequence[Book]] = tuple
    """The books of every edge. Any thread."""

    devices: Callable[[], Sequence[DeviceRow]] = tuple
    """The device types that there are. Reads the disk: call it in a thread."""

    draining: trio.Event = field(default_factory=trio.Event)
    """Set: we go down, and take on nothing new. Trio thread only."""

    limits: Limits = field(default_factory=Limits)
    figures: Figures = field(default_factory=Figures)
    pages: Path = HERE / "pages"
    static: Path = HERE / "static"

    def unix(self) -> float:
        """Seconds since 1970, now."""
        return self.clock.unix(self.clock.now())

"""What the session manager's lives hand on to one another, and what each is given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from actors.sessions.practice import Practice
from actors.sessions.state import Sitting
from actors.sessions.store import PracticeStore
from protocols.houses import Houses
from protocols.ports import Mailbox
from protocols.sessions import PracticeSettings, SessionSettings
from protocols.sound import SoundConfig, SynthInput
from protocols.supervision import DomainEvent

AfterRestart = Literal["continue", "close"]


@dataclass
class Ledger:
    """What must outlive a life of the manager.

    What was ordered of others stands here too, so that a life that died in the middle
    leaves nothing behind: the next one compares it with what is to be.
    """

    sittings: dict[str, Sitting] = field(default_factory=dict)
    practices: dict[str, Practice] = field(default_factory=dict)
    housed: set[str] = field(default_factory=set)
    """Sittings whose house was opened and not closed."""

    sounding: dict[str, SoundConfig | None] = field(default_factory=dict)
    """Voices that were started and not stopped."""

    unsaved: set[str] = field(default_factory=set)
    """Practices that are not on the disk as they are here; also those that are gone."""

    has_loaded: bool = False
    """Whether what earlier processes kept was read."""


class _Nobody:
    def tell(self, _event: DomainEvent, /) -> None:
        """Let it pass."""


NOBODY: Final[Mailbox[DomainEvent]] = _Nobody()


def _no_pictures(settings: PracticeSettings) -> SessionSettings:
    return SessionSettings(
        user_id=settings.name,
        device_type="simulator",
        duration_s=settings.duration_s,
        model="painter",
        owner=settings.owner,
    )


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a life of the manager is given beside the clock and the ledger."""

    houses: Houses
    """Builds and clears the sittings' actors."""

    new_id: Callable[[], str]
    """Makes ids that nobody can guess."""

    check_device: Callable[[str], str | None]
    """None if a device type can be had, else why not and what is allowed."""

    most: int
    """Sessions at once."""

    synth: Mailbox[SynthInput] | None = None
    """Where voices are started and stopped; None: there is no synth."""

    events: Mailbox[DomainEvent] = NOBODY
    """Hears what happens to practices."""

    store: PracticeStore | None = None
    """Where practices outlive the process; None: nowhere."""

    pictures: Callable[[PracticeSettings], SessionSettings] = _no_pictures
    """The sitting that a practice's pictures come from."""

    after_restart: AfterRestart = "continue"
    """What becomes of practices that ran when the process ended."""

"""What outlives a life of the synth: which voices sound, since when, for whom.

Another life makes the same voices anew, at the sample where they are due.
"""

from dataclasses import dataclass, field
from typing import Final

from actors.audio.timeline import Timeline
from protocols.meaning import Meaning
from protocols.sound import MAIN, ClipView, OutputView, SoundConfig

LEVELS: Final = (2, 3)


@dataclass
class Sounding:
    """A voice that sounds. What changes is written by the synth's own thread only."""

    config: SoundConfig | None
    """As it is to sound now; None: the sitting leads it."""

    level: int | None
    """The output that it is also played by."""

    clip: ClipView | None = None
    """What it was generated as; None: it has no end."""

    first: int | None = None
    """Index of its sample 0; None: its first block is still to be made."""

    meaning: Meaning | None = None
    """The newest that led it."""


@dataclass
class SynthLedger:
    """What the synth knows."""

    timeline: Timeline | None = None
    clip: ClipView | None = None
    """The generated sound."""

    clip_job: int = 0
    """Number of the job that made it."""

    wish: SoundConfig | None = None
    """How it is to be played: as generated, with what was changed since."""

    jobs: int = 0
    """Numbers given to jobs so far."""

    voices: dict[str, Sounding] = field(default_factory=dict)
    listeners: dict[str, int] = field(default_factory=dict)
    """By voice; who has none is not in it."""

    sent: dict[str, int] = field(default_factory=dict)
    """Frames of each voice's stream."""

    outputs: dict[int, OutputView] = field(
        default_factory=lambda: {
            level: OutputView(level=level, device="", state="none") for level in LEVELS
        }
    )
    opened: set[int] = field(default_factory=set)
    """Outputs that were ordered to open and not to close."""

    at_work_on: str | None = None
    """The voice that is being made; still there in the next life: it was fatal."""

    def follows(self, session: str) -> bool:
        """Whether a sitting's meanings are to be told now. Any thread."""
        voice = self.voices.get(session)
        return voice is not None and voice.config is None and self.is_heard(session, voice)

    def is_heard(self, name: str, voice: Sounding) -> bool:
        """Whether a voice is to be made: `MAIN` always, others for who hears them."""
        return name == MAIN or voice.level is not None or name in self.listeners

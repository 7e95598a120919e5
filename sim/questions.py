"""What clients ask beside watching: drawn, one at a time, of all that the door lets in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from protocols.analysis import ExtractMeaning, PromptOfVector
from protocols.archive import ArchiveStatus, FetchPicture, KeepPicture
from protocols.generation import PaintOnce, PoolStatus
from protocols.journal import JournalStatus, ReadEntries, ReadTree
from protocols.keys import CheckKey, CreateKey, ListKeys
from protocols.pictures import PictureWish
from protocols.ports import Askable
from protocols.sessions import CommandBrain, EndSession, GetSession, PauseSession
from protocols.simulation import (
    Blink,
    BrainCommand,
    ClenchJaw,
    LoosenElectrode,
    RunScript,
    SetBrainState,
    Unplug,
)
from protocols.sound import (
    MAIN,
    ChangeSound,
    DeletePreset,
    Generate,
    ListPresets,
    ListRanges,
    Play,
    Preset,
    ReadSound,
    SavePreset,
    SoundConfig,
    SoundDemand,
    StopSound,
)
from protocols.streams import Status
from protocols.time import MetronomeStatus

PICTURE: Final = bytes(range(256)) * 4
NO_ID: Final = "0" * 32
SOUND_S: Final = 0.3
"""Length of the sounds that are generated."""

NO_SESSION: Final = "sess_nobody"
ENDS: Final = 0.1
"""Share of the questions about a session that end it."""


@dataclass(frozen=True, kw_only=True)
class Offices:
    """Whom clients may ask."""

    sessions: Askable[Any]
    pool: Askable[Any]
    broadcaster: Askable[Any]
    metronome: Askable[Any]
    keyring: Askable[Any]
    library: Askable[Any]
    analysis: Askable[Any]
    journal: Askable[Any]
    synth: Askable[Any]
    presets: Askable[Any]


Question = tuple[Askable[Any], Any]


class Curiosity:
    """Draws questions.

    Args:
        offices: whom to ask.
        rng: draws.
        meddles: whether sessions are ended, paused and unplugged too.
    """

    def __init__(
        self, offices: Offices, rng: np.random.Generator, *, meddles: bool
    ) -> None:
        self.key = ""
        """One that was made."""

        self.pictures: list[str] = []
        """Ids of pictures that were kept."""

        self._offices = offices
        self._rng = rng
        self._meddles = meddles
        self._kinds: tuple[Callable[[str], Question], ...] = (
            self._about_session,
            self._about_session,
            self._command,
            self._pause if meddles else self._about_session,
            self._picture,
            self._key,
            self._single,
            self._analysis,
            self._figures,
            self._journal,
            self._sound,
            self._presets,
        )

    def draw(self, sessions: Sequence[str]) -> Question:
        """The next question; about one of these sessions, or about none."""
        session = self._one_of(sessions) if sessions else NO_SESSION
        return self._kinds[int(self._rng.integers(len(self._kinds)))](session)

    def chance(self, share: float) -> bool:
        """Whether something happens that does in `share` (0 to 1) of all cases."""
        return float(self._rng.random()) < share

    def wait_s(self, mean_s: float) -> float:
        """Seconds until something that happens every `mean_s` seconds."""
        return float(self._rng.exponential(mean_s))

    def number(self) -> int:
        """A seed."""
        return int(self._rng.integers(1, 1 << 31))

    def _one_of(self, choices: Sequence[Any]) -> Any:  # noqa: ANN401  # whatever they are
        return choices[int(self._rng.integers(len(choices)))]

    def _about_session(self, session: str) -> Question:
        ends = self.chance(ENDS) and self._meddles
        return self._offices.sessions, (
            EndSession(session, "seen enough") if ends else GetSession(session)
        )

    def _command(self, session: str) -> Question:
        commands: tuple[BrainCommand, ...] = (
            Blink(),
            ClenchJaw(1.0),
            LoosenElectrode("F3", loose=self.chance(0.3)),
            SetBrainState(relaxation=float(self._rng.random())),
            RunScript("rest"),
            Unplug(unplugged=self.chance(0.3) and self._meddles),
            LoosenElectrode("Nz"),
        )
        return self._offices.sessions, CommandBrain(session, self._one_of(commands))

    def _pause(self, session: str) -> Question:
        return self._offices.sessions, PauseSession(session, paused=self.chance(0.3))

    def _picture(self, _session: str) -> Question:
        library = self._offices.library
        if self.chance(0.5):
            return library, KeepPicture(data=PICTURE, mime="image/png")
        return library, FetchPicture(self._one_of(self.pictures or [NO_ID]))

    def _key(self, _session: str) -> Question:
        keyring = self._offices.keyring
        if not self.key:
            return keyring, CreateKey(name="a client", days=1.0)
        return keyring, self._one_of((CheckKey(self.key), CheckKey("no key"), ListKeys()))

    def _single(self, _session: str) -> Question:
        return self._offices.pool, PaintOnce(
            PictureWish(prompt="a moon over water", width=64, height=64, seed=self.number())
        )

    def _analysis(self, _session: str) -> Question:
        vector = self._rng.standard_normal(512).astype(np.float32)
        vector /= np.linalg.norm(vector)
        if self.chance(0.5):
            return self._offices.analysis, PromptOfVector(vector)
        return self._offices.analysis, ExtractMeaning(vector=vector)

    def _figures(self, _session: str) -> Question:
        offices = self._offices
        kinds: tuple[Question, ...] = (
            (offices.pool, PoolStatus()),
            (offices.broadcaster, Status()),
            (offices.metronome, MetronomeStatus()),
            (offices.library, ArchiveStatus()),
            (offices.journal, JournalStatus()),
        )
        return kinds[int(self._rng.integers(len(kinds)))]

    def _journal(self, _session: str) -> Question:
        journal = self._offices.journal
        if self.chance(0.5):
            return journal, ReadEntries(since=0, limit=10)
        return journal, ReadTree(1 + int(self._rng.integers(100)))

    def _sound(self, _session: str) -> Question:
        config = SoundConfig(
            frequency=float(self._rng.uniform(100.0, 800.0)),
            duration=SOUND_S,
            prayer_bowl_mode=self.chance(0.5),
            seed=self.number(),
        )
        kinds = (
            Generate(config),
            Play(level=2),
            ChangeSound(volume=float(self._rng.random())),
            SoundDemand(voice=MAIN, listeners=int(self._rng.integers(3))),
            ReadSound(),
            StopSound(),
        )
        return self._offices.synth, self._one_of(kinds)

    def _presets(self, _session: str) -> Question:
        preset = Preset(
            name="A bell",
            frequency=float(self._rng.uniform(100.0, 800.0)),
            description="",
            prayer_bowl_mode=True,
            harmonic_strength=0.3,
            modulation_depth=0.05,
            volume=0.5,
        )
        kinds = (
            ListPresets(),
            ListRanges(),
            SavePreset(id="a-bell", preset=preset),
            DeletePreset("a-bell"),
        )
        return self._offices.presets, self._one_of(kinds)

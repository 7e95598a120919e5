"""Semantic stage: features in; meanings, wishes for pictures and the contact's state out.

The arithmetic is in `engine`, `contact` and `pace`; this module owns the order of events.
A crash forgets the smoothed mood, the words and the second of the sitting: the next
window starts them anew, without the sitter's past but with the baseline that the
encoder keeps.

Nothing here reads thoughts: measured figures drive words by a written table.
"""

import math
from collections.abc import Callable
from typing import TypeAlias, assert_never

import msgspec

from actors.semantics.contact import Contact, judged
from actors.semantics.engine import Engine, waiting
from actors.semantics.pace import Pace
from actors.semantics.vocabulary import default_vocabulary
from actors.stage import Stage
from protocols.eeg import Phase, SourceState
from protocols.features import Features
from protocols.generation import Imagine, PoolInput
from protocols.meaning import Meaning, SemanticInput
from protocols.pictures import PictureWish
from protocols.ports import Clock, Mailbox

UNSEEN_S = 0.45
"""Between two steps of words and colours that nobody sees: a little under the longest step
that the smoothing takes as it is, and far under the times for which words stay."""

WAITING_S = 1.9
"""Between two waiting pictures; a little under the 2 s of the reader's searching."""

Seeable: TypeAlias = Meaning | SourceState
"""What the stage tells whoever shows it."""


class SemanticSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a session's pictures are wished for."""

    width: int = 512
    height: int = 512
    """Pixels."""

    seed: int = 0
    steps: int = 20
    guidance_scale: float = 7.5
    pictures_hz: float = 10.0
    """Pictures a second at most."""

    deadline_s: float = 2.0
    """Seconds after which a wish that waits is worth nothing."""


class SemanticActor(Stage):
    """Gives one session's features a meaning and asks for its pictures.

    Args:
        clock: for the times of meanings and states.
        session: whose features.
        settings: of its pictures.
        generators: who paints.
        viewer: who shows meanings and states.
        is_watched: whether anybody looks at the meanings now. Where nobody does, windows
            between two pictures mostly move the smoothed mood only: a sixth of the work.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        session: str,
        settings: SemanticSettings,
        generators: Mailbox[PoolInput],
        viewer: Mailbox[Seeable],
        is_watched: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._session = session
        self._settings = settings
        self._generators = generators
        self._viewer = viewer
        self._engine = Engine(default_vocabulary())
        self._pace = Pace(settings.pictures_hz)
        self._is_watched = is_watched
        self._contact = Contact()
        self._has_told = False  # a state, in this life
        self._meant_at = -math.inf  # of the samples
        self._waited_at: float | None = None  # None: not searching

    def handle(self, message: SemanticInput) -> None:
        """Give features a meaning, or pass on what the source does."""
        match message:
            case Features():
                self._mean(message)
            case SourceState():
                self._follow_source(message)
            case _:
                assert_never(message)

    def _mean(self, features: Features) -> None:
        now = self._clock.now()
        self._waited_at = None
        self._contact, change = judged(self._contact, features, now)
        if change is not None:
            self._tell(change)
        if self._contact.frozen:
            return
        if not self._has_told:
            # Samples, and no word of their source: it spoke to a life before this one,
            # which may have told that the contact is bad.
            self._tell(SourceState(phase=Phase.STREAMING, reason="contact is good", at=now))
        at = features.captured_at
        is_due = self._pace.due(at)
        if not (is_due or self._is_watched()):
            self._go_on(features, at)
            return
        self._meant_at = at
        meaning = self._engine.meaning_of(features, now)
        meaning = msgspec.structs.replace(meaning, meant_at=self._clock.now())
        self._viewer.tell(meaning)
        if is_due:
            self._imagine(meaning, at, now)

    def _go_on(self, features: Features, at: float) -> None:
        """Take a window that nobody will see: the next one seen must not jump."""
        if at - self._meant_at < UNSEEN_S:
            self._engine.follow(features)
        else:
            self._meant_at = at
            self._engine.steer(features)

    def _follow_source(self, state: SourceState) -> None:
        if state.phase is Phase.STREAMING:
            self._waited_at = None
            if self._contact.frozen:
                return  # samples come, but the contact is what keeps the stream frozen
        else:
            self._contact = Contact()  # whatever comes after it is judged anew
        self._tell(state)
        if state.phase is Phase.SEARCHING:
            self._wait()

    def _tell(self, state: SourceState) -> None:
        self._has_told = True
        self._viewer.tell(state)

    def _wait(self) -> None:
        now = self._clock.now()
        if self._waited_at is not None and now - self._waited_at < WAITING_S:
            return
        self._waited_at = now
        self._imagine(waiting(now), now, now)

    def _imagine(self, meaning: Meaning, at: float, now: float) -> None:
        settings = self._settings
        wish = PictureWish(
            prompt=meaning.prompt,
            width=settings.width,
            height=settings.height,
            seed=settings.seed,
            steps=settings.steps,
            guidance_scale=settings.guidance_scale,
            palette=meaning.palette,
            motion=meaning.motion,
            arousal=meaning.arousal.value,
            valence=meaning.valence.value,
            moment_s=self._pace.moment_s(at),
            session=self._session,
        )
        self._generators.tell(
            Imagine(
                session=self._session,
                meaning=meaning,
                wish=wish,
                deadline_at=now + settings.deadline_s,
            )
        )

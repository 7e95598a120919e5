"""All voices, a block at a time: who sounds, for which stream, at which output.

Pure but for the ledger: orders and the index of a block in, samples out. What nobody hears
is not made (its time goes on); one steady voice of a session is, while `MAIN` is silent,
because its spectrum is shown.
"""

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from actors.audio.ledger import Sounding, SynthLedger
from actors.audio.partials import Samples
from actors.audio.singing import Singing
from protocols.meaning import Meaning
from protocols.sound import MAIN

_K = TypeVar("_K")


class Chord(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What sounds in one block."""

    voices: dict[str, Samples]
    """By voice, shape (BLOCK, 2)."""

    levels: dict[int, Samples]
    """Sums for the outputs; may pass full scale."""

    shown: Samples | None
    """Whose spectrum is shown; None: silence."""

    ended: tuple[str, ...]
    """Voices that came to their own end in it."""


class Choir:
    """Makes the voices of a ledger.

    Args:
        ledger: says who is to sound.
    """

    def __init__(self, ledger: SynthLedger) -> None:
        self._ledger = ledger
        self._singing: dict[str, Singing] = {}
        self._leaving: list[Singing] = []

    def drop_fatal(self) -> str | None:
        """Let the voice go that the last life of the synth died of; its name."""
        fatal, self._ledger.at_work_on = self._ledger.at_work_on, None
        if fatal is not None:
            self._ledger.voices.pop(fatal, None)
        return fatal

    def start(self, name: str, told: Sounding) -> None:
        """Let a voice begin with the next block; what it was before fades."""
        self._leave(name)
        self._ledger.voices[name] = told

    def stop(self, name: str) -> None:
        """Let a voice fade; nothing happens where it does not sound."""
        if self._ledger.voices.pop(name, None) is not None:
            self._leave(name)

    def fade(self) -> None:
        """Let all fade, though they are to go on in another life."""
        for name in list(self._singing):
            self._leave(name)

    def lead(self, session: str, meaning: Meaning | None) -> None:
        """Lead a sitting's voice."""
        told = self._ledger.voices.get(session)
        if told is not None:
            told.meaning = meaning
        singing = self._singing.get(session)
        if singing is not None:
            singing.lead(meaning)

    def block(self, first: int) -> Chord:
        """Make the block that begins at sample `first`."""
        shown = self._shown()
        voices, levels = self._sums(self._due(first, shown), first)
        heard = None if shown is None else voices.get(shown)
        return Chord(voices=voices, levels=levels, shown=heard, ended=self._sweep())

    def last(self, first: int) -> Chord:
        """Make a block of those only that fade."""
        voices, levels = self._sums(iter(self._leaving), first)
        return Chord(voices=voices, levels=levels, shown=None, ended=())

    def _sums(
        self, due: Iterator[Singing], first: int
    ) -> tuple[dict[str, Samples], dict[int, Samples]]:
        voices: dict[str, Samples] = {}
        levels: dict[int, Samples] = {}
        for singing in due:
            self._ledger.at_work_on = singing.name
            samples = singing.block(first)
            _add(voices, singing.name, samples)
            if singing.level is not None:
                _add(levels, singing.level, samples)
        self._ledger.at_work_on = None
        return voices, levels

    def _due(self, first: int, shown: str | None) -> Iterator[Singing]:
        for name, told in list(self._ledger.voices.items()):
            if told.first is None:
                told.first = first
            if name == shown or self._ledger.is_heard(name, told):
                yield self._found(name, told)
        yield from self._leaving

    def _found(self, name: str, told: Sounding) -> Singing:
        singing = self._singing.get(name)
        if singing is None:
            self._ledger.at_work_on = name
            singing = self._singing[name] = Singing(name, told)
        singing.change(told.config)
        return singing

    def _shown(self) -> str | None:
        """Give the voice whose spectrum is shown."""
        if MAIN in self._ledger.voices or any(one.name == MAIN for one in self._leaving):
            return MAIN
        steady = (
            name for name, told in self._ledger.voices.items() if told.config is not None
        )
        leaving = (one.name for one in self._leaving)
        return next(steady, next(leaving, None))

    def _leave(self, name: str) -> None:
        singing = self._singing.pop(name, None)
        if singing is not None:
            singing.leave()
            self._leaving.append(singing)

    def _sweep(self) -> tuple[str, ...]:
        self._leaving = [one for one in self._leaving if not one.ended]
        ended = tuple(name for name, one in self._singing.items() if one.ended)
        for name in ended:
            del self._singing[name]
            self._ledger.voices.pop(name, None)
        return ended


def _add(sums: dict[_K, Samples], key: _K, samples: Samples) -> None:
    before = sums.get(key)
    sums[key] = samples if before is None else before + samples

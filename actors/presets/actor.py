"""Presets stage: named sounds and recommended frequencies out, own presets in.

The documented ones are a data file's (`documented`), own ones are kept on the disk
(`store`). A disk that fails is a state, not a death: the documented presets are given all
the same, `PresetTable.trouble` says what is wrong, nothing is kept until it is mended, and
every question tries again. It needs a pinned dispatcher: the disk may make it wait.
"""

import logging
import re
from typing import Final, TypeAlias, assert_never

from actors.presets.documented import documented
from actors.presets.store import PresetFileError, PresetStore
from actors.stage import Stage
from protocols.sound import (
    DeletePreset,
    ListPresets,
    ListRanges,
    Preset,
    PresetDeleted,
    PresetSaved,
    PresetsInput,
    PresetTable,
    PresetUnknown,
    RangeTable,
    SavePreset,
    SoundRefused,
)

log = logging.getLogger(__name__)

MOST: Final = 500
"""Own presets; each answer has all of them."""

_ID: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\Z")
_ALLOWED: Final = {
    "frequency": (0.1, 20_000.0),
    "harmonic_strength": (0.0, 1.0),
    "modulation_depth": (0.0, 1.0),
    "volume": (0.0, 1.0),
}

_Answer: TypeAlias = (
    PresetTable | PresetSaved | PresetDeleted | PresetUnknown | RangeTable | SoundRefused
)


class PresetsActor(Stage):
    """Knows all presets.

    Args:
        store: where own ones are kept.
    """

    def __init__(self, store: PresetStore) -> None:
        super().__init__()
        self._store = store
        self._own: dict[str, Preset] | None = None
        """None: the file was not read, or cannot be."""

        self._trouble = ""

    def handle(self, message: PresetsInput) -> _Answer:
        """Answer a question."""
        match message:
            case ListPresets():
                own = self._known()
                return PresetTable(
                    presets=documented().presets | own,
                    own=tuple(own),
                    trouble=self._trouble,
                )
            case SavePreset():
                return refusal(message) or self._save(message)
            case DeletePreset(id=name):
                return self._delete(name)
            case ListRanges():
                return RangeTable(documented().ranges)
            case _:
                assert_never(message)

    def _save(self, wish: SavePreset) -> PresetSaved | SoundRefused:
        own = self._known()
        replaced = wish.id in own
        if len(own) >= MOST and not replaced:
            reason = f"there are {MOST} own presets already; delete one first"
            return SoundRefused(code="INVALID_PARAMETER", field="id", reason=reason)
        refused = self._keep(own | {wish.id: wish.preset})
        return refused or PresetSaved(id=wish.id, preset=wish.preset, replaced=replaced)

    def _delete(self, name: str) -> PresetDeleted | PresetUnknown | SoundRefused:
        if name in documented().presets:
            return _documented(name)
        own = self._known()
        if name not in own and not self._trouble:
            return PresetUnknown(name)
        left = {other: preset for other, preset in own.items() if other != name}
        return self._keep(left) or PresetDeleted(name)

    def _known(self) -> dict[str, Preset]:
        if self._own is None:
            try:
                self._own = self._store.load()
            except PresetFileError as error:
                self._note(error)
                return {}
            self._trouble = ""
        return self._own

    def _keep(self, presets: dict[str, Preset]) -> SoundRefused | None:
        if self._own is not None:
            try:
                self._store.write(presets)
            except PresetFileError as error:
                self._note(error)
            else:
                self._own, self._trouble = presets, ""
                return None
        return SoundRefused(code="STORAGE_UNAVAILABLE", reason=self._trouble)

    def _note(self, error: PresetFileError) -> None:
        if str(error) != self._trouble:
            log.error("own presets: %s", error)
        self._trouble = str(error)


def refusal(wish: SavePreset) -> SoundRefused | None:
    """Say what of a preset cannot be kept; None: nothing."""
    if not _ID.match(wish.id):
        allowed = "1 to 64 lower-case letters, digits and hyphens, none of these at an end"
        return SoundRefused(code="INVALID_PARAMETER", field="id", reason=allowed)
    if wish.id in documented().presets:
        return _documented(wish.id)
    for field, (low, high) in _ALLOWED.items():
        value = getattr(wish.preset, field)
        if not low <= value <= high:
            reason = f"{value:g}; it is {low:g} to {high:g}"
            return SoundRefused(code="INVALID_PARAMETER", field=field, reason=reason)
    return None


def _documented(name: str) -> SoundRefused:
    reason = f"{name} is a documented preset: it stays as it is"
    return SoundRefused(code="INVALID_PARAMETER", field="id", reason=reason)

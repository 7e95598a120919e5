"""The schema as a list: what is shown, and what is checked against."""

import difflib
import functools
import types
import typing
from collections.abc import Iterable
from typing import Any

import msgspec

from config.schema import Settings


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One setting, as the schema describes it."""

    section: str
    name: str
    kind: Any
    """Its type, with the limits: what `msgspec.convert` checks."""

    default: Any
    description: str
    unit: str
    reason: str
    allowed: str
    """The range, in words: `a whole number from 0 to 65535`."""

    @property
    def path(self) -> str:
        """`web.port`."""
        return f"{self.section}.{self.name}"

    @property
    def variable(self) -> str:
        """Name of its environment variable."""
        return f"PHOSPHENE_{self.section}__{self.name}".upper()

    @property
    def is_list(self) -> bool:
        """Whether its value is a list."""
        return isinstance(self.default, tuple)


@functools.cache
def catalog() -> types.MappingProxyType[str, Entry]:
    """All settings by path, in the order of the schema."""
    entries = (
        _entry(section.name, section.type, field)
        for section in msgspec.structs.fields(Settings)
        for field in msgspec.structs.fields(section.type)
    )
    return types.MappingProxyType({entry.path: entry for entry in entries})


def section_words() -> dict[str, str]:
    """What each section is about, by name."""
    return {
        section.name: (section.type.__doc__ or "").strip()
        for section in msgspec.structs.fields(Settings)
    }


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """Words that lead from a misspelt name to the nearest known one, if one is near.

    Args:
        wrong: what was written.
        known: names that exist; dotted ones are also compared by their last part.
    """
    names = list(known)
    by_last = {name.rsplit(".", 1)[-1]: name for name in names}
    last = wrong.rsplit(".", 1)[-1]
    if close := difflib.get_close_matches(wrong, names, n=1, cutoff=0.75):
        return f"; did you mean {close[0]}?"
    if close := difflib.get_close_matches(last, by_last, n=1, cutoff=0.75):
        return f"; did you mean {by_last[close[0]]}?"
    return ""


def _entry(section: str, kind: type, field: msgspec.structs.FieldInfo) -> Entry:
    annotated = typing.get_type_hints(kind, include_extras=True)[field.name]
    bare, meta = typing.get_args(annotated)[0], annotated.__metadata__[0]
    return Entry(
        section=section,
        name=field.name,
        kind=annotated,
        default=field.default,
        description=meta.description,
        unit=meta.extra["unit"],
        reason=meta.extra["reason"],
        allowed=meta.extra["allowed"] or _allowed(bare, meta),
    )


def _allowed(bare: object, meta: msgspec.Meta) -> str:
    if bare is bool:
        return "true or false"
    if typing.get_origin(bare) is typing.Literal:
        *most, last = map(str, typing.get_args(bare))
        return f"{', '.join(most)} or {last}"
    number = "a whole number" if bare is int else "a number"
    lowest = f"from {meta.ge}" if meta.gt is None else f"above {meta.gt}, up"
    return f"{number} {lowest} to {meta.le}"

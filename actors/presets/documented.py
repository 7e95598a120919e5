"""The documented presets and frequency ranges: `documented.toml` beside this module."""

import functools
import tomllib
from pathlib import Path

import msgspec

from protocols.sound import FrequencyRange, Preset


class Documented(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file says, by id, in its order."""

    presets: dict[str, Preset]
    ranges: dict[str, FrequencyRange]


@functools.cache
def documented() -> Documented:
    """Read the file; once a process."""
    text = Path(__file__).with_name("documented.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Documented)

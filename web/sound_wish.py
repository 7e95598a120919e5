"""The bodies of the audio API, as wishes for a sound. Pure.

Document 003 shows `frequency`, `duration`, `volume`, `prayer_bowl_mode`,
`harmonic_strength` and `modulation_depth`; what it does not show is ours and optional. A
field that is not sent has the documented example's value.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from protocols.sound import Preset, SavePreset, SoundConfig
from web.errors import Problem
from web.fields import Fields

FREQUENCY_HZ: Final = (0.1, 20_000.0)
DURATION_S: Final = (0.1, 3600.0)
BEAT_HZ: Final = (0.0, 100.0)
"""Of what is heard as a beat or a pulse, and some more."""

LUFS: Final = (-60.0, 0.0)
LEVELS: Final = (2, 3)
SEED_HIGH: Final = 2**53 - 1
"""What every reader of JSON holds exactly."""

ID_LENGTH: Final = 64
_USUAL: Final = SoundConfig(frequency=136.1, duration=30.0)
_ID: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z")
_NOT_OF_AN_ID: Final = re.compile(r"[^a-z0-9]+")


def sound_config(
    body: dict[str, Any], presets: Mapping[str, Preset] | None = None
) -> SoundConfig:
    """Read the wish for a sound.

    Args:
        body: the request's.
        presets: of which `preset` may name one, for what the body does not say.

    Raises:
        Problem: 422 with every mistake; `INVALID_FREQUENCY` if the frequency is one.
    """
    mistakes: list[dict[str, Any]] = []
    fields = Fields(body, mistakes=mistakes)
    usual = _usual(fields, presets or {})
    config = SoundConfig(
        frequency=_of(fields, "frequency", usual.frequency, FREQUENCY_HZ),
        duration=_of(fields, "duration", usual.duration, DURATION_S),
        volume=_share(fields, "volume", usual.volume),
        prayer_bowl_mode=fields.flag("prayer_bowl_mode", usual.prayer_bowl_mode),
        harmonic_strength=_share(fields, "harmonic_strength", usual.harmonic_strength),
        modulation_depth=_share(fields, "modulation_depth", usual.modulation_depth),
        bowl=fields.choice("bowl", ("strike", "rub"), usual.bowl),
        binaural_hz=_of(fields, "binaural_hz", usual.binaural_hz, BEAT_HZ),
        isochronic_hz=_of(fields, "isochronic_hz", usual.isochronic_hz, BEAT_HZ),
        normalise_lufs=_of(fields, "normalise_lufs", LUFS[1], LUFS)
        if fields.has("normalise_lufs")
        else None,
        seed=fields.whole("seed", usual.seed, low=0, high=SEED_HIGH),
    )
    finish_sound(fields, mistakes)
    return config


def asks_for_preset(body: dict[str, Any]) -> bool:
    """Whether a wish for a sound names a preset."""
    return body.get("preset") is not None


def hardware_level(body: dict[str, Any]) -> int:
    """Read which output is to play: 2, if the body does not say.

    Raises:
        Problem: 422.
    """
    fields = Fields(body)
    level = int(fields.choice("hardware_level", LEVELS, LEVELS[0]))
    fields.finish()
    return level


def preset_wish(body: dict[str, Any]) -> SavePreset:
    """Read a preset that is to be kept; its id is made of its name, if none is sent.

    Raises:
        Problem: 422 with every mistake; `INVALID_FREQUENCY` if the frequency is one.
    """
    mistakes: list[dict[str, Any]] = []
    fields = Fields(body, mistakes=mistakes)
    name = fields.text("name", high=100)
    which = preset_id(name)
    if fields.has("id"):
        which = fields.text("id", high=ID_LENGTH)
        if not is_preset_id(which):
            fields.wrong("id", f"lower-case letters, digits and hyphens, to {ID_LENGTH}")
    elif name and not which:
        fields.wrong("name", "a name with a letter of a to z or a digit, or send an id")
    preset = Preset(
        name=name,
        frequency=fields.number("frequency", low=FREQUENCY_HZ[0], high=FREQUENCY_HZ[1]),
        description=fields.text("description", "", low=0, high=500),
        prayer_bowl_mode=fields.flag("prayer_bowl_mode", _USUAL.prayer_bowl_mode),
        harmonic_strength=_share(fields, "harmonic_strength", _USUAL.harmonic_strength),
        modulation_depth=_share(fields, "modulation_depth", _USUAL.modulation_depth),
        volume=_share(fields, "volume", _USUAL.volume),
    )
    finish_sound(fields, mistakes)
    return SavePreset(id=which, preset=preset)


def preset_id(name: str) -> str:
    """Make an id of a preset's name; empty where nothing of it can be used."""
    return _NOT_OF_AN_ID.sub("-", name.lower())[:ID_LENGTH].strip("-")


def is_preset_id(text: str) -> bool:
    """Whether this could be a preset's id."""
    return len(text) <= ID_LENGTH and _ID.match(text) is not None


def _usual(fields: Fields, presets: Mapping[str, Preset]) -> SoundConfig:
    if not fields.has("preset"):
        return _USUAL
    name = fields.text("preset", high=ID_LENGTH)
    if name not in presets:
        fields.wrong("preset", f"one of {', '.join(presets)}")
        return _USUAL
    named = msgspec.structs.asdict(presets[name])
    known = {one for one in SoundConfig.__struct_fields__ if one in named}
    return msgspec.structs.replace(_USUAL, **{one: named[one] for one in known})


def _of(fields: Fields, name: str, usual: float, allowed: tuple[float, float]) -> float:
    return fields.number(name, usual, low=allowed[0], high=allowed[1])


def _share(fields: Fields, name: str, usual: float) -> float:
    return fields.number(name, usual, low=0.0, high=1.0)


def finish_sound(fields: Fields, mistakes: list[dict[str, Any]]) -> None:
    """End the reading of a sound's fields.

    Args:
        fields: that were read.
        mistakes: theirs.

    Raises:
        Problem: 422 with every mistake; `INVALID_FREQUENCY` if the frequency is one.
    """
    wrong = next((one for one in mistakes if one["field"] == "frequency"), None)
    if wrong is None:
        fields.finish()
        return
    low, high = FREQUENCY_HZ
    raise Problem(
        422,
        f"frequency must be between {low:g} and {high:g} Hz",
        code="INVALID_FREQUENCY",
        details={
            "provided_value": wrong["value"],
            "min_value": low,
            "max_value": high,
            "mistakes": mistakes,
        },
    )

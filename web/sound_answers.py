"""What the routes of sound share: presets, and the refusals of who makes the sound."""

from typing import Any, Final

from protocols.sound import ListPresets, PresetTable, SoundRefused
from web.answers import ask_actor
from web.door import Door
from web.errors import Problem

_LATER: Final = ("AUDIO_UNAVAILABLE", "AUDIO_GENERATION_FAILED", "STORAGE_UNAVAILABLE")
_NOTHING: Final = "no sound was generated yet; POST /api/v1/audio/generate makes one"


async def known_presets(door: Door) -> PresetTable:
    """All presets.

    Raises:
        Problem: 503 or 504.
    """
    table = await ask_actor(door, door.presets, ListPresets())
    if not isinstance(table, PresetTable):
        raise refused(table)
    return table


def refused(
    reply: object, *, no_audio: int = 404, more: dict[str, Any] | None = None
) -> Problem:
    """Turn what is no success into a problem.

    Args:
        reply: of the synth or of the presets.
        no_audio: status where nothing was generated.
        more: details of what comes later.
    """
    if not isinstance(reply, SoundRefused):
        return later("AUDIO_UNAVAILABLE", "who was asked said something else")
    if reply.code == "NO_AUDIO":
        return Problem(no_audio, _NOTHING, code=reply.code)
    if reply.code in _LATER:
        return later(reply.code, reply.reason, more)
    mistake = {"field": reply.field, "allowed": reply.reason}
    said = f"{reply.field}: {reply.reason}" if reply.field else reply.reason
    return Problem(422, said, code=reply.code, details={"mistakes": [mistake]})


def later(code: str, why: str, details: dict[str, Any] | None = None) -> Problem:
    """What cannot be done now (503)."""
    return Problem(503, why, code=code, details=details, headers={"retry-after": "2"})

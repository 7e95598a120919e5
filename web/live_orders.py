"""Commands of `/ws` that others carry out: whom to ask, and what their answers say."""

from typing import assert_never

from protocols.keys import KeyHolder
from protocols.live import (
    LiveMessage,
    SettingsUpdated,
    SoundSettings,
    StartSession,
    StopSession,
)
from protocols.sound import SoundConfig, SoundView
from web.answers import ask_actor
from web.commands import Order, SettingsChange
from web.door import Door
from web.errors import Problem
from web.sound_answers import refused


async def carry_out(door: Door, order: Order, holder: KeyHolder) -> LiveMessage:
    """Have an order carried out.

    Args:
        door: whom to ask.
        order: what.
        holder: who wants it.

    Raises:
        Problem: it is refused, or nobody answers.
    """
    match order:
        case SettingsChange():
            return await _change_sound(door, order)
        case StartSession() | StopSession():
            raise Problem(503, f"sessions are not available to {holder.name} yet")
        case _:
            assert_never(order)


async def _change_sound(door: Door, said: SettingsChange) -> SettingsUpdated:
    """Change what sounds.

    Raises:
        Problem: the synth refuses it, or does not answer.
    """
    view = await ask_actor(door, door.sound, said.change)
    if not isinstance(view, SoundView):
        raise refused(view)
    return SettingsUpdated(
        settings=None if view.config is None else _settings(view.config),
        playing=view.playing,
        changed=said.changed,
        ignored=said.ignored,
        timestamp=door.unix(),
    )


def _settings(config: SoundConfig) -> SoundSettings:
    return SoundSettings(
        frequency=config.frequency,
        volume=config.volume,
        prayer_bowl_mode=config.prayer_bowl_mode,
        harmonic_strength=config.harmonic_strength,
        modulation_depth=config.modulation_depth,
    )

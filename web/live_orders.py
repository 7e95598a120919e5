"""Commands of `/ws` that others carry out: whom to ask, and what their answers say."""

from typing import assert_never

from protocols.keys import KeyHolder
from protocols.live import (
    LiveMessage,
    SessionStarted,
    SessionStopped,
    SettingsUpdated,
    SoundSettings,
    StartSession,
    StopSession,
)
from protocols.sessions import (
    CreatePractice,
    GetPractice,
    PracticeSettings,
    PracticeView,
    SessionConflict,
    SessionUnknown,
    StopPractice,
)
from protocols.sound import SoundConfig, SoundView
from web.answers import ask_actor
from web.auth import LOCAL
from web.commands import Order, SettingsChange
from web.door import Door
from web.errors import Problem
from web.ownership import refusal_of
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
        case StartSession():
            return await _start(door, order, _owner(holder))
        case StopSession():
            return await _stop(door, order, _owner(holder))
        case _:
            assert_never(order)


async def _start(door: Door, said: StartSession, owner: str) -> SessionStarted:
    settings = PracticeSettings(
        name=said.session_name,
        duration_s=said.duration,
        intention=said.intention,
        owner=owner,
    )
    made = await ask_actor(
        door, door.sessions, CreatePractice(settings=settings, start=True)
    )
    view = _practice(made)
    return SessionStarted(
        session_id=view.session,
        name=view.settings.name,
        duration=view.settings.duration_s,
        intention=view.settings.intention,
        timestamp=door.unix(),
    )


async def _stop(door: Door, said: StopSession, owner: str) -> SessionStopped:
    # Another's is answered as what is not there.
    view = _practice(await ask_actor(door, door.sessions, GetPractice(said.session_id)))
    if view.settings.owner not in ("", owner):
        raise refusal_of(SessionUnknown(said.session_id))
    view = _practice(await ask_actor(door, door.sessions, StopPractice(said.session_id)))
    return SessionStopped(
        session_id=view.session,
        status=view.status,
        elapsed=view.elapsed_s,
        timestamp=door.unix(),
    )


def _owner(holder: KeyHolder) -> str:
    return "" if holder.id == LOCAL.id else holder.id


def _practice(reply: object) -> PracticeView:
    if isinstance(reply, PracticeView):
        return reply
    if isinstance(reply, SessionConflict):
        details = {"session_id": reply.session, "session_status": reply.status}
        raise Problem(409, reply.reason, code=reply.code, details=details)
    raise refusal_of(reply)


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

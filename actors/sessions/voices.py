"""Which sessions sound, and how: what is to be, against what was ordered of the synth.

It is worked out anew after every change, so each way to an end (asked, over, fallen,
paused, deleted) silences a session, and none is left sounding by a life of the manager
that died in the middle.
"""

from actors.sessions.ledger import Ledger
from actors.sessions.modalities import SOUND, parts_of
from actors.sessions.practice import Practice
from actors.sessions.state import Sitting, is_over
from protocols.ports import Mailbox
from protocols.sound import SoundConfig, StartVoice, StopVoice, SynthInput

_CONFIG_S = (0.1, 3600.0)
"""What a `SoundConfig` may say of its duration; a voice sounds until it is stopped."""


def wanted(ledger: Ledger) -> dict[str, SoundConfig | None]:
    """Who is to sound; None: driven by the sitting's features."""
    found: dict[str, SoundConfig | None] = {
        sitting.session: None for sitting in ledger.sittings.values() if _sounds(sitting)
    }
    for practice in ledger.practices.values():
        if practice.status != "running" or practice.session in found:
            continue
        sitting = ledger.sittings.get(practice.session)
        is_silent = sitting is not None and not is_over(sitting)
        if SOUND in parts_of(practice.settings.modalities) and not is_silent:
            found[practice.session] = _steady(practice)
    return found


def settle(ledger: Ledger, synth: Mailbox[SynthInput]) -> tuple[list[str], list[str]]:
    """Order of the synth what is to be and is not.

    Returns:
        Sessions that began to sound, and that ceased.
    """
    to_be, sounding = wanted(ledger), ledger.sounding
    ceased = [session for session in sounding if session not in to_be]
    for session in ceased:
        synth.tell(StopVoice(session))
        del sounding[session]
    began = [session for session in to_be if session not in sounding]
    for session, config in to_be.items():
        if session not in sounding or sounding[session] != config:
            synth.tell(StartVoice(session=session, config=config))
            sounding[session] = config
    return began, ceased


def _sounds(sitting: Sitting) -> bool:
    return sitting.settings.sound and sitting.status == "active"


def _steady(practice: Practice) -> SoundConfig:
    low, high = _CONFIG_S
    duration_s = min(max(practice.settings.duration_s, low), high)
    return SoundConfig(frequency=practice.settings.frequency, duration=duration_s)
